"""Notices of payments: in any order, any number of times, late, wrong, for nobody. No yen is made or lost."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from meguri.ledger.audit.reserve import prove_reserve
from meguri.programmes.vouchers import operations, orders, queries
from meguri.programmes.vouchers.checks import (
    buyers_paid_the_price,
    money_is_not_kept_waiting,
    payments_bought_what_they_paid_for,
    sold_units_left_the_stock,
)
from meguri.programmes.vouchers.models import Application, PaymentNotice, PaymentOrder
from meguri.programmes.vouchers.operations.applications import office
from meguri.words.actor import Actor
from tests.programmes.vouchers.conftest import BUYING, OVER, Fair, fair
from tests.programmes.vouchers.lived_town import at_once, moment, refused
from tests.programmes.vouchers.ordered import (
    debt,
    hear,
    in_wallet,
    ordered,
    ordered_fair,
    payment,
    received,
    spend,
    told,
    view,
)
from tests.programmes.vouchers.test_life import FIRST_COME

FACE, PRICE = 26_000, 20_000


@pytest.fixture
def sale(db: None) -> Fair:
    return ordered_fair(issued_on="early")


@pytest.fixture
def strict(db: None) -> Fair:
    """Vouchers come with the final notice."""
    return ordered_fair(issued_on="final")


def won(sale: Fair) -> tuple[Actor, PaymentOrder]:
    person = sale.town.person()
    return person, ordered(sale, person, sale.won(person, 2).application)


# --- the ways it goes ----------------------------------------------------------------------------------------------


def test_early_loads_the_wallet_and_final_changes_nothing_more(sale: Fair) -> None:
    person, order = won(sale)
    assert (order.amount_yen, order.state, len(order.reference)) == (PRICE, "open", 11)
    assert hear(order, "early").refusal is None
    assert sale.town.held(person) == {"paid": PRICE, "premium": 6_000}
    seen = view(order)
    assert (seen.state, seen.served) == ("early", True)
    assert seen.final_by is not None
    assert seen.final_by > BUYING
    hear(order, "final", at=BUYING + timedelta(days=3))
    assert (view(order).state, in_wallet(sale, person), received(sale)) == ("paid", FACE, PRICE)
    mine = queries.application(order.application_id, municipality=person.municipality)
    assert mine
    assert (mine.state, mine.paid_by, mine.units_bought) == ("purchased", "slip", 2)
    assert sale.town.topics(person)[-1] == "voucher.bought"


def test_where_the_terms_say_final_the_early_notice_only_holds_the_right(strict: Fair) -> None:
    person, order = won(strict)
    hear(order, "early")
    assert (view(order).state, in_wallet(strict, person)) == ("early", 0)
    assert strict.town.topics(person)[-1] == "voucher.payment_early"
    assert operations.lapse_unpaid(sale=strict.sale, by=strict.checker, at=OVER) == 0, "paid in time: it does not lapse"
    assert queries.sale_page(strict.sale, municipality=person.municipality).state == "drawn"
    hear(order, "final", at=OVER + timedelta(days=2))
    assert (view(order).state, in_wallet(strict, person)) == ("paid", FACE)
    operations.lapse_unpaid(sale=strict.sale, by=strict.checker, at=OVER + timedelta(days=3))
    assert queries.sale_page(strict.sale, municipality=person.municipality).state == "ended"


def test_withdrawn_after_the_early_notice_everything_is_as_before(sale: Fair) -> None:
    person, order = won(sale)
    left = queries.sale_page(sale.sale, municipality=person.municipality).units_left
    hear(order, "early")
    hear(order, "withdrawn")
    assert (view(order).state, in_wallet(sale, person), received(sale), debt(person)) == ("withdrawn", 0, 0, 0)
    assert queries.sale_page(sale.sale, municipality=person.municipality).units_left == left
    mine = queries.application(order.application_id, municipality=person.municipality)
    assert mine
    assert (mine.state, mine.to_pay_yen) == ("won", PRICE)
    assert sale.town.fund(sale.made, "premium").budget.left_yen == 6_000_000
    assert sale.town.topics(person)[-1] == "voucher.payment_withdrawn"
    again = ordered(sale, person, order.application_id)
    assert again.id != order.id
    hear(again, "early")
    hear(again, "final")
    assert (view(again).state, in_wallet(sale, person)) == ("paid", FACE)
    assert sold_units_left_the_stock(person.municipality) == buyers_paid_the_price(person.municipality) == []


def test_what_was_spent_before_the_withdrawal_is_owed_and_repaid_by_paying_after_all(sale: Fair) -> None:
    person, order = won(sale)
    owed_in_other_towns = owed()
    hear(order, "early")
    spend(sale, person, 9_000, at=BUYING + timedelta(hours=3))
    hear(order, "withdrawn", at=BUYING + timedelta(hours=4))
    assert (in_wallet(sale, person), debt(person)) == (0, 9_000)
    assert owed() != owed_in_other_towns, "the auditor says what nobody has"
    hear(order, "final", at=BUYING + timedelta(days=1))
    assert (view(order).state, in_wallet(sale, person), debt(person)) == ("paid", FACE - 9_000, 0)
    assert received(sale) == PRICE
    assert sale.town.fund(sale.made, "premium").budget.left_yen == 6_000_000 - 6_000
    assert owed() == owed_in_other_towns


def owed() -> list[str]:
    """What the auditor says of withdrawn payments, over all the towns of the books."""
    return [line for line in prove_reserve(Asking()).said if "withdrawn" in line]  # type: ignore[arg-type]


class Asking:
    """Django's own connection, asked as the auditor asks one of the driver."""

    def execute(self, query: str) -> CursorWrapper:
        cursor = connection.cursor()
        cursor.execute(query)
        return cursor


