"""The tables beside a run: every row that was lived, named columns, and the first line that says it is invented."""

from __future__ import annotations

import csv
import json
from collections import Counter
from pathlib import Path

import pytest

from meguri.rehearsal.leavings import write_all, write_requests
from meguri.rehearsal.names import words
from meguri.rehearsal.timings import Timings
from tests.rehearsal.conftest import Lived


@pytest.fixture(scope="module")
def left(small_life: Lived, tmp_path_factory: pytest.TempPathFactory) -> tuple[Lived, Path]:
    folder = tmp_path_factory.mktemp("left") / "deep" / "down"
    write_all(small_life.life, folder)
    return small_life, folder


def rows(folder: Path, name: str) -> list[dict[str, str]]:
    with (folder / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        assert file.readline() == f"# {words()['label_ja']}\n"
        return list(csv.DictReader(file))


def test_what_is_told_is_what_was_written(left: tuple[Lived, Path], tmp_path: Path) -> None:
    lived, folder = left
    text = (folder / "truth.json").read_text(encoding="utf-8")
    assert json.loads(text) == json.loads(json.dumps(write_all(lived.life, tmp_path)))
    assert text.endswith("}\n")
    assert not text.isascii(), "Japanese stands in it as people read it"


def test_every_household_stands_in_the_table_with_what_it_was_entitled_to(left: tuple[Lived, Path]) -> None:
    lived, folder = left
    found = {row["household"]: row for row in rows(folder, "households")}
    assert found.keys() == lived.town.households.keys()
    assert sum(int(row["members"]) for row in found.values()) == len(lived.town.residents)
    for home in lived.town.households.values():
        row = found[home.key]
        assert (row["ward"], row["tax_class"]) == (home.ward, home.tax_class)
        assert int(row["assessed_income_yen"]) == home.assessed_income_yen
        assert int(row["benefit_yen"]) == sum(lived.life.hall.entitled.get(home.head, {}).values())
    assert sum(int(row["benefit_yen"]) for row in found.values()) == lived.life.hall.scale.benefit_yen


def test_every_holder_has_every_week_in_the_table_of_deeds(left: tuple[Lived, Path]) -> None:
    lived, folder = left
    found = rows(folder, "activity")
    weeks = Counter(row["resident"] for row in found)
    assert weeks == dict.fromkeys(lived.life.known.open, lived.life.table.weeks)
    walked = sum(sum(week.walk_days.values()) for week in lived.life.habits.activity.values())
    assert 0 < sum(int(row["walk_days"]) for row in found) <= walked


def test_outcomes_tell_apart_what_was_added(left: tuple[Lived, Path]) -> None:
    lived, folder = left
    found = rows(folder, "outcomes")
    assert len(found) == len(lived.life.panel.outcomes)
    told = sum(float(row["added_yen"]) for row in found)
    assert told == pytest.approx(sum(each.added for each in lived.life.panel.outcomes), abs=0.01 * len(found))
    assert {row["week"] for row in found} == {
        lived.life.table.monday(each.week).isoformat() for each in lived.life.panel.outcomes
    }


def test_reported_spending_adds_up(left: tuple[Lived, Path]) -> None:
    lived, folder = left
    found = rows(folder, "household_spending")
    assert len(found) == len(lived.life.panel.reported)
    assert all(int(row["total_yen"]) == int(row["inside_yen"]) + int(row["outside_yen"]) for row in found)


def test_the_times_of_requests_are_left_only_where_something_was_asked(tmp_path: Path) -> None:
    write_requests(Timings(), tmp_path)
    assert list(tmp_path.iterdir()) == []
    timings = Timings()
    with timings.timed("pay"):
        pass
    write_requests(timings, tmp_path)
    (row,) = rows(tmp_path, "requests")
    assert (row["operation"], row["requests"]) == ("pay", "1")
