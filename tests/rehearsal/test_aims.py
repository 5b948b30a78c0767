"""What the town hall wants and what its work costs: one tree, and lines that follow the town's size."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from meguri.rehearsal.aims import aims, books_costs_on, declared, goal_tree, monthly_costs
from meguri.rehearsal.happenings import BooksCost, LinksProgramme, SetsGoals
from meguri.rehearsal.rules import BENEFIT, FIRST_COME, POINT, VOUCHER
from meguri.words.clock import JST

START, REACH_BY = date(2026, 10, 5), date(2027, 3, 31)
people = st.integers(0, 100_000)


def booked(residents: int, children: int, *, on: date = START, is_first: bool = True) -> list[BooksCost]:
    found = list(monthly_costs(on, residents=residents, children=children, is_first=is_first))
    assert all(isinstance(each, BooksCost) for each in found)
    return found  # type: ignore[return-value]


def test_the_tree_has_three_levels_with_a_code_each() -> None:
    tree = goal_tree(reach_by=REACH_BY)
    goals = tree["children"]
    indicators = [each for goal in goals for each in goal["children"]]
    codes = [tree["code"], *(each["code"] for each in goals + indicators)]
    assert len(set(codes)) == len(codes)
    assert all(each["name_ja"] and each["name_en"].isascii() for each in [tree, *goals, *indicators])
    assert not any("children" in each for each in indicators)


def test_an_indicator_is_its_goals_departments_and_due_with_the_town() -> None:
    for goal in goal_tree(reach_by=REACH_BY)["children"]:
        for each in goal["children"]:
            assert (each["department"], each["reach_by"]) == (goal["department"], "2027-03-31")
    written = [each for goal in aims()["goals"] for each in goal["indicators"]]
    assert not any("reach_by" in each for each in written), "what was read is not written into"


def test_the_tree_stands_before_programmes_are_hung_on_it() -> None:
    tree, *links = declared(START, reach_by=REACH_BY)
    assert isinstance(tree, SetsGoals)
    assert tree.tree == goal_tree(reach_by=REACH_BY)
    assert all(isinstance(link, LinksProgramme) for link in links)
    assert {link.programme for link in links if isinstance(link, LinksProgramme)} == {
        VOUCHER, FIRST_COME, POINT, BENEFIT,
    }
    times = [each.at for each in (tree, *links)]
    assert times == sorted(set(times))
    assert {at.astimezone(JST).date() for at in times} == {START}
    assert len({each.key for each in (tree, *links)}) == len(times)


@given(people, people)
def test_costs_grow_with_people_and_children_and_with_nothing_else(residents: int, children: int) -> None:
    nobody = {cost.key: cost.amount_yen for cost in booked(0, 0)}
    for cost in booked(residents, children):
        line = aims()["costs"][int(cost.key.rpartition(":")[2])]
        grown = residents * line.get("yen_per_resident", 0) + children * line.get("yen_per_child", 0)
        assert cost.amount_yen == nobody.get(cost.key, 0) + grown
        assert cost.amount_yen > 0


def test_what_is_paid_once_is_booked_in_the_first_month_only() -> None:
    first, later = (booked(300, 40, is_first=is_first) for is_first in (True, False))
    once = {number for number, line in enumerate(aims()["costs"]) if line.get("first_month_only")}
    assert once
    assert {int(cost.key.rpartition(":")[2]) for cost in first} - {int(c.key.rpartition(":")[2]) for c in later} == once


def test_a_cost_names_its_month_and_belongs_to_a_programme_or_is_divided() -> None:
    for cost in booked(300, 40, on=date(2026, 12, 24)):
        assert cost.month == date(2026, 12, 1)
        assert cost.key.startswith("cost:2026-12:")
        assert cost.at.astimezone(JST).date() == date(2026, 12, 24)
        assert bool(cost.programme) != bool(cost.allocation)
        assert cost.note


@pytest.mark.parametrize(
    ("today", "is_booked"),
    [
        (START, True), (date(2026, 10, 6), False), (date(2026, 10, 31), False), (date(2026, 11, 1), True),
        (date(2026, 11, 2), False), (date(2026, 10, 1), False), (date(2027, 1, 1), True),
    ],
)  # fmt: skip
def test_costs_are_booked_at_the_start_and_on_the_first_of_each_month(today: date, *, is_booked: bool) -> None:
    assert books_costs_on(today, start=START) == is_booked


def test_a_town_that_starts_on_the_last_of_a_month_books_the_next_one_a_day_later() -> None:
    start = date(2026, 8, 31)
    assert start.weekday() == 0
    booked_on = [day for day in (start + timedelta(days=n) for n in range(40)) if books_costs_on(day, start=start)]
    assert booked_on == [start, date(2026, 9, 1), date(2026, 10, 1)]


@given(st.integers(0, 300), st.integers(4, 40))
def test_every_lived_month_is_booked_once(monday: int, weeks: int) -> None:
    start = START + timedelta(weeks=monday)
    days = [start + timedelta(days=day) for day in range(weeks * 7)]
    months = [(day.year, day.month) for day in days if books_costs_on(day, start=start)]
    assert len(set(months)) == len(months)
    assert months == sorted({(day.year, day.month) for day in days}), "and none is left out"