# --- any order, any number -----------------------------------------------------------------------------------------

KINDS = st.sampled_from(["early", "final", "withdrawn", "spend"])


@pytest.mark.parametrize("issued_on", ["early", "final"])
def test_any_order_and_multiplicity_ends_in_the_same_state(db: None, issued_on: str) -> None:
    fair = ordered_fair(issued_on=issued_on)

    @settings(deadline=None, suppress_health_check=list(HealthCheck))
    @given(st.lists(st.tuples(KINDS, st.integers(0, 1)), min_size=1, max_size=9))
    def holds(steps: list[tuple[str, int]]) -> None:
        with transaction.atomic():
            live_through(fair, steps, issued_on=issued_on)
            transaction.set_rollback(True)

    holds()


def live_through(sale: Fair, steps: list[tuple[str, int]], *, issued_on: str) -> None:
    """Each step is a notice (of one of two numbers, so that many are repeated) or a payment at a shop."""
    person, order = won(sale)
    spent = 0
    for place, (kind, number) in enumerate(steps, 3):
        at = BUYING + timedelta(hours=place)
        if kind == "spend":
            spent += spend(sale, person, 7_000, at=at)
        else:
            answer = hear(order, kind, number=f"{kind}-{number}-{order.id}", at=at)
            assert answer.outcome == "taken"
    kinds = {kind for kind, _ in steps}
    served = "final" in kinds or ("early" in kinds and "withdrawn" not in kinds and issued_on == "early")
    expected = (
        "paid" if "final" in kinds else "withdrawn" if "withdrawn" in kinds else "early" if "early" in kinds else "open"
    )
    assert view(order).state == expected
    assert view(order).served == served
    assert in_wallet(sale, person) + spent - debt(person) == (FACE if served else 0)
    assert received(sale) - _owed_to_buyers_fund(sale, person) == (PRICE if served else 0)
    assert sold_units_left_the_stock(person.municipality) == buyers_paid_the_price(person.municipality) == []


def _owed_to_buyers_fund(sale: Fair, person: Actor) -> int:
    from meguri.ledger import queries as books

    fund = sale.town.fund(sale.made, "buyers").id
    assert person.party is not None
    found = books.debts([person.party], municipality=person.municipality)
    return sum(each.yen for each in found if each.fund == fund)


