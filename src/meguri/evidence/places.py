"""Where it was spent: takings of shops added up by area, trade, class of shop, or the payer's own ward. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

DIMENSIONS = ("area", "trade", "size_class", "ward")
"""By what places can be told apart: the shop's area, trade and class, and whether it lies in the payer's own ward."""


@dataclass(frozen=True, slots=True)
class Taking:
    """What one shop took of one programme; `shop` tells shops apart and names none, `ward` is own, other or unknown.

    `counted`: at least one of the payments stands.
    """

    programme: UUID | None
    shop: int
    area: str
    trade: str
    size_class: str
    ward: str
    yen: int
    counted: bool


@dataclass(frozen=True, slots=True)
class Visitors:
    """How many people paid at a place; with `in_all`, with money of any programme, each person once."""

    in_all: bool
    programme: UUID | None
    by: str
    place: str
    people: int


@dataclass(frozen=True, slots=True)
class PlaceRow:
    """Spending at one place; `programme` None with `in_all`: all programmes together, people counted once.

    `place` is an area, a trade's code, a class of shops, or own/other; empty where it is not known.
    """

    in_all: bool
    programme: UUID | None
    place: str
    yen: int
    holders: int
    shops: int
    largest_shop_yen: int


Key = tuple[bool, UUID | None, str]


def places(
    takings: Iterable[Taking], visitors: Iterable[Visitors], *, by: str, grouped: Callable[[str], str] | None = None
) -> tuple[PlaceRow, ...]:
    """All programmes together first, then each; largest place first. `by`: one of DIMENSIONS.

    `grouped` names the group of a place; people of several places of a group may be the same, so a group is said to
    have as many as its best visited place. Raises ValueError for another dimension.
    """
    if by not in DIMENSIONS:
        raise ValueError(f"places are told apart by {DIMENSIONS}, not by {by!r}")
    name = grouped or (lambda place: place)
    people: dict[Key, int] = {}
    for seen in visitors:
        if seen.by == by:
            key = (seen.in_all, seen.programme, name(seen.place))
            people[key] = max(people.get(key, 0), seen.people)
    sums = _sums(takings, place=lambda taking: name(getattr(taking, by)))
    found = [_row(key, of_shops, people=people) for key, of_shops in sums.items()]
    return tuple(sorted(found, key=lambda row: (not row.in_all, str(row.programme), -row.yen, row.place)))


def _sums(takings: Iterable[Taking], *, place: Callable[[Taking], str]) -> dict[Key, dict[int, tuple[int, bool]]]:
    """Place -> shop -> its yen, and whether any payment stands."""
    found: dict[Key, dict[int, tuple[int, bool]]] = {}
    for taking in takings:
        for key in ((True, None, place(taking)), (False, taking.programme, place(taking))):
            shops = found.setdefault(key, {})
            yen, counted = shops.get(taking.shop, (0, False))
            shops[taking.shop] = (yen + taking.yen, counted or taking.counted)
    return found


def _row(key: Key, of_shops: Mapping[int, tuple[int, bool]], *, people: Mapping[Key, int]) -> PlaceRow:
    amounts = [yen for yen, _ in of_shops.values()]
    return PlaceRow(
        *key, yen=sum(amounts), holders=people.get(key, 0), shops=sum(counted for _, counted in of_shops.values()),
        largest_shop_yen=max(amounts),
    )


def shop_amounts(takings: Iterable[Taking], *, programme: UUID | None) -> Sequence[int]:
    """What each shop took, of one programme or of all; which shop it is, nobody can tell from here."""
    sums: dict[int, int] = {}
    for taking in takings:
        if programme is None or taking.programme == programme:
            sums[taking.shop] = sums.get(taking.shop, 0) + taking.yen
    return [yen for yen in sums.values() if yen]
