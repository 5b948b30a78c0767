"""What may be asked about payments: a buyer's order, what waits at the desk, receipts and cash-ups. Reads only."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import Q, QuerySet, Sum

from meguri.ledger import queries as books
from meguri.parties.rules import Both
from meguri.programmes import queries as programmes
from meguri.programmes.parts import PaymentWay
from meguri.programmes.payment import WAYS
from meguri.programmes.vouchers import paying, rules
from meguri.programmes.vouchers.models import (
    Application,
    ApplicationState,
    CashUp,
    CounterReceipt,
    NoticeOutcome,
    OrderState,
    PaymentNotice,
    PaymentOrder,
    ReceiptKind,
    Sale,
    SaleState,
)
from meguri.programmes.vouchers.offer import Offer, find_offer
from meguri.programmes.vouchers.operations.ordering import ways_offered
from meguri.programmes.vouchers.operations.payments import final_by
from meguri.programmes.vouchers.slip_code import MOST_YEN

PAGE = 100
OVERDUE_AFTER = timedelta(days=2)
"""How long after its day a missing final notice waits before the desk sees it."""


@dataclass(frozen=True, slots=True)
class OrderView:
    """An order as its buyer and the officers see it. `served`: the vouchers are in the wallet.

    `number` is what is typed at a till, empty for a card, `barcode` the 44 digits that it reads, if there is one;
    `final_by` the day on which the final notice is expected.
    """

    id: UUID
    application: UUID
    application_number: str
    sale: UUID
    programme: UUID
    programme_name: Both
    department: str
    resident: UUID
    way: str
    way_words: Both
    provider: str
    number: str
    barcode: str
    units: int
    amount_yen: int
    state: str
    state_words: Both
    issued_on: str
    served: bool
    opened_at: datetime
    pay_before: datetime
    early_at: datetime | None
    final_at: datetime | None
    withdrawn_at: datetime | None
    final_by: datetime | None
    page: str
    because: Both
    refunded_at: datetime | None
    refund_note: str


@dataclass(frozen=True, slots=True)
class NoticeView:
    """A notice that was not taken: what it said, why it was set aside, what was done about it."""

    id: UUID
    provider: str
    number: str
    kind: str
    reference: str
    order: UUID | None
    due_yen: int | None
    amount: int
    currency: str
    paid_at: datetime
    heard_at: datetime
    outcome: str
    looked_at: datetime | None
    note: str


@dataclass(frozen=True, slots=True)
class ReceiptView:
    """Cash at the counter. `name` is its number as printed: fiscal year and running number.

    `kind`: sale, debt (taken for what a buyer owed), back (paid to a holder), fix (a correction of `corrects`, of the
    kind `corrects_kind`). A sale alone has units and a sale. `posting`: what moved the value.
    """

    id: UUID
    name: str
    department: str
    kind: str
    sale: UUID | None
    programme_name: Both
    application_number: str
    units: int
    price_yen: int
    face_yen: int
    sold_at: datetime
    clerk: UUID
    cash_up: UUID | None
    undone_at: datetime | None
    undone_because: str
    posting: UUID
    corrects: UUID | None
    corrects_kind: str
    corrected_by: UUID | None

    @property
    def granted_yen(self) -> int:
        """What came on top of the price."""
        return self.face_yen - self.price_yen if self.kind == ReceiptKind.SALE else 0

    @property
    def till_yen(self) -> int:
        """What the till gained by it."""
        if self.undone_at:
            return 0
        is_out = self.kind == ReceiptKind.PAID_BACK or self.corrects_kind in (ReceiptKind.SALE, ReceiptKind.DEBT)
        return -self.price_yen if is_out else self.price_yen


@dataclass(frozen=True, slots=True)
class OwedView:
    """What a buyer owes to a programme; `number` is that of the application whose payment was withdrawn last."""

    holder: UUID
    programme: UUID
    programme_name: Both
    number: str
    yen: int


@dataclass(frozen=True, slots=True)
class CashUpView:
    id: UUID
    clerk: UUID
    department: str
    made_at: datetime
    receipts: int
    sold_yen: int
    debts_yen: int
    paid_back_yen: int
    corrected_yen: int
    counted_yen: int
    difference_yen: int
    reason: str


def order(number: UUID, *, municipality: int) -> OrderView:
    """One order. Raises Refusal `payment_order_unknown`."""
    found = _orders(PaymentOrder.objects.filter(id=number, municipality=municipality))
    if not found:
        raise paying.ORDER_UNKNOWN.refusal()
    return found[0]


def orders_of(application: UUID, *, municipality: int) -> tuple[OrderView, ...]:
    """An application's orders, newest first."""
    return _orders(PaymentOrder.objects.filter(application=application, municipality=municipality).order_by("-id"))


