"""Money in, purse loaded, unit gone, right used, all in one posting; and the way back, when a payment is withdrawn."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

from meguri.ledger import operations as books
from meguri.ledger import queries as balances
from meguri.ledger.reclaiming import newly_owed
from meguri.ledger.rules import INSUFFICIENT, LIMIT_REACHED, Account, Leg, Limit, Posting
from meguri.ledger.templates import AccountRole
from meguri.notices.operations import send
from meguri.programmes import operations as programmes
from meguri.programmes.parts import MoneyPart
from meguri.programmes.vouchers import rules, wording
from meguri.programmes.vouchers.models import Application, ApplicationState
from meguri.programmes.vouchers.offer import Offer, PurseLoad, find_offer, purse_loads
from meguri.programmes.vouchers.operations.applications import ceiling, office, units_left
from meguri.programmes.vouchers.operations.drawing import right_lot
from meguri.programmes.vouchers.operations.sales import stock_lot
from meguri.words.actor import Actor
from meguri.words.refusal import Refusal

PaidBy = Literal["counter", "test", "slip", "card"]


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


@dataclass(frozen=True, slots=True)
class TakenBack:
    """A purchase taken back: the yen that came back out of the wallet, and those that are owed now."""

    posting: UUID
    back_yen: int
    owed_yen: int


def issue(row: Application, *, offer: Offer, units: int, paid_by: PaidBy, by: Actor, at: datetime) -> Purchased:
    """Load what was paid for and tell the buyer. Whether it may be bought now was judged before.

    A right that stands is used up; one that has lapsed is served from what is left in stock.
    Raises Refusal `voucher_unit_limit_reached`, `voucher_sold_out`, `voucher_budget_empty`.
    """
    loads = purse_loads(offer, rules.find_round(offer.sale, row.sale.round), holder=row.resident)
    row.posting = _sell(row, loads, units=units, by=by, at=at)
    row.state, row.units_bought, row.purchased_at, row.paid_by = ApplicationState.PURCHASED, units, at, paid_by
    row.save(update_fields=["posting", "state", "units_bought", "purchased_at", "paid_by"])
    made = purchased(row, offer, replayed=False)
    words = wording.bought(
        row.number, programme=offer.name, units=made.units, face_yen=made.face_yen, price_yen=made.price_yen
    )
    send(row.resident, words, channel="in_app", topic="voucher.bought", by=office(row.municipality), at=at)
    return made


def undo(row: Application, *, by: Actor, at: datetime) -> TakenBack:
    """Take a purchase back whose payment was withdrawn.

    What was spent becomes a debt, fund by fund; units, ceiling and right are there again, as if nothing was bought.
    Order: the funders' shares (before the books, as every sale locks them), the posting, the shares, the row.
    """
    offer = find_offer(row.sale.programme, municipality=row.municipality)
    loads = purse_loads(offer, rules.find_round(offer.sale, row.sale.round), holder=row.resident)
    assert row.posting is not None  # noqa: S101 - kept by a constraint of the table
    for load in loads:
        programmes.hold_shares(agreement=load.agreement, by=by)
    made = books.take_back(
        row.posting, municipality=row.municipality, key=f"withdraw_purchase:{row.posting}", at=at, by=_hand(by),
        about={"programme": str(row.sale.programme), "sale": str(row.sale_id)}, template="withdraw_purchase",
    )  # fmt: skip
    back = _came_back(made.posting, loads, by=by)
    row.state, row.posting, row.purchased_at = ApplicationState.WON, None, None
    row.units_bought, row.paid_by, row.undone = 0, "", row.undone + 1
    row.save(update_fields=["state", "posting", "purchased_at", "units_bought", "paid_by", "undone"])
    return TakenBack(made.posting, back, newly_owed(made.posting, municipality=row.municipality))


def purchased(row: Application, offer: Offer, *, replayed: bool) -> Purchased:
    """The purchase that an application's row tells of."""
    assert row.posting is not None  # noqa: S101 - kept by a constraint of the table
    loads = purse_loads(offer, rules.find_round(offer.sale, row.sale.round), holder=row.resident)
    return Purchased(
        application=row.id, number=row.number, posting=row.posting, units=row.units_bought,
        price_yen=row.units_bought * row.sale.unit_price_yen,
        face_yen=row.units_bought * sum(load.yen for load in loads), replayed=replayed,
    )


