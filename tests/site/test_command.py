"""The `meguri` command, run as an operator runs it."""

from __future__ import annotations

import argparse
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest
from django.db import ProgrammingError

from meguri.site import command
from meguri.site.binaries import PostgresMissingError
from meguri.site.postgres import EmbeddedPostgres

MEGURI = Path(sys.executable).parent / "meguri"


@pytest.fixture
def home(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A data directory of our own for programs; whatever still runs in it afterwards is stopped."""
    path = Path(tempfile.mkdtemp(prefix="meguri-cmd-"))
    monkeypatch.setenv("MEGURI_DATA", str(path / "data"))
    monkeypatch.delenv("DATABASE_URL", raising=False)
    yield path / "data"
    left = EmbeddedPostgres(path / "data")
    if left.is_running():
        left.start()
        left.stop()
    shutil.rmtree(path)


def free_port() -> int:
    with socket.socket() as trial:
        trial.bind(("127.0.0.1", 0))
        return int(trial.getsockname()[1])


def answer(url: str) -> tuple[int, str]:
    try:
        with urllib.request.urlopen(url, timeout=5) as response:
            return response.status, response.read().decode()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, ""
    except OSError:
        return 0, ""


def until(happened: Callable[[], bool], seconds: float = 60) -> bool:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if happened():
            return True
        time.sleep(0.1)
    return False


def until_ok(url: str) -> bool:
    return until(lambda: answer(url) == (200, "ok"))


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([MEGURI, *arguments], capture_output=True, text=True, check=False, timeout=120)


def start(*arguments: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [MEGURI, *arguments], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, start_new_session=True
    )


def stop(process: subprocess.Popen[str]) -> str:
    """What it said; it must end by Ctrl-C, cleanly."""
    process.send_signal(signal.SIGINT)
    said = process.communicate(timeout=40)[0]
    assert process.returncode == 0, said
    return said


def test_serving_survives_a_killed_database_and_stops_cleanly(home: Path) -> None:
    port = free_port()
    process = start("serve", "--port", str(port))
    url = f"http://127.0.0.1:{port}/healthz"
    try:
        assert until_ok(url)
        server = EmbeddedPostgres(home)
        postmaster = server.postmaster()
        assert postmaster is not None
        os.kill(postmaster, signal.SIGKILL)
        assert until(lambda: server.is_running() and server.postmaster() != postmaster)
        assert until_ok(url)
    finally:
        said = stop(process)
    assert f"http://localhost:{port}/ (all)" in said
    assert "the database stopped; starting it again" in said
    assert not server.is_running()
    assert answer(url)[0] == 0


def test_a_killed_web_server_is_started_again(home: Path) -> None:
    port = free_port()
    process = start("serve", "--role", "web", "--port", str(port))
    url = f"http://127.0.0.1:{port}/healthz"
    try:
        assert until_ok(url)
        listed = subprocess.check_output(["ps", "-o", "pid=,args=", "--ppid", str(process.pid)], text=True)
        (web,) = re.findall(r"^\s*(\d+) .*meguri\.site\.server", listed, re.MULTILINE)
        assert "meguri.site.worker" not in listed
        os.kill(int(web), signal.SIGTERM)
        time.sleep(1)
        assert until_ok(url)
    finally:
        said = stop(process)
    assert "meguri.site.server ended; starting it again" in said


def test_a_second_command_shares_the_running_database(home: Path) -> None:
    server = EmbeddedPostgres(home)
    server.start()
    try:
        assert run("migrate").returncode == 0
        assert server.is_running()
        with psycopg.connect(server.dsn) as connection:
            assert connection.execute("SELECT to_regclass('ledger.entry') IS NOT NULL").fetchone() == (True,)
    finally:
        server.stop()


def test_an_installation_is_proven_and_managed(home: Path) -> None:
    assert run("migrate").returncode == 0
    assert {path.name for path in home.glob("*.secret")} == {"session.secret", "vault.secret", "log.secret"}
    proof = run("prove")
    assert proof.returncode == 0, proof.stdout + proof.stderr
    shown = "from django.conf import settings; print(settings.TIME_ZONE)"
    managed = run("manage", "shell", "--no-imports", "-c", shown)
    assert managed.stdout.strip() == "Asia/Tokyo", managed.stderr
    assert not EmbeddedPostgres(home).is_running()


def test_the_catalogue_of_refusals_is_printed(home: Path) -> None:
    printed = run("refusals")
    lines = printed.stdout.splitlines()
    assert lines[:2] == ["| code | 日本語 | English | HTTP |", "|---|---|---|---|"], printed.stderr
    assert any(line.startswith("| `amount_unreadable` | 「{text}」は金額として読めません。") for line in lines)
    codes = [line.split("`")[1] for line in lines[2:]]
    assert codes == sorted(set(codes))


def test_a_foreseen_trouble_is_one_sentence(home: Path) -> None:
    (home / "postgres").mkdir(parents=True)
    home.chmod(0o700)
    refused = run("demo")
    assert refused.returncode == 1
    assert "holds real data" in refused.stderr
    assert "Traceback" not in refused.stderr


def test_the_demo_is_cleaned_away_only_when_it_is_one(home: Path) -> None:
    home.mkdir(parents=True)
    assert run("demo", "--clean").returncode == 1
    (home / "demo.json").write_text("{}")
    assert run("demo", "--clean").returncode == 0
    assert not home.exists()


def test_missing_programs_are_said_without_a_traceback(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def missing(_asked: argparse.Namespace) -> int:
        raise PostgresMissingError("PostgreSQL was not found")

    monkeypatch.setattr(command, "prove", missing)
    assert command.main(["prove"]) == 1
    assert capsys.readouterr().err == "meguri: PostgreSQL was not found\n"


def test_ctrl_c_ends_any_command(monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(_asked: argparse.Namespace) -> int:
        raise KeyboardInterrupt

    monkeypatch.setattr(command, "prove", interrupted)
    assert command.main(["prove"]) == 130


@pytest.mark.parametrize(("role", "expected"), [
    ("all", ["meguri.site.server", "meguri.site.worker"]),
    ("till", ["meguri.site.server"]),
    ("worker", ["meguri.site.worker"]),
])
def test_a_role_is_a_set_of_processes(role: str, expected: list[str]) -> None:
    asked = argparse.Namespace(role=role, host="127.0.0.1", port=1, workers=2, sale_port=None)
    children = command.children_of(asked)
    assert [child.module for child in children] == expected
    for child in children:
        if child.module == "meguri.site.server":
            assert child.environment["MEGURI_ROLE"] == role
            assert child.environment["MEGURI_OFFICIAL_HOST"] == "localhost:1", "printed codes lead where passkeys work"
            assert list(child.arguments) == ["--host", "127.0.0.1", "--port", "1", "--workers", "2"]


@pytest.mark.parametrize(("wanted", "port"), [(None, "8001"), (9000, "9000")])
def test_a_sale_with_an_address_of_its_own_has_a_process_of_its_own(
    wanted: int | None, port: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(command, "MEGURI", command.MEGURI.model_copy(update={"sale_address": "https://sale.example.jp"}))
    asked = argparse.Namespace(role="all", host="127.0.0.1", port=8000, workers=1, sale_port=wanted)
    web, sale, worker = command.children_of(asked)
    assert (web.environment["MEGURI_ROLE"], sale.environment["MEGURI_ROLE"]) == ("all", "sale")
    assert list(sale.arguments) == ["--host", "127.0.0.1", "--port", port]
    assert worker.module == "meguri.site.worker"


def test_a_town_of_an_earlier_program_is_one_kind_sentence_and_is_left_as_it_is(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def older() -> None:
        raise ProgrammingError('relation "ledger.entry_open" does not exist\nLINE 2: ...')

    @contextmanager
    def opened() -> Iterator[None]:
        yield None

    monkeypatch.setattr(command, "opened", opened)
    monkeypatch.setattr(command, "migrate", older)
    monkeypatch.setattr(command.demo.MEGURI, "data", tmp_path)
    (tmp_path / "demo.json").write_text('{"lived": true, "port": 0}')
    assert command.main(["demo", "--port", str(command.free_port("127.0.0.1"))]) == 1
    said = capsys.readouterr().err
    assert "make clean-demo" in said
    assert said.rstrip().endswith('(relation "ledger.entry_open" does not exist)')
    assert said.count("\n") == 1
    assert (tmp_path / "demo.json").exists()


def test_cleaning_says_that_a_named_database_is_left(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(command.demo.MEGURI, "data", tmp_path / "data")
    monkeypatch.setattr(command.MEGURI, "database_url", "")
    assert command.main(["demo", "--clean"]) == 0
    assert capsys.readouterr().out == ""
    monkeypatch.setattr(command.MEGURI, "database_url", "postgresql:///town")
    assert command.main(["demo", "--clean"]) == 0
    assert "DATABASE_URL" in capsys.readouterr().out
