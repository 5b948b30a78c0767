"""Pure decisions of strategy, and what the database refuses whatever the code does."""

from __future__ import annotations

from datetime import date
from uuid import UUID, uuid4

import pytest
from django.db import IntegrityError, connection, transaction

from meguri.strategy import operations
from meguri.strategy.rules import COST_ITEMS, GoalEntry, allocate, check_month, check_tree, placed, wrong_cost
from meguri.words.actor import ActorRole
from meguri.words.refusal import Refusal
from tests.settlement.books import AT, SmallTown

A, B, C = UUID(int=1), UUID(int=2), UUID(int=3)
TREE = GoalEntry(
    "vision", "将来像", "Vision",
    children=(
        GoalEntry("one", "一", "One", children=(GoalEntry("spent", "使用額", "Spent", indicator="spent_yen"),)),
        GoalEntry("two", "二", "Two"),
    ),
)  # fmt: skip


def test_parents_come_before_their_children() -> None:
    found = [(node.entry.code, node.level, node.parent, node.place) for node in placed(TREE)]
    assert found == [
        ("vision", "vision", "", 0), ("one", "goal", "vision", 0), ("spent", "indicator", "one", 0),
        ("two", "goal", "vision", 1),
    ]


def test_a_sound_tree_is_not_refused() -> None:
    check_tree(list(placed(TREE)), indicators=frozenset({"spent_yen"}))
    with pytest.raises(Refusal):
        check_tree(list(placed(TREE)), indicators=frozenset())


@pytest.mark.parametrize("code", ["", "A", "1", "über", "a b", "x" * 41])
def test_codes_are_short_and_plain(code: str) -> None:
    with pytest.raises(Refusal):
        check_tree(list(placed(GoalEntry(code, "x", "x"))), indicators=frozenset())


@pytest.mark.parametrize(
    ("amount", "weights", "expected"),
    [
        (100, {A: 1, B: 1, C: 1}, {A: 34, B: 33, C: 33}),
        (100, {A: 0, B: 3, C: 1}, {A: 0, B: 75, C: 25}),
        (100, {A: 0, B: 0}, {A: 50, B: 50}),
        (7, {A: -5, B: 1}, {A: 0, B: 7}),
        (100, {}, {}),
    ],
)
def test_shared_costs_are_divided(amount: int, weights: dict[UUID, int], expected: dict[UUID, int]) -> None:
    assert allocate(amount, weights) == expected


@pytest.fixture
def written(town: SmallTown) -> SmallTown:
    by, programme = town.actor(ActorRole.MAKER), town.programme()
    operations.set_goal_tree(TREE, by=by, at=AT)
    operations.link_programme(programme.id, ["one"], by=by, at=AT)
    for number, own in enumerate((programme.id, None)):
        operations.book_cost(
            by=by, at=AT, request=str(number), kind="fee", amount_yen=5, month=date(2026, 6, 1), source="invoice",
            note="No. 1", programme=own, allocation="" if own else "even",
        )
    return town


@pytest.mark.parametrize(
    ("table", "change", "constraint"),
    [
        ("goal", "parent_id = NULL", "only_a_vision_stands_alone"),
        ("goal", "indicator = 'spent_yen'", "an_indicator_names_its_figure"),
        ("goal", "code = 'same'", "one_goal_for_a_code"),
        ("costline", "amount_yen = 0", "a_cost_is_a_positive_amount"),
        ("costline", "month = '2026-06-02'", "a_month_is_named_by_its_first_day"),
        ("costline", "kind = 'gold'", "a_kind_of_cost_is_known"),
        ("costline", "source = 'rumour'", "a_cost_says_how_it_is_known"),
        ("costline", "allocation = ''", "a_shared_cost_has_a_key_and_an_own_cost_has_none"),
        ("costline", "allocation = 'even'", "a_shared_cost_has_a_key_and_an_own_cost_has_none"),
        ("costline", "withdrawn_at = booked_at", "a_withdrawn_cost_has_time_and_reason"),
        ("costline", "request = 'same'", "one_cost_line_for_a_request"),
    ],
)
def test_the_tables_keep_their_rules_by_themselves(
    written: SmallTown, table: str, change: str, constraint: str
) -> None:
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"UPDATE strategy_{table} SET {change} WHERE municipality = %s", [written.municipality])


def test_a_town_has_one_vision(written: SmallTown) -> None:
    insert = (
        "INSERT INTO strategy_goal (id, municipality, level, code, place, name_ja, name_en, department, indicator,"
        " changed_at) VALUES (%s, %s, 'vision', 'second', 0, 'x', 'x', '', '', now())"
    )
    refused = pytest.raises(IntegrityError, match="a_town_has_one_vision")
    with refused, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(insert, [uuid4(), written.municipality])


@pytest.mark.parametrize("item", sorted(COST_ITEMS))
def test_a_wrong_cost_is_told_in_people_s_words(item: str) -> None:
    refusal = wrong_cost(item)
    assert (refusal.code, refusal.field) == ("cost_wrong", item)
    assert item not in refusal.sentence("ja"), "no name of a program's field"
    assert refusal.sentence("ja").endswith("。")
    assert refusal.sentence("en").isascii()


@pytest.mark.parametrize("month", [date(2016, 6, 1), date(2026, 6, 1), date(2027, 6, 1)])
def test_months_that_are_booked(month: date) -> None:
    check_month(month, today=date(2026, 6, 30))


@pytest.mark.parametrize(
    ("month", "said"),
    [(date(2099, 1, 1), "2099年1月"), (date(2027, 7, 1), "2027年7月"), (date(2016, 5, 1), "2016年5月")],
)
def test_months_that_must_be_a_slip(month: date, said: str) -> None:
    with pytest.raises(Refusal) as caught:
        check_month(month, today=date(2026, 6, 30))
    assert (caught.value.code, caught.value.field) == ("cost_month_outside", "month")
    sentence = caught.value.sentence("ja")
    assert sentence == f"{said}の費用は記録できません。2016年6月から2027年6月までの月にしてください。"
    assert "June 2016 to June 2027" in caught.value.sentence("en")