def _sell(row: Application, loads: list[PurseLoad], *, units: int, by: Actor, at: datetime) -> UUID:
    """One posting. Stock and rights come first, so that "sold out" is said before "no budget"; then the money, and what
    it repays of an earlier purchase that was withdrawn after it was spent.
    """
    sale = row.sale
    wallet = Account(row.resident, AccountRole.WALLET)
    books.open_accounts([wallet], municipality=sale.municipality)
    money: list[Leg] = []
    for load in loads:
        money += money_legs(load, wallet, yen=load.yen * units, by=by, at=at)
    repaid = books.repayments(money, municipality=sale.municipality)
    again = f":{row.undone}" if row.undone else ""
    posting = Posting(
        key=f"sell_voucher:{row.id}{again}", template="sell_voucher", at=at, by=_hand(by),
        legs=(*_unit_legs(row, units=units), *money, *repaid),
        about={"programme": str(sale.programme), "sale": str(sale.id), "round": sale.round, "units": units},
    )
    try:
        made = books.post(posting, municipality=sale.municipality)
    except Refusal as refusal:
        raise _in_our_words(refusal, row) from refusal
    if repaid:
        _came_back(made.posting, loads, by=by)
    return made.posting


def _unit_legs(row: Application, *, units: int) -> list[Leg]:
    """The unit leaves the stock and counts against the holder's ceiling; a drawn right is used up as a whole."""
    sale, stands = row.sale, row.state == ApplicationState.WON
    if row.reserved_by is not None and stands:  # out of the stock and counted already
        kept, gone = Account(row.resident, AccountRole.ALLOWANCE), Account(row.resident, AccountRole.USED)
        return [Leg(kept, gone, units, (stock_lot(sale),))]
    stock, used = Account(sale.programme, AccountRole.STOCK), Account(sale.programme, AccountRole.USED)
    account, lot = ceiling(sale, row.counted)
    legs = [Leg(stock, used, units, (stock_lot(sale),), limits=(Limit(account, lot),))]
    if rules.is_drawn(sale.allocation) and stands:
        legs.append(right_leg(row))
    return legs


def right_leg(row: Application) -> Leg:
    """A winner's right is used up, by a purchase or because it lapsed."""
    source, target = Account(row.resident, AccountRole.ALLOWANCE), Account(row.resident, AccountRole.USED)
    return Leg(source, target, row.units_won, (right_lot(row.sale),))


def money_legs(load: PurseLoad, wallet: Account, *, yen: int, by: Actor, at: datetime) -> list[Leg]:
    """Paid part: the buyer's money enters through their fund. Granted part: each funder pays its share."""
    legs = []
    for share in programmes.share_grant(agreement=load.agreement, amount_yen=yen, by=by):
        lot = programmes.open_lot(
            purse_kind=load.purse_kind, fund=share.fund, holder=wallet.owner, obtained_at=at, by=by
        )
        if load.part is MoneyPart.PAID:
            source = Account(share.fund, AccountRole.CASH_RECEIVED)
            legs.append(Leg(source, wallet, share.yen, (lot,), credit_lot=lot))
        else:
            own = books.fund_lot(share.fund, municipality=by.municipality)
            legs.append(Leg(Account(share.fund, AccountRole.FUND), wallet, share.yen, (own,), credit_lot=lot))
    return legs


def _came_back(posting: UUID, loads: Sequence[PurseLoad], *, by: Actor) -> int:
    """The yen that a posting took out of the wallet: the funders' shares count them as never granted."""
    gone = [
        entry for entry in balances.entries(posting, municipality=by.municipality)
        if entry.debit.role == AccountRole.WALLET
    ]  # fmt: skip
    lots = balances.lots({entry.debit_lot for entry in gone}, municipality=by.municipality)
    for load in loads:
        parts: Counter[UUID] = Counter()
        for entry in gone:
            lot = lots[entry.debit_lot]
            if lot.purse_kind == load.purse_kind and lot.fund is not None:
                parts[lot.fund] += entry.amount
        if parts:
            programmes.take_back_grant(agreement=load.agreement, parts=parts, by=by)
    return sum(entry.amount for entry in gone)


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


def _hand(by: Actor) -> str:
    return str(by.party or by.role)
