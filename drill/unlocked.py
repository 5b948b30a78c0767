"""The door of the books with its lock broken, for the controls of races: without the lock a race must be seen."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection

NO_LOCK = (
    # the amounts read may be stale then: a short sleep stands for a busy server
    ("FOR UPDATE OF b", ""), ("END $function$", "PERFORM pg_sleep(0.002); END $function$"),
)  # fmt: skip
PLACE = "b.ctid = s.place AND "
"""The second lock: a balance is written only where it still lies as it was read."""
WALL = "a balance never falls below zero except outside the books"


def rewrite(function: str, *changes: tuple[str, str]) -> str:
    """Change a function of the door; returns what it was. Raises LookupError where there is nothing to change."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT pg_get_functiondef('ledger.{function}'::regproc)")
        whole: str = cursor.fetchone()[0]
        changed = whole
        for old, new in changes:
            if old not in changed:
                raise LookupError(f"ledger.{function} no longer says {old!r}")
            changed = changed.replace(old, new)
        cursor.execute(changed)
    return whole


@contextmanager
def without_lock() -> Iterator[None]:
    """Take the row lock out of the careful way; it is put back."""
    whole = rewrite("read_spots", *NO_LOCK)
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute(whole)


@contextmanager
def without_lock_and_wall(municipality: int) -> Iterator[None]:
    """Besides, write balances wherever they lie, and take the last constraint out of the table; all is put back.

    The town whose books were spoilt on purpose is wiped, so that later audits see honest books only.
    """
    with without_lock():
        whole = rewrite("judge", (PLACE, "b.municipality_id = p_municipality AND "))
        with connection.cursor() as cursor:
            cursor.execute(f'ALTER TABLE ledger.balance DROP CONSTRAINT "{WALL}"')
        try:
            yield
        finally:
            with connection.cursor() as cursor:
                cursor.execute(whole)
                for book in ("entry", "posting_key", "posting", "balance"):
                    cursor.execute(f"ALTER TABLE ledger.{book} DISABLE TRIGGER USER")
                    cursor.execute(f"DELETE FROM ledger.{book} WHERE municipality_id = %s", [municipality])  # noqa: S608 - constants
                    cursor.execute(f"ALTER TABLE ledger.{book} ENABLE TRIGGER USER")
                cursor.execute(f'ALTER TABLE ledger.balance ADD CONSTRAINT "{WALL}" CHECK (amount >= 0 OR outside)')
