"""Opening a sale: its windows and prices out of the terms, its stock in the books, the promise of its draw."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import transaction

from meguri.ledger import operations as books
from meguri.ledger.rules import Account, Leg, Posting
from meguri.ledger.templates import AccountRole
from meguri.parties.rules import Both, require
from meguri.programmes.parts import SaleRound
from meguri.programmes.vouchers import rules
from meguri.programmes.vouchers.models import Draw, Sale
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
    Order: permission, the sale's row (the second of two openers waits here), the draw's promise, the stock's posting.
    Raises Refusal `programme_unknown`, `not_allowed`, `programme_not_launched`, `voucher_round_unknown`,
    `voucher_too_late`, `voucher_value_not_named`.
    """
    offer = find_offer(programme, municipality=by.municipality)
    require(by, "voucher.draw", department=offer.department, municipality=offer.municipality)
    require_running(offer)
    sale_round = rules.find_round(offer.sale, round_code)
    fresh = _sale(offer, sale_round, by=by, at=at)
    if fresh.apply_until <= at:
        raise rules.TOO_LATE.refusal(when=rules.said_last_day((sale_round.application or sale_round.purchase).period))
    if rules.is_drawn(fresh.allocation) and not (value_named.ja.strip() and value_named.en.strip()):
        raise rules.VALUE_NOT_NAMED.refusal(field="value_named")
    Sale.objects.bulk_create([fresh], ignore_conflicts=True)
    kept = Sale.objects.get(programme=programme, round=round_code)
    if kept.id == fresh.id:
        if rules.is_drawn(kept.allocation):
            _promise(kept, value_named, at=at)
        _allot_stock(kept, by=by, at=at)
    return kept.id


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


def _sale(offer: Offer, sale_round: SaleRound, *, by: Actor, at: datetime) -> Sale:
    applying = (sale_round.application or sale_round.purchase).period
    buying = sale_round.purchase.period
    return Sale(
        id=uuid7(at), municipality=by.municipality, programme=offer.programme, round=sale_round.code,
        allocation=sale_round.allocation, units=sale_round.units, unit_price_yen=offer.sale.unit_price_yen,
        max_units=offer.sale.max_units, per=offer.sale.per, apply_from=applying.start,
        apply_until=rules.end_of(applying), purchase_from=buying.start, purchase_until=rules.end_of(buying),
        opened_at=at, opened_by=by.party,
    )


def _promise(sale: Sale, value_named: Both, *, at: datetime) -> None:
    secret = draw.new_secret()
    Draw.objects.create(
        id=uuid7(at), municipality=sale.municipality, sale=sale, secret=secret, commitment=draw.commitment(secret),
        committed_at=at, value_named_ja=value_named.ja, value_named_en=value_named.en,
    )


def _allot_stock(sale: Sale, *, by: Actor, at: datetime) -> None:
    stock = Account(sale.programme, AccountRole.STOCK)
    books.open_accounts([stock], municipality=sale.municipality)
    leg = Leg(Account(sale.programme, AccountRole.ALLOTMENT), stock, sale.units, (stock_lot(sale),))
    posting = Posting(
        key=f"allot_stock:{sale.id}", template="allot", legs=(leg,), at=at, by=str(by.party or by.role),
        about={"programme": str(sale.programme), "sale": str(sale.id), "round": sale.round},
    )
    books.post(posting, municipality=sale.municipality)
