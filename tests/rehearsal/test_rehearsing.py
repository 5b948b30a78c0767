"""The command, and what it leaves."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest

from meguri.rehearsal.__main__ import main
from meguri.rehearsal.rehearsing import START, Wish, prepare, rehearse_on_paper


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
    rehearse_on_paper(Wish(size=120, weeks=4, folder=tmp_path), say=lambda _: None)
    for path in tmp_path.glob("*.csv"):
        assert "架空" in path.read_text(encoding="utf-8").splitlines()[0]


def test_the_spending_table_can_be_read_and_adds_up(tmp_path: Path) -> None:
    rehearse_on_paper(Wish(size=120, weeks=4, folder=tmp_path), say=lambda _: None)
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


def test_the_usual_start_is_a_monday_followed_by_holidays() -> None:
    assert START.weekday() == 0
    assert prepare(Wish(size=120)).table.start == START


def test_an_open_end_leaves_vouchers_in_the_wallets() -> None:
    closed, opened = prepare(Wish(size=120)).table, prepare(Wish(size=120, open_end=True)).table
    assert closed.last_use < closed.end < opened.last_use
