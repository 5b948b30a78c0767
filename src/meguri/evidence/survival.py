"""How long yen lie in purses before they are spent: the Kaplan–Meier estimate, each yen counted once. Pure.

Yen still lying, expired, or sent on are not "never": they are unfinished at the day on which they were last seen.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Lying:
    """Yen that lay `days` days and were then spent (`is_spent`) or last seen unspent."""

    days: int
    is_spent: bool
    yen: int
    in_last_days: bool = False  # spent within the last 14 days before expiry


@dataclass(frozen=True, slots=True)
class Step:
    """By the end of `day` a yen is still unspent with probability `unspent_share`; `at_risk_yen` reached that day."""

    day: int
    at_risk_yen: int
    spent_yen: int
    unspent_share: float


def curve(stretches: Iterable[Lying]) -> tuple[Step, ...]:
    """One step for each day on which something was spent."""
    spent: dict[int, int] = {}
    ended: dict[int, int] = {}
    for one in stretches:
        ended[one.days] = ended.get(one.days, 0) + one.yen
        if one.is_spent:
            spent[one.days] = spent.get(one.days, 0) + one.yen
    steps, share, at_risk = [], 1.0, sum(ended.values())
    for day in sorted(ended):
        if spent.get(day):
            share *= 1 - spent[day] / at_risk
            steps.append(Step(day, at_risk, spent[day], share))
        at_risk -= ended[day]
    return tuple(steps)


def median_day(steps: Sequence[Step]) -> int | None:
    """The first day by whose end half of the yen are spent; None if that was not seen."""
    return next((step.day for step in steps if step.unspent_share <= 0.5), None)


def share_within(stretches: Iterable[Lying], *, days: int) -> float | None:
    """Of the yen spent, the share spent within so many days of receipt; None if none was spent."""
    spent = [one for one in stretches if one.is_spent]
    return share(sum(one.yen for one in spent if one.days < days), sum(one.yen for one in spent))


def share_in_last_days(stretches: Iterable[Lying]) -> float | None:
    """Of the yen spent, the share spent in the last 14 days before expiry (the rush)."""
    spent = [one for one in stretches if one.is_spent]
    return share(sum(one.yen for one in spent if one.in_last_days), sum(one.yen for one in spent))


def share(part: int, whole: int) -> float | None:
    """Part over whole, or None where there is no whole to take a part of."""
    return part / whole if whole else None
