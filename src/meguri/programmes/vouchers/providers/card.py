"""Cards with 3-D Secure through Stripe: its Checkout page takes the card, its signed webhooks say what came of it.

Card data never reaches this program. Spoken over HTTP as documented ("Create a Checkout Session", "Checkout Session
object", "PaymentIntent object", "Charge object", "Dispute object", "Types of events"); the address is a setting, so
that tests talk to a server of their own. The endpoint at Stripe needs the events that are read here: EVENTS.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any, NamedTuple

import httpx
import msgspec

from meguri.programmes.vouchers.providers.interface import (
    NOTICE_UNREADABLE,
    PROVIDER_UNREACHABLE,
    NoticeKind,
    Started,
    Told,
    Wanted,
)
from meguri.programmes.vouchers.providers.signing import require_signed
from meguri.programmes.vouchers.providers.slip import NAME, SlipNotice

HEADER = "Stripe-Signature"
WAIT_S = 10.0
SHORTEST, LONGEST = timedelta(minutes=31), timedelta(hours=23)
"""How long a Checkout page may stay open: Stripe wants 30 minutes to 24 hours."""
LAST_SECOND = 253_402_300_799
"""The end of the year 9999, in seconds since 1970: no day is later."""
PAID_SESSION = ("checkout.session.completed", "checkout.session.async_payment_succeeded")
PAID_INTENT, REFUNDED = "payment_intent.succeeded", "charge.refunded"
DISPUTED = ("charge.dispute.created", "charge.dispute.funds_withdrawn", "charge.dispute.closed")
EVENTS = (*PAID_SESSION, PAID_INTENT, REFUNDED, *DISPUTED)
"""All others change nothing: a card that 3-D Secure refuses, or that waits for it, has paid nothing."""


class CardProvider:
    """`key` is the account's secret key, `secret` the webhook's; `address` where the provider answers."""

    code = "card"
    final_days = 0

    def __init__(self, *, address: str, key: str, secret: str) -> None:
        self._address, self._key, self._secret = address.rstrip("/"), key, secret

    def start(self, wanted: Wanted, *, at: datetime) -> Started:
        """Open a Checkout page. The key of the request makes a repeated one the same page."""
        until = min(max(wanted.pay_before, at + SHORTEST), at + LONGEST)
        try:
            answer = httpx.post(
                f"{self._address}/v1/checkout/sessions", data=_session(wanted, until=until), timeout=WAIT_S,
                headers={"Authorization": f"Bearer {self._key}", "Idempotency-Key": f"{wanted.order}:{at:%Y%m%d%H%M}"},
            )  # fmt: skip
            answer.raise_for_status()
            page = str(answer.json()["url"])
        except (httpx.HTTPError, ValueError, KeyError, TypeError) as wrong:
            raise PROVIDER_UNREACHABLE.refusal() from wrong
        return Started(page=page, until=until)

    def read(self, body: bytes, *, headers: Mapping[str, str], at: datetime) -> Told | None:
        """As the interface says. A session that was completed without payment, or expired, changes nothing."""
        require_signed(body, header=headers.get(HEADER, ""), secret=self._secret, at=at)
        try:
            event = msgspec.json.decode(body)
            return _told(event)
        except (KeyError, TypeError, AttributeError, ValueError, RecursionError) as wrong:  # msgspec's are ValueErrors
            raise NOTICE_UNREADABLE.refusal(what=f"{type(wrong).__name__}: {wrong}"[:200]) from None


def _session(wanted: Wanted, *, until: datetime) -> dict[str, str]:
    item = "line_items[0][price_data]"
    return {
        "mode": "payment", "client_reference_id": wanted.reference, "locale": "ja",
        "line_items[0][quantity]": "1", f"{item}[currency]": "jpy", f"{item}[unit_amount]": str(wanted.amount_yen),
        f"{item}[product_data][name]": wanted.title, "payment_method_types[0]": "card",
        "payment_method_options[card][request_three_d_secure]": "any",
        "payment_intent_data[metadata][order]": wanted.reference, "expires_at": str(int(until.timestamp())),
        "success_url": wanted.back_to, "cancel_url": wanted.back_to,
    }  # fmt: skip


def _told(event: dict[str, Any]) -> Told | None:
    """An event whose type speaks of money; the yen has no smaller unit, so amounts are whole yen."""
    about = event["data"]["object"]
    found = _money(str(event["type"]), about)
    if found is None:
        return None
    # a card's event is held to the same bounds as a slip's notice: nothing is rounded, nothing is too long to be kept
    said = msgspec.convert(
        {
            "id": str(event["id"])[:100], "kind": found.kind, "slip": str(found.reference)[:64],
            "amount": found.amount, "currency": about["currency"],
            "paid_at": datetime.fromtimestamp(_seconds(event["created"]), UTC),
        },
        SlipNotice,
    )  # fmt: skip
    return Told(
        number=said.id, kind=said.kind, reference=said.slip, payment=_name(found.payment), amount_yen=said.amount,
        currency=said.currency.upper(), paid_at=said.paid_at,
    )


class _Money(NamedTuple):
    """What an event says of money, not checked yet."""

    kind: NoticeKind
    reference: Any
    amount: Any
    payment: Any


def _money(kind: str, about: dict[str, Any]) -> _Money | None:
    """A refund says what has gone back of the charge by now, in all; a dispute names the payment, not our order.

    Charges without our order in their metadata are somebody else's on the same account.
    """
    if kind in PAID_SESSION and about["payment_status"] == "paid":
        return _Money(NoticeKind.FINAL, about["client_reference_id"], about["amount_total"], about["payment_intent"])
    if kind == PAID_INTENT and "order" in about.get("metadata", {}):
        return _Money(NoticeKind.FINAL, about["metadata"]["order"], about["amount_received"], about["id"])
    if kind == REFUNDED and "order" in about.get("metadata", {}):
        return _Money(
            NoticeKind.RETURNED, about["metadata"]["order"], about["amount_refunded"], about["payment_intent"]
        )
    if kind in DISPUTED and about["payment_intent"] is not None:
        return _Money(NoticeKind.DISPUTED, about["id"], about["amount"], about["payment_intent"])
    return None


def _name(payment: Any) -> str:
    name: str = msgspec.convert(str(payment)[:100], Annotated[str, msgspec.Meta(pattern=NAME)])
    return name


def _seconds(created: Any) -> int:
    seconds: int = msgspec.convert(created, Annotated[int, msgspec.Meta(ge=0, le=LAST_SECOND)])
    return seconds
