"""Cash at the counter: a numbered receipt for every sale, and the till counted at the end of the day."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import connection, transaction
from django.db.models import Max, Sum

from meguri.parties.rules import require
from meguri.programmes.vouchers import rules
from meguri.programmes.vouchers.models import Application, CashUp, CounterReceipt
from meguri.programmes.vouchers.offer import Offer
from meguri.programmes.vouchers.operations.issuing import Purchased
from meguri.words.actor import Actor
from meguri.words.ids import uuid7
from meguri.words.period import FiscalYear, day_of

COUNTED_MOST = 10**10


def write_receipt(row: Application, made: Purchased, *, offer: Offer, by: Actor, at: datetime) -> UUID:
    """The receipt of a sale in cash, in the transaction of the sale. Numbers have no gap: clerks take turns."""
    assert by.party is not None  # noqa: S101 - whoever sells at a counter is somebody
    year = FiscalYear.of(day_of(at)).year
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_advisory_xact_lock(hashtextextended('vouchers_receipts:' || %s::text || ':' || %s::text, 0))",
            [row.municipality, year],
        )
    given = CounterReceipt.objects.filter(municipality=row.municipality, fiscal_year=year)
    last = given.aggregate(last=Max("number"))["last"] or 0
    receipt = CounterReceipt.objects.create(
        id=uuid7(at), municipality=row.municipality, department=offer.department, fiscal_year=year, number=last + 1,
        application=row, posting=made.posting, clerk=by.party, sold_at=at, units=made.units, price_yen=made.price_yen,
        face_yen=made.face_yen,
    )
    return receipt.id


@transaction.atomic
def cash_up(*, counted_yen: int, reason: str, by: Actor, at: datetime) -> UUID:
    """A clerk counts the till: everything they sold since they last did is covered; gives the cash-up's id.

    A difference is recorded with its reason, never smoothed away. Order: permission, the clerk's receipts (locked: a
    second press finds none), the amounts, the row, the receipts.
    Raises Refusal `not_allowed`, `voucher_no_cash_taken`, `voucher_counted_unreadable`,
    `voucher_difference_unexplained`.
    """
    require(by, "voucher.sell_at_counter", department=by.department, municipality=by.municipality)
    assert by.party is not None  # noqa: S101 - as above
    open_ones = CounterReceipt.objects.select_for_update().filter(
        municipality=by.municipality, clerk=by.party, department=by.department, cash_up__isnull=True
    )
    covered = [receipt.id for receipt in open_ones.order_by("id")]
    if not covered:
        raise rules.NO_CASH_TAKEN.refusal()
    if not 0 <= counted_yen <= COUNTED_MOST:
        raise rules.COUNTED_UNREADABLE.refusal(field="counted_yen")
    rows = CounterReceipt.objects.filter(id__in=covered)
    sold = rows.aggregate(sold=Sum("price_yen"))["sold"] or 0
    if counted_yen != sold and not reason.strip():
        raise rules.DIFFERENCE_UNEXPLAINED.refusal(field="reason", difference=counted_yen - sold)
    made = CashUp.objects.create(
        id=uuid7(at), municipality=by.municipality, department=by.department, clerk=by.party, made_at=at,
        receipts=len(covered), sold_yen=sold, counted_yen=counted_yen, difference_yen=counted_yen - sold,
        reason=reason.strip()[:300],
    )
    rows.update(cash_up=made)
    return made.id
