"""Buying: money in, purse loaded, unit gone, right used, all in one posting. And what is not bought in time lapses."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

from django.db import transaction

from meguri.ledger import operations as books
from meguri.ledger import queries as balances
from meguri.ledger.rules import INSUFFICIENT, LIMIT_REACHED, Account, Leg, Limit, Posting
from meguri.ledger.templates import AccountRole
from meguri.notices.operations import send, send_many
from meguri.parties.rules import require
from meguri.programmes import operations as programmes
from meguri.programmes.parts import MoneyPart
from meguri.programmes.vouchers import rules, wording
from meguri.programmes.vouchers.models import Application, ApplicationState, PlaceState, Sale, SaleState
from meguri.programmes.vouchers.offer import Offer, PurseLoad, find_offer, purse_loads, require_running
from meguri.programmes.vouchers.operations.applications import (
    apply_window,
    ceiling,
    enter,
    locked_application,
    office,
    units_left,
)
from meguri.programmes.vouchers.operations.drawing import BATCH, right_lot
from meguri.programmes.vouchers.operations.lining import release
from meguri.programmes.vouchers.operations.sales import locked_sale, shared_sale, stock_lot
from meguri.words.actor import Actor
from meguri.words.period import Period
from meguri.words.refusal import Refusal

PaidBy = Literal["counter", "test"]


@dataclass(frozen=True, slots=True)
class Purchased:
    """A purchase: what was paid and what came into the wallet (yen). `replayed`: it had been made before."""

    application: UUID
    number: str
    posting: UUID
    units: int
    price_yen: int
    face_yen: int
    replayed: bool


@transaction.atomic
def purchase(*, application: UUID, by: Actor, at: datetime, units: int | None = None) -> Purchased:
    """A winner buys with the built-in test payment; fewer `units` than won may be bought, the rest then lapses.

    Once only: a repeated request gives the first answer. Order: the application's row, permission, state, window,
    then one posting for cash, premium, stock and right, and the notice.
    Raises Refusal `voucher_application_unknown`, `not_allowed`, `voucher_test_payment_refused`,
    `voucher_nothing_to_buy`, `voucher_too_early`, `voucher_too_late`, `voucher_too_many_units`,
    `voucher_unit_limit_reached`, `voucher_sold_out`, `voucher_budget_empty`.
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


@transaction.atomic
def lapse_unpaid(*, sale: UUID, by: Actor, at: datetime) -> int:
    """After the purchase deadline, unpaid rights lapse; gives how many. A sale that ended stays as it is.

    Who still waits for a draw that nobody made is told that there was none, instead of waiting for ever.
    Order: the sale alone, permission, deadline, the winners' rows, their rights out of the books, states, notices.
    Raises Refusal `voucher_sale_unknown`, `not_allowed`, `voucher_still_open`.
    """
    kept = locked_sale(sale, by)
    offer = find_offer(kept.programme, municipality=by.municipality)
    require(by, "voucher.draw", department=offer.department, municipality=kept.municipality)
    window = _purchase_window(kept)
    if not window.is_over(at):
        raise rules.STILL_OPEN.refusal(when=rules.said_last_day(window))
    unpaid = Application.objects.select_for_update().filter(sale=kept, state=ApplicationState.WON)
    rows = list(unpaid.order_by("id"))
    _take_rights(kept, rows, by=by, at=at)
    Application.objects.filter(id__in=[row.id for row in rows]).update(state=ApplicationState.LAPSED)
    told = [(row.resident, wording.lapsed(row.number, programme=offer.name, units=row.units_won)) for row in rows]
    send_many(told, channel="in_app", topic="voucher.lapsed", by=office(kept.municipality), at=at)
    _end_undrawn(kept, offer, at=at)
    kept.state, kept.closed_at = SaleState.ENDED, kept.closed_at or at
    kept.save(update_fields=["state", "closed_at"])
    return len(rows)


