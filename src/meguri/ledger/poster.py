"""The gathered way in: one thread, one connection, no timer; one fsync serves all who came meanwhile.

Only operations that write nothing but the posting may come this way (house rule: *gathered*).

A lost connection leaves the outcome of a batch unknown. Keys are permanent, so the poster simply posts the same batch
again: what was made answers with its first verdict, what was not is made now.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from typing import Any

import psycopg
from django.db import connection as django_connection
from psycopg import errors

from meguri.ledger.door import through_the_door
from meguri.ledger.rules import LEDGER_BUSY, LEDGER_UNREACHABLE, Posting, Verdict, check_form
from meguri.words.gathering import Gatherer
from meguri.words.refusal import Refusal

WAITING_MAX = 4_000
BATCH_MAX = 256
PATIENCE_S = 8.0
"""How long a batch is tried again after a lost connection before its callers are told to ask later."""

_PASSING = (errors.DeadlockDetected, errors.SerializationFailure, errors.UniqueViolation, psycopg.OperationalError)

Request = tuple[int, Posting]


class Poster:
    """Posts what callers submit. `connect` opens an autocommit connection; called again when one is lost."""

    def __init__(self, connect: Callable[[], psycopg.Connection[Any]]) -> None:
        self._connect = connect
        self._connection: psycopg.Connection[Any] | None = None
        self._gatherer: Gatherer[Request, Verdict] = Gatherer(
            self._serve, name="poster", busy=LEDGER_BUSY, batch_max=BATCH_MAX, waiting_max=WAITING_MAX
        )

    def submit(self, posting: Posting, *, municipality: int) -> Future[Verdict]:
        """Queue a posting. The future gives its Verdict or raises its Refusal. Raises Refusal `ledger_busy` at once
        when too many wait: the key stays unused, the caller may try again.
        """
        check_form(posting)
        return self._gatherer.submit((municipality, posting))

    def close(self) -> None:
        """Post what still waits, then let the connection go."""
        self._gatherer.close()
        if self._connection is not None:
            self._connection.close()

    def _serve(self, batch: Sequence[Request]) -> list[Verdict | Exception]:
        answers: dict[int, Verdict | Exception] = {}
        for municipality in {number for number, _ in batch}:
            places = [place for place, (number, _) in enumerate(batch) if number == municipality]
            answered = self._post([batch[place][1] for place in places], municipality)
            answers |= dict(zip(places, answered, strict=True))
        return [answers[place] for place in range(len(batch))]

    def _post(self, postings: Sequence[Posting], municipality: int) -> Sequence[Verdict | Refusal]:
        deadline = time.monotonic() + PATIENCE_S
        while True:
            try:
                if self._connection is None or self._connection.closed:
                    self._connection = self._connect()
                with self._connection.transaction(), self._connection.cursor() as cursor:
                    return through_the_door(cursor, postings=postings, municipality=municipality)
            except _PASSING:
                if time.monotonic() > deadline:
                    return [LEDGER_UNREACHABLE.refusal() for _ in postings]
                time.sleep(0.05)


def connect_as_django() -> psycopg.Connection[Any]:
    """A connection of one's own to the database that Django uses."""
    known = django_connection.get_connection_params()
    wanted = {
        name: value for name, value in known.items() if name not in ("cursor_factory", "context", "prepare_threshold")
    }
    return psycopg.connect(**wanted, autocommit=True, prepare_threshold=1)


_poster: Poster | None = None
_opening = threading.Lock()


def submit(posting: Posting, *, municipality: int) -> Future[Verdict]:
    """Submit through this process's poster, which starts with the first call."""
    global _poster  # noqa: PLW0603 - one poster per process is the design
    with _opening:
        _poster = _poster or Poster(connect_as_django)
    return _poster.submit(posting, municipality=municipality)


def stop() -> None:
    """Close this process's poster, if it ever started; the next `submit` starts another."""
    global _poster
    with _opening:
        stopping, _poster = _poster, None
    if stopping is not None:
        stopping.close()
