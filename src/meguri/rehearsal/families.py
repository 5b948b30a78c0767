"""Who lives with whom: ages by the real structure, put together into households of the real sizes."""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass, field
from datetime import date, timedelta
from random import Random

from meguri.rehearsal.chance import dice, quotas
from meguri.rehearsal.figures import (
    AGE_BANDS,
    AGE_SHAPE,
    HOUSEHOLD_MEAN,
    HOUSEHOLD_SIZES,
    SINGLE_SENIOR_SHARE,
)  # fmt: skip

ADULT = 18
SENIOR = 65


def ages(size: int, *, seed: int) -> list[int]:
    """`size` ages whose bands meet the real structure as closely as whole people can."""
    chance = dice(seed, "ages")
    found: list[int] = []
    bands = list(AGE_BANDS)
    for (first, last), count in zip(bands, quotas(size, list(AGE_BANDS.values())), strict=True):
        steps = [step for step in AGE_SHAPE if first <= step <= last]
        for step, people in zip(steps, quotas(count, [AGE_SHAPE[s] for s in steps]), strict=True):
            found += [step + chance.randrange(5 if step < 90 else 9) for _ in range(people)]
    return found


def household_sizes(size: int, *, seed: int) -> list[int]:
    """Sizes of households that add up to `size` residents."""
    chance = dice(seed, "household sizes")
    households = max(1, round(size / HOUSEHOLD_MEAN))
    counts = quotas(households, list(HOUSEHOLD_SIZES.values()))
    sizes = [members for members, count in zip(HOUSEHOLD_SIZES, counts, strict=True) for _ in range(count)]
    chance.shuffle(sizes)
    while (missing := size - sum(sizes)) != 0:
        index = chance.randrange(len(sizes))
        sizes[index] = min(6, max(1, sizes[index] + (1 if missing > 0 else -1)))
    return sizes


@dataclass
class Pool:
    """Ages still without a household, ascending."""

    left: list[int]

    def nearest(self, wanted: float) -> int:
        """Take out the age nearest to the wanted one. Raises IndexError when nobody is left."""
        i = bisect_left(self.left, wanted)
        if i == len(self.left) or (i > 0 and wanted - self.left[i - 1] < self.left[i] - wanted):
            i -= 1
        return self.left.pop(i)


@dataclass
class Family:
    """A household in the making: its size and the ages found so far, the head's first."""

    size: int
    ages: list[int] = field(default_factory=list)


def families(size: int, *, seed: int) -> list[list[int]]:
    """Households as lists of ages; every household has an adult at its head."""
    found = sorted(ages(size, seed=seed))
    cut = bisect_left(found, ADULT)
    minors, adults = found[:cut], Pool(found[cut:])
    chance = dice(seed, "families")
    chance.shuffle(minors)
    homes = [Family(members) for members in household_sizes(size, seed=seed)]
    with_minors = _place_minors(homes, minors, chance=chance)
    # Parents first, then people living alone: the others take whoever is left, and couples of any age exist.
    for home in sorted(homes, key=lambda home: (not with_minors.get(id(home)), home.size != 1, -home.size)):
        _place_adults(home, with_minors.get(id(home), []), adults=adults, chance=chance)
    return [home.ages for home in homes]


def _place_minors(homes: list[Family], minors: list[int], *, chance: Random) -> dict[int, list[int]]:
    """Give minors to the larger households first, leaving room for an adult in each."""
    placed: dict[int, list[int]] = {}
    order = sorted((home for home in homes if home.size > 1), key=lambda home: (-home.size, chance.random()))
    for spare in (2, 1):  # two parents first; one parent for the minors still left
        for home in order:
            mine = placed.setdefault(id(home), [])
            room = home.size - spare - len(mine)
            mine += [minors.pop() for _ in range(min(room, len(minors)))]
    if minors:
        raise ValueError(f"{len(minors)} minors found no household: the town is too small")
    return placed


def _place_adults(home: Family, children: list[int], *, adults: Pool, chance: Random) -> None:
    """Fill a household with adults whose ages fit to its children or to each other."""
    head = adults.nearest(_head_age(home, children, chance=chance))
    home.ages.append(head)
    for place in range(home.size - 1 - len(children)):
        home.ages.append(adults.nearest(_other_age(place, head=head, children=children, chance=chance)))
    home.ages += children


def _head_age(home: Family, children: list[int], *, chance: Random) -> float:
    """The age one expects of a head: parent of the children, or alone, or one of a couple (shapes: guess)."""
    if children:
        return min(60.0, max(22.0, min(children) + chance.gauss(32, 5)))
    if home.size == 1:
        return chance.gauss(76, 7) if chance.random() < SINGLE_SENIOR_SHARE else chance.uniform(20, 64)
    return chance.gauss(71, 8) if chance.random() < 0.55 else chance.uniform(30, 64)


def _other_age(place: int, *, head: int, children: list[int], chance: Random) -> float:
    """The partner first, then a grown child or, beside children, a grandparent (shapes: guess)."""
    if place == 0:
        return head + chance.gauss(-1.5, 4)
    return head + 30 + chance.gauss(0, 4) if children else max(18.0, head - 31 + chance.gauss(0, 5))


def born_on(age: int, *, as_of: date, chance: Random) -> date:
    """A birthday that makes somebody `age` years old on `as_of`."""
    year, month, day = as_of.year - age, as_of.month, min(as_of.day, 28)
    born = date(year, month, day) - timedelta(days=chance.randrange(364))
    too_old = date(year - 1, month, 28 if (month, as_of.day) == (2, 29) else as_of.day)
    return max(born, too_old + timedelta(days=1))
