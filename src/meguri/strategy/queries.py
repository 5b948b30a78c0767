"""What may be asked of strategy: the goal tree with its figures, the programmes side by side with their costs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from meguri.evidence import queries as evidence
from meguri.evidence.computing import money as money_of
from meguri.evidence.flows import MoneyFigures, by_fund
from meguri.evidence.indicator import Indicator
from meguri.evidence.snapshot import Snapshot
from meguri.programmes import queries as programmes
from meguri.programmes.queries import FundView, ProgrammeView
from meguri.strategy.cost_merit import SOURCES
from meguri.strategy.models import AllocationKey, CostLine, Goal, Level, ProgrammeGoal
from meguri.strategy.rules import allocate

LAUNCHED = ("launched", "closed")
BUYERS = "buyers"


@dataclass(frozen=True, slots=True)
class CostView:
    """One booked cost. `programme` None: shared, divided by `allocation`."""

    id: UUID
    programme: UUID | None
    allocation: str
    kind: str
    amount_yen: int
    month: date
    source: str
    note: str
    booked_at: datetime


@dataclass(frozen=True, slots=True)
class IndicatorValue:
    """What a goal's indicator is for one of the goal's programmes."""

    programme: UUID
    indicator: Indicator


@dataclass(frozen=True, slots=True)
class GoalNode:
    """A node of the tree. `programmes` hang on goals; `values` are an indicator's figures, one for each of them."""

    id: UUID
    level: str
    code: str
    name_ja: str
    name_en: str
    department: str
    indicator: str
    target: float | None
    reach_by: date | None
    programmes: tuple[UUID, ...]
    values: tuple[IndicatorValue, ...]
    children: tuple[GoalNode, ...]


@dataclass(frozen=True, slots=True)
class FunderPart:
    """What one fund carried of a programme (yen, net)."""

    fund: FundView
    money: MoneyFigures


@dataclass(frozen=True, slots=True)
class PortfolioRow:
    """One programme with its yen, its people and its cost.

    `cost_yen` is what it took to run: own lines plus its parts of shared ones. `cost_per_yen` divides it by what was
    delivered, `cost_per_public_yen` by the part of that which buyers did not pay themselves.
    """

    programme: ProgrammeView
    money: MoneyFigures
    public_yen: int
    own_cost_yen: int
    shared_cost_yen: int
    cost_by_kind: Mapping[str, int]
    weakest_source: str
    receivers: int
    payers: int
    funders: tuple[FunderPart, ...]
    goals: tuple[str, ...]

    @property
    def cost_yen(self) -> int:
        return self.own_cost_yen + self.shared_cost_yen

    @property
    def cost_per_yen(self) -> float | None:
        return self.cost_yen / self.money.delivered_yen if self.money.delivered_yen else None

    @property
    def cost_per_public_yen(self) -> float | None:
        return self.cost_yen / self.public_yen if self.public_yen > 0 else None


@dataclass(frozen=True, slots=True)
class Portfolio:
    """All launched programmes side by side. `people_in_several` paid with money of more than one."""

    rows: tuple[PortfolioRow, ...]
    people: int
    people_in_several: int
    unallocated_yen: int  # shared costs while no programme was launched

    @property
    def cost_yen(self) -> int:
        return sum(row.cost_yen for row in self.rows) + self.unallocated_yen


def costs(municipality: int, *, since: date | None = None, until: date | None = None) -> tuple[CostView, ...]:
    """Booked costs that count, by month. `since` and `until` are first days of months, the latter excluded."""
    rows = CostLine.objects.filter(municipality=municipality, withdrawn_at__isnull=True)
    if since is not None:
        rows = rows.filter(month__gte=since)
    if until is not None:
        rows = rows.filter(month__lt=until)
    return tuple(
        CostView(
            id=row.id, programme=row.programme, allocation=row.allocation, kind=row.kind, amount_yen=row.amount_yen,
            month=row.month, source=row.source, note=row.note, booked_at=row.booked_at,
        )
        for row in rows.order_by("month", "id")
    )


def goal_tree(municipality: int, *, seen: Snapshot) -> GoalNode | None:
    """The tree with the programmes hung on it and the figures of its indicators; None before it is written."""
    return _Tree(municipality, seen=seen).whole()


class _Tree:
    """The rows of a tree, ready to be read from the vision down."""

    def __init__(self, municipality: int, *, seen: Snapshot) -> None:
        self.seen = seen
        self.hung: dict[UUID, list[UUID]] = {}
        for link in ProgrammeGoal.objects.filter(municipality=municipality).order_by("linked_at", "id"):
            self.hung.setdefault(link.goal_id, []).append(link.programme)
        self.children: dict[UUID | None, list[Goal]] = {}
        for row in Goal.objects.filter(municipality=municipality).order_by("place", "id"):
            self.children.setdefault(row.parent_id, []).append(row)

    def whole(self) -> GoalNode | None:
        return next((self.node(row) for row in self.children.get(None, ())), None)

    def node(self, row: Goal) -> GoalNode:
        return GoalNode(
            id=row.id, level=row.level, code=row.code, name_ja=row.name_ja, name_en=row.name_en,
            department=row.department, indicator=row.indicator, target=row.target, reach_by=row.reach_by,
            programmes=tuple(self.hung.get(row.id, ())),
            values=self.values(row) if row.level == Level.INDICATOR else (),
            children=tuple(self.node(child) for child in self.children.get(row.id, ())),
        )

    def values(self, row: Goal) -> tuple[IndicatorValue, ...]:
        """An indicator is computed for every programme that hangs on its goal."""
        of_goal = self.hung.get(row.parent_id, []) if row.parent_id else []
        return tuple(
            IndicatorValue(programme, evidence.indicator(row.indicator, self.seen, programme=programme))
            for programme in of_goal
        )


