"""What the ways of obtaining value have in common in a dry run: to live a day, to count, to say what is due."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from random import Random
from typing import Protocol

from meguri.dry_runs.hall import Hall
from meguri.dry_runs.people import Person
from meguri.programmes.dry_run import Due
from meguri.programmes.parts import Window
from meguri.programmes.terms import ProgrammeTerms
from meguri.rehearsal.chance import dice

CURIOUS_SHARE = 0.1
"""Of those who may not take part, how many try all the same and read why not."""


@dataclass(frozen=True, slots=True)
class Anew:
    """What an amendment brings: the terms, who takes part by them, and all whom they mean."""

    terms: ProgrammeTerms
    takers: Sequence[Person]
    eligible: Sequence[Person]


class Way(Protocol):
    """How a programme's value comes into being."""

    def live(self) -> None:
        """Today's part of it, in the order of the clock."""

    def counts(self) -> dict[str, int]:
        """The figures so far."""

    def due(self, day: date) -> Iterator[Due]:
        """What somebody has to do, or may do, on a day."""

    def amend(self, anew: Anew) -> None:
        """From now on other terms rule. What people did stands."""


def takers(hall: Hall, *, eligible: Sequence[Person], uptake_bp: int) -> list[Person]:
    """Who takes part: just the forecast's share of the eligible, drawn by chance, in the order of the town."""
    chosen = dice(hall.wanted.seed, "takers").sample(range(len(eligible)), len(eligible) * uptake_bp // 10_000)
    return [eligible[place] for place in sorted(chosen)]


def curious(hall: Hall, *, eligible: Sequence[Person]) -> list[Person]:
    """A few of those who may not, and whoever works or studies here and has shown no proof."""
    inside = {each.id for each in eligible}
    chance = dice(hall.wanted.seed, "curious")
    return [
        each for each in hall.people
        if each.id not in inside and (not each.shown or chance.random() < CURIOUS_SHARE)
    ]


def early_day(window: Window, chance: Random) -> date:
    """A day of a window, sooner more often than later: people come while it is news, and again at the end."""
    days = (window.last_day - window.first_day).days
    share = chance.random() ** 2 if chance.random() < 0.8 else 1 - chance.random() * 0.1
    return date.fromordinal(window.first_day.toordinal() + min(days, int((days + 1) * share)))


def first_and_last(window: Window, day: date, *, ja: str, en: str, who: str) -> Iterator[Due]:
    """That something begins or ends today."""
    if day == window.first_day:
        yield _due(who, f"{ja}が始まります。", en=f"{en} begins.")
    if day == window.last_day:
        yield _due(who, f"{ja}は今日までです。", en=f"Last day: {en}.")


def _due(who: str, ja: str, *, en: str) -> Due:
    return Due(who="residents" if who == "residents" else "desk", ja=ja, en=en)
