"""Moments as programs send them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

from pydantic import AfterValidator

from meguri.words.period import in_japan, with_zone


def _placed(moment: datetime) -> datetime:
    """Raises ValueError for a moment that has no day in Greenwich or in Japan: the first and the last of all."""
    placed = with_zone(moment)
    try:
        in_japan(placed.astimezone(UTC))
    except OverflowError:
        raise ValueError("no such moment") from None
    return placed


Moment = Annotated[datetime, AfterValidator(_placed)]
"""A moment with its zone; without one it is Japan's."""
