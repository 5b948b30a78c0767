"""The demo: marked as invented, lived once, kept, and cleaned away without touching anything real."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from meguri.site import demo, processes
from meguri.site.demo import DemoRunsError, Invitation, NotADemoError, Story, clean, relay, wait_until_ready
from meguri.site.processes import Child, Keeper


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A data directory of our own that does not exist yet."""
    path = tmp_path / "data"
    monkeypatch.setattr(demo.MEGURI, "data", path)
    return path


@pytest.fixture
def program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], Child]:
    """A rehearsal that runs the given text."""
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))

    def write(text: str) -> Child:
        (tmp_path / "invented_rehearsal.py").write_text(text)
        return Child("invented_rehearsal", lasting=False)

    return write


def test_a_new_directory_is_marked_and_remembers(data: Path) -> None:
    story = Story.read()
    assert not story.lived
    story.write()
    assert (data / "demo.json").exists()
    story.lived = True
    story.write()
    assert Story.read().lived


def test_a_real_installation_is_never_taken_for_a_demo(data: Path) -> None:
    (data / "postgres").mkdir(parents=True)
    with pytest.raises(NotADemoError, match="holds real data"):
        Story.read()
    with pytest.raises(NotADemoError, match="left alone"):
        clean()
    assert (data / "postgres").exists()


def test_cleaning_removes_the_invented_town_and_nothing_else(data: Path, tmp_path: Path) -> None:
    (tmp_path / "beside").touch()
    Story().write()
    clean()
    assert not data.exists()
    assert (tmp_path / "beside").exists()
    clean()  # nothing there: nothing to do


def test_a_running_demo_is_not_cleaned_away(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Running:
        def is_running(self) -> bool:
            return True

    Story().write()
    monkeypatch.setattr(demo, "embedded", Running)
    with pytest.raises(NotADemoError, match="running"):
        clean()
    assert data.exists()


def test_one_program_at_a_time_shows_a_town(data: Path) -> None:
    with demo.alone() as (story, note):
        assert not story.lived
        with pytest.raises(DemoRunsError, match="just being opened"), demo.alone():
            pass
        note("http://localhost:8001/")
        with pytest.raises(DemoRunsError, match=r"open http://localhost:8001/ .*Ctrl-C") as caught, demo.alone():
            pass
        assert "この町はもう動いています" in str(caught.value)
    # the first has ended, and its address with it
    with demo.alone(), pytest.raises(DemoRunsError, match="just being opened"), demo.alone():
        pass


def test_a_real_installation_is_not_even_locked(data: Path) -> None:
    (data / "postgres").mkdir(parents=True)
    with pytest.raises(NotADemoError), demo.alone():
        pass
    assert [path.name for path in data.iterdir()] == ["postgres"]


def test_who_has_come_since_is_named_once() -> None:
    said: list[str] = []
    people = ["職員 / An officer"]
    invitation = Invitation("http://localhost:8001", say=said.append, who=lambda: people)
    invitation.give()
    assert said[:2] == ["\n次の人になれます / people you can be: http://localhost:8001/enter/", "  職員 / An officer"]
    assert "Ctrl-C ends" in said[-1]
    said.clear()
    invitation.give()
    assert said == [], "nobody new"
    people.append("住民 / A resident")
    invitation.give()
    assert said == ["\nさらに次の人にもなれます / and now also: http://localhost:8001/enter/", "  住民 / A resident"]


def test_what_a_rehearsal_says_is_heard_at_once(
    data: Path, program: Callable[[str], Child], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A child that writes into a pipe must not hold its lines back until it ends."""
    monkeypatch.delenv("PYTHONUNBUFFERED", raising=False)
    heard = threading.Event()
    child = program("import time; print('week 1'); time.sleep(60)")
    process = child.start(piped=True)
    thread = demo.rehearse(Story(), child, say=lambda _: heard.set(), invite=lambda: None)
    try:
        assert heard.wait(20), "the line came while the program still ran"
        assert process.poll() is None
    finally:
        child.stop()
        thread.join(20)


def test_people_are_invited_once_after_the_first_week() -> None:
    said: list[str] = []
    lines = ["founding\n", "week 1: 120 payments\n", "week 2\n", "week 11\n"]
    relay(lines, say=said.append, invite=lambda: said.append("!"))
    assert said == ["  founding", "  week 1: 120 payments", "!", "  week 2", "  week 11"]


@pytest.mark.parametrize("line", ["第1週 支払い 120件", "第 1 週", "Week 1"])
def test_the_first_week_is_recognised_in_both_languages(line: str) -> None:
    assert demo.WEEK_LIVED.search(line)
    assert not demo.WEEK_LIVED.search(line.replace("1", "12"))
    assert not demo.WEEK_LIVED.search("町を準備しています / preparing 100 people")


def test_a_lived_town_is_noted(data: Path, program: Callable[[str], Child]) -> None:
    said: list[str] = []
    child = program("print('week 1', flush=True)")
    child.start(piped=True)
    demo.rehearse(Story(port=8001), child, say=said.append, invite=lambda: said.append("!")).join(20)
    assert said[:2] == ["  week 1", "!"]
    assert json.loads((data / "demo.json").read_text()) == {"lived": True, "port": 8001}


def test_a_rehearsal_that_breaks_off_is_said_and_not_noted(data: Path, program: Callable[[str], Child]) -> None:
    said: list[str] = []
    child = program("raise SystemExit(3)")
    child.start(piped=True)
    demo.rehearse(Story(), child, say=said.append, invite=lambda: None).join(20)
    assert "broke off (status 3)" in said[-1]
    assert not (data / "demo.json").exists()


def test_a_rehearsal_that_nobody_started_is_a_mistake(program: Callable[[str], Child]) -> None:
    with pytest.raises(ValueError, match="piped"):
        demo.listen(Story(), program(""), say=print, invite=lambda: None)


def test_the_server_is_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    class Late(BaseHTTPRequestHandler):
        asked = 0

        def do_GET(self) -> None:
            type(self).asked += 1
            self.send_response(200 if self.asked > 2 else 503)
            self.end_headers()

        def log_message(self, *_: object) -> None:  # type: ignore[override]
            """Nothing on the terminal."""

    monkeypatch.setattr(processes, "CHECK_S", 0.01)
    with HTTPServer(("127.0.0.1", 0), Late) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            assert wait_until_ready(f"http://127.0.0.1:{server.server_port}", Keeper(None, print))
        finally:
            server.shutdown()
            thread.join()
    assert Late.asked == 3


def test_waiting_ends_when_somebody_stops_the_program() -> None:
    keeper = Keeper(None, print)
    keeper.stop()
    assert not wait_until_ready("http://127.0.0.1:9", keeper)
