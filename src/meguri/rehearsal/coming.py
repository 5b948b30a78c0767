"""Who comes to the sale that is first come, first served: when, for how much, and how they pay.

Whoever comes draws the moment by lot. So those for whom the units just sufficed and those who came just after them
differ by luck alone: an effect of the purchase can be read off at that edge. Whether somebody wins the other voucher's
lottery changes nothing about coming, so that draw stays evaluable as well.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from random import Random
from typing import Literal

from meguri.rehearsal.chance import dice, pick
from meguri.rehearsal.documents import AGAIN, ONLY
from meguri.rehearsal.figures import (
    COME_SHARE,
    PAYS_AT_COUNTER,
    PAYS_BY_SLIP,
    SLEEPS_SHARE,
    UNITS_IN_LINE,
    WITHDRAWN_SHARE,
)  # fmt: skip
from meguri.rehearsal.timetable import Timetable, moment
from meguri.rehearsal.town import Town
from meguri.words.clock import day

Device = Literal["phone", "card"]
Way = Literal["card", "slip", "counter"]

QUICK_AGES = (range(18, 28), range(49, 68))
"""Who is quick where something is under way at the end. The old and parents of young children are not: a visitor will
come in their place."""
WAVES = {0: 0.4, 7: 0.3, 12: 0.3}
"""The hours at which people come to the first sale, and how many: as the day begins, before work, at noon. guess."""
WAVE = timedelta(minutes=20)
"""So long do people come one after another. guess."""
AGAIN_WAVES = {0: 0.5, 7: 0.5}
EVENING, EVENING_SHARE = 20, 0.3
"""Of the second sale's people, those who come on the evening of the last lived day. guess."""
COUNTER = (9, 150)
"""From which hour on, and for how many minutes, people come to the counter. guess."""


@dataclass(frozen=True, slots=True)
class Coming:
    """One person comes to one sale. `sleeps`: lets the turn go by; `is_withdrawn`: the shop takes the slip back."""

    who: str
    round: str
    at: datetime
    units: int
    way: Way
    sleeps: bool = False
    is_withdrawn: bool = False

    @property
    def wave(self) -> datetime:
        """When the people of its wave began to come."""
        return self.at.replace(minute=0, second=0, microsecond=0)


def comings(
    town: Town, *, wallets: Mapping[str, tuple[datetime, Device]], table: Timetable, most: int, seed: int
) -> tuple[Coming, ...]:
    """Everybody who comes, in the order in which they do. `wallets`: since when and by what each holder has one."""
    found = list(_to_the_first(wallets, table=table, most=most, seed=seed))
    if table.open_end:
        found += _to_the_second(town, wallets, table=table, most=most, seed=seed)
    return tuple(sorted(_with_mishaps(found, seed=seed), key=_in_order))


def _in_order(coming: Coming) -> tuple[datetime, str]:
    return coming.at, coming.who


def _to_the_first(
    wallets: Mapping[str, tuple[datetime, Device]], *, table: Timetable, most: int, seed: int
) -> Iterator[Coming]:
    for who, (since, device) in sorted(wallets.items()):
        chance = dice(seed, ONLY, who)
        if chance.random() >= COME_SHARE or day(since) >= table.first_come_on:
            continue
        way = _way(chance, device)
        at = _moment(chance, table.first_come_on, waves=WAVES, way=way)
        yield Coming(who, ONLY, at, min(most, pick(chance, UNITS_IN_LINE)), way)


def _to_the_second(
    town: Town, wallets: Mapping[str, tuple[datetime, Device]], *, table: Timetable, most: int, seed: int
) -> Iterator[Coming]:
    """The quick ones; with a phone alone, for the counter does not see anybody while nobody is there to look on."""
    for who, (since, device) in sorted(wallets.items()):
        chance, age = dice(seed, AGAIN, who), town.residents[who].age(table.start)
        is_quick = any(age in ages for ages in QUICK_AGES)
        if not is_quick or device == "card" or chance.random() >= COME_SHARE or day(since) >= table.again_on:
            continue
        way: Way = "slip" if chance.random() < PAYS_BY_SLIP else "card"
        is_late = chance.random() < EVENING_SHARE
        on, waves = (table.last_day, {EVENING: 1.0}) if is_late else (table.again_on, AGAIN_WAVES)
        # half of the ceiling, so that whoever bought before may buy again
        units = min(most // 2, pick(chance, UNITS_IN_LINE))
        yield Coming(who, AGAIN, _moment(chance, on, waves=waves, way=way), units, way)


def _way(chance: Random, device: Device) -> Way:
    draw = chance.random()
    if device == "card" or draw < PAYS_AT_COUNTER:
        return "counter"
    return "slip" if draw < PAYS_AT_COUNTER + PAYS_BY_SLIP else "card"


def _moment(chance: Random, on: date, *, waves: Mapping[int, float], way: Way) -> datetime:
    """By lot: in one of the waves, or within the counter's hours."""
    if way == "counter":
        hour, minutes = COUNTER
        return moment(on, hour) + timedelta(minutes=minutes) * chance.random()
    return moment(on, pick(chance, waves)) + WAVE * chance.random()


def _with_mishaps(found: list[Coming], *, seed: int) -> list[Coming]:
    """Who sleeps, and whose slip is taken back; at least one of each, so that small towns know them, too."""
    chance = dice(seed, "mishaps in line")
    asleep = _some([each for each in found if each.way != "counter"], share=SLEEPS_SHARE, chance=chance)
    slips = [each for each in found if each.way == "slip" and each.round == ONLY and each not in asleep]
    withdrawn = _some(slips, share=WITHDRAWN_SHARE, chance=chance)
    return [replace(each, sleeps=each in asleep, is_withdrawn=each in withdrawn) for each in found]


def _some(of: list[Coming], *, share: float, chance: Random) -> set[Coming]:
    return set(chance.sample(of, min(len(of), max(1, round(share * len(of))))))
