"""What a draw tells: those who won against those who lost, with the interval in which the truth probably lies. Pure.

A draw serves its ranking until the stock is out, so every application has the same chance, however many units it asks
for; among homes with as many applications the draw alone made the difference. Such strata are compared by how much
weekly spending changed since before the draw, and count by their size. The interval is Neyman's (two variances, each
of its own side), its width by Student's t.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from math import sqrt
from uuid import UUID

HOMES_LEAST = 10
"""On each side: fewer cannot be told of in public, and would say nothing anyway."""
_Z = 1.959964


@dataclass(frozen=True, slots=True)
class DrawnRow:
    """Homes of one stratum that won, or lost: mean and variance of their change (yen a week).

    `week`: its Monday; None: the whole time since the draw. `entrants`: with those who left no record. `bought`: mean
    units; `weeks`: mean number of weeks reported.
    """

    programme: UUID
    sale: UUID
    drawn: date
    week: date | None
    applications: int
    won: bool
    entrants: int
    homes: int
    mean: float
    variance: float
    bought: float
    weeks: float


@dataclass(frozen=True, slots=True)
class Estimate:
    """A number and the ends of its 95 % interval."""

    value: float
    low: float
    high: float

    @property
    def is_sure(self) -> bool:
        """Whether the interval lies on one side of zero."""
        return self.low > 0 or self.high < 0

    def times(self, factor: float) -> Estimate:
        """In another unit (`factor` above zero)."""
        return Estimate(self.value * factor, self.low * factor, self.high * factor)


@dataclass(frozen=True, slots=True)
class WeekEffect:
    """The difference of one week (its Monday); before the draw it should be about nothing."""

    week: date
    effect: Estimate


@dataclass(frozen=True, slots=True)
class LotteryEffect:
    """What winning did: yen a week and home, over `weeks` weeks since `drawn` (a Monday).

    `won`, `lost`: homes compared; `entrants`: all that took part in the draw; `bought`: units that winners bought more
    than losers, on average.
    """

    sale: UUID
    drawn: date
    weekly: Estimate
    weeks: float
    won: int
    lost: int
    entrants: int
    bought: float
    by_week: tuple[WeekEffect, ...]

    def per_yen(self, unit_yen: int) -> Estimate | None:
        """Extra spending so far for a yen of vouchers bought, if a unit is worth so much."""
        bought_yen = self.bought * unit_yen
        return self.weekly.times(self.weeks / bought_yen) if bought_yen > 0 else None


@dataclass(frozen=True, slots=True)
class Missing:
    """Why a draw tells nothing yet. `what`: draw, records (nobody reports), homes (too few: `won`, `lost`)."""

    what: str
    won: int = 0
    lost: int = 0
    entrants: int = 0


Pair = tuple[DrawnRow, DrawnRow]
"""A stratum's winners and losers."""


def lottery_effect(rows: Iterable[DrawnRow], *, programme: UUID) -> LotteryEffect | Missing:
    """The estimate of a programme's first draw, or what is missing for it."""
    mine = [row for row in rows if row.programme == programme]
    whole = [row for row in mine if row.week is None]
    pairs = _pairs(whole)
    won, lost = sum(pair[0].homes for pair in pairs), sum(pair[1].homes for pair in pairs)
    entrants = sum(row.entrants for row in whole)
    if not whole:
        return Missing("draw")
    if min(won, lost) < HOMES_LEAST:
        return Missing("homes" if any(row.homes for row in whole) else "records", won, lost, entrants)
    return LotteryEffect(
        sale=whole[0].sale, drawn=whole[0].drawn, weekly=_difference(pairs), won=won, lost=lost, entrants=entrants,
        weeks=_mean(pairs, [_weighted(pair, [side.weeks for side in pair]) for pair in pairs]),
        bought=_mean(pairs, [pair[0].bought - pair[1].bought for pair in pairs]), by_week=tuple(_weeks(mine)),
    )


def difference(rows: Sequence[DrawnRow]) -> Estimate:
    """Winners less losers in what `mean` and `variance` tell, within strata."""
    return _difference(_pairs(rows))


def _weeks(rows: Sequence[DrawnRow]) -> Iterable[WeekEffect]:
    """The weeks in which both sides are still told of."""
    for week in sorted({row.week for row in rows if row.week is not None}):
        pairs = _pairs([row for row in rows if row.week == week])
        if min(sum(pair[side].homes for pair in pairs) for side in (0, 1)) >= HOMES_LEAST:
            yield WeekEffect(week, _difference(pairs))


def _pairs(rows: Sequence[DrawnRow]) -> list[Pair]:
    """Strata in which both sides have a variance: at least two homes each."""
    sides = {(row.applications, row.won): row for row in rows if row.homes > 1}
    strata = sorted({applications for applications, _ in sides})
    found = [(sides.get((stratum, True)), sides.get((stratum, False))) for stratum in strata]
    return [(won, lost) for won, lost in found if won is not None and lost is not None]


def _weighted(pair: Pair, values: Sequence[float]) -> float:
    homes = [side.homes for side in pair]
    return sum(value * number for value, number in zip(values, homes, strict=True)) / sum(homes)


def _mean(pairs: Sequence[Pair], values: Sequence[float]) -> float:
    """Strata by how many homes they have."""
    sizes = [won.homes + lost.homes for won, lost in pairs]
    return sum(size * value for size, value in zip(sizes, values, strict=True)) / sum(sizes)


def _difference(pairs: Sequence[Pair]) -> Estimate:
    """Winners less losers; degrees of freedom after Welch and Satterthwaite."""
    total = sum(won.homes + lost.homes for won, lost in pairs)
    value = _mean(pairs, [won.mean - lost.mean for won, lost in pairs])
    parts = [
        (((won.homes + lost.homes) / total) ** 2 * side.variance / side.homes, side.homes - 1)
        for won, lost in pairs for side in (won, lost)
    ]  # fmt: skip
    variance = sum(part for part, _ in parts)
    spread = sum(part**2 / freedom for part, freedom in parts)
    half = student(variance**2 / spread) * sqrt(variance) if spread else 0.0
    return Estimate(value, value - half, value + half)


def student(freedom: float) -> float:
    """The 97.5 % point of Student's t (Cornish and Fisher's series; from 3 degrees on within 2 %)."""
    z, n = _Z, freedom
    return (
        z + (z**3 + z) / (4 * n) + (5 * z**5 + 16 * z**3 + 3 * z) / (96 * n**2)
        + (3 * z**7 + 19 * z**5 + 17 * z**3 - 15 * z) / (384 * n**3)
    )  # fmt: skip
