"""The convenience-store slip: a number that any till takes, and the shop's notices by way of the collecting agency.

Every agency writes its notices in a format of its own; what all of them say is here, as a signed JSON object:
`id`, `kind` (early, final, withdrawn; no store gives final money back), `slip`, `amount`, `currency`, `paid_at`. An
agency's own format is put into it by a small program in front, or by a provider beside this one.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Annotated, Any

import msgspec

from meguri.programmes.vouchers.providers.interface import NOTICE_UNREADABLE, NoticeKind, Started, Told, Wanted
from meguri.programmes.vouchers.providers.signing import require_signed

HEADER = "Meguri-Signature"
NAME = r"\A[^\x00-\x1f\x7f]+\Z"
"""Names as they can be kept and shown: without control signs."""
SLIP_KINDS = frozenset({NoticeKind.EARLY, NoticeKind.FINAL, NoticeKind.WITHDRAWN})


class SlipNotice(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What an agency tells. `amount` in the currency's smallest unit; `paid_at` with its offset from UTC."""

    id: Annotated[str, msgspec.Meta(min_length=1, max_length=100, pattern=NAME)]
    kind: NoticeKind
    slip: Annotated[str, msgspec.Meta(min_length=1, max_length=64, pattern=NAME)]
    amount: Annotated[int, msgspec.Meta(ge=0, le=10**12)]
    currency: Annotated[str, msgspec.Meta(pattern=r"\A[A-Za-z]{3}\Z")]
    paid_at: datetime


class SlipProvider:
    """Notices signed with the secret that town and agency share. Starting a payment asks nobody: the number is ours."""

    code = "slip"
    final_days = 5

    def __init__(self, *, secret: str) -> None:
        self._secret = secret

    def start(self, wanted: Wanted, *, at: datetime) -> Started:  # noqa: ARG002 - the interface's
        """A slip is its number; there is no page of the agency's."""
        return Started(page="", until=wanted.pay_before)

    def read(self, body: bytes, *, headers: Mapping[str, str], at: datetime) -> Told | None:
        """As the interface says."""
        require_signed(body, header=headers.get(HEADER, ""), secret=self._secret, at=at)
        return read_slip_notice(body)


def read_slip_notice(body: bytes) -> Told:
    """Raises Refusal `payment_notice_unreadable`."""
    try:
        notice = msgspec.json.decode(body, type=SlipNotice)
    except (msgspec.DecodeError, UnicodeDecodeError) as wrong:
        raise NOTICE_UNREADABLE.refusal(what=str(wrong)[:200]) from None
    if notice.kind not in SLIP_KINDS:
        raise NOTICE_UNREADABLE.refusal(what=f"kind {notice.kind}")
    if notice.paid_at.tzinfo is None:
        raise NOTICE_UNREADABLE.refusal(what="paid_at has no offset")
    try:
        paid_at = notice.paid_at.astimezone(UTC)
    except OverflowError:  # the first or the last day of all
        raise NOTICE_UNREADABLE.refusal(what="paid_at is no day") from None
    return Told(
        number=notice.id, kind=notice.kind, reference=notice.slip, payment=notice.slip, amount_yen=notice.amount,
        currency=notice.currency.upper(), paid_at=paid_at,
    )


def slip_notice(told: Told) -> bytes:
    """The body that says this: for the invented shop, and for whoever translates an agency's format."""
    said: dict[str, Any] = {
        "id": told.number, "kind": str(told.kind), "slip": told.reference, "amount": told.amount_yen,
        "currency": told.currency, "paid_at": told.paid_at.isoformat(),
    }
    return msgspec.json.encode(said)
