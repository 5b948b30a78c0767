"""What is not paid in time lapses, and whoever was drawn next moves up; repeated until stock or list ends."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import Q

from meguri.ledger import operations as books
from meguri.ledger import queries as balances
from meguri.ledger.rules import Account, Posting
from meguri.ledger.templates import AccountRole
from meguri.notices.operations import send_many
from meguri.parties.rules import require
from meguri.programmes.vouchers import rules, wording
from meguri.programmes.vouchers.models import Application, ApplicationState, OrderState, Sale, SaleState
from meguri.programmes.vouchers.offer import Offer, find_offer
from meguri.programmes.vouchers.operations.applications import office
from meguri.programmes.vouchers.operations.drawing import BATCH, Right, allot_rights
from meguri.programmes.vouchers.operations.issuing import right_leg
from meguri.programmes.vouchers.operations.lining import being_paid, release
from meguri.programmes.vouchers.operations.sales import locked_sale, stock_lot
from meguri.words.actor import Actor
from meguri.words.period import Period, day_of, day_start
from meguri.words.refusal import Refusal


@transaction.atomic
def lapse_unpaid(*, sale: UUID, by: Actor, at: datetime) -> int:
    """After the purchase deadline, unpaid rights lapse; gives how many. A sale that ended stays as it is.

    Where the terms have a waiting list, the next in the order of the draw move up at once, with days of their own to
    pay; the sale goes on until nobody is left who may pay. A payment on its way keeps its right until it is known.
    Who still waits for a draw that nobody made is told that there was none, instead of waiting for ever.
    Order: the sale alone, permission, deadline, the winners' rows, their rights out of the books, states, notices; then
    who moves up.
    Raises Refusal `voucher_sale_unknown`, `not_allowed`, `voucher_still_open`.
    """
    kept = locked_sale(sale, by)
    offer = find_offer(kept.programme, municipality=by.municipality)
    require(by, "voucher.draw", department=offer.department, municipality=kept.municipality)
    window = Period(kept.purchase_from, kept.purchase_until)
    if not window.is_over(at):
        raise rules.STILL_OPEN.refusal(when=rules.said_last_day(window))
    if kept.state == SaleState.ENDED:
        return 0
    rows = _overdue(kept, at=at)
    lapse(rows, sale=kept, offer=offer, by=by, at=at)
    _end_undrawn(kept, offer, at=at)
    _move_up(kept, offer, by=by, at=at)
    if not _goes_on(kept, offer, at=at):
        kept.state, kept.closed_at = SaleState.ENDED, kept.closed_at or at
        kept.save(update_fields=["state", "closed_at"])
    return len(rows)


def _goes_on(sale: Sale, offer: Offer, *, at: datetime) -> bool:
    """Whether somebody may still pay, or a shop may still withdraw what somebody on the list would then get."""
    rows = Application.objects.filter(sale=sale)
    if rows.filter(state=ApplicationState.WON).exists():
        return True
    if moved_up_until(offer, at=at) is None or not rows.filter(state=ApplicationState.LOST, rank__gt=0).exists():
        return False
    return rows.filter(state=ApplicationState.PURCHASED, orders__state=OrderState.EARLY).exists()


def lapse(rows: Sequence[Application], *, sale: Sale, offer: Offer, by: Actor, at: datetime) -> None:
    """These rights end, and their holders are told. The rows are locked."""
    _take_rights(sale, rows, by=by, at=at)
    Application.objects.filter(id__in=[row.id for row in rows]).update(state=ApplicationState.LAPSED)
    told = [(row.resident, wording.lapsed(row.number, programme=offer.name, units=row.units_won)) for row in rows]
    send_many(told, channel="in_app", topic="voucher.lapsed", by=office(sale.municipality), at=at)


def _overdue(sale: Sale, *, at: datetime) -> list[Application]:
    """Rights whose deadline has passed and for which no payment is on its way."""
    unpaid = Application.objects.select_for_update().filter(sale=sale, state=ApplicationState.WON)
    due = unpaid.filter(Q(moved_up_until__isnull=True) | Q(moved_up_until__lte=at))
    return list(due.exclude(id__in=being_paid(sale, at=at)).order_by("id"))


def _end_undrawn(sale: Sale, offer: Offer, *, at: datetime) -> None:
    """Applications that no draw has judged: their state says so, and so does a notice."""
    left = Application.objects.select_for_update().filter(sale=sale, state=ApplicationState.APPLIED)
    rows = list(left.order_by("id"))
    Application.objects.filter(id__in=[row.id for row in rows]).update(state=ApplicationState.UNDRAWN)
    told = [(row.resident, wording.undrawn(row.number, programme=offer.name)) for row in rows]
    send_many(told, channel="in_app", topic="voucher.undrawn", by=office(sale.municipality), at=at)


def _move_up(sale: Sale, offer: Offer, *, by: Actor, at: datetime) -> None:
    """Give what is free to the next in the order of the draw, while there is time to pay and to spend."""
    until = moved_up_until(offer, at=at)
    if until is None or sale.state != SaleState.DRAWN:
        return
    free = free_units(sale)
    waiting = Application.objects.select_for_update().filter(sale=sale, state=ApplicationState.LOST, rank__isnull=False)
    rows: list[Application] = []
    for row in waiting.order_by("rank")[:free]:
        if not free:
            break
        row.units_won, row.state = min(row.units_applied, free), ApplicationState.WON
        row.moved_up_at, row.moved_up_until = at, until
        free -= row.units_won
        rows.append(row)
    Application.objects.bulk_update(rows, ["units_won", "state", "moved_up_at", "moved_up_until"], batch_size=BATCH)
    rights = [Right(row.id, row.number, row.resident, row.units_won) for row in rows]
    allot_rights(sale, rights, by=by, at=at)
    last = rules.said_last_day(Period(at, until))
    told = [
        (row.resident, wording.moved_up(
            row.number, programme=offer.name, units=row.units_won, price_yen=row.units_won * sale.unit_price_yen,
            until=last,
        ))
        for row in rows
    ]  # fmt: skip
    send_many(told, channel="in_app", topic="voucher.moved_up", by=office(sale.municipality), at=at)


def moved_up_until(offer: Offer, *, at: datetime) -> datetime | None:
    """The deadline (half-open) of whoever moves up now; None when nobody does: no list, or no time left."""
    listed = offer.sale.waiting_list
    if listed is None:
        return None
    last_day = min(listed.last_day or offer.terms.spending.window.last_day, offer.terms.spending.window.last_day)
    wished = day_of(at) + timedelta(days=listed.days_to_pay)
    return day_start(wished + timedelta(days=1)) if wished <= last_day else None


def free_units(sale: Sale) -> int:
    """Units in stock for which nobody holds a right. Whoever acts on it holds the sale alone."""
    stock = balances.balance(
        Account(sale.programme, AccountRole.STOCK), lot=stock_lot(sale), municipality=sale.municipality
    )
    rights = Application.objects.filter(sale=sale, state=ApplicationState.WON).values_list("units_won", flat=True)
    return max(0, stock - sum(rights))


def _take_rights(sale: Sale, rows: Sequence[Application], *, by: Actor, at: datetime) -> None:
    """A lapsed right leaves the holder's allowance; nothing else moves. What a line kept goes back to the stock."""
    if not rules.is_drawn(sale.allocation):
        release([row for row in rows if row.reserved_by is not None], sale=sale, at=at)
        return
    postings = [
        Posting(
            key=f"lapse_right:{row.id}", template="sell_voucher", legs=(right_leg(row),), at=at,
            by=str(by.party or by.role), about={"programme": str(sale.programme), "sale": str(sale.id), "lapsed": True},
        )
        for row in rows
    ]
    for start in range(0, len(postings), BATCH):
        for answer in books.post_batch(postings[start : start + BATCH], municipality=sale.municipality):
            if isinstance(answer, Refusal):
                raise answer