def _end_undrawn(sale: Sale, offer: Offer, *, at: datetime) -> None:
    """Applications that no draw has judged: their state says so, and so does a notice."""
    left = Application.objects.select_for_update().filter(sale=sale, state=ApplicationState.APPLIED)
    rows = list(left.order_by("id"))
    Application.objects.filter(id__in=[row.id for row in rows]).update(state=ApplicationState.UNDRAWN)
    told = [(row.resident, wording.undrawn(row.number, programme=offer.name)) for row in rows]
    send_many(told, channel="in_app", topic="voucher.undrawn", by=office(sale.municipality), at=at)


def _buy(row: Application, *, units: int | None, paid_by: PaidBy, by: Actor, at: datetime) -> Purchased:
    sale = row.sale
    offer = find_offer(sale.programme, municipality=row.municipality)
    loads = purse_loads(offer, rules.find_round(offer.sale, sale.round))
    if row.state == ApplicationState.PURCHASED:
        return _purchased(row, loads, replayed=True)
    if row.state != ApplicationState.WON:
        raise rules.NOTHING_TO_BUY.refusal(state=rules.STATES[row.state])
    require_running(offer)
    wanted = row.units_won if units is None else units
    rules.require_units(wanted, most=row.units_won)
    _require_in_time(row, whole=wanted == row.units_won, at=at)
    row.posting = _sell(row, loads, units=wanted, by=by, at=at)
    row.state, row.units_bought, row.purchased_at, row.paid_by = ApplicationState.PURCHASED, wanted, at, paid_by
    row.save(update_fields=["posting", "state", "units_bought", "purchased_at", "paid_by"])
    made = _purchased(row, loads, replayed=False)
    words = wording.bought(
        row.number, programme=offer.name, units=made.units, face_yen=made.face_yen, price_yen=made.price_yen
    )
    send(row.resident, words, channel="in_app", topic="voucher.bought", by=office(row.municipality), at=at)
    return made


def _require_in_time(row: Application, *, whole: bool, at: datetime) -> None:
    """What was reserved in a line is paid for within its time, and as a whole: it was counted so."""
    rules.require_within(_purchase_window(row.sale), at)
    if row.pay_before is None:
        return
    if at >= row.pay_before:
        raise rules.RESERVATION_OVER.refusal(when=rules.said_minute(row.pay_before))
    if not whole:
        raise rules.RESERVED_AS_A_WHOLE.refusal(field="units", units=row.units_won)


def _purchased(row: Application, loads: list[PurseLoad], *, replayed: bool) -> Purchased:
    assert row.posting is not None  # noqa: S101 - kept by a constraint of the table
    return Purchased(
        application=row.id, number=row.number, posting=row.posting, units=row.units_bought,
        price_yen=row.units_bought * row.sale.unit_price_yen,
        face_yen=row.units_bought * sum(load.yen for load in loads), replayed=replayed,
    )


def _sell(row: Application, loads: list[PurseLoad], *, units: int, by: Actor, at: datetime) -> UUID:
    """One posting. Stock and rights come first, so that "sold out" is said before "no budget"."""
    sale = row.sale
    wallet = Account(row.resident, AccountRole.WALLET)
    books.open_accounts([wallet], municipality=sale.municipality)
    legs = [*_unit_legs(row, units=units)]
    for load in loads:
        legs += money_legs(load, wallet, yen=load.yen * units, by=by, at=at)
    posting = Posting(
        key=f"sell_voucher:{row.id}", template="sell_voucher", legs=tuple(legs), at=at, by=str(by.party or by.role),
        about={"programme": str(sale.programme), "sale": str(sale.id), "round": sale.round, "units": units},
    )
    try:
        return books.post(posting, municipality=sale.municipality).posting
    except Refusal as refusal:
        raise _in_our_words(refusal, row) from refusal


