"""Costs and goals as faces ask for them, over random bookings."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from meguri.evidence import queries as evidence
from meguri.parties.rules import Both
from meguri.programmes.models import Programme
from meguri.site.rooms import modules
from meguri.strategy import operations, queries
from meguri.strategy.models import AllocationKey, CostKind, CostSource
from meguri.strategy.rules import GoalEntry
from meguri.words.actor import ActorRole
from meguri.words.refusal import catalogue
from tests.settlement.books import AT, DAY, SmallTown, small_town

LINES = st.lists(
    st.tuples(
        st.integers(0, 3), st.sampled_from(CostKind.values), st.integers(1, 10**7), st.sampled_from(CostSource.values),
        st.sampled_from(AllocationKey.values),
    ),
    max_size=8,
)


class AnyBookings(TestCase):
    @settings(max_examples=30, deadline=None)
    @given(LINES)
    def test_no_yen_of_cost_is_lost_or_counted_twice(self, lines: list[tuple[int, str, int, str, str]]) -> None:
        town = small_town()
        programmes = [town.programme(family) for family in ("voucher", "point", "benefit")]
        shop, person, by = town.shop(), town.resident(), town.actor(ActorRole.MAKER)
        town.grant(person, programmes[0], 1000)
        town.pay(person, shop, 700, programmes[0], at=AT + DAY)
        for number, (whose, kind, yen, source, key) in enumerate(lines):
            own = programmes[whose].id if whose < 3 else None
            operations.book_cost(
                by=by, at=AT, request=str(number), kind=kind, amount_yen=yen, month=date(2026, 6, 1), source=source,
                note="No. 1", programme=own, allocation="" if own else key,
            )
        found = queries.portfolio(town.municipality, seen=evidence.snapshot(town.municipality))
        assert found.cost_yen == sum(line[2] for line in lines)
        own_yen = {row.programme.id: row.own_cost_yen for row in found.rows}
        assert own_yen == {
            programme.id: sum(line[2] for line in lines if line[0] == number)
            for number, programme in enumerate(programmes)
        }
        assert all(sum(row.cost_by_kind.values()) == row.cost_yen for row in found.rows)


def test_costs_are_listed_by_month(town: SmallTown) -> None:
    by = town.actor(ActorRole.ANALYST)
    for month in (9, 4, 6):
        operations.book_cost(
            by=by, at=AT, request=str(month), kind="staff", amount_yen=month, month=date(2026, month, 1),
            source="estimate", note="時間記録", allocation="even",
        )
    assert [line.amount_yen for line in queries.costs(town.municipality)] == [4, 6, 9]
    assert [line.amount_yen for line in queries.costs(town.municipality, since=date(2026, 6, 1))] == [6, 9]
    assert queries.costs(town.municipality + 1) == ()


@pytest.mark.parametrize("source", CostSource.values)
def test_the_weakest_source_is_said(town: SmallTown, source: str) -> None:
    programme, by = town.programme(), town.actor(ActorRole.MAKER)
    for number, each in enumerate(("contract", source)):
        operations.book_cost(
            by=by, at=AT, request=str(number), kind="fee", amount_yen=1, month=date(2026, 6, 1), source=each,
            note="x", programme=programme.id,
        )
    (row,) = queries.portfolio(town.municipality, seen=evidence.snapshot(town.municipality)).rows
    assert row.weakest_source == source


def test_drafts_are_no_part_of_the_portfolio(town: SmallTown) -> None:
    programme = town.programme()
    Programme.objects.filter(id=programme.id).update(state="draft", launched_at=None)
    assert queries.portfolio(town.municipality, seen=evidence.snapshot(town.municipality)).rows == ()
    assert queries.unlinked_programmes(town.municipality) == ()


def test_another_towns_tree_is_not_seen(town: SmallTown) -> None:
    other = small_town()
    tree = GoalEntry("vision", "将来像", "Vision")
    operations.set_goal_tree(tree, by=other.actor(ActorRole.MAKER), at=AT)
    assert queries.goal_tree(town.municipality, seen=evidence.snapshot(town.municipality)) is None
    found = queries.goal_tree(other.municipality, seen=evidence.snapshot(other.municipality))
    assert found is not None
    assert (found.name_ja, found.name_en, found.children) == ("将来像", "Vision", ())


@pytest.mark.parametrize(
    "prefix", ["goal", "cost", "settlement_", "payout_", "panel_", "confirmation", "not_identified"]
)
def test_refusals_speak_both_languages(prefix: str) -> None:
    assert list(modules())  # whoever declares a refusal has been imported
    kinds = [kind for kind in catalogue() if kind.code.startswith(prefix)]
    assert kinds
    for kind in kinds:
        facts: dict[str, object] = {name: Both("一", "one") for name in kind.facts}
        refusal = kind.refusal(**facts)
        assert refusal.sentence("ja").endswith("。")
        assert refusal.sentence("en").endswith(".")
        assert "{" not in refusal.sentence("ja") + refusal.sentence("en")
