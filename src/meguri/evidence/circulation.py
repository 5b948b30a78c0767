"""The picture of circulation as data: issued, in wallets, spent by trade or area, at the bank or back with its fund.

Yen keep their programme on the whole way, because every lot does. What enters a place is what leaves it or stays.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from meguri.evidence.flows import MoneyFigures, by_programme
from meguri.evidence.reading import ALL_TIME
from meguri.evidence.snapshot import Snapshot, take

PLACES_SHOWN = 8
"""Trades or areas drawn by themselves; the rest go together."""
LEAST_BP = 300
"""And of those each that took so much of all that was spent (1/100 %): a thinner stream is a hair across the others."""
REST = "rest"


@dataclass(frozen=True, slots=True)
class Place:
    """A place where money stands. `kind`: programme, wallets, shops, unspent, lapsed, people, waiting, bank.

    `code` says which: the programme's id, the trade or area (REST for the rest, empty if unknown).
    """

    stage: int
    kind: str
    code: str = ""

    @property
    def key(self) -> str:
        return f"{self.kind}:{self.code}" if self.code or self.kind == "shops" else self.kind


@dataclass(frozen=True, slots=True)
class Stream:
    """Yen of one programme that went from one place to a place of a later stage."""

    source: Place
    target: Place
    programme: UUID | None
    yen: int


@dataclass(frozen=True, slots=True)
class Picture:
    """Stages in order, each with its places, largest first; and the streams between them."""

    stages: tuple[tuple[Place, ...], ...]
    streams: tuple[Stream, ...]


WALLETS, UNSPENT, LAPSED = Place(1, "wallets"), Place(2, "unspent"), Place(2, "lapsed")
PEOPLE, WAITING, BANK = Place(2, "people"), Place(3, "waiting"), Place(3, "bank")
_FIXED = (UNSPENT, LAPSED, PEOPLE)


def picture(municipality: int, *, by: str = "trade", until: datetime = ALL_TIME, shown: int = PLACES_SHOWN) -> Picture:
    """Where the yen of every programme went, as the books say now, or said before `until`. `by`: trade or area."""
    return picture_of(take(municipality, until=until), by=by, shown=shown)


def picture_of(seen: Snapshot, *, by: str = "trade", shown: int = PLACES_SHOWN) -> Picture:
    """The same of a snapshot. People's benefits by bank pass the place `people`; without `shown` all shops are one."""
    spent = [row for row in seen.places(by) if not row.in_all]
    known = _largest(((row.place, row.yen) for row in spent), shown)
    streams = [stream for item in by_programme(seen.flows).items() for stream in until_spent(*item)]
    into = _sums((row.programme, _shops(row.place, known), row.yen) for row in spent)
    into |= _sums((s.programme, PEOPLE, s.yen) for s in streams if s.target == PEOPLE)
    out = _sums(
        (row.programme, _shops(getattr(row, by), known) if row.is_shop else PEOPLE, row.yen)
        for row in seen.banked
    )
    for (programme, place), yen in into.items():
        at_bank = out.get((programme, place), 0)
        if place != PEOPLE:
            streams.append(Stream(WALLETS, place, programme, yen))
        streams += [Stream(place, BANK, programme, at_bank), Stream(place, WAITING, programme, yen - at_bank)]
    return arranged(tuple(stream for stream in streams if stream.yen > 0))


def until_spent(programme: UUID | None, money: MoneyFigures) -> list[Stream]:
    """A programme's yen until they are spent."""
    start = Place(0, "programme", str(programme or ""))
    return [
        Stream(start, WALLETS, programme, money.issued_yen), Stream(start, PEOPLE, programme, money.to_bank_yen),
        Stream(WALLETS, UNSPENT, programme, money.unspent_yen), Stream(WALLETS, LAPSED, programme, money.lapsed_yen),
    ]


def _largest(amounts: Iterable[tuple[str, int]], shown: int) -> frozenset[str]:
    sums: dict[str, int] = {}
    for place, yen in amounts:
        sums[place] = sums.get(place, 0) + yen
    largest = sorted(sums, key=lambda place: (-sums[place], place))[:shown]
    least = sum(sums.values()) * LEAST_BP
    return frozenset(place for place in largest if sums[place] * 10_000 >= least)


def _shops(place: str, known: frozenset[str]) -> Place:
    return Place(2, "shops", place if place in known else REST)


def _sums(parts: Iterable[tuple[UUID | None, Place, int]]) -> dict[tuple[UUID | None, Place], int]:
    sums: dict[tuple[UUID | None, Place], int] = {}
    for programme, place, yen in parts:
        sums[programme, place] = sums.get((programme, place), 0) + yen
    return sums


def arranged(streams: Sequence[Stream]) -> Picture:
    """Places in their stages: shops by what they took, then what stayed; a place without yen is not drawn."""
    amounts: dict[Place, int] = {}
    for stream in streams:
        amounts[stream.target] = amounts.get(stream.target, 0) + stream.yen
        if stream.source.stage == 0:
            amounts[stream.source] = amounts.get(stream.source, 0) + stream.yen
    ordered = sorted(amounts, key=lambda place: (place in _FIXED, place.code == REST, -amounts[place], place.key))
    stages = tuple(tuple(place for place in ordered if place.stage == stage) for stage in range(4))
    return Picture(stages=stages, streams=tuple(streams))
