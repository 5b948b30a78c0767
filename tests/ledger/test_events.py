"""The event cursor while many write: nothing missed, nothing twice, never out of order. Two other cursors fail here."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import pytest
from django.db import connection, connections, transaction

from meguri.ledger import log, operations, queries
from meguri.ledger.rules import Leg, Verdict
from tests.ledger.conftest import Books, open_books

pytestmark = pytest.mark.django_db(transaction=True)
WRITERS, ROUNDS = 6, 25


class GiveUp(Exception):
    """A writer's change of mind."""


@pytest.fixture
def town(transactional_db: None) -> Books:
    return open_books()


def spread(town: Books, writers: int) -> list[tuple[UUID, UUID]]:
    """A wallet and a shop for each writer, so that no balance makes them wait for each other."""
    ends = [(UUID(int=2 * n + 1), UUID(int=2 * n + 2)) for n in range(writers)]
    accounts = [town.account(end, role) for pair in ends for end, role in zip(pair, ("wallet", "shop"), strict=True)]
    operations.open_accounts(accounts, municipality=town.municipality)
    town.appropriate(10**6)
    for holder, _ in ends:
        leg = Leg(town.account(town.fund, "fund"), town.account(holder, "wallet"), 10_000, (town.own_lot,), town.lot)
        town.post("grant_points", leg)
    return ends


@dataclass
class Written:
    """What the writers know: the postings they committed, and for each the ones seen committed before it began."""

    made: list[UUID] = field(default_factory=list)
    before: dict[UUID, int] = field(default_factory=dict)
    lock: threading.Lock = field(default_factory=threading.Lock)


def write(town: Books, ends: tuple[UUID, UUID], *, seed: int, written: Written) -> None:
    """Transactions of one to three postings: quick ones, ones that commit late, ones that are rolled back."""
    chance = random.Random(seed)
    try:
        for _ in range(ROUNDS):
            with written.lock:
                begun = len(written.made)
            try:
                with transaction.atomic():
                    mine = [pay(town, ends) for _ in range(chance.randint(1, 3))]
                    time.sleep(chance.choice([0, 0, 0.001, 0.03]))
                    change_mind(chance)
            except GiveUp:
                continue
            with written.lock:
                written.made += mine
                written.before |= dict.fromkeys(mine, begun)
    finally:
        connections.close_all()


def change_mind(chance: random.Random) -> None:
    if chance.random() < 0.2:
        raise GiveUp


def pay(town: Books, ends: tuple[UUID, UUID]) -> UUID:
    leg = Leg(town.account(ends[0], "wallet"), town.account(ends[1], "shop"), 1, (town.lot,))
    verdict: Verdict = town.post("pay", leg)
    return verdict.posting


def while_many_write(town: Books, look: Callable[[], object]) -> Written:
    """Call `look` again and again on a thread of its own until all writers are done, and once more afterwards."""
    written, ends = Written(), spread(town, WRITERS)
    done = threading.Event()

    def keep_looking() -> None:
        try:
            while not done.is_set():
                look()
            look()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(WRITERS + 1) as pool:
        reader = pool.submit(keep_looking)
        writers = [
            pool.submit(write, town, pair, seed=seed, written=written) for seed, pair in enumerate(ends)
        ]
        for writer in writers:
            writer.result()
        done.set()
        reader.result()
    return written


def test_the_cursor_misses_nothing_and_keeps_the_order(town: Books) -> None:
    seen: list[queries.Event] = []

    def look() -> None:
        log.number_postings(municipality=town.municipality, most=50)
        seen.extend(queries.events(municipality=town.municipality, after=len(seen), limit=40))

    written = while_many_write(town, look)
    for _ in range(100):
        look()
    assert [event.number for event in seen] == list(range(1, len(seen) + 1))
    places = {event.posting: event.number for event in seen}
    assert len(places) == len(seen)
    assert set(written.made) <= places.keys()
    assert len(seen) == 1 + WRITERS + len(written.made)  # nothing of what was rolled back
    for posting, before in written.before.items():  # cause comes before effect
        assert all(places[earlier] < places[posting] for earlier in written.made[:before])
    assert {event.template for event in seen} == {"appropriate", "grant_points", "pay"}
    for event in seen[-5:]:
        assert event.entries == tuple(queries.entries(event.posting, municipality=town.municipality))


def cursor_by(town: Books, column: str) -> Iterator[UUID]:
    """What one would write first: remember the last value of a column, ask for what is greater."""
    last: Any = None
    while True:
        with connection.cursor() as cursor:
            cursor.execute(
                f"SELECT {column}, id FROM ledger.posting WHERE municipality_id = %s"
                f" AND (%s::text IS NULL OR {column} > %s) ORDER BY 1",
                [town.municipality, last and str(last), last],
            )
            rows = cursor.fetchall()
        yield from (posting for _, posting in rows)
        last = rows[-1][0] if rows else last
        yield UUID(int=0)  # a look is over


@pytest.mark.parametrize("column", ["recorded_at", "written_by"])
def test_a_cursor_by_time_or_by_a_plain_sequence_misses_some(town: Books, column: str) -> None:
    """The control: both are given when a posting is written, and later ones may be committed earlier."""
    reading, seen = cursor_by(town, column), set()

    def look() -> None:
        while (posting := next(reading)).int:
            seen.add(posting)

    written = while_many_write(town, look)
    look()
    assert set(written.made) - seen


def test_an_older_writer_holds_the_numbers_back_until_it_has_ended(town: Books) -> None:
    ends = spread(town, 2)
    log.number_postings(municipality=town.municipality)
    begun, end = threading.Event(), threading.Event()

    def slow() -> UUID:
        try:
            with transaction.atomic():
                mine = pay(town, ends[0])
                begun.set()
                end.wait(20)
            return mine
        finally:
            connections.close_all()

    with ThreadPoolExecutor(1) as pool:
        older = pool.submit(slow)
        begun.wait(20)
        younger = pay(town, ends[1])
        assert log.number_postings(municipality=town.municipality) == 0  # committed, but not yet the next
        end.set()
        older.result()
    assert log.number_postings(municipality=town.municipality) == 2
    assert [e.posting for e in queries.events(municipality=town.municipality, after=3)] == [older.result(), younger]


def test_many_sequencers_at_once_are_one(town: Books) -> None:
    ends = spread(town, 4)
    for pair in ends * 10:
        pay(town, pair)

    def sequence(_: int) -> int:
        try:
            return sum(log.number_postings(municipality=town.municipality, most=5) for _ in range(5))
        finally:
            connections.close_all()

    with ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(sequence, range(4))) == 45
    events = queries.events(municipality=town.municipality, limit=1000)
    assert [event.number for event in events] == list(range(1, 46))


def test_a_page_begins_after_the_number_asked_for(town: Books) -> None:
    spread(town, 3)
    log.number_postings(municipality=town.municipality)
    pages = [queries.events(municipality=town.municipality, after=n, limit=2) for n in (0, 2, 4)]
    assert [[event.number for event in page] for page in pages] == [[1, 2], [3, 4], []]
    assert pages[0][0].entries[0].amount == 10**6
