"""A new version is put in while people pay: nobody waits for it (how long at most, the drill `migrating` measures)."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import pytest
from django.core.management import call_command
from django.core.management.commands.migrate import Command as DjangoMigrate
from django.db import OperationalError, connection, transaction

from meguri.ledger import operations
from meguri.ledger.poster import Poster, connect_as_django
from meguri.ledger.rules import Verdict
from tests.ledger.conftest import Books, open_books

pytestmark = pytest.mark.django_db(transaction=True)
LONG_S = 60
"""So long until a test gives up: far longer than anything here takes."""


def until(true: Callable[[], bool]) -> bool:
    ends = time.monotonic() + LONG_S
    while not true():
        if time.monotonic() > ends:
            return False
        time.sleep(0.01)
    return True


def waiting(least: int) -> bool:
    """Whether so many stand in front of the entries and may not in."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_locks WHERE relation = 'ledger.entry'::regclass AND NOT granted")
        return int(cursor.fetchone()[0]) >= least


class Payer(threading.Thread):
    """Pays one yen after the other."""

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self.town: Books = open_books()
        self.town.appropriate(10**6)
        self.town.grant(10**6)
        self.paid = 0
        self.ends = threading.Event()

    def run(self) -> None:
        poster = Poster()
        while not self.ends.is_set():
            sale = self.town.posting("pay", self.town.leg("wallet", "shop", 1))
            (answer,) = poster.post([sale], municipality=self.town.municipality)
            self.paid += isinstance(answer, Verdict)
        poster.close()

    def goes_on(self) -> bool:
        seen = self.paid
        return until(lambda: self.paid > seen + 10)


@pytest.fixture
def payer(transactional_db: None) -> Iterator[Payer]:
    payer = Payer()
    payer.start()
    assert payer.goes_on()
    yield payer
    payer.ends.set()
    payer.join(LONG_S)


@contextmanager
def meanwhile(asked: str) -> Iterator[None]:
    """A transaction that has asked this and is not at its end yet."""
    with connect_as_django() as own, own.transaction():
        own.execute(asked)
        yield


def migrate() -> None:
    try:
        call_command("migrate", verbosity=0)
    finally:
        connection.close()


def turn() -> None:
    """Turn to a month far ahead, and take that back: the months of the tests' database stay as they are."""
    try:
        with transaction.atomic():
            operations.turn_month(at=datetime.now(UTC) + timedelta(days=400))
            transaction.set_rollback(True)
    finally:
        connection.close()


def lock() -> None:
    with connect_as_django() as own, own.transaction():
        own.execute("LOCK TABLE ledger.entry IN ACCESS EXCLUSIVE MODE")


def test_no_function_is_dropped_that_a_payment_may_be_calling() -> None:
    """Put in anew it keeps its number: whoever has begun a call finds it until the end."""
    def numbers() -> dict[str, int]:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT oid::regprocedure::text, oid FROM pg_proc WHERE pronamespace = 'ledger'::regnamespace"
            )
            return dict(cursor.fetchall())

    before = numbers()
    migrate()
    assert len(before) > 20
    assert numbers() == before


def test_a_migration_waits_for_no_payment_and_none_for_it(payer: Payer) -> None:
    """While somebody's payment is not at its end, all of the present code is put in anew."""
    migrating = threading.Thread(target=migrate, daemon=True)
    with meanwhile("INSERT INTO ledger.entry SELECT * FROM ledger.entry WHERE false"):
        migrating.start()
        migrating.join(LONG_S)
        assert not migrating.is_alive()
    assert payer.goes_on()


def test_a_migration_that_needs_a_table_for_itself_asks_again_until_nobody_reads(
    payer: Payer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As a column added to a busy table would: it is undone and begun again, and people pay meanwhile."""
    tried: list[bool] = []

    def add_a_column(*_: object, **__: object) -> None:
        tried.append(False)
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("LOCK TABLE ledger.entry IN ACCESS EXCLUSIVE MODE")
            tried.append(True)

    monkeypatch.setattr(DjangoMigrate, "handle", add_a_column)
    migrating = threading.Thread(target=migrate, daemon=True)
    with meanwhile("SELECT count(*) FROM ledger.entry"):
        migrating.start()
        assert until(lambda: len(tried) > 1)
        assert payer.goes_on()
        assert not any(tried)
    migrating.join(LONG_S)
    assert tried[-1]
    assert payer.goes_on()


def test_a_migration_that_is_wrong_is_not_tried_again(monkeypatch: pytest.MonkeyPatch) -> None:
    tried: list[bool] = []

    def break_down(*_: object, **__: object) -> None:
        tried.append(True)
        raise OperationalError("the disk is full")

    monkeypatch.setattr(DjangoMigrate, "handle", break_down)
    with pytest.raises(OperationalError, match="full"):
        call_command("migrate", verbosity=0)
    assert len(tried) == 1


def test_a_month_is_turned_behind_a_long_report_without_a_jam(payer: Payer) -> None:
    """The entries' new part needs them for itself: that waits for a moment in which nobody reads."""
    turning = threading.Thread(target=turn, daemon=True)
    with meanwhile("SELECT count(*) FROM ledger.entry"):
        turning.start()
        assert until(lambda: waiting(1))
        assert payer.goes_on()
        assert turning.is_alive()
    turning.join(LONG_S)
    assert not turning.is_alive()
    assert payer.goes_on()


def test_who_waits_for_the_entries_without_giving_up_jams_the_payments(payer: Payer) -> None:
    """The control: behind the one who waits for the report, the payment waits too."""
    locking = threading.Thread(target=lock, daemon=True)
    with meanwhile("SELECT count(*) FROM ledger.entry"):
        locking.start()
        assert until(lambda: waiting(2))
    locking.join(LONG_S)
    assert payer.goes_on()
