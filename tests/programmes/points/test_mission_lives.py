"""Missions where life is untidy: midnight in Japan, closed places, changed documents, late answers, two towns."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from itertools import permutations
from typing import Any
from uuid import uuid4

import pytest
from django.db import transaction

from meguri.notices import queries as notices
from meguri.programmes.points import checks, operations
from meguri.programmes.points.mission_views import MissionView, bonuses_without, mission_totals, missions_of
from meguri.programmes.points.missions import bonuses_with
from meguri.programmes.points.models import MissionBonus
from meguri.words.actor import Actor
from tests.programmes.amended import amend, submit
from tests.programmes.points.conftest import NOW, Menu
from tests.programmes.points.missions import DAY, STREAK, bonuses, mission, visit, walk, with_missions, yen_of
from tests.programmes.points.test_withdrawing import debt, spend_all, withdraw
from tests.programmes.vouchers.lived_town import refused

RALLY: dict[str, Any] = {"by": "places", "wanted": 2, "places": 3}
WEEKS: dict[str, Any] = {"by": "streak", "wanted": 2, "span": "week"}
SUNDAY = datetime(2025, 7, 13, 14, 59, tzinfo=UTC)  # 23:59 in Japan; a minute later it is Monday there and Sunday here


@pytest.fixture(autouse=True)
def records_hold(db: None) -> Iterator[None]:
    """After every test the night's checks of this room find nothing."""
    yield
    for town in set(MissionBonus.objects.values_list("municipality", flat=True)):
        assert checks.grants_are_what_records_say(town) == checks.every_grant_has_its_record(town) == []


def shown(points: Menu, person: Actor, *, at: datetime = NOW) -> list[MissionView]:
    assert person.party is not None
    return list(missions_of(person.party, municipality=points.town.municipality, at=at))


def held(points: Menu, person: Actor) -> int:
    return points.town.held(person).get("points", 0)


# --- days and weeks of Japan -----------------------------------------------------------------------------------------


def test_a_new_week_begins_at_midnight_in_japan_while_it_is_sunday_in_greenwich() -> None:
    points = with_missions(mission(WEEKS))
    early, same = points.town.person(), points.town.person()
    assert yen_of(points.do(early, at=SUNDAY), points.do(early, at=SUNDAY + timedelta(minutes=1))) == [0, 100]
    before = SUNDAY - timedelta(days=1)
    assert yen_of(points.do(same, at=before), points.do(same, at=SUNDAY)) == [0, 0]
    (row,) = [each.progress.row for each in shown(points, same, at=SUNDAY)]
    assert [day for day, _ in row] == [date(2025, 7, 7), date(2025, 7, 14)]


def test_a_streak_over_the_end_of_the_month_and_of_the_year_pays_on_its_last_day() -> None:
    points = with_missions(mission(STREAK, times=2), obtaining__limits=[{"per": "month", "yen": 500}])
    person = points.town.person()
    july = datetime(2025, 7, 30, 3, tzinfo=UTC)
    december = datetime(2025, 12, 30, 3, tzinfo=UTC)
    for first in (july, december):
        assert yen_of(*(points.do(person, at=first + day * DAY) for day in range(3))) == [0, 0, 100]
    assert held(points, person) == 260


def test_the_window_closes_at_midnight_in_japan() -> None:
    window = {"first_day": date(2025, 7, 7), "last_day": date(2025, 7, 13)}
    points = with_missions(mission({"by": "first"}, window=window))
    inside, late = points.town.person(), points.town.person()
    assert yen_of(points.do(inside, at=SUNDAY), points.do(late, at=SUNDAY + timedelta(minutes=1))) == [100, 0]
    assert [each.days_left for each in shown(points, late, at=SUNDAY)] == [1]
    assert shown(points, late, at=SUNDAY + timedelta(minutes=1)) == []


def test_a_deed_of_the_last_day_that_is_reported_late_still_counts() -> None:
    window = {"first_day": NOW.date(), "last_day": NOW.date()}
    points = with_missions(mission({"by": "first"}, window=window))
    person = points.town.person()
    assert yen_of(points.do(person, at=NOW + 3 * DAY, done_at=NOW)) == [100]


def test_coming_back_on_the_day_itself() -> None:
    points = with_missions(mission({"by": "comeback", "days": 10}))
    exact, short = points.town.person(), points.town.person()
    assert yen_of(*walk(points, exact, 0, 11)) == [0, 100]
    assert yen_of(*walk(points, short, 0, 10)) == [0, 0]


# --- confirmed late --------------------------------------------------------------------------------------------------


