"""Recording in a server process: who comes together is served together, and nobody pays for another's trouble."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from datetime import datetime
from uuid import uuid4

import pytest
from django.db import OperationalError

from meguri.programmes.points import serving
from meguri.programmes.points.models import ActionRecord
from meguri.programmes.points.operations import Recorded, Report
from meguri.programmes.points.serving import Coming
from meguri.words.actor import Actor
from meguri.words.refusal import Refusal
from tests.programmes.points.conftest import NOW, Menu, menu
from tests.programmes.vouchers.lived_town import at_once, refused

pytestmark = pytest.mark.django_db(transaction=True)

Served = list[int]


@pytest.fixture
def points(transactional_db: None) -> Iterator[Menu]:
    yield menu()
    serving.stop()


@pytest.fixture
def served(monkeypatch: pytest.MonkeyPatch) -> Served:
    """How many reports each call of the operation had."""
    sizes: Served = []
    real = serving.record_actions

    def counted(reports: Sequence[Report], *, municipality: int, at: datetime) -> list[Recorded | Refusal]:
        sizes.append(len(reports))
        if len(sizes) == 1:
            time.sleep(0.3)  # whoever comes meanwhile gathers, also on a machine that has little time for this test
        return real(reports, municipality=municipality, at=at)

    monkeypatch.setattr(serving, "record_actions", counted)
    return sizes


def coming(points: Menu, person: Actor, action: str = "walk") -> Coming:
    return Coming(Report(points.actions[action], uuid4(), person), points.town.municipality, NOW)


def test_who_comes_together_is_served_together(points: Menu, served: Served) -> None:
    people = [points.town.person() for _ in range(12)]
    answers = serving.record_all_soon([coming(points, person) for person in people])
    assert [each.granted_yen for each in answers if isinstance(each, Recorded)] == [10] * 12
    assert sum(served) == 12
    assert len(served) < 12
    assert all(points.town.held(person) == {"points": 10} for person in people)


def test_a_refusal_is_raised_for_its_caller_alone(points: Menu) -> None:
    person, stranger = points.town.person(), points.town.stranger()
    good, bad = at_once(
        lambda: serving.record_soon(coming(points, person)), lambda: serving.record_soon(coming(points, stranger))
    )
    assert isinstance(good, Recorded)
    assert isinstance(bad, Refusal)
    assert bad.code == "action_resident_unknown"
    with refused("action_ceiling_reached"):
        serving.record_soon(coming(points, person))


def test_what_nobody_expected_befalls_one_alone(points: Menu, monkeypatch: pytest.MonkeyPatch) -> None:
    unlucky, lucky = coming(points, points.town.person()), coming(points, points.town.person())
    real = serving.record_actions

    def broken(reports: Sequence[Report], *, municipality: int, at: datetime) -> list[Recorded | Refusal]:
        if unlucky.report in reports:
            raise LookupError("a fault of ours")
        return real(reports, municipality=municipality, at=at)

    monkeypatch.setattr(serving, "record_actions", broken)
    first, second = serving._record([unlucky, lucky], municipality=points.town.municipality)
    assert isinstance(first, LookupError)
    assert isinstance(second, Recorded)
    (alone,) = serving._record([unlucky], municipality=points.town.municipality)
    assert isinstance(alone, LookupError)
    with pytest.raises(LookupError):
        serving.record_all_soon([unlucky])


def test_a_restart_of_the_database_is_survived_once(points: Menu, monkeypatch: pytest.MonkeyPatch) -> None:
    real, faults = serving.record_actions, [OperationalError("the server closed the connection")]

    def shaken(reports: Sequence[Report], *, municipality: int, at: datetime) -> list[Recorded | Refusal]:
        if faults:
            raise faults.pop()
        return real(reports, municipality=municipality, at=at)

    monkeypatch.setattr(serving, "record_actions", shaken)
    assert serving.record_soon(coming(points, points.town.person())).granted_yen == 10
    faults[:] = [OperationalError("away")] * 2
    with pytest.raises(OperationalError):
        serving.record_soon(coming(points, points.town.person()))
    assert ActionRecord.objects.filter(municipality=points.town.municipality).count() == 1


def test_towns_are_served_apart(points: Menu, served: Served) -> None:
    other = menu()
    batch = [coming(points, points.town.person()), coming(other, other.town.person())]
    answers = serving._serve([*batch, coming(points, points.town.person())])
    assert all(isinstance(each, Recorded) for each in answers)
    assert sorted(served) == [1, 2]


def test_stopped_it_starts_again_with_the_next_report(points: Menu) -> None:
    serving.stop()
    assert serving.record_soon(coming(points, points.town.person())).granted_yen == 10
    serving.stop()
    serving.stop()
    assert serving.record_soon(coming(points, points.town.person())).granted_yen == 10
