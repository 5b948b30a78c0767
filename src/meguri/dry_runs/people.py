"""The invented residents and shops of a dry run: like the town in its wards and shops, nobody in particular. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random
from uuid import UUID

from meguri.programmes.dry_run import ShopLike, TownLike, Wanted
from meguri.rehearsal.chance import dice, pick
from meguri.rehearsal.families import ADULT, born_on, families
from meguri.words.ids import named_id

WARD = "中央"
"""Where people live when the town has registered nobody yet."""

SHOPS_MOST = 24
SHOPS: Sequence[ShopLike] = tuple(
    ShopLike(trade=trade, area=WARD, size_class=size, floor_area=area, head_office=size != "large")
    for trade, size, area in (
        ("58", "small", 60), ("58", "street", 80), ("76", "small", 50), ("76", "street", 70), ("60", "small", 120),
        ("78", "small", 40), ("57", "street", 90), ("58", "large", 2_400), ("60", "large", 1_200), ("59", "large", 900),
    )
)  # fmt: skip
"""The shops of a town that has registered none yet."""

NEW_SHARE, GONE_SHARE = 0.03, 0.02
"""Who moves in after the day of eligibility, and who has left before it."""

COMMUTERS_IN_100, COMMUTERS_LEAST, SHOWN_SHARE = 10, 6, 0.8
"""How many come in by work or study, for 100 residents; and how many of them have shown a proof."""

EXEMPT_SHARE, PER_CAPITA_SHARE = 0.24, 0.06


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody invented. `guardian` receives what is meant for a child; an adult's own guardian is the adult.

    `comes_to`: work or study, for whoever lives elsewhere; empty for a resident. `shown`: the town has seen a proof.
    """

    id: UUID
    household: str
    born: date
    ward: str
    tax_class: str
    moved_in: date
    moved_out: date | None
    guardian: UUID
    comes_to: str = ""
    shown: bool = True


def commuters_of(wanted: Wanted, *, on: date) -> list[Person]:
    """People who live elsewhere and work or study here; some of them never show a proof."""
    found = []
    for number in range(max(COMMUTERS_LEAST, wanted.people * COMMUTERS_IN_100 // 100)):
        chance = dice(wanted.seed, "commuter", number)
        own, comes_to = named_id(f"dry_run/{wanted.seed}/commuter/{number}"), "study" if number % 3 == 2 else "work"
        born = born_on(chance.randint(16, 24) if comes_to == "study" else chance.randint(20, 64), as_of=on,
                       chance=chance)  # fmt: skip
        found.append(Person(
            own, f"C{number}", born, "", "", born, None, own, comes_to=comes_to, shown=chance.random() < SHOWN_SHARE,
        ))  # fmt: skip
    return found


def people_of(wanted: Wanted, *, on: date) -> list[Person]:
    """The residents of a dry run, in households, as they are on the day of eligibility."""
    homes = families(wanted.people, seed=wanted.seed)
    return [person for number, ages in enumerate(homes) for person in _home(wanted, number, ages=ages, on=on)]


def shops_like(town: TownLike, *, seed: int) -> list[ShopLike]:
    """The town's own shops, at most `SHOPS_MOST` of them drawn by chance; the usual ones where it has none."""
    if len(town.shops) <= SHOPS_MOST:
        return list(town.shops or SHOPS)
    return dice(seed, "shops").sample(town.shops, SHOPS_MOST)


def _home(wanted: Wanted, number: int, *, ages: Sequence[int], on: date) -> Iterator[Person]:
    chance = dice(wanted.seed, "home", number)
    ward = pick(chance, wanted.town.wards) if wanted.town.population else WARD
    moved_in, moved_out = _stay(chance, on)
    tax = "exempt" if (drawn := chance.random()) < EXEMPT_SHARE else (
        "per_capita" if drawn < EXEMPT_SHARE + PER_CAPITA_SHARE else "income")
    numbers = [named_id(f"dry_run/{wanted.seed}/{number}/{place}") for place in range(len(ages))]
    for own, age in zip(numbers, ages, strict=True):
        born = born_on(age, as_of=on, chance=chance)
        yield Person(
            own, f"H{number}", born, ward, tax, max(born, moved_in), moved_out, own if age >= ADULT else numbers[0]
        )


def _stay(chance: Random, on: date) -> tuple[date, date | None]:
    """A household's first day in the town and, for a few, the first day after it."""
    drawn = chance.random()
    if drawn < NEW_SHARE:
        return on + timedelta(days=chance.randint(1, 40)), None
    first = on - timedelta(days=chance.randint(200, 9_000))
    return first, on - timedelta(days=chance.randint(0, 60)) if drawn < NEW_SHARE + GONE_SHARE else None
