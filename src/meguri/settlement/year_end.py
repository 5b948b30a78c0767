"""What the accounting office may do with a fiscal year: let its closing period begin, and close it for ever.

Two accountants, two steps: one proposes, another confirms, and both have read what remains.
"""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from meguri.ledger import operations as ledger
from meguri.ledger.years import YearState, spoken
from meguri.parties.operations import approve, propose, withdraw
from meguri.parties.operations.approvals import APPROVAL_UNKNOWN
from meguri.parties.queries import ApprovalView
from meguri.parties.rules import require
from meguri.settlement.operations import ACCOUNTING, take_turn
from meguri.settlement.years import (
    ACTION,
    YearView,
    digest,
    object_of,
    open_proposal,
    remains,
    year,
)
from meguri.words.actor import Actor
from meguri.words.period import FiscalYear
from meguri.words.refusal import Refusal, declare
from meguri.words.yen import Unit

YEAR_UNKNOWN = declare(
    "year_unknown", status=404,
    ja="この会計年度は帳簿にありません。", en="There is no such fiscal year in the books.",
)
YEAR_STEP_WRONG = declare(
    "year_step_wrong",
    ja="{year:ja}は、いまその手続きをする段階ではありません(現在: {state:ja})。",
    en="{year:en} is not at that step (it is: {state:en}).",
)
YEAR_BEFORE_OPEN = declare(
    "year_before_open",
    ja="年度は古いほうから順に締めます。先に{year:ja}を締めてください。",
    en="Years end in their order. Please close {year:en} first.",
)
YEAR_UNPAID_WRONG = declare(
    "year_unpaid_wrong", status=422,
    ja="打ち込んだ額({yen}円)が、3月31日までに生じてまだ支払っていない額({right_yen}円)と違います。"
       "残っているものをもう一度確かめてください。何も変わっていません。",
    en="What you typed ({yen} yen) is not what arose by 31 March and is not paid yet ({right_yen} yen). "
       "Please look again at what remains; nothing has changed.",
)

YEAR_WORDS = {
    "open": Unit("開いています", "open"), "closing": Unit("出納整理期間", "in its closing period"),
    "closed": Unit("締切り", "closed"),
}  # fmt: skip
"""States of a year as sentences and pages name them."""


@transaction.atomic
def propose_year_end(*, by: Actor, at: datetime, number: int, state: YearState, confirmed_yen: int) -> YearView:
    """Ask another accountant to let a year's closing period begin, or to close it. Nothing changes yet.

    `confirmed_yen`: what is unpaid, as the proposer read and typed it. Asked again by the same person, it is the same.
    Raises Refusal: not_allowed, year_unknown, year_step_wrong, year_before_open, year_not_over, year_unpaid_wrong,
    approval_open.
    """
    require(by, ACTION)
    take_turn(by.municipality)
    ended = _ready(number, state, by=by, at=at)
    propose(
        ACTION, object_id=object_of(ended, state), digest=_read(ended, state, by=by, yen=confirmed_yen), by=by, at=at,
        department=ACCOUNTING,
    )
    return _seen(ended, by=by, at=at)


@transaction.atomic
def confirm_year_end(*, by: Actor, at: datetime, number: int, state: YearState, confirmed_yen: int) -> YearView:
    """Take the step that another accountant proposed: from now on the books refuse what may not be dated into the year.

    Order: the permission, the turn, the step, the approval (another person, the same remains), the books last, because
    they let nobody post while they change. Closing is for ever.
    Raises Refusal: as `propose_year_end`, approval_unknown, checker_is_maker, digest_differs, ledger_busy.
    """
    require(by, ACTION)
    take_turn(by.municipality)
    ended = _ready(number, state, by=by, at=at)
    asked = _proposed(ended, state, by=by)
    approve(asked.id, _read(ended, state, by=by, yen=confirmed_yen), by=by, at=at)
    ledger.end_year(number, state=state, municipality=by.municipality, by=f"{by.role}:{by.party}", at=at)
    return _seen(ended, by=by, at=at)


@transaction.atomic
def withdraw_year_end(*, by: Actor, at: datetime, number: int, state: YearState) -> YearView:
    """Take a proposal back: what remains has changed since, or it was too early.

    Raises Refusal: not_allowed, year_unknown, approval_unknown.
    """
    require(by, ACTION)
    take_turn(by.municipality)
    ended = _known(number, by=by, at=at).year
    withdraw(_proposed(ended, state, by=by).id, by=by, at=at)
    return _seen(ended, by=by, at=at)


def may_come(seen: YearView, *, at: datetime) -> bool:
    """Whether the day of the year's next step has come."""
    if seen.next_state is None:
        return False
    try:
        ledger.check_over(seen.year, state=seen.next_state, at=at)
    except Refusal:
        return False
    return True


def _known(number: int, *, by: Actor, at: datetime) -> YearView:
    found = year(number, municipality=by.municipality, at=at)
    if found is None:
        raise YEAR_UNKNOWN.refusal()
    return found


def _ready(number: int, state: YearState, *, by: Actor, at: datetime) -> FiscalYear:
    """The year, if this is its next step, the one before it is closed, and its day has come."""
    found = _known(number, by=by, at=at)
    if found.next_state != state:
        raise YEAR_STEP_WRONG.refusal(year=spoken(found.year), state=YEAR_WORDS[found.state])
    before = year(number - 1, municipality=by.municipality, at=at)
    if before is not None and before.state != "closed":
        raise YEAR_BEFORE_OPEN.refusal(year=spoken(before.year))
    ledger.check_over(found.year, state=state, at=at)
    return found.year


def _read(ended: FiscalYear, state: YearState, *, by: Actor, yen: int) -> str:
    """The digest of what remains, once the person has typed what is unpaid of it."""
    found = remains(ended, municipality=by.municipality)
    if yen != found.unpaid_yen:
        raise YEAR_UNPAID_WRONG.refusal(field="confirmed_yen", yen=yen, right_yen=found.unpaid_yen)
    return digest(ended, state, found=found)


def _proposed(ended: FiscalYear, state: YearState, *, by: Actor) -> ApprovalView:
    found = open_proposal(ended, state, municipality=by.municipality)
    if found is None:
        raise APPROVAL_UNKNOWN.refusal()
    return found


def _seen(ended: FiscalYear, *, by: Actor, at: datetime) -> YearView:
    return _known(ended.year, by=by, at=at)
