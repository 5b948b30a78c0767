"""The rooms' own invariants are run by one command and every night: what is wrong is said, and rings the alarm."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta

import pytest
from django.db import connection

from meguri.ledger import operations
from meguri.site import checking, tasks
from meguri.words.clock import now
from tests.ledger.conftest import AT, Books, open_books

pytestmark = pytest.mark.django_db


@pytest.fixture
def lived(db: None) -> Books:
    books = open_books()
    operations.set_clock_offset(municipality=books.municipality, offset=timedelta(days=-3))
    books.appropriate(1000)
    books.grant(300)
    operations.set_clock_offset(municipality=books.municipality, offset=timedelta(0))  # that day is over now
    operations.sum_days(municipality=books.municipality)
    return books


def test_every_room_that_has_checks_is_asked() -> None:
    names = [name for name, _ in checking.checks()]
    rooms = {name.rpartition(".checks.")[0] for name in names}
    assert {"parties", "vault", "settlement", "evidence", "ledger", "programmes.vouchers"} <= rooms
    assert "settlement.checks.reconcile" in names
    assert "evidence.checks.roles_of" not in names
    assert not any("._" in name for name in names)


def test_a_sound_town_has_nothing_to_say(lived: Books) -> None:
    assert checking.faults(municipality=lived.municipality, at=AT) == {}


def test_what_is_wrong_is_said_and_rings_the_alarm(lived: Books, caplog: pytest.LogCaptureFixture) -> None:
    with connection.cursor() as cursor:
        cursor.execute("UPDATE ledger.day_sum SET amount = amount + 1 WHERE municipality_id = %s", [lived.municipality])
        assert cursor.rowcount
    found = checking.faults(municipality=lived.municipality, at=AT)
    assert list(found) == ["ledger.checks.day_sums_match_the_entries"]
    with caplog.at_level(logging.ERROR):
        tasks.check_everything(municipality=lived.municipality, at=AT)
    assert f"municipality {lived.municipality}: ledger.checks.day_sums_match_the_entries" in caplog.text


def test_a_check_that_asks_for_the_time_is_told(lived: Books, monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[datetime] = []

    def late(municipality: int, at: datetime) -> list[str]:
        told.append(at)
        return []

    monkeypatch.setattr(checking, "checks", lambda: [("x", late)])
    moment = now()
    assert checking.faults(municipality=lived.municipality, at=moment) == {}
    assert told == [moment]
