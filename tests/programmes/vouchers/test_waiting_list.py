"""The waiting list: who was drawn next moves up when winners have not paid, until stock, list or time ends."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from meguri.programmes.vouchers import operations, orders, queries, tasks
from meguri.programmes.vouchers.checks import draws_can_be_recomputed, sold_units_left_the_stock
from meguri.programmes.vouchers.models import Application
from meguri.words.actor import Actor
from tests.programmes.vouchers.conftest import BUYING, OVER, Fair
from tests.programmes.vouchers.lived_town import moment, refused
from tests.programmes.vouchers.ordered import hear, in_wallet, ordered, ordered_fair, view

LIST = {"days_to_pay": 10}
END = moment(11, 11, 15)
"""Ten whole days after 1 November, when the first deadline has passed."""


@pytest.fixture
def sale(db: None) -> Fair:
    """Four units."""
    return ordered_fair(units=4, waiting=LIST)


def drawn(sale: Fair, *asked: int) -> list[tuple[Actor, Application]]:
    """Who applied, in the order of the draw."""
    people = {sale.apply(person, units).application: person for units in asked for person in [sale.town.person()]}
    sale.draw()
    rows = Application.objects.filter(sale=sale.sale).order_by("rank")
    return [(people[row.id], row) for row in rows]


def states(sale: Fair) -> list[tuple[str, int]]:
    return list(Application.objects.filter(sale=sale.sale).order_by("rank").values_list("state", "units_won"))


def lapse(sale: Fair, *, at: object = OVER) -> int:
    return operations.lapse_unpaid(sale=sale.sale, by=sale.checker, at=at)  # type: ignore[arg-type]


def test_the_next_moves_up_by_the_task_with_days_of_their_own(sale: Fair) -> None:
    listed = drawn(sale, 2, 2, 2, 2)
    operations.purchase(application=listed[0][1].id, by=listed[0][0], at=BUYING)
    tasks.lapse_and_move_up(municipality=sale.town.municipality, at=BUYING)
    assert states(sale) == [("purchased", 2), ("won", 2), ("lost", 0), ("lost", 0)], "before the deadline nothing moves"
    tasks.lapse_and_move_up(municipality=sale.town.municipality, at=OVER)
    assert states(sale) == [("purchased", 2), ("lapsed", 2), ("won", 2), ("lost", 0)]
    person, row = listed[2]
    mine = queries.application(row.id, municipality=person.municipality)
    assert mine
    assert (mine.purchase.end, mine.to_pay_yen, mine.moved_up_at) == (END, 20_000, OVER)
    assert sale.town.topics(person)[-2:] == ["voucher.lost", "voucher.moved_up"]
    assert sale.town.topics(listed[1][0])[-1] == "voucher.lapsed"
    assert orders.past_deadline(sale.town.municipality, at=OVER) == (sale.sale,)
    operations.purchase(application=row.id, by=person, at=END - timedelta(seconds=1))
    assert in_wallet(sale, person) == 26_000
    lapse(sale, at=END)
    assert queries.sale_page(sale.sale, municipality=person.municipality).state == "ended"
    assert orders.past_deadline(sale.town.municipality, at=END) == ()
    assert sold_units_left_the_stock(sale.town.municipality) == []


def test_it_repeats_until_the_list_ends(sale: Fair) -> None:
    drawn(sale, 4, 4, 4)
    lapse(sale)
    assert [state for state, _ in states(sale)] == ["lapsed", "won", "lost"]
    assert lapse(sale, at=END - timedelta(seconds=1)) == 0, "who moved up has all their days"
    assert lapse(sale, at=END) == 1
    assert [state for state, _ in states(sale)] == ["lapsed", "lapsed", "won"]
    assert lapse(sale, at=END + timedelta(days=11)) == 1
    assert [state for state, _ in states(sale)] == ["lapsed"] * 3
    page = queries.sale_page(sale.sale, municipality=sale.town.municipality)
    assert (page.state, page.units_left) == ("ended", 4)


def test_the_last_to_move_up_gets_what_is_left(db: None) -> None:
    sale = ordered_fair(units=3, waiting=LIST)
    drawn(sale, 2, 2, 2, 2)
    assert states(sale) == [("won", 2), ("won", 1), ("lost", 0), ("lost", 0)]
    lapse(sale)
    assert states(sale) == [("lapsed", 2), ("lapsed", 1), ("won", 2), ("won", 1)]


def test_the_original_draw_stays_what_it_was(sale: Fair) -> None:
    drawn(sale, 2, 2, 2, 2)
    before = queries.draw_page(sale.sale, municipality=sale.town.municipality)
    lapse(sale)
    after = queries.draw_page(sale.sale, municipality=sale.town.municipality)
    assert after == before
    assert after.agrees
    assert draws_can_be_recomputed(sale.town.municipality) == []
    assert list(Application.objects.order_by("rank").values_list("units_drawn", flat=True)) == [2, 2, 0, 0]


def test_without_a_list_in_the_terms_nobody_moves_up(db: None) -> None:
    sale = ordered_fair(units=2)
    drawn(sale, 2, 2)
    assert lapse(sale) == 1
    assert [state for state, _ in states(sale)] == ["lapsed", "lost"]
    assert queries.sale_page(sale.sale, municipality=sale.town.municipality).state == "ended"
    assert lapse(sale, at=END) == 0


def test_nobody_moves_up_without_time_to_pay(db: None) -> None:
    sale = ordered_fair(units=2, waiting={**LIST, "last_day": date(2025, 11, 12)})
    drawn(sale, 2, 2)
    lapse(sale, at=moment(11, 3))
    assert [state for state, _ in states(sale)] == ["lapsed", "lost"]


def test_a_payment_on_its_way_keeps_its_right(sale: Fair) -> None:
    (person, row), *_ = drawn(sale, 4, 4)
    order = ordered(sale, person, row.id)
    assert order.pay_before < OVER
    late = ordered(sale, person, row.id, at=moment(10, 30))
    assert lapse(sale, at=late.pay_before + timedelta(hours=1)) == 0, "a notice may travel for two hours"
    hear(late, "early", paid_at=late.pay_before - timedelta(minutes=1), at=late.pay_before + timedelta(hours=1))
    assert lapse(sale, at=OVER + timedelta(days=1)) == 0
    hear(late, "withdrawn", at=OVER + timedelta(days=2))
    assert view(late).state == "withdrawn"
    assert lapse(sale, at=OVER + timedelta(days=2)) == 1
    assert [state for state, _ in states(sale)] == ["lapsed", "won"]


def test_who_moved_up_pays_by_slip_within_their_days(sale: Fair) -> None:
    listed = drawn(sale, 4, 4)
    lapse(sale)
    person, row = listed[1]
    order = ordered(sale, person, row.id, at=OVER)
    assert order.pay_before == END
    hear(order, "early", paid_at=OVER + timedelta(hours=1), at=OVER + timedelta(hours=1))
    hear(order, "final", paid_at=OVER + timedelta(hours=1), at=OVER + timedelta(days=3))
    assert view(order).state == "paid"


def test_who_moved_up_and_comes_too_late_is_told_so(sale: Fair) -> None:
    listed = drawn(sale, 4, 4)
    lapse(sale)
    person, row = listed[1]
    with refused("voucher_too_late") as caught:
        operations.purchase(application=row.id, by=person, at=END)
    assert "11月11日" in caught.value.sentence("ja")
