"""Households and residents of the invented town."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from math import exp
from random import Random

from meguri.rehearsal.banks import account
from meguri.rehearsal.chance import at_age, dice
from meguri.rehearsal.families import born_on, families
from meguri.rehearsal.figures import (
    ASSESSED_LIMIT_YEN,
    EXEMPT_BY_HEAD_AGE,
    FAMILY_MEMBERS,
    GROWTH_SPREAD,
    INCOME_ELASTICITY,
    INCOME_MEDIAN_YEN,
    INCOME_SIGMA,
    MONTHLY_FAMILY_YEN,
    MONTHLY_SINGLE_YEN,
    SHIELDED_SHARE,
    SMARTPHONE,
)  # fmt: skip
from meguri.rehearsal.names import Name, family_name, given_name
from meguri.rehearsal.streets import chome
from meguri.rehearsal.town import Household, Resident, Ward


@dataclass(frozen=True, slots=True)
class Settlers:
    """What the people of one town share."""

    seed: int
    as_of: date
    wards: list[Ward]
    crowding: list[float]  # share of people by ward
    banks: list[str]


def settle(size: int, *, settlers: Settlers) -> tuple[dict[str, Household], dict[str, Resident]]:
    """`size` residents in their households, by key."""
    homes = families(size, seed=settlers.seed)
    ranks = _income_ranks(homes, seed=settlers.seed)
    households: dict[str, Household] = {}
    residents: dict[str, Resident] = {}
    for number, (ages, rank) in enumerate(zip(homes, ranks, strict=True), start=1):
        chance = dice(settlers.seed, "household", number)
        keys = tuple(f"r{len(residents) + i:05d}" for i in range(1, len(ages) + 1))
        home = _household(f"h{number:05d}", keys=keys, head_age=ages[0], rank=rank, settlers=settlers, chance=chance)
        households[home.key] = home
        residents.update(zip(keys, _members(home, ages=ages, settlers=settlers, chance=chance), strict=True))
    return households, residents


def _income_ranks(homes: list[list[int]], *, seed: int) -> list[float]:
    """Each household's rank (0 to 1, evenly spread) by income among heads of its age."""
    chance = dice(seed, "income")
    groups: dict[int, list[int]] = {}
    for index, ages in enumerate(homes):
        groups.setdefault(_head_step(ages[0]), []).append(index)
    ranks = [0.0] * len(homes)
    for _, group in sorted(groups.items()):
        chance.shuffle(group)
        for position, index in enumerate(group):
            ranks[index] = (position + 0.5) / len(group)
    return ranks


def _head_step(age: int) -> int:
    return max(first for first in EXEMPT_BY_HEAD_AGE if first <= age)


def _household(
    key: str, *, keys: tuple[str, ...], head_age: int, rank: float, settlers: Settlers, chance: Random
) -> Household:
    ward = chance.choices(settlers.wards, weights=settlers.crowding)[0]
    income = int(INCOME_MEDIAN_YEN * exp(INCOME_SIGMA * _normal_quantile(rank)) * _age_income(head_age))
    assessed = _assessed(rank, share=at_age(EXEMPT_BY_HEAD_AGE, head_age))
    growth_rank = chance.gauss(0, 1)
    return Household(
        key=key, ward=ward.key, members=keys, income_yen=income, assessed_income_yen=assessed,
        address=f"架空県めぐり郡めぐり町{ward.name}{chome(chance)}", postal_code=ward.postal_code,
        tax_class="exempt" if assessed <= ASSESSED_LIMIT_YEN else "income", shielded=chance.random() < SHIELDED_SHARE,
        weekly_yen=_weekly(len(keys), income=income, chance=chance), growth=GROWTH_SPREAD * growth_rank,
        growth_rank=growth_rank,
    )  # fmt: skip


def _age_income(age: int) -> float:
    """Pensioners have less than people at work (guess); together the median stays."""
    return 0.87 if age >= 65 else 1.13


def _assessed(rank: float, *, share: float) -> int:
    """Assessed income, smooth in the rank, such that exactly `share` of the group lies at or below the limit."""
    return int(ASSESSED_LIMIT_YEN * float((rank / share) ** 0.8))


def _weekly(members: int, *, income: int, chance: Random) -> int:
    """What the household usually spends in a week."""
    month = MONTHLY_SINGLE_YEN if members == 1 else MONTHLY_FAMILY_YEN * float((members / FAMILY_MEMBERS) ** 0.4)
    drift = exp(chance.gauss(0, 0.15) - 0.15**2 / 2)
    # A lognormal's mean lies above its median: without this division the town would spend more than the survey's mean.
    elastic = float((income / INCOME_MEDIAN_YEN) ** INCOME_ELASTICITY) / exp(
        (INCOME_ELASTICITY * INCOME_SIGMA) ** 2 / 2
    )
    return int(month * 12 / 52 * elastic * drift)


def _normal_quantile(rank: float) -> float:
    """The normal quantile, near enough for an invented income (Tukey's lambda, at most 0.02 off inside 1-99 %)."""
    return float(rank**0.135 - (1 - rank) ** 0.135) / 0.1975


def _members(home: Household, *, ages: list[int], settlers: Settlers, chance: Random) -> list[Resident]:
    family, family_kana = family_name(chance)
    return [
        _resident(key, age=age, family=(family, family_kana), home=home, settlers=settlers, chance=chance)
        for key, age in zip(home.members, ages, strict=True)
    ]


def _resident(
    key: str, *, age: int, family: tuple[str, str], home: Household, settlers: Settlers, chance: Random
) -> Resident:
    given, given_kana = given_name(chance)
    name = Name(family=family[0], given=given, family_kana=family[1], given_kana=given_kana)
    born = born_on(age, as_of=settlers.as_of, chance=chance)
    return Resident(
        key=key, household=home.key, ward=home.ward, name=name, born=born,
        moved_in=_moved_in(born, as_of=settlers.as_of, chance=chance),
        smartphone=chance.random() < at_age(SMARTPHONE, age), eagerness=exp(chance.gauss(0, 0.35)),
        bank=account(chance, banks=settlers.banks, holder_kana=name.kana),
    )  # fmt: skip


def _moved_in(born: date, *, as_of: date, chance: Random) -> date:
    """Most came long ago or were born here; one in twenty within a year (guess)."""
    return max(born, as_of - timedelta(days=1 + int(chance.expovariate(1 / (365 * 20)))))