def _unit_legs(row: Application, *, units: int) -> list[Leg]:
    """The unit leaves the stock and counts against the holder's ceiling; a drawn right is used up as a whole."""
    sale = row.sale
    if row.reserved_by is not None:  # out of the stock and counted already
        kept, gone = Account(row.resident, AccountRole.ALLOWANCE), Account(row.resident, AccountRole.USED)
        return [Leg(kept, gone, units, (stock_lot(sale),))]
    stock, used = Account(sale.programme, AccountRole.STOCK), Account(sale.programme, AccountRole.USED)
    account, lot = ceiling(sale, row.counted)
    legs = [Leg(stock, used, units, (stock_lot(sale),), limits=(Limit(account, lot),))]
    if rules.is_drawn(sale.allocation):
        legs.append(_right_leg(row))
    return legs


def _right_leg(row: Application) -> Leg:
    source, target = Account(row.resident, AccountRole.ALLOWANCE), Account(row.resident, AccountRole.USED)
    return Leg(source, target, row.units_won, (right_lot(row.sale),))


def money_legs(load: PurseLoad, wallet: Account, *, yen: int, by: Actor, at: datetime) -> list[Leg]:
    """Paid part: the buyer's money enters through their fund. Granted part: each funder pays its share."""
    legs = []
    for share in programmes.share_grant(agreement=load.agreement, amount_yen=yen, by=by):
        lot = programmes.open_lot(purse_kind=load.purse_kind, fund=share.fund, obtained_at=at, by=by)
        if load.part is MoneyPart.PAID:
            legs.append(Leg(Account(share.fund, AccountRole.CASH_RECEIVED), wallet, share.yen, (lot,)))
        else:
            own = books.fund_lot(share.fund, municipality=by.municipality)
            legs.append(Leg(Account(share.fund, AccountRole.FUND), wallet, share.yen, (own,), credit_lot=lot))
    return legs


def _in_our_words(refusal: Refusal, row: Application) -> Refusal:
    """What the books refused, said as a buyer understands it."""
    sale = row.sale
    if refusal.kind is LIMIT_REACHED:
        return rules.UNIT_LIMIT_REACHED.refusal(
            field="units", holder=rules.HOLDERS[sale.per], most=sale.max_units, left=units_left(sale, row.counted),
            limit=refusal.limit,
        )
    if refusal.kind is not INSUFFICIENT:
        return refusal
    if refusal.limit.startswith(AccountRole.STOCK):
        return rules.SOLD_OUT.refusal(available=refusal.facts["available"], limit=refusal.limit)
    if refusal.limit.startswith(AccountRole.FUND):
        return rules.BUDGET_EMPTY.refusal(limit=refusal.limit)
    return refusal


def _take_rights(sale: Sale, rows: list[Application], *, by: Actor, at: datetime) -> None:
    """A lapsed right leaves the holder's allowance; nothing else moves. What a line kept goes back to the stock."""
    if not rules.is_drawn(sale.allocation):
        release([row for row in rows if row.reserved_by is not None], sale=sale, at=at)
        return
    postings = [
        Posting(
            key=f"lapse_right:{row.id}", template="sell_voucher", legs=(_right_leg(row),), at=at,
            by=str(by.party or by.role), about={"programme": str(sale.programme), "sale": str(sale.id), "lapsed": True},
        )
        for row in rows
    ]
    for start in range(0, len(postings), BATCH):
        for answer in books.post_batch(postings[start : start + BATCH], municipality=sale.municipality):
            if isinstance(answer, Refusal):
                raise answer


def _purchase_window(sale: Sale) -> Period:
    return Period(sale.purchase_from, sale.purchase_until)


def _require_invented(municipality: int) -> None:
    """The test payment moves no real money, so it must not load real purses."""
    town = balances.municipality(municipality)
    if town is None or town.kind == "real":
        raise rules.TEST_PAYMENT_ONLY_REHEARSED.refusal()
