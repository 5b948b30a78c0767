"""Shared costs divided, months judged and trees checked, for any amounts, days and trees."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from meguri.strategy.rules import LEVELS, GoalEntry, Placed, allocate, check_month, check_tree, placed
from meguri.words.refusal import Refusal
from tests.programmes.vouchers.lived_town import refused, unless

weights = st.dictionaries(st.uuids(), st.integers(-1_000, 10**9), max_size=8)
yen = st.integers(1, 10**10)
KNOWN = frozenset({"spent_yen", "payers"})


@given(yen, weights)
def test_every_yen_of_a_shared_cost_falls_on_somebody(amount: int, given_weights: dict[UUID, int]) -> None:
    found = allocate(amount, given_weights)
    assert found.keys() == given_weights.keys()
    assert sum(found.values()) == (amount if given_weights else 0)
    assert all(part >= 0 for part in found.values())


@given(yen, weights)
def test_a_part_is_within_a_yen_of_its_share(amount: int, given_weights: dict[UUID, int]) -> None:
    found = allocate(amount, given_weights)
    counted = {owner: max(0, weight) for owner, weight in given_weights.items()}
    whole = sum(counted.values())
    for owner, part in found.items():
        share, of = (counted[owner], whole) if whole else (1, len(counted))
        assert abs(part * of - amount * share) < of
        assert part == 0 or share > 0


@given(yen, weights)
def test_the_order_in_which_programmes_are_read_does_not_matter(amount: int, given_weights: dict[UUID, int]) -> None:
    turned = dict(reversed(given_weights.items()))
    assert allocate(amount, turned) == allocate(amount, given_weights)


def test_the_yen_that_is_left_over_falls_on_the_same_programme_however_they_are_read() -> None:
    one, two, three = (UUID(int=number) for number in (1, 2, 3))
    for order in ((one, two, three), (three, two, one), (two, three, one)):
        assert allocate(100, dict.fromkeys(order, 1)) == {one: 34, two: 33, three: 33}


@given(yen, weights, st.integers(1, 1_000))
def test_only_the_proportion_of_weights_counts(amount: int, given_weights: dict[UUID, int], factor: int) -> None:
    larger = {owner: weight * factor for owner, weight in given_weights.items()}
    assert allocate(amount, larger) == allocate(amount, given_weights)


# --- months -----------------------------------------------------------------------------------------------------------


@given(st.dates(date(2015, 1, 1), date(2045, 12, 31)), st.integers(-140, 40))
def test_a_cost_belongs_to_a_month_of_ten_years_back_to_one_ahead(today: date, away: int) -> None:
    number = today.year * 12 + today.month - 1 + away
    month = date(number // 12, number % 12 + 1, 1)
    if -120 <= away <= 12:
        check_month(month, today=today)
        return
    with refused("cost_month_outside") as caught:
        check_month(month, today=today)
    assert f"{month.year}年{month.month}月の費用は" in caught.value.sentence("ja")
    assert f"{month:%B} {month.year} cannot be booked" in caught.value.sentence("en")
    assert f"{today.year - 10}年{today.month}月から{today.year + 1}年{today.month}月まで" in caught.value.sentence("ja")


# --- goal trees -------------------------------------------------------------------------------------------------------


def goal(code: str, *children: GoalEntry, **more: object) -> GoalEntry:
    entry = GoalEntry(code, f"目標{code}", f"Goal {code}", children=children)
    return replace(entry, **more)  # type: ignore[arg-type]


def judge(tree: GoalEntry) -> Refusal | None:
    try:
        check_tree(list(placed(tree)), indicators=KNOWN)
    except Refusal as refusal:
        return refusal
    return None


@st.composite
def trees(draw: st.DrawFn) -> GoalEntry:
    """Sound ones: a vision, its goals, their indicators, each with a code of its own."""
    counts = draw(st.lists(st.integers(0, 4), max_size=4))
    goals = [
        goal(f"g{place}", *(
            goal(f"g{place}-i{number}", indicator=draw(st.sampled_from(sorted(KNOWN))), target=draw(st.floats(0, 1)))
            for number in range(count)
        ))
        for place, count in enumerate(counts)
    ]  # fmt: skip
    return goal("vision", *goals)


def walked(entry: GoalEntry) -> Iterator[GoalEntry]:
    yield entry
    for child in entry.children:
        yield from walked(child)


@settings(max_examples=30)
@given(trees())
def test_every_node_has_its_level_its_parent_and_its_place(tree: GoalEntry) -> None:
    found = list(placed(tree))
    assert [node.entry for node in found] == list(walked(tree))
    at: dict[str, Placed] = {}
    for node in found:
        parent = at.get(node.parent)
        assert LEVELS.index(node.level) == (0 if parent is None else LEVELS.index(parent.level) + 1)
        assert parent is None or parent.entry.children[node.place] is node.entry
        at[node.entry.code] = node
    assert judge(tree) is None


CHANGES: dict[str, dict[str, object]] = {
    "code": {"code": "Not A Code"},
    "name_ja": {"name_ja": " "},
    "name_en": {"name_en": ""},
}


@pytest.mark.parametrize("item", sorted(CHANGES))
@settings(max_examples=30)
@given(trees(), st.data())
def test_an_unsound_node_is_named_wherever_it_stands(item: str, tree: GoalEntry, data: st.DataObject) -> None:
    nodes = list(placed(tree))
    wrong = data.draw(st.integers(0, len(nodes) - 1))
    spoiled = replace(nodes[wrong].entry, **CHANGES[item])  # type: ignore[arg-type]
    nodes[wrong] = replace(nodes[wrong], entry=spoiled)
    with refused("goal_tree_wrong") as caught:
        check_tree(nodes, indicators=KNOWN)
    assert caught.value.field == f"{spoiled.code}.{item}"
    assert caught.value.facts["item"] == item


def test_a_code_stands_once_in_the_whole_tree() -> None:
    twice = judge(goal("vision", goal("one", goal("same", indicator="payers")), goal("same")))
    assert twice is not None
    assert (twice.code, twice.field) == ("goal_tree_wrong", "same.code")


@pytest.mark.parametrize(
    ("tree", "field"),
    [
        (goal("vision", indicator="payers"), "vision.indicator"),
        (goal("vision", goal("one", indicator="payers")), "one.indicator"),
        (goal("vision", goal("one", goal("two"))), "two.indicator"),
        (goal("vision", goal("one", goal("two", indicator="happiness"))), "two.indicator"),
        (goal("vision", target=0.5), "vision.target"),
        (goal("vision", goal("one", target=0.0)), "one.target"),
    ],
)
def test_only_indicators_have_a_figure_and_a_target(tree: GoalEntry, field: str) -> None:
    found = judge(tree)
    assert found is not None
    assert found.field == field


def test_there_is_no_fourth_level() -> None:
    deep = goal("vision", goal("one", goal("two", goal("three", indicator="payers"), indicator="payers")))
    found = judge(deep)
    assert found is not None
    assert (found.field, found.facts["item"]) == ("three", "level")


@given(st.text(max_size=45))
def test_a_code_is_a_short_plain_word(code: str) -> None:
    sound = 1 <= len(code) <= 40 and code[0] in "abcdefghijklmnopqrstuvwxyz" and set(code) <= set(
        "abcdefghijklmnopqrstuvwxyz0123456789_-"
    )
    assert (judge(goal(code)) is None) == sound


@pytest.mark.parametrize("code", ["a", "a" * 40, "a_b-c9"])
def test_codes_at_the_edge_are_taken(code: str) -> None:
    assert judge(goal(code)) is None


def test_a_line_feed_at_the_end_is_no_code() -> None:
    assert unless("goal_tree_wrong", lambda: check_tree(list(placed(goal("one\n"))), indicators=KNOWN)) is None
    assert judge(goal("one\n")) is not None


def test_days_around_the_turn_of_a_year_have_their_months() -> None:
    for today in (date(2025, 12, 31), date(2026, 1, 1)):
        check_month(today.replace(day=1), today=today)
        check_month(date(today.year + 1, today.month, 1), today=today)
        with refused("cost_month_outside"):
            check_month(date(today.year + 1, today.month, 1) + timedelta(days=31), today=today)