def test_what_is_confirmed_after_the_missions_end_counts_for_its_own_day() -> None:
    window = {"first_day": NOW.date(), "last_day": NOW.date()}
    points = with_missions(mission({"by": "first"}, "check-up", window=window))
    waiting, declined = (points.do(points.town.person(), "check-up") for _ in range(2))
    made = operations.attest_action(record=waiting.record, by=points.maker, at=NOW + 9 * DAY)
    assert yen_of(made) == [100]
    operations.decline_action(record=declined.record, reason="別の人", by=points.maker, at=NOW + 9 * DAY)
    assert MissionBonus.objects.count() == 1
    again = operations.attest_action(record=waiting.record, by=points.maker, at=NOW + 10 * DAY)
    assert (again.replayed, yen_of(again)) == (True, [100])
    assert bonuses_with([waiting.record, declined.record, uuid4()]).keys() == {waiting.record}
    assert bonuses_with([]) == {}


# --- places that close -----------------------------------------------------------------------------------------------


def test_a_rally_goes_on_with_the_stamp_of_a_place_that_closed() -> None:
    points = with_missions(mission(RALLY, "bus"))
    person, late = points.town.person(), points.town.person()
    other = points.place("bus")
    visit(points, person, points.bus_stop)
    code = points.shown(points.bus_stop, NOW)
    operations.close_place(place=points.bus_stop, by=points.maker, at=NOW)
    with refused("action_code_wrong"):
        points.do(late, "bus", NOW, code=code)
    (seen,) = shown(points, person)
    assert {(each.id, each.reached) for each in seen.places} == {(points.bus_stop, True), (other, False)}
    assert [each.id for each in shown(points, late)[0].places] == [other]
    assert yen_of(visit(points, person, other, NOW + DAY)) == [100]
    (total,) = mission_totals(points.made.programme, municipality=points.town.municipality, on=NOW.date())
    assert (total.places, total.promised, total.people, total.bonuses) == (1, 3, {2: 1}, 1)


def test_a_mission_whose_actions_closed_is_shown_only_to_who_completed_it() -> None:
    points = with_missions(mission({"by": "times", "wanted": 2}))
    done, half = points.town.person(), points.town.person()
    walk(points, done, 0, 1)
    walk(points, half, 0)
    operations.close_action(action=points.actions["walk"], by=points.maker, at=NOW + 2 * DAY)
    assert [(each.progress.done, each.got_yen) for each in shown(points, done)] == [(2, 100)]
    assert shown(points, half) == []
    with refused("action_closed"):
        walk(points, half, 3)


# --- the document changes on the way ---------------------------------------------------------------------------------


def test_a_mission_that_is_added_counts_what_was_done_before_and_pays_with_the_next_deed() -> None:
    points = with_missions(mission({"by": "first"}))
    half, full = points.town.person(), points.town.person()
    walk(points, half, 0)
    walk(points, full, 0, 1, 2)
    both = [mission({"by": "first"}), mission({"by": "times", "wanted": 2}, code="twice", yen=40)]
    amend(points.town, points.made.programme, {"obtaining.missions": both}, at=NOW + 2 * DAY)
    assert [each.code for each in shown(points, full, at=NOW + 2 * DAY) if each.progress.waits] == ["twice"]
    assert yen_of(*walk(points, half, 3)) == [40]
    assert yen_of(*walk(points, full, 3)) == [40]


def test_more_yen_and_more_times_hold_for_who_is_half_way_and_old_bonuses_stay_what_they_were() -> None:
    points = with_missions(mission({"by": "times", "wanted": 2}))
    half, full = points.town.person(), points.town.person()
    walk(points, half, 0)
    done = walk(points, full, 0, 1)
    richer = mission({"by": "times", "wanted": 2}, yen=150, times=2)
    amend(points.town, points.made.programme, {"obtaining.missions": [richer]}, at=NOW + DAY)
    assert yen_of(*walk(points, half, 2)) == [150]
    assert bonuses(points, full) == [(1, 100, "granted")]
    assert yen_of(*walk(points, full, 2, 3)) == [0, 150]
    withdraw(points, done[0], at=NOW + 4 * DAY)
    assert bonuses(points, full) == [(1, 100, "granted"), (2, 150, "withdrawn")], "the last one goes first"
    assert held(points, full) == 130


