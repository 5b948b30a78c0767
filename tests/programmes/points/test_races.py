"""Many at once on a real server. Where a lock of this room matters, the race is first seen with the lock broken."""

from __future__ import annotations

import time
from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import IntegrityError

from meguri.programmes.points import operations
from meguri.programmes.points.models import ActionRecord
from meguri.programmes.points.operations import confirming, granting, recording
from meguri.programmes.points.step_rules import StepSource
from meguri.words.actor import Actor
from meguri.words.refusal import Refusal
from tests.programmes.points.conftest import NOW, Menu, menu
from tests.programmes.vouchers.lived_town import at_once

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def points(transactional_db: None) -> Menu:
    return menu(obtaining__limits=[{"per": "day", "yen": 15}])


@pytest.fixture(autouse=True)
def busy_server(monkeypatch: pytest.MonkeyPatch) -> None:
    """Between reading what is left and posting, others get their turn."""
    read = granting.left_of

    def slowly(*args: object, **more: object) -> object:
        left = read(*args, **more)  # type: ignore[arg-type]
        time.sleep(0.1)
        return left

    monkeypatch.setattr(granting, "left_of", slowly)


@pytest.fixture
def nobody_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    for room in (recording, confirming):
        monkeypatch.setattr(room, "wait_in_line", lambda *_, **__: None)
    monkeypatch.setattr(granting.programmes, "wait_for_holding", lambda *_: None)


def told(answers: list[object]) -> list[str]:
    return sorted(
        answer.code if isinstance(answer, Refusal)
        else f"{answer.granted_yen}{' again' if answer.replayed else ''}" if isinstance(answer, operations.Recorded)
        else type(answer).__name__
        for answer in answers
    )  # fmt: skip


def ride_twice(points: Menu, person: Actor) -> list[str]:
    points.ride(points.town.person())  # the day's lots are there: whoever makes one first lets others wait for it
    return told(at_once(*[lambda: points.ride(person)] * 2))


def press_twice(points: Menu, person: Actor) -> list[str]:
    points.do(points.town.person())
    request = uuid4()
    return told(at_once(*[lambda: points.do(person, request=request)] * 2))


def test_the_alarm_rings_when_nobody_waits_in_line(points: Menu, nobody_waits: None) -> None:
    """The books keep the limit all the same, but the second ride is refused where 5 yen were still due."""
    assert ride_twice(points, points.town.person()) == ["10", "action_ceiling_reached"]
    assert press_twice(points, points.town.person()) != ["10", "10 again"]


def test_two_rides_at_once_get_all_that_the_limit_gives(points: Menu) -> None:
    person = points.town.person()
    assert ride_twice(points, person) == ["10", "5"]
    assert points.town.held(person) == {"points": 15}


def test_one_request_sent_twice_at_once_is_one_action(points: Menu) -> None:
    person = points.town.person()
    assert press_twice(points, person) == ["10", "10 again"]
    assert points.town.held(person) == {"points": 10}


def test_the_same_action_from_four_phones_is_granted_once(points: Menu) -> None:
    person = points.town.person()
    answers = told(at_once(*[lambda: points.do(person)] * 4))
    assert answers == ["10", *["action_ceiling_reached"] * 3]
    assert points.town.held(person) == {"points": 10}


def test_two_officers_confirm_at_once(points: Menu) -> None:
    person = points.town.person()
    held = points.do(person, "check-up")
    answers = told(at_once(
        lambda: operations.attest_action(record=held.record, by=points.maker, at=NOW),
        lambda: operations.attest_action(record=held.record, by=points.checker, at=NOW),
        lambda: operations.decline_action(record=held.record, reason="no", by=points.maker, at=NOW),
    ))  # fmt: skip
    row = ActionRecord.objects.get(id=held.record)
    if row.state == "granted":
        assert answers == ["15", "15 again", "action_record_judged"]
    else:
        assert answers == ["0", "action_record_judged", "action_record_judged"]
    assert points.town.held(person).get("points", 0) == row.granted_yen


