"""Programmes side by side: yen delivered, cost per yen, people, funders. Computed by hand."""

from __future__ import annotations

from datetime import date
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from meguri.evidence import queries as evidence
from meguri.strategy import operations, queries
from meguri.strategy.queries import Portfolio
from meguri.strategy.rules import allocate
from meguri.words.actor import ActorRole
from tests.settlement.books import AT, DAY, SmallTown, TestProgramme

JUNE = date(2026, 6, 1)


def book(town: SmallTown, request: str, yen: int, **more: object) -> None:
    operations.book_cost(
        by=town.actor(ActorRole.MAKER), at=AT, request=request, amount_yen=yen, month=JUNE, note="No. 1",
        **{"kind": "system", "source": "invoice"} | more,  # type: ignore[arg-type]
    )


def portfolio(town: SmallTown) -> Portfolio:
    return queries.portfolio(town.municipality, seen=evidence.snapshot(town.municipality))


@pytest.fixture
def lived(town: SmallTown) -> tuple[SmallTown, TestProgramme, TestProgramme, TestProgramme]:
    """Delivered: vouchers 600, points 200, benefit 1200 (200 in shops, 1000 by bank). Ann is in all three."""
    voucher, points, benefit = (town.programme(family) for family in ("voucher", "point", "benefit"))
    shop, ann, ben = town.shop(), town.resident(), town.resident()
    for holder, programme, yen in ((ann, voucher, 600), (ann, points, 200), (ann, benefit, 200)):
        town.grant(holder, programme, yen + 50)
        town.pay(holder, shop, yen, programme, at=AT + DAY)
    town.benefit_to_bank(ben, benefit, 1000)
    return town, voucher, points, benefit


def test_three_programmes_side_by_side(
    lived: tuple[SmallTown, TestProgramme, TestProgramme, TestProgramme],
) -> None:
    town, voucher, points, benefit = lived
    book(town, "own", 300, programme=voucher.id, kind="mail", source="contract")
    book(town, "shared", 1000, allocation="delivered")
    book(town, "hours", 90, allocation="even", kind="staff", source="estimate")
    book(town, "fee", 8, allocation="people", kind="fee")
    found = {row.programme.id: row for row in portfolio(town).rows}
    assert {key: row.money.delivered_yen for key, row in found.items()} == {
        voucher.id: 600, points.id: 200, benefit.id: 1200,
    }
    # 1000 by delivered yen 600:200:1200 is 300, 100, 600; 90 evenly is 30 each; 8 by people 1:1:2 is 2, 2, 4
    assert {key: row.shared_cost_yen for key, row in found.items()} == {
        voucher.id: 332, points.id: 132, benefit.id: 634,
    }
    row = found[voucher.id]
    assert (row.own_cost_yen, row.cost_yen) == (300, 632)
    assert row.cost_by_kind == {"mail": 300, "system": 300, "staff": 30, "fee": 2}
    assert row.cost_per_yen == pytest.approx(632 / 600)
    assert row.weakest_source == "estimate"
    assert portfolio(town).cost_yen == 300 + 1000 + 90 + 8


def test_people_and_funders(lived: tuple[SmallTown, TestProgramme, TestProgramme, TestProgramme]) -> None:
    town, voucher, _, benefit = lived
    found = portfolio(town)
    rows = {row.programme.id: row for row in found.rows}
    assert (rows[benefit.id].receivers, rows[benefit.id].payers) == (2, 1)
    assert (found.people, found.people_in_several) == (2, 1)
    (part,) = rows[voucher.id].funders
    assert (part.fund.id, part.fund.funder, part.money.spent_yen) == (voucher.fund, "department", 600)


def test_what_buyers_paid_themselves_is_not_public_money(town: SmallTown) -> None:
    public, own = town.programme(), town.programme(funder="buyers")
    shop, person = town.shop(), town.resident()
    town.grant(person, public, 300)
    town.sell(person, own, 1000)
    town.pay(person, shop, 300, public, at=AT + DAY)
    town.pay(person, shop, 1000, own, at=AT + DAY)
    book(town, "a", 60, programme=public.id)
    book(town, "b", 60, programme=own.id)
    rows = {row.programme.id: row for row in portfolio(town).rows}
    assert (rows[public.id].public_yen, rows[public.id].cost_per_public_yen) == (300, pytest.approx(0.2))
    assert (rows[own.id].public_yen, rows[own.id].cost_per_public_yen) == (0, None)
    assert rows[own.id].cost_per_yen == pytest.approx(0.06)


def test_before_anything_is_delivered_there_is_no_cost_per_yen(town: SmallTown) -> None:
    town.programme()
    book(town, "a", 500, allocation="delivered")
    (row,) = portfolio(town).rows
    assert (row.cost_yen, row.cost_per_yen, row.cost_per_public_yen) == (500, None, None)
    assert row.weakest_source == "invoice"


def test_shared_costs_without_programmes_are_not_lost(town: SmallTown) -> None:
    book(town, "a", 500, allocation="even")
    found = portfolio(town)
    assert (found.rows, found.unallocated_yen, found.cost_yen) == ((), 500, 500)


@given(st.integers(1, 10**9), st.dictionaries(st.uuids(), st.integers(-5, 10**9), max_size=8))
def test_a_shared_cost_is_divided_to_the_yen(amount: int, weights: dict[UUID, int]) -> None:
    parts = allocate(amount, weights)
    assert parts.keys() == weights.keys()
    assert sum(parts.values()) == (amount if weights else 0)
    assert all(part >= 0 for part in parts.values())