def test_a_hundred_repetitions_get_the_same_answer_and_do_nothing_more(sale: Fair) -> None:
    person, order = won(sale)
    first = hear(order, "final", number="n-1")
    for _ in range(100):
        assert hear(order, "final", number="n-1", at=BUYING + timedelta(days=1)) == first
    assert (in_wallet(sale, person), PaymentNotice.objects.count()) == (FACE, 1)


@pytest.mark.django_db(transaction=True)
def test_a_hundred_duplicates_at_once_issue_once(transactional_db: None) -> None:
    sale = ordered_fair(issued_on="final")
    person, order = won(sale)
    notice = told(order, "final")
    by = office(person.municipality)

    def send() -> list[str]:
        at = BUYING + timedelta(hours=2)
        return [operations.take_notice(notice, provider=order.provider, by=by, at=at).outcome for _ in range(5)]

    answers = at_once(*[send] * 20)
    assert answers == [["taken"] * 5] * 20
    assert (in_wallet(sale, person), received(sale), PaymentNotice.objects.count()) == (FACE, PRICE, 1)


# --- what is wrong with a notice -----------------------------------------------------------------------------------


def test_another_amount_or_currency_is_kept_for_the_desk_and_not_taken(sale: Fair) -> None:
    person, order = won(sale)
    for number, other in (("a", {"amount_yen": 19_999}), ("b", {"currency": "USD"}), ("c", {"amount_yen": 40_000})):
        answer = hear(order, "final", number=number, **other)
        assert answer.refusal is not None
        assert answer.refusal.code == "payment_wrong_amount"
        again = hear(order, "final", number=number, **other).refusal
        assert again is not None
        assert again.sentence("ja") == answer.refusal.sentence("ja"), "again: the same answer"
    assert (view(order).state, in_wallet(sale, person)) == ("open", 0)
    waiting = orders.notices_to_look_into("commerce", municipality=person.municipality)
    assert [(each.amount, each.currency, each.due_yen) for each in waiting] == [
        (19_999, "JPY", PRICE), (PRICE, "USD", PRICE), (40_000, "JPY", PRICE),
    ]  # fmt: skip
    assert orders.notices_to_look_into("welfare", municipality=person.municipality) == ()
    with refused("payment_note_missing"):
        operations.look_into(notice=waiting[0].id, note=" ", by=sale.checker, at=OVER)
    with refused("not_allowed"):
        operations.look_into(notice=waiting[0].id, note="返した", by=sale.maker, at=OVER)
    operations.look_into(notice=waiting[0].id, note="代行会社が訂正", by=sale.checker, at=OVER)
    with refused("payment_notice_looked_into"):
        operations.look_into(notice=waiting[0].id, note="もう一度", by=sale.checker, at=OVER)
    assert len(orders.notices_to_look_into("commerce", municipality=person.municipality)) == 2


def test_an_unknown_order_is_kept_for_every_voucher_desk(sale: Fair) -> None:
    _, order = won(sale)
    answer = hear(order, "final", reference="00000000000")
    assert answer.refusal is not None
    assert (answer.outcome, answer.refusal.code) == ("unknown_order", "payment_order_unknown")
    (waiting,) = orders.notices_to_look_into("commerce", municipality=order.municipality)
    assert (waiting.order, waiting.due_yen, waiting.amount) == (None, None, PRICE)


def test_a_notice_number_never_says_two_things(sale: Fair) -> None:
    person, order = won(sale)
    hear(order, "early", number="n-1")
    with refused("payment_notice_reused"):
        hear(order, "withdrawn", number="n-1")
    assert in_wallet(sale, person) == FACE


def test_a_second_movement_of_money_for_one_order_waits_to_go_back(sale: Fair) -> None:
    person, order = won(sale)
    hear(order, "final", payment="pi_1")
    assert hear(order, "final", payment="pi_1").outcome == "taken", "told twice, paid once"
    again = hear(order, "final", payment="pi_2")
    assert again.refusal is not None
    assert (again.refusal.code, in_wallet(sale, person)) == ("payment_paid_again", FACE)
    assert len(orders.notices_to_look_into("commerce", municipality=person.municipality)) == 1


