"""The command, and what it leaves."""

from __future__ import annotations

import csv
import json
import signal
import subprocess
import sys
from datetime import date, timedelta
from pathlib import Path

import pytest

from meguri.rehearsal.__main__ import main
from meguri.rehearsal.rehearsing import Wish, prepare, rehearse_on_paper, started
from meguri.rehearsal.timetable import latest_start
from meguri.words.clock import day, now
from tests.rehearsal.conftest import START, TEMPLATES


def test_a_run_on_paper_leaves_truth_and_tables(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--on-paper", "--size", "120", "--weeks", "4", "--folder", str(tmp_path)]) == 0
    said = capsys.readouterr().out
    assert "架空" in said
    assert "第4週" in said
    told = json.loads((tmp_path / "truth.json").read_text(encoding="utf-8"))
    assert told["residents"] == 120
    assert told["units_on_sale"] > 0
    names = {path.name for path in tmp_path.iterdir()}
    assert names == {
        "truth.json",
        "outcomes.csv",
        "household_spending.csv",
        "households.csv",
        "activity.csv",
        "shop_sales.csv",
    }


def test_every_table_says_that_the_town_is_invented(tmp_path: Path) -> None:
    rehearse_on_paper(Wish(start=START, size=120, weeks=4, folder=tmp_path), templates=TEMPLATES, say=lambda _: None)
    for path in tmp_path.glob("*.csv"):
        assert "架空" in path.read_text(encoding="utf-8").splitlines()[0]


def test_the_spending_table_can_be_read_and_adds_up(tmp_path: Path) -> None:
    rehearse_on_paper(Wish(start=START, size=120, weeks=4, folder=tmp_path), templates=TEMPLATES, say=lambda _: None)
    with (tmp_path / "household_spending.csv").open(encoding="utf-8", newline="") as file:
        next(file)
        rows = list(csv.DictReader(file))
    assert rows
    assert all(int(row["total_yen"]) == int(row["inside_yen"]) + int(row["outside_yen"]) for row in rows)


def test_a_wish_that_cannot_be_is_answered_with_a_sentence(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    assert main(["--on-paper", "--size", "7", "--folder", str(tmp_path)]) == 1
    assert "100 to 100000" in capsys.readouterr().err.replace(",", "")


def test_a_server_that_is_not_there_is_answered_with_a_sentence(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    assert main(["--base-url", "http://127.0.0.1:9", "--size", "120", "--folder", str(tmp_path)]) == 1
    assert "127.0.0.1:9" in capsys.readouterr().err


@pytest.mark.parametrize("later", range(14))
@pytest.mark.parametrize("weeks", [4, 7])
def test_the_last_lived_day_may_be_yesterday(later: int, weeks: int) -> None:
    today = date(2026, 11, 23) + timedelta(days=later)
    start = latest_start(today, weeks=weeks)
    wish = Wish(start=start, size=120, weeks=weeks, more_days=(today - start).days - weeks * 7)
    assert start.weekday() == 0
    assert list(prepare(wish, templates=TEMPLATES).table.days())[-1] == today - timedelta(days=1)


def test_a_run_without_a_start_ends_yesterday(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--on-paper", "--size", "120", "--weeks", "4", "--folder", str(tmp_path)]) == 0
    told = json.loads((tmp_path / "truth.json").read_text(encoding="utf-8"))
    begun = date.fromisoformat(told["start"])
    assert begun == latest_start(day(now()), weeks=4)
    assert capsys.readouterr().err == ""


def test_a_life_that_was_begun_keeps_its_start(tmp_path: Path) -> None:
    assert started(tmp_path) is None
    (tmp_path / "journal.jsonl").write_text('{"start": "2026-10-05", "more_days": 3}\n', encoding="utf-8")
    assert started(tmp_path) == (date(2026, 10, 5), 3)
    (tmp_path / "journal.jsonl").write_text('{"start": "2026-10', encoding="utf-8")
    assert started(tmp_path) is None


def test_an_open_end_leaves_vouchers_in_the_wallets() -> None:
    closed, opened = (
        prepare(Wish(start=START, size=120, open_end=is_open), templates=TEMPLATES).table for is_open in (False, True)
    )
    assert closed.last_use < closed.end < opened.last_use


STOPPED = """
import sys, time
from meguri.rehearsal import __main__ as command
def rehearse(*_, **__):
    try:
        print("begun", flush=True)
        time.sleep(60)
    finally:
        print("written", flush=True)
command.rehearse = rehearse
sys.exit(command.main(["--start", "2026-10-05"]))
"""


def test_whoever_stops_a_run_finds_its_times_written() -> None:
    """By SIGTERM, as the demo does: the way out is walked to its end, and then it has ended by that signal."""
    with subprocess.Popen([sys.executable, "-c", STOPPED], stdout=subprocess.PIPE, text=True) as run:
        assert run.stdout is not None
        assert run.stdout.readline() == "begun\n"
        run.terminate()
        assert run.stdout.read() == "written\n"
    assert run.returncode == -signal.SIGTERM
