"""What officers do, day by day: open the town, launch, draw, decide, release, settle."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta
from typing import TypeVar

from meguri.rehearsal.chance import dice
from meguri.rehearsal.documents import BENEFIT, BENEFIT_YEN, POINT, VOUCHER, Scale, documents, supplementary_yen
from meguri.rehearsal.figures import WIN_SHARE
from meguri.rehearsal.happenings import (
    AppropriatesBudget,
    ApprovesPayouts,
    BenefitRow,
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
    SpendingRow,
    UploadsSpending,
)  # fmt: skip
from meguri.rehearsal.plan import Plan, entitled
from meguri.rehearsal.timetable import Timetable, moment
from meguri.rehearsal.town import Town

T = TypeVar("T")

RESIDENTS_AT_ONCE = 500
ROWS_AT_ONCE = 2_000


def chunks(things: Sequence[T], size: int) -> Iterator[tuple[T, ...]]:
    """Tuples of at most `size` things, in order."""
    return (tuple(things[i : i + size]) for i in range(0, len(things), size))


class TownHall:
    """Knows the calendar of the three programmes and nothing of what people decide."""

    def __init__(self, town: Town, *, table: Timetable, plan: Plan) -> None:
        self.town, self.table = town, table
        self.entitled = entitled(town)
        wallets = sum(1 for person in plan.people.values() if person.joins)
        self.scale = Scale(
            units=max(1, round(plan.units_asked * WIN_SHARE)), households=len(self.entitled), holders=max(1, wallets)
        )

    def on(self, today: date) -> Iterator[Happening]:
        """Everything officers do on a day, in order."""
        if today == self.table.start:
            yield from self._opening(today)
        yield from self._joining_shops(today)
        if today == self.table.start + timedelta(days=1):
            yield from self._benefit_list(today)
        if today == self.table.drawn_on:
            yield self._draw(today)
        if today == self.table.paid_on:
            yield ReleasesBenefit(at=moment(today, 10), key="release", programme=BENEFIT, department="welfare")
        if today == self.table.start + timedelta(days=int(self.table.weeks * 7 * 0.6)):
            yield AppropriatesBudget(
                at=moment(today, 9), key="supplementary", programme=POINT, department="planning", fund="city",
                amount_yen=supplementary_yen(self.scale),
            )  # fmt: skip
        if today.weekday() == 0 and today > self.table.start:
            yield from self._settlement(today)

    def spending(self, rows: list[SpendingRow], *, at: datetime, week: int) -> Iterator[Happening]:
        """The reports of one week, in uploads of bounded size."""
        for number, part in enumerate(chunks(rows, ROWS_AT_ONCE)):
            yield UploadsSpending(at=at, key=f"spending:{week}:{number:03d}", rows=part)

    def _draw(self, today: date) -> Draws:
        pressure = dice(self.town.seed, "air pressure", today).uniform(995, 1_030)
        return Draws(
            at=moment(today, 10), key="draw", programme=VOUCHER, department="commerce",
            public_value=f"{today} 午前9時の{self.town.name}の気圧 {pressure:.1f}hPa(架空)",
        )  # fmt: skip

    def _opening(self, today: date) -> Iterator[Happening]:
        at = moment(today, 7)
        for number, residents in enumerate(chunks(list(self.town.residents), RESIDENTS_AT_ONCE)):
            yield RegistersResidents(at=at, key=f"residents:{number:03d}", residents=residents)
        yield RegistersSponsors(at=at, key="sponsors", sponsors=tuple(self.town.sponsors))
        made = documents(self.town, table=self.table, scale=self.scale)
        for minute, (code, (department, document)) in enumerate(made.items()):
            at = moment(today, 9, minute=minute)
            yield LaunchesProgramme(
                at=at, key=f"launch:{code}", programme=code, department=department, document=document
            )

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
        rows = tuple(BenefitRow(home.head, home.key, BENEFIT_YEN) for home in self.entitled)
        yield ImportsBenefitList(at=moment(today, 8), key="list", programme=BENEFIT, department="welfare", rows=rows)
        yield DecidesBenefit(at=moment(today, 15), key="decide", programme=BENEFIT, department="welfare")

    def _settlement(self, today: date) -> Iterator[Happening]:
        """Every Monday: takings up to Sunday midnight, released by the accountant an hour later."""
        key = f"settle:{today.isoformat()}"
        yield RunsSettlement(at=moment(today, 5), key=key, cutoff=moment(today, 0))
        yield ApprovesPayouts(at=moment(today, 6), key=f"approve:{today.isoformat()}", settlement=key)