def unlinked_programmes(municipality: int) -> tuple[ProgrammeView, ...]:
    """Launched programmes that serve no goal yet."""
    linked = set(ProgrammeGoal.objects.filter(municipality=municipality).values_list("programme", flat=True))
    return tuple(each for each in programmes.programmes(municipality, states=LAUNCHED) if each.id not in linked)


def portfolio(municipality: int, *, seen: Snapshot) -> Portfolio:
    """The launched programmes side by side: yen delivered, people reached, funders, goals, cost."""
    launched = programmes.programmes(municipality, states=LAUNCHED)
    booked = costs(municipality)
    shared = _shared_parts([line for line in booked if line.programme is None], launched, seen=seen)
    funds = programmes.funds(municipality)
    goals = _goal_codes(municipality)
    carried = by_fund(seen.flows)
    rows = tuple(
        _row(each, seen, own=[line for line in booked if line.programme == each.id], shared=shared.get(each.id, []),
             funders=_funders(each, funds, carried=carried), goals=goals.get(each.id, ()))
        for each in launched
    )  # fmt: skip
    together = next((row for row in seen.reach if row.in_all), None)
    return Portfolio(
        rows=rows, people=together.receivers if together else 0,
        people_in_several=together.payers_of_several if together else 0,
        unallocated_yen=0 if launched else sum(line.amount_yen for line in booked if line.programme is None),
    )


Part = tuple[CostView, int]
"""A shared line and the yen of it that fall on one programme."""


def _shared_parts(
    lines: Iterable[CostView], launched: Iterable[ProgrammeView], *, seen: Snapshot
) -> dict[UUID, list[Part]]:
    weights = {key: _weights(key, launched, seen=seen) for key in AllocationKey.values}
    found: dict[UUID, list[Part]] = {}
    for line in lines:
        for programme, yen in allocate(line.amount_yen, weights[line.allocation]).items():
            found.setdefault(programme, []).append((line, yen))
    return found


def _weights(key: str, launched: Iterable[ProgrammeView], *, seen: Snapshot) -> dict[UUID, int]:
    match key:
        case AllocationKey.DELIVERED:
            return {each.id: money_of(seen, each.id).delivered_yen for each in launched}
        case AllocationKey.PEOPLE:
            return {each.id: _people(seen, each.id)[0] for each in launched}
        case _:
            return {each.id: 1 for each in launched}


def _people(seen: Snapshot, programme: UUID) -> tuple[int, int]:
    found = next((row for row in seen.reach if row.programme == programme and not row.in_all), None)
    return (found.receivers, found.payers) if found else (0, 0)


def _goal_codes(municipality: int) -> dict[UUID, tuple[str, ...]]:
    links = ProgrammeGoal.objects.filter(municipality=municipality).select_related("goal").order_by("goal__place")
    found: dict[UUID, tuple[str, ...]] = {}
    for link in links:
        found[link.programme] = (*found.get(link.programme, ()), link.goal.code)
    return found


def _funders(
    programme: ProgrammeView, funds: Iterable[FundView], *, carried: Mapping[UUID, MoneyFigures]
) -> tuple[FunderPart, ...]:
    return tuple(
        FunderPart(fund, carried.get(fund.id, MoneyFigures())) for fund in funds if fund.programme == programme.id
    )


def _row(
    programme: ProgrammeView, seen: Snapshot, *, own: list[CostView], shared: list[Part],
    funders: tuple[FunderPart, ...], goals: tuple[str, ...],
) -> PortfolioRow:
    parts: list[Part] = [(line, line.amount_yen) for line in own] + shared
    kinds: dict[str, int] = {}
    for line, yen in parts:
        kinds[line.kind] = kinds.get(line.kind, 0) + yen
    receivers, payers = _people(seen, programme.id)
    return PortfolioRow(
        programme=programme, money=money_of(seen, programme.id),
        public_yen=sum(part.money.delivered_yen for part in funders if part.fund.funder != BUYERS),
        own_cost_yen=sum(line.amount_yen for line in own), shared_cost_yen=sum(yen for _, yen in shared),
        cost_by_kind=kinds, receivers=receivers, payers=payers, funders=funders, goals=goals,
        weakest_source=max((line.source for line, _ in parts), key=SOURCES.index, default=""),
    )