def test_nobody_who_is_half_way_loses_the_way() -> None:
    window = {"first_day": NOW.date() - DAY, "last_day": NOW.date() + 9 * DAY}
    was = mission({"by": "times", "wanted": 2}, times=2, window=window)
    points = with_missions(was)
    person = points.town.person()
    walk(points, person, 0)
    taking: list[tuple[dict[str, Any], str, str]] = [
        ({"yen": 90}, "100から90に下げられません", "cannot go down from 100 to 90"),
        ({"times": 1}, "2から1に下げられません", "cannot go down from 2 to 1"),
        ({"counting": {"by": "times", "wanted": 3}}, "ここは変えられません", "cannot change in a running programme"),
        ({"actions": ["bus"]}, "ここは変えられません", "cannot change in a running programme"),
        ({"funded_by": "sponsor"}, "ここは変えられません", "cannot change in a running programme"),
        ({"window": {**window, "last_day": NOW.date()}}, "早く(2025-07-10に)終える", "cannot end earlier"),
        ({"window": {**window, "first_day": NOW.date()}}, "遅く(2025-07-10から)始める", "cannot begin later"),
        ({"code": "other"}, "「めぐり(round)」は取り除けません", "cannot be removed"),
    ]  # fmt: skip
    for change, ja, en in taking:
        with refused("amendment_takes") as caught, transaction.atomic():
            submit(points.town, points.made.programme, {"obtaining.missions": [{**was, **change}]}, at=NOW)
        assert ja in caught.value.sentence("ja"), change
        assert en in caught.value.sentence("en"), change
        assert str(caught.value.facts["path"]).startswith("obtaining.missions.round")
    assert yen_of(*walk(points, person, 1)) == [100]


# --- taken back in any order -----------------------------------------------------------------------------------------


def test_withdrawn_in_any_order_the_same_is_left() -> None:
    points = with_missions(
        mission(STREAK), mission({"by": "times", "wanted": 2}, code="twice", yen=30),
        mission({"by": "first"}, code="first", yen=20),
    )  # fmt: skip
    town, before = points.town.municipality, [points.budget(fund) for fund in ("town", "sponsor")]
    for order in permutations(range(3)):
        person = points.town.person()
        done = walk(points, person, 0, 1, 2)
        assert held(points, person) == 180
        left = []
        for each in order:
            gone = bonuses_without(done[each].record, municipality=town)
            assert len(gone) == 1, "each withdrawal takes one of them: the streak, the second time, the first"
            withdraw(points, done[each], at=NOW + 3 * DAY)
            left.append(held(points, person))
            assert bonuses_without(done[each].record, municipality=town) == ()
        assert left == [70, 30, 0], order
        topics = points.town.topics(person)
        assert topics.count("mission.withdrawn") == topics.count("mission.completed") == 3
    assert [points.budget(fund) for fund in ("town", "sponsor")] == before


def test_withdrawing_twice_takes_back_once_and_the_debt_is_what_was_spent() -> None:
    points = with_missions(mission(STREAK))
    person = points.town.person()
    done = walk(points, person, 0, 1, 2)
    spend_all(points, person, keep=15)
    for _ in range(2):
        withdraw(points, done[0], at=NOW + 3 * DAY)
    assert (held(points, person), debt(points, person)) == (0, 95)
    inbox = notices.inbox(person.party or uuid4(), municipality=points.town.municipality)
    told = [each.wording for each in inbox if "ボーナスが取り消" in each.wording.title_ja]
    assert len(told) == 1
    assert "理由: 歩数計の誤り" in told[0].text_ja
    assert "make up for them first" in told[0].text_en


# --- two towns -------------------------------------------------------------------------------------------------------


def test_another_town_sees_nothing_and_takes_nothing() -> None:
    mine, theirs = with_missions(mission({"by": "first"})), with_missions(mission({"by": "first"}))
    person = mine.town.person()
    (done,) = walk(mine, person, 0)
    assert person.party is not None
    there = theirs.town.municipality
    assert [each.progress.completed for each in missions_of(person.party, municipality=there, at=NOW)] in ([], [0])
    assert bonuses_without(done.record, municipality=there) == ()
    assert bonuses_without(uuid4(), municipality=mine.town.municipality) == ()
    with refused("programme_unknown"):
        mission_totals(mine.made.programme, municipality=there, on=NOW.date())
    with refused("action_record_unknown"):
        withdraw(mine, done, by=theirs.checker)
    stranger = Actor(there, person.role, person.party)
    with refused("action_unknown"):
        operations.record_action(action=mine.actions["walk"], request=uuid4(), by=stranger, at=NOW)
    assert bonuses(mine, person) == [(1, 100, "granted")]
    (total,) = mission_totals(theirs.made.programme, municipality=there, on=NOW.date())
    assert (total.people, total.bonuses, total.granted_yen, total.places) == ({}, 0, 0, None)


def test_a_programme_without_missions_has_no_totals_and_shows_none(points: Menu) -> None:
    person = points.town.person()
    done = points.do(person)
    assert mission_totals(points.made.programme, municipality=points.town.municipality, on=NOW.date()) == ()
    assert shown(points, person) == []
    assert bonuses_without(done.record, municipality=points.town.municipality) == ()
    assert withdraw(points, done).state == "withdrawn"
