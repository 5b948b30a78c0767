"""What may be asked of the evidence: indicators, where money went, how fast, the household panel.

Answers speak of programmes, wards and trades, never of a person; what public pages may show is in
`evidence.public`.
`until` is the moment up to which the books are read; without it everything is. The picture of circulation is in
`evidence.circulation`, what cannot be known in `evidence.effects`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db.models import Avg, Count

from meguri.evidence import snapshot as reading
from meguri.evidence.arms import ArmFigures
from meguri.evidence.arms import arm_figures as figured
from meguri.evidence.computing import compute, of_programme
from meguri.evidence.concentration import Concentration, concentration
from meguri.evidence.edge import Edge
from meguri.evidence.edge import edge_effect as at_the_edge
from meguri.evidence.flows import MoneyFigures, WeekRow, by_fund, by_programme, by_week
from meguri.evidence.fund_accounts import FundAccount, fund_accounts
from meguri.evidence.indicator import Indicator
from meguri.evidence.keeping import Kept, shown
from meguri.evidence.lottery import LotteryEffect, Missing
from meguri.evidence.lottery import lottery_effect as estimated
from meguri.evidence.meanings import MEANINGS
from meguri.evidence.models import HouseholdSpending
from meguri.evidence.places import PlaceRow, shop_amounts
from meguri.evidence.reading import ALL_TIME
from meguri.evidence.snapshot import ReachRow, Snapshot
from meguri.evidence.suppression import RESIDENTS_LEAST
from meguri.evidence.survival import Step, curve, median_day, share_in_last_days, share_within
from meguri.programmes import queries as programmes


@dataclass(frozen=True, slots=True)
class SpendingCurve:
    """How fast a programme's yen were spent. `steps`: the share still unspent by day (Kaplan–Meier, by yen)."""

    programme: UUID | None
    steps: tuple[Step, ...]
    median_days: int | None
    first_14_days: float | None
    last_14_days: float | None


@dataclass(frozen=True, slots=True)
class PanelWeek:
    """A week of the household panel: how many households, and what they spent on average (yen)."""

    week: date
    households: int
    inside_yen: float
    outside_yen: float


def snapshot(municipality: int, *, until: datetime = ALL_TIME) -> Snapshot:
    """Count everything, or as it stood before `until`. Pages that people open ask for `latest`: it ends now, so what
    is still in wallets has been lying until today.
    """
    return reading.take(municipality, until=until)


def latest(municipality: int, *, at: datetime) -> Kept:
    """The last snapshot, and of which moment it is: now (`at`), unless counting takes long."""
    return shown(municipality, at=at)


def indicators(seen: Snapshot, *, programme: UUID | None = None) -> tuple[Indicator, ...]:
    """Every indicator of one programme, or of all together."""
    return tuple(compute(code, seen, programme=programme) for code in MEANINGS)


def indicator(code: str, seen: Snapshot, *, programme: UUID | None = None) -> Indicator:
    """One indicator by its code. Raises KeyError for a code that is not in MEANINGS."""
    return compute(code, seen, programme=programme)


def side_by_side(seen: Snapshot, chosen: Sequence[UUID]) -> dict[str, tuple[Indicator, ...]]:
    """Indicator code -> the same figure of each chosen programme, in their order."""
    return {code: tuple(compute(code, seen, programme=programme) for programme in chosen) for code in MEANINGS}


def money_by_fund(municipality: int, *, until: datetime = ALL_TIME) -> dict[UUID, MoneyFigures]:
    """Each fund's yen from budget to bank."""
    return by_fund(reading.flows(municipality, until=until))


@dataclass(frozen=True, slots=True)
class FundsMoved:
    """Each fund's yen before a span of time and at its end, and its own account of that span."""

    begin: dict[UUID, MoneyFigures]
    end: dict[UUID, MoneyFigures]
    accounts: dict[UUID, FundAccount]


