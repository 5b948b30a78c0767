"""Indicators out of hand-made snapshots, without a database."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

import pytest

from meguri.evidence.computing import compute, of_programme
from meguri.evidence.flows import Flow
from meguri.evidence.meanings import MEANINGS
from meguri.evidence.reading import ALL_TIME
from meguri.evidence.snapshot import PlaceRow, ReachRow, Snapshot, TakingsRow
from meguri.evidence.survival import Lying

ONE, TWO, FUND = UUID(int=1), UUID(int=2), UUID(int=9)


def place(name: str, yen: int, *, programme: UUID | None = ONE) -> PlaceRow:
    return PlaceRow(programme is None, programme, name, yen, payments=1, holders=1, shops=1, largest_shop_yen=yen)


def flow(source: str, target: str, yen: int, *, programme: UUID = ONE, template: str = "pay") -> Flow:
    return Flow(FUND, programme, source, target, template, yen)


EMPTY = Snapshot(
    municipality=1, until=ALL_TIME, flows=(), wards=(), sizes=(), takings=(), reach=(), stretches={}, eligible={}
)


def value(code: str, seen: Snapshot, programme: UUID | None = ONE) -> tuple[int | float | None, int | None]:
    found = compute(code, seen, programme=programme)
    return found.value, found.denominator


@pytest.mark.parametrize("programme", [ONE, None])
@pytest.mark.parametrize("code", MEANINGS)
def test_before_anything_happened(code: str, programme: UUID | None) -> None:
    found = compute(code, EMPTY, programme=programme)
    assert found.value in ({0} if found.meaning.unit in ("yen", "people") else {None})


def test_an_unknown_code_is_an_error() -> None:
    with pytest.raises(KeyError):
        compute("happiness", EMPTY, programme=None)


def test_rows_of_one_programme_or_of_all() -> None:
    rows = (place("a", 1), place("a", 2, programme=TWO), place("a", 3, programme=None))
    assert [row.yen for row in of_programme(rows, ONE)] == [1]
    assert [row.yen for row in of_programme(rows, None)] == [3]


def test_funds_without_a_programme_are_not_taken_for_all() -> None:
    rows = (PlaceRow(False, None, "a", 5, 1, 1, 1, 5), place("a", 8, programme=None))
    assert [row.yen for row in of_programme(rows, None)] == [8]


def test_wards_that_are_not_known_are_no_part_of_the_share() -> None:
    seen = replace(EMPTY, wards=(place("own", 30), place("other", 70), place("", 900)))
    assert value("own_ward_share", seen) == (0.3, 100)


def test_small_and_street_shops_are_small() -> None:
    seen = replace(EMPTY, sizes=(place("small", 20), place("street", 30), place("large", 40), place("", 10)))
    assert value("small_shop_share", seen) == (0.5, 100)


def test_money_of_another_programme_is_not_counted() -> None:
    seen = replace(EMPTY, flows=(flow("wallet", "shop", 10), flow("wallet", "shop", 5, programme=TWO)))
    assert value("spent_yen", seen) == (10, None)
    assert value("spent_yen", seen, None) == (15, None)


def test_take_up_is_of_the_eligible() -> None:
    seen = replace(EMPTY, reach=(ReachRow(False, ONE, 30, 20, 0),), eligible={ONE: 120})
    assert value("take_up", seen) == (0.25, 120)
    assert value("take_up", seen, TWO) == (None, None)
    assert value("take_up", replace(seen, eligible={ONE: 0})) == (None, 0)


def test_what_shops_pass_on_turns_the_money_again() -> None:
    """250 of 1000 passed on: r = 0.25, and 1 / (1 - r) = 1.3333 turns."""
    flows = (
        flow("wallet", "shop", 1000), flow("shop", "shop", 200, template="pay_onward"),
        flow("shop", "wallet", 50, template="pay_onward"),
    )
    share, receipts = value("onward_share", replace(EMPTY, flows=flows))
    assert (share, receipts) == (pytest.approx(250 / 950), 950)  # what went to a wallet counts as taken back, too
    assert value("turns", replace(EMPTY, flows=flows))[0] == pytest.approx(1 / (1 - 250 / 950))


def test_a_refund_is_not_passing_on() -> None:
    flows = (flow("wallet", "shop", 1000), flow("shop", "wallet", 100, template="refund_payment"))
    assert value("onward_share", replace(EMPTY, flows=flows)) == (0.0, 900)
    assert value("turns", replace(EMPTY, flows=flows)) == (1.0, None)


def test_the_top_tenth() -> None:
    takings = tuple(TakingsRow(False, ONE, yen, 1) for yen in [90, 50, *[10] * 18])
    assert value("top_tenth_share", replace(EMPTY, takings=takings)) == (140 / 320, 320)


def test_days_of_all_programmes_are_taken_together() -> None:
    lying = {ONE: (Lying(2, True, 100),), TWO: (Lying(20, True, 300, in_last_days=True),)}
    seen = replace(EMPTY, stretches=lying)
    assert value("median_days", seen) == (2, None)
    assert value("median_days", seen, None) == (20, None)
    assert value("first_14_days", seen, None) == (0.25, 400)
    assert value("last_14_days", seen, None) == (0.75, 400)
