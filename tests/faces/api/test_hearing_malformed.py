"""What a broken provider sends over the wire, truly signed: told what is wrong, nothing recorded, never an accident."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from django.conf import LazySettings
from django.db import connection

from meguri.ledger.operations import set_clock_offset
from meguri.programmes.vouchers.models import PaymentNotice, PaymentOrder
from meguri.programmes.vouchers.providers.choosing import invented_provider
from meguri.programmes.vouchers.providers.signing import signed
from meguri.programmes.vouchers.providers.slip import slip_notice
from meguri.words.clock import now
from tests.faces.api.test_hearing import sent
from tests.programmes.vouchers.conftest import BUYING, Fair
from tests.programmes.vouchers.ordered import ordered, ordered_fair, told

SECRET = "whsec_invented"


@pytest.fixture
def order(db: None, settings: LazySettings) -> PaymentOrder:
    sale: Fair = ordered_fair(issued_on="early")
    settings.MUNICIPALITY, settings.SLIP_SECRET = sale.town.municipality, SECRET
    settings.CARD_KEY, settings.CARD_SECRET = "sk_invented", SECRET
    set_clock_offset(municipality=sale.town.municipality, offset=BUYING - now())
    person = sale.town.person()
    return ordered(sale, person, sale.won(person, 2).application)


def code(body: bytes, *, provider: str = "slip", header: str = "Meguri-Signature") -> tuple[int, str]:
    answer = sent(body, {header: signed(body, secret=SECRET, at=now())}, provider=provider)
    return answer.status_code, json.loads(answer.content).get("code", "")


@pytest.mark.parametrize("change", [
    {"id": "n\n1"}, {"slip": "1\x7f"}, {"currency": "ßßß"}, {"amount": 10**30},
    {"paid_at": "0001-01-01T00:00:00+09:00"},
], ids=str)  # fmt: skip
def test_what_the_tables_could_not_keep_is_said_to_be_unreadable(order: PaymentOrder, change: dict[str, str]) -> None:
    said = json.loads(slip_notice(told(order, "final"))) | change
    assert code(json.dumps(said).encode()) == (422, "payment_notice_unreadable")
    assert not PaymentNotice.objects.exists()


def test_a_cards_event_that_the_tables_could_not_keep_is_said_to_be_unreadable(order: PaymentOrder) -> None:
    session = {"client_reference_id": "a", "amount_total": 1, "currency": "jpy", "payment_status": "paid",
               "payment_intent": "pi"}  # fmt: skip
    for field, value in (("amount_total", 10**30), ("currency", None), ("payment_intent", "\t"), ("amount_total", 1.5)):
        event = {"id": "e", "created": 1, "type": "checkout.session.completed",
                 "data": {"object": session | {field: value}}}  # fmt: skip
        answer = code(json.dumps(event).encode(), provider="card", header="Stripe-Signature")
        assert answer == (422, "payment_notice_unreadable"), field
    assert not PaymentNotice.objects.exists()


def test_while_the_key_is_changed_a_notice_of_both_keys_is_taken_and_one_of_the_old_is_not(order: PaymentOrder) -> None:
    body = slip_notice(told(order, "early", number="n-1"))
    old = signed(body, secret="whsec_of_last_year", at=now())
    new = signed(body, secret=SECRET, at=now()).partition(",")[2]
    assert order.provider == "slip"
    assert sent(body, {"Meguri-Signature": old}, provider="slip").status_code == 401
    assert sent(body, {"Meguri-Signature": f"{old},{new}"}, provider="slip").status_code == 200
    assert sent(body, {"Stripe-Signature": f"{old},{new}"}, provider="slip").status_code == 401


def test_a_signature_of_the_year_33658_is_refused_like_any_old_one(order: PaymentOrder) -> None:
    import hashlib
    import hmac

    body, seconds = slip_notice(told(order, "final")), "999999999999"
    mac = hmac.new(SECRET.encode(), f"{seconds}.".encode() + body, hashlib.sha256).hexdigest()
    answer = sent(body, {"Meguri-Signature": f"t={seconds},v1={mac}"}, provider="slip")
    assert (answer.status_code, json.loads(answer.content)["code"]) == (401, "payment_signature_old")


def test_the_signed_time_is_the_true_one_and_not_the_towns_moved_clock(order: PaymentOrder) -> None:
    """A rehearsed town lives in October 2025; a provider signs with its own clock, and cannot know that."""
    body = slip_notice(told(order, "final"))
    for at, status in ((BUYING, 401), (now(), 200)):
        header = {"Meguri-Signature": signed(body, secret=SECRET, at=at)}
        assert sent(body, header, provider="slip").status_code == status


def test_a_shops_notice_does_not_reach_the_order_of_another_provider(order: PaymentOrder) -> None:
    """Whoever holds the invented shop's key, or the card's, pays for no slip of the agency's."""
    body, headers = invented_provider().send(told(order, "final"), at=now())
    answer = sent(body, headers, provider="test")
    assert (answer.status_code, json.loads(answer.content)["code"]) == (404, "payment_order_unknown")
    order.refresh_from_db()
    assert order.state == "open"
    assert list(PaymentNotice.objects.values_list("provider", "outcome")) == [("test", "unknown_order")]


def test_the_same_number_of_two_providers_is_two_notices(order: PaymentOrder) -> None:
    notice = told(order, "final", number="n-1")
    body, headers = invented_provider().send(notice, at=now() - timedelta(minutes=1))
    assert sent(body, headers, provider="test").status_code == 404
    assert code(slip_notice(notice)) == (200, "")
    assert PaymentNotice.objects.count() == 2
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM vouchers_application WHERE state = 'purchased'")
        assert cursor.fetchone() == (1,)
