"""Indicators out of hand-made snapshots, without a database."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

import pytest

from meguri.evidence.computing import compute, of_programme
from meguri.evidence.flows import Flow
from meguri.evidence.meanings import MEANINGS
from meguri.evidence.places import Taking
from meguri.evidence.reading import ALL_TIME
from meguri.evidence.snapshot import ReachRow, Snapshot, Stretch

ONE, TWO, FUND = UUID(int=1), UUID(int=2), UUID(int=9)


def taking(yen: int, *, shop: int = 1, programme: UUID | None = ONE, size: str = "", ward: str = "") -> Taking:
    return Taking(programme, shop, "minato", "58", size, ward, yen, counted=True)


def flow(source: str, target: str, yen: int, *, programme: UUID = ONE, template: str = "pay") -> Flow:
    return Flow(FUND, programme, source, target, template, yen)


EMPTY = Snapshot(municipality=1, until=ALL_TIME)


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
    rows = (ReachRow(False, ONE, 1, 1, 0), ReachRow(False, TWO, 2, 2, 0), ReachRow(True, None, 3, 3, 0))
    assert [row.payers for row in of_programme(rows, ONE)] == [1]
    assert [row.payers for row in of_programme(rows, None)] == [3]


def test_funds_without_a_programme_are_not_taken_for_all() -> None:
    rows = (ReachRow(False, None, 5, 5, 0), ReachRow(True, None, 8, 8, 0))
    assert [row.payers for row in of_programme(rows, None)] == [8]


def test_wards_that_are_not_known_are_no_part_of_the_share() -> None:
    seen = replace(EMPTY, takings=(taking(30, ward="own"), taking(70, ward="other"), taking(900)))
    assert value("own_ward_share", seen) == (0.3, 100)


def test_small_and_street_shops_are_small() -> None:
    sizes = (("small", 20), ("street", 30), ("large", 40), ("", 10))
    seen = replace(EMPTY, takings=tuple(taking(yen, size=size) for size, yen in sizes))
    assert value("small_shop_share", seen) == (0.5, 100)


def test_money_of_another_programme_is_not_counted() -> None:
    seen = replace(EMPTY, flows=(flow("wallet", "shop", 10), flow("wallet", "shop", 5, programme=TWO)))
    assert value("spent_yen", seen) == (10, None)
    assert value("spent_yen", seen, None) == (15, None)


def test_take_up_is_of_the_eligible() -> None:
    seen = replace(EMPTY, reach=(ReachRow(False, ONE, 30, 20, 0),), eligible=((ONE, 120),))
    assert value("take_up", seen) == (0.25, 120)
    assert value("take_up", seen, TWO) == (None, None)
    assert value("take_up", replace(seen, eligible=((ONE, 0),))) == (None, 0)


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
    takings = tuple(taking(yen, shop=shop) for shop, yen in enumerate([90, 50, *[10] * 18]))
    assert value("top_tenth_share", replace(EMPTY, takings=takings)) == (140 / 320, 320)


def test_days_of_all_programmes_are_taken_together() -> None:
    seen = replace(EMPTY, stretches=(Stretch(ONE, "spent", 2, False, 100), Stretch(TWO, "spent", 20, True, 300)))
    assert value("median_days", seen) == (2, None)
    assert value("median_days", seen, None) == (20, None)
    assert value("first_14_days", seen, None) == (0.25, 400)
    assert value("last_14_days", seen, None) == (0.75, 400)
