"""The draw: close the list and publish its hash, then mix in the public value, reveal the secret, write the results."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import connection, transaction

from meguri.ledger import operations as books
from meguri.ledger import queries as balances
from meguri.ledger.rules import Account, Leg, Posting
from meguri.ledger.templates import AccountRole
from meguri.notices.operations import send_alike
from meguri.parties.rules import require
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
AT_ONCE = 10_000
"""So many awards are written, and their people told, in one step: a draw of a million holds no more of them at once."""
_NUMBER = "{number}"
"""Stands in a notice where each reads their own receipt number; no programme's name has it."""
_AWARD = """
    UPDATE vouchers_application AS a
       SET rank = d.rank, units_drawn = d.won, units_won = d.won,
           state = CASE WHEN d.won > 0 THEN 'won' ELSE 'lost' END
      FROM unnest(%s::text[], %s::integer[], %s::integer[]) AS d (number, rank, won)
     WHERE a.sale_id = %s AND a.number = d.number AND a.state = 'applied'
 RETURNING d.rank, a.id, a.resident
"""


@dataclass(frozen=True, slots=True)
class Right:
    """What an application won: its resident may buy so many units; none for who was not drawn."""

    application: UUID
    number: str
    resident: UUID
    units: int


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
    Order: the sale alone (nobody applies or withdraws meanwhile), permission, list against its published hash; then,
    step by step in the drawn order, awards, winners' rights into the books, notices; last the reveal of the secret.
    Everything or nothing.
    Raises Refusal `voucher_sale_unknown`, `not_allowed`, `voucher_not_drawn`, `voucher_not_closed`,
    `voucher_too_early`, `voucher_value_unreadable`, `voucher_already_drawn_otherwise`.
    """
    kept, offer, promise = _locked_draw(sale, by)
    value = _one_line(public_value)
    if promise.drawn_at is not None:
        if promise.public_value != value:
            raise rules.ALREADY_DRAWN_OTHERWISE.refusal(public_value=promise.public_value)
        return promise.results_digest
    listed = _drawable(kept, offer, promise=promise, at=at)
    stock = balances.balance(
        Account(kept.programme, AccountRole.STOCK), lot=stock_lot(kept), municipality=kept.municipality
    )
    seed = draws.Seed(secret=promise.secret, list_hash=promise.list_hash, public_value=value)
    result = rules.compute_draw(listed, seed=seed, stock=stock, allocation=kept.allocation)
    asked = sum(award.units_asked for award in result.awards)
    served = sum(award.units_won for award in result.awards)
    for start in range(0, len(result.awards), AT_ONCE):
        rights = _write_awards(kept, result.awards[start : start + AT_ONCE])
        allot_rights(kept, rights, by=by, at=at)
        _tell(kept, offer, rights=rights, asked=asked, served=served, at=at)
    promise.public_value, promise.stock, promise.results_digest = value, stock, result.digest
    promise.drawn_at, promise.drawn_by = at, by.party
    promise.save(update_fields=["public_value", "stock", "results_digest", "drawn_at", "drawn_by"])
    kept.state = SaleState.DRAWN
    kept.save(update_fields=["state"])
    return result.digest


def entries(sale: Sale) -> list[rules.Entry]:
    """The list: everybody who applied and did not withdraw. It is published in an order of its own."""
    rows = Application.objects.filter(sale=sale).exclude(state=ApplicationState.WITHDRAWN)
    listed = rows.values_list("number", "units_applied").iterator(chunk_size=AT_ONCE)
    return [rules.Entry(number, units) for number, units in listed]


def _locked_draw(sale: UUID, by: Actor) -> tuple[Sale, Offer, Draw]:
    kept = locked_sale(sale, by)
    offer = find_offer(kept.programme, municipality=by.municipality)
    require(by, "voucher.draw", department=offer.department, municipality=kept.municipality)
    promise = Draw.objects.filter(sale=kept).first()
    if promise is None:
        raise rules.NOT_DRAWN_HERE.refusal()
    return kept, offer, promise


def _drawable(sale: Sale, offer: Offer, *, promise: Draw, at: datetime) -> list[rules.Entry]:
    """The list, if it may be drawn now and is the one that was published."""
    if sale.state != SaleState.CLOSED:
        raise rules.NOT_CLOSED.refusal()
    drawn_on = rules.find_round(offer.sale, sale.round).drawn_on
    if drawn_on is not None and at < day_start(drawn_on):
        raise rules.TOO_EARLY.refusal(when=rules.said(day_start(drawn_on)))
    listed = entries(sale)
    if rules.list_hash(listed) != promise.list_hash:
        raise rules.LIST_CHANGED.refusal()
    return listed


def _one_line(text: str) -> str:
    value = text.strip()
    if not value or len(value) > 200 or len(value.splitlines()) != 1:
        raise rules.VALUE_UNREADABLE.refusal(field="public_value")
    return value


def _write_awards(sale: Sale, awards: Sequence[draws.Award]) -> list[Right]:
    """Write a step's awards in one statement; gives what each won, in the drawn order."""
    columns = [award.id for award in awards], [award.rank for award in awards], [award.units_won for award in awards]
    with connection.cursor() as cursor:
        cursor.execute(_AWARD, [*columns, sale.id])
        written = {rank: (application, resident) for rank, application, resident in cursor.fetchall()}
    if len(written) != len(awards):
        raise rules.LIST_CHANGED.refusal()
    return [
        Right(application, award.id, resident, award.units_won)
        for award in awards for application, resident in [written[award.rank]]
    ]  # fmt: skip


