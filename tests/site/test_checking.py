"""The rooms' own invariants are run by one command and every night: what is wrong is said, and rings the alarm."""

from __future__ import annotations

import logging
from concurrent.futures import ThreadPoolExecutor
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


@pytest.mark.django_db(transaction=True)
def test_what_is_posted_while_a_check_reads_is_no_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    """A till never rests, so a check that reads twice must read twice the same; else it would ring at every payment."""
    books = open_books()
    books.appropriate(1000)

    def reads_twice(municipality: int) -> list[str]:
        before = _postings(municipality)
        with ThreadPoolExecutor(1) as till:
            till.submit(_pays, books).result()
        return [] if _postings(municipality) == before else ["it moved"]

    monkeypatch.setattr(checking, "checks", lambda: iter([("room.checks.reads_twice", reads_twice)]))
    assert checking.faults(municipality=books.municipality, at=AT) == {}
    assert _postings(books.municipality) == 2
    assert reads_twice(books.municipality) == ["it moved"], "asked by itself it sees both moments"


def _pays(books: Books) -> None:
    try:
        books.grant(10)
    finally:
        connection.close()


def _postings(municipality: int) -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM ledger.posting WHERE municipality_id = %s", [municipality])
        return int(cursor.fetchone()[0])
