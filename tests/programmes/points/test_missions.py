"""Missions lived: the bonus comes with the action that completes it, once, within limits, and goes back with it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from meguri.notices import queries as notices
from meguri.programmes.points import checks, operations
from meguri.programmes.points.models import MissionBonus
from meguri.programmes.points.operations import Report
from meguri.words.actor import Actor
from tests.programmes.points.conftest import NOW, Menu
from tests.programmes.points.missions import DAY, STREAK, bonuses, mission, visit, walk, with_missions, yen_of
from tests.programmes.points.test_withdrawing import debt, spend_all, withdraw

RALLY: dict[str, Any] = {"by": "places", "wanted": 2, "places": 3}


@pytest.fixture(autouse=True)
def records_hold(db: None) -> Iterator[None]:
    """After every test the night's checks of this room find nothing."""
    yield
    for town in set(MissionBonus.objects.values_list("municipality", flat=True)):
        found = [checks.grants_are_what_records_say(town), checks.every_grant_has_its_record(town)]
        assert found == [[], []]


def held(points: Menu, person: Actor) -> int:
    return points.town.held(person).get("points", 0)


# --- each way of counting --------------------------------------------------------------------------------------------


def test_a_stamp_rally_pays_when_the_last_place_is_stamped() -> None:
    points, person = with_missions(mission(RALLY, "bus")), None
    person = points.town.person()
    other = points.place("bus")
    done = [visit(points, person, points.bus_stop), visit(points, person, points.bus_stop, NOW + DAY),
            visit(points, person, other, NOW + 2 * DAY)]  # fmt: skip
    assert yen_of(*done) == [0, 0, 100]
    assert held(points, person) == 130
    assert yen_of(visit(points, person, points.place("bus"), NOW + 3 * DAY)) == [0]  # given once


def test_a_streak_pays_on_its_last_day_and_a_gap_begins_it_anew() -> None:
    points = with_missions(mission(STREAK))
    person, gap = points.town.person(), points.town.person()
    assert yen_of(*walk(points, person, 0, 1, 2, 3)) == [0, 0, 100, 0]
    assert yen_of(*walk(points, gap, 0, 1, 3, 4, 5)) == [0, 0, 0, 0, 100]


def test_a_day_reported_late_closes_the_gap() -> None:
    points = with_missions(mission(STREAK))
    person = points.town.person()
    walk(points, person, 0, 2)
    late = points.do(person, at=NOW + 4 * DAY, done_at=NOW + DAY)
    assert yen_of(late) == [100]


def test_every_second_time_up_to_its_times() -> None:
    points = with_missions(mission({"by": "times", "wanted": 2}, "walk", "my-bottle", times=2, yen=30))
    person = points.town.person()
    assert yen_of(*walk(points, person, 0, 1, 2, 3, 4, 5, 6)) == [0, 30, 0, 30, 0, 0, 0]
    assert bonuses(points, person) == [(1, 30, "granted"), (2, 30, "granted")]


def test_the_first_time_and_coming_back() -> None:
    points = with_missions(
        mission({"by": "first"}, code="first", yen=50), mission({"by": "comeback", "days": 10}, code="back", yen=70)
    )
    person = points.town.person()
    assert yen_of(*walk(points, person, 0, 10, 21, 33)) == [50, 0, 70, 0]


def test_one_action_may_complete_several_missions() -> None:
    points = with_missions(mission(STREAK, code="row"), mission({"by": "times", "wanted": 3}, code="third", yen=40))
    person = points.town.person()
    done = walk(points, person, 0, 1, 2)
    assert [(each.mission, each.yen) for each in done[-1].bonuses] == [("row", 100), ("third", 40)]
    assert held(points, person) == 170


def test_only_days_of_the_window_count() -> None:
    window = {"first_day": (NOW + DAY).date(), "last_day": (NOW + 5 * DAY).date()}
    points = with_missions(mission(STREAK, window=window))
    person = points.town.person()
    assert yen_of(*walk(points, person, 0, 1, 2, 3)) == [0, 0, 0, 100]


def test_what_waits_to_be_confirmed_is_no_stamp_until_it_is() -> None:
    points = with_missions(mission({"by": "times", "wanted": 1}, "check-up"))
    person = points.town.person()
    waiting = points.do(person, "check-up")
    assert (waiting.state, waiting.bonuses) == ("held", ())
    made = operations.attest_action(record=waiting.record, by=points.maker, at=NOW)
    assert yen_of(made) == [100]


