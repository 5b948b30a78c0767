"""Writing the goal tree, hanging programmes on it, booking costs."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from uuid import uuid4

import pytest

from meguri.evidence import queries as evidence
from meguri.strategy import operations, queries
from meguri.strategy.models import CostLine, Goal
from meguri.strategy.queries import GoalNode
from meguri.strategy.rules import GoalEntry
from meguri.words.actor import ActorRole
from meguri.words.refusal import Refusal
from tests.settlement.books import AT, DAY, SmallTown

MONEY_STAYS = GoalEntry(
    "shops", "お金が町に残る", "Money stays in town", department="commerce",
    children=(
        GoalEntry("own-ward", "地区内の使用", "Spent nearby", indicator="own_ward_share", target=0.6),
        GoalEntry("spent", "使用額", "Spent", indicator="spent_yen", target=5_000_000, reach_by=date(2027, 3, 31)),
    ),
)  # fmt: skip
HEALTH = GoalEntry("health", "よく歩く町", "A town that walks", department="planning")
TREE = GoalEntry("vision", "めぐる町", "A town where it goes round", children=(MONEY_STAYS, HEALTH))
JUNE = date(2026, 6, 1)


def refused(code: str) -> pytest.RaisesExc[Refusal]:
    return pytest.RaisesExc(Refusal, check=lambda refusal: refusal.code == code)


def write(town: SmallTown, tree: GoalEntry = TREE) -> None:
    operations.set_goal_tree(tree, by=town.actor(ActorRole.MAKER), at=AT)


def read(town: SmallTown) -> GoalNode:
    found = queries.goal_tree(town.municipality, seen=evidence.snapshot(town.municipality))
    assert found is not None
    return found


def shape(node: GoalNode) -> tuple[str, str, list[object]]:
    return node.level, node.code, [shape(child) for child in node.children]


def test_a_tree_is_read_as_it_was_written(town: SmallTown) -> None:
    assert queries.goal_tree(town.municipality, seen=evidence.snapshot(town.municipality)) is None
    write(town)
    assert shape(read(town)) == ("vision", "vision", [
        ("goal", "shops", [("indicator", "own-ward", []), ("indicator", "spent", [])]),
        ("goal", "health", []),
    ])
    spent = read(town).children[0].children[1]
    assert (spent.indicator, spent.target, spent.reach_by) == ("spent_yen", 5_000_000, date(2027, 3, 31))


def test_indicators_are_computed_for_the_programmes_that_hang_on_their_goal(town: SmallTown) -> None:
    voucher, points, shop, person = town.programme(), town.programme("point"), town.shop(), town.resident()
    town.grant(person, voucher, 1000)
    town.pay(person, shop, 700, voucher, at=AT + DAY)
    write(town)
    by = town.actor(ActorRole.MAKER)
    operations.link_programme(voucher.id, ["shops"], by=by, at=AT)
    operations.link_programme(points.id, ["shops", "health"], by=by, at=AT)
    goal = read(town).children[0]
    assert goal.programmes == (voucher.id, points.id)
    own_ward, spent = goal.children
    assert [(value.programme, value.indicator.value) for value in spent.values] == [(voucher.id, 700), (points.id, 0)]
    assert [value.indicator.value for value in own_ward.values] == [1.0, None]
    assert read(town).children[1].programmes == (points.id,)
    assert queries.unlinked_programmes(town.municipality) == ()


def test_a_programme_moves_when_it_is_linked_anew(town: SmallTown) -> None:
    programme, by = town.programme(), town.actor(ActorRole.ANALYST)
    write(town)
    assert [each.id for each in queries.unlinked_programmes(town.municipality)] == [programme.id]
    operations.link_programme(programme.id, ["shops"], by=by, at=AT)
    operations.link_programme(programme.id, ["health"], by=by, at=AT)
    operations.link_programme(programme.id, ["health"], by=by, at=AT)
    assert [child.programmes for child in read(town).children] == [(), (programme.id,)]


def test_nodes_keep_their_identity_when_the_tree_changes(town: SmallTown) -> None:
    programme = town.programme()
    write(town)
    operations.link_programme(programme.id, ["health"], by=town.actor(ActorRole.MAKER), at=AT)
    before = read(town)
    renamed = GoalEntry("mission", "新しい将来像", "A new vision", children=(
        replace(HEALTH, name_ja="歩く町", children=(MONEY_STAYS.children[1],)),
        GoalEntry("vision", "古い名", "Old name"),
    ))  # fmt: skip
    write(town, renamed)
    after = read(town)
    assert shape(after) == ("vision", "mission", [
        ("goal", "health", [("indicator", "spent", [])]), ("goal", "vision", []),
    ])
    assert (after.id, after.children[0].id) == (before.id, before.children[1].id)
    assert after.children[0].children[0].id == before.children[0].children[1].id
    assert after.children[0].programmes == (programme.id,)
    assert Goal.objects.filter(municipality=town.municipality).count() == 4


def test_a_goal_with_programmes_is_not_taken_away(town: SmallTown) -> None:
    programme = town.programme()
    write(town)
    operations.link_programme(programme.id, ["health"], by=town.actor(ActorRole.MAKER), at=AT)
    with refused("goal_in_use") as caught:
        write(town, replace(TREE, children=(MONEY_STAYS,)))
    assert caught.value.facts == {"code": "health"}
    assert len(read(town).children) == 2


@pytest.mark.parametrize(
    ("tree", "field"),
    [
        (replace(TREE, children=(HEALTH, HEALTH)), "health.code"),
        (replace(TREE, code="Vision!"), "Vision!.code"),
        (replace(TREE, name_en=" "), "vision.name_en"),
        (replace(TREE, indicator="spent_yen"), "vision.indicator"),
        (replace(TREE, target=3.0), "vision.target"),
        (replace(TREE, children=(replace(HEALTH, children=(replace(HEALTH, code="steps"),)),)), "steps.indicator"),
        (
            replace(TREE, children=(replace(HEALTH, children=(GoalEntry("x", "x", "x", indicator="happiness"),)),)),
            "x.indicator",
        ),
        (
            replace(TREE, children=(replace(HEALTH, children=(
                GoalEntry("x", "x", "x", indicator="spent_yen", children=(HEALTH,)),)),)),
            "health",
        ),
    ],
)  # fmt: skip
def test_an_unsound_tree_is_refused_by_its_node(town: SmallTown, tree: GoalEntry, field: str) -> None:
    with refused("goal_tree_wrong") as caught:
        write(town, tree)
    assert caught.value.field == field
    assert not Goal.objects.filter(municipality=town.municipality).exists()


def test_a_code_stays_on_its_level(town: SmallTown) -> None:
    write(town)
    with refused("goal_tree_wrong"):
        write(town, GoalEntry("shops", "将来像", "Vision"))
    with refused("goal_tree_wrong"):
        write(town, replace(TREE, children=(GoalEntry("spent", "x", "x"),)))
    with refused("goal_tree_wrong"):
        moved = GoalEntry("health", "x", "x", indicator="spent_yen")
        write(town, replace(TREE, children=(replace(MONEY_STAYS, children=(moved,)),)))


def test_a_programme_needs_a_goal_that_exists(town: SmallTown) -> None:
    programme, by = town.programme(), town.actor(ActorRole.MAKER)
    write(town)
    for goals, code in (([], "goals_missing"), (["nowhere"], "goal_unknown"), (["spent"], "goal_unknown")):
        with refused(code):
            operations.link_programme(programme.id, goals, by=by, at=AT)
    with refused("programme_unknown"):
        operations.link_programme(uuid4(), ["shops"], by=by, at=AT)


@pytest.mark.parametrize("role", [ActorRole.RESIDENT, ActorRole.OWNER, ActorRole.PARTNER])
def test_who_may_not_edit(town: SmallTown, role: ActorRole) -> None:
    by = town.actor(role)
    with refused("not_allowed"):
        operations.set_goal_tree(TREE, by=by, at=AT)
    with refused("not_allowed"):
        operations.link_programme(uuid4(), ["shops"], by=by, at=AT)
    with refused("not_allowed"):
        operations.book_cost(
            by=by, at=AT, request="1", kind="system", amount_yen=1, month=JUNE, source="guess", note="x"
        )


# --- costs -----------------------------------------------------------------------------------------------------------

LINE = {"request": "1", "kind": "system", "amount_yen": 1000, "month": JUNE, "source": "invoice", "note": "No. 5"}


def test_a_cost_is_booked_once(town: SmallTown) -> None:
    by, programme = town.actor(ActorRole.MAKER), town.programme()
    first = operations.book_cost(by=by, at=AT, programme=programme.id, **LINE)  # type: ignore[arg-type]
    assert operations.book_cost(by=by, at=AT + DAY, programme=programme.id, **LINE) == first  # type: ignore[arg-type]
    with refused("cost_differs"):
        operations.book_cost(by=by, at=AT, programme=programme.id, **LINE | {"amount_yen": 1001})  # type: ignore[arg-type]
    (line,) = queries.costs(town.municipality)
    assert (line.programme, line.amount_yen, line.source, line.allocation) == (programme.id, 1000, "invoice", "")


@pytest.mark.parametrize(
    ("change", "code", "field"),
    [
        ({"kind": "gold"}, "cost_wrong", "kind"),
        ({"month": date(2026, 6, 2)}, "cost_wrong", "month"),
        ({"month": date(2099, 6, 1)}, "cost_month_outside", "month"),
        ({"month": date(1999, 6, 1)}, "cost_month_outside", "month"),
        ({"source": "rumour"}, "cost_wrong", "source"),
        ({"note": " "}, "cost_wrong", "note"),
        ({"allocation": ""}, "cost_wrong", "allocation"),  # shared, but by what?
        ({"amount_yen": 0}, "amount_out_of_range", "amount_yen"),
        ({"programme": uuid4(), "allocation": "even"}, "cost_wrong", "allocation"),
        ({"programme": uuid4(), "allocation": ""}, "programme_unknown", "programme"),
    ],
)
def test_a_wrong_cost_is_refused_by_its_field(
    town: SmallTown, change: dict[str, object], code: str, field: str
) -> None:
    with refused(code) as caught:
        operations.book_cost(
            by=town.actor(ActorRole.MAKER), at=AT, **LINE | {"allocation": "even"} | change  # type: ignore[arg-type]
        )
    assert caught.value.field == field
    assert not CostLine.objects.filter(municipality=town.municipality).exists()


def test_a_withdrawn_cost_counts_no_more_and_stays_on_record(town: SmallTown) -> None:
    by = town.actor(ActorRole.MAKER)
    line = operations.book_cost(by=by, at=AT, allocation="even", **LINE)  # type: ignore[arg-type]
    with refused("cost_wrong"):
        operations.withdraw_cost(line, reason=" ", by=by, at=AT)
    operations.withdraw_cost(line, reason="二重の記録", by=by, at=AT + DAY)
    assert queries.costs(town.municipality) == ()
    assert CostLine.objects.get(id=line).withdrawn_because == "二重の記録"
    with refused("cost_unknown"):
        operations.withdraw_cost(line, reason="もう一度", by=by, at=AT + DAY)


def test_costs_of_some_months(town: SmallTown) -> None:
    by = town.actor(ActorRole.MAKER)
    for month in (4, 5, 6):
        change = {"request": str(month), "month": date(2026, month, 1)}
        operations.book_cost(by=by, at=AT, allocation="even", **LINE | change)  # type: ignore[arg-type]
    found = queries.costs(town.municipality, since=date(2026, 5, 1), until=date(2026, 6, 1))
    assert [line.month.month for line in found] == [5]
