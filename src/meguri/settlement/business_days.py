"""Days on which banks carry out transfers: no weekend, no public holiday, not 31 December to 3 January.

Source: 銀行法15条 and 銀行法施行令5条 (bank holidays).
"""

from __future__ import annotations

from datetime import date, timedelta

import jpholiday

_ONE_DAY = timedelta(days=1)


def is_business_day(on: date) -> bool:
    """Public holidays are those of jpholiday: announced ones, and computed ones for years not announced yet."""
    year_end = (on.month, on.day) in {(12, 31), (1, 1), (1, 2), (1, 3)}
    return on.weekday() < 5 and not year_end and not jpholiday.is_holiday(on)


def next_business_day(after: date) -> date:
    """The first business day after the given day, never the day itself."""
    return on_or_after(after + _ONE_DAY)


def previous_business_day(before: date) -> date:
    """The last business day before the given day, never the day itself."""
    return on_or_before(before - _ONE_DAY)


def on_or_after(on: date) -> date:
    """The day itself when banks work, else the next business day (翌営業日)."""
    while not is_business_day(on):
        on += _ONE_DAY
    return on


def on_or_before(on: date) -> date:
    """The day itself when banks work, else the business day before (前営業日)."""
    while not is_business_day(on):
        on -= _ONE_DAY
    return on


def add_business_days(on: date, days: int) -> date:
    """The day that is `days` business days later; 0 gives the day itself or the next business day."""
    day = on_or_after(on)
    for _ in range(days):
        day = next_business_day(day)
    return day