@pytest.mark.parametrize("kind", ["returned", "disputed"])
def test_money_that_went_back_rings_on_the_desk_and_moves_no_wallet(sale: Fair, kind: str) -> None:
    """A part of it, by the payment's name alone, told before or after: somebody judges, because it may be spent."""
    person, order = won(sale)
    early = hear(order, kind, number="b-1", reference="du_1", payment="pi_1", amount_yen=5_000)
    assert early.outcome == "unknown_order", "before the payment is known; it is on the desk all the same"
    hear(order, "final", payment="pi_1")
    told_again = {hear(order, kind, number="b-2", reference="du_1", payment="pi_1", amount_yen=5_000) for _ in range(3)}
    assert [(each.outcome, each.refusal) for each in told_again] == [(kind, None)]
    assert in_wallet(sale, person) == FACE
    assert orders.order(order.id, municipality=person.municipality).state == "paid"
    desk = orders.notices_to_look_into("commerce", municipality=person.municipality)
    assert [each.outcome for each in desk] == ["unknown_order", kind]


def test_only_the_town_itself_takes_notices(sale: Fair) -> None:
    person, order = won(sale)
    for by in (person, sale.maker, sale.checker, sale.town.officer("operator", "planning")):
        with refused("not_allowed"):
            operations.take_notice(told(order, "final"), provider="test", by=by, at=BUYING)
    assert not PaymentNotice.objects.exists()


# --- late ----------------------------------------------------------------------------------------------------------


def lapsed(sale: Fair) -> tuple[Actor, PaymentOrder]:
    person, order = won(sale)
    assert operations.lapse_unpaid(sale=sale.sale, by=sale.checker, at=OVER + timedelta(hours=3)) == 1
    return person, order


def test_money_that_was_paid_too_late_goes_back(sale: Fair) -> None:
    person, order = lapsed(sale)
    late = {"paid_at": OVER + timedelta(days=1), "at": OVER + timedelta(days=2)}
    hear(order, "early", **late)
    assert (view(order).state, in_wallet(sale, person)) == ("early", 0)
    hear(order, "final", **late)
    seen = view(order)
    assert (seen.state, seen.served, in_wallet(sale, person), received(sale)) == ("to_refund", False, 0, 0)
    assert "期限" in seen.because.ja
    (waiting,) = orders.orders_to_mend("commerce", municipality=person.municipality, at=OVER + timedelta(days=2))
    assert (waiting.id, waiting.amount_yen) == (order.id, PRICE)
    assert sale.town.topics(person)[-1] == "voucher.payment_to_refund"
    with refused("not_allowed"):
        operations.record_refund(order=order.id, note="口座へ振込", by=sale.maker, at=OVER)
    with refused("payment_note_missing"):
        operations.record_refund(order=order.id, note="", by=sale.checker, at=OVER)
    operations.record_refund(order=order.id, note="11/5 口座へ振込", by=sale.checker, at=OVER + timedelta(days=4))
    with refused("payment_not_to_refund"):
        operations.record_refund(order=order.id, note="もう一度", by=sale.checker, at=OVER + timedelta(days=4))
    assert (view(order).state, sale.town.topics(person)[-1]) == ("refunded", "voucher.payment_refunded")
    hear(order, "final", **late)
    assert view(order).state == "refunded", "told again: nothing more goes back"
    assert orders.orders_to_mend("commerce", municipality=person.municipality, at=OVER + timedelta(days=9)) == ()
    assert money_is_not_kept_waiting(person.municipality, OVER + timedelta(days=90)) == []


def test_the_alarm_rings_for_money_that_waits(sale: Fair) -> None:
    person, order = lapsed(sale)
    late = {"paid_at": OVER + timedelta(days=1), "at": OVER + timedelta(days=2)}
    hear(order, "final", **late)
    hear(order, "final", reference="00000000000", **late)
    assert money_is_not_kept_waiting(person.municipality, OVER + timedelta(days=15)) == []
    assert len(money_is_not_kept_waiting(person.municipality, OVER + timedelta(days=16))) == 2


