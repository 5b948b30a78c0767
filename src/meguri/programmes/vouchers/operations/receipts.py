"""Cash at the counter: a numbered receipt for everything, and the till counted at the end of the day."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import connection, transaction
from django.db.models import Max, QuerySet, Sum

from meguri.parties.rules import require
from meguri.programmes.vouchers import rules
from meguri.programmes.vouchers.models import Application, CashUp, CounterReceipt, ReceiptKind
from meguri.programmes.vouchers.offer import Offer, find_offer
from meguri.programmes.vouchers.operations.issuing import Purchased
from meguri.words.actor import Actor
from meguri.words.ids import uuid7
from meguri.words.period import FiscalYear, day_of

COUNTED_MOST = 10**10


def write_receipt(row: Application, made: Purchased, *, offer: Offer, by: Actor, at: datetime) -> UUID:
    """The receipt of a sale in cash, in the transaction of the sale. Numbers have no gap: clerks take turns."""
    receipt = fresh_receipt(department=offer.department, by=by, at=at)
    receipt.application, receipt.posting, receipt.units = row, made.posting, made.units
    receipt.price_yen, receipt.face_yen = made.price_yen, made.face_yen
    receipt.save(force_insert=True)
    return receipt.id


def write_paid_back(*, programme: UUID, holder: UUID, posting: UUID, yen: int, by: Actor, at: datetime) -> UUID:
    """The receipt of cash that a programme paid back to a holder, in the transaction of the posting that paid it.

    A posting has one receipt. Order: permission, the number, the row.
    Raises Refusal `programme_unknown`, `not_allowed`.
    """
    offer = find_offer(programme, municipality=by.municipality)
    require(by, "voucher.sell_at_counter", department=offer.department, municipality=by.municipality)
    receipt = fresh_receipt(department=offer.department, by=by, at=at)
    receipt.kind, receipt.programme, receipt.holder = ReceiptKind.PAID_BACK, programme, holder
    receipt.posting, receipt.price_yen = posting, yen
    receipt.save(force_insert=True)
    return receipt.id


def fresh_receipt(*, department: str, by: Actor, at: datetime) -> CounterReceipt:
    """The next receipt of the year, not saved yet. Until the transaction ends, nobody else writes one."""
    assert by.party is not None  # noqa: S101 - whoever takes cash at a counter is somebody
    year = FiscalYear.of(day_of(at)).year
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_advisory_xact_lock(hashtextextended('vouchers_receipts:' || %s::text || ':' || %s::text, 0))",
            [by.municipality, year],
        )
    given = CounterReceipt.objects.filter(municipality=by.municipality, fiscal_year=year)
    last = given.aggregate(last=Max("number"))["last"] or 0
    return CounterReceipt(
        id=uuid7(at), municipality=by.municipality, department=department, fiscal_year=year, number=last + 1,
        clerk=by.party, sold_at=at, units=0, face_yen=0,
    )


@transaction.atomic
def cash_up(*, counted_yen: int, reason: str, by: Actor, at: datetime) -> UUID:
    """A clerk counts the till: all cash they took or paid back since they last did is covered; gives the cash-up's id.

    A difference is recorded with its reason, never smoothed away. Order: permission, the clerk's receipts (locked: a
    second press finds none), the amounts, the row, the receipts.
    Raises Refusal `not_allowed`, `voucher_no_cash_taken`, `voucher_counted_unreadable`,
    `voucher_difference_unexplained`.
    """
    require(by, "voucher.sell_at_counter", department=by.department, municipality=by.municipality)
    assert by.party is not None  # noqa: S101 - as above
    open_ones = CounterReceipt.objects.select_for_update().filter(
        municipality=by.municipality, clerk=by.party, department=by.department, cash_up__isnull=True,
        undone_at__isnull=True,
    )
    covered = [receipt.id for receipt in open_ones.order_by("id")]
    if not covered:
        raise rules.NO_CASH_TAKEN.refusal()
    rows = CounterReceipt.objects.filter(id__in=covered)
    sold, debts, back = (_yen(rows, kind) for kind in (ReceiptKind.SALE, ReceiptKind.DEBT, ReceiptKind.PAID_BACK))
    again, gone = _corrected(rows)
    if not -back - gone <= counted_yen <= COUNTED_MOST:
        raise rules.COUNTED_UNREADABLE.refusal(field="counted_yen", paid_back=back + gone)
    difference = counted_yen - (sold + debts - back + again - gone)
    if difference and not reason.strip():
        raise rules.DIFFERENCE_UNEXPLAINED.refusal(field="reason", difference=difference)
    made = CashUp.objects.create(
        id=uuid7(at), municipality=by.municipality, department=by.department, clerk=by.party, made_at=at,
        receipts=len(covered), sold_yen=sold, debts_yen=debts, paid_back_yen=back,
        corrected_yen=again - gone, counted_yen=counted_yen, difference_yen=difference, reason=reason.strip()[:300],
    )
    rows.update(cash_up=made)
    return made.id


def _corrected(rows: QuerySet[CounterReceipt]) -> tuple[int, int]:
    """What corrections brought back into the till, and what they took out of it."""
    fixes = rows.filter(kind=ReceiptKind.CORRECTION)
    again = _yen(fixes.filter(corrects__kind=ReceiptKind.PAID_BACK), ReceiptKind.CORRECTION)
    return again, _yen(fixes, ReceiptKind.CORRECTION) - again


def _yen(rows: QuerySet[CounterReceipt], kind: ReceiptKind) -> int:
    return int(rows.filter(kind=kind).aggregate(yen=Sum("price_yen"))["yen"] or 0)
