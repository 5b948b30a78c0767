"""What officers do, day by day: open the town, launch, draw, decide, release, settle."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import TypeVar

from meguri.rehearsal.aims import books_costs_on, declared, monthly_costs
from meguri.rehearsal.chance import dice
from meguri.rehearsal.documents import ONLY, Scale, documents, supplementary_yen, year_end
from meguri.rehearsal.figures import STOCK_LEFT, STOCK_SHARE, WIN_SHARE
from meguri.rehearsal.happenings import (
    AppropriatesBudget,
    ApprovesPayouts,
    BenefitRow,
    ClosesApplications,
    DecidesBenefit,
    Draws,
    Happening,
    ImportsBenefitList,
    LaunchesProgramme,
    RegistersResidents,
    RegistersShops,
    RegistersSponsors,
    ReleasesBenefit,
    RunsSettlement,
    SendsPayouts,
    SpendingRow,
    UploadsSpending,
)  # fmt: skip
from meguri.rehearsal.plan import Plan, entitled
from meguri.rehearsal.rules import BENEFIT, POINT, VOUCHER, Rules
from meguri.rehearsal.timetable import Timetable, moment
from meguri.rehearsal.town import Town

T = TypeVar("T")

RESIDENTS_AT_ONCE = 500
ROWS_AT_ONCE = 2_000


def chunks(things: Sequence[T], size: int) -> Iterator[tuple[T, ...]]:
    """Tuples of at most `size` things, in order."""
    return (tuple(things[i : i + size]) for i in range(0, len(things), size))


class TownHall:
    """Knows the calendar of the programmes and nothing of what people decide."""

    def __init__(
        self, town: Town, *, table: Timetable, plan: Plan, templates: Mapping[str, str], rules: Rules
    ) -> None:
        self.town, self.table, self.templates, self.rules = town, table, templates, rules
        self.entitled = entitled(town, rules=rules)
        wallets = sum(1 for person in plan.people.values() if person.joins)
        yen = [amount for children in self.entitled.values() for amount in children.values()]
        self.scale = Scale(
            units=max(1, round(plan.units_asked * WIN_SHARE)), children=len(yen), benefit_yen=sum(yen),
            holders=max(1, wallets), first_come=max(1, round(plan.units_in_line(ONLY) * STOCK_SHARE)),
            again=max(1, round(wallets * STOCK_LEFT)),
        )  # fmt: skip

    def on(self, today: date) -> Iterator[Happening]:
        """Everything officers do on a day, in order."""
        if today == self.table.start:
            yield from self._opening(today)
        yield from self._joining_shops(today)
        if today == self.table.start + timedelta(days=1):
            yield from self._benefit_list(today)
        if today == self.table.closed_on:
            department = self.rules.departments[VOUCHER]
            yield ClosesApplications(at=moment(today, 9), key="close", programme=VOUCHER, department=department)
        if today == self.table.drawn_on:
            yield self._draw(today)
        if today == self.table.paid_on:
            department = self.rules.departments[BENEFIT]
            yield ReleasesBenefit(at=moment(today, 10), key="release", programme=BENEFIT, department=department)
        if today == self.table.start + timedelta(days=int(self.table.weeks * 7 * 0.6)):
            yield AppropriatesBudget(
                at=moment(today, 9), key="supplementary", programme=POINT, department=self.rules.departments[POINT],
                fund=self.rules.points_fund, amount_yen=supplementary_yen(self.scale, weeks=self.table.weeks),
            )  # fmt: skip
        if books_costs_on(today, start=self.table.start):
            yield from self._costs(today)
        if today.weekday() == 0 and today > self.table.start:
            yield from self._settlement(today)

    def spending(self, rows: list[SpendingRow], *, at: datetime, week: int) -> Iterator[Happening]:
        """The reports of one week, in uploads of bounded size."""
        for number, part in enumerate(chunks(rows, ROWS_AT_ONCE)):
            yield UploadsSpending(at=at, key=f"spending:{week}:{number:03d}", rows=part)

    def _costs(self, today: date) -> Iterator[Happening]:
        is_first = today == self.table.start
        return monthly_costs(
            today, residents=len(self.town.residents), children=self.scale.children, is_first=is_first
        )  # fmt: skip

    def _draw(self, today: date) -> Draws:
        pressure = dice(self.town.seed, "air pressure", today).uniform(995, 1_030)
        return Draws(
            at=moment(today, 10), key="draw", programme=VOUCHER, department=self.rules.departments[VOUCHER],
            public_value=f"{today} 午前9時の{self.town.name}の気圧 {pressure:.1f}hPa(架空)",
        )  # fmt: skip

    def _opening(self, today: date) -> Iterator[Happening]:
        at = moment(today, 7)
        for number, residents in enumerate(chunks(list(self.town.residents), RESIDENTS_AT_ONCE)):
            yield RegistersResidents(at=at, key=f"residents:{number:03d}", residents=residents)
        yield RegistersSponsors(at=at, key="sponsors", sponsors=tuple(self.town.sponsors))
        made = documents(self.templates, town=self.town, table=self.table, scale=self.scale, rules=self.rules)
        for minute, (code, (department, document)) in enumerate(made.items()):
            at = moment(today, 9, minute=minute)
            yield LaunchesProgramme(
                at=at, key=f"launch:{code}", programme=code, department=department, document=document
            )
        yield from declared(today, reach_by=year_end(self.table.end))

    def _joining_shops(self, today: date) -> Iterator[Happening]:
        """Shops whose first week begins today."""
        if today.weekday() != 0:
            return
        week = self.table.week(today)
        joining = [shop.key for shop in self.town.shops.values() if shop.accepts_from_week == week]
        for number, shops in enumerate(chunks(joining, RESIDENTS_AT_ONCE)):
            yield RegistersShops(at=moment(today, 7, minute=30), key=f"shops:{week}:{number:03d}", shops=shops)

    def _benefit_list(self, today: date) -> Iterator[Happening]:
        """One list, whole: it is decided as it stands."""
        rows = tuple(
            BenefitRow(child, head, yen) for head, children in self.entitled.items() for child, yen in children.items()
        )
        office = self.rules.departments[BENEFIT]
        yield ImportsBenefitList(at=moment(today, 8), key="list", programme=BENEFIT, department=office, rows=rows)
        yield DecidesBenefit(at=moment(today, 15), key="decide", programme=BENEFIT, department=office)

    def _settlement(self, today: date) -> Iterator[Happening]:
        """Every Monday: takings up to Sunday midnight, released by the treasurer and sent to the bank the same day.

        The newest of an open-ended life still waits for the treasurer.
        """
        key = f"settle:{today.isoformat()}"
        yield RunsSettlement(at=moment(today, 5), key=key, cutoff=moment(today, 0))
        if not (self.table.open_end and today == self.table.end):
            yield ApprovesPayouts(at=moment(today, 6), key=f"approve:{today.isoformat()}", settlement=key)
            yield SendsPayouts(at=moment(today, 10), key=f"send:{today.isoformat()}", settlement=key)
