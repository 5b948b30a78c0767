"""When what happens in the rehearsed weeks: one calendar for all programmes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cache

import jpholiday

from meguri.words.clock import JST

WEEKS_LEAST = 4
WEEKS_MOST = 40
CLAIM_DAYS = 9
"""So long is the first sale to whoever comes first open: time for slips to be paid. guess."""
AGAIN_DAYS = 2
"""The second one opens so long before the last lived day: a line stands there, and units are left. guess."""
AGAIN_OPEN_DAYS = 21
AGAIN_SPENT_DAYS = 75
DESK_DAYS = 3
"""So long does work lie on an officer's desk. guess."""


@dataclass(frozen=True, slots=True)
class Timetable:
    """Days are those of Asia/Tokyo; `last_…` days still count. Week 0 begins on `start`, a Monday."""

    start: date
    weeks: int
    last_apply: date
    drawn_on: date
    last_purchase: date
    last_use: date  # of vouchers
    last_choice: date  # of the benefit's receipt
    paid_on: date  # of the benefit
    last_deed: date  # that earns points
    more_days: int = 0  # lived after the last whole week, 0 to 6: nobody reports them any more
    open_end: bool = False  # somebody comes after the last day and goes on

    @property
    def end(self) -> date:
        """The first day after the rehearsed weeks."""
        return self.start + timedelta(weeks=self.weeks)

    def days(self) -> Iterator[date]:
        """Every day that is lived."""
        return (self.start + timedelta(days=i) for i in range(self.weeks * 7 + self.more_days))

    @property
    def last_day(self) -> date:
        """The last day that is lived in full."""
        return self.end + timedelta(days=self.more_days - 1)

    def is_left_open(self, on: date) -> bool:
        """Whether officers' work of a day stays on their desks, for whoever comes after an open end."""
        return self.open_end and on > self.last_day - timedelta(days=DESK_DAYS)

    def week(self, on: date) -> int:
        """The number of the week a day lies in; negative before the start."""
        return (on - self.start).days // 7

    def monday(self, week: int) -> date:
        return self.start + timedelta(weeks=week)

    @property
    def closed_on(self) -> date:
        """The day after the last application: the list is frozen, days before the draw's public value is known."""
        return self.last_apply + timedelta(days=1)

    @property
    def first_purchase(self) -> date:
        """The day after the draw: by then everybody has heard of it."""
        return self.drawn_on + timedelta(days=1)

    @property
    def first_come_on(self) -> date:
        """The day on which what is sold to whoever comes first is sold for the first time."""
        return self.start + timedelta(days=round(self.weeks * 7 * 0.54))

    @property
    def first_come_until(self) -> date:
        """The last day of paying for it."""
        return self.first_come_on + timedelta(days=CLAIM_DAYS - 1)

    @property
    def again_on(self) -> date:
        """The day of its second sale, which an open end has: somebody comes after the last day and buys."""
        return self.last_day - timedelta(days=AGAIN_DAYS)

    @property
    def again_until(self) -> date:
        return self.last_day + timedelta(days=AGAIN_OPEN_DAYS)

    @property
    def first_come_last_use(self) -> date:
        """The last day on which what was sold first come is good."""
        return self.again_until + timedelta(days=AGAIN_SPENT_DAYS) if self.open_end else self.last_use

    @property
    def sale_week(self) -> int:
        """The week in which vouchers are first bought."""
        return self.week(self.first_purchase)


def latest_start(today: date, *, weeks: int) -> date:
    """The last Monday from which so many whole weeks end before `today`."""
    return today - timedelta(days=today.weekday()) - timedelta(weeks=weeks)


def timetable(start: date, *, weeks: int, open_end: bool = False, more_days: int = 0) -> Timetable:
    """Fit the programmes into the weeks. With `open_end` vouchers and points outlive them, as a demo wants.

    Raises ValueError for a start that is no Monday, or too few or many weeks or further days.
    """
    if start.weekday() != 0:
        raise ValueError(f"a rehearsal starts on a Monday, {start} is none")
    if not WEEKS_LEAST <= weeks <= WEEKS_MOST:
        raise ValueError(f"a rehearsal has {WEEKS_LEAST} to {WEEKS_MOST} weeks, not {weeks}")
    if not 0 <= more_days <= 6:
        raise ValueError(f"at most 6 days follow the last week, not {more_days}")
    applying = min(21, max(5, round(weeks * 7 * 0.14)))
    choosing = min(21, max(6, weeks))
    last_use = weeks * 7 + 13 if open_end else weeks * 7 - 4
    return Timetable(
        start=start, weeks=weeks, last_apply=_after(start, applying), drawn_on=_after(start, applying + 3),
        last_purchase=_after(start, applying + 10), last_use=_after(start, last_use),
        last_choice=_after(start, choosing), paid_on=working_day(_after(start, choosing + 2)),
        last_deed=_after(start, last_use if open_end else weeks * 7 + more_days - 1), more_days=more_days,
        open_end=open_end,
    )  # fmt: skip


def _after(start: date, days: int) -> date:
    return start + timedelta(days=days)


def working_day(on: date) -> date:
    """The day itself, or the next one on which the town hall and the banks are open."""
    while on.weekday() >= 5 or holiday(on):
        on += timedelta(days=1)
    return on


@cache
def holiday(on: date) -> bool:
    """Whether a day is a public holiday in Japan."""
    return bool(jpholiday.is_holiday(on))


def moment(on: date, hour: int, *, minute: int = 0, second: int = 0) -> datetime:
    """A time on the town's clock, as aware UTC."""
    return datetime.combine(on, time(hour, minute, second), tzinfo=JST).astimezone(UTC)
