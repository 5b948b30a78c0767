"""The keeper: what has fallen is brought back, and all stop in order."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import cast

import pytest

from meguri.site import processes
from meguri.site.postgres import EmbeddedPostgres, PostgresStartError
from meguri.site.processes import Child, Keeper


class Fallible:
    """A database that stands, falls and comes back as the test wishes."""

    def __init__(self) -> None:
        self.running = True
        self.starts = 0
        self.fails = 0

    def is_running(self) -> bool:
        return self.running

    def start(self) -> str:
        self.starts += 1
        if self.starts <= self.fails:
            raise PostgresStartError("disk full")
        self.running = True
        return "dsn"


@pytest.fixture
def said() -> list[str]:
    return []


@pytest.fixture
def database() -> Fallible:
    return Fallible()


@pytest.fixture
def keeper(database: Fallible, said: list[str], monkeypatch: pytest.MonkeyPatch) -> Iterator[Keeper]:
    monkeypatch.setattr(processes, "CHECK_S", 0.05)
    monkeypatch.setattr(processes, "RESTART_PAUSE_S", 0.01)
    made = Keeper(cast("EmbeddedPostgres", database), said.append)
    yield made
    made.stop()
    made.keep()


@pytest.fixture
def program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str, str], str]:
    """Writes a module of the given name that a child can run; returns the name."""
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))

    def write(name: str, text: str) -> str:
        (tmp_path / f"{name}.py").write_text(textwrap.dedent(text))
        return name

    return write


def until(happened: Callable[[], bool], seconds: float = 10) -> bool:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if happened():
            return True
        time.sleep(0.02)
    return False


def runs(process: int) -> bool:
    try:
        return Path(f"/proc/{process}/stat").read_text().split()[2] != "Z"
    except FileNotFoundError:
        return False


def test_a_fallen_database_is_brought_back(keeper: Keeper, database: Fallible, said: list[str]) -> None:
    keeper.look()
    assert database.starts == 0
    database.running = False
    keeper.look()
    assert database.running
    assert "the database stopped; starting it again" in said[0]


def test_a_database_that_cannot_start_is_tried_again(keeper: Keeper, database: Fallible, said: list[str]) -> None:
    database.running, database.fails = False, 1
    keeper.look()
    assert said[-1] == "disk full"
    keeper.look()
    assert database.running


def test_a_lasting_child_is_started_again(keeper: Keeper, program: Callable[[str, str], str], said: list[str]) -> None:
    child = keeper.add(Child(program("short_lived", "pass")))
    first = child.process
    assert until(lambda: child.ended)
    keeper.look()
    assert child.process is not first
    assert "short_lived ended" in said[0]
    assert first is not None
    first.wait()


def test_a_child_for_one_task_is_not(keeper: Keeper, program: Callable[[str, str], str], said: list[str]) -> None:
    child = keeper.add(Child(program("once", "pass"), lasting=False))
    assert until(lambda: child.ended)
    keeper.look()
    assert said == []


def test_a_child_gets_its_arguments_and_surroundings(keeper: Keeper, program: Callable[[str, str], str]) -> None:
    name = program("speaker", "import os, sys; print(*sys.argv[1:], os.environ['MEGURI_ROLE'])")
    child = keeper.add(Child(name, ("--port", "1"), {"MEGURI_ROLE": "till"}, lasting=False), piped=True)
    assert child.process is not None
    assert child.process.communicate()[0] == "--port 1 till\n"


def test_children_stop_in_the_opposite_order(program: Callable[[str, str], str], tmp_path: Path) -> None:
    text = """
        import signal, sys, time
        def end(*_):
            with open(sys.argv[2], "a") as file: file.write(sys.argv[1])
            sys.exit()
        signal.signal(signal.SIGTERM, end)
        open(sys.argv[2] + sys.argv[1], "w").close()
        time.sleep(60)
    """
    name, diary = program("patient", text), tmp_path / "diary"
    keeper = Keeper(None, print)
    for letter in "abc":
        keeper.add(Child(name, (letter, str(diary))))
    assert until(lambda: all((tmp_path / f"diary{letter}").exists() for letter in "abc"))
    threading.Timer(0.1, keeper.stop).start()
    keeper.keep()
    assert keeper.stopping
    assert diary.read_text() == "cba"


def test_a_child_that_does_not_listen_is_killed(
    keeper: Keeper, program: Callable[[str, str], str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(processes, "STOP_S_MAX", 0.2)
    text = "import signal, sys, time; signal.signal(15, signal.SIG_IGN); open(sys.argv[1], 'w').close(); time.sleep(60)"
    child = keeper.add(Child(program("deaf", text), (str(tmp_path / "up"),)))
    assert until((tmp_path / "up").exists)
    child.stop()
    assert child.process is not None
    assert child.process.returncode == -signal.SIGKILL
    child.stop()  # stopping twice is harmless


def test_ctrl_c_is_a_wish_to_stop(keeper: Keeper) -> None:
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        keeper.listen()
        os.kill(os.getpid(), signal.SIGINT)
        assert until(lambda: keeper.stopping)
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells a process of its parent's death")
def test_a_child_dies_with_a_killed_parent(program: Callable[[str, str], str], tmp_path: Path) -> None:
    note = tmp_path / "child"
    program("orphan", f"""
        import os, time
        open({str(note)!r}, "w").write(str(os.getpid()))
        time.sleep(60)
    """)
    parent = program("parent", f"""
        import os, signal, time
        from pathlib import Path
        from meguri.site.processes import Child
        Child("orphan").start()
        while not (Path({str(note)!r}).exists() and Path({str(note)!r}).read_text()): time.sleep(0.02)
        os.kill(os.getpid(), signal.SIGKILL)
    """)
    subprocess.run([sys.executable, "-m", parent], check=False)
    orphan = int(note.read_text())
    assert until(lambda: not runs(orphan))