def test_who_is_attested_at_the_desk_completes_it_there() -> None:
    points = with_missions(mission({"by": "first"}, "check-up"))
    person = points.town.person()
    made = operations.attest_at_desk(
        action=points.actions["check-up"], resident=person.party, request=uuid4(), by=points.maker, at=NOW
    )
    assert yen_of(made) == [100]


# --- money -----------------------------------------------------------------------------------------------------------


def test_the_bonus_is_shared_by_the_purses_funders_exactly() -> None:
    points = with_missions(mission({"by": "first"}))
    before = [points.budget(fund) for fund in ("town", "sponsor")]
    walk(points, points.town.person(), 0)
    assert [was - points.budget(fund) for was, fund in zip(before, ("town", "sponsor"), strict=True)] == [77, 33]


def test_a_mission_with_funders_of_its_own_takes_nothing_from_the_others() -> None:
    points = with_missions(mission({"by": "first"}, funded_by="sponsor"))
    before = [points.budget(fund) for fund in ("town", "sponsor")]
    walk(points, points.town.person(), 0)
    assert [was - points.budget(fund) for was, fund in zip(before, ("town", "sponsor"), strict=True)] == [7, 103]


def test_a_bonus_is_cut_by_the_limits_over_all() -> None:
    points = with_missions(mission({"by": "first"}), obtaining__limits=[{"per": "month", "yen": 60}])
    person = points.town.person()
    (done,) = walk(points, person, 0)
    assert [(each.yen, each.cut_by) for each in done.bonuses] == [(50, "month_yen")]
    assert held(points, person) == 60
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM points_missionbonus WHERE cut_by = ''")
        assert cursor.fetchone() == (0,)


def test_a_bonus_for_which_nothing_is_left_waits_and_comes_with_the_next_action() -> None:
    points = with_missions(mission({"by": "times", "wanted": 2}), obtaining__limits=[{"per": "day", "yen": 10}])
    person = points.town.person()
    assert yen_of(*walk(points, person, 0, 1, 2)) == [0, 0, 0]
    assert bonuses(points, person) == []
    town = with_missions(mission({"by": "times", "wanted": 2}), obtaining__limits=[{"per": "month", "yen": 20}])
    person = town.town.person()
    assert yen_of(*walk(town, person, 0, 1)) == [0, 0]
    assert yen_of(*walk(town, person, 31)) == [10]  # next month, after the walk's own ten


def test_an_empty_budget_refuses_the_bonus_and_not_the_action() -> None:
    points = with_missions(
        mission({"by": "first"}, funded_by="extra"),
        funds=[*_funds(), {**_funds()[0], "code": "extra", "amount_yen": 250}],
    )
    done = [walk(points, points.town.person(), 0)[0] for _ in range(4)]
    assert [each.granted_yen for each in done] == [10] * 4
    assert yen_of(*done) == [100, 100, 0, 0]
    assert points.budget("extra") == 50


def _funds() -> list[dict[str, Any]]:
    from tests.programmes.builders import POINT, tree_of

    return list(tree_of(POINT, {})["funds"])


def test_a_bonus_repays_a_debt_first() -> None:
    points = with_missions(mission({"by": "times", "wanted": 2}))
    person = points.town.person()
    done = walk(points, person, 0)
    spend_all(points, person)
    withdraw(points, done[0])
    assert debt(points, person) == 10
    walk(points, person, 2, 3)
    assert (debt(points, person), held(points, person)) == (0, 110)


# --- taken back ------------------------------------------------------------------------------------------------------


def test_a_withdrawn_action_takes_the_bonus_with_it_and_completing_again_grants_again() -> None:
    points = with_missions(mission(STREAK))
    person = points.town.person()
    before = [points.budget(fund) for fund in ("town", "sponsor")]
    done = walk(points, person, 0, 1, 2)
    withdraw(points, done[1], at=NOW + 3 * DAY)
    assert (held(points, person), bonuses(points, person)) == (20, [(1, 100, "withdrawn")])
    again = points.do(person, at=NOW + 3 * DAY, done_at=NOW + DAY)
    assert yen_of(again) == [100]
    assert bonuses(points, person) == [(1, 100, "withdrawn"), (2, 100, "granted")]
    assert held(points, person) == 130
    assert [was - points.budget(fund) for was, fund in zip(before, ("town", "sponsor"), strict=True)] == [91, 39]


def test_a_withdrawal_that_leaves_it_complete_takes_no_bonus() -> None:
    points = with_missions(mission({"by": "times", "wanted": 2}))
    person = points.town.person()
    done = walk(points, person, 0, 1, 2)
    withdraw(points, done[0], at=NOW + 3 * DAY)
    assert bonuses(points, person) == [(1, 100, "granted")]
    withdraw(points, done[1], at=NOW + 3 * DAY)
    assert bonuses(points, person) == [(1, 100, "withdrawn")]


