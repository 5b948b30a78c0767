"""Payment providers: signatures, what each notice is read as, and the one call that goes out (to our own server)."""

from __future__ import annotations

import hashlib
import hmac
import json
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs
from uuid import uuid4

import pytest
from django.conf import LazySettings
from hypothesis import given
from hypothesis import strategies as st

from meguri.programmes.parts import PaymentWay
from meguri.programmes.vouchers import paying
from meguri.programmes.vouchers.providers import (
    CardProvider,
    InventedProvider,
    NoticeKind,
    SlipProvider,
    Told,
    Wanted,
    named_provider,
    provider_for,
)
from meguri.programmes.vouchers.providers.card import EVENTS, PAID_INTENT, PAID_SESSION
from meguri.programmes.vouchers.providers.signing import require_signed, signed
from meguri.programmes.vouchers.providers.slip import read_slip_notice, slip_notice
from tests.programmes.vouchers.lived_town import refused

NOW = datetime(2025, 10, 12, 3, 0, tzinfo=UTC)
SECRET = "whsec_invented"
SESSION = {
    "id": "cs_test_1", "object": "checkout.session", "client_reference_id": "order-1", "amount_total": 20_000,
    "currency": "jpy", "payment_status": "paid", "payment_intent": "pi_1",
}  # fmt: skip
INTENT = {"id": "pi_1", "object": "payment_intent", "amount_received": 20_000, "currency": "jpy",
          "metadata": {"order": "order-1"}}  # fmt: skip

CHARGE = {"id": "ch_1", "object": "charge", "amount": 20_000, "amount_captured": 20_000, "amount_refunded": 5_000,
          "currency": "jpy", "payment_intent": "pi_1", "refunded": False, "disputed": False,
          "metadata": {"order": "order-1"}}  # fmt: skip
DISPUTE = {"id": "du_1", "object": "dispute", "amount": 20_000, "charge": "ch_1", "currency": "jpy",
           "is_charge_refundable": False, "metadata": {}, "payment_intent": "pi_1", "reason": "fraudulent",
           "status": "needs_response"}  # fmt: skip


def event(kind: str, about: dict[str, Any], **other: Any) -> bytes:
    """A webhook's body in the form that Stripe documents for an Event."""
    return json.dumps(
        {"id": "evt_1", "object": "event", "created": int(NOW.timestamp()), "type": kind, "data": {"object": about}}
        | other
    ).encode()


def card(address: str = "http://127.0.0.1:9") -> CardProvider:
    return CardProvider(address=address, key="sk_test_invented", secret=SECRET)


def read(body: bytes) -> Told | None:
    return card().read(body, headers={"Stripe-Signature": signed(body, secret=SECRET, at=NOW)}, at=NOW)


# --- signatures ----------------------------------------------------------------------------------------------------


def test_the_signature_is_the_documented_one() -> None:
    """The last line's value was made by Stripe's own library (16.1.0), of the same time, body and secret."""
    body, seconds = b'{"id": "evt_1"}', int(NOW.timestamp())
    by_hand = hmac.new(SECRET.encode(), f"{seconds}.".encode() + body, hashlib.sha256).hexdigest()
    assert signed(body, secret=SECRET, at=NOW) == f"t={seconds},v1={by_hand}"
    require_signed(body, header=f"t={seconds}, v1={'0' * 64}, v0=old, v1={by_hand}", secret=SECRET, at=NOW)
    made = "2fc1649e6e2b77ce8130fd48b3ec9ef9d292e6694c738ca0a88a647e0188e2b6"
    assert (seconds, by_hand) == (1_760_238_000, made)


@pytest.mark.parametrize("minutes", [-6, 6, 60 * 24 * 400])
def test_an_old_signature_is_refused_however_true(minutes: int) -> None:
    header = signed(b"{}", secret=SECRET, at=NOW)
    with refused("payment_signature_old"):
        require_signed(b"{}", header=header, secret=SECRET, at=NOW + timedelta(minutes=minutes))


@pytest.mark.parametrize(
    "header",
    ["", "t=", "v1=abc", "t=1,t=2,v1=x", "t=x,v1=y", "t=99999999999999,v1=", "t=1760238000", "t=１７,v1=é"],
)
def test_what_is_no_signature_is_refused(header: str) -> None:
    with refused("payment_signature_wrong"):
        require_signed(b"{}", header=header, secret=SECRET, at=NOW)


def test_without_a_secret_nothing_is_signed() -> None:
    with refused("payment_signature_wrong"):
        require_signed(b"{}", header=signed(b"{}", secret="", at=NOW), secret="", at=NOW)


