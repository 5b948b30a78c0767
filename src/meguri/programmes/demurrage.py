"""When value shrinks (減価) and by how much. Pure.

One calendar for everybody: the first demurrage day is `every_days` after the first day of spending, the next as many
days later, as long as value may be spent. On such a day, at 00:00 in Japan, every balance of a granted purse (one
holder, one lot) loses floor(balance x rate_bp / 10,000). What is less than a whole yen stays with the holder and is not
remembered; so small balances keep all they have, and nothing ever falls below zero. The paid part never shrinks, nor
what is promised to a shop (on hold) at that moment.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Protocol
from uuid import UUID

from meguri.programmes.parts import Demurrage
from meguri.programmes.sharing import WHOLE
from meguri.words.period import Period, day_start


class RunKind(StrEnum):
    """Why the value in the wallets of a programme moves in bulk."""

    EXPIRY = "expiry"  # its day has passed
    DEMURRAGE = "demurrage"  # it shrinks
    EXTENSION = "extend"  # it moves to a later last day, as an amendment says; nothing leaves anybody
    CLOSING = "closing"  # its programme is wound up


class Shrinking(Protocol):
    """What one holder loses of one fund's money."""

    @property
    def holder(self) -> UUID: ...
    @property
    def fund(self) -> UUID: ...
    @property
    def amount_yen(self) -> int: ...


@dataclass(frozen=True, slots=True)
class FundLoss:
    """What leaves the wallets for one fund: yen, how many holders lose, and the least and the most that one loses."""

    fund: UUID
    amount_yen: int
    holders: int
    least_yen: int
    most_yen: int


def demurrage_days(demurrage: Demurrage, spending: Period) -> Iterator[date]:
    """Every demurrage day of a programme, in order; without end where spending has none."""
    day = spending.first_day + timedelta(days=demurrage.every_days)
    while day_start(day) in spending:
        yield day
        day += timedelta(days=demurrage.every_days)


def days_come(demurrage: Demurrage, spending: Period, *, at: datetime) -> tuple[date, ...]:
    """The demurrage days that have begun by `at`."""
    found = []
    for day in demurrage_days(demurrage, spending):
        if day_start(day) > at:
            break
        found.append(day)
    return tuple(found)


def next_day(demurrage: Demurrage, spending: Period, *, at: datetime) -> date | None:
    """The first demurrage day that is still to come; None: value shrinks no more."""
    return next((day for day in demurrage_days(demurrage, spending) if day_start(day) > at), None)


def loss_yen(balance_yen: int, *, rate_bp: int) -> int:
    """What a balance loses on one demurrage day."""
    return balance_yen * min(rate_bp, WHOLE) // WHOLE


def by_fund(losses: Iterable[Shrinking]) -> tuple[FundLoss, ...]:
    """The losses added up by fund; a holder with several lots of a fund counts once, with their sum."""
    sums: defaultdict[UUID, defaultdict[UUID, int]] = defaultdict(lambda: defaultdict(int))
    for each in losses:
        sums[each.fund][each.holder] += each.amount_yen
    return tuple(
        FundLoss(fund, sum(yen.values()), len(yen), min(yen.values()), max(yen.values())) for fund, yen in sums.items()
    )
