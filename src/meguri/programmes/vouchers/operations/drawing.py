"""The draw: close the list and publish its hash, then mix in the public value, reveal the secret, write the results."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.db import transaction

from meguri.ledger import operations as books
from meguri.ledger import queries as balances
from meguri.ledger.rules import Account, Leg, Posting
from meguri.ledger.templates import AccountRole
from meguri.notices.operations import send_many
from meguri.notices.rules import Wording
from meguri.parties.rules import Both, require
from meguri.programmes.vouchers import rules, wording
from meguri.programmes.vouchers.models import Application, ApplicationState, Draw, Sale, SaleState
from meguri.programmes.vouchers.offer import Offer, find_offer
from meguri.programmes.vouchers.operations.applications import apply_window, office
from meguri.programmes.vouchers.operations.sales import locked_sale, stock_lot
from meguri.words import draw as draws
from meguri.words.actor import Actor
from meguri.words.period import Period, day_start
from meguri.words.refusal import Refusal

BATCH = 1_000


@transaction.atomic
def close_applications(*, sale: UUID, by: Actor, at: datetime) -> str:
    """Fix the list of a drawn sale after its window; gives the list's hash, which is public from now on.

    Must happen before the public value is known: the list cannot be bent to it afterwards. Closing again is the same.
    Order: the sale alone (applicants still at it finish first), permission, window, hash, state.
    Raises Refusal `voucher_sale_unknown`, `not_allowed`, `voucher_not_drawn`, `voucher_still_open`.
    """
    kept, _, promise = _locked_draw(sale, by)
    if kept.state != SaleState.OPEN:
        return promise.list_hash
    window = apply_window(kept)
    if not window.is_over(at):
        raise rules.STILL_OPEN.refusal(when=rules.said_last_day(window))
    promise.list_hash = rules.list_hash(entries(kept))
    promise.save(update_fields=["list_hash"])
    kept.state, kept.closed_at = SaleState.CLOSED, at
    kept.save(update_fields=["state", "closed_at"])
    return promise.list_hash


@transaction.atomic
def draw_lottery(*, sale: UUID, public_value: str, by: Actor, at: datetime) -> str:
    """Draw a closed sale with the public value of the day; gives the digest of the results.

    Drawing again with the same value is the same draw; there is no second one.
    Order: the sale alone, permission, list against its published hash, awards, winners' rights into the books,
    notices; last the reveal of the secret. Everything or nothing.
    Raises Refusal `voucher_sale_unknown`, `not_allowed`, `voucher_not_drawn`, `voucher_not_closed`,
    `voucher_too_early`, `voucher_value_unreadable`, `voucher_already_drawn_otherwise`.
    """
    kept, offer, promise = _locked_draw(sale, by)
    value = _one_line(public_value)
    if promise.drawn_at is not None:
        if promise.public_value != value:
            raise rules.ALREADY_DRAWN_OTHERWISE.refusal(public_value=promise.public_value)
        return promise.results_digest
    _require_drawable(kept, offer, promise=promise, at=at)
    stock = balances.balance(
        Account(kept.programme, AccountRole.STOCK), lot=stock_lot(kept), municipality=kept.municipality
    )
    seed = draws.Seed(secret=promise.secret, list_hash=promise.list_hash, public_value=value)
    result = rules.compute_draw(entries(kept), seed=seed, stock=stock, allocation=kept.allocation)
    applications = _write_awards(kept, result.awards)
    allot_rights(kept, applications, by=by, at=at)
    _tell_all(kept, offer, applications=applications, at=at)
    promise.public_value, promise.stock, promise.results_digest = value, stock, result.digest
    promise.drawn_at, promise.drawn_by = at, by.party
    promise.save(update_fields=["public_value", "stock", "results_digest", "drawn_at", "drawn_by"])
    kept.state = SaleState.DRAWN
    kept.save(update_fields=["state"])
    return result.digest


def entries(sale: Sale) -> list[rules.Entry]:
    """The list: everybody who applied and did not withdraw, by receipt number."""
    rows = Application.objects.filter(sale=sale).exclude(state=ApplicationState.WITHDRAWN).order_by("number")
    return [rules.Entry(number, units) for number, units in rows.values_list("number", "units_applied")]


def _locked_draw(sale: UUID, by: Actor) -> tuple[Sale, Offer, Draw]:
    kept = locked_sale(sale, by)
    offer = find_offer(kept.programme, municipality=by.municipality)
    require(by, "voucher.draw", department=offer.department, municipality=kept.municipality)
    promise = Draw.objects.filter(sale=kept).first()
    if promise is None:
        raise rules.NOT_DRAWN_HERE.refusal()
    return kept, offer, promise


def _require_drawable(sale: Sale, offer: Offer, *, promise: Draw, at: datetime) -> None:
    if sale.state != SaleState.CLOSED:
        raise rules.NOT_CLOSED.refusal()
    drawn_on = rules.find_round(offer.sale, sale.round).drawn_on
    if drawn_on is not None and at < day_start(drawn_on):
        raise rules.TOO_EARLY.refusal(when=rules.said(day_start(drawn_on)))
    if rules.list_hash(entries(sale)) != promise.list_hash:
        raise rules.LIST_CHANGED.refusal()


def _one_line(text: str) -> str:
    value = text.strip()
    if not value or len(value) > 200 or len(value.splitlines()) != 1:
        raise rules.VALUE_UNREADABLE.refusal(field="public_value")
    return value


def _write_awards(sale: Sale, awards: Sequence[draws.Award]) -> list[Application]:
    rows = Application.objects.select_for_update().filter(sale=sale, state=ApplicationState.APPLIED)
    by_number = {row.number: row for row in rows}
    for award in awards:
        row = by_number[award.id]
        row.rank, row.units_drawn, row.units_won = award.rank, award.units_won, award.units_won
        row.state = ApplicationState.WON if award.units_won else ApplicationState.LOST
    ranked = [by_number[award.id] for award in awards]
    Application.objects.bulk_update(ranked, ["rank", "units_drawn", "units_won", "state"], batch_size=BATCH)
    return ranked


def allot_rights(sale: Sale, applications: Sequence[Application], *, by: Actor, at: datetime) -> None:
    """A winner's right is a balance of pieces: it can be used up, and not be used twice."""
    postings = [_right(row, sale, lot=right_lot(sale), by=by, at=at) for row in applications if row.units_won]
    for start in range(0, len(postings), BATCH):
        for answer in books.post_batch(postings[start : start + BATCH], municipality=sale.municipality):
            if isinstance(answer, Refusal):
                raise answer


