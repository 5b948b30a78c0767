"""A log that falls behind rings the alarm: every receipt has its proof within five seconds, or somebody is told."""

from __future__ import annotations

import threading
from datetime import datetime, timedelta

import pytest
from django.conf import LazySettings
from django.db import connection, connections, transaction

from meguri.ledger import heads, log
from meguri.ledger.operations import set_clock_offset
from meguri.ledger.tasks import keep_log
from meguri.site.tasks import watch_log
from tests.ledger.conftest import Books, open_books

pytestmark = pytest.mark.django_db(transaction=True)
SECOND = timedelta(seconds=1)


@pytest.fixture
def town(transactional_db: None) -> Books:
    books = open_books()
    books.appropriate(1_000)
    books.grant(500)
    keep_log(municipality=books.municipality, at=now())
    return books


def now() -> datetime:
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        moment: datetime = cursor.fetchone()[0]
        return moment


def rings(town: Books, caplog: pytest.LogCaptureFixture, *, at: datetime) -> bool:
    caplog.clear()
    watch_log(municipality=town.municipality, at=at)
    alarms = [record for record in caplog.records if record.levelname == "ERROR"]
    assert all("the log is behind" in record.getMessage() for record in alarms)
    return bool(alarms)


def test_a_payment_without_a_number_rings_after_five_seconds(town: Books, caplog: pytest.LogCaptureFixture) -> None:
    at = town.pay(10).recorded_at
    assert not rings(town, caplog, at=at + 5 * SECOND)
    assert rings(town, caplog, at=at + 6 * SECOND)
    keep_log(municipality=town.municipality, at=at + 6 * SECOND)
    assert not rings(town, caplog, at=at + 60 * SECOND)


def test_a_payment_with_a_number_and_without_a_signed_head_rings(
    town: Books, caplog: pytest.LogCaptureFixture
) -> None:
    at = town.pay(10).recorded_at
    log.number_postings(municipality=town.municipality)
    assert not rings(town, caplog, at=at + 4 * SECOND)
    assert rings(town, caplog, at=at + 6 * SECOND)
    late = heads.lateness(municipality=town.municipality, at=at + 6 * SECOND)
    assert late == 6 * SECOND  # the first that waits, not the last
    town.pay(20)
    assert heads.lateness(municipality=town.municipality, at=at + 6 * SECOND) == late


def test_where_the_key_is_away_only_numbers_are_waited_for(
    town: Books, caplog: pytest.LogCaptureFixture, settings: LazySettings
) -> None:
    settings.LOG_KEY = heads.AWAY
    at = town.pay(10).recorded_at
    assert rings(town, caplog, at=at + 6 * SECOND)
    log.number_postings(municipality=town.municipality)
    assert not rings(town, caplog, at=at + 6 * SECOND)


def test_a_clock_that_is_moved_rings_nothing(town: Books, caplog: pytest.LogCaptureFixture) -> None:
    at = town.pay(10).recorded_at
    set_clock_offset(municipality=town.municipality, offset=timedelta(hours=-20))
    assert not rings(town, caplog, at=at + timedelta(hours=9))
    set_clock_offset(municipality=town.municipality, offset=timedelta(0))
    assert rings(town, caplog, at=at + timedelta(hours=9))


def test_an_old_town_that_rests_is_silent(town: Books, caplog: pytest.LogCaptureFixture) -> None:
    assert not rings(town, caplog, at=now() + timedelta(days=400))
    empty = open_books()
    assert not rings(empty, caplog, at=now() + timedelta(days=400))


def test_a_sequencer_that_is_held_up_rings(town: Books, caplog: pytest.LogCaptureFixture) -> None:
    """A transaction that writes and does not end holds every number back; the payments go on, and the alarm rings."""
    begun, enough = threading.Event(), threading.Event()

    def never_ends() -> None:
        with transaction.atomic():
            town.pay(1)
            begun.set()
            enough.wait(20)
        connections.close_all()

    other = open_books()  # its own purse, so that no row makes the payments wait for each other
    other.appropriate(100)
    other.grant(100)
    keep_log(municipality=other.municipality, at=now())
    holding = threading.Thread(target=never_ends)
    holding.start()
    try:
        assert begun.wait(10)
        at = other.pay(10).recorded_at
        keep_log(municipality=other.municipality, at=at + 6 * SECOND)
        assert rings(other, caplog, at=at + 6 * SECOND)
    finally:
        enough.set()
        holding.join()
    keep_log(municipality=other.municipality, at=at + 7 * SECOND)
    assert not rings(other, caplog, at=at + 7 * SECOND)


def test_more_than_one_turn_is_numbered_turn_by_turn_in_the_order_of_the_writers(
    town: Books, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What waits behind a full turn is said, and its next turn is now; the order is the one of a single turn."""
    monkeypatch.setattr(log, "MOST", 4)
    monkeypatch.setattr(log.number_postings, "__kwdefaults__", {"most": 4})
    paid = [town.pay(1).posting for _ in range(10)]
    turns = []
    while keep_log(municipality=town.municipality, at=now()):
        turns.append(log.size(municipality=town.municipality))
    assert turns == [6, 10]
    assert log.size(municipality=town.municipality) == 12
    numbers = [log.number_of(each, municipality=town.municipality) for each in paid]
    assert numbers == list(range(3, 13))
    head = heads.latest(municipality=town.municipality)
    assert head is not None
    assert head.size == 12
