"""What a shop may ask about its till: its day, its last payments, one payment."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import groupby
from operator import attrgetter
from uuid import UUID

from meguri.ledger import queries as books
from meguri.ledger.queries import Line
from meguri.ledger.rules import Account
from meguri.ledger.templates import AccountRole
from meguri.programmes import queries as programmes
from meguri.programmes.rules import PurseKindView
from meguri.words.clock import midnight


@dataclass(frozen=True, slots=True)
class ShopDay:
    """A shop's day in Japan: `paid_yen` before refunds, `refunded_yen` as a positive number."""

    shop: UUID
    on: date
    payments: int
    paid_yen: int
    refunds: int
    refunded_yen: int

    @property
    def takings_yen(self) -> int:
        return self.paid_yen - self.refunded_yen


@dataclass(frozen=True, slots=True)
class TillLine:
    """One line on the till's list: a payment (+) or a refund (-), `in_part` or of the whole payment that it refunds.

    Who paid is not known to the shop.
    """

    posting: UUID
    is_refund: bool
    at: datetime
    amount_yen: int
    refunds: UUID | None
    in_part: bool = False


@dataclass(frozen=True, slots=True)
class PaymentView:
    """One payment with the purses that paid it, for the receipt.

    `refunded_yen` was given back so far; `refunded_by` gave back the whole, or the last of it. `was_held`: the money
    was on hold before and is given back to the wallet.
    """

    id: UUID
    shop: UUID
    paid_at: datetime
    amount_yen: int
    parts: tuple[tuple[PurseKindView, int], ...]
    holder: UUID
    refunded_by: UUID | None
    refunded_yen: int = 0
    was_held: bool = False

    @property
    def refundable_yen(self) -> int:
        return self.amount_yen - self.refunded_yen


PAID = ("pay", "capture")
"""Templates by which a shop is paid."""


def shop_day(shop: UUID, *, on: date, municipality: int) -> ShopDay:
    """Today's figures for a shop."""
    account = Account(shop, AccountRole.SHOP)
    moved = books.turnover(account, municipality=municipality, start=midnight(on), end=midnight(on + timedelta(days=1)))
    by_template = {row.template: row for row in moved}
    paid, back = [row for row in moved if row.template in PAID], by_template.get("refund_payment")
    return ShopDay(
        shop=shop, on=on, payments=sum(row.count for row in paid), paid_yen=sum(row.amount for row in paid),
        refunds=back.count if back else 0, refunded_yen=-back.amount if back else 0,
    )  # fmt: skip


def till_lines(shop: UUID, *, municipality: int, after: UUID | None = None, limit: int = 20) -> tuple[TillLine, ...]:
    """The last payments and refunds, newest first; `after` is the last posting of the page before."""
    lines = books.statement(
        Account(shop, AccountRole.SHOP), municipality=municipality, after=after, limit=limit,
        templates=(*PAID, "refund_payment"),
    )  # fmt: skip
    return tuple(_till_line(list(of_posting)) for _, of_posting in groupby(lines, key=attrgetter("posting")))


def _till_line(parts: Sequence[Line]) -> TillLine:
    first = parts[0]
    amount = sum(part.amount for part in parts)
    is_refund = first.template == "refund_payment"
    in_part = is_refund and first.reverses is None
    return TillLine(first.posting, is_refund, first.effective_at, amount, first.takes_back, in_part)


def payment(posting: UUID, *, municipality: int, at: datetime) -> PaymentView | None:
    """One payment, or None. The caller decides who may see it: its holder and its shop."""
    found = books.posting(posting, municipality=municipality)
    if found is None or found.template not in PAID:
        return None
    rules = programmes.rules_in_force(municipality, at)
    entries = books.refundable(posting, municipality=municipality)
    lots = books.lots([entry.debit_lot for entry in entries], municipality=municipality)
    parts: dict[PurseKindView, int] = {}
    for entry in entries:
        kind = rules.purse_kinds.get(lots[entry.debit_lot].purse_kind or UUID(int=0))
        if kind is not None:
            parts[kind] = parts.get(kind, 0) + entry.amount
    paid = sum(entry.amount for entry in entries)
    left = sum(entry.left for entry in entries)
    by_parts = () if left or found.reversed_by else books.undone_parts(posting, municipality=municipality)
    held = _holder_of_held(found, municipality=municipality)
    return PaymentView(
        id=found.id, shop=entries[0].credit.owner, paid_at=found.effective_at, amount_yen=paid,
        parts=tuple(parts.items()), holder=held or entries[0].debit.owner,
        refunded_by=found.reversed_by or next(reversed(by_parts), None), refunded_yen=paid - left,
        was_held=held is not None,
    )  # fmt: skip


def _holder_of_held(found: books.PostingView, *, municipality: int) -> UUID | None:
    """Whose money a capture took; None for a payment out of the wallet."""
    if found.template != "capture":
        return None
    hold = books.hold(UUID(str(found.about["hold"])), municipality=municipality)
    return hold.holder if hold else None
