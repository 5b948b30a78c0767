"""The gathered way in: a connection of one's own, on which one fsync serves everybody who came meanwhile.

Only operations that write nothing but the posting may come this way (house rule: *gathered*).

A lost connection leaves the outcome of a batch unknown. Keys are permanent, so the poster simply posts the same batch
again: what was made answers with its first verdict, what was not is made now.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import Any

import psycopg
from django.db import connection as django_connection
from psycopg import errors

from meguri.ledger.door import through_the_door
from meguri.ledger.rules import LEDGER_UNREACHABLE, Posting, Verdict
from meguri.words.refusal import Refusal

PATIENCE_S = 8.0
"""How long a batch is tried again after a lost connection before its callers are told to ask later."""

_PASSING = (errors.DeadlockDetected, errors.SerializationFailure, errors.UniqueViolation, psycopg.OperationalError)


def connect_as_django() -> psycopg.Connection[Any]:
    """A connection of one's own to the database that Django uses."""
    known = django_connection.get_connection_params()
    wanted = {
        name: value for name, value in known.items() if name not in ("cursor_factory", "context", "prepare_threshold")
    }
    return psycopg.connect(**wanted, autocommit=True, prepare_threshold=0)


class Poster:
    """Posts batches, each in a transaction of its own. For one thread.

    `connect` opens an autocommit connection; called with the first batch, and again when a connection is lost.
    """

    def __init__(self, connect: Callable[[], psycopg.Connection[Any]] = connect_as_django) -> None:
        self._connect = connect
        self._connection: psycopg.Connection[Any] | None = None

    def post(self, postings: Sequence[Posting], *, municipality: int) -> Sequence[Verdict | Refusal]:
        """Post a batch and commit it: one answer per posting, in order.

        When the books stay out of reach for PATIENCE_S, the answer to all is `ledger_unreachable`.
        """
        deadline = time.monotonic() + PATIENCE_S
        while True:
            try:
                return self._once(postings, municipality)
            except _PASSING:
                if time.monotonic() > deadline:
                    return [LEDGER_UNREACHABLE.refusal() for _ in postings]
                time.sleep(0.05)

    def close(self) -> None:
        """Let the connection go."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _once(self, postings: Sequence[Posting], municipality: int) -> Sequence[Verdict | Refusal]:
        if self._connection is None or self._connection.closed:
            self._connection = self._connect()
        with self._connection.cursor() as cursor:  # one statement is one transaction: no round trip to begin or commit
            return through_the_door(cursor, postings=postings, municipality=municipality)
