"""Tests that commit leave rows behind. Only tables that hold some are emptied, and nothing is installed anew.

Django empties every table after each such test and then writes the content types and permissions of all applications
again: with a hundred tables and many hundred such tests, that was minutes of every run.
"""

from __future__ import annotations

from typing import Any

from django.core.management.commands import flush
from django.db import connection
from django.db.backends.postgresql.operations import DatabaseOperations

KEPT = frozenset({"django_content_type", "auth_permission"})
"""What `migrate` wrote about the models; no test changes it."""
_all_of_them = DatabaseOperations.sql_flush


def _nothing(*_: object) -> None:
    """There is nothing to write again: what was written by `migrate` is kept."""


def _those_with_rows(
    operations: DatabaseOperations, style: Any, tables: list[str], *, reset_sequences: bool = False, **_: object
) -> list[str]:
    full = written(sorted(set(tables) - KEPT))
    return _all_of_them(operations, style, full, reset_sequences=reset_sequences, allow_cascade=True)


def written(tables: list[str]) -> list[str]:
    """Those of the tables that hold a row."""
    asked = " UNION ALL ".join(f"SELECT '{name}' WHERE EXISTS (SELECT FROM \"{name}\")" for name in tables)
    with connection.cursor() as cursor:
        cursor.execute(asked)
        return [name for (name,) in cursor.fetchall()]


def empty_only_what_was_written() -> None:
    """From now on, in this process."""
    flush.emit_post_migrate_signal = _nothing  # type: ignore[assignment]
    DatabaseOperations.sql_flush = _those_with_rows  # type: ignore[method-assign, assignment]
