"""The town before its first day: repeatable, invented, and shaped like the statistics."""

from __future__ import annotations

import statistics
from collections import Counter
from datetime import date

import pytest
from zengin_code import Bank

from meguri.rehearsal.chance import at_age
from meguri.rehearsal.figures import (
    AGE_BANDS,
    EXEMPT_BY_HEAD_AGE,
    HOUSEHOLD_MEAN,
    HOUSEHOLD_SIZES,
    INCOME_MEDIAN_YEN,
    LARGE_SHOP_M2,
    MONTHLY_FAMILY_YEN,
    MONTHLY_SINGLE_YEN,
    SHOPS_LEAST,
    SINGLE_SENIOR_SHARE,
    SMARTPHONE,
)
from meguri.rehearsal.founding import found_town, invented_code
from meguri.rehearsal.streets import trades
from meguri.rehearsal.town import Town, Ward

AS_OF = date(2026, 10, 5)
BANK_FILE_SIGNS = set("アイウエオカキクケコサシスセソタチツテトナニヌネノハヒフヘホマミムメモヤユヨラリルレロワヲン"
                      "ガギグゲゴザジズゼゾダヂヅデドバビブベボパピプペポ -)")  # fmt: skip


# --- repeatable ------------------------------------------------------------------------------------------------------


def test_the_same_seed_founds_the_same_town(small_town: Town) -> None:
    assert found_town(300, seed=7, as_of=AS_OF).digest() == small_town.digest()


@pytest.mark.parametrize(("size", "seed", "as_of"), [(300, 8, AS_OF), (301, 7, AS_OF), (300, 7, date(2026, 10, 12))])
def test_another_seed_size_or_day_founds_another_town(size: int, seed: int, as_of: date, small_town: Town) -> None:
    assert found_town(size, seed=seed, as_of=as_of).digest() != small_town.digest()


@pytest.mark.parametrize("size", [0, 99, 100_001])
def test_a_town_is_neither_too_small_nor_too_large(size: int) -> None:
    with pytest.raises(ValueError, match="a town has"):
        found_town(size, seed=1, as_of=AS_OF)


@pytest.mark.parametrize("size", [100, 137, 300, 999, 5_000])
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_every_size_has_exactly_its_residents(size: int, seed: int) -> None:
    town = found_town(size, seed=seed, as_of=AS_OF)
    assert len(town.residents) == size
    assert sorted(town.residents) == sorted(key for home in town.households.values() for key in home.members)


# --- invented --------------------------------------------------------------------------------------------------------


def test_the_town_says_that_it_is_invented(small_town: Town) -> None:
    assert "架空" in small_town.label
    assert "invented" in small_town.label_en
    assert all("架空" in sponsor.name for sponsor in small_town.sponsors.values())
    assert all(home.address.startswith("架空県") for home in small_town.households.values())


def test_the_municipality_code_belongs_to_no_prefecture() -> None:
    assert invented_code() == "990019"
    assert int(invented_code()[:2]) > 47


def test_software_that_checks_the_sixth_digit_takes_the_code() -> None:
    """The usual check digit, as in 131016 (Chiyoda); 999999 has a wrong one and would be refused."""

    def is_whole(code: str) -> bool:
        weighed = sum(int(digit) * weight for digit, weight in zip(code[:5], (6, 5, 4, 3, 2), strict=True))
        return (11 - weighed % 11) % 10 == int(code[5])

    assert is_whole("131016")
    assert is_whole("011002")
    assert not is_whole("999999")
    assert is_whole(invented_code())


def test_no_postal_code_of_the_town_exists_in_japan(small_town: Town) -> None:
    assert {ward.postal_code[:3] for ward in small_town.wards.values()} == {"000"}


def test_names_are_made_from_word_lists(small_town: Town) -> None:
    for person in small_town.residents.values():
        assert person.name.written.count(" ") == 1
        assert set(person.name.kana) <= BANK_FILE_SIGNS


def test_banks_and_branches_are_real_and_holders_can_be_written(large_town: Town) -> None:
    for merchant in large_town.merchants.values():
        account = merchant.bank
        assert account.branch_code in Bank.all[account.bank_code].branches
        assert len(account.number) == 7
        assert set(account.holder_kana) <= BANK_FILE_SIGNS


