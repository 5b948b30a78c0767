"""What every payment provider can do, and what it may answer. No provider is named here."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol
from uuid import UUID

from meguri.words.refusal import declare

NOTICE_UNREADABLE = declare(
    "payment_notice_unreadable", status=422,
    ja="通知の中身を読めませんでした({what})。何も記録していません。",
    en="The notice could not be read ({what}). Nothing was recorded.",
)
PROVIDER_UNKNOWN = declare(
    "payment_provider_unknown", status=404,
    ja="この支払い方法は、この町では使っていません。", en="This town does not use this way of paying.",
)
PROVIDER_UNREACHABLE = declare(
    "payment_provider_unreachable", status=503,
    ja="支払いの画面を用意できませんでした。数分後にもう一度お試しください。お金はいただいていません。",
    en="The payment page could not be prepared. Please try again in a few minutes; you have paid nothing.",
)


class NoticeKind(StrEnum):
    """What a notice says of a payment."""

    EARLY = "early"  # 速報: the shop has taken the money
    FINAL = "final"  # 確報: the money is ours; nothing can be withdrawn any more
    WITHDRAWN = "withdrawn"  # 速報取消: the shop gave the money back
    RETURNED = "returned"  # the provider gave final money back to the card, because somebody told it to
    DISPUTED = "disputed"  # the card's holder says the payment was not theirs, or how that ended


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a provider is asked to collect. `reference` is our own number, which every notice must name."""

    order: UUID
    reference: str
    amount_yen: int
    title: str
    pay_before: datetime
    back_to: str  # the resident's page of this order


@dataclass(frozen=True, slots=True)
class Started:
    """Where the resident goes on (empty: nowhere, the number is enough), and until when that page is good."""

    page: str
    until: datetime


@dataclass(frozen=True, slots=True)
class Told:
    """One notice as read. `number` is the provider's own and never comes twice for two things.

    `payment` names the movement of money: two different ones for one order are two payments. `currency` is in capitals.
    What was returned or is disputed may be a part, and names the payment; its `reference` may be no number of ours.
    """

    number: str
    kind: NoticeKind
    reference: str
    payment: str
    amount_yen: int
    currency: str
    paid_at: datetime

    @property
    def digest(self) -> str:
        """SHA-256 of all that it says: the same number must say the same again."""
        parts = (self.kind, self.reference, self.payment, self.amount_yen, self.currency, self.paid_at.isoformat())
        return hashlib.sha256("\n".join(map(str, parts)).encode()).hexdigest()


class Provider(Protocol):
    """A payment provider. `final_days`: how many days after the early notice the final one is there at the latest."""

    code: str
    final_days: int

    def start(self, wanted: Wanted, *, at: datetime) -> Started:
        """Prepare a payment; again for the same order prepares the same. Raises `payment_provider_unreachable`."""
        ...

    def read(self, body: bytes, *, headers: Mapping[str, str], at: datetime) -> Told | None:
        """Check the signature, then read; None for what does not concern us. `at`: the true time.

        Raises Refusal `payment_signature_wrong`, `payment_signature_old`, `payment_notice_unreadable`.
        """
        ...
