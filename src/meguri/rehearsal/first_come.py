"""The days of the sale that is first come, first served: people line up, get their turn, pay, or sleep through it.

Who gets units follows from the order in which people came, and that is the stream's own: the line is a deed of the town
hall's kind, done alone. So the same seed sells to the same people, on paper and through a server.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import groupby

from meguri.rehearsal.chance import dice
from meguri.rehearsal.coming import WAVE, Coming
from meguri.rehearsal.documents import ONLY
from meguri.rehearsal.figures import GIVES_SHARE, TAKEN_SHARE
from meguri.rehearsal.happenings import (
    Gives,
    Happening,
    LineMoves,
    LinesUp,
    LooksAtWallet,
    SellsAtCounter,
    SlipWord,
    TakesGift,
    TakesTurn,
    TellsOfSlip,
)  # fmt: skip
from meguri.rehearsal.knowledge import Knowledge
from meguri.rehearsal.rules import FIRST_COME
from meguri.rehearsal.timetable import Timetable, moment
from meguri.words.clock import day

AT_ONCE = 500
"""So many people at most stand in one happening."""
KEPT = timedelta(minutes=40)
"""After so long the units of whoever slept have come back: they are kept for half an hour. guess."""
GIVEN_AFTER, LOOKS_AFTER = timedelta(days=3), timedelta(minutes=2)
FINAL_AFTER = timedelta(days=3)
"""So long after the shop's first word its last one comes. guess: three to five days."""


