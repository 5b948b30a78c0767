"""What a shop may ask about its till: its day, its last payments, one payment."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import groupby
from operator import attrgetter
from uuid import UUID

from meguri.ledger import operations as ledger
from meguri.ledger import queries as books
from meguri.ledger.queries import Line
from meguri.ledger.rules import Account
from meguri.ledger.templates import AccountRole
from meguri.programmes import queries as programmes
from meguri.programmes.rules import PurseKindView
from meguri.tills import codes
from meguri.tills.models import ShownCode
from meguri.tills.rules import asker_of, request_key
from meguri.tills.scans import CHANNEL
from meguri.words.actor import Actor
from meguri.words.clock import midnight
from meguri.words.ids import uuid7


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

    Who paid is not known to the shop. `paper`: it was paid with a paper note.
    """

    posting: UUID
    is_refund: bool
    at: datetime
    amount_yen: int
    refunds: UUID | None
    in_part: bool = False
    paper: bool = False


@dataclass(frozen=True, slots=True)
class PaymentView:
    """One payment with the purses that paid it, for the receipt.

    `refunded_yen` was given back so far, by `refunds`, oldest first; `refunded_by` gave back the whole, or the last of
    it; `refundable_parts` says what of which purse can still be given back. `was_held`: the money was on hold before
    and is given back to the wallet. `note`: the number of the paper note that paid, if one did.
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
    refundable_parts: tuple[tuple[PurseKindView, int], ...] = ()
    refunds: tuple[UUID, ...] = ()
    note: str = ""

    @property
    def refundable_yen(self) -> int:
        return self.amount_yen - self.refunded_yen


@dataclass(frozen=True, slots=True)
class RefundView:
    """What was given back of a payment at once, and the reason as the till wrote it."""

    id: UUID
    at: datetime
    amount_yen: int
    reason: str


def mistyped_group(digits: str, *, municipality: int, at: datetime) -> int | None:
    """In which group (from 1) 30 mistyped digits differ from a code that is being shown now; None if nothing is near.

    A till reads the right code from the customer's screen anyway; a guess is made three times easier, of 10^22.
    """
    near = codes.near_holders(digits)
    shown = ShownCode.objects.filter(municipality=municipality, digest__in=list(near), expires_at__gt=at)
    found = shown.values_list("digest", flat=True).first()
    return near[bytes(found)] if found is not None else None


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


@dataclass(frozen=True, slots=True)
class OnPaper:
    """What of a span's payments came as paper notes, before refunds."""

    notes: int
    yen: int


def on_paper(shop: UUID, *, since: datetime | None, until: datetime, municipality: int) -> OnPaper:
    """The paper notes among a shop's payments in [since, until); None is from the beginning."""
    found, after = list[TillLine](), uuid7(until)
    while part := till_lines(shop, municipality=municipality, after=after, limit=READ_AT_ONCE):
        found += [line for line in part if line.paper and line.at < until and (since is None or since <= line.at)]
        if since is not None and part[-1].at < since:
            break
        after = part[-1].posting
    return OnPaper(len(found), sum(line.amount_yen for line in found))


READ_AT_ONCE = 500


def _till_line(parts: Sequence[Line]) -> TillLine:
    first = parts[0]
    amount = sum(part.amount for part in parts)
    is_refund = first.template == "refund_payment"
    in_part = is_refund and first.reverses is None
    paper = first.about.get("channel") == CHANNEL
    return TillLine(first.posting, is_refund, first.effective_at, amount, first.takes_back, in_part, paper)


def paid_under(request: str, *, by: Actor) -> UUID | None:
    """The payment made under an own number; None: not so far, but the request may still be on its way."""
    return ledger.look_up(request_key(asker_of(by), request), municipality=by.municipality)


def payment(posting: UUID, *, municipality: int, at: datetime) -> PaymentView | None:
    """One payment, or None. The caller decides who may see it: its holder and its shop."""
    found = books.posting(posting, municipality=municipality)
    if found is None or found.template not in PAID:
        return None
    rules = programmes.rules_in_force(municipality, at)
    entries = books.refundable(posting, municipality=municipality)
    lots = books.lots([entry.debit_lot for entry in entries], municipality=municipality)
    parts, still = Counter[PurseKindView](), Counter[PurseKindView]()
    for entry in entries:
        kind = rules.purse_kinds.get(lots[entry.debit_lot].purse_kind or UUID(int=0))
        if kind is not None:
            parts[kind] += entry.amount
            still[kind] += entry.left
    paid = sum(entry.amount for entry in entries)
    left = sum(entry.left for entry in entries)
    refunds = _refunds(found, municipality=municipality) if left < paid else ()
    held = _holder_of_held(found, municipality=municipality)
    return PaymentView(
        id=found.id, shop=entries[0].credit.owner, paid_at=found.effective_at, amount_yen=paid,
        parts=tuple(parts.items()), holder=held or entries[0].debit.owner,
        refunded_by=refunds[-1] if refunds and not left else None, refunded_yen=paid - left,
        was_held=held is not None, refunds=refunds,
        refundable_parts=tuple((kind, yen) for kind, yen in still.items() if yen),
        note=str(found.about.get("note", "")),
    )  # fmt: skip


def _refunds(found: books.PostingView, *, municipality: int) -> tuple[UUID, ...]:
    """What gave a payment back: the reversal of the whole, or the parts, oldest first."""
    if found.reversed_by:
        return (found.reversed_by,)
    return tuple(books.undone_parts(found.id, municipality=municipality))


def refunds_of(payment: PaymentView, *, municipality: int) -> tuple[RefundView, ...]:
    """When, how much and why was given back of a payment, oldest first."""
    return tuple(_refund(number, municipality=municipality) for number in payment.refunds)


def _refund(number: UUID, *, municipality: int) -> RefundView:
    made = books.posting(number, municipality=municipality)
    assert made is not None  # noqa: S101 - the books named it a moment ago, and nothing is ever taken out of them
    entries = books.entries(number, municipality=municipality)
    yen = sum(entry.amount for entry in entries if entry.debit.role is AccountRole.SHOP)
    return RefundView(number, made.effective_at, yen, str(made.about.get("reason", "")))


def _holder_of_held(found: books.PostingView, *, municipality: int) -> UUID | None:
    """Whose money a capture took; None for a payment out of the wallet."""
    if found.template != "capture":
        return None
    hold = books.hold(UUID(str(found.about["hold"])), municipality=municipality)
    return hold.holder if hold else None
