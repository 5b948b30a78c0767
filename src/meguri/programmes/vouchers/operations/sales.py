"""Opening a sale: its windows and prices out of the terms, its stock in the books, the promise of its draw."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.db import transaction

from meguri.ledger import operations as books
from meguri.ledger import queries as balances
from meguri.ledger.rules import Account, Leg, Posting
from meguri.ledger.templates import AccountRole
from meguri.parties.rules import Both, require
from meguri.programmes import cost
from meguri.programmes import queries as programmes
from meguri.programmes.parts import SaleRound
from meguri.programmes.starting import changed_rounds
from meguri.programmes.vouchers import rules
from meguri.programmes.vouchers.models import Draw, Sale, SaleState
from meguri.programmes.vouchers.offer import Offer, find_offer, require_running
from meguri.words import draw
from meguri.words.actor import Actor
from meguri.words.ids import uuid7

NO_VALUE_NAMED = Both("", "")
"""Enough for a round that is not drawn."""


@transaction.atomic
def open_sale(
    *, programme: UUID, round_code: str, by: Actor, at: datetime, value_named: Both = NO_VALUE_NAMED
) -> UUID:
    """Open a round of a launched programme; gives the sale's id. Opening it again gives the same sale.

    `value_named` says which public value will be mixed into the draw (a closing price of a named day). It and the hash
    of a secret are published now, before anybody knows who applies.
    A round of leftovers takes over what the earlier rounds of its bundle left; they must have ended.
    Order: permission, the earlier sales, the sale's row (the second of two openers waits here), the draw's promise, the
    stock's postings.
    Raises Refusal `programme_unknown`, `not_allowed`, `programme_not_launched`, `voucher_round_unknown`,
    `voucher_round_will_change`, `voucher_too_late`, `voucher_value_not_named`, `voucher_earlier_round_open`,
    `voucher_nothing_left`.
    """
    offer = find_offer(programme, municipality=by.municipality)
    require(by, "voucher.draw", department=offer.department, municipality=offer.municipality)
    require_running(offer)
    sale_round = rules.find_round(offer.sale, round_code)
    _refuse_changing(offer, round_code)
    earlier = _left_over(offer, sale_round, at=at)
    if opened := Sale.objects.filter(programme=programme, round=round_code).first():
        return opened.id
    fresh = _sale(offer, sale_round, by=by, at=at)
    fresh.units += sum(left for _, left in earlier)
    if fresh.apply_until <= at:
        raise rules.TOO_LATE.refusal(when=rules.said_last_day((sale_round.application or sale_round.purchase).period))
    if rules.is_drawn(fresh.allocation) and not (value_named.ja.strip() and value_named.en.strip()):
        raise rules.VALUE_NOT_NAMED.refusal(field="value_named")
    if fresh.units == 0:
        raise rules.NOTHING_LEFT.refusal()
    Sale.objects.bulk_create([fresh], ignore_conflicts=True)
    kept = Sale.objects.get(programme=programme, round=round_code)
    if kept.id == fresh.id:
        if rules.is_drawn(kept.allocation):
            _promise(kept, value_named, at=at)
        _allot_stock(kept, units=sale_round.units, by=by, at=at)
        _take_over(kept, earlier, by=by, at=at)
    return kept.id


def _refuse_changing(offer: Offer, round_code: str) -> None:
    """What an opened sale sold stands; so a round that an approved amendment will change is opened under that one."""
    ahead = programmes.coming(offer.programme, municipality=offer.municipality)
    if ahead is None or ahead.starts_at is None:
        return
    after = programmes.version_terms(offer.programme, ahead.number, municipality=offer.municipality)
    if round_code in changed_rounds(offer.terms, after):
        raise rules.ROUND_TO_CHANGE.refusal(when=rules.said(ahead.starts_at))


def locked_sale(sale: UUID, by: Actor) -> Sale:
    """The sale's row, held alone until the transaction ends. Raises Refusal `voucher_sale_unknown`."""
    found = Sale.objects.select_for_update().filter(id=sale, municipality=by.municipality).first()
    if found is None:
        raise rules.SALE_UNKNOWN.refusal()
    return found


def shared_sale(sale: UUID, by: Actor) -> Sale:
    """The sale's row, held together with other applicants: nobody waits but whoever wants to close the sale."""
    query = "SELECT * FROM vouchers_sale WHERE id = %s AND municipality = %s FOR SHARE"
    found = next(iter(Sale.objects.raw(query, [sale, by.municipality])), None)
    if found is None:
        raise rules.SALE_UNKNOWN.refusal()
    return found


