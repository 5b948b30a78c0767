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
    """One line on the till's list: a payment (+) or a refund (-). Who paid is not known to the shop."""

    posting: UUID
    is_refund: bool
    at: datetime
    amount_yen: int
    refunds: UUID | None


@dataclass(frozen=True, slots=True)
class PaymentView:
    """One payment with the purses that paid it, for the receipt."""

    id: UUID
    shop: UUID
    paid_at: datetime
    amount_yen: int
    parts: tuple[tuple[PurseKindView, int], ...]
    holder: UUID
    refunded_by: UUID | None


def shop_day(shop: UUID, *, on: date, municipality: int) -> ShopDay:
    """Today's figures for a shop."""
    account = Account(shop, AccountRole.SHOP)
    moved = books.turnover(account, municipality=municipality, start=midnight(on), end=midnight(on + timedelta(days=1)))
    by_template = {row.template: row for row in moved}
    paid, back = by_template.get("pay"), by_template.get("refund_payment")
    return ShopDay(
        shop=shop, on=on, payments=paid.count if paid else 0, paid_yen=paid.amount if paid else 0,
        refunds=back.count if back else 0, refunded_yen=-back.amount if back else 0,
    )  # fmt: skip


def till_lines(shop: UUID, *, municipality: int, after: UUID | None = None, limit: int = 20) -> tuple[TillLine, ...]:
    """The last payments and refunds, newest first; `after` is the last posting of the page before."""
    lines = books.statement(
        Account(shop, AccountRole.SHOP), municipality=municipality, after=after, limit=limit,
        templates=("pay", "refund_payment"),
    )  # fmt: skip
    return tuple(_till_line(list(of_posting)) for _, of_posting in groupby(lines, key=attrgetter("posting")))


def _till_line(parts: Sequence[Line]) -> TillLine:
    first = parts[0]
    amount = sum(part.amount for part in parts)
    return TillLine(first.posting, first.template == "refund_payment", first.effective_at, amount, first.reverses)


def payment(posting: UUID, *, municipality: int, at: datetime) -> PaymentView | None:
    """One payment, or None. The caller decides who may see it: its holder and its shop."""
    found = books.posting(posting, municipality=municipality)
    if found is None or found.template != "pay":
        return None
    rules = programmes.rules_in_force(municipality, at)
    entries = books.entries(posting, municipality=municipality)
    lots = books.lots([entry.debit_lot for entry in entries], municipality=municipality)
    parts: dict[PurseKindView, int] = {}
    for entry in entries:
        kind = rules.purse_kinds.get(lots[entry.debit_lot].purse_kind or UUID(int=0))
        if kind is not None:
            parts[kind] = parts.get(kind, 0) + entry.amount
    return PaymentView(
        id=found.id, shop=entries[0].credit.owner, paid_at=found.effective_at,
        amount_yen=sum(entry.amount for entry in entries), parts=tuple(parts.items()), holder=entries[0].debit.owner,
        refunded_by=found.reversed_by,
    )  # fmt: skip