def funds_moved(municipality: int, *, since: datetime, until: datetime) -> FundsMoved:
    """What moved in every fund, from `since` up to `until`; both ends are read from the books once, for all funds."""
    begin, end = reading.flows(municipality, until=since), reading.flows(municipality, until=until)
    return FundsMoved(by_fund(begin), by_fund(end), fund_accounts(begin, end))


def money_by_programme(municipality: int, *, until: datetime = ALL_TIME) -> dict[UUID | None, MoneyFigures]:
    """Each programme's yen, all its funds together; funds of no programme under None."""
    return by_programme(reading.flows(municipality, until=until))


def places(
    municipality: int, *, by: str, programme: UUID | None = None, until: datetime = ALL_TIME
) -> tuple[PlaceRow, ...]:
    """Where it was spent (for officers): by area, trade, size_class or ward; of one programme, or of all together."""
    return places_of(snapshot(municipality, until=until), by=by, programme=programme)


def places_of(seen: Snapshot, *, by: str, programme: UUID | None = None) -> tuple[PlaceRow, ...]:
    """The same, of a snapshot."""
    return of_programme(seen.places(by), programme)


def reach(municipality: int, *, until: datetime = ALL_TIME) -> tuple[ReachRow, ...]:
    """People who received and paid, by programme; the row with `in_all` counts everybody once."""
    return snapshot(municipality, until=until).reach


def weekly(municipality: int, *, programme: UUID | None = None, until: datetime = ALL_TIME) -> tuple[WeekRow, ...]:
    """The weeks of one programme, or of all (one row a week and programme)."""
    return tuple(
        row for row in by_week(reading.flows(municipality, until=until))
        if programme is None or row.programme == programme
    )


def weekly_of(seen: Snapshot, *, programme: UUID | None = None) -> tuple[WeekRow, ...]:
    """The same, of a snapshot."""
    return tuple(row for row in by_week(seen.flows) if programme is None or row.programme == programme)


def spending_curve(seen: Snapshot, *, programme: UUID | None = None) -> SpendingCurve:
    """How fast a programme's yen were spent; without one, all yen."""
    found = seen.lying(programme)
    steps = curve(found)
    return SpendingCurve(
        programme=programme, steps=steps, median_days=median_day(steps), first_14_days=share_within(found, days=14),
        last_14_days=share_in_last_days(found),
    )


def shop_concentration(seen: Snapshot, *, programme: UUID | None = None) -> Concentration:
    """How unevenly takings are spread over shops."""
    return concentration(shop_amounts(seen.takings, programme=programme))


def lottery_effect(seen: Snapshot, *, programme: UUID) -> LotteryEffect | Missing:
    """What a programme's draw tells of added spending, or what is missing for it."""
    return estimated(seen.drawn, programme=programme)


def edge_effect(seen: Snapshot, *, programme: UUID) -> Edge | Missing:
    """What the edge of a programme's sold-out sale tells, or what is missing for it."""
    return at_the_edge(seen.edges, programme=programme)


def arm_figures(seen: Snapshot, *, programme: UUID) -> tuple[ArmFigures, ...]:
    """What became of each arm of a programme's trial; empty without one, and while nothing is drawn.

    Raises Refusal `programme_unknown`.
    """
    trial = programmes.terms(programme, municipality=seen.municipality).trial
    if trial is None:
        return ()
    control = next(arm.code for arm in trial.arms if arm.is_control)
    shares = {arm.code: arm.share_bp for arm in trial.arms}
    return figured(seen.arms, programme=programme, shares=shares, control=control)


def household_panel(municipality: int) -> tuple[PanelWeek, ...]:
    """The weeks of the household panel, averages only; weeks with fewer than 10 households are left out."""
    rows = (
        HouseholdSpending.objects.filter(municipality=municipality).values_list("week")
        .annotate(Count("id"), Avg("inside_yen"), Avg("outside_yen")).order_by("week")
    )
    return tuple(
        PanelWeek(week, households, float(inside), float(outside))
        for week, households, inside, outside in rows if households >= RESIDENTS_LEAST
    )
