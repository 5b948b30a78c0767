"""Buying a right that stands: by the test payment, at the counter in cash, at once where nothing is drawn."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import transaction

from meguri.ledger import queries as balances
from meguri.parties.rules import require
from meguri.programmes.vouchers import paying, rules
from meguri.programmes.vouchers.models import Application, ApplicationState, OrderState, PaymentOrder, PlaceState
from meguri.programmes.vouchers.offer import find_offer, require_running
from meguri.programmes.vouchers.operations.applications import apply_window, enter, locked_application
from meguri.programmes.vouchers.operations.issuing import PaidBy, Purchased, issue, purchased
from meguri.programmes.vouchers.operations.receipts import write_receipt
from meguri.programmes.vouchers.operations.sales import shared_sale
from meguri.words.actor import Actor
from meguri.words.period import Period


@transaction.atomic
def purchase(*, application: UUID, by: Actor, at: datetime, units: int | None = None) -> Purchased:
    """A winner buys with the built-in test payment; fewer `units` than won may be bought, the rest then lapses.

    Once only: a repeated request gives the first answer. Order: the application's row, permission, state, window,
    then one posting for cash, premium, stock and right, and the notice.
    Raises Refusal `voucher_application_unknown`, `not_allowed`, `voucher_test_payment_refused`,
    `voucher_nothing_to_buy`, `voucher_too_early`, `voucher_too_late`, `voucher_too_many_units`,
    `voucher_unit_limit_reached`, `voucher_sold_out`, `voucher_budget_empty`, `payment_under_way`.
    """
    row = locked_application(application, by)
    require(by, "voucher.purchase", owner=row.resident, municipality=row.municipality)
    _require_invented(row.municipality)
    return _buy(row, units=units, paid_by="test", by=by, at=at)


@transaction.atomic
def sell_at_counter(*, application: UUID, by: Actor, at: datetime, units: int | None = None) -> Purchased:
    """An officer takes the winner's cash at the counter. Order and refusals as `purchase`, the test payment's apart."""
    row = locked_application(application, by)
    offer = find_offer(row.sale.programme, municipality=by.municipality)
    require(by, "voucher.sell_at_counter", department=offer.department, municipality=row.municipality)
    return _buy(row, units=units, paid_by="counter", by=by, at=at)


@transaction.atomic
def buy_at_once(
    *, sale: UUID, units: int, by: Actor, at: datetime, resident: UUID | None = None
) -> Purchased:
    """Buy in a sale that is first come, first served: a resident by test payment, an officer at the counter.

    Order: permission, hold the sale open, window, units, eligibility, ceiling, the application's row (which makes a
    second request of the same person wait), then the posting. Who comes when the stock is gone is refused by the stock.
    Raises Refusal as `apply` and `purchase`, and `voucher_is_drawn`.
    """
    kept = shared_sale(sale, by)
    offer = find_offer(kept.programme, municipality=by.municipality)
    person = resident or by.party
    at_counter = by.party != person
    action = "voucher.sell_at_counter" if at_counter else "voucher.purchase"
    require(by, action, department=offer.department, owner=person, municipality=kept.municipality)
    assert person is not None  # noqa: S101 - the permission has an owner, or an officer named the resident
    if rules.is_drawn(kept.allocation):
        raise rules.DRAWN_HERE.refusal()
    if not at_counter:
        _require_invented(kept.municipality)
    require_running(offer)
    rules.require_within(apply_window(kept), at)
    if not at_counter and kept.places.filter(state=PlaceState.WAITING).exists():
        raise rules.LINE_STANDS.refusal()
    sale_round = rules.find_round(offer.sale, kept.round)
    row, is_new = enter(kept, offer, resident=person, units=units, sale_round=sale_round, by=by, at=at)
    if is_new:
        row.units_won, row.state = units, ApplicationState.WON
        row.save(update_fields=["units_won", "state"])
    return _buy(row, units=units, paid_by="counter" if at_counter else "test", by=by, at=at)


def _buy(row: Application, *, units: int | None, paid_by: PaidBy, by: Actor, at: datetime) -> Purchased:
    offer = find_offer(row.sale.programme, municipality=row.municipality)
    if row.state == ApplicationState.PURCHASED:
        return purchased(row, offer, replayed=True)
    if row.state != ApplicationState.WON:
        raise rules.NOTHING_TO_BUY.refusal(state=rules.STATES[row.state])
    require_running(offer)
    wanted = row.units_won if units is None else units
    rules.require_units(wanted, most=row.units_won)
    require_in_time(row, whole=wanted == row.units_won, at=at)
    replace_orders(row)
    made = issue(row, offer=offer, units=wanted, paid_by=paid_by, by=by, at=at)
    if paid_by == "counter":
        write_receipt(row, made, offer=offer, by=by, at=at)
    return made


def replace_orders(row: Application, *, but: UUID | None = None) -> None:
    """Somebody pays another way: an order that still waits is replaced; one that a shop has taken money for stands.

    The application's row is locked. Raises Refusal `payment_under_way`.
    """
    others = PaymentOrder.objects.filter(application=row)
    if but is not None:
        others = others.exclude(id=but)
    under_way = others.filter(state=OrderState.EARLY, posting__isnull=True).first()
    if under_way is not None and under_way.early_at is not None:
        raise paying.UNDER_WAY.refusal(when=rules.said_minute(under_way.early_at))
    others.filter(state=OrderState.OPEN).update(state=OrderState.REPLACED)


def deadline_of(row: Application) -> datetime:
    """Until when this right can be paid (half-open): a place in line and who moved up have deadlines of their own."""
    return row.moved_up_until or row.pay_before or row.sale.purchase_until


def require_in_time(row: Application, *, whole: bool, at: datetime) -> None:
    """What was reserved in a line is paid for within its time, and as a whole: it was counted so."""
    end = row.moved_up_until or row.sale.purchase_until
    rules.require_within(Period(row.sale.purchase_from, end), at)
    if row.pay_before is None:
        return
    if at >= row.pay_before:
        raise rules.RESERVATION_OVER.refusal(when=rules.said_minute(row.pay_before))
    if not whole:
        raise rules.RESERVED_AS_A_WHOLE.refusal(field="units", units=row.units_won)


def _require_invented(municipality: int) -> None:
    """The test payment moves no real money, so it must not load real purses."""
    town = balances.municipality(municipality)
    if town is None or town.kind == "real":
        raise rules.TEST_PAYMENT_ONLY_REHEARSED.refusal()