def test_a_bonus_that_was_spent_becomes_a_debt() -> None:
    points = with_missions(mission({"by": "first"}))
    person = points.town.person()
    done = walk(points, person, 0)
    spend_all(points, person, keep=30)
    withdraw(points, done[0])
    assert (held(points, person), debt(points, person)) == (0, 80)
    assert points.town.topics(person)[-1] == "mission.withdrawn"
    last = notices.inbox(person.party, municipality=points.town.municipality)[0].wording.text_ja
    assert "次に付くポイントから先にあてます" in last


def test_a_bonus_of_own_funders_goes_back_to_them() -> None:
    points = with_missions(mission({"by": "first"}, funded_by="sponsor"))
    before = [points.budget(fund) for fund in ("town", "sponsor")]
    (done,) = walk(points, points.town.person(), 0)
    withdraw(points, done)
    assert [points.budget(fund) for fund in ("town", "sponsor")] == before


def test_the_ceiling_of_a_bonus_that_went_back_is_free_again() -> None:
    points = with_missions(mission({"by": "first"}), obtaining__limits=[{"per": "month", "yen": 110}])
    person = points.town.person()
    (done,) = walk(points, person, 0)
    withdraw(points, done)
    assert yen_of(*walk(points, person, 2)) == [100]


# --- told, once, in one batch ----------------------------------------------------------------------------------------


def test_the_person_is_told_once() -> None:
    points = with_missions(mission({"by": "first"}))
    person = points.town.person()
    walk(points, person, 0, 1)
    assert points.town.topics(person).count("mission.completed") == 1
    told = [each.wording for each in notices.inbox(person.party, municipality=points.town.municipality)]
    assert any("達成しました" in each.title_ja and "100円" in each.text_ja for each in told)


def test_the_same_request_again_gives_no_second_bonus() -> None:
    points = with_missions(mission({"by": "times", "wanted": 1}, "walk", times=5))
    person, request = points.town.person(), uuid4()
    first = points.do(person, request=request)
    again = points.do(person, request=request)
    assert (yen_of(first), again.replayed) == ([100], True)
    assert bonuses(points, person) == [(1, 100, "granted")]


def reports(points: Menu, people: list[Actor], day: int) -> list[Report]:
    at = NOW + timedelta(days=day)
    return [Report(points.actions["walk"], uuid4(), each, done_at=at) for each in people]


def test_a_batch_asks_no_more_for_many_than_for_few() -> None:
    points = with_missions(mission({"by": "times", "wanted": 2}))
    town = points.town.municipality
    few, many = ([points.town.person() for _ in range(size)] for size in (2, 30))
    asked = []
    for people in (few, many):
        operations.record_actions(reports(points, people, 0), municipality=town, at=NOW)
        with CaptureQueriesContext(connection, ) as queries:
            answers = operations.record_actions(reports(points, people, 1), municipality=town, at=NOW + DAY)
        assert all(isinstance(each, operations.Recorded) and yen_of(each) == [100] for each in answers)
        asked.append(len(queries))
    assert asked[1] <= asked[0]


def test_actions_that_no_mission_counts_ask_nothing_of_missions() -> None:
    points = with_missions(mission(STREAK, "bus"))
    person = points.town.person()
    with CaptureQueriesContext(connection) as queries:
        walk(points, person, 0)
    assert not [each for each in queries if "missionbonus" in each["sql"]]


def test_who_has_it_is_not_looked_up_again() -> None:
    points = with_missions(mission({"by": "first"}))
    person = points.town.person()
    walk(points, person, 0)
    with CaptureQueriesContext(connection) as queries:
        walk(points, person, 1)
    assert [each for each in queries if "points_missionbonus" in each["sql"]]
    assert not [each for each in queries if "array_agg" in each["sql"]]


def test_steps_of_several_days_complete_a_streak(monkeypatch: pytest.MonkeyPatch) -> None:
    from meguri.programmes.points.step_rules import StepSource

    points = with_missions(mission(STREAK, "walk-8000"))
    person = points.town.person()
    days = {(NOW - day * DAY).date(): 9_000 for day in range(3)}
    number = operations.bring_steps(days, source=StepSource.CSV, digest="a" * 64, by=person, at=NOW)
    operations.count_steps(brought=number, by=person, at=NOW)
    assert bonuses(points, person) == [(1, 100, "granted")]
    assert held(points, person) == 130
