"""People put together into households: everybody once, children with adults, nobody invented twice."""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from meguri.rehearsal.banks import account, town_banks
from meguri.rehearsal.chance import dice
from meguri.rehearsal.families import (
    ADULT,
    Family,
    Pool,
    _head_age,
    _place_minors,
    ages,
    born_on,
    families,
    household_sizes,
)
from meguri.rehearsal.figures import AGE_BANDS, SINGLE_SENIOR_SHARE
from meguri.rehearsal.names import bank_kana, family_name, given_name, words

sizes = st.integers(100, 1_500)
seeds = st.integers(0, 10**6)


@given(st.lists(st.integers(0, 99), min_size=1, max_size=30), st.floats(-10, 120))
def test_the_nearest_age_is_taken_out_of_the_pool(left: list[int], wanted: float) -> None:
    pool = Pool(sorted(left))
    taken = pool.nearest(wanted)
    assert abs(taken - wanted) == min(abs(age - wanted) for age in left)
    assert Counter(pool.left) == Counter(left) - Counter([taken])
    assert pool.left == sorted(pool.left)


def test_an_empty_pool_has_nobody_to_give() -> None:
    with pytest.raises(IndexError):
        Pool([]).nearest(40)


@settings(max_examples=25)
@given(sizes, seeds)
def test_everybody_lives_in_one_household_with_an_adult_at_its_head(size: int, seed: int) -> None:
    homes = families(size, seed=seed)
    assert Counter(age for home in homes for age in home) == Counter(ages(size, seed=seed))
    assert Counter(len(home) for home in homes) == Counter(household_sizes(size, seed=seed))
    assert all(home[0] >= ADULT for home in homes)


@settings(max_examples=25)
@given(sizes, seeds)
def test_households_hold_one_to_six_and_all_residents(size: int, seed: int) -> None:
    found = household_sizes(size, seed=seed)
    assert sum(found) == size
    assert 1 <= min(found) <= max(found) <= 6


@settings(max_examples=25)
@given(sizes, seeds)
def test_every_band_of_ages_has_its_people(size: int, seed: int) -> None:
    found = ages(size, seed=seed)
    assert len(found) == size
    whole = sum(AGE_BANDS.values())
    for (first, last), share in AGE_BANDS.items():
        inside = sum(first <= age <= last for age in found)
        assert abs(inside - size * share / whole) < 1.0001


@given(st.integers(0, 99), st.dates(date(2024, 1, 1), date(2028, 12, 31)), seeds)
def test_a_birthday_makes_somebody_as_old_as_planned(age: int, as_of: date, seed: int) -> None:
    born = born_on(age, as_of=as_of, chance=dice(seed))
    birthdays = as_of.year - born.year - ((as_of.month, as_of.day) < (born.month, born.day))
    assert birthdays == age
    assert as_of - born <= timedelta(days=366 * (age + 1))


@pytest.mark.parametrize("as_of", [date(2024, 12, 31), date(2025, 12, 30), date(2024, 2, 29), date(2025, 3, 1)])
def test_the_eldest_of_an_age_is_not_a_day_too_old(as_of: date, monkeypatch: pytest.MonkeyPatch) -> None:
    chance = dice("eldest")
    monkeypatch.setattr(chance, "randrange", lambda days: days - 1)
    born = born_on(0, as_of=as_of, chance=chance)
    assert as_of.year - born.year - ((as_of.month, as_of.day) < (born.month, born.day)) == 0


@pytest.mark.parametrize(
    ("minors", "placed"),
    [
        (1, {4: 1}), (2, {4: 2}), (3, {4: 2, 3: 1}),  # two adults in each
        (4, {4: 3, 3: 1}), (5, {4: 3, 3: 2}), (6, {4: 3, 3: 2, 2: 1}),  # one parent for those still left
    ],
)  # fmt: skip
def test_children_live_with_two_adults_first_and_with_one_if_they_must(minors: int, placed: dict[int, int]) -> None:
    homes = [Family(2), Family(1), Family(4), Family(3)]
    found = _place_minors(homes, [10] * minors, chance=dice("minors"))
    by_size = {home.size: len(found.get(id(home), [])) for home in homes}
    assert {size: count for size, count in by_size.items() if count} == placed


def test_a_town_without_room_for_its_children_is_not_founded() -> None:
    with pytest.raises(ValueError, match="1 minors found no household"):
        _place_minors([Family(2), Family(1)], [3, 9], chance=dice("minors"))


def test_a_parent_is_a_generation_older_than_the_youngest_child() -> None:
    chance = dice("parents")
    found = [_head_age(Family(4), [5, 12], chance=chance) for _ in range(2_000)]
    assert 22 <= min(found) <= max(found) <= 60
    assert sum(found) / len(found) == pytest.approx(5 + 32, abs=0.5)
    oldest = [_head_age(Family(3), [17], chance=chance) for _ in range(2_000)]
    assert sum(oldest) / len(oldest) == pytest.approx(17 + 32, abs=0.5)


def test_people_who_live_alone_are_older_than_couples_on_the_whole() -> None:
    chance = dice("alone")
    alone = [_head_age(Family(1), [], chance=chance) for _ in range(3_000)]
    assert sum(age >= 65 for age in alone) / 3_000 == pytest.approx(SINGLE_SENIOR_SHARE * 0.94, abs=0.04)
    couples = [_head_age(Family(2), [], chance=chance) for _ in range(3_000)]
    assert sum(age >= 65 for age in couples) / 3_000 == pytest.approx(0.55 * 0.77, abs=0.05)


# --- names and accounts -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("reading", "written"),
    [("ショウコ", "シヨウコ"), ("リョータ", "リヨ-タ"), ("ヮァッ", "ワアツ"), ("カ)メグリ", "カ)メグリ")],
)
def test_a_bank_file_takes_capital_kana_only(reading: str, written: str) -> None:
    assert bank_kana(reading) == written
    assert bank_kana(written) == written


@given(seeds)
def test_a_name_is_put_together_of_two_words_and_read_as_them(seed: int) -> None:
    for (name, kana), first, second in (
        (family_name(dice(seed)), "surname_first", "surname_second"),
        (given_name(dice(seed)), "given_first", "given_second"),
    ):
        made_of = [
            (one, two) for one in words()[first] for two in words()[second] if name == one[0] + two[0]
        ]  # fmt: skip
        assert kana in {one[1] + two[1] for one, two in made_of}


@given(seeds)
def test_an_account_lies_at_one_of_the_towns_six_banks(seed: int) -> None:
    chance = dice(seed)
    banks = town_banks(chance)
    assert len(banks) == 6
    found = account(chance, banks=banks, holder_kana="メグリ ショウコ")
    assert found.bank_code in banks
    assert (len(found.bank_code), len(found.branch_code), len(found.number)) == (4, 3, 7)
    assert found.number.isdigit()
    assert (found.kind, found.holder_kana) == ("ordinary", "メグリ シヨウコ")
    assert account(chance, banks=banks, holder_kana="カ)", current=True).kind == "current"


def test_a_town_has_a_large_bank_two_regional_ones_and_shinkin() -> None:
    codes = [int(code) for code in town_banks(dice("banks"))]
    kinds = ["large" if code < 11 else "regional" if code < 600 else "shinkin" for code in codes]
    assert Counter(kinds) == {"large": 1, "regional": 3, "shinkin": 2}