def test_a_payment_that_no_longer_fits_its_purchase_is_found(sale: Fair) -> None:
    person, order = won(sale)
    hear(order, "final")
    assert payments_bought_what_they_paid_for(person.municipality) == []
    PaymentOrder.objects.filter(id=order.id).update(amount_yen=10_000)
    assert len(payments_bought_what_they_paid_for(person.municipality)) == 1


def test_paid_in_time_and_told_late_is_served_while_units_are_left(sale: Fair) -> None:
    person, order = lapsed(sale)
    hear(order, "final", at=OVER + timedelta(days=2))
    assert (view(order).state, in_wallet(sale, person), received(sale)) == ("paid", FACE, PRICE)
    assert sold_units_left_the_stock(person.municipality) == buyers_paid_the_price(person.municipality) == []


@pytest.mark.parametrize("kinds", [("early", "final"), ("final", "early")])
def test_a_final_notice_of_a_later_moment_is_mended_by_the_early_one(sale: Fair, kinds: tuple[str, ...]) -> None:
    """The buyer was at the shop in time; the agency dates its final notice by its own closing of the day."""
    person, order = won(sale)
    for kind in kinds:
        paid_at = order.pay_before - timedelta(hours=1) if kind == "early" else OVER + timedelta(days=1)
        hear(order, kind, paid_at=paid_at, at=OVER + timedelta(days=2))
    assert (view(order).state, in_wallet(sale, person), received(sale)) == ("paid", FACE, PRICE)


def test_paid_in_time_and_told_when_nothing_is_left_goes_back(db: None) -> None:
    sale = ordered_fair(units=2, waiting={"days_to_pay": 10})
    first, second = sale.town.person(), sale.town.person()
    applied = {each.application: person for person in (first, second) for each in [sale.apply(person, 2)]}
    sale.draw()
    winner = Application.objects.get(sale=sale.sale, state="won")
    order = ordered(sale, applied[winner.id], winner.id)
    operations.lapse_unpaid(sale=sale.sale, by=sale.checker, at=OVER + timedelta(hours=3))
    moved = Application.objects.get(sale=sale.sale, state="won")
    operations.purchase(application=moved.id, by=applied[moved.id], at=OVER + timedelta(days=1))
    hear(order, "final", at=OVER + timedelta(days=2))
    assert view(order).state == "to_refund"
    assert "残り" in view(order).because.ja
    assert received(sale) == PRICE


def test_late_money_takes_nothing_from_who_moved_up(db: None) -> None:
    sale = ordered_fair(units=2, waiting={"days_to_pay": 10})
    applied = {each.application: person for person in (sale.town.person(), sale.town.person())
               for each in [sale.apply(person, 2)]}  # fmt: skip
    sale.draw()
    winner = Application.objects.get(sale=sale.sale, state="won")
    order = ordered(sale, applied[winner.id], winner.id)
    operations.lapse_unpaid(sale=sale.sale, by=sale.checker, at=OVER + timedelta(hours=3))
    hear(order, "final", at=OVER + timedelta(hours=4))
    assert view(order).state == "to_refund", "paid in time, told too late: the units are somebody else's by now"
    moved = Application.objects.get(sale=sale.sale, state="won")
    operations.purchase(application=moved.id, by=applied[moved.id], at=OVER + timedelta(days=1))
    assert in_wallet(sale, applied[moved.id]) == FACE


def test_terms_may_give_units_to_late_money(db: None) -> None:
    sale = ordered_fair(late="units_if_left")
    person, order = lapsed(sale)
    hear(order, "final", paid_at=OVER + timedelta(days=1), at=OVER + timedelta(days=2))
    assert (view(order).state, in_wallet(sale, person)) == ("paid", FACE)


