"""A sale to whoever comes first opens by itself, as the approved document says; a draw waits for a person."""

from __future__ import annotations

from datetime import date
from typing import Any

from meguri.programmes.operations import close_programme
from meguri.programmes.vouchers import operations, queries
from meguri.programmes.vouchers.models import Sale
from meguri.programmes.vouchers.opening import rounds_to_open
from meguri.programmes.vouchers.tasks import open_rounds
from tests.programmes.vouchers.conftest import BUYING, OVER, Fair, fair
from tests.programmes.vouchers.lived_town import moment, refused
from tests.programmes.vouchers.test_life import FIRST_COME

ROUND = FIRST_COME["obtaining__rounds__0"] | {"units": 3}
LONG_BEFORE, SOON, FIRST_MINUTE = moment(9, 23), moment(9, 24, 1), moment(10, 1)


def opened(found: Fair) -> list[str]:
    rows = Sale.objects.filter(municipality=found.town.municipality).order_by("id")
    return list(rows.values_list("round", flat=True))


def pass_by(found: Fair, *, at: Any) -> list[str]:
    open_rounds(municipality=found.town.municipality, at=at)
    return opened(found)


def test_people_see_it_a_week_ahead_and_buy_on_its_first_day_without_an_officer(db: None) -> None:
    found = fair(obtaining__rounds=[dict(ROUND)])
    assert pass_by(found, at=LONG_BEFORE) == []
    assert pass_by(found, at=SOON) == ["first"]
    assert pass_by(found, at=FIRST_MINUTE) == ["first"], "once"
    (sale,) = queries.sales(found.town.municipality)
    person = found.town.person()
    with refused("voucher_too_early"):
        operations.buy_at_once(sale=sale, units=1, by=person, at=SOON)
    assert operations.buy_at_once(sale=sale, units=1, by=person, at=FIRST_MINUTE).units == 1


def test_a_round_whose_days_are_over_stays_shut(db: None) -> None:
    assert pass_by(fair(obtaining__rounds=[dict(ROUND)]), at=OVER) == []


def test_a_draw_waits_for_a_person_who_names_its_value(db: None) -> None:
    found = fair()
    assert rounds_to_open(found.town.municipality, at=moment(7, 26)) == ()
    assert pass_by(found, at=moment(8, 1)) == []


def test_leftovers_open_as_soon_as_the_earlier_round_has_ended(db: None) -> None:
    second = ROUND | {
        "code": "second", "units": 0, "leftovers": True,
        "purchase": {"first_day": date(2025, 11, 3), "last_day": date(2025, 11, 30)},
    }  # fmt: skip
    found = fair(obtaining__rounds=[dict(ROUND), second])
    assert pass_by(found, at=BUYING) == ["first"]
    assert pass_by(found, at=moment(10, 30)) == ["first"], "what the first leaves is not known yet"
    (sale,) = queries.sales(found.town.municipality)
    operations.lapse_unpaid(sale=sale, by=found.checker, at=OVER)
    assert pass_by(found, at=OVER) == ["first", "second"]
    later = queries.sales(found.town.municipality)[-1]
    assert queries.sale_page(later, municipality=found.town.municipality).units == 3


def test_leftovers_of_which_nothing_is_left_never_open_and_nothing_rings(db: None) -> None:
    second = ROUND | {
        "code": "second", "units": 0, "leftovers": True,
        "purchase": {"first_day": date(2025, 11, 3), "last_day": date(2025, 11, 30)},
    }  # fmt: skip
    found = fair(obtaining__rounds=[dict(ROUND), second])
    pass_by(found, at=BUYING)
    (sale,) = queries.sales(found.town.municipality)
    operations.buy_at_once(sale=sale, units=3, by=found.town.person(), at=BUYING)
    operations.lapse_unpaid(sale=sale, by=found.checker, at=OVER)
    assert pass_by(found, at=OVER) == ["first"]
    assert pass_by(found, at=moment(11, 10)) == ["first"]


def test_a_closed_programme_opens_nothing(db: None) -> None:
    found = fair(obtaining__rounds=[dict(ROUND)])
    close_programme(programme=found.made.programme, by=found.checker, at=LONG_BEFORE)
    assert pass_by(found, at=FIRST_MINUTE) == []
