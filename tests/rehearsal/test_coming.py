"""Who comes to a line: by lot, in waves, and nobody before there is something to buy."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from statistics import mean

import pytest

from meguri.rehearsal.coming import AGAIN_WAVES, COUNTER, EVENING, QUICK_AGES, WAVE, WAVES, Coming, comings
from meguri.rehearsal.documents import AGAIN, ONLY
from meguri.rehearsal.figures import COME_SHARE, SLEEPS_SHARE, UNITS_IN_LINE
from meguri.rehearsal.plan import Plan, make_plan
from meguri.rehearsal.timetable import Timetable, timetable
from meguri.rehearsal.town import Town
from meguri.rehearsal.truth import EFFECTS
from meguri.words.clock import JST, day
from tests.rehearsal.conftest import RULES, START

TABLE = timetable(START, weeks=8, open_end=True)


@pytest.fixture(scope="module")
def plan(large_town: Town) -> Plan:
    return make_plan(large_town, table=TABLE, effects=EFFECTS, rules=RULES, seed=7)


def of(plan: Plan, sale: str) -> list[Coming]:
    return [each for each in plan.comings if each.round == sale]


def hour(coming: Coming) -> int:
    return coming.at.astimezone(JST).hour


def test_nearly_half_of_the_holders_come_each_once_in_order(plan: Plan) -> None:
    came, holders = of(plan, ONLY), sum(bool(person.joins) for person in plan.people.values())
    assert len(came) / holders == pytest.approx(COME_SHARE, abs=0.03)
    assert len({each.who for each in came}) == len(came)
    assert [each.at for each in came] == sorted(each.at for each in came)


def test_everybody_has_a_wallet_by_then_and_asks_for_what_is_allowed(plan: Plan) -> None:
    for each in plan.comings:
        joined = plan.people[each.who].joins
        assert joined is not None
        assert joined < each.at
        assert each.units in UNITS_IN_LINE
        assert each.units <= RULES.first_come.most // 2, "so that whoever bought may buy again"


def test_they_come_in_waves_and_to_the_counter_in_its_hours(plan: Plan) -> None:
    lining = [each for each in of(plan, ONLY) if each.way != "counter"]
    assert {day(each.at) for each in of(plan, ONLY)} == {TABLE.first_come_on}
    assert set(map(hour, lining)) == set(WAVES)
    assert all(each.at - each.wave < WAVE for each in lining)
    first, minutes = COUNTER
    at_counter = [each for each in of(plan, ONLY) if each.way == "counter"]
    assert all(first <= hour(each) <= first + minutes // 60 for each in at_counter)
    assert {each.way for each in of(plan, ONLY) if plan.people[each.who].device == "card"} == {"counter"}


def test_the_moment_of_coming_says_nothing_about_who_comes(plan: Plan, large_town: Town) -> None:
    """What is planted: the edge at which the units run out divides people by lot."""
    lining = [each for each in of(plan, ONLY) if each.way != "counter"]
    half = len(lining) // 2
    parts = (lining[:half], lining[half:])
    growth = [mean(large_town.household_of(each.who).growth_rank for each in part) for part in parts]
    assert growth[0] == pytest.approx(growth[1], abs=0.1)
    units = [mean(each.units for each in part) for part in parts]
    assert units[0] == pytest.approx(units[1], abs=0.1)


def test_some_sleep_and_one_slip_is_taken_back_in_every_town(plan: Plan, small_town: Town) -> None:
    lining = [each for each in plan.comings if each.way != "counter"]
    assert mean(each.sleeps for each in lining) == pytest.approx(SLEEPS_SHARE, abs=0.01)
    for found in (plan, make_plan(small_town, table=TABLE, effects=EFFECTS, rules=RULES, seed=7)):
        assert any(each.sleeps for each in found.comings)
        withdrawn = [each for each in found.comings if each.is_withdrawn]
        assert withdrawn
        assert all((each.way, each.round, each.sleeps) == ("slip", ONLY, False) for each in withdrawn)


def test_the_second_sale_is_for_the_quick_and_leaves_the_demo_s_people_their_turn(plan: Plan, large_town: Town) -> None:
    again = of(plan, AGAIN)
    ages = [large_town.residents[each.who].age(START) for each in again]
    assert all(any(age in quick for quick in QUICK_AGES) for age in ages)
    counted = Counter((day(each.at), hour(each)) for each in again)
    assert set(counted) == {(TABLE.again_on, each) for each in AGAIN_WAVES} | {(TABLE.last_day, EVENING)}
    assert not any(each.way == "counter" for each in again)


def test_with_a_closed_end_nothing_is_sold_again(small_town: Town) -> None:
    plan = make_plan(small_town, table=timetable(START, weeks=5), effects=EFFECTS, rules=RULES, seed=7)
    assert {each.round for each in plan.comings} == {ONLY}


def test_nobody_with_a_wallet_nobody_who_comes(small_town: Town) -> None:
    assert comings(small_town, wallets={}, table=TABLE, most=10, seed=7) == ()


@pytest.mark.parametrize("weeks", [4, 5, 7, 24, 40])
@pytest.mark.parametrize("more", [0, 6])
def test_the_second_sale_begins_after_the_first_has_ended(weeks: int, more: int) -> None:
    table: Timetable = timetable(START, weeks=weeks, open_end=True, more_days=more)
    assert table.first_purchase < table.first_come_on < table.first_come_until < table.again_on < table.last_day
    assert table.last_day + timedelta(days=1) <= table.again_until < table.first_come_last_use
