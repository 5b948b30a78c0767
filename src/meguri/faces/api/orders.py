"""Paying for what one has won, or what a line keeps: choose a way, see where the payment stands, get the receipt."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID

from django.urls import reverse
from ninja import Router, Schema

from meguri.faces.api.auth import Bearer
from meguri.faces.design.barcode import barcode_svg
from meguri.faces.entrance.requests import TownRequest
from meguri.programmes.parts import PaymentWay
from meguri.programmes.vouchers import operations, orders, queries
from meguri.programmes.vouchers.orders import OrderView
from meguri.programmes.vouchers.paying import ORDER_UNKNOWN
from meguri.programmes.vouchers.providers import agency_of
from meguri.programmes.vouchers.queries import ApplicationView
from meguri.programmes.vouchers.rules import APPLICATION_UNKNOWN, RECEIPT_UNKNOWN
from meguri.programmes.vouchers.slip_code import MOST_YEN, bears_stamp, last_day_of, spoken_code

router = Router()
BARS_HIGH = 80
"""In modules of the barcode's picture."""


class ApplicationRow(Schema):
    """`to_pay_yen`, `ways` and `pay_before` say what can be paid now, and how; nothing when nothing is due."""

    application: UUID
    number: str
    sale: UUID
    programme: UUID
    programme_ja: str
    programme_en: str
    units_applied: int
    units_won: int
    units_bought: int
    state: str
    state_ja: str
    state_en: str
    to_pay_yen: int
    pay_from: datetime
    pay_before: datetime | None
    ways: list[PaymentWay]


class OrderAsked(Schema):
    """`way`: one of the application's `ways`; at the counter one pays without an order."""

    application: UUID
    way: PaymentWay


class SlipGiven(Schema):
    """What a store's till reads, while it takes it: `barcode` is the 44 digits of the GS1-128 code, `lines` the same as
    they stand under its bars, `svg` the bars as a picture (308 modules wide; show it no wider than 60 mm).

    `last_day`: the last one at a till. `needs_stamp`: the store sticks a revenue stamp on its receipt. `agency`: who
    collects for the town; `most_yen`: no till takes more for one slip.
    """

    barcode: str
    lines: list[str]
    svg: str
    last_day: date
    needs_stamp: bool
    agency: str
    most_yen: int


class OrderGiven(Schema):
    """`slip_number`: what is typed at a shop's till; `slip`: what it reads, if there is a barcode and while it can be
    paid. `page`: where a card is paid, once it was prepared.

    `state`: open, replaced, early (a shop has told us, and may take it back), paid, withdrawn, to_refund, refunded.
    `served`: the vouchers are in the wallet. `because`: why the money goes back.
    """

    order: UUID
    application: UUID
    application_number: str
    way: PaymentWay
    slip_number: str
    slip: SlipGiven | None
    units: int
    amount_yen: int
    state: str
    state_ja: str
    state_en: str
    served: bool
    opened_at: datetime
    pay_before: datetime
    page: str
    early_at: datetime | None
    final_by: datetime | None
    final_at: datetime | None
    withdrawn_at: datetime | None
    because_ja: str
    because_en: str
    refunded_at: datetime | None


class BoughtPart(Schema):
    """What came into one purse. `part`: paid (for which the price was paid), granted (what came on top)."""

    purse: str
    name_ja: str
    name_en: str
    part: str
    yen: int


class ReceiptGiven(Schema):
    """`receipt_number`: of the paper that the counter printed; empty for what was paid otherwise."""

    application: UUID
    application_number: str
    receipt_number: str
    programme: UUID
    programme_ja: str
    programme_en: str
    units: int
    price_yen: int
    face_yen: int
    parts: list[BoughtPart]
    paid_by: str
    bought_at: datetime
    posting: UUID
    order: UUID | None


@router.get(
    "/vouchers/applications/mine", operation_id="vouchers_applications", response=list[ApplicationRow],
    auth=Bearer("voucher.purchase"),
)  # fmt: skip
def applications(request: TownRequest) -> list[ApplicationRow]:
    """My applications, newest first: what became of each, what is to be paid, by when and in which ways."""
    number = request.actor.municipality
    found = queries.applications_of(_holder(request), municipality=number)
    return [_row(each, ways=orders.ways_of(each.programme, yen=each.to_pay_yen, municipality=number))
            for each in found]  # fmt: skip


@router.post(
    "/vouchers/orders", operation_id="vouchers_order", response=OrderGiven, auth=Bearer("voucher.purchase")
)  # fmt: skip
def order(request: TownRequest, asked: OrderAsked) -> OrderGiven:
    """Choose a way to pay for all that is mine. The same way again is the same order; another way replaces it."""
    _own_application(request, asked.application)
    made = operations.open_order(application=asked.application, way=asked.way, by=request.actor, at=request.at)
    return _given(request, _own(request, made))


@router.post(
    "/vouchers/orders/{order}/page", operation_id="vouchers_prepare_page", response=OrderGiven,
    auth=Bearer("voucher.purchase"),
)  # fmt: skip
def prepare_page(request: TownRequest, order: UUID) -> OrderGiven:
    """Have the card company's page prepared: `page` then says where to pay. Asked again, it is the same page."""
    _own(request, order)
    back_to = request.build_absolute_uri(reverse("resident:order", args=[order]))
    operations.prepare_payment(order=order, back_to=back_to, by=request.actor, at=request.at)
    return _given(request, _own(request, order))