@dataclass(frozen=True, slots=True)
class FirstCome:
    """Knows who comes, and what they have been told."""

    comings: tuple[Coming, ...]
    table: Timetable
    known: Knowledge
    department: str
    seed: int

    def on(self, today: date) -> Iterator[Happening]:
        """Everything about this sale on a day, unordered. People without an open wallet do not come."""
        here = [each for each in self.comings if day(each.at) == today and each.who in self.known.open]
        lining = [each for each in here if each.way != "counter"]
        for wave, people in groupby(lining, key=_wave):
            yield from self._wave(wave, list(people))
        yield from (self._at_counter(each) for each in here if each.way == "counter")
        yield from self._slips(today)
        yield from self._gifts(today)

    # --- the line ----------------------------------------------------------------------------------------------------

    def _wave(self, wave: datetime, people: list[Coming]) -> Iterator[Happening]:
        """They come; who is awake takes the turn; what was not paid moves the line on; who waited takes the turn."""
        begins, moves = wave + WAVE, wave + WAVE + KEPT
        which = people[0].round
        for number in range(0, len(people), AT_ONCE):
            part = people[number : number + AT_ONCE]
            yield LinesUp(
                at=begins, key=f"line:{which}:{wave.isoformat()}:{number:06d}", programme=FIRST_COME, round=which,
                people=tuple((each.who, each.units) for each in part),
            )  # fmt: skip
        yield from self._turns([each for each in people if not each.sleeps], after=begins, turn=1)
        yield LineMoves(
            at=moves, key=f"moves:{which}:{wave.isoformat()}", programme=FIRST_COME, round=which,
            asleep=tuple(each.who for each in people if each.sleeps),
        )  # fmt: skip
        yield from self._turns(people, after=moves, turn=2)

    def _turns(self, people: Iterable[Coming], *, after: datetime, turn: int) -> Iterator[Happening]:
        for each in people:
            chance = dice(self.seed, "turn", each.round, each.who, turn)
            at = after + timedelta(minutes=2) + timedelta(minutes=15) * chance.random()
            name = f"{each.round}:{turn}:{each.who}"
            yield TakesTurn(
                at=at, key=f"turn:{name}", who=each.who, programme=FIRST_COME, round=each.round,
                way="slip" if each.way == "slip" else "card",
            )  # fmt: skip
            if each.way == "card":
                yield _look(each.who, at=at, name=f"turn:{name}")

    def _at_counter(self, each: Coming) -> Happening:
        return SellsAtCounter(
            at=each.at, key=f"counter:{each.round}:{each.who}", programme=FIRST_COME, round=each.round,
            department=self.department, resident=each.who, units=each.units,
        )  # fmt: skip

    # --- slips -------------------------------------------------------------------------------------------------------

    def _slips(self, today: date) -> Iterator[Happening]:
        """Paid at a shop on the next day; the shop's first word comes at once, its last one days later."""
        for each in self.comings:
            if each.way != "slip" or f"order:{FIRST_COME}:{each.round}:{each.who}" not in self.known.ids:
                continue
            paid = _paid_at(each, seed=self.seed)
            if day(paid) == today:
                yield _tells(each, "early", at=paid)
                if not each.is_withdrawn:
                    yield _look(each.who, at=paid, name=f"slip:{each.round}")
            later = paid + (timedelta(hours=7) if each.is_withdrawn else FINAL_AFTER)
            if day(later) == today:
                yield _tells(each, "withdrawn" if each.is_withdrawn else "final", at=later)

    # --- gifts -------------------------------------------------------------------------------------------------------

    def _gifts(self, today: date) -> Iterator[Happening]:
        """Some buyers of the first sale give some of it by a code, and most of these codes are used."""
        if today == self.table.first_come_on + GIVEN_AFTER:
            for gives in [self._gives(each, today) for each in self._givers()]:
                yield gives
                yield _look(gives.who, at=gives.at, name="gives")
        for key, who in _taken(self.known.ids, seed=self.seed).items():
            if today == self.table.first_come_on + GIVEN_AFTER + timedelta(days=1):
                at = moment(today, 9) + timedelta(hours=10) * dice(self.seed, "takes", key).random()
                yield TakesGift(at=at, key=f"takes:{key}", who=who, gift=key)
                yield _look(who, at=at, name=f"takes:{key}")

    def _givers(self) -> list[Coming]:
        bought = [
            each for each in self.comings
            if f"bought:{FIRST_COME}:{ONLY}:{each.who}" in self.known.ids and each.round == ONLY
            and each.who not in self.known.without_phone
        ]  # fmt: skip
        count = min(len(bought), max(1, round(GIVES_SHARE * len(bought))))
        return dice(self.seed, "givers").sample(bought, count) if len(self.known.open) > 1 else []

    def _gives(self, each: Coming, today: date) -> Happening:
        """Late in the evening, when nobody has anything to pay that day any more."""
        chance = dice(self.seed, "gives", each.who)
        others = sorted(self.known.open - {each.who})
        return Gives(
            at=moment(today, 23) + timedelta(minutes=30) * chance.random(), key=f"gives:{each.who}", who=each.who,
            programme=FIRST_COME, yen=500 * chance.randrange(1, 5), to=chance.choice(others),
        )  # fmt: skip


def _wave(coming: Coming) -> datetime:
    return coming.wave


def _look(who: str, *, at: datetime, name: str) -> Happening:
    return LooksAtWallet(at=at + LOOKS_AFTER, key=f"look:{name}:{who}", who=who)


def _tells(each: Coming, kind: SlipWord, *, at: datetime) -> Happening:
    return TellsOfSlip(
        at=at, key=f"slip:{each.round}:{kind}:{each.who}", who=each.who, programme=FIRST_COME, round=each.round,
        kind=kind,
    )  # fmt: skip


def _paid_at(each: Coming, *, seed: int) -> datetime:
    """On the next day; what the shop will take back is paid after the shops' hours, so that nobody has spent it."""
    on = day(each.at) + timedelta(days=1)
    if each.is_withdrawn:
        return moment(on, 23, minute=40)
    return moment(on, 10) + timedelta(hours=9) * dice(seed, "slip", each.who).random()


def _taken(ids: Mapping[str, str], *, seed: int) -> dict[str, str]:
    """The gifts whose code was given on and will be used: the gift's key, and who uses it."""
    codes: Sequence[str] = [name for name in ids if name.startswith("gift to:")]
    found = {name.removeprefix("gift to:"): ids[name] for name in sorted(codes)}
    return {key: who for key, who in found.items() if dice(seed, "taken", key).random() < TAKEN_SHARE}