def test_maker_and_checker_of_a_department_are_two_people(small_town: Town) -> None:
    for department in ("commerce", "planning", "welfare"):
        assert {f"{department}-maker", f"{department}-checker"} <= small_town.officers.keys()


# --- people ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("size", [300, 30_000])
def test_ages_follow_the_population_estimates(size: int) -> None:
    town = found_town(size, seed=3, as_of=AS_OF)
    ages = [person.age(AS_OF) for person in town.residents.values()]
    whole = sum(AGE_BANDS.values())
    for (first, last), people in AGE_BANDS.items():
        share = sum(first <= age <= last for age in ages) / size
        assert share == pytest.approx(people / whole, abs=1 / size + 1e-9)


def test_a_birthday_is_counted_on_the_day_itself(small_town: Town) -> None:
    person = next(iter(small_town.residents.values()))
    birthday = person.born.replace(year=2030)
    assert person.age(birthday) == 2030 - person.born.year
    assert person.age(date.fromordinal(birthday.toordinal() - 1)) == 2030 - person.born.year - 1


def test_household_sizes_follow_the_census(large_town: Town) -> None:
    sizes = Counter(len(home.members) for home in large_town.households.values())
    homes = len(large_town.households)
    assert 30_000 / homes == pytest.approx(HOUSEHOLD_MEAN, abs=0.01)
    for members, share in HOUSEHOLD_SIZES.items():
        assert sizes[members] / homes == pytest.approx(share, abs=0.01)


def test_no_minor_lives_without_an_adult(large_town: Town) -> None:
    for home in large_town.households.values():
        assert large_town.residents[home.head].age(AS_OF) >= 18


def test_parents_are_older_than_their_children(large_town: Town) -> None:
    gaps = []
    for home in large_town.households.values():
        ages = [large_town.residents[key].age(AS_OF) for key in home.members]
        if len(ages) > 2 and min(ages) < 18:
            gaps.append(ages[0] - min(ages))
    assert statistics.median(gaps) == pytest.approx(32, abs=2)
    assert min(gaps) > 0


def test_people_living_alone_are_old_as_often_as_in_the_census(large_town: Town) -> None:
    alone = [
        large_town.residents[home.head].age(AS_OF) for home in large_town.households.values() if len(home.members) == 1
    ]
    assert sum(age >= 65 for age in alone) / len(alone) == pytest.approx(SINGLE_SENIOR_SHARE, abs=0.04)


def test_smartphones_follow_age(large_town: Town) -> None:
    for first, last in ((15, 49), (60, 69), (80, 84)):
        group = [p for p in large_town.residents.values() if first <= p.age(AS_OF) <= last]
        share = sum(person.smartphone for person in group) / len(group)
        assert share == pytest.approx(at_age(SMARTPHONE, first), abs=0.03)


def test_tax_exemption_follows_the_head_s_age(large_town: Town) -> None:
    steps = sorted(EXEMPT_BY_HEAD_AGE)
    for first, after in zip(steps, [*steps[1:], 200], strict=True):
        group = [h for h in large_town.households.values() if first <= large_town.residents[h.head].age(AS_OF) < after]
        share = sum(home.tax_class == "exempt" for home in group) / len(group)
        assert share == pytest.approx(EXEMPT_BY_HEAD_AGE[first], abs=0.01)


def test_the_tax_line_is_sharp_and_income_smooth_around_it(large_town: Town) -> None:
    """Nobody bunches at the line: a design that compares both sides of it is sound."""
    incomes = [home.assessed_income_yen for home in large_town.households.values()]
    below = sum(400_000 < income <= 450_000 for income in incomes)
    above = sum(450_000 < income <= 500_000 for income in incomes)
    assert all(
        (home.assessed_income_yen <= 450_000) == (home.tax_class == "exempt") for home in large_town.households.values()
    )
    assert below / above == pytest.approx(1, abs=0.15)


def test_incomes_and_spending_have_the_surveyed_middle(large_town: Town) -> None:
    homes = large_town.households.values()
    assert statistics.median(home.income_yen for home in homes) == pytest.approx(INCOME_MEDIAN_YEN, rel=0.05)
    month = 52 / 12
    families = [home.weekly_yen * month for home in homes if len(home.members) > 1]
    singles = [home.weekly_yen * month for home in homes if len(home.members) == 1]
    assert statistics.mean(families) == pytest.approx(MONTHLY_FAMILY_YEN, rel=0.03)
    assert statistics.mean(singles) == pytest.approx(MONTHLY_SINGLE_YEN, rel=0.05)
    assert statistics.mean([*families, *singles]) == pytest.approx(247_322, rel=0.03)  # source: 家計調査 2023, all


