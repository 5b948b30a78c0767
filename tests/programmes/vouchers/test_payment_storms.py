"""Storms of notices, buyers, deadlines and clerks in any order: units, yen and rights add up after every one."""

from __future__ import annotations

from datetime import timedelta
from itertools import product
from uuid import UUID

import pytest
from django.db import transaction
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from meguri.programmes.vouchers import operations, orders, paying
from meguri.programmes.vouchers.checks import (
    buyers_paid_the_price,
    payments_bought_what_they_paid_for,
    sold_units_left_the_stock,
)
from meguri.programmes.vouchers.models import Application, CashUp, CounterReceipt, PaymentOrder, Sale
from meguri.programmes.vouchers.operations.lapsing import free_units
from meguri.words.actor import Actor
from meguri.words.refusal import Refusal
from tests.programmes.vouchers.conftest import BUYING, OVER, Fair
from tests.programmes.vouchers.lived_town import moment, refused
from tests.programmes.vouchers.ordered import debt, hear, in_wallet, ordered, ordered_fair, received, spend, view
from tests.programmes.vouchers.test_cash import first_come, sell
from tests.programmes.vouchers.test_waiting_list import LIST, drawn, lapse, states

FACE, PRICE = 26_000, 20_000
storm = settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))


def books_agree(municipality: int) -> None:
    for check in (sold_units_left_the_stock, buyers_paid_the_price, payments_bought_what_they_paid_for):
        assert check(municipality) == [], check


def unless_refused(work: object) -> None:
    """Only an expected no may stop a step; nothing of it stays behind."""
    try:
        with transaction.atomic():
            work()  # type: ignore[operator]
    except Refusal as refusal:
        if refusal.kind.status >= 500:
            raise


# --- where a set of notices puts an order --------------------------------------------------------------------------


@pytest.mark.parametrize(("early", "final", "withdrawn"), list(product([False, True], repeat=3)))
def test_the_table_of_all_sets_of_notices(*, early: bool, final: bool, withdrawn: bool) -> None:
    for issued_on, served, refunded, otherwise in product(("early", "final"), (0, 1), (0, 1), ("open", "replaced")):
        heard = paying.Heard(early=early, final=final, withdrawn=withdrawn, issued_on=issued_on)
        told = {"e": early, "f": final, "w": withdrawn}
        kinds = "".join(key for key, is_there in told.items() if is_there)
        assert paying.is_due(heard) == (kinds in {"f", "ef", "fw", "efw"} or (kinds == "e" and issued_on == "early"))
        money = "paid" if served else "refunded" if refunded else "to_refund"
        expected = {"": otherwise, "e": "early", "w": "withdrawn", "ew": "withdrawn"}.get(kinds, money)
        state = paying.standing(heard, served=bool(served), refunded=bool(refunded), otherwise=otherwise)
        assert (state, state in paying.STATES) == (expected, True)


@pytest.mark.parametrize(("seconds", "late", "is_served"), [
    (-1, "refund", True), (0, "refund", False), (0, "units_if_left", True), (10**6, "units_if_left", True),
])  # fmt: skip
def test_the_last_moment_is_the_one_before_the_deadline(seconds: int, late: str, *, is_served: bool) -> None:
    assert paying.is_served_late(paid_at=OVER + timedelta(seconds=seconds), pay_before=OVER, late=late) is is_served


# --- two ways of paying for one right ------------------------------------------------------------------------------

ACTS = st.sampled_from([*product(("slip", "card"), ("early", "final", "withdrawn")), ("", "cash"), ("", "spend")])


def test_paid_by_slip_and_card_and_cash_in_any_order_there_is_one_purchase(db: None) -> None:
    sale = ordered_fair()
    person = sale.town.person()
    application = sale.won(person, 2).application
    both = {way: ordered(sale, person, application, way=way) for way in ("slip", "card")}

    @storm
    @given(st.lists(ACTS, min_size=2, max_size=8), st.sampled_from(["early", "final"]))
    def holds(acts: list[tuple[str, str]], issued_on: str) -> None:
        with transaction.atomic():
            PaymentOrder.objects.filter(application=application).update(issued_on=issued_on)
            spent = 0
            for hour, (way, act) in enumerate(acts, 3):
                at = BUYING + timedelta(hours=hour)
                if act == "spend":
                    spent += spend(sale, person, 7_000, at=at)
                elif act == "cash":
                    unless_refused(
                        lambda at=at: operations.sell_at_counter(
                            application=application, by=sale.maker, at=at
                        )
                    )
                else:
                    assert hear(both[way], act, at=at).outcome == "taken"
            one_purchase(sale, person, application, spent=spent)
            transaction.set_rollback(True)

    holds()


