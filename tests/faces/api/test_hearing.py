"""The address for payment notices: signed or not taken, answered the same each time, wrong ones kept for the desk."""

from __future__ import annotations

import json
from datetime import timedelta
from uuid import UUID

import pytest
from django.conf import LazySettings
from django.http import HttpResponse
from django.test import Client

from meguri.ledger.operations import set_clock_offset
from meguri.programmes.vouchers import orders
from meguri.programmes.vouchers.models import PaymentNotice, PaymentOrder
from meguri.programmes.vouchers.providers import NoticeKind, Told
from meguri.programmes.vouchers.providers.choosing import invented_provider
from meguri.programmes.vouchers.providers.signing import signed
from meguri.words.clock import now
from tests.programmes.vouchers.conftest import BUYING, Fair
from tests.programmes.vouchers.ordered import in_wallet, ordered, ordered_fair, told

SECRET = "whsec_invented"


@pytest.fixture
def sale(db: None, settings: LazySettings) -> Fair:
    found = ordered_fair(issued_on="early")
    settings.MUNICIPALITY = found.town.municipality
    set_clock_offset(municipality=found.town.municipality, offset=BUYING - now())
    return found


@pytest.fixture
def order(sale: Fair) -> PaymentOrder:
    person = sale.town.person()
    return ordered(sale, person, sale.won(person, 2).application)


def sent(body: bytes, headers: dict[str, str], *, provider: str = "test") -> HttpResponse:
    named = {f"HTTP_{name.upper().replace('-', '_')}": value for name, value in headers.items()}
    return Client(enforce_csrf_checks=True).post(  # type: ignore[return-value]
        f"/api/v1/payments/{provider}/notices", body, content_type="application/json", **named  # type: ignore[arg-type]
    )


def send(notice: Told) -> HttpResponse:
    return sent(*invented_provider().send(notice, at=now()))


def test_a_signed_notice_is_taken_once_and_answered_the_same(sale: Fair, order: PaymentOrder) -> None:
    notice = told(order, "final", number="n-1")
    answers = [send(notice) for _ in range(100)]
    assert {(answer.status_code, answer.content) for answer in answers} == {
        (200, b'{"notice": "n-1", "outcome": "taken"}')
    }
    assert PaymentNotice.objects.count() == 1
    assert orders.order(order.id, municipality=order.municipality).state == "paid"


@pytest.mark.parametrize(
    ("change", "status", "code"),
    [
        ({"amount_yen": 1}, 422, "payment_wrong_amount"), ({"currency": "USD"}, 422, "payment_wrong_amount"),
        ({"reference": "99999999999"}, 404, "payment_order_unknown"),
    ],
)  # fmt: skip
def test_a_wrong_notice_says_why_and_stays_on_the_desk(
    sale: Fair, order: PaymentOrder, change: dict[str, object], status: int, code: str
) -> None:
    notice = told(order, "final", number="n-2", **change)
    first, again = send(notice), send(notice)
    assert (first.status_code, first["Content-Type"]) == (status, "application/problem+json")
    assert json.loads(first.content)["code"] == code
    assert first.content == again.content
    assert len(orders.notices_to_look_into("commerce", municipality=order.municipality)) == 1


def test_unsigned_wrongly_signed_and_old_notices_are_not_taken(sale: Fair, order: PaymentOrder) -> None:
    body, headers = invented_provider().send(told(order, "final"), at=now())
    old = invented_provider().send(told(order, "final"), at=now() - timedelta(minutes=6))[1]
    assert [sent(body, each).status_code for each in ({}, {"Meguri-Signature": "t=1,v1=00"}, old)] == [401, 401, 401]
    assert sent(body + b" ", headers).status_code == 401
    assert json.loads(sent(body, {}).content)["code"] == "payment_signature_wrong"
    assert not PaymentNotice.objects.exists()


def test_other_providers_and_other_ways_of_asking_are_refused(sale: Fair, order: PaymentOrder) -> None:
    body, headers = invented_provider().send(told(order, "final"), at=now())
    for provider in ("slip", "card", "nobody"):
        answer = sent(body, headers, provider=provider)
        assert (answer.status_code, json.loads(answer.content)["code"]) == (404, "payment_provider_unknown")
    assert Client().get("/api/v1/payments/test/notices").status_code == 405
    assert sent(b"x" * 200_000, headers).status_code == 413
    broken = b'{"id": 1}'
    answer = sent(broken, {"Meguri-Signature": signed(broken, secret=invented_provider()._secret, at=now())})
    assert (answer.status_code, json.loads(answer.content)["code"]) == (422, "payment_notice_unreadable")


def test_a_real_town_hears_no_test_provider(sale: Fair, order: PaymentOrder) -> None:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE ledger.municipality SET kind = 'real', clock_offset = '0' WHERE id = %s", [order.municipality]
        )
    assert send(told(order, "final")).status_code == 404


def test_a_card_paid_through_stripe(sale: Fair, settings: LazySettings) -> None:
    settings.CARD_KEY, settings.CARD_SECRET = "sk_test_invented", SECRET
    person = sale.town.person()
    order = ordered(sale, person, sale.won(person, 2).application, way="card")
    assert order.provider == "card"
    for number, about in (("evt_1", _session(order.id)), ("evt_2", _intent(order.id)), ("evt_1", _session(order.id))):
        kind = "payment_intent.succeeded" if "metadata" in about else "checkout.session.completed"
        event = {"id": number, "created": int(now().timestamp()), "type": kind, "data": {"object": about}}
        if number == "evt_1":
            event["created"] = 1_760_240_000
        body = json.dumps(event).encode()
        answer = sent(body, {"Stripe-Signature": signed(body, secret=SECRET, at=now())}, provider="card")
        assert (answer.status_code, json.loads(answer.content)["outcome"]) == (200, "taken")
    assert (in_wallet(sale, person), PaymentNotice.objects.count()) == (26_000, 2)
    body = json.dumps({"id": "evt_3", "type": "charge.refunded", "data": {"object": {}}, "created": 1}).encode()
    answer = sent(body, {"Stripe-Signature": signed(body, secret=SECRET, at=now())}, provider="card")
    assert json.loads(answer.content) == {"outcome": "ignored"}


def _session(order: UUID) -> dict[str, object]:
    return {"client_reference_id": str(order), "amount_total": 20_000, "currency": "jpy", "payment_status": "paid",
            "payment_intent": "pi_1"}  # fmt: skip


def _intent(order: UUID) -> dict[str, object]:
    return {"id": "pi_1", "metadata": {"order": str(order)}, "amount_received": 20_000, "currency": "jpy"}


def test_a_slip_knows_three_kinds_and_a_card_two_more() -> None:
    assert [str(kind) for kind in NoticeKind] == ["early", "final", "withdrawn", "returned", "disputed"]
