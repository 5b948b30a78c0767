"""Spans of time, all half-open: `start <= at < end`. Days, months and fiscal years are those of Japan."""

from __future__ import annotations

from calendar import monthrange
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from meguri.words.wareki import format_year

_JST = ZoneInfo("Asia/Tokyo")
_ONE_DAY = timedelta(days=1)


def day_start(on: date) -> datetime:
    """The first moment (aware, UTC) of a day in Japan."""
    return datetime(on.year, on.month, on.day, tzinfo=_JST).astimezone(UTC)


def in_japan(at: datetime) -> datetime:
    """The same moment as the clocks of Japan show it."""
    return at.astimezone(_JST)


def with_zone(moment: datetime) -> datetime:
    """A moment as programs and files write it: one that names no zone is Japan's."""
    return moment if moment.tzinfo else moment.replace(tzinfo=_JST)


def day_of(at: datetime) -> date:
    """The day in Japan at a moment. Raises ValueError for a naive time, which could mean two different days."""
    if at.tzinfo is None:
        raise ValueError(f"a moment needs its time zone: {at}")
    return in_japan(at).date()


@dataclass(frozen=True, slots=True)
class Period:
    """From `start` (aware, included) to `end` (aware, excluded; None: without end)."""

    start: datetime
    end: datetime | None = None

    def __post_init__(self) -> None:
        if self.start.tzinfo is None or (self.end is not None and self.end.tzinfo is None):
            raise ValueError("a period's moments need their time zone")
        if self.end is not None and self.end <= self.start:
            raise ValueError(f"a period must end after it starts: {self.start} .. {self.end}")

    @classmethod
    def of_days(cls, first: date, last: date | None = None) -> Period:
        """As documents say it: both days included, 「4月1日から9月30日まで」. No last day: without end."""
        return cls(day_start(first), None if last is None else day_start(last + _ONE_DAY))

    def __contains__(self, at: datetime) -> bool:
        return self.start <= at and (self.end is None or at < self.end)

    def is_over(self, at: datetime) -> bool:
        return self.end is not None and self.end <= at

    @property
    def first_day(self) -> date:
        return day_of(self.start)

    @property
    def last_day(self) -> date | None:
        """The last day that the period touches, as people are told; None: without end."""
        return None if self.end is None else day_of(self.end - timedelta(microseconds=1))

    def overlap(self, other: Period) -> Period | None:
        """What both periods share; None when they share nothing (touching ends share nothing)."""
        start = max(self.start, other.start)
        ends = [end for end in (self.end, other.end) if end is not None]
        end = min(ends, default=None)
        return None if end is not None and end <= start else Period(start, end)


@dataclass(frozen=True, slots=True, order=True)
class FiscalYear:
    """会計年度: 1 April of `year` to 31 March, then the closing period (出納整理期間) to 31 May."""

    year: int

    @classmethod
    def of(cls, on: date) -> FiscalYear:
        return cls(on.year if on.month >= 4 else on.year - 1)

    @property
    def first_day(self) -> date:
        return date(self.year, 4, 1)

    @property
    def last_day(self) -> date:
        return date(self.year + 1, 3, 31)

    @property
    def period(self) -> Period:
        return Period.of_days(self.first_day, self.last_day)

    @property
    def closing_period(self) -> Period:
        """1 April to 31 May after the year: cash may still move for duties that arose by 31 March."""
        return Period.of_days(date(self.year + 1, 4, 1), date(self.year + 1, 5, 31))

    @property
    def name_ja(self) -> str:
        """「令和7年度」; the year in which an era began is 元年度."""
        return f"{format_year(self.first_day)}度"

    @property
    def name_en(self) -> str:
        return f"FY{self.year}"


def add_months(on: date, months: int) -> date:
    """The same day `months` later (or earlier); a day that the month lacks becomes its last day (民法143条)."""
    index = on.year * 12 + on.month - 1 + months
    year, month = index // 12, index % 12 + 1
    return date(year, month, min(on.day, monthrange(year, month)[1]))


def month_end(on: date) -> date:
    return on.replace(day=monthrange(on.year, on.month)[1])


def expiry(at: datetime, *, months: int = 0, days: int = 0, to_month_end: bool = True) -> datetime:
    """The moment (aware, UTC) from which value obtained at `at` is no longer good: the midnight after its last day.

    The day itself is not counted (民法140条): 6 months from 10 April end with 10 October. Then the last day moves to
    the end of its month, so that all holders of one month share one lot; `to_month_end=False` when the terms say the
    day. Beware: rounding up lengthens six months to almost seven, so value that is exempt from the Payment Services
    Act only by the six-month rule needs `to_month_end=False`. Raises ValueError for a span that is not positive.
    """
    if months < 0 or days < 0 or months + days == 0:
        raise ValueError("an expiry lies at least one day ahead")
    last = add_months(day_of(at), months) + timedelta(days=days)
    return day_start((month_end(last) if to_month_end else last) + _ONE_DAY)
