"""The line of a sale that is first come, first served: stand in it, be allotted units in its order, pay in time.

Standing in line writes one small row and touches no money, so a town may come at once. Units are taken out of the stock
by `allot`, for hundreds of people in one posting batch, and only there: nobody races anybody for the last unit.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from uuid import UUID

from django.db import connection, transaction
from django.db.models import F, Max, Q, QuerySet

from meguri.ledger import operations as books
from meguri.ledger import queries as balances
from meguri.ledger.rules import LIMIT_REACHED, Account, Leg, Limit, Posting, Verdict
from meguri.ledger.templates import AccountRole
from meguri.notices.operations import send_many
from meguri.parties.rules import require
from meguri.programmes.parts import Holder
from meguri.programmes.vouchers import paying, rules, wording
from meguri.programmes.vouchers.models import (
    Application,
    ApplicationState,
    OrderState,
    PaymentOrder,
    Place,
    PlaceState,
    Sale,
    SaleState,
)
from meguri.programmes.vouchers.offer import Applicant, Offer, find_offer, judge_eligible, require_running
from meguri.programmes.vouchers.operations.applications import apply_window, ceiling, office
from meguri.programmes.vouchers.operations.sales import locked_sale, stock_lot
from meguri.words.actor import Actor
from meguri.words.ids import uuid7
from meguri.words.refusal import Refusal

ALLOTTED_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class Wish:
    """Somebody who comes to the line: who, and for how many units."""

    by: Actor
    units: int


@dataclass(frozen=True, slots=True)
class Placed:
    """A place in the line. `number` counts from 1; `is_new`: it was taken just now. It is never taken twice."""

    number: int
    units: int
    is_new: bool


@transaction.atomic
def line_up(wishes: Sequence[Wish], *, sale: UUID, municipality: int, at: datetime) -> list[Placed | Refusal]:
    """Give everybody of a batch a place, in their order: one answer for each. Who has a place keeps it, as it was.

    Order: the sale, its window, then for each permission, units, eligibility; the line alone (places are numbered
    without a gap), the rows. The unique constraint of the table is the second wall.
    Raises Refusal `voucher_sale_unknown`, `voucher_no_line`, `programme_not_launched`, `voucher_too_early`,
    `voucher_too_late` for all; answers `not_allowed`, `voucher_too_many_units`, `voucher_resident_unknown`,
    `voucher_residents_first`, `commuter_unconfirmed`, `voucher_not_eligible`, `voucher_household_applied` for one.
    """
    kept, offer = _line(sale, municipality, at=at)
    judged = _judge(wishes, sale=kept, offer=offer)
    _hold_the_line(sale)
    good = {_counted(kept, each): each for each in judged if isinstance(each, Applicant)}
    known = {row.counted: row for row in Place.objects.filter(sale=kept, counted__in=list(good))}
    last = Place.objects.filter(sale=kept).aggregate(last=Max("number"))["last"] or 0
    fresh: dict[UUID, Place] = {}
    answers: list[Placed | Refusal] = []
    for wish, facts in zip(wishes, judged, strict=True):
        if isinstance(facts, Refusal):
            answers.append(facts)
            continue
        counted = _counted(kept, facts)
        row = known.get(counted) or fresh.get(counted)
        is_new = row is None
        if row is None:
            row = fresh[counted] = _place(kept, facts, number=last + len(fresh) + 1, units=wish.units, at=at)
        if row.resident != facts.person:
            answers.append(rules.HOUSEHOLD_APPLIED.refusal())
        else:
            answers.append(Placed(row.number, row.units, is_new))
    Place.objects.bulk_create(fresh.values(), batch_size=1_000)
    return answers


@transaction.atomic
def allot(*, sale: UUID, by: Actor, at: datetime, most: int = ALLOTTED_AT_ONCE) -> int:
    """Reserve units for who waits longest; gives how many places were settled. 0: nothing to do now.

    Each gets what they asked for while units last, the last one what is left; it is theirs to pay for
    `rules.RESERVED_FOR`. While what is reserved may still come back, the rest goes on waiting; then all are told.
    Order: the sale alone, permission, what was not paid in time goes back, the longest waiting, one posting for each
    in one batch, applications, places, notices.
    Raises Refusal `voucher_sale_unknown`, `voucher_no_line`, `not_allowed`.
    """
    kept = locked_sale(sale, by)
    offer = find_offer(kept.programme, municipality=by.municipality)
    require(by, "voucher.draw", department=offer.department, municipality=kept.municipality)
    _require_line(kept)
    _take_back(kept, offer, at=at)
    waiting = list(kept.places.filter(state=PlaceState.WAITING).order_by("number")[:most])
    if not waiting:
        return 0
    if kept.state != SaleState.OPEN or apply_window(kept).is_over(at):
        return _send_home(kept, rules.TOO_LATE.refusal(when=rules.said_last_day(apply_window(kept))), at=at)
    if _in_stock(kept) == 0:
        may_come_back = Application.objects.filter(sale=kept, state=ApplicationState.WON).exists()
        return 0 if may_come_back else _send_home(kept, rules.SOLD_OUT.refusal(available=0), at=at)
    return _reserve(kept, offer, waiting=waiting, by=by, at=at)


def _line(sale: UUID, municipality: int, *, at: datetime) -> tuple[Sale, Offer]:
    kept = Sale.objects.filter(id=sale, municipality=municipality).first()
    if kept is None:
        raise rules.SALE_UNKNOWN.refusal()
    _require_line(kept)
    offer = find_offer(kept.programme, municipality=municipality)
    require_running(offer)
    rules.require_within(apply_window(kept), at)
    return kept, offer


def _require_line(sale: Sale) -> None:
    if rules.is_drawn(sale.allocation):
        raise rules.NOT_FIRST_COME.refusal()


def _judge(wishes: Sequence[Wish], *, sale: Sale, offer: Offer) -> list[Applicant | Refusal]:
    """Who may stand in the line, and why not; the register is asked once for all."""
    people = [wish.by.party for wish in wishes if wish.by.party is not None]
    found = judge_eligible(offer, residents=people, sale_round=rules.find_round(offer.sale, sale.round))
    return [_or_refusal(partial(_admit, wish, sale=sale, offer=offer, found=found)) for wish in wishes]


def _admit(wish: Wish, *, sale: Sale, offer: Offer, found: dict[UUID, Applicant | Refusal]) -> Applicant:
    require(
        wish.by, "voucher.purchase", department=offer.department, owner=wish.by.party, municipality=sale.municipality
    )
    rules.require_units(wish.units, most=sale.max_units)
    assert wish.by.party is not None  # noqa: S101 - a permission of scope OWN has an owner
    facts = found[wish.by.party]
    if isinstance(facts, Refusal):
        raise facts
    return facts


def _or_refusal(work: Callable[[], Applicant]) -> Applicant | Refusal:
    try:
        return work()
    except Refusal as refusal:
        return refusal


def _hold_the_line(sale: UUID) -> None:
    """Nobody else gives places of this sale until the transaction ends; selling at the counter goes on."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended('vouchers_line:' || %s::text, 0))", [sale])


