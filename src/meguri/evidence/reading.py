"""Runs the named SQL sources of this room. They read the books and the parties' facts, and can see no name.

A source is a file in `sql/`; `moves` and `payments` are ready for all others to read. Its name stands beside every
indicator, so that anybody can look up what was counted.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from importlib.resources import files
from typing import Any
from uuid import UUID

from django.db import connection, transaction

ALL_TIME = datetime(9999, 1, 1, tzinfo=UTC)
"""As `until`: everything in the books."""

_SHARED = ("moves", "payments")


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


@dataclass(frozen=True, slots=True)
class Reader:
    """Reads sources of one municipality up to one moment. `laid_out`: moves and payments lie ready in `opened`."""

    municipality: int
    until: datetime = ALL_TIME
    laid_out: bool = False

    def rows(self, source: str, **wanted: str | UUID) -> list[tuple[Any, ...]]:
        """All rows of a source: what the books say of the time before `until`."""
        query = _bare(source) if self.laid_out else _statement(source)
        with connection.cursor() as cursor:
            cursor.execute(query, {"municipality": self.municipality, "until": self.until, **wanted})
            found: list[tuple[Any, ...]] = cursor.fetchall()
            return found


@contextmanager
def opened(municipality: int, *, until: datetime = ALL_TIME) -> Iterator[Reader]:
    """A reader for several sources: what they share is computed once and seen at one moment by all of them.

    It lies in temporary tables, which only this connection sees and which are gone afterwards.
    """
    wanted: dict[str, int | datetime] = {"municipality": municipality, "until": until}
    with transaction.atomic(), connection.cursor() as cursor:
        for name in _SHARED:
            cursor.execute(f"CREATE TEMPORARY TABLE {name} ON COMMIT DROP AS {_bare(name)}", wanted)
            cursor.execute(f"ANALYZE {name}")
        yield Reader(municipality, until, laid_out=True)
        cursor.execute(f"DROP TABLE {', '.join(_SHARED)}")
