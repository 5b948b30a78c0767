"""Signed notices: `t=<seconds>,v1=<hex>`, an HMAC with SHA-256 over time and body, as Stripe documents it.

Source: Stripe's documentation, "Receive Stripe events in your webhook endpoint", verify manually: the signed payload is
the timestamp, a full stop and the raw body; several v1 may stand there while a secret is changed; the time is near.
"""

from __future__ import annotations

import hashlib
import hmac
from datetime import UTC, datetime, timedelta

from meguri.words.refusal import declare

SIGNATURE_WRONG = declare(
    "payment_signature_wrong", status=401,
    ja="通知の署名が正しくありません。支払い代行会社からの通知ではないので、受け取りません。",
    en="The notice's signature is wrong. It does not come from the payment provider and is not taken.",
)
SIGNATURE_OLD = declare(
    "payment_signature_old", status=401,
    ja="通知の署名の時刻が{minutes}分以上ずれています。同じ通知を新しい署名で送り直してください。",
    en="The notice was signed more than {minutes} minutes away from now. Please send it again, signed anew.",
)
TOLERANCE = timedelta(minutes=5)
"""How far the signed time may lie from ours, either way."""


def signed(body: bytes, *, secret: str, at: datetime) -> str:
    """The header's value for a body."""
    seconds = int(at.timestamp())
    return f"t={seconds},v1={_mac(body, secret=secret, seconds=str(seconds))}"


def require_signed(body: bytes, *, header: str, secret: str, at: datetime) -> None:
    """Raises Refusal `payment_signature_wrong`, then `payment_signature_old`: only a true signature has a time."""
    pairs = [pair.strip().partition("=") for pair in header.split(",")]
    times = [value for name, _, value in pairs if name == "t"]
    if len(times) != 1 or not (times[0].isascii() and times[0].isdigit() and len(times[0]) <= 12):
        raise SIGNATURE_WRONG.refusal()
    right = _mac(body, secret=secret, seconds=times[0]).encode()
    given = [value.encode() for name, _, value in pairs if name == "v1"]
    if not secret or not any(hmac.compare_digest(each, right) for each in given):
        raise SIGNATURE_WRONG.refusal()
    if abs(at - datetime.fromtimestamp(0, UTC) - timedelta(seconds=int(times[0]))) > TOLERANCE:
        raise SIGNATURE_OLD.refusal(minutes=TOLERANCE.seconds // 60)


def _mac(body: bytes, *, secret: str, seconds: str) -> str:
    return hmac.new(secret.encode(), seconds.encode() + b"." + body, hashlib.sha256).hexdigest()