def _counted(sale: Sale, facts: Applicant) -> UUID:
    return facts.household if sale.per == Holder.HOUSEHOLD else facts.person


def _place(sale: Sale, facts: Applicant, *, number: int, units: int, at: datetime) -> Place:
    return Place(
        id=uuid7(at), municipality=sale.municipality, sale=sale, number=number, resident=facts.person,
        household=facts.household, counted=_counted(sale, facts), units=units, entered_at=at,
    )


def _in_stock(sale: Sale) -> int:
    return balances.balance(
        Account(sale.programme, AccountRole.STOCK), lot=stock_lot(sale), municipality=sale.municipality
    )


def _reserve(sale: Sale, offer: Offer, *, waiting: Sequence[Place], by: Actor, at: datetime) -> int:
    taken = set(
        Application.objects.filter(sale=sale, counted__in=[place.counted for place in waiting])
        .exclude(state=ApplicationState.WITHDRAWN).values_list("counted", flat=True)
    )  # fmt: skip
    twice = rules.HOUSEHOLD_APPLIED if sale.per == Holder.HOUSEHOLD else rules.HAS_BOUGHT
    _refuse([(place, twice.refusal()) for place in waiting if place.counted in taken], at=at)
    asking = [place for place in waiting if place.counted not in taken]
    postings = [_reservation(sale, place, by=by, at=at) for place in asking]
    answers = list(zip(asking, books.post_batch(postings, municipality=sale.municipality), strict=True))
    served = [(place, answer) for place, answer in answers if isinstance(answer, Verdict)]
    full = [place for place, answer in answers if isinstance(answer, Refusal) and answer.kind is LIMIT_REACHED]
    _refuse([(place, _full(sale)) for place in full], at=at)
    _allotted(sale, offer, served=served, at=at)
    return len(waiting) - len(asking) + len(full) + len(served)


def _reservation(sale: Sale, place: Place, *, by: Actor, at: datetime) -> Posting:
    """The units leave the stock for the holder's allowance, counted against their ceiling now."""
    account, lot = ceiling(sale, place.counted)
    stock, kept = Account(sale.programme, AccountRole.STOCK), Account(place.resident, AccountRole.ALLOWANCE)
    leg = Leg(stock, kept, place.units, (stock_lot(sale),), up_to=True, limits=(Limit(account, lot),))
    return Posting(
        key=f"reserve_unit:{place.id}", template="reserve_unit", legs=(leg,), at=at, by=str(by.party or by.role),
        about={"programme": str(sale.programme), "sale": str(sale.id), "round": sale.round},
    )


def _units(place: Place, verdict: Verdict) -> int:
    """How many left the stock: all that were asked for, unless something cut the leg short."""
    if verdict.cut_leg is None:
        return place.units
    entries = balances.entries(verdict.posting, municipality=place.municipality)
    return sum(entry.amount for entry in entries if entry.debit.role == AccountRole.STOCK)


def _full(sale: Sale) -> Refusal:
    return rules.UNIT_LIMIT_REACHED.refusal(
        field="units", holder=rules.HOLDERS[sale.per], most=sale.max_units, left=0, limit="units"
    )