def test_a_withdrawal_after_the_sale_has_ended_lapses_the_right_at_once(sale: Fair) -> None:
    person, order = won(sale)
    hear(order, "early")
    operations.lapse_unpaid(sale=sale.sale, by=sale.checker, at=OVER)
    hear(order, "withdrawn", at=OVER + timedelta(days=1))
    mine = queries.application(order.application_id, municipality=person.municipality)
    assert mine
    assert (view(order).state, mine.state, in_wallet(sale, person)) == ("withdrawn", "lapsed", 0)
    assert sold_units_left_the_stock(person.municipality) == []


def test_a_final_notice_that_does_not_come_is_seen_at_the_desk(strict: Fair) -> None:
    person, order = won(strict)
    hear(order, "early")
    seen = [orders.orders_to_mend("commerce", municipality=person.municipality, at=BUYING + timedelta(days=days))
            for days in (3, 6, 9)]  # fmt: skip
    assert [len(each) for each in seen] == [0, 0, 1]
    assert order.id == seen[2][0].id


@pytest.mark.django_db(transaction=True)
def test_notices_spending_and_the_deadline_at_once_lose_nothing(transactional_db: None) -> None:
    """Whoever comes first: in the end the buyer has what was paid for, or owes what was spent of it."""
    for _ in range(4):
        sale = ordered_fair(issued_on="early")
        person, order = won(sale)
        hear(order, "early")
        by, at = office(person.municipality), OVER + timedelta(hours=3)

        def tell(kind: str, order: PaymentOrder = order, by: Actor = by, at: datetime = at) -> object:
            return operations.take_notice(told(order, kind), provider=order.provider, by=by, at=at)

        answers = at_once(
            lambda: tell("withdrawn"), lambda: tell("final"), lambda: tell("withdrawn"), lambda: tell("final"),
            lambda sale=sale, person=person, at=at: spend(sale, person, 9_000, at=at),  # type: ignore[misc]
            lambda sale=sale, at=at: operations.lapse_unpaid(  # type: ignore[misc]
                sale=sale.sale, by=sale.checker, at=at
            ),
        )
        spent = sum(answer for answer in answers if isinstance(answer, int) and answer > 1)
        lost = [each for each in answers if isinstance(each, Exception) and getattr(each, "code", "") != "insufficient"]
        assert lost == []
        seen = view(order)
        assert seen.state in ("paid", "to_refund")
        assert in_wallet(sale, person) + spent - debt(person) == (FACE if seen.served else 0)
        assert sold_units_left_the_stock(person.municipality) == []
        assert payments_bought_what_they_paid_for(person.municipality) == []


# --- choosing ------------------------------------------------------------------------------------------------------


def test_the_same_way_is_the_same_order_and_another_way_replaces_it(sale: Fair) -> None:
    person, slip = won(sale)
    assert ordered(sale, person, slip.application_id).id == slip.id
    card = ordered(sale, person, slip.application_id, way="card")
    assert (view(slip).state, view(card).state, card.reference) == ("replaced", "open", str(card.id))
    hear(card, "final")
    hear(slip, "early")
    hear(slip, "final")
    assert (view(card).state, view(slip).state, in_wallet(sale, person)) == ("paid", "to_refund", FACE)
    assert "購入済み" in view(slip).because.ja


def test_the_old_slip_may_still_be_paid_and_then_the_new_order_is_replaced(sale: Fair) -> None:
    person, slip = won(sale)
    card = ordered(sale, person, slip.application_id, way="card")
    hear(slip, "early")
    hear(slip, "final")
    assert (view(slip).state, view(card).state, in_wallet(sale, person)) == ("paid", "replaced", FACE)


def test_at_the_counter_nobody_pays_twice(strict: Fair) -> None:
    person, order = won(strict)
    hear(order, "early")
    with refused("payment_under_way"):
        operations.sell_at_counter(application=order.application_id, by=strict.maker, at=BUYING + timedelta(hours=5))
    with refused("payment_under_way"):
        ordered(strict, person, order.application_id, way="card", at=BUYING + timedelta(hours=5))


