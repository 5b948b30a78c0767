"""The nightly checks: silent over an honest sale, loud over each planted fault."""

from __future__ import annotations

from datetime import date

import pytest

from meguri.programmes.vouchers import checks, operations
from meguri.programmes.vouchers.models import Application, Sale
from tests.programmes.vouchers.conftest import BUYING, CLOSED, OVER, Fair, fair
from tests.programmes.vouchers.lived_town import moment

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
        (checks.draws_can_be_recomputed, {"units_drawn": 2}),
        (checks.draws_can_be_recomputed, {"rank": 2}),
    ],
)
def test_a_planted_fault_is_found(sold: Fair, check: object, values: dict[str, int]) -> None:
    Application.objects.filter(sale=sold.sale).update(**values)
    assert callable(check)
    assert len(check(sold.town.municipality)) == 1


def test_units_that_a_later_round_took_over_are_not_missed(sold: Fair) -> None:
    Sale.objects.filter(id=sold.sale).update(state="ended", closed_at=OVER, units_passed_on=1)
    (sentence,) = checks.sold_units_left_the_stock(sold.town.municipality)
    assert sentence.endswith("10 units, 2 bought, 0 kept, 8 left, 1 passed on")


@pytest.mark.parametrize("closed", [True, False])
def test_a_draw_that_is_forgotten_is_told_the_day_before_its_winners_could_no_longer_buy(
    small: Fair, *, closed: bool
) -> None:
    small.apply(small.town.person())
    if closed:
        operations.close_applications(sale=small.sale, by=small.checker, at=CLOSED)
    town = small.town.municipality
    assert checks.draws_are_not_forgotten(town, moment(10, 30, 14)) == []
    (day_before,) = checks.draws_are_not_forgotten(town, moment(10, 30, 15))
    assert "nobody has drawn it" in day_before
    assert "2025-10-31 15:00" in day_before
    (late,) = checks.draws_are_not_forgotten(town, moment(10, 31, 15))
    assert "never drawn; end it" in late
    operations.lapse_unpaid(sale=small.sale, by=small.checker, at=OVER)
    assert checks.draws_are_not_forgotten(town, OVER) == []


def test_a_drawn_sale_and_one_without_a_draw_are_not_told(sold: Fair) -> None:
    assert checks.draws_are_not_forgotten(sold.town.municipality, OVER) == []
    first_come = {
        "code": "first", "name": {"ja": "先着", "en": "First come"}, "units": 3, "allocation": "first_come",
        "purchase": {"first_day": date(2025, 10, 1), "last_day": date(2025, 10, 31)},
    }  # fmt: skip
    other = fair(obtaining__rounds__0=first_come).open()
    assert checks.draws_are_not_forgotten(other.town.municipality, OVER) == []