def _allotted(sale: Sale, offer: Offer, *, served: Iterable[tuple[Place, Verdict]], at: datetime) -> None:
    until = at + rules.RESERVED_FOR
    rows, told = [], []
    for place, verdict in served:
        units = _units(place, verdict)
        row = Application(
            id=uuid7(at), municipality=sale.municipality, sale=sale,
            number=rules.receipt_number(secrets.randbelow(rules.NUMBERS)), resident=place.resident,
            household=place.household, counted=place.counted, units_applied=place.units, units_won=units,
            state=ApplicationState.WON, applied_at=place.entered_at, reserved_by=verdict.posting, pay_before=until,
        )  # fmt: skip
        place.state, place.settled_at, place.application = PlaceState.ALLOTTED, at, row
        rows.append((place, row))
        words = wording.reserved(
            offer.name, units=units, price_yen=units * sale.unit_price_yen, until=rules.said_minute(until)
        )
        told.append((place.resident, words))
    Application.objects.bulk_create([row for _, row in rows], batch_size=1_000)
    _settle([place for place, _ in rows])
    send_many(told, channel="in_app", topic="voucher.reserved", by=office(sale.municipality), at=at)


def _refuse(refused: Sequence[tuple[Place, Refusal]], *, at: datetime) -> None:
    for place, refusal in refused:
        place.state, place.settled_at = PlaceState.REFUSED, at
        place.told_ja, place.told_en = refusal.sentence("ja"), refusal.sentence("en")
    _settle([place for place, _ in refused])


def _settle(places: Sequence[Place]) -> None:
    """One statement for all: Django's own bulk update writes a CASE of hundreds of arms."""
    with connection.cursor() as cursor:
        cursor.execute(_SETTLE, [
            [place.id for place in places], [place.state for place in places], [place.settled_at for place in places],
            [place.application_id for place in places], [place.told_ja for place in places],
            [place.told_en for place in places],
        ])  # fmt: skip


_SETTLE = """
    UPDATE vouchers_place p
       SET state = s.state, settled_at = s.settled_at, application_id = s.application, told_ja = s.ja, told_en = s.en
      FROM unnest(%s::uuid[], %s::text[], %s::timestamptz[], %s::uuid[], %s::text[], %s::text[])
           AS s (id, state, settled_at, application, ja, en)
     WHERE p.id = s.id
"""


def _send_home(sale: Sale, refusal: Refusal, *, at: datetime) -> int:
    """Nothing is left, or it is over: everybody who still waits is told so, at once."""
    waiting = sale.places.filter(state=PlaceState.WAITING)
    return waiting.update(
        state=PlaceState.REFUSED, settled_at=at, told_ja=refusal.sentence("ja"), told_en=refusal.sentence("en")
    )


def _take_back(sale: Sale, offer: Offer, *, at: datetime) -> None:
    """What was not paid in time returns to the stock and to the ceiling. A buyer who is just paying is passed over."""
    late = Application.objects.select_for_update(skip_locked=True).filter(
        sale=sale, state=ApplicationState.WON, pay_before__lte=at
    )
    rows = list(late.exclude(id__in=being_paid(sale, at=at)))
    release(rows, sale=sale, at=at)
    Application.objects.filter(id__in=[row.id for row in rows]).update(state=ApplicationState.LAPSED)
    told = [(row.resident, wording.lapsed(row.number, programme=offer.name, units=row.units_won)) for row in rows]
    send_many(told, channel="in_app", topic="voucher.lapsed", by=office(sale.municipality), at=at)


def being_paid(sale: Sale, *, at: datetime) -> QuerySet[PaymentOrder, UUID]:
    """The applications for which a payment made in time is known, or may still be on its way."""
    orders = PaymentOrder.objects.filter(application__sale=sale).filter(
        Q(state=OrderState.EARLY, paid_at__lt=F("pay_before"))
        | Q(state=OrderState.OPEN, pay_before__gt=at - paying.TRAVELS_FOR)
    )
    return orders.values_list("application", flat=True)


def release(rows: Sequence[Application], *, sale: Sale, at: datetime) -> None:
    """Reserved units go back into the stock, and count against no ceiling any more."""
    for answer in books.post_batch([_releasing(row, sale, at=at) for row in rows], municipality=sale.municipality):
        if isinstance(answer, Refusal):
            raise answer


def _releasing(row: Application, sale: Sale, *, at: datetime) -> Posting:
    account, lot = ceiling(sale, row.counted)
    kept, stock = Account(row.resident, AccountRole.ALLOWANCE), Account(sale.programme, AccountRole.STOCK)
    legs = (
        Leg(kept, stock, row.units_won, (stock_lot(sale),)),
        Leg(Account(account.owner, AccountRole.USED), account, row.units_won, (lot,)),
    )
    return Posting(
        key=f"release_unit:{row.id}", template="release_unit", legs=legs, at=at, by="system",
        about={"programme": str(sale.programme), "sale": str(sale.id), "round": sale.round},
    )