def allot_rights(sale: Sale, rights: Iterable[Right], *, by: Actor, at: datetime) -> None:
    """A winner's right is a balance of pieces: it can be used up, and not be used twice."""
    lot = right_lot(sale)
    postings = [_right(each, sale, lot=lot, by=by, at=at) for each in rights if each.units]
    for start in range(0, len(postings), AT_ONCE):
        for answer in books.post_batch(postings[start : start + AT_ONCE], municipality=sale.municipality):
            if isinstance(answer, Refusal):
                raise answer


def right_lot(sale: Sale) -> int:
    """The lot of the right to buy a unit of this round."""
    allowed = rules.allowed_right(sale.programme, sale.round)
    return books.allowance_lot(municipality=sale.municipality, allowed=allowed, unit="piece")


def _right(right: Right, sale: Sale, *, lot: int, by: Actor, at: datetime) -> Posting:
    source, target = Account(right.resident, AccountRole.ALLOTMENT), Account(right.resident, AccountRole.ALLOWANCE)
    return Posting(
        key=f"allot_right:{right.application}", template="allot", legs=(Leg(source, target, right.units, (lot,)),),
        at=at, by=str(by.party or by.role),
        about={"programme": str(sale.programme), "sale": str(sale.id), "round": sale.round},
    )


def _tell(sale: Sale, offer: Offer, *, rights: Sequence[Right], asked: int, served: int, at: datetime) -> None:
    """Everybody of a step hears how it went for them; `asked` and `served`: units over the whole draw.

    What is said differs by the units won; each reads their own receipt number in it.
    """
    until = rules.said_last_day(Period(sale.purchase_from, sale.purchase_until))
    alike: dict[int, list[tuple[UUID, str]]] = {}
    for each in rights:
        alike.setdefault(each.units, []).append((each.resident, each.number))
    for units, people in sorted(alike.items()):
        words = (
            wording.won(_NUMBER, programme=offer.name, units=units, price_yen=units * sale.unit_price_yen, until=until)
            if units else wording.lost(_NUMBER, programme=offer.name, applied=asked, served=served)
        )  # fmt: skip
        send_alike(
            people, words, mark=_NUMBER, channel="in_app", topic="voucher.won" if units else "voucher.lost",
            by=office(sale.municipality), at=at,
        )  # fmt: skip
