"""Choosing how to pay, slyly or carelessly: held units, pages kept, providers that are gone, desks of others."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID, uuid4

import httpx
import pytest
from django.conf import LazySettings

from meguri.programmes.vouchers import operations, orders
from meguri.programmes.vouchers.models import Application, CounterReceipt, PaymentOrder
from meguri.programmes.vouchers.offer import find_offer
from meguri.programmes.vouchers.operations.receipts import write_receipt
from meguri.programmes.vouchers.paying import TRAVELS_FOR
from meguri.words.actor import Actor
from tests.programmes.vouchers.conftest import BUYING, OVER, Fair, fair
from tests.programmes.vouchers.lived_town import moment, refused
from tests.programmes.vouchers.ordered import hear, in_wallet, ordered, ordered_fair, payment, view
from tests.programmes.vouchers.test_cash import first_come, sell
from tests.programmes.vouchers.test_life import FIRST_COME

BACK = "https://town.example/wallet/get/payments/1"


@pytest.fixture
def sale(db: None) -> Fair:
    return ordered_fair(issued_on="final")


def winner(sale: Fair) -> tuple[Actor, UUID]:
    person = sale.town.person()
    return person, sale.won(person, 2).application


def lined_up(*, slip_days: int) -> tuple[Fair, Actor, Application, Actor]:
    """A line for two units: the first has them kept, the second waits."""
    round_ = {**FIRST_COME["obtaining__rounds__0"], "units": 2}
    sale = fair(obtaining__rounds__0=round_, obtaining__payment=payment(slip_days=slip_days)).open()
    first, second = sale.town.person(), sale.town.person()
    wishes = [operations.Wish(person, 2) for person in (first, second)]
    operations.line_up(wishes, sale=sale.sale, municipality=first.municipality, at=BUYING)
    operations.allot(sale=sale.sale, by=sale.checker, at=BUYING)
    return sale, first, Application.objects.get(sale=sale.sale, state="won"), second


# --- held units ----------------------------------------------------------------------------------------------------


def test_changing_to_and_fro_does_not_keep_a_lines_units_from_the_next_for_ever(db: None) -> None:
    sale, first, kept, _ = lined_up(slip_days=2)
    slip = ordered(sale, first, kept.id)
    end = moment(10, 12, 15)
    assert slip.pay_before == end
    for day in (1, 2):
        at = BUYING + timedelta(days=day)
        card = ordered(sale, first, kept.id, way="card", at=at)
        again = ordered(sale, first, kept.id, way="slip", at=at + timedelta(hours=1))
        assert (card.pay_before, again.pay_before) == (end, end)
    kept.refresh_from_db()
    assert kept.pay_before == end
    with refused("voucher_reservation_over"):
        ordered(sale, first, kept.id, way="card", at=end)
    assert operations.allot(sale=sale.sale, by=sale.checker, at=end + TRAVELS_FOR) == 1


def test_a_card_does_not_prolong_what_a_line_keeps_and_a_late_first_slip_does_once(db: None) -> None:
    sale, first, kept, _ = lined_up(slip_days=1)
    own = kept.pay_before
    assert own is not None
    assert ordered(sale, first, kept.id, way="card").pay_before == own
    assert ordered(sale, first, kept.id, at=own - timedelta(seconds=1)).pay_before == moment(10, 11, 15)


def test_a_notice_may_travel_two_hours_and_not_a_second_more(db: None) -> None:
    sale, first, kept, second = lined_up(slip_days=1)
    end = ordered(sale, first, kept.id).pay_before
    for at, moved in ((end, 0), (end + TRAVELS_FOR - timedelta(seconds=1), 0), (end + TRAVELS_FOR, 1)):
        assert operations.allot(sale=sale.sale, by=sale.checker, at=at) == moved
    assert Application.objects.get(sale=sale.sale, state="won").resident == second.party


def test_an_order_that_ran_out_is_followed_by_a_new_number_and_never_both_wait(sale: Fair) -> None:
    person, application = winner(sale)
    old = ordered(sale, person, application)
    new = ordered(sale, person, application, at=old.pay_before)
    assert (new.reference == old.reference, view(old).state, view(new).state) == (False, "replaced", "open")
    assert [each.id for each in orders.orders_of(application, municipality=person.municipality)] == [new.id, old.id]
    hear(old, "final", paid_at=old.pay_before - timedelta(seconds=1), at=old.pay_before + timedelta(hours=1))
    assert (view(old).state, view(new).state) == ("paid", "replaced"), "paid in time at a till with the first number"


# --- pages ---------------------------------------------------------------------------------------------------------


def test_a_page_is_asked_for_once_kept_while_it_is_good_and_never_after_the_deadline(
    sale: Fair, settings: LazySettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.CARD_KEY, settings.CARD_SECRET, settings.CARD_ADDRESS = "sk_invented", "whsec", "http://127.0.0.1:9"
    person, application = winner(sale)
    order, keys = ordered(sale, person, application, way="card"), list[str]()

    def prepare(at: datetime, by: Actor = person) -> str:
        return operations.prepare_payment(order=order.id, back_to=BACK, by=by, at=at)

    with refused("payment_provider_unreachable"):
        prepare(BUYING)
    assert PaymentOrder.objects.get(id=order.id).page_until is None, "what failed is asked for again"

    def answer(url: str, **said: dict[str, str]) -> httpx.Response:
        keys.append(said["headers"]["Idempotency-Key"])
        found = {"url": f"https://pay.example/{len(keys)}"}
        return httpx.Response(200, json=found, request=httpx.Request("POST", url))

    monkeypatch.setattr(httpx, "post", answer)
    assert [prepare(BUYING + timedelta(hours=hour)) for hour in (0, 1, 22)] == ["https://pay.example/1"] * 3
    assert prepare(BUYING + timedelta(hours=23)) == "https://pay.example/2"
    assert len(set(keys)) == 2, "a page that ran out is another request, not a repetition of the first"
    with refused("not_allowed"):
        prepare(BUYING, by=sale.town.person())
    with refused("payment_nothing_due"):
        prepare(order.pay_before)
    hear(order, "final")
    with refused("payment_nothing_due") as caught:
        prepare(BUYING)
    assert "支払い済み" in caught.value.sentence("ja")


@pytest.mark.parametrize("answer", [b"", b"{", b"[]", b'"url"', b'{"page": "x"}', b"\xff"])
def test_a_providers_answer_that_means_nothing_is_no_page(
    sale: Fair, settings: LazySettings, monkeypatch: pytest.MonkeyPatch, answer: bytes
) -> None:
    settings.CARD_KEY, settings.CARD_SECRET = "sk_invented", "whsec"
    person, application = winner(sale)
    order = ordered(sale, person, application, way="card")
    answered = httpx.Response(200, content=answer, request=httpx.Request("POST", "http://127.0.0.1:9"))
    monkeypatch.setattr(httpx, "post", lambda *_, **__: answered)
    with refused("payment_provider_unreachable"):
        operations.prepare_payment(order=order.id, back_to=BACK, by=person, at=BUYING)


def test_a_provider_that_the_operator_has_left_closes_no_desk(sale: Fair, settings: LazySettings) -> None:
    """Its contract has ended; what it took before still waits for its final notice, and must be seen."""
    settings.SLIP_SECRET = "whsec_slip"
    person, application = winner(sale)
    order = ordered(sale, person, application)
    assert order.provider == "slip"
    hear(order, "early")
    settings.SLIP_SECRET = ""
    assert view(order).final_by == moment(10, 14, 15), "five days after 10 October, as before"
    (waiting,) = orders.orders_to_mend("commerce", municipality=person.municipality, at=moment(10, 20))
    assert waiting.id == order.id
    with refused("payment_provider_unknown"):
        operations.hear(b"{}", provider="slip", headers={}, by=sale.town.system, at=BUYING, now=BUYING)


# --- desks ---------------------------------------------------------------------------------------------------------


def test_another_department_does_not_close_a_notice_or_a_refund_that_is_not_its_own(sale: Fair) -> None:
    person, application = winner(sale)
    order = ordered(sale, person, application)
    hear(order, "final", amount_yen=1)
    hear(order, "final", reference="00000000000")
    ours, nobodys = orders.notices_to_look_into("commerce", municipality=person.municipality)
    welfare = sale.town.officer("checker", "welfare")
    with refused("not_allowed"):
        operations.look_into(notice=ours.id, note="調べた", by=welfare, at=OVER)
    with refused("not_allowed"):
        operations.record_refund(order=order.id, note="返した", by=welfare, at=OVER)
    operations.look_into(notice=nobodys.id, note=" うちのものではない ", by=welfare, at=OVER)
    operations.look_into(notice=ours.id, note="代行会社が訂正", by=sale.checker, at=OVER)
    assert orders.notices_to_look_into("commerce", municipality=person.municipality) == ()
    for by in (sale.checker, welfare):
        with refused("payment_order_unknown"):
            operations.look_into(notice=uuid4(), note="?", by=by, at=OVER)


def test_a_notice_that_was_taken_leaves_nothing_to_look_into(sale: Fair) -> None:
    from meguri.programmes.vouchers.models import PaymentNotice

    person, application = winner(sale)
    hear(ordered(sale, person, application), "final")
    with refused("payment_notice_looked_into"):
        operations.look_into(notice=PaymentNotice.objects.get().id, note="?", by=sale.checker, at=OVER)
    assert in_wallet(sale, person) == 26_000


# --- receipts ------------------------------------------------------------------------------------------------------


def test_receipts_begin_anew_in_the_first_minute_of_the_fiscal_year_of_japan(db: None) -> None:
    counter = first_come()
    made = sell(counter)
    row, offer = Application.objects.get(id=made.application), find_offer(
        counter.made.programme, municipality=counter.town.municipality
    )  # fmt: skip
    midnight = moment(3, 31, 15, year=2026)
    for at in (midnight - timedelta(microseconds=1), midnight, midnight + timedelta(days=364)):
        write_receipt(row, replace(made, posting=uuid4()), offer=offer, by=counter.maker, at=at)
    names = [each.name for each in orders.receipts("", municipality=counter.town.municipality)]
    assert names == ["2026-000002", "2026-000001", "2025-000002", "2025-000001"]


def test_a_sale_that_is_repeated_or_refused_writes_no_second_receipt(db: None) -> None:
    counter = first_come()
    buyer = counter.town.person().party
    assert buyer is not None
    for _ in range(3):
        operations.buy_at_once(sale=counter.sale, units=1, by=counter.maker, at=BUYING, resident=buyer)
    with refused("voucher_too_many_units"):
        sell(counter, units=99)
    assert CounterReceipt.objects.count() == 1
    other = counter.town.officer("operator", "commerce")
    with refused("voucher_no_cash_taken"):
        operations.cash_up(counted_yen=0, reason="", by=other, at=BUYING)
    operations.cash_up(counted_yen=0, reason="x" * 400, by=counter.maker, at=BUYING)
    (up,) = orders.cash_ups("commerce", municipality=counter.town.municipality)
    assert (up.counted_yen, up.difference_yen, len(up.reason)) == (0, -10_000, 300)
