"""How a holder is warned before value expires or shrinks. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby
from typing import Final
from uuid import UUID

from meguri.words.period import in_japan
from meguri.words.refusal import declare

WARNING_DAYS: Final = (0, 3, 7, 14, 30)
"""Days before an expiry that can be chosen; 0: never."""
AHEAD_MOST: Final = timedelta(days=max(WARNING_DAYS))
DAYTIME: Final = range(9, 20)
"""Hours in Japan at which people are told: a phone may make a sound."""

WARNING_DAYS_UNKNOWN = declare(
    "warning_days_unknown", status=422,
    ja="お知らせの日は、一覧から選んでください。", en="Please choose one of the days that are offered.",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Choice:
    """`days` before the expiry (0: never), always in the app, on wish by mail too."""

    days: int
    by_mail: bool = False


USUAL: Final = Choice(days=7)
"""For whoever has chosen nothing: nobody should lose money because a page was never opened."""


@dataclass(frozen=True, slots=True)
class Ending:
    """What a holder will lose of one purse kind at `expires_at`, in yen: all that ends then, or what `shrinks`."""

    holder: UUID
    expires_at: datetime
    by_mail: bool
    purse_kind: UUID
    yen: int
    shrinks: bool = False


def choice(days: int, *, by_mail: bool) -> Choice:
    """What was chosen; without a warning there is no mail. Raises Refusal `warning_days_unknown`."""
    if days not in WARNING_DAYS:
        raise WARNING_DAYS_UNKNOWN.refusal(field="days")
    return Choice(days, by_mail and days > 0)


def is_daytime(at: datetime) -> bool:
    """Whether people may be told now."""
    return in_japan(at).hour in DAYTIME


def by_expiry(found: Iterable[Ending]) -> list[tuple[Ending, ...]]:
    """One group for each holder and moment, of rows sorted by them: who has three purses is told once."""
    return [tuple(group) for _, group in groupby(found, key=lambda each: (each.holder, each.expires_at))]
