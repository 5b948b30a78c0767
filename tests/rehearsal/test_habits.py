"""What a person believes to have left, and what that makes of a day: no yen is spent twice, none that is not known."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from meguri.rehearsal import gravity
from meguri.rehearsal.chance import dice
from meguri.rehearsal.habits import HORIZON_DAYS, HOURS, LEAST_YEN, STEP_GOAL, WEEK_SHARE_MAX, Habits, _Left, bus_stops
from meguri.rehearsal.happenings import Acts, AsksRefund, BringsSteps, Happening, LooksAtWallet, OpensWallet, Pays
from meguri.rehearsal.knowledge import Answer, Knowledge, PurseView, Taken
from meguri.rehearsal.market import Market
from meguri.rehearsal.plan import make_plan
from meguri.rehearsal.timetable import moment, timetable
from meguri.rehearsal.town import Town
from meguri.rehearsal.truth import EFFECTS
from meguri.words.clock import JST, day
from tests.rehearsal.conftest import RULES, START

TABLE = timetable(START, weeks=8)
TODAY = START + timedelta(days=30)
AT = moment(START, 9)

purses = st.lists(
    st.builds(
        PurseView, kind=st.uuids().map(str), family=st.sampled_from(["voucher", "point", "benefit"]),
        yen=st.integers(0, 20_000), small_only=st.booleans(),
        expires_on=st.none() | st.integers(-5, 200).map(lambda days: TODAY + timedelta(days=days)),
    ), max_size=5,
)  # fmt: skip


def knows(*views: PurseView, who: str = "r1") -> Knowledge:
    known = Knowledge()
    known.told(OpensWallet(at=AT, key=f"open:{who}", who=who, device="phone"), Answer())
    known.told(LooksAtWallet(at=AT, key=f"l:{who}", who=who), Answer(purses=views))
    return known


def good(views: list[PurseView]) -> list[PurseView]:
    return [view for view in views if view.yen and (view.expires_on is None or view.expires_on >= TODAY)]


@given(purses)
def test_only_what_is_still_good_today_is_left(views: list[PurseView]) -> None:
    left = _Left(knows(*views), "r1", TODAY)
    assert left.any + left.small == sum(view.yen for view in good(views))
    assert left.small == sum(view.yen for view in good(views) if view.small_only)
    assert left.payable(small_shop=True) == left.any + left.small
    assert left.payable(small_shop=False) == left.any
    assert left.points == sum(view.yen for view in good(views) if view.family == "point")


@given(purses, st.data())
def test_spending_takes_restricted_money_first_and_never_more_than_there_is(
    views: list[PurseView], data: st.DataObject
) -> None:
    left = _Left(knows(*views), "r1", TODAY)
    for _ in range(4):
        small_shop = data.draw(st.booleans())
        before, can = (left.any, left.small), left.payable(small_shop=small_shop)
        yen = data.draw(st.integers(0, can))
        left.use(yen, small_shop=small_shop)
        assert sum(before) - (left.any + left.small) == yen
        assert left.any >= 0 <= left.small
        assert left.any == before[0] or not small_shop or left.small == 0
        assert small_shop or left.small == before[1]
        assert left.benefit <= left.any


@given(purses)
def test_an_even_pace_empties_every_purse_on_its_last_day(views: list[PurseView]) -> None:
    left = _Left(knows(*views), "r1", TODAY)
    pace = 0.0
    for view in good(views):
        ends = view.expires_on or TODAY + timedelta(days=HORIZON_DAYS)
        pace += view.yen / min(HORIZON_DAYS, (ends - TODAY).days + 1)
    assert left.per_day() == pytest.approx(pace)
    assert left.days == min([HORIZON_DAYS, *left.spans])


def test_the_next_trip_is_for_the_money_of_which_most_is_left() -> None:
    voucher, benefit = PurseView("a", "voucher", 5_000), PurseView("b", "benefit", 3_000)
    points = PurseView("c", "point", 2_000, small_only=True)
    left, chance = _Left(knows(voucher, benefit, points), "r1", TODAY), dice("kinds")
    found = Counter(left.kind(chance) for _ in range(5_000))
    assert found["any"] / 5_000 == pytest.approx(0.5, abs=0.03)
    assert found["benefit"] / 5_000 == pytest.approx(0.3, abs=0.03)
    assert found["small only"] / 5_000 == pytest.approx(0.2, abs=0.03)


# --- ordinary days of a small town ------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def market(small_town: Town) -> Market:
    shops = list(small_town.shops)
    return Market(small_town, shops=shops, gravity=gravity.solve(small_town, shops=shops), home_tilt=2.0)


def habits(town: Town, known: Knowledge) -> Habits:
    plan = make_plan(town, table=TABLE, effects=EFFECTS, rules=RULES, seed=7)
    return Habits(town, table=TABLE, plan=plan, effects=EFFECTS, knowledge=known, rules=RULES, seed=7)


def everybody(town: Town, *views: PurseView) -> Knowledge:
    known = Knowledge()
    for key in make_plan(town, table=TABLE, effects=EFFECTS, rules=RULES, seed=7).people:
        known.told(OpensWallet(at=AT, key=f"open:{key}", who=key, device="phone"), Answer())
        known.told(LooksAtWallet(at=AT, key=f"l:{key}", who=key), Answer(purses=views))
    return known


def week_of(town: Town, market: Market, known: Knowledge, *, first: date = START) -> list[Happening]:
    lived = habits(town, known)
    return [one for number in range(7) for one in lived.on(first + timedelta(days=number), market)]


MONEY = PurseView("paid", "voucher", 30_000, expires_on=START + timedelta(days=40))


def test_whoever_has_no_wallet_does_nothing(small_town: Town, market: Market) -> None:
    assert week_of(small_town, market, Knowledge()) == []


def test_the_same_morning_is_lived_the_same_way(small_town: Town, market: Market) -> None:
    one, other = (week_of(small_town, market, everybody(small_town, MONEY)) for _ in range(2))
    assert one == other
    assert len({each.key for each in one}) == len(one)


def test_without_money_people_act_and_do_not_pay(small_town: Town, market: Market) -> None:
    kinds = {type(each) for each in week_of(small_town, market, everybody(small_town))}
    assert Pays not in kinds
    assert Acts in kinds
    few = replace(MONEY, yen=LEAST_YEN - 1)
    assert Pays not in {type(each) for each in week_of(small_town, market, everybody(small_town, few))}


def test_nobody_pays_more_in_a_day_than_they_know_of(small_town: Town, market: Market) -> None:
    """Nothing is answered in between, so each day begins with the belief of the first morning."""
    spent: Counter[tuple[str, date]] = Counter()
    for each in week_of(small_town, market, everybody(small_town, MONEY)):
        if isinstance(each, Pays):
            assert each.yen >= LEAST_YEN
            spent[each.who, day(each.at)] += each.yen
    assert spent
    assert max(spent.values()) <= MONEY.yen


def test_a_household_puts_at_most_its_share_of_a_week_through_the_wallet(small_town: Town, market: Market) -> None:
    rich = replace(MONEY, yen=500_000)
    spent: Counter[str] = Counter()
    for each in week_of(small_town, market, everybody(small_town, rich)):
        if isinstance(each, Pays):
            spent[small_town.household_of(each.who).key] += each.yen
    assert all(yen <= WEEK_SHARE_MAX * small_town.households[home].weekly_yen for home, yen in spent.items())
    assert any(yen > WEEK_SHARE_MAX * small_town.households[home].weekly_yen - 30_000 for home, yen in spent.items())


def test_deeds_are_shown_at_their_hours_with_the_evidence_of_the_terms(small_town: Town, market: Market) -> None:
    deeds = [each for each in week_of(small_town, market, everybody(small_town)) if isinstance(each, Acts)]
    assert {deed.action for deed in deeds} >= {"walk", "bus", "my-bottle"}
    for deed in deeds:
        first, last = HOURS[deed.action]
        assert first <= deed.at.astimezone(JST).hour < last
        assert deed.evidence == RULES.deeds[deed.action].evidence
        assert deed.amount >= STEP_GOAL if deed.action == "walk" else deed.amount == 1
        assert deed.confirmed


def test_a_lost_phone_rests_until_another_is_found(small_town: Town, market: Market) -> None:
    known = everybody(small_town, MONEY)
    known.without_phone.update(known.open)
    assert week_of(small_town, market, known) == []


def test_a_payment_is_taken_back_once_at_noon_of_the_next_morning(small_town: Town, market: Market) -> None:
    known = Knowledge()
    shop = market.shops[0].key
    for number in range(2_000):
        paid = Pays(at=AT, key=f"pay:{number}", who="r00001", shop=shop, yen=500, means="shop_code")
        known.told(paid, Answer(taken=(Taken("paid", "voucher", 500),)))
    lived = habits(small_town, known)
    first, again = (list(lived.on(START + timedelta(days=number), market)) for number in (1, 2))
    assert 5 < len(first) < 60  # about one in eighty
    assert again == []
    for refund in first:
        assert isinstance(refund, AsksRefund)
        assert (refund.who, refund.shop, refund.key) == ("r00001", shop, f"refund:{refund.payment}")
        assert refund.at.astimezone(JST).hour == 12


def test_a_ward_cleans_up_on_sundays_at_its_own_hall(small_town: Town, market: Market) -> None:
    lived, found = habits(small_town, everybody(small_town)), []
    for number in range(8 * 7):
        today = START + timedelta(days=number)
        found += [(today, one) for one in lived.on(today, market) if isinstance(one, Acts) and one.action == "clean-up"]
    assert found
    for today, one in found:
        assert today.weekday() == 6
        assert one.place == f"l-{small_town.residents[one.who].ward}"
        assert lived.activity[TABLE.week(today)].clean_ups[one.who] == 1


def test_only_a_phone_counts_steps_and_only_after_the_invitation(small_town: Town, market: Market) -> None:
    lived = habits(small_town, everybody(small_town))
    rewarded: Counter[str] = Counter()
    for number in range(8 * 7):
        today = START + timedelta(days=number)
        for one in lived.on(today, market):
            if isinstance(one, Acts) and one.action in ("walk", "bus", "my-bottle"):
                assert lived.plan.people[one.who].device == "phone"
                assert TABLE.week(today) >= lived.plan.waves[small_town.residents[one.who].ward]
                rewarded[one.action] += 1
    walked = sum(sum(week.walk_days.values()) for week in lived.activity.values())
    assert 0 < rewarded["walk"] < walked, "people also walk unseen"
    assert min(rewarded.values()) > 0


def test_whoever_expects_money_looks_into_the_wallet(small_town: Town, market: Market) -> None:
    known = everybody(small_town)
    curious = sorted(known.open)[:10]
    known.stale.clear()
    known.stale.update(curious)
    looked = {one.who for one in habits(small_town, known).on(START, market) if isinstance(one, LooksAtWallet)}
    assert looked >= set(curious)
    assert len(looked) < len(known.open) / 2
    known.stale.clear()
    lived = habits(small_town, known)
    receivers = {key for key, person in lived.plan.people.items() if person.receipt == "local_money"}
    paid = TABLE.paid_on + timedelta(days=1)
    after = {one.who for one in lived.on(paid, market) if isinstance(one, LooksAtWallet)}
    assert receivers
    assert after >= receivers


def test_on_saturdays_whoever_did_something_looks_what_came(small_town: Town, market: Market) -> None:
    known = everybody(small_town)
    known.stale.clear()
    lived = habits(small_town, known)
    days = [list(lived.on(START + timedelta(days=number), market)) for number in range(6)]
    friday, saturday = ({one.who for one in day if isinstance(one, LooksAtWallet)} for day in days[4:])
    walkers = {who for who, count in lived.activity[0].walk_days.items() if count}
    assert walkers
    assert saturday >= walkers
    assert len(friday) < len(walkers) / 2


def test_on_the_last_day_people_hurry_and_still_spend_nothing_twice(small_town: Town, market: Market) -> None:
    today = START + timedelta(days=20)
    lived = habits(small_town, everybody(small_town, replace(MONEY, yen=5_000, expires_on=today)))
    spent: Counter[str] = Counter()
    for one in lived.on(today, market):
        if isinstance(one, Pays):
            spent[one.who] += one.yen
    assert max(spent.values()) <= 5_000
    assert sum(yen > 4_000 for yen in spent.values()) > 3


def test_what_was_given_back_is_not_given_back_again(small_town: Town, market: Market) -> None:
    known = Knowledge()
    for number in range(1_000):
        key, who, shop = f"pay:{number}", "r00001", market.shops[0].key
        paid = Pays(at=AT, key=key, who=who, shop=shop, yen=500, means="shop_code")
        known.told(paid, Answer(taken=(Taken("paid", "voucher", 500),)))
        known.told(AsksRefund(at=AT, key=f"refund:{key}", who=who, payment=key, shop=shop), Answer())
    asked = [one.payment for one in habits(small_town, known).on(START, market) if isinstance(one, AsksRefund)]
    assert asked
    assert not any(payment.startswith("refund:") for payment in asked)


def test_some_people_send_the_steps_of_their_week_on_its_last_evening(small_town: Town, market: Market) -> None:
    lived = week_of(small_town, market, everybody(small_town))
    sent = {each.who: each for each in lived if isinstance(each, BringsSteps)}
    walks = {(each.who, day(each.at)): each.amount for each in lived
             if isinstance(each, Acts) and each.action == "walk"}  # fmt: skip
    people = {each.who for each in lived}
    assert 0.05 * len(people) < len(sent) < 0.5 * len(people)
    for who, each in sent.items():
        assert [on for on, _ in each.days] == [START + timedelta(days=number) for number in range(7)]
        for on, steps in each.days:  # what was told of the walk and what the phone counted is the same walk
            assert steps == walks.get((who, on), steps)
            assert (steps >= STEP_GOAL) == ((who, on) in walks)
    assert any(steps >= 8_000 for each in sent.values() for _, steps in each.days)


def test_the_old_rest_with_fewer_steps_and_send_them_seldom(small_town: Town) -> None:
    lived = habits(small_town, Knowledge())
    resting = [sum(lived._resting_steps(f"r{number}", age, day=START) for number in range(300)) / 300
               for age in (30, 70, 85)]  # fmt: skip
    assert resting[0] > resting[1] > resting[2] > 1_500


def test_the_bus_is_taken_at_stops_that_show_a_code(small_town: Town, market: Market) -> None:
    rides = [each for each in week_of(small_town, market, everybody(small_town))
             if isinstance(each, Acts) and each.action == "bus"]  # fmt: skip
    assert {each.place for each in rides} <= set(bus_stops(small_town))
    assert len({each.place for each in rides}) > 1