def one_purchase(sale: Fair, person: Actor, application: UUID, *, spent: int) -> None:
    row = Application.objects.get(id=application)
    is_bought = row.state == "purchased"
    found = [view(order) for order in PaymentOrder.objects.filter(application=row)]
    in_cash = CounterReceipt.objects.filter(application=row).count()
    assert sum(each.served for each in found) + in_cash == is_bought, "each movement of money buys once or goes back"
    assert in_wallet(sale, person) + spent - debt(person) == (FACE if is_bought else 0)
    for each in found:
        if each.final_at is not None:
            assert each.state == ("paid" if each.served else "to_refund")
            assert each.served or (each.because.ja and each.because.en)
    mend = orders.orders_to_mend("commerce", municipality=person.municipality, at=OVER)
    assert {each.id for each in mend} >= {each.id for each in found if each.state == "to_refund"}
    books_agree(person.municipality)


def test_withdrawn_and_paid_anew_again_and_again_each_spent_yen_is_owed_once(db: None) -> None:
    sale = ordered_fair(issued_on="early")
    person = sale.town.person()
    application, spent = sale.won(person, 2).application, 0
    for day in range(4):
        at = BUYING + timedelta(days=day)
        order = ordered(sale, person, application, at=at)
        paid = {"paid_at": at + timedelta(hours=1), "at": at + timedelta(hours=2)}
        hear(order, "early", **paid)
        assert in_wallet(sale, person) == max(0, FACE - spent), "what was owed is repaid first"
        spent += spend(sale, person, 9_000, at=at + timedelta(hours=3))
        hear(order, "withdrawn", **{**paid, "at": at + timedelta(hours=4)})
        assert (in_wallet(sale, person), debt(person)) == (0, spent)
        assert spent == min(9_000 * (day + 1), FACE), "nobody spends more than they were ever given"
        books_agree(person.municipality)
    assert Application.objects.get(id=application).undone == 4


def test_what_comes_after_a_refund_buys_nothing_and_is_not_given_back_twice(db: None) -> None:
    sale = ordered_fair(issued_on="early")
    person = sale.town.person()
    order = ordered(sale, person, sale.won(person, 2).application)
    lapse(sale)
    late = {"paid_at": order.pay_before, "at": OVER + timedelta(days=2)}
    hear(order, "final", payment="m-1", **late)
    assert view(order).state == "to_refund", "paid in the very moment in which the slip ended"
    operations.record_refund(order=order.id, note=" 口座へ " + "振" * 400, by=sale.checker, at=late["at"])
    assert len(view(order).refund_note) == 300
    for kind, movement in (("early", "m-1"), ("withdrawn", "m-1"), ("final", "m-1")):
        assert hear(order, kind, payment=movement, **late).outcome == "taken"
    assert hear(order, "final", payment="m-2", **late).outcome == "paid_again", "another movement: the desk's to judge"
    assert (view(order).state, in_wallet(sale, person), received(sale)) == ("refunded", 0, 0)
    assert sale.town.topics(person).count("voucher.payment_refunded") == 1


# --- the list ------------------------------------------------------------------------------------------------------

WAIT = (0, "wait")
STEPS = st.tuples(st.integers(0, 6), st.sampled_from(["early", "final", "withdrawn", "late", "buy", "wait", "wait"]))


def test_whatever_buyers_and_shops_do_no_more_units_are_promised_than_there_are(db: None) -> None:
    sale = ordered_fair(units=4, waiting=LIST)
    listed = drawn(sale, 1, 2, 2, 1, 2, 1, 2)

    @storm
    @given(st.lists(STEPS, min_size=4, max_size=10), st.sampled_from(["early", "final"]))
    @example([(0, "withdrawn"), (1, "withdrawn"), WAIT, WAIT, (0, "final"), (1, "late"), WAIT, (0, "buy")], "final")
    def holds(steps: list[tuple[int, str]], issued_on: str) -> None:
        with transaction.atomic():
            at, by_whom = BUYING, dict[int, PaymentOrder]()
            for who, act in steps:
                at += timedelta(days=11 if act == "wait" else 0, hours=1)
                if act == "wait" and at >= OVER:
                    lapse(sale, at=at)
                person, row = listed[who]
                if act == "buy":
                    unless_refused(
                        lambda row=row, person=person, at=at: operations.purchase(
                            application=row.id, by=person, at=at
                        )
                    )
                elif act != "wait":
                    tell(sale, by_whom, who, person=person, row=row, act=act, at=at, issued_on=issued_on)
                never_more_than_the_stock(sale)
            books_agree(sale.town.municipality)
            for order in map(view, by_whom.values()):
                assert order.final_at is None or order.state in ("paid", "to_refund")
            transaction.set_rollback(True)

    holds()


