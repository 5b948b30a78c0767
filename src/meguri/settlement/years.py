"""The fiscal years of the town's books: which are open, closing or closed, by whom, and what remains at their end.

Each step towards the end takes two accountants. What remains is read by both: it is shown as it was on 31 March, by
the day on which it counts, and it is no obstacle: what is not paid when the year is closed is paid out of the next
(過年度支出, 地方自治法施行令165条の8).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from meguri.ledger import queries as books
from meguri.ledger.templates import AccountRole
from meguri.ledger.years import YearEnd, YearEnds, YearState, first_day_to
from meguri.parties import queries as parties
from meguri.parties.queries import ApprovalView
from meguri.parties.rules import digest_of
from meguri.settlement.models import RunState, SettlementRun
from meguri.words.period import FiscalYear, day_of

ACTION = "year.end"
"""The permission that both need: who proposes to end a year, and who confirms it."""


@dataclass(frozen=True, slots=True)
class Remains:
    """What the books hold of everything that counts by 31 March, in yen. `runs`: settlements the bank has not got yet.

    `takings_yen` no run has settled, `payable_yen` is owed by bank: what pays a duty of the year and has not been paid.
    """

    takings_yen: int
    payable_yen: int
    wallets_yen: int
    left_yen: int
    runs: int

    @property
    def unpaid_yen(self) -> int:
        """What the year owes and has not paid: both persons type it, so that it was read."""
        return self.takings_yen + self.payable_yen


@dataclass(frozen=True, slots=True)
class StepView:
    """A step that a year has taken, for ever. Who: by pseudonym; none: not by two persons of the accounting office."""

    state: YearState
    at: datetime
    proposed_by: UUID | None
    confirmed_by: UUID | None


@dataclass(frozen=True, slots=True)
class YearView:
    """A fiscal year. `state`: open, closing, closed. `next_state` may be reached from `next_from` on; none: closed.

    `proposed`: the open request to take that step.
    """

    year: FiscalYear
    state: str
    steps: tuple[StepView, ...]
    next_state: YearState | None
    next_from: date | None
    proposed: ApprovalView | None


def years(municipality: int, *, at: datetime) -> tuple[YearView, ...]:
    """The fiscal years from the first that stands in the books to the present one, latest first."""
    present = FiscalYear.of(day_of(at)).year
    since = books.first_effective_at(municipality=municipality)
    first = FiscalYear.of(day_of(since)).year if since else present
    ends = books.year_ends(municipality=municipality)
    taken = books.steps_of_years(municipality=municipality)
    return tuple(
        _year(FiscalYear(number), ends=ends, taken=[each for each in taken if each.year == number], town=municipality)
        for number in range(present, min(first, present) - 1, -1)
    )


def year(number: int, *, municipality: int, at: datetime) -> YearView | None:
    """One of these years."""
    return next((each for each in years(municipality, at=at) if each.year.year == number), None)


def _year(year: FiscalYear, *, ends: YearEnds, taken: list[YearEnd], town: int) -> YearView:
    state = state_of(year, ends)
    following: dict[str, YearState] = {"open": "closing", "closing": "closed"}
    coming = following.get(state)
    return YearView(
        year=year, state=state, steps=tuple(_step(each, town=town) for each in taken), next_state=coming,
        next_from=first_day_to(coming, year) if coming else None,
        proposed=open_proposal(year, coming, municipality=town) if coming else None,
    )


def state_of(year: FiscalYear, ends: YearEnds) -> str:
    """A year that ended has ended those before it too."""
    if ends.closed is not None and year.year <= ends.closed:
        return "closed"
    return "closing" if ends.closing is not None and year.year <= ends.closing else "open"


def _step(taken: YearEnd, *, town: int) -> StepView:
    asked = parties.approvals(municipality=town, object_id=object_of(FiscalYear(taken.year), taken.state))
    judged = next((each for each in asked if each.action == ACTION and each.outcome == "approved"), None)
    if judged is None:
        return StepView(taken.state, taken.at, proposed_by=None, confirmed_by=None)
    return StepView(taken.state, taken.at, proposed_by=judged.made_by, confirmed_by=judged.checked_by)


def open_proposal(year: FiscalYear, state: YearState, *, municipality: int) -> ApprovalView | None:
    """The request to take this step that nobody has judged yet."""
    asked = parties.approvals(municipality=municipality, object_id=object_of(year, state), open_only=True)
    return next((each for each in asked if each.action == ACTION), None)


def object_of(year: FiscalYear, state: YearState) -> UUID:
    """The number under which approvals know a step of a year."""
    return UUID(int=year.year * 2 + (state == "closed"))


def year_of(number: UUID) -> tuple[FiscalYear, YearState]:
    """The step that such a number means."""
    return FiscalYear(number.int // 2), "closed" if number.int % 2 else "closing"


def digest(year: FiscalYear, state: YearState, *, found: Remains) -> str:
    """What an approval binds: the step, and the yen that remained when it was proposed."""
    return digest_of({
        "year": year.year, "state": state, "takings_yen": found.takings_yen, "payable_yen": found.payable_yen,
        "left_yen": found.left_yen, "wallets_yen": found.wallets_yen,
    })


def remains(year: FiscalYear, *, municipality: int, known_at: datetime | None = None) -> Remains:
    """What remained on 31 March of everything that counts by then, as it was known at a moment (None: as it is now)."""
    end = year.closing_period.start
    rows = books.trial_balance_at(municipality=municipality, effective_until=end, known_at=known_at)
    held: dict[AccountRole, int] = {}
    for row in rows:
        if row.unit == "money":
            held[row.role] = held.get(row.role, 0) + row.amount
    waiting = SettlementRun.objects.filter(
        municipality=municipality, state__in=[RunState.RUN, RunState.APPROVED], cutoff__lte=end, payouts_count__gt=0
    )
    return Remains(
        takings_yen=held.get(AccountRole.SHOP, 0), payable_yen=held.get(AccountRole.PAYABLE, 0),
        wallets_yen=held.get(AccountRole.WALLET, 0) + held.get(AccountRole.HELD, 0),
        left_yen=held.get(AccountRole.FUND, 0), runs=waiting.count(),
    )