def test_cash_at_the_counter_replaces_an_open_slip(sale: Fair) -> None:
    person, order = won(sale)
    operations.sell_at_counter(application=order.application_id, by=sale.maker, at=BUYING)
    assert (view(order).state, in_wallet(sale, person)) == ("replaced", FACE)


def test_who_may_not_pay_is_told_why(sale: Fair) -> None:
    winner, stranger = sale.town.person(), sale.town.person()
    applied = sale.won(winner, 2)
    for by in (stranger, sale.maker):
        with refused("not_allowed"):
            ordered(sale, by, applied.application)
    with refused("voucher_too_early"):
        ordered(sale, winner, applied.application, at=moment(9, 10))
    with refused("voucher_too_late"):
        ordered(sale, winner, applied.application, at=OVER)
    with refused("payment_way_not_offered"):
        ordered(sale, winner, applied.application, way="counter")
    operations.lapse_unpaid(sale=sale.sale, by=sale.checker, at=OVER)
    with refused("payment_nothing_due") as caught:
        ordered(sale, winner, applied.application, at=OVER)
    assert "失効" in caught.value.sentence("ja")


def test_terms_that_offer_the_counter_only_offer_nothing_else(db: None) -> None:
    sale = ordered_fair(ways=["counter"])
    person = sale.town.person()
    with refused("payment_way_not_offered") as caught:
        ordered(sale, person, sale.won(person, 1).application)
    assert "窓口" in caught.value.sentence("ja")


def test_a_slip_is_good_for_its_days_and_never_past_the_deadline(db: None) -> None:
    sale = ordered_fair(slip_days=3)
    person = sale.town.person()
    applied = sale.won(person, 2)
    assert ordered(sale, person, applied.application).pay_before == moment(10, 13, 15)
    assert ordered(sale, person, applied.application, way="card").pay_before == moment(10, 31, 15)
    late = ordered(sale, person, applied.application, at=moment(10, 30))
    assert late.pay_before == moment(10, 31, 15)


def test_closed_programmes_give_money_back(sale: Fair) -> None:
    from meguri.programmes.models import Programme

    person, order = won(sale)
    Programme.objects.filter(id=sale.made.programme).update(state="closed", closed_at=BUYING)
    hear(order, "final")
    assert (view(order).state, in_wallet(sale, person)) == ("to_refund", 0)




# --- a place in line -----------------------------------------------------------------------------------------------


def test_a_slip_prolongs_what_a_line_keeps_and_money_on_its_way_is_not_taken_back(db: None) -> None:
    round_ = {**FIRST_COME["obtaining__rounds__0"], "units": 2}
    sale = fair(obtaining__rounds__0=round_, obtaining__payment=payment(slip_days=2)).open()
    first, second = sale.town.person(), sale.town.person()
    wishes = [operations.Wish(person, 2) for person in (first, second)]
    operations.line_up(wishes, sale=sale.sale, municipality=first.municipality, at=BUYING)
    operations.allot(sale=sale.sale, by=sale.checker, at=BUYING)
    kept = Application.objects.get(sale=sale.sale, state="won")
    order = ordered(sale, first, kept.id)
    kept.refresh_from_db()
    assert kept.pay_before == order.pay_before == moment(10, 12, 15)
    hear(order, "early", paid_at=moment(10, 12, 14), at=moment(10, 12, 14))
    assert operations.allot(sale=sale.sale, by=sale.checker, at=moment(10, 13)) == 0, "the second goes on waiting"
    hear(order, "withdrawn", paid_at=moment(10, 12, 14), at=moment(10, 13))
    assert operations.allot(sale=sale.sale, by=sale.checker, at=moment(10, 13)) == 1
    operations.purchase(
        application=Application.objects.get(sale=sale.sale, state="won").id, by=second, at=moment(10, 13)
    )
    assert (in_wallet(sale, first), in_wallet(sale, second)) == (0, FACE)
    assert sold_units_left_the_stock(first.municipality) == []
    hear(order, "final", paid_at=moment(10, 12, 14), at=moment(10, 14))
    assert view(order).state == "to_refund"
