"""The nightly checks: silent over an honest sale, loud over each planted fault."""

from __future__ import annotations

import pytest

from meguri.programmes.vouchers import checks, operations
from meguri.programmes.vouchers.models import Application
from tests.programmes.vouchers.conftest import BUYING, Fair

CHECKS = (checks.sold_units_left_the_stock, checks.buyers_paid_the_price, checks.draws_can_be_recomputed)


@pytest.fixture
def sold(small: Fair) -> Fair:
    person = small.town.person()
    applied = small.won(person, 3)
    operations.purchase(application=applied.application, by=person, at=BUYING, units=2)
    return small


@pytest.mark.parametrize("check", CHECKS)
def test_an_honest_sale_is_silent(sold: Fair, check: object) -> None:
    assert callable(check)
    assert check(sold.town.municipality) == []


@pytest.mark.parametrize(
    ("check", "values"),
    [
        (checks.sold_units_left_the_stock, {"units_bought": 3}),
        (checks.buyers_paid_the_price, {"units_bought": 3}),
        (checks.draws_can_be_recomputed, {"units_applied": 4}),
        (checks.draws_can_be_recomputed, {"units_won": 2}),
        (checks.draws_can_be_recomputed, {"rank": 2}),
    ],
)
def test_a_planted_fault_is_found(sold: Fair, check: object, values: dict[str, int]) -> None:
    Application.objects.filter(sale=sold.sale).update(**values)
    assert callable(check)
    assert len(check(sold.town.municipality)) == 1