def test_people_moved_in_after_their_birth_and_before_the_town_is_counted(large_town: Town) -> None:
    assert all(person.born <= person.moved_in <= AS_OF for person in large_town.residents.values())
    new = sum((AS_OF - person.moved_in).days < 90 for person in large_town.residents.values())
    assert 0 < new < 1_500


def test_a_few_addresses_are_shielded(large_town: Town) -> None:
    assert 10 < sum(home.shielded for home in large_town.households.values()) < 100


# --- wards and shops -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("size", [300, 30_000])
def test_wards_are_hexagons_around_the_centre(size: int) -> None:
    wards = list(found_town(size, seed=1, as_of=AS_OF).wards.values())
    assert len({(ward.q, ward.r) for ward in wards}) == len(wards) == (7 if size == 300 else 13)
    assert (wards[0].q, wards[0].r) == (0, 0)
    assert all(any(ward.steps_to(other) == 1 for other in wards) for ward in wards)
    assert max(wards[0].steps_to(ward) for ward in wards) == (1 if size == 300 else 2)


def test_steps_between_hexagons() -> None:
    def ward(q: int, r: int) -> Ward:
        return Ward(key="", name="", kana="", name_en="", q=q, r=r, postal_code="")

    assert ward(0, 0).steps_to(ward(2, -1)) == 2
    assert ward(1, 1).steps_to(ward(-1, -1)) == 4
    assert ward(3, 0).steps_to(ward(3, 0)) == 0


def test_the_number_of_shops_follows_the_residents(small_town: Town, large_town: Town) -> None:
    assert len(small_town.shops) == SHOPS_LEAST
    assert len(large_town.shops) == 288


def test_trades_have_their_share_of_shops(large_town: Town) -> None:
    counted = Counter(shop.trade for shop in large_town.shops.values())
    for key, trade in trades().items():
        assert counted[key] == pytest.approx(trade.shops / 100 * 288, abs=1)


def test_trades_have_their_share_of_sales(large_town: Town) -> None:
    whole = sum(shop.visits * shop.ticket_yen for shop in large_town.shops.values())
    asked = sum(trade.yen for trade in trades().values())
    for key, trade in trades().items():
        mine = sum(shop.visits * shop.ticket_yen for shop in large_town.shops.values() if shop.trade == key)
        assert mine / whole == pytest.approx(trade.yen / asked, abs=0.001)


def test_sales_are_concentrated_as_a_power_law_has_it(large_town: Town) -> None:
    sales = sorted((shop.visits * shop.ticket_yen for shop in large_town.shops.values()), reverse=True)
    assert 0.6 < sum(sales[: len(sales) // 10]) / sum(sales) < 0.85


def test_a_shop_is_large_by_its_floor(large_town: Town) -> None:
    assert all((shop.size == "large") == (shop.floor_m2 >= LARGE_SHOP_M2) for shop in large_town.shops.values())
    large = [shop for shop in large_town.shops.values() if shop.size == "large"]
    assert {"supermarket", "general_store", "home_centre"} <= {shop.trade for shop in large}


def test_no_two_shops_share_a_name(large_town: Town) -> None:
    names = Counter(shop.name for shop in large_town.shops.values())
    assert names.most_common(1)[0][1] == 1
    assert all(shop.name_en.isascii() or "é" in shop.name_en for shop in large_town.shops.values())


def test_most_shops_accept_at_once_some_later_some_never(large_town: Town) -> None:
    weeks = Counter(shop.accepts_from_week for shop in large_town.shops.values())
    assert weeks[0] / 288 == pytest.approx(0.75, abs=0.08)
    assert weeks[None] > 20
    assert sum(count for week, count in weeks.items() if week) > 15


def test_a_chain_has_several_shops_of_one_merchant(large_town: Town) -> None:
    shops = Counter(shop.merchant for shop in large_town.shops.values())
    assert set(shops.values()) == {1, 2, 3}
    assert shops.keys() == large_town.merchants.keys()
