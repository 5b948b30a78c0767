"""The gathered way in: one thread, one connection, no timer. Batches size themselves.

While a batch is being posted the next one gathers; so one fsync serves all who came meanwhile, and a quiet till
waits for nobody. Only operations that write nothing but the posting may come this way (house rule: *gathered*).

A lost connection leaves the outcome of a batch unknown. Keys are permanent, so the poster simply posts the same batch
again: what was made answers with its first verdict, what was not is made now.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any

import psycopg
from django.db import connection as django_connection
from psycopg import errors

from meguri.ledger.door import through_the_door
from meguri.ledger.rules import LEDGER_BUSY, LEDGER_UNREACHABLE, Posting, Verdict, check_form
from meguri.words.refusal import Refusal

WAITING_MAX = 4_000
BATCH_MAX = 1_000
PATIENCE_S = 8.0
"""How long a batch is tried again after a lost connection before its callers are told to ask later."""

_PASSING = (errors.DeadlockDetected, errors.SerializationFailure, errors.UniqueViolation, psycopg.OperationalError)

Waiting = tuple[int, Posting, "Future[Verdict]"]


class Poster:
    """Posts what callers submit. `connect` opens an autocommit connection; called again when one is lost."""

    def __init__(self, connect: Callable[[], psycopg.Connection[Any]]) -> None:
        self._connect = connect
        self._waiting: deque[Waiting] = deque()
        self._something = threading.Condition()
        self._connection: psycopg.Connection[Any] | None = None
        threading.Thread(target=self._run, name="poster", daemon=True).start()

    def submit(self, posting: Posting, *, municipality: int) -> Future[Verdict]:
        """Queue a posting. The future gives its Verdict or raises its Refusal. Raises Refusal `ledger_busy` at once
        when too many wait: the key stays unused, the caller may try again."""
        check_form(posting)
        answer: Future[Verdict] = Future()
        with self._something:
            if len(self._waiting) >= WAITING_MAX:
                raise LEDGER_BUSY.refusal()
            self._waiting.append((municipality, posting, answer))
            self._something.notify()
        return answer

    def _run(self) -> None:
        while True:
            with self._something:
                while not self._waiting:
                    self._something.wait()
                batch = [self._waiting.popleft() for _ in range(min(len(self._waiting), BATCH_MAX))]
            for municipality in {number for number, _, _ in batch}:
                self._serve([item for item in batch if item[0] == municipality], municipality)

    def _serve(self, batch: list[Waiting], municipality: int) -> None:
        try:
            answers = self._post(batch, municipality, deadline=time.monotonic() + PATIENCE_S)
        except _PASSING:
            answers = [LEDGER_UNREACHABLE.refusal() for _ in batch]
        except Exception as unexpected:  # noqa: BLE001 - the callers must be woken, whatever happened
            for _, _, waiting in batch:
                waiting.set_exception(unexpected)
            return
        for (_, _, waiting), answer in zip(batch, answers, strict=True):
            if isinstance(answer, Refusal):
                waiting.set_exception(answer)
            else:
                waiting.set_result(answer)

    def _post(self, batch: list[Waiting], municipality: int, *, deadline: float) -> list[Verdict | Refusal]:
        while True:
            try:
                if self._connection is None or self._connection.closed:
                    self._connection = self._connect()
                with self._connection.transaction(), self._connection.cursor() as cursor:
                    postings = [posting for _, posting, _ in batch]
                    return through_the_door(cursor, postings=postings, municipality=municipality)
            except _PASSING:
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.05)


def _connect_as_django() -> psycopg.Connection[Any]:
    known = django_connection.get_connection_params()
    wanted = {name: value for name, value in known.items() if name not in ("cursor_factory", "context", "prepare_threshold")}
    return psycopg.connect(**wanted, autocommit=True, prepare_threshold=1)


_poster: Poster | None = None
_opening = threading.Lock()


def submit(posting: Posting, *, municipality: int) -> Future[Verdict]:
    """Submit through this process's poster, which starts with the first call."""
    global _poster  # noqa: PLW0603 - one poster per process is the design
    with _opening:
        _poster = _poster or Poster(_connect_as_django)
    return _poster.submit(posting, municipality=municipality)