def tell(
    sale: Fair, by_whom: dict[int, PaymentOrder], who: int, *, person: Actor, row: Application, act: str, at: object,
    issued_on: str,
) -> None:  # fmt: skip
    """The first notice needs an order; one whose money was paid in time, or a day after the deadline."""
    if who not in by_whom:
        try:
            with transaction.atomic():
                by_whom[who] = ordered(sale, person, row.id, at=at)  # type: ignore[arg-type]
        except Refusal:
            return
        PaymentOrder.objects.filter(id=by_whom[who].id).update(issued_on=issued_on)
    order = by_whom[who]
    paid_at = order.pay_before + (timedelta(days=1) if act == "late" else timedelta(minutes=-1))
    hear(order, "final" if act == "late" else act, paid_at=paid_at, at=at)  # type: ignore[arg-type]


def never_more_than_the_stock(sale: Fair) -> None:
    rows = Application.objects.filter(sale=sale.sale)
    promised = sum(row.units_won for row in rows if row.state == "won")
    bought = sum(row.units_bought for row in rows if row.state == "purchased")
    assert promised + bought <= 4, states(sale)
    assert free_units(Sale.objects.get(id=sale.sale)) == 4 - promised - bought


def test_what_a_shop_withdraws_after_the_deadline_still_goes_down_the_list(db: None) -> None:
    """All had paid early, so nobody was left who could pay; the sale must not end while a shop may still withdraw."""
    sale = ordered_fair(units=2, waiting=LIST, issued_on="early")
    (person, row), *_ = drawn(sale, 2, 2, 2)
    order = ordered(sale, person, row.id)
    hear(order, "early")
    assert lapse(sale, at=OVER) == 0
    assert orders.may_still_be_paid(sale.sale, municipality=sale.town.municipality, at=OVER)
    hear(order, "withdrawn", at=OVER + timedelta(days=1))
    assert states(sale) == [("lapsed", 2), ("lost", 0), ("lost", 0)]
    lapse(sale, at=OVER + timedelta(days=1))
    assert states(sale) == [("lapsed", 2), ("won", 2), ("lost", 0)]
    lapse(sale, at=OVER + timedelta(days=13))
    assert states(sale) == [("lapsed", 2), ("lapsed", 2), ("won", 2)]


def test_a_sale_whose_early_payments_became_final_ends(db: None) -> None:
    sale = ordered_fair(units=2, waiting=LIST, issued_on="early")
    (person, row), *_ = drawn(sale, 2, 2)
    order = ordered(sale, person, row.id)
    hear(order, "early")
    lapse(sale, at=OVER)
    assert Sale.objects.get(id=sale.sale).state == "drawn"
    hear(order, "final", at=OVER + timedelta(days=2))
    lapse(sale, at=OVER + timedelta(days=2))
    assert Sale.objects.get(id=sale.sale).state == "ended"
    assert not orders.may_still_be_paid(sale.sale, municipality=sale.town.municipality, at=OVER + timedelta(days=2))


def test_a_final_notice_that_never_comes_does_not_keep_a_sale_open_for_ever(db: None) -> None:
    sale = ordered_fair(units=2, waiting={**LIST, "last_day": moment(11, 20).date()}, issued_on="early")
    (person, row), *_ = drawn(sale, 2, 2)
    hear(ordered(sale, person, row.id), "early")
    lapse(sale, at=moment(11, 11))
    assert states(sale)[1] == ("lost", 0)
    assert Sale.objects.get(id=sale.sale).state == "ended", "nobody could pay within the days that are left"


# --- clerks --------------------------------------------------------------------------------------------------------


def test_every_yen_sold_is_counted_once_whenever_the_clerks_cash_up(db: None) -> None:
    counter = first_come()
    town = counter.town.municipality
    clerks = [counter.maker, counter.town.officer("operator", "commerce"), counter.town.officer("maker", "commerce")]
    step = st.tuples(st.integers(0, 2), st.integers(-2, 2))

    @storm
    @given(st.lists(step, min_size=1, max_size=9))
    def holds(steps: list[tuple[int, int]]) -> None:
        with transaction.atomic():
            due = {clerk.party: 0 for clerk in clerks}
            for who, what in steps:
                by = clerks[who]
                if what > 0:
                    due[by.party] += sell(counter, units=what, by=by).price_yen
                    continue
                counted = max(0, due[by.party] + what * 500)
                if not due[by.party]:
                    with refused("voucher_no_cash_taken"):
                        operations.cash_up(counted_yen=counted, reason="?", by=by, at=BUYING)
                    continue
                operations.cash_up(counted_yen=counted, reason="釣銭" if what else "", by=by, at=BUYING)
                assert CashUp.objects.latest("id").difference_yen == what * 500
                due[by.party] = 0
            for clerk, yen in due.items():
                assert clerk is not None
                assert orders.uncounted_yen(clerk, department="commerce", municipality=town) == yen
            sold = sum(each.sold_yen for each in orders.cash_ups("commerce", municipality=town))
            given_ = orders.receipts("", municipality=town)
            assert sold + sum(due.values()) == sum(each.price_yen for each in given_) == received(counter)
            assert sorted(each.name for each in given_) == [f"2025-{n:06}" for n in range(1, len(given_) + 1)]
            transaction.set_rollback(True)

    holds()
