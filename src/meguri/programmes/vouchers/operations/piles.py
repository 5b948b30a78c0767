"""A pile of applications on paper: each line is judged by itself, then all are taken or the good ones, in one step.

A look beforehand is the very deed, undone: what it says of a line is what the deed will say, as long as nothing else
happens in between.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Final
from uuid import UUID

from django.db import connection, transaction

from meguri.parties.rules import require
from meguri.programmes.parts import Holder, SaleRound
from meguri.programmes.vouchers import rules
from meguri.programmes.vouchers.models import Application, ApplicationState, Sale
from meguri.programmes.vouchers.offer import Applicant, Offer, find_offer, judge_eligible
from meguri.programmes.vouchers.operations.applications import enter_applicant, require_open, tell_received
from meguri.programmes.vouchers.operations.sales import shared_sale
from meguri.words.actor import Actor
from meguri.words.refusal import Refusal, declare

PILE_MOST: Final = 1_000
"""Lines of one pile: all of them are one transaction."""

PILE_TOO_LONG = declare(
    "voucher_pile_too_long", status=422,
    ja="一度に入れられるのは1件から{most}件までです({count}件あります)。分けて入れてください。",
    en="A pile holds 1 to {most} applications ({count} here). Please enter it in parts.",
)
PILE_HAS_FAULTS = declare(
    "voucher_pile_has_faults", status=422,
    ja="直す行が{count}件あるため、1件も入れていません。行を直すか、「よい行だけ入れる」を選んでください。",
    en="{count} lines need mending, so none was entered. Mend them, or choose to enter the good ones only.",
)
PERSON_TWICE = declare(
    "voucher_pile_person_twice",
    ja="この束の{line}行目と同じ人です。どちらか1枚にしてください。",
    en="The same person as on line {line} of this pile. Please keep one of the two.",
)
HOUSEHOLD_TWICE = declare(
    "voucher_pile_household_twice",
    ja="この束の{line}行目と同じ世帯の人です。1世帯につき1枚にしてください。",
    en="Of the same household as line {line} of this pile. Please keep one for each household.",
)
APPLIED_THEMSELVES = declare(
    "voucher_pile_applied_themselves",
    ja="{when:ja}に、ご本人が{units}口で申し込み済みです(受付番号{number})。この1枚は入れずに、束から外してください。",
    en="They applied themselves on {when:en}, for {units} units (receipt number {number}). Please take this one out.",
)


class LineState(StrEnum):
    """What becomes of a line."""

    TAKEN = "taken"
    THERE = "there"  # taken before, from paper, for the same units
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class PaperWish:
    """A line of a pile: who asks for how many units of which sale; or why the line cannot be read (`fault`)."""

    line: int
    sale: UUID
    who: UUID | None
    units: int
    fault: Refusal | None = None


@dataclass(frozen=True, slots=True)
class LineAnswer:
    """What became of a line. `number`: the receipt number of what was taken."""

    line: int
    state: LineState
    number: str = ""
    refusal: Refusal | None = None


@dataclass(frozen=True, slots=True)
class _Open:
    """A sale that takes applications, with everything that its lines are judged by."""

    kept: Sale
    offer: Offer
    sale_round: SaleRound
    judged: dict[UUID, Applicant | Refusal]
    lines: dict[UUID, int] = field(default_factory=dict)
    """By application, the line of this pile that it was taken from."""


@transaction.atomic
def apply_pile(
    *, wishes: Sequence[PaperWish], only_good: bool, by: Actor, at: datetime
) -> tuple[LineAnswer, ...]:
    """Take a pile of paper applications: all of them, or (`only_good`) those with which nothing is wrong.

    Sent again, lines that were taken are `there`. Order: the length, each sale (permission, held open, window; two
    piles for one sale come one after the other), eligibility of everybody, then line by line as `apply` does.
    Raises Refusal `voucher_pile_too_long`, `voucher_pile_has_faults` (`all_answers` names the lines), and those of
    `apply` that concern the sale.
    """
    if not 1 <= len(wishes) <= PILE_MOST:
        raise PILE_TOO_LONG.refusal(most=PILE_MOST, count=len(wishes))
    opened = {sale: _opened(sale, wishes, by=by, at=at) for sale in sorted({wish.sale for wish in wishes})}
    answers = tuple(_answer(opened[wish.sale], wish, by=by, at=at) for wish in wishes)
    faults = sum(answer.state is LineState.REFUSED for answer in answers)
    if faults and not only_good:
        raise PILE_HAS_FAULTS.refusal(count=faults, all_answers=answers)
    return answers


def try_pile(*, wishes: Sequence[PaperWish], by: Actor, at: datetime) -> tuple[LineAnswer, ...]:
    """What would become of each line now; nothing stays. Raises Refusal as `apply_pile` with `only_good`."""
    with transaction.atomic():
        answers = apply_pile(wishes=wishes, only_good=True, by=by, at=at)
        transaction.set_rollback(True)
    return tuple(
        LineAnswer(each.line, each.state, each.number if each.state is LineState.THERE else "", each.refusal)
        for each in answers
    )


def take_turn(sale: UUID) -> None:
    """Wait until no other pile for this sale is being entered: two that share people would wait for each other."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended('vouchers_pile:' || %s::text, 0))", [sale])