def right_lot(sale: Sale) -> int:
    """The lot of the right to buy a unit of this round."""
    allowed = rules.allowed_right(sale.programme, sale.round)
    return books.allowance_lot(municipality=sale.municipality, allowed=allowed, unit="piece")


def _right(row: Application, sale: Sale, *, lot: int, by: Actor, at: datetime) -> Posting:
    source, target = Account(row.resident, AccountRole.ALLOTMENT), Account(row.resident, AccountRole.ALLOWANCE)
    return Posting(
        key=f"allot_right:{row.id}", template="allot", legs=(Leg(source, target, row.units_won, (lot,)),), at=at,
        by=str(by.party or by.role),
        about={"programme": str(sale.programme), "sale": str(sale.id), "round": sale.round},
    )


def _tell_all(sale: Sale, offer: Offer, *, applications: Sequence[Application], at: datetime) -> None:
    until = rules.said_last_day(Period(sale.purchase_from, sale.purchase_until))
    applied = sum(row.units_applied for row in applications)
    served = sum(row.units_won for row in applications)
    winners = [(row.resident, _won(row, sale, offer=offer, until=until)) for row in applications if row.units_won]
    losers = [
        (row.resident, wording.lost(row.number, programme=offer.name, applied=applied, served=served))
        for row in applications if not row.units_won
    ]  # fmt: skip
    hand = office(sale.municipality)
    send_many(winners, channel="in_app", topic="voucher.won", by=hand, at=at)
    send_many(losers, channel="in_app", topic="voucher.lost", by=hand, at=at)


def _won(row: Application, sale: Sale, *, offer: Offer, until: Both) -> Wording:
    price = row.units_won * sale.unit_price_yen
    return wording.won(row.number, programme=offer.name, units=row.units_won, price_yen=price, until=until)