@given(st.binary(max_size=200), st.integers(0, 199), st.integers(1, 255))
def test_one_changed_byte_breaks_it(body: bytes, place: int, by: int) -> None:
    header = signed(body, secret=SECRET, at=NOW)
    require_signed(body, header=header, secret=SECRET, at=NOW)
    changed = bytearray(body or b"\0")
    changed[place % len(changed)] ^= by
    with refused("payment_signature_wrong"):
        require_signed(bytes(changed) if body else b"x", header=header, secret=SECRET, at=NOW)
    with refused("payment_signature_wrong"):
        require_signed(body, header=header, secret="other", at=NOW)


# --- what notices say ----------------------------------------------------------------------------------------------


def test_a_paid_session_and_its_intent_are_one_payment() -> None:
    for kind, about in (
        ("checkout.session.completed", SESSION), ("checkout.session.async_payment_succeeded", SESSION),
        ("payment_intent.succeeded", INTENT),
    ):  # fmt: skip
        told = read(event(kind, about))
        assert told is not None
        assert (told.kind, told.reference, told.payment, told.amount_yen, told.currency, told.paid_at) == (
            NoticeKind.FINAL, "order-1", "pi_1", 20_000, "JPY", NOW,
        )  # fmt: skip


def test_a_refund_and_a_dispute_name_the_payment_and_what_it_is_about() -> None:
    told = read(event("charge.refunded", CHARGE))
    assert told is not None
    assert (told.kind, told.reference, told.payment, told.amount_yen) == (NoticeKind.RETURNED, "order-1", "pi_1", 5_000)
    for kind in ("charge.dispute.created", "charge.dispute.funds_withdrawn", "charge.dispute.closed"):
        told = read(event(kind, DISPUTE))
        assert told is not None
        assert (told.kind, told.payment, told.amount_yen) == (NoticeKind.DISPUTED, "pi_1", 20_000)
    assert {kind for kind in EVENTS if "charge" not in kind} == {*PAID_SESSION, PAID_INTENT}


def test_a_store_gives_no_final_money_back() -> None:
    with refused("payment_notice_unreadable"):
        read_slip_notice(slip_notice(Told("n1", NoticeKind.RETURNED, "1", "1", 1, "JPY", NOW)))


def test_events_without_money_say_nothing() -> None:
    unpaid = SESSION | {"payment_status": "unpaid"}
    for kind, about in (
        ("checkout.session.completed", unpaid), ("checkout.session.expired", unpaid), ("refund.created", {}),
        ("payment_intent.payment_failed", INTENT), ("payment_intent.succeeded", INTENT | {"metadata": {}}),
        ("payment_intent.requires_action", INTENT), ("charge.refunded", CHARGE | {"metadata": {}}),
        ("charge.dispute.created", DISPUTE | {"payment_intent": None}),
    ):  # fmt: skip
        assert read(event(kind, about)) is None, kind


@pytest.mark.parametrize(
    "body",
    [b"", b"{", b"[]", b"null", b'"text"', b"\xff\xfe", event("checkout.session.completed", {}),
     event("checkout.session.completed", SESSION | {"amount_total": None}),
     event("checkout.session.completed", SESSION, created="soon")],
)  # fmt: skip
def test_a_signed_body_that_nobody_can_read_is_refused(body: bytes) -> None:
    with refused("payment_notice_unreadable"):
        read(body)


def test_a_slip_notice_comes_back_as_it_was_said() -> None:
    told = Told("n1", NoticeKind.EARLY, "12345678905", "12345678905", 20_000, "JPY", NOW)
    body = slip_notice(told)
    provider = SlipProvider(secret=SECRET)
    headers = {"Meguri-Signature": signed(body, secret=SECRET, at=NOW)}
    assert provider.read(body, headers=headers, at=NOW) == told
    with refused("payment_signature_wrong"):
        provider.read(body, headers={}, at=NOW)
    assert told.digest != Told("n1", NoticeKind.EARLY, "12345678905", "12345678905", 20_001, "JPY", NOW).digest


@pytest.mark.parametrize(
    "change",
    [{"kind": "maybe"}, {"amount": -1}, {"amount": "20000"}, {"amount": 1.5}, {"currency": "YEN!"}, {"id": ""},
     {"paid_at": "2025-10-12T03:00:00"}, {"paid_at": "yesterday"}, {"extra": 1}],
)  # fmt: skip
def test_a_slip_notice_that_means_nothing_is_refused(change: dict[str, Any]) -> None:
    said = json.loads(slip_notice(Told("n1", NoticeKind.FINAL, "1", "1", 1, "JPY", NOW))) | change
    body = json.dumps(said).encode()
    with refused("payment_notice_unreadable"):
        SlipProvider(secret=SECRET).read(
            body, headers={"Meguri-Signature": signed(body, secret=SECRET, at=NOW)}, at=NOW
        )


