"""Photos at the same moment on a real server; the race is first seen with nobody waiting in line."""

from __future__ import annotations

import time
from uuid import uuid4

import pytest

from meguri.programmes.points import operations
from meguri.programmes.points.models import ActionPhoto, ActionRecord
from meguri.programmes.points.operations import photographing, recording
from meguri.words.refusal import Refusal
from tests.programmes.points.conftest import NOW
from tests.programmes.points.photo_town import PhotoTown, photo_town, taken
from tests.programmes.vouchers.lived_town import at_once

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def town(transactional_db: None, monkeypatch: pytest.MonkeyPatch) -> PhotoTown:
    """Between reading what is left and writing the photo, others get their turn."""
    made, read = photo_town(), photographing.left_of
    made.send(made.points.town.person(), 9)  # the day's lots are there: whoever makes one first lets others wait
    taken(1)
    taken(2)

    def slowly(*args: object, **more: object) -> object:
        left = read(*args, **more)  # type: ignore[arg-type]
        time.sleep(0.3)
        return left

    monkeypatch.setattr(photographing, "left_of", slowly)
    return made


def told(answers: list[object]) -> list[str]:
    return sorted(
        answer.code if isinstance(answer, Refusal)
        else f"{answer.state}{' again' if answer.replayed else ''}" if isinstance(answer, operations.Recorded)
        else type(answer).__name__
        for answer in answers
    )  # fmt: skip


def send_two(town: PhotoTown) -> list[str]:
    person = town.points.town.person()
    return told(at_once(lambda: town.send(person, 1), lambda: town.send(person, 2)))


def send_twice(town: PhotoTown) -> list[str]:
    person, request = town.points.town.person(), uuid4()
    return told(at_once(*[lambda: town.send(person, 1, request=request)] * 2))


def test_the_alarm_rings_when_nobody_waits_in_line(town: PhotoTown, monkeypatch: pytest.MonkeyPatch) -> None:
    for room in (photographing, recording):
        monkeypatch.setattr(room, "wait_in_line", lambda *_, **__: None)
    assert send_two(town) == ["held", "held"], "two photos wait for the one time a day"
    assert send_twice(town) != ["held", "held again"]


def test_of_two_photos_at_once_the_days_limit_lets_one_wait(town: PhotoTown) -> None:
    assert send_two(town) == ["held", "photo_waiting_already"]


def test_one_request_sent_twice_at_once_is_one_photo(town: PhotoTown) -> None:
    before = ActionPhoto.objects.count()
    assert send_twice(town) == ["held", "held again"]
    assert ActionPhoto.objects.count() == before + 1


def test_of_yes_no_another_and_back_at_once_one_is_the_answer(town: PhotoTown) -> None:
    person = town.points.town.person()
    made = town.send(person, 1)
    town.look(made.record)
    about = {"record": made.record, "photo": town.last(made.record).id, "by": town.points.maker, "at": NOW}
    answers = told(at_once(
        lambda: operations.attest_action(**about),  # type: ignore[arg-type]
        lambda: operations.decline_action(**about, reason="no"),  # type: ignore[arg-type]
        lambda: operations.take_back_photo(record=made.record, by=person, at=NOW),
    ))  # fmt: skip
    row, photo = ActionRecord.objects.get(id=made.record), town.last(made.record)
    assert (row.state, photo.answer) in {("granted", "yes"), ("refused", "no"), ("refused", "back")}
    assert len([each for each in answers if each in {"granted", "refused"}]) == 1
    assert town.points.town.held(person).get("points", 0) == row.granted_yen
