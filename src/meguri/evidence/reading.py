"""Runs the named SQL sources of this room. They read the books and the parties' facts, and can see no name.

A source is a file in `sql/`; the SHARED ones are ready for all others to read. Its name stands beside every indicator,
so that anybody can look up what was counted. However many sources are wanted, they are one statement: the books are
gone through once, everything is of one moment, and nothing is written, so that a standby can answer as well.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from functools import cache
from importlib.resources import files
from typing import Any, TypeVar

import msgspec
from django.db import connection, transaction

ALL_TIME = datetime(9999, 1, 1, tzinfo=UTC)
"""As `until`: everything in the books."""

SHARED = ("lots", "shops", "moves", "payments", "weeks", "visits")
"""In the order in which they need each other."""

# All rows are read once and joined with small tables: looking them up one by one, as a page's query would, is slower by
# far. The memory is a ceiling for one sort or table of one reader, and there is one reader at a time.
_WAYS = {"work_mem": "128MB", "enable_nestloop": "off"}

Row = TypeVar("Row")


@cache
def text_of(source: str) -> str:
    """The SQL of a source as it is shown to people, comments included."""
    return files("meguri.evidence").joinpath("sql", f"{source}.sql").read_text(encoding="utf-8")


def sources() -> tuple[str, ...]:
    """The names of all sources."""
    found = files("meguri.evidence").joinpath("sql").iterdir()
    return tuple(sorted(file.name.removesuffix(".sql") for file in found if file.name.endswith(".sql")))


@cache
def _statement(wanted: tuple[str, ...]) -> str:
    """One row for each source: its name and its rows as one JSON text."""
    shared = ", ".join(f"{name} AS MATERIALIZED ({_bare(name)})" for name in SHARED)  # unread ones are not computed
    answers = " UNION ALL ".join(
        f"SELECT '{name}', coalesce(json_agg(answer), '[]')::text FROM ({_bare(name)}) AS answer"  # noqa: S608 - our files
        for name in wanted
    )
    return f"WITH {shared} {answers}"


def _bare(source: str) -> str:
    """Without comments: what they say of parameters must not be taken for one."""
    return "\n".join(line.partition("--")[0] for line in text_of(source).splitlines())


def read(municipality: int, wanted: Sequence[str], *, until: datetime = ALL_TIME) -> dict[str, str]:
    """Source -> its rows as JSON: what the books say of the time before `until`."""
    facts: dict[str, Any] = {"municipality": municipality, "until": until}
    with transaction.atomic(), connection.cursor() as cursor:
        for name, value in _WAYS.items():
            cursor.execute("SELECT set_config(%s, %s, true)", [name, value])
        cursor.execute(_statement(tuple(wanted)), facts)
        found = dict(cursor.fetchall())
        for name in _WAYS:
            cursor.execute(f"SET LOCAL {name} TO DEFAULT")
    return found


def rows(found: dict[str, str], source: str, *, row: type[Row]) -> tuple[Row, ...]:
    """The rows of a source that was read, as values of a dataclass whose fields are its columns."""
    return msgspec.json.decode(found[source], type=tuple[row, ...])  # type: ignore[valid-type]


def state(municipality: int) -> str:
    """What the books and the parties' facts are now, in a few counts: the same state gives the same snapshot."""
    with connection.cursor() as cursor:
        cursor.execute(_bare("state"), {"municipality": municipality})
        return " ".join(map(str, cursor.fetchone()))