def stock_lot(sale: Sale) -> int:
    """The lot in which this round's units lie; its holder is the programme."""
    allowed = rules.allowed_stock(sale.programme, sale.round)
    return books.allowance_lot(municipality=sale.municipality, allowed=allowed, unit="piece")


def _left_over(offer: Offer, sale_round: SaleRound, *, at: datetime) -> list[tuple[Sale, int]]:
    """The earlier sales of the same bundle with the units they left, locked; none unless the round sells leftovers.

    A round that was never opened and whose days are over left nothing: its units never came into being.
    Raises Refusal `voucher_earlier_round_open`.
    """
    if not sale_round.leftovers:
        return []
    place = offer.sale.rounds.index(sale_round)
    before = [each for each in offer.sale.rounds[:place] if each.bundle == sale_round.bundle]
    rows = Sale.objects.select_for_update().filter(programme=offer.programme).order_by("id")
    sales = {row.round: row for row in rows}
    for each in before:
        is_done = sales[each.code].state == SaleState.ENDED if each.code in sales else each.purchase.period.is_over(at)
        if not is_done:
            raise rules.EARLIER_ROUND_OPEN.refusal(round=Both(each.name.ja, each.name.en))
    return [(sale, left) for each in before if (sale := sales.get(each.code)) and (left := _stock(sale))]


def _stock(sale: Sale) -> int:
    account = Account(sale.programme, AccountRole.STOCK)
    return balances.balance(account, lot=stock_lot(sale), municipality=sale.municipality)


def _sale(offer: Offer, sale_round: SaleRound, *, by: Actor, at: datetime) -> Sale:
    applying = (sale_round.application or sale_round.purchase).period
    buying, bundle = sale_round.purchase.period, cost.bundle_of(offer.sale, sale_round)
    return Sale(
        id=uuid7(at), municipality=by.municipality, programme=offer.programme, round=sale_round.code,
        bundle=bundle.code, allocation=sale_round.allocation, units=sale_round.units, unit_price_yen=bundle.price_yen,
        max_units=bundle.max_units, per=offer.sale.per, apply_from=applying.start,
        apply_until=rules.end_of(applying), purchase_from=buying.start, purchase_until=rules.end_of(buying),
        opened_at=at, opened_by=by.party,
    )


def _promise(sale: Sale, value_named: Both, *, at: datetime) -> None:
    secret = draw.new_secret()
    Draw.objects.create(
        id=uuid7(at), municipality=sale.municipality, sale=sale, secret=secret, commitment=draw.commitment(secret),
        committed_at=at, value_named_ja=value_named.ja, value_named_en=value_named.en,
    )


def _allot_stock(sale: Sale, *, units: int, by: Actor, at: datetime) -> None:
    """The round's own units; none for a round of nothing but leftovers."""
    stock = Account(sale.programme, AccountRole.STOCK)
    books.open_accounts([stock], municipality=sale.municipality)
    if not units:
        return
    leg = Leg(Account(sale.programme, AccountRole.ALLOTMENT), stock, units, (stock_lot(sale),))
    posting = Posting(
        key=f"allot_stock:{sale.id}", template="allot", legs=(leg,), at=at, by=str(by.party or by.role),
        about={"programme": str(sale.programme), "sale": str(sale.id), "round": sale.round},
    )
    books.post(posting, municipality=sale.municipality)


def _take_over(sale: Sale, earlier: Sequence[tuple[Sale, int]], *, by: Actor, at: datetime) -> None:
    """Units that earlier rounds left become this one's: one posting gives them back and allots them anew, so that none
    is sold twice.
    """
    if not earlier:
        return
    stock, outside = Account(sale.programme, AccountRole.STOCK), Account(sale.programme, AccountRole.ALLOTMENT)
    back = [Leg(stock, outside, left, (stock_lot(before),)) for before, left in earlier]
    anew = Leg(outside, stock, sum(left for _, left in earlier), (stock_lot(sale),))
    posting = Posting(
        key=f"carry_stock:{sale.id}", template="carry_stock", legs=(*back, anew), at=at, by=str(by.party or by.role),
        about={"programme": str(sale.programme), "sale": str(sale.id), "round": sale.round},
    )
    books.post(posting, municipality=sale.municipality)
    for before, left in earlier:
        before.units_passed_on += left
        before.save(update_fields=["units_passed_on"])
