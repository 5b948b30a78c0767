"""What the edge of a sold-out sale tells: who came just in time against who came just too late. Pure.

Nobody drew who comes when: people chose it. Close to the last unit some seconds decided, so it may be as good as a
draw, and two things that would betray a choice can be looked at. Did as many come just after the edge as just before it
(whoever sees that little is left does not come at all)? And had both spent as much before? The widest of a few windows
in which neither look finds anything gives the effect; where there is none, there is a description only. The looks are
strict, at 15 % each, because they are made to turn down (Cattaneo, Frandsen, Titiunik 2015). They pass by chance, too,
where homes are few; so this is weaker than a draw.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from math import sqrt
from uuid import UUID

from meguri.evidence.lottery import DrawnRow, LotteryEffect, Missing, difference, lottery_effect

_Z_95, _Z_85 = 1.959964, 1.439531


@dataclass(frozen=True, slots=True)
class EdgeRow(DrawnRow):
    """Homes within so many minutes of the edge that asked for as many units (`applications`); `won`: they came in time.

    `places`: people in the line; `before`, `after`: mean spending (yen a week), and the variance of the first.
    """

    minutes: int
    places: int
    before: float
    before_variance: float
    after: float


@dataclass(frozen=True, slots=True)
class EdgeSide:
    """One side: people in the line, homes that report, what these spent before and after (yen a week)."""

    places: int
    homes: int
    before: float
    after: float


@dataclass(frozen=True, slots=True)
class Edge:
    """Both sides of the edge, `minutes` wide each. `doubts`: why it is no effect; empty: `effect` is one.

    coming: fewer, or more, came just after the edge than just before it; before: the sides had not spent alike before.
    """

    sale: UUID
    minutes: int
    in_time: EdgeSide
    too_late: EdgeSide
    doubts: tuple[str, ...]
    effect: LotteryEffect | None


def edge_effect(rows: Iterable[EdgeRow], *, programme: UUID) -> Edge | Missing:
    """What the programme's first sold-out sale tells, or what is missing for it."""
    mine = [row for row in rows if row.programme == programme]
    if not mine:
        return Missing("edge")
    windows = [_window([row for row in mine if row.minutes == minutes], programme=programme)
               for minutes in sorted({row.minutes for row in mine}, reverse=True)]  # fmt: skip
    clear = (found for found in windows if isinstance(found, Edge) and not found.doubts)
    return next(clear, windows[0])


def _window(rows: Sequence[EdgeRow], *, programme: UUID) -> Edge | Missing:
    found = lottery_effect(rows, programme=programme)
    if isinstance(found, Missing):
        return found
    in_time, too_late = (_side([row for row in rows if row.won is side]) for side in (True, False))
    doubts = tuple(
        doubt for doubt, holds in (
            ("coming", _came_evenly(in_time.places, too_late.places)), ("before", _were_alike(rows)),
        ) if not holds
    )  # fmt: skip
    return Edge(found.sale, rows[0].minutes, in_time, too_late, doubts, None if doubts else found)


def _came_evenly(before: int, after: int) -> bool:
    """Whether as many came in the minutes after as in those before, up to chance: half of all, binomially."""
    return abs(before - after) <= _Z_85 * sqrt(before + after)


def _were_alike(rows: Sequence[EdgeRow]) -> bool:
    """Whether what they spent before differs by no more than chance, within units asked for."""
    asked = [replace(row, mean=row.before, variance=row.before_variance) for row in rows]
    found = difference(asked)
    return abs(found.value) <= (found.high - found.value) * _Z_85 / _Z_95


def _side(rows: Sequence[EdgeRow]) -> EdgeSide:
    homes = sum(row.homes for row in rows)
    means = [sum(row.homes * value for row, value in zip(rows, values, strict=True)) / homes
             for values in ([row.before for row in rows], [row.after for row in rows])]  # fmt: skip
    return EdgeSide(sum(row.places for row in rows), homes, *means)