def ways_of(programme: UUID, *, yen: int, municipality: int) -> tuple[PaymentWay, ...]:
    """The ways in which so many yen of this programme are paid here; a slip holds no more than a till takes."""
    ways = ways_offered(find_offer(programme, municipality=municipality), municipality=municipality)
    return tuple(way for way in ways if way is not PaymentWay.SLIP or yen <= MOST_YEN)


def department_orders(
    department: str, *, municipality: int, state: str = "", after: UUID | None = None, limit: int = PAGE
) -> tuple[OrderView, ...]:
    """A department's orders, newest first."""
    rows = PaymentOrder.objects.filter(_of(department, municipality))
    if state:
        rows = rows.filter(state=state)
    if after is not None:
        rows = rows.filter(id__lt=after)
    return _orders(rows.order_by("-id")[:limit])


def orders_to_mend(department: str, *, municipality: int, at: datetime) -> tuple[OrderView, ...]:
    """What a department has to act on: money to give back, and early notices whose final one is overdue."""
    rows = PaymentOrder.objects.filter(_of(department, municipality)).filter(
        Q(state=OrderState.TO_REFUND) | Q(state=OrderState.EARLY, early_at__lt=at - OVERDUE_AFTER)
    )
    found = _orders(rows.order_by("id"))
    return tuple(
        each for each in found
        if each.state == OrderState.TO_REFUND or (each.final_by is not None and each.final_by + OVERDUE_AFTER <= at)
    )


def notices_to_look_into(department: str, *, municipality: int) -> tuple[NoticeView, ...]:
    """Notices that were not taken: the department's own, and those that name no order of anybody."""
    rows = PaymentNotice.objects.filter(municipality=municipality, looked_at__isnull=True)
    rows = rows.exclude(outcome=NoticeOutcome.TAKEN).select_related("order__application__sale")
    own = {each: find_offer(each, municipality=municipality).department for each in _programmes(rows)}
    return tuple(
        _notice(row) for row in rows.order_by("id")
        if row.order is None or own[row.order.application.sale.programme] == department
    )


def past_deadline(municipality: int, *, at: datetime) -> tuple[UUID, ...]:
    """Drawn sales whose purchase deadline has passed and that have not ended."""
    rows = Sale.objects.filter(municipality=municipality, state=SaleState.DRAWN, purchase_until__lte=at)
    return tuple(rows.order_by("id").values_list("id", flat=True))


def may_still_be_paid(sale: UUID, *, municipality: int, at: datetime) -> bool:
    """Whether somebody of a sale whose deadline has passed has moved up and still has time, or has paid already.

    An early notice may still be withdrawn, also after it has loaded a wallet.
    """
    rows = Application.objects.filter(sale=sale, municipality=municipality)
    is_early = Q(state__in=[ApplicationState.WON, ApplicationState.PURCHASED], orders__state=OrderState.EARLY)
    return rows.filter(Q(state=ApplicationState.WON, moved_up_until__gt=at) | is_early).exists()


def receipt(number: UUID, *, municipality: int) -> ReceiptView:
    """One receipt. Raises Refusal `voucher_receipt_unknown`."""
    found = _receipts(CounterReceipt.objects.filter(id=number, municipality=municipality))
    if not found:
        raise rules.RECEIPT_UNKNOWN.refusal()
    return found[0]


def receipt_of(application: UUID, *, municipality: int) -> ReceiptView | None:
    """The newest receipt of an application, if it was bought at the counter."""
    rows = CounterReceipt.objects.filter(application=application, municipality=municipality)
    return next(iter(_receipts(rows.order_by("-id")[:1])), None)


def receipts(
    department: str, *, municipality: int, clerk: UUID | None = None, uncounted: bool = False, limit: int = PAGE
) -> tuple[ReceiptView, ...]:
    """A department's receipts, newest first; of one clerk, or those that no cash-up covers yet."""
    rows = CounterReceipt.objects.filter(municipality=municipality)
    if department:
        rows = rows.filter(department=department)
    if clerk is not None:
        rows = rows.filter(clerk=clerk)
    if uncounted:
        rows = rows.filter(cash_up__isnull=True, undone_at__isnull=True)
    return _receipts(rows.order_by("-id")[:limit])


def uncounted_yen(clerk: UUID, *, department: str, municipality: int) -> int:
    """What a clerk's till should hold now."""
    rows = CounterReceipt.objects.filter(
        municipality=municipality, clerk=clerk, department=department, cash_up__isnull=True, undone_at__isnull=True
    )
    is_out = Q(kind=ReceiptKind.PAID_BACK) | Q(corrects__kind__in=[ReceiptKind.SALE, ReceiptKind.DEBT])
    found = rows.aggregate(all=Sum("price_yen"), went=Sum("price_yen", filter=is_out))
    return int(found["all"] or 0) - 2 * int(found["went"] or 0)


