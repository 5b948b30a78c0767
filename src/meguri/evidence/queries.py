"""What may be asked of the evidence: indicators, where money went, how fast, the picture of circulation.

Answers speak of programmes, wards and trades, never of a person; what a public page may show is in `public_places`.
`until` is the moment up to which the books are read; without it everything is.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db.models import Avg, Count, Sum

from meguri.evidence import snapshot as reading
from meguri.evidence.concentration import Concentration, concentration
from meguri.evidence.eligible import eligible_people
from meguri.evidence.flows import Flow, MoneyFigures, by_fund, by_programme, figures
from meguri.evidence.indicator import Indicator
from meguri.evidence.meanings import MEANINGS
from meguri.evidence.models import HouseholdSpending
from meguri.evidence.reading import ALL_TIME
from meguri.evidence.snapshot import PlaceRow, Snapshot, WeekRow
from meguri.evidence.suppression import Cell, PublicCell, publish, reason
from meguri.evidence.survival import Step, curve, median_day, share, share_in_last_days, share_within

SMALL_SHOPS = ("small", "street")
SHOP_TO_SHOP = (("shop", "shop"), ("shop", "wallet"))


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


def funds(municipality: int, *, until: datetime = ALL_TIME) -> dict[UUID, MoneyFigures]:
    """Each fund's yen from budget to bank."""
    return by_fund(reading.flows(municipality, until=until))


def programmes(municipality: int, *, until: datetime = ALL_TIME) -> dict[UUID | None, MoneyFigures]:
    """Each programme's yen, all its funds together."""
    return by_programme(reading.flows(municipality, until=until))


def places(municipality: int, *, by: str, programme: UUID | None = None, until: datetime = ALL_TIME) -> tuple[PlaceRow, ...]:
    """Where it was spent (for officers): by area, trade, size_class or ward; of one programme, or of all together."""
    return _of(reading.places(municipality, by=by, until=until), programme)


def public_places(
    municipality: int, *, by: str, programme: UUID | None = None, until: datetime = ALL_TIME
) -> tuple[PublicCell, ...]:
    """The same for public pages: cells with fewer than 10 residents or 3 shops are closed, and what would tell them."""
    found = places(municipality, by=by, programme=programme, until=until)
    return publish([Cell(row.place, row.yen, row.holders, row.shops, row.largest_shop_yen) for row in found])


def is_public(row: PlaceRow) -> bool:
    """Whether a row could stand alone on a public page."""
    return reason(Cell(row.place, row.yen, row.holders, row.shops, row.largest_shop_yen)) is None


def weekly(municipality: int, *, programme: UUID | None = None, until: datetime = ALL_TIME) -> tuple[WeekRow, ...]:
    """The weeks of one programme, or of all (one row a week and programme)."""
    found = reading.weeks(municipality, until=until)
    return tuple(row for row in found if programme is None or row.programme == programme)


def spending_curve(municipality: int, *, programme: UUID, until: datetime = ALL_TIME) -> SpendingCurve:
    """How fast a programme's yen were spent."""
    return _curve(programme, reading.take(municipality, until=until))


def _curve(programme: UUID | None, seen: Snapshot) -> SpendingCurve:
    lying = seen.stretches.get(programme, ())
    if programme is None:
        lying = tuple(one for of_programme in seen.stretches.values() for one in of_programme)
    steps = curve(lying)
    return SpendingCurve(
        programme=programme, steps=steps, median_days=median_day(steps), first_14_days=share_within(lying, days=14),
        last_14_days=share_in_last_days(lying),
    )


def shop_concentration(
    municipality: int, *, programme: UUID | None = None, until: datetime = ALL_TIME
) -> Concentration:
    """How unevenly takings are spread over shops."""
    return concentration([row.yen for row in _of(reading.takings(municipality, until=until), programme)])


def snapshot(municipality: int, *, until: datetime = ALL_TIME) -> Snapshot:
    """Read the sources once; `indicators` of several programmes can share it."""
    return reading.take(municipality, until=until)


def indicators(seen: Snapshot, *, programme: UUID | None = None) -> tuple[Indicator, ...]:
    """Every indicator of one programme, or of all together (take-up only for one: each has its own denominator)."""
    return tuple(
        Indicator(MEANINGS[code], *compute(seen, programme))
        for code, compute in _COMPUTED.items()
    )


def indicator(code: str, seen: Snapshot, *, programme: UUID | None = None) -> Indicator:
    """One indicator by its code. Raises KeyError for a code that is not in MEANINGS."""
    return Indicator(MEANINGS[code], *_COMPUTED[code](seen, programme))


def side_by_side(seen: Snapshot, programme_ids: Sequence[UUID]) -> dict[str, tuple[Indicator, ...]]:
    """Indicator code -> the same figure of each programme, in the given order."""
    columns = [indicators(seen, programme=programme) for programme in programme_ids]
    return {row[0].code: row for row in zip(*columns, strict=True)}


def household_panel(municipality: int) -> tuple[PanelWeek, ...]:
    """The weeks of the household panel, averages only."""
    rows = (
        HouseholdSpending.objects.filter(municipality=municipality).values_list("week")
        .annotate(Count("id"), Avg("inside_yen"), Avg("outside_yen")).order_by("week")
    )
    return tuple(PanelWeek(week, count, float(inside), float(outside)) for week, count, inside, outside in rows)


def household_panel_total(municipality: int) -> tuple[int, int]:
    """Yen inside and outside the wallet that the panel has reported so far."""
    sums = HouseholdSpending.objects.filter(municipality=municipality).aggregate(
        inside=Sum("inside_yen"), outside=Sum("outside_yen")
    )
    return int(sums["inside"] or 0), int(sums["outside"] or 0)


# --- how each indicator is computed: value and denominator -----------------------------------------------------------

Computed = tuple[int | float | None, int | None]


def _of[Row: (PlaceRow, reading.TakingsRow, reading.ReachRow)](rows: Sequence[Row], programme: UUID | None) -> tuple[Row, ...]:
    ...