@given(st.integers(0, 10**10 - 1))
def test_a_slips_number_checks_itself(chance: int) -> None:
    number = paying.slip_number(chance)
    assert len(number) == 11
    weighed = sum(int(digit) * (1 if place % 2 else 3) for place, digit in enumerate(reversed(number), 1))
    assert weighed % 10 == 0, "the same weights as an article number's"
    assert paying.spoken_slip(number).replace("-", "") == number
    for place in range(11):
        digit = (int(number[place]) + 1) % 10
        other = f"{number[:place]}{digit}{number[place + 1:]}"
        assert sum(int(d) * (1 if at % 2 else 3) for at, d in enumerate(reversed(other), 1)) % 10 != 0


# --- which provider ------------------------------------------------------------------------------------------------


def test_real_towns_use_what_the_operator_has_configured_and_nothing_else(settings: LazySettings) -> None:
    assert provider_for(PaymentWay.SLIP, invented=False) is None
    assert provider_for(PaymentWay.CARD, invented=False) is None
    assert provider_for(PaymentWay.COUNTER, invented=True) is None
    assert isinstance(provider_for(PaymentWay.CARD, invented=True), InventedProvider)
    for code in ("test", "slip", "card", "other"):
        with refused("payment_provider_unknown"):
            named_provider(code, invented=False)
    settings.SLIP_SECRET, settings.CARD_KEY = SECRET, "sk_test_invented"
    assert isinstance(provider_for(PaymentWay.SLIP, invented=False), SlipProvider)
    assert provider_for(PaymentWay.CARD, invented=False) is None, "without the webhook's secret cards stay off"
    settings.CARD_SECRET = SECRET
    assert isinstance(provider_for(PaymentWay.CARD, invented=True), CardProvider), "a provider's own test mode"
    assert isinstance(named_provider("card", invented=False), CardProvider)


# --- the call that goes out ----------------------------------------------------------------------------------------


class Stripe(BaseHTTPRequestHandler):
    """Answers as Checkout is documented to; keeps what was asked."""

    asked: list[tuple[str, dict[str, str], dict[str, list[str]]]]
    status = 200

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        self.asked.append((self.path, dict(self.headers), parse_qs(body)))
        answer = json.dumps({"id": "cs_test_1", "url": "https://pay.example/cs_test_1"}).encode()
        self.send_response(self.status)
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base's name
        """Quiet."""


@pytest.fixture
def stripe() -> Iterator[tuple[str, type[Stripe]]]:
    handler = type("Handler", (Stripe,), {"asked": []})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}", handler
    server.shutdown()
    server.server_close()
    thread.join()


def wanted(**other: Any) -> Wanted:
    facts = {
        "order": uuid4(), "reference": "order-1", "amount_yen": 20_000, "title": "みなと商品券",
        "pay_before": NOW + timedelta(days=9), "back_to": "https://town.example/wallet/get/payments/1",
    }  # fmt: skip
    return Wanted(**{**facts, **other})


def test_a_checkout_page_is_asked_for_with_three_d_secure(stripe: tuple[str, type[Stripe]]) -> None:
    address, handler = stripe
    order = wanted()
    started = card(f"{address}/").start(order, at=NOW)
    assert (started.page, started.until) == ("https://pay.example/cs_test_1", NOW + timedelta(hours=23))
    ((path, headers, form),) = handler.asked
    assert path == "/v1/checkout/sessions"
    assert headers["Authorization"] == "Bearer sk_test_invented"
    assert headers["Idempotency-Key"].startswith(str(order.order))
    said = {key: value for key, (value,) in form.items()}
    assert said["payment_method_options[card][request_three_d_secure]"] == "any"
    assert (said["line_items[0][price_data][unit_amount]"], said["line_items[0][price_data][currency]"]) == (
        "20000", "jpy",
    )  # fmt: skip
    assert (said["client_reference_id"], said["payment_intent_data[metadata][order]"]) == ("order-1", "order-1")
    assert said["success_url"] == said["cancel_url"] == order.back_to
    assert "card[number]" not in " ".join(said), "card data never passes here"


def test_a_page_stays_open_no_longer_than_the_order_but_half_an_hour(stripe: tuple[str, type[Stripe]]) -> None:
    address, _ = stripe
    assert card(address).start(wanted(pay_before=NOW + timedelta(hours=3)), at=NOW).until == NOW + timedelta(hours=3)
    assert card(address).start(wanted(pay_before=NOW), at=NOW).until == NOW + timedelta(minutes=31)


def test_a_provider_that_does_not_answer_is_said_so(stripe: tuple[str, type[Stripe]]) -> None:
    address, handler = stripe
    handler.status = 500
    for where in (address, "http://127.0.0.1:9"):
        with refused("payment_provider_unreachable"):
            card(where).start(wanted(), at=NOW)
