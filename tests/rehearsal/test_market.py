"""Where people shop and when."""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta

import pytest

from meguri.rehearsal import gravity
from meguri.rehearsal.chance import dice
from meguri.rehearsal.figures import TICKET_MAX_YEN, WEEKDAY_FACTOR
from meguri.rehearsal.founding import found_town
from meguri.rehearsal.market import Market, day_factor, shopping_time, ticket
from meguri.rehearsal.streets import trades
from meguri.rehearsal.town import Town
from meguri.words.clock import JST, day

MONDAY = date(2026, 10, 19)
SATURDAY = date(2026, 10, 24)
"""No shop of the town is regularly closed on Saturdays."""


@pytest.fixture(scope="module")
def market(large_town: Town) -> Market:
    shops = [shop.key for shop in large_town.shops.values() if shop.accepts_from_week == 0]
    return Market(large_town, shops=shops, gravity=gravity.solve(large_town, shops=shops), home_tilt=2.0)


def keys(market: Market) -> list[str]:
    return [shop.key for shop in market.shops]


def test_half_of_all_trips_stay_in_the_own_ward(market: Market) -> None:
    share = gravity.own_ward_share(market.town, shops=keys(market), gravity=market.gravity)
    assert share == pytest.approx(0.5, abs=0.02)


@pytest.mark.parametrize("seed", [1, 2, 3, 4])
@pytest.mark.parametrize("size", [1_000, 5_000])
def test_in_smaller_towns_as_many_as_the_places_of_shops_allow(size: int, seed: int) -> None:
    town = found_town(size, seed=seed, as_of=MONDAY)
    found = gravity.solve(town, shops=town.shops)
    assert 0.35 < gravity.own_ward_share(town, shops=town.shops, gravity=found) < 0.6


def test_trades_get_their_share_of_yen(market: Market) -> None:
    found = gravity.trade_yen_shares(market.town, shops=keys(market), gravity=market.gravity)
    whole = sum(trades()[key].yen for key in found)
    for key, share in found.items():
        assert share == pytest.approx(trades()[key].yen / whole, abs=0.01)


def test_choices_follow_the_expected_shares(market: Market) -> None:
    chance, near, large = dice("choices"), 0, 0
    residents = list(market.town.residents.values())
    trips = 20_000
    for _ in range(trips):
        ward = chance.choice(residents).ward
        found = market.choose(chance, ward=ward, money="any", on=SATURDAY)
        assert found
        near += found[0].ward == ward
        large += not found[0].small
    assert near / trips == pytest.approx(0.5, abs=0.03)
    assert 0.5 < large / trips < 0.8


def test_nobody_meets_a_shop_on_its_closing_day(market: Market) -> None:
    chance = dice("closed")
    for on in (MONDAY + timedelta(days=i) for i in range(7)):
        for _ in range(500):
            found = market.choose(chance, ward="w01", money="any", on=on)
            if found:
                shop, at = found
                assert shop.closed_on != on.weekday()
                assert day(at) == on
                assert shop.opens <= at.astimezone(JST).hour < shop.closes


def test_money_for_small_shops_finds_small_shops(market: Market) -> None:
    chance = dice("small")
    found = [market.choose(chance, ward="w02", money="small only", on=MONDAY) for _ in range(500)]
    assert all(shop.small for shop, _ in filter(None, found))


def test_a_benefit_stays_closer_to_home(market: Market) -> None:
    assert market.small_home_share(money="benefit") > market.small_home_share(money="any") * 1.3


def test_where_no_shop_accepts_nobody_shops(large_town: Town) -> None:
    empty = Market(large_town, shops=[], gravity=gravity.Gravity(0, {}), home_tilt=1)
    assert empty.choose(dice(1), ward="w01", money="any", on=MONDAY) is None


def test_weekends_and_holidays_are_livelier() -> None:
    working = day_factor(MONDAY, senior=False)
    assert day_factor(SATURDAY, senior=False) / working == pytest.approx(1.19, abs=0.05)
    assert day_factor(date(2026, 11, 3), senior=False) > day_factor(date(2026, 11, 10), senior=False)
    assert sum(WEEKDAY_FACTOR) == pytest.approx(7, abs=0.1)


def test_older_people_shop_on_pension_day() -> None:
    pension, other = date(2026, 10, 15), date(2026, 11, 15)
    assert day_factor(pension, senior=True) > day_factor(pension, senior=False)
    assert day_factor(other, senior=True) == day_factor(other, senior=False)


def test_the_day_has_two_peaks(large_town: Town) -> None:
    shop = next(shop for shop in large_town.shops.values() if shop.trade == "supermarket")
    chance = dice("hours")
    hours = Counter(shopping_time(chance, shop, on=MONDAY).astimezone(JST).hour for _ in range(20_000))
    morning = max((9, 10, 11, 12, 13), key=hours.__getitem__)
    assert morning == 11
    assert max((14, 15, 16, 17, 18, 19, 20), key=hours.__getitem__) == 16
    assert hours[13] < hours[11] > hours[9]


def test_tickets_have_the_trade_s_median_and_a_ceiling(large_town: Town) -> None:
    shop = next(shop for shop in large_town.shops.values() if shop.trade == "supermarket")
    chance = dice("tickets")
    found = sorted(ticket(chance, shop) for _ in range(5_000))
    assert found[2_500] == pytest.approx(shop.ticket_yen, rel=0.05)
    assert found[0] >= 100
    assert found[-1] <= TICKET_MAX_YEN