def _opened(sale: UUID, wishes: Sequence[PaperWish], *, by: Actor, at: datetime) -> _Open:
    take_turn(sale)
    kept = shared_sale(sale, by)
    offer = find_offer(kept.programme, municipality=by.municipality)
    require(by, "voucher.apply", department=offer.department, municipality=kept.municipality)
    sale_round = require_open(kept, offer, at=at)
    people = list({wish.who: None for wish in wishes if wish.sale == sale and wish.who is not None})
    return _Open(kept, offer, sale_round, judge_eligible(offer, residents=people, sale_round=sale_round))


def _answer(opened: _Open, wish: PaperWish, *, by: Actor, at: datetime) -> LineAnswer:
    try:
        row, is_new = _taken(opened, wish, by=by, at=at)
    except Refusal as refusal:
        return LineAnswer(wish.line, LineState.REFUSED, refusal=refusal)
    if is_new:
        opened.lines[row.id] = wish.line
        tell_received(row, opened.offer, sale_round=opened.sale_round, at=at)
    return LineAnswer(wish.line, LineState.TAKEN if is_new else LineState.THERE, row.number)


def _taken(opened: _Open, wish: PaperWish, *, by: Actor, at: datetime) -> tuple[Application, bool]:
    if wish.fault is not None or wish.who is None:
        raise wish.fault or rules.RESIDENT_UNKNOWN.refusal()
    applicant = opened.judged[wish.who]
    if isinstance(applicant, Refusal):
        raise applicant
    rules.require_units(wish.units, most=opened.kept.max_units)
    counted = applicant.household if opened.kept.per == Holder.HOUSEHOLD else applicant.person
    mine = Application.objects.filter(sale=opened.kept, counted=counted).exclude(state=ApplicationState.WITHDRAWN)
    if (held := mine.first()) is not None:
        return _same(opened, held, wish=wish), False
    return enter_applicant(opened.kept, applicant, units=wish.units, by=by, at=at)


def _same(opened: _Open, held: Application, *, wish: PaperWish) -> Application:
    """What the holder has already, if it is this very line; else why the line cannot be taken."""
    is_theirs = held.resident == wish.who
    if held.id in opened.lines:
        raise (PERSON_TWICE if is_theirs else HOUSEHOLD_TWICE).refusal(line=opened.lines[held.id])
    if not is_theirs:
        raise rules.HOUSEHOLD_APPLIED.refusal()
    if held.applied_by is None:
        raise APPLIED_THEMSELVES.refusal(
            when=rules.said(held.applied_at), units=held.units_applied, number=held.number
        )
    if held.units_applied != wish.units:
        raise rules.ALREADY_APPLIED.refusal(holder=rules.HOLDERS[opened.kept.per], number=held.number)
    return held
