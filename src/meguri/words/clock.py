"""The only module that may ask what time it is. Everywhere else time is an argument (`at`)."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

JST = ZoneInfo("Asia/Tokyo")


def now(offset: timedelta = timedelta(0)) -> datetime:
    """The present moment (aware, UTC), shifted by a rehearsed municipality's clock offset."""
    return datetime.now(UTC) + offset


def day(at: datetime) -> date:
    """The calendar day in Japan at a moment: days are cut at 00:00 Asia/Tokyo."""
    return at.astimezone(JST).date()


def midnight(on: date) -> datetime:
    """The first moment (aware, Asia/Tokyo) of a day in Japan."""
    return datetime(on.year, on.month, on.day, tzinfo=JST)
