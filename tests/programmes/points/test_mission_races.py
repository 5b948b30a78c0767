"""Two actions at once complete a mission once. First the race is seen with its locks broken."""

from __future__ import annotations

import time
from itertools import count

import pytest
from django.db import IntegrityError, connection

from meguri.programmes.points import missions as standing_room
from meguri.programmes.points.models import MissionBonus
from meguri.programmes.points.operations import confirming, granting, recording
from meguri.programmes.points.operations import missions as rewarding
from meguri.words.actor import Actor
from tests.programmes.builders import POINT, tree_of
from tests.programmes.points.conftest import NOW, Menu
from tests.programmes.points.missions import DAY, bonuses, mission, with_missions, yen_of
from tests.programmes.points.test_withdrawing import withdraw
from tests.programmes.vouchers.lived_town import at_once

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def points(transactional_db: None) -> Menu:
    """Walks, rides and the bonus have funds of their own, and no ceiling is shared: only the line lets one wait."""
    extra = {**tree_of(POINT, {})["funds"][0], "code": "extra"}
    return with_missions(
        mission({"by": "times", "wanted": 3}, "walk", "bus", funded_by="extra"), funds__2=extra,
        obtaining__limits=[], obtaining__actions__0__funded_by="town", obtaining__actions__2__funded_by="sponsor",
    )  # fmt: skip


@pytest.fixture(autouse=True)
def busy_server(monkeypatch: pytest.MonkeyPatch) -> None:
    """Between looking at what was done and giving the bonus, others get their turn."""
    look = standing_room.standing_of

    def slowly(*args: object, **more: object) -> object:
        found = look(*args, **more)  # type: ignore[arg-type]
        time.sleep(0.2)
        return found

    monkeypatch.setattr(rewarding, "standing_of", slowly)


@pytest.fixture
def nobody_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    for room in (recording, confirming):
        monkeypatch.setattr(room, "wait_in_line", lambda *_, **__: None)
        monkeypatch.setattr(room, "hold_agreements", lambda *_, **__: None)
    monkeypatch.setattr(granting.programmes, "wait_for_holding", lambda *_: None)


@pytest.fixture
def no_walls(monkeypatch: pytest.MonkeyPatch, transactional_db: None) -> None:
    """Every bonus is its own number, and the table takes several of one turn."""
    numbers = count(1)
    monkeypatch.setattr(standing_room.Standing, "last_number", lambda *_: next(numbers))
    with connection.cursor() as cursor:
        cursor.execute("DROP INDEX one_standing_bonus_for_a_turn")


def race(points: Menu, person: Actor) -> list[object]:
    """A walk and a ride are reported at the same moment; the lots and wallets that they need are there."""
    points.do(person, at=NOW - DAY)
    points.ride(person, NOW - DAY)
    other = points.town.person()
    points.do(other)
    points.ride(other)
    return at_once(lambda: points.do(person), lambda: points.ride(person))


def test_the_alarm_rings_when_nobody_waits(points: Menu, nobody_waits: None) -> None:
    """Both find it completed: the table's wall stops the second, with an error and not kindly."""
    answers = race(points, points.town.person())
    assert [type(each) for each in answers].count(IntegrityError) == 1


def test_without_the_line_and_the_walls_it_is_paid_twice(points: Menu, nobody_waits: None, no_walls: None) -> None:
    person = points.town.person()
    try:
        race(points, person)
        assert len(bonuses(points, person)) == 2
    finally:
        MissionBonus.objects.all().delete()
        with connection.cursor() as cursor:
            cursor.execute(
                "CREATE UNIQUE INDEX one_standing_bonus_for_a_turn ON points_missionbonus"
                " (programme, mission, resident, turn) WHERE state = 'granted'"
            )


def test_two_actions_at_once_complete_it_once(points: Menu) -> None:
    person = points.town.person()
    answers = race(points, person)
    assert sorted(yen_of(*answers)) == [0, 100]  # type: ignore[arg-type]
    assert bonuses(points, person) == [(1, 100, "granted")]
    assert points.town.held(person) == {"points": 140}


def test_four_phones_send_the_same_walk(points: Menu) -> None:
    person = points.town.person()
    points.do(person, at=NOW - DAY)
    points.ride(person, NOW - DAY)
    at_once(*[lambda: points.do(person)] * 4)
    assert points.town.held(person) == {"points": 130}


def test_a_withdrawal_and_the_next_action_at_once(points: Menu) -> None:
    """Whichever comes first, one bonus stands for the action that stands."""
    person = points.town.person()
    points.do(person, at=NOW - DAY)
    points.ride(person, NOW - DAY)
    done = points.do(person)
    at_once(lambda: withdraw(points, done), lambda: points.ride(person, NOW + DAY))
    standing = [each for each in bonuses(points, person) if each[2] == "granted"]
    assert len(standing) == 1
    assert points.town.held(person) == {"points": 130}


def test_many_people_with_funders_of_their_own_wait_for_nobody_in_a_ring(transactional_db: None) -> None:
    """Actions of one agreement whose bonus is another's, and the other way round: no two wait for each other."""
    points = with_missions(
        mission({"by": "times", "wanted": 1}, "walk", code="a", funded_by="town"),
        mission({"by": "times", "wanted": 1}, "bus", code="b", funded_by="sponsor"),
    )
    people = [points.town.person() for _ in range(6)]
    answers = at_once(*(
        (lambda person=person: points.do(person)) if place % 2 else (lambda person=person: points.ride(person))
        for place, person in enumerate(people)
    ))  # fmt: skip
    assert yen_of(*answers) == [100] * 6  # type: ignore[arg-type]
    assert (2_100_000 - points.budget("town"), 900_000 - points.budget("sponsor")) == (300 + 42, 300 + 18)
