"""Fiscal years: which are open, what remains at their end, and the two persons who end them."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from ninja import Router, Schema

from meguri.faces.api.auth import Bearer
from meguri.faces.entrance.requests import TownRequest
from meguri.ledger.years import YearState
from meguri.parties.rules import require
from meguri.settlement import year_end
from meguri.settlement.year_end import YEAR_UNKNOWN
from meguri.settlement.years import Remains, YearView, remains, year, years

router = Router()


class StepGiven(Schema):
    """A step that a year has taken, for ever; officers by pseudonym."""

    state: YearState
    at: datetime
    proposed_by: UUID | None
    confirmed_by: UUID | None


class YearGiven(Schema):
    """A fiscal year (1 April of `year` to 31 March). `state`: open, closing, closed.

    `next_state` may be reached from `next_from` on; `proposed_by`: who asked for that step and waits for the other.
    """

    year: int
    state: str
    first_day: date
    last_day: date
    steps: list[StepGiven]
    next_state: YearState | None
    next_from: date | None
    proposed_by: UUID | None


class RemainsGiven(Schema):
    """What the books hold of everything that counts by 31 March, in yen. `runs`: settlements the bank has not got."""

    takings_yen: int
    payable_yen: int
    wallets_yen: int
    left_yen: int
    unpaid_yen: int
    runs: int


class YearPage(YearGiven):
    remains: RemainsGiven


class StepAsked(Schema):
    """`confirmed_yen`: the `unpaid_yen` that the person read in the year's remains. Another figure is refused."""

    year: int
    state: YearState
    confirmed_yen: int


class StepWithdrawn(Schema):
    year: int
    state: YearState


def _given(found: YearView) -> YearGiven:
    return YearGiven(
        year=found.year.year, state=found.state, first_day=found.year.first_day, last_day=found.year.last_day,
        steps=[StepGiven(state=one.state, at=one.at, proposed_by=one.proposed_by, confirmed_by=one.confirmed_by)
               for one in found.steps],
        next_state=found.next_state, next_from=found.next_from,
        proposed_by=found.proposed.made_by if found.proposed else None,
    )  # fmt: skip


def _left(found: Remains) -> RemainsGiven:
    return RemainsGiven(
        takings_yen=found.takings_yen, payable_yen=found.payable_yen, wallets_yen=found.wallets_yen,
        left_yen=found.left_yen, unpaid_yen=found.unpaid_yen, runs=found.runs,
    )  # fmt: skip


@router.get("/years", operation_id="years_list", response=list[YearGiven], auth=Bearer("budget.see"))
def listing(request: TownRequest) -> list[YearGiven]:
    """The fiscal years from the first in the books to the present one, latest first."""
    require(request.actor, "budget.see")
    return [_given(found) for found in years(request.actor.municipality, at=request.at)]


@router.post("/years/propose", operation_id="years_propose", response=YearGiven, auth=Bearer("year.end"))
def propose(request: TownRequest, asked: StepAsked) -> YearGiven:
    """Ask another accountant to let a year's closing period begin (`closing`), or to close it for ever (`closed`)."""
    return _given(year_end.propose_year_end(
        by=request.actor, at=request.at, number=asked.year, state=asked.state, confirmed_yen=asked.confirmed_yen
    ))  # fmt: skip


@router.post("/years/confirm", operation_id="years_confirm", response=YearGiven, auth=Bearer("year.end"))
def confirm(request: TownRequest, asked: StepAsked) -> YearGiven:
    """Take the step: another accountant than the one who proposed it."""
    return _given(year_end.confirm_year_end(
        by=request.actor, at=request.at, number=asked.year, state=asked.state, confirmed_yen=asked.confirmed_yen
    ))  # fmt: skip


@router.post("/years/withdraw", operation_id="years_withdraw", response=YearGiven, auth=Bearer("year.end"))
def withdraw(request: TownRequest, asked: StepWithdrawn) -> YearGiven:
    """Take a proposal back, to make it anew."""
    return _given(year_end.withdraw_year_end(by=request.actor, at=request.at, number=asked.year, state=asked.state))


@router.get("/years/{number}", operation_id="years_see", response=YearPage, auth=Bearer("budget.see"))
def see(request: TownRequest, number: int) -> YearPage:
    """One year with what remains of it as of 31 March, as the books know it now."""
    require(request.actor, "budget.see")
    found = year(number, municipality=request.actor.municipality, at=request.at)
    if found is None:
        raise YEAR_UNKNOWN.refusal()
    left = remains(found.year, municipality=request.actor.municipality)
    return YearPage(**_given(found).dict(), remains=_left(left))