def test_many_people_share_one_agreement_exactly(points: Menu) -> None:
    people = [points.town.person() for _ in range(6)]
    answers = told(at_once(*(lambda person=person: points.do(person) for person in people)))
    assert answers == ["10"] * 6
    assert (2_100_000 - points.budget("town"), 900_000 - points.budget("sponsor")) == (42, 18)


@pytest.fixture
def in_step(monkeypatch: pytest.MonkeyPatch) -> None:
    """A grant has locked the shares and comes to the books while a withdrawal has posted and comes to the shares."""
    posted, counted = granting._asked, confirming.came_back

    def asked(*args: object, **more: object) -> object:
        time.sleep(0.4)
        return posted(*args, **more)  # type: ignore[arg-type]

    def back(*args: object) -> object:
        time.sleep(0.4)
        return counted(*args)  # type: ignore[arg-type]

    monkeypatch.setattr(granting, "_asked", asked)
    monkeypatch.setattr(confirming, "came_back", back)


def withdraw_beside_a_walk(points: Menu) -> list[str]:
    wrong = points.do(points.town.person())
    other = points.town.person()
    return told(at_once(
        lambda: operations.withdraw_action(record=wrong.record, reason="違う人", by=points.checker, at=NOW),
        lambda: points.do(other),
    ))  # fmt: skip


def test_the_alarm_rings_when_a_withdrawal_takes_the_books_before_the_shares(
    points: Menu, in_step: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(confirming.programmes, "hold_shares", lambda **_: None)
    assert "OperationalError" in withdraw_beside_a_walk(points), "each waits for the other, and one is broken off"


def test_a_withdrawal_and_a_walk_do_not_wait_for_each_other_for_ever(points: Menu, in_step: None) -> None:
    assert withdraw_beside_a_walk(points) == ["10", "10"]
    assert (2_100_000 - points.budget("town"), 900_000 - points.budget("sponsor")) == (7, 3)


def test_the_database_keeps_one_record_for_a_request(points: Menu) -> None:
    done = points.do(points.town.person())
    row = ActionRecord.objects.get(id=done.record)
    row.id, row.posting, row.done_at = uuid4(), uuid4(), NOW + timedelta(days=1)
    with pytest.raises(IntegrityError, match="one_action_record_for_a_request"):
        row.save(force_insert=True)


def test_steps_counted_by_two_presses_at_once_are_paid_once(points: Menu) -> None:
    points.do(points.town.person())
    walker, on = points.town.person(), NOW.date()
    number = operations.bring_steps({on: 9_000}, source=StepSource.CSV, digest="ab" * 32, by=walker, at=NOW)
    answers = at_once(*[lambda: operations.count_steps(brought=number, by=walker, at=NOW)] * 2)
    assert answers == [None, None]
    assert list(ActionRecord.objects.filter(resident=walker.party).values_list("granted_yen", flat=True)) == [10]


def two_days_beside_a_walk(points: Menu) -> list[object]:
    """Yesterday's steps have taken the shares while somebody's walk of today has made today's lot; then comes today."""
    points.do(points.town.person(), at=NOW - timedelta(days=1))
    walker, other, on = points.town.person(), points.town.person(), NOW.date()
    days = {on - timedelta(days=1): 9_000, on: 9_000}
    number = operations.bring_steps(days, source=StepSource.CSV, digest="cd" * 32, by=walker, at=NOW)
    return at_once(
        lambda: operations.count_steps(brought=number, by=walker, at=NOW),
        lambda: (time.sleep(0.2), points.do(other))[1],
    )


def test_the_alarm_rings_when_a_day_is_made_after_another_took_the_shares(
    points: Menu, in_step: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recording, "_hold_all", lambda *_, **__: None)
    assert "OperationalError" in {type(each).__name__ for each in two_days_beside_a_walk(points)}


def test_steps_of_two_days_and_a_walk_do_not_wait_for_each_other_for_ever(points: Menu, in_step: None) -> None:
    counted, walked = two_days_beside_a_walk(points)
    assert (counted, told([walked])) == (None, ["10"])
    granted = ActionRecord.objects.values_list("granted_yen", flat=True)
    assert sum(granted) == 2_100_000 + 900_000 - points.budget("town") - points.budget("sponsor")
