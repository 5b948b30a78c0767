"""Runs the named SQL sources of this room. They read the books and the parties' facts, and can see no name.

A source is a file in `sql/`; `moves` and `payments` are ready for all others to read. Its name stands beside every
indicator, so that anybody can look up what was counted.
"""

from __future__ import annotations

from datetime import UTC, datetime
from functools import cache
from importlib.resources import files
from typing import Any
from uuid import UUID

from django.db import connection

ALL_TIME = datetime(9999, 1, 1, tzinfo=UTC)
"""As `until`: everything in the books."""


@cache
def text_of(source: str) -> str:
    """The SQL of a source as it is shown to people, comments included."""
    return files("meguri.evidence").joinpath("sql", f"{source}.sql").read_text(encoding="utf-8")


def sources() -> tuple[str, ...]:
    """The names of all sources."""
    found = files("meguri.evidence").joinpath("sql").iterdir()
    return tuple(sorted(file.name.removesuffix(".sql") for file in found if file.name.endswith(".sql")))


@cache
def _statement(source: str) -> str:
    moves, payments, own = (_bare(name) for name in ("moves", "payments", source))
    return f"WITH moves AS ({moves}), payments AS ({payments}) SELECT * FROM ({own}) AS answer"  # noqa: S608


def _bare(source: str) -> str:
    """Without comments: what they say of parameters must not be taken for one."""
    return "\n".join(line.partition("--")[0] for line in text_of(source).splitlines())


def rows(source: str, *, municipality: int, until: datetime = ALL_TIME, **wanted: str | UUID) -> list[tuple[Any, ...]]:
    """All rows of a source: what the books say of the time before `until`."""
    with connection.cursor() as cursor:
        cursor.execute(_statement(source), {"municipality": municipality, "until": until, **wanted})
        found: list[tuple[Any, ...]] = cursor.fetchall()
        return found