@router.get(
    "/vouchers/orders", operation_id="vouchers_orders", response=list[OrderGiven], auth=Bearer("voucher.purchase")
)  # fmt: skip
def list_orders(request: TownRequest, *, application: UUID) -> list[OrderGiven]:
    """An application's orders, newest first, those among them that another way has replaced."""
    _own_application(request, application)
    found = orders.orders_of(application, municipality=request.actor.municipality)
    return [_given(request, each) for each in found]


@router.get(
    "/vouchers/orders/{order}", operation_id="vouchers_see_order", response=OrderGiven,
    auth=Bearer("voucher.purchase"),
)  # fmt: skip
def see_order(request: TownRequest, order: UUID) -> OrderGiven:
    """One payment of mine: what to do now, until when, and what was heard of it."""
    return _given(request, _own(request, order))


@router.get(
    "/vouchers/receipts/{application}", operation_id="vouchers_receipt", response=ReceiptGiven,
    auth=Bearer("voucher.purchase"),
)  # fmt: skip
def receipt(request: TownRequest, application: UUID) -> ReceiptGiven:
    """What I bought: units, price, what came into which purse, and the posting by which the books prove it."""
    own, number = _own_application(request, application), request.actor.municipality
    if own.posting is None or own.purchased_at is None:
        raise RECEIPT_UNKNOWN.refusal()
    sale = queries.sale_page(own.sale, municipality=number)
    paper = orders.receipt_of(application, municipality=number) if own.paid_by == PaymentWay.COUNTER else None
    paid = (each.id for each in orders.orders_of(application, municipality=number) if each.served)
    parts = [
        BoughtPart(
            purse=each.purse, name_ja=each.name.ja, name_en=each.name.en, part=each.part,
            yen=each.yen * own.units_bought,
        )
        for each in sale.face
    ]  # fmt: skip
    return ReceiptGiven(
        application=own.id, application_number=own.number, receipt_number=paper.name if paper else "",
        programme=own.programme, programme_ja=own.programme_name.ja, programme_en=own.programme_name.en,
        units=own.units_bought, price_yen=own.units_bought * sale.unit_price_yen,
        face_yen=sum(each.yen for each in parts), parts=parts, paid_by=own.paid_by, bought_at=own.purchased_at,
        posting=own.posting, order=next(paid, None),
    )  # fmt: skip


def _holder(request: TownRequest) -> UUID:
    return request.actor.party or UUID(int=0)


def _own_application(request: TownRequest, application: UUID) -> ApplicationView:
    """Anybody else's is not there. Raises Refusal `voucher_application_unknown`."""
    found = queries.application(application, municipality=request.actor.municipality)
    if found is None or found.resident != _holder(request):
        raise APPLICATION_UNKNOWN.refusal(field="application")
    return found


def _own(request: TownRequest, order: UUID) -> OrderView:
    """Anybody else's is not there. Raises Refusal `payment_order_unknown`."""
    found = orders.order(order, municipality=request.actor.municipality)
    if found.resident != _holder(request):
        raise ORDER_UNKNOWN.refusal()
    return found


def _row(found: ApplicationView, *, ways: Sequence[PaymentWay]) -> ApplicationRow:
    is_due = found.to_pay_yen > 0
    return ApplicationRow(
        application=found.id, number=found.number, sale=found.sale, programme=found.programme,
        programme_ja=found.programme_name.ja, programme_en=found.programme_name.en,
        units_applied=found.units_applied, units_won=found.units_won, units_bought=found.units_bought,
        state=found.state, state_ja=found.state_words.ja, state_en=found.state_words.en, to_pay_yen=found.to_pay_yen,
        pay_from=found.purchase.start, pay_before=(found.pay_before or found.purchase.end) if is_due else None,
        ways=list(ways) if is_due else [],
    )  # fmt: skip


def _slip(found: OrderView, *, at: datetime) -> SlipGiven | None:
    """None: the town's slips have no barcode, or this one can be paid no more."""
    if not found.barcode or found.state != "open" or at >= found.pay_before:
        return None
    agency = agency_of(found.provider)
    return SlipGiven(
        barcode=found.barcode, lines=list(spoken_code(found.barcode)), svg=barcode_svg(found.barcode, height=BARS_HIGH),
        last_day=last_day_of(found.barcode), needs_stamp=bears_stamp(found.barcode),
        agency=agency.name if agency else "", most_yen=MOST_YEN,
    )  # fmt: skip


def _given(request: TownRequest, found: OrderView) -> OrderGiven:
    return OrderGiven(
        order=found.id, application=found.application, application_number=found.application_number,
        way=PaymentWay(found.way), slip_number=found.number,
        slip=_slip(found, at=request.at), units=found.units, amount_yen=found.amount_yen,
        state=found.state,
        state_ja=found.state_words.ja, state_en=found.state_words.en, served=found.served, opened_at=found.opened_at,
        pay_before=found.pay_before, page=found.page, early_at=found.early_at, final_by=found.final_by,
        final_at=found.final_at, withdrawn_at=found.withdrawn_at, because_ja=found.because.ja,
        because_en=found.because.en, refunded_at=found.refunded_at,
    )  # fmt: skip
