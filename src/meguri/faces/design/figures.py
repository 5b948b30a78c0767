"""Amounts, days and moments as people read them, in Japanese and English. Pure: no framework, no clock."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Literal

from meguri.words.clock import JST
from meguri.words.clock import day as day_in_japan
from meguri.words.refusal import Language
from meguri.words.wareki import format_year
from meguri.words.yen import show_yen

WEEKDAYS_JA = "月火水木金土日"
WEEKDAYS_EN = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
MONTHS_EN = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
SOON_DAYS = 14
"""From this many days before the end on, a purse is marked as ending soon (days)."""

DayStyle = Literal["", "year", "era", "short"]


@dataclass(frozen=True, slots=True)
class AmountPieces:
    """An amount cut for setting, the unit smaller than the figure. `before + figure + after` reads as written."""

    before: str
    figure: str
    after: str


def amount_pieces(amount: int, language: Language = "ja", *, signed: bool = False) -> AmountPieces:
    """Cut `amount` yen into sign and unit before, figure, unit after. `signed` writes a plus as well."""
    sign = "−" if amount < 0 else "+" if signed and amount > 0 else ""
    figure = f"{abs(amount):,}"
    return AmountPieces(sign, figure, "円") if language == "ja" else AmountPieces(f"{sign}¥", figure, "")


def purse_name(kind: str, *, programme: str) -> str:
    """A purse as its holder knows it: of which programme, and which part of it unless that says so."""
    return programme if not kind or kind.casefold() in programme.casefold() else f"{programme} {kind}"


def short_yen(amount: int, language: Language = "ja") -> str:
    """A rounded amount for charts: `1.2億円`, `340万円`, `¥1.2bn`, `¥3.4M`; small amounts are written out."""
    sign = "−" if amount < 0 else ""
    size = abs(amount)
    if language == "ja":
        if size >= 99_995_000:
            return f"{sign}{_scaled(size, unit=100_000_000)}億円"
        return f"{sign}{_scaled(size, unit=10_000)}万円" if size >= 10_000 else show_yen(amount, language)
    if size >= 999_500_000:
        return f"{sign}¥{_scaled(size, unit=1_000_000_000)}bn"
    return f"{sign}¥{_scaled(size, unit=1_000_000)}M" if size >= 1_000_000 else show_yen(amount, language)


def _scaled(size: int, *, unit: int) -> str:
    """`size` in `unit`s: one decimal below a hundred, none above, halves rounded up, a bare .0 left out."""
    if size >= 100 * unit:
        return f"{(size + unit // 2) // unit:,}"
    tenths = (size * 10 + unit // 2) // unit
    return f"{tenths // 10}" if tenths % 10 == 0 else f"{tenths // 10}.{tenths % 10}"


def show_day(on: date, language: Language = "ja", *, style: DayStyle = "") -> str:
    """`8月31日(月)` or `Mon 31 Aug`; style `year` adds the year, `era` the Japanese era's, `short` gives `8/31`."""
    weekday_ja, weekday_en = WEEKDAYS_JA[on.weekday()], WEEKDAYS_EN[on.weekday()]
    month = MONTHS_EN[on.month - 1]
    if style == "short":
        return f"{on.month}/{on.day}" if language == "ja" else f"{on.day} {month}"
    if language == "en":
        return f"{weekday_en} {on.day} {month} {on.year}" if style else f"{weekday_en} {on.day} {month}"
    year = {"year": f"{on.year}年", "era": format_year(on)}.get(style, "")
    return f"{year}{on.month}月{on.day}日({weekday_ja})"


def show_time(at: datetime) -> str:
    """The time of day in Japan, `14:03`."""
    return f"{at.astimezone(JST):%H:%M}"


def show_moment(at: datetime, language: Language = "ja", *, style: DayStyle = "") -> str:
    """Day and time in Japan: `8月31日(月) 14:03`, `Mon 31 Aug, 14:03`."""
    joint = " " if language == "ja" else ", "
    return f"{show_day(day_in_japan(at), language, style=style)}{joint}{show_time(at)}"


def as_day(value: date | datetime) -> date:
    """The day in Japan of a date or of an aware moment."""
    return day_in_japan(value) if isinstance(value, datetime) else value


def last_day(end: date | datetime) -> date:
    """The last day on which something ending at `end` can be used.

    A moment is the open end of a half-open span, so midnight of 1 September means 31 August; a date is that day.
    """
    if not isinstance(end, datetime):
        return end
    return day_in_japan(end.astimezone(UTC) - timedelta(microseconds=1))


def show_end(end: date | datetime, language: Language = "ja") -> str:
    """The last day; of what ends in the middle of a day also the time, for the rest of that day is too late."""
    if isinstance(end, datetime) and last_day(end) == day_in_japan(end):
        return show_moment(end, language)
    return show_day(last_day(end), language)


def days_left(end: date | datetime, at: date | datetime) -> int:
    """Whole days from today (`at`) to the last day; 0 on the last day, negative afterwards."""
    return (last_day(end) - as_day(at)).days


def show_left(days: int, language: Language = "ja") -> str:
    """`あと12日`, `12 days left`; the last day and a past one have their own words."""
    if days < 0:
        return "期限切れ" if language == "ja" else "ended"
    if days == 0:
        return "今日まで" if language == "ja" else "last day"
    if language == "ja":
        return f"あと{days:,}日"
    return "1 day left" if days == 1 else f"{days:,} days left"
