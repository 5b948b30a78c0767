"""What people mean to do, before anybody answers."""

from __future__ import annotations

from datetime import timedelta

import pytest

from meguri.rehearsal.figures import JOIN_SHARE_PHONE, LOCAL_MONEY_SHARE, SILENT_SHARE, UNITS_ASKED
from meguri.rehearsal.plan import Plan, entitled, make_plan
from meguri.rehearsal.timetable import moment, timetable
from meguri.rehearsal.town import Town
from meguri.rehearsal.truth import EFFECTS
from meguri.words.clock import day
from tests.rehearsal.conftest import RULES, START

TABLE = timetable(START, weeks=8)


@pytest.fixture(scope="module")
def plan(large_town: Town) -> Plan:
    return make_plan(large_town, table=TABLE, effects=EFFECTS, rules=RULES, seed=7)


def test_the_same_seed_makes_the_same_plan(small_town: Town) -> None:
    one, other = (make_plan(small_town, table=TABLE, effects=EFFECTS, rules=RULES, seed=7) for _ in range(2))
    assert one == other
    assert make_plan(small_town, table=TABLE, effects=EFFECTS, rules=RULES, seed=8) != one


def test_about_half_of_the_adults_with_a_phone_join(plan: Plan, large_town: Town) -> None:
    with_phone = [person.key for person in large_town.adults() if person.smartphone]
    joined = sum(bool(plan.people.get(key) and plan.people[key].joins) for key in with_phone)
    assert joined / len(with_phone) == pytest.approx(JOIN_SHARE_PHONE, abs=0.05)


def test_people_without_a_phone_take_a_card(plan: Plan, large_town: Town) -> None:
    for key, person in plan.people.items():
        if person.joins:
            assert person.device == ("phone" if large_town.residents[key].smartphone else "card")


def test_nobody_applies_before_joining_or_after_the_last_day(plan: Plan) -> None:
    for person in plan.people.values():
        if person.applies:
            assert person.joins
            assert person.joins < person.applies < moment(TABLE.last_apply, 21)
            assert 1 <= person.units <= max(UNITS_ASKED)


def test_purchases_are_meant_within_their_window(plan: Plan) -> None:
    meant = [day(person.buys) for person in plan.people.values() if person.buys]
    assert min(meant) >= TABLE.first_purchase
    assert max(meant) <= TABLE.last_purchase
    assert sum(on < TABLE.first_purchase + timedelta(days=4) for on in meant) / len(meant) > 0.6  # most buy soon


def test_recipients_choose_in_time_or_not_at_all(plan: Plan, large_town: Town) -> None:
    heads = list(entitled(large_town, rules=RULES))
    chosen = [plan.people[key] for key in heads if key in plan.people and plan.people[key].receipt]
    assert 1 - len(chosen) / len(heads) == pytest.approx(SILENT_SHARE, abs=0.02)
    assert len(heads) > 1_000
    assert sum(p.receipt == "local_money" for p in chosen) / len(chosen) == pytest.approx(LOCAL_MONEY_SHARE, abs=0.03)
    for person in chosen:
        assert person.chooses
        assert START < day(person.chooses) <= TABLE.last_choice


def test_whoever_takes_local_money_has_a_wallet_first(plan: Plan) -> None:
    for person in plan.people.values():
        if person.receipt == "local_money":
            assert person.joins
            assert person.chooses
            assert person.joins <= person.chooses


def test_every_child_is_entitled_once_by_the_table_of_the_document(large_town: Town) -> None:
    found = entitled(large_town, rules=RULES)
    yen = {child: amount for children in found.values() for child, amount in children.items()}
    assert len(yen) == sum(map(len, found.values()))
    assert set(yen) == {key for key, person in large_town.residents.items() if person.age(START) < 18}
    assert {yen[key] for key in yen if large_town.residents[key].age(START) >= 1} == {10_000}
    assert {yen[key] for key in yen if large_town.residents[key].age(START) == 0} == {50_000}


def test_the_head_of_the_child_s_household_receives(large_town: Town) -> None:
    for head, children in entitled(large_town, rules=RULES).items():
        assert large_town.residents[head].age(START) >= 18
        assert all(large_town.household_of(child).head == head for child in children)


def test_mishaps_come_to_every_town(small_town: Town) -> None:
    found = make_plan(small_town, table=timetable(START, weeks=4), effects=EFFECTS, rules=RULES, seed=1)
    assert sum(bool(person.loses_phone) for person in found.people.values()) >= 1
    assert sum(bool(person.complains) for person in found.people.values()) >= 3
    assert found.closing_shop
    assert small_town.shops[found.closing_shop[0]].small


def test_applicants_and_units_are_counted(plan: Plan) -> None:
    assert plan.units_asked == sum(plan.people[key].units for key in plan.applicants())