def cash_ups(department: str, *, municipality: int, limit: int = PAGE) -> tuple[CashUpView, ...]:
    """The cash-ups of a department (empty: of all), newest first."""
    rows = CashUp.objects.filter(municipality=municipality)
    if department:
        rows = rows.filter(department=department)
    return tuple(
        CashUpView(
            row.id, row.clerk, row.department, row.made_at, row.receipts, row.sold_yen, row.debts_yen,
            row.paid_back_yen, row.corrected_yen, row.counted_yen, row.difference_yen, row.reason,
        )
        for row in rows.order_by("-id")[:limit]
    )  # fmt: skip


def debts_owed(department: str, *, municipality: int) -> tuple[OwedView, ...]:
    """What buyers owe to a department's programmes after a shop withdrew their payment, by buyer and programme."""
    rows = PaymentOrder.objects.filter(_of(department, municipality), withdrawn_at__isnull=False)
    found = {
        (row.application.resident, row.application.sale.programme): row.application.number
        for row in rows.select_related("application__sale").order_by("id")
    }
    owed: Counter[tuple[UUID, UUID]] = Counter()
    funds = {fund.id: fund.programme for fund in programmes.funds(municipality, department=department)}
    for each in books.debts({resident for resident, _ in found}, municipality=municipality):
        if each.fund in funds:
            owed[each.holder, funds[each.fund]] += each.yen
    names = {key: find_offer(key, municipality=municipality).name for key in {programme for _, programme in found}}
    return tuple(
        OwedView(holder, programme, names[programme], number, owed[holder, programme])
        for (holder, programme), number in found.items() if owed[holder, programme]
    )  # fmt: skip


def _of(department: str, municipality: int) -> Q:
    sales = Sale.objects.filter(municipality=municipality).values_list("programme", flat=True).distinct()
    own = [each for each in sales if find_offer(each, municipality=municipality).department == department]
    return Q(municipality=municipality, application__sale__programme__in=own)


def _programmes(rows: QuerySet[PaymentNotice]) -> set[UUID]:
    return {row.order.application.sale.programme for row in rows if row.order is not None}


def _orders(rows: QuerySet[PaymentOrder]) -> tuple[OrderView, ...]:
    found = list(rows.select_related("application__sale"))
    offers = {
        programme: find_offer(programme, municipality=found[0].municipality)
        for programme in {row.application.sale.programme for row in found}
    }
    return tuple(_order(row, offers[row.application.sale.programme]) for row in found)


def _order(row: PaymentOrder, offer: Offer) -> OrderView:
    applied = row.application
    return OrderView(
        id=row.id, application=applied.id, application_number=applied.number, sale=applied.sale_id,
        programme=applied.sale.programme, programme_name=offer.name, department=offer.department,
        resident=applied.resident,
        way=row.way, way_words=WAYS[PaymentWay(row.way)], provider=row.provider,
        number=paying.spoken_slip(row.reference) if row.way == PaymentWay.SLIP else "",
        barcode=row.barcode, units=row.units,
        amount_yen=row.amount_yen, state=row.state, state_words=paying.STATES[row.state], issued_on=row.issued_on,
        served=row.posting is not None, opened_at=row.opened_at, pay_before=row.pay_before, early_at=row.early_at,
        final_at=row.final_at, withdrawn_at=row.withdrawn_at,
        final_by=final_by(row, at=row.early_at) if row.early_at is not None else None, page=row.page,
        because=Both(row.because_ja, row.because_en), refunded_at=row.refunded_at, refund_note=row.refund_note,
    )  # fmt: skip


def _notice(row: PaymentNotice) -> NoticeView:
    return NoticeView(
        id=row.id, provider=row.provider, number=row.number, kind=row.kind, reference=row.reference,
        order=row.order_id, due_yen=row.order.amount_yen if row.order else None, amount=row.amount_yen,
        currency=row.currency, paid_at=row.paid_at, heard_at=row.heard_at, outcome=row.outcome,
        looked_at=row.looked_at, note=row.note,
    )  # fmt: skip


def _receipts(rows: QuerySet[CounterReceipt]) -> tuple[ReceiptView, ...]:
    return tuple(_receipt(row) for row in rows.select_related("application__sale", "corrects", "corrected_by"))


def _receipt(row: CounterReceipt) -> ReceiptView:
    applied = row.application
    programme = applied.sale.programme if applied else row.programme
    assert programme is not None  # noqa: S101 - kept by a constraint of the table
    return ReceiptView(
        id=row.id, name=f"{row.fiscal_year}-{row.number:06}", department=row.department, kind=row.kind,
        sale=applied.sale_id if applied else None, application_number=applied.number if applied else "",
        programme_name=find_offer(programme, municipality=row.municipality).name, units=row.units,
        price_yen=row.price_yen, face_yen=row.face_yen, sold_at=row.sold_at, clerk=row.clerk, cash_up=row.cash_up_id,
        undone_at=row.undone_at, undone_because=row.undone_because, posting=row.posting, corrects=row.corrects_id,
        corrects_kind=row.corrects.kind if row.corrects else "",
        corrected_by=row.corrected_by.id if hasattr(row, "corrected_by") else None,
    )
