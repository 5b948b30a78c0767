"""The leaves' texts written anew from the rows, fact by fact (the form is described in docs/decisions/0010)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import groupby
from operator import itemgetter
from typing import Any

import psycopg

_MOMENT = """coalesce(to_char({} AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'), '-')"""
_LOTS = f"""
    SELECT id, concat_ws(' ', unit, coalesce(fund::text, '-'), coalesce(purse_kind::text, '-'),
                               {_MOMENT.format("expires_at")}, coalesce(allowed::text, '-'))
    FROM ledger.lot WHERE municipality_id = %s"""  # noqa: S608 - constants of this file
_ROWS = """
    SELECT p.id::text, s.number, s.number IS NULL AND q.cluster = (SELECT system_identifier FROM pg_control_system())
               AND (p.written_by < q.seen_before OR p.written_by >= pg_snapshot_xmax(pg_current_snapshot())),
           p.template, p.template_version, (p.effective_at AT TIME ZONE 'UTC')::text,
           (p.recorded_at AT TIME ZONE 'UTC')::text, to_json(p.by)::text, p.about::text,
           coalesce(p.reverses::text, '-'),
           e.entry_no, e.leg_no, e.amount, d.owner::text, d.role, e.debit_lot, c.owner::text, c.role, e.credit_lot
    FROM ledger.posting p
    LEFT JOIN ledger.sequencer q ON q.municipality_id = p.municipality_id
    LEFT JOIN ledger.sequence s ON (s.municipality_id, s.posting_id) = (p.municipality_id, p.id)
    LEFT JOIN ledger.entry e ON (e.municipality_id, e.posting_id) = (p.municipality_id, p.id)
    LEFT JOIN ledger.account d ON (d.municipality_id, d.id) = (e.municipality_id, e.debit_account)
    LEFT JOIN ledger.account c ON (c.municipality_id, c.id) = (e.municipality_id, e.credit_account)
    WHERE p.municipality_id = %(town)s AND (%(only)s::uuid[] IS NULL OR p.id = ANY (%(only)s))
    ORDER BY p.id, e.entry_no"""
_AT_ONCE = 10_000
"""Rows taken from the server at a time."""


@dataclass(frozen=True, slots=True)
class Written:
    """A posting as the rows have it today. `number` is 0 where it has none; `overdue`: it should have one."""

    id: str
    number: int
    overdue: bool
    text: str


def written(connection: psycopg.Connection[Any], town: int, *, only: Iterable[str] | None = None) -> Iterator[Written]:
    """Every posting of a town (or only these) with its text, streamed."""
    lots = dict(connection.execute(_LOTS, [town]).fetchall())
    asked = {"town": town, "only": None if only is None else list(only)}
    connection.execute("SET LOCAL cursor_tuple_fraction = 1")  # all rows are wanted, not the first ones soon
    with connection.cursor("postings") as cursor:
        cursor.execute(_ROWS, asked)
        for _, rows in groupby(_all(cursor), key=itemgetter(0)):
            yield _written(list(rows), town, lots=lots)


def _all(cursor: psycopg.ServerCursor[tuple[Any, ...]]) -> Iterator[tuple[Any, ...]]:
    """The server works on the next rows while these are looked at."""
    with ThreadPoolExecutor(1) as ahead:
        coming = ahead.submit(cursor.fetchmany, _AT_ONCE)
        while rows := coming.result():
            coming = ahead.submit(cursor.fetchmany, _AT_ONCE)
            yield from rows


def _written(rows: list[tuple[Any, ...]], town: int, *, lots: dict[int, str]) -> Written:
    id, number, overdue, template, version, effective, recorded, by, about, reverses = rows[0][:10]  # noqa: A001
    head = (
        f"meguri/posting/1\nid {id}\nmunicipality {town}\ntemplate {template} {version}\n"
        f"effective {_moment(effective)}\nrecorded {_moment(recorded)}\nby {by}\nabout {about}\nreverses {reverses}\n"
    )
    entries = [
        f"entry {no} {leg} {amount} from {giver} {gives} {lots.get(taken)} to {taker} {takes} {lots.get(put)}\n"
        for no, leg, amount, giver, gives, taken, taker, takes, put in (row[10:] for row in rows)
        if no is not None
    ]
    return Written(id, number or 0, bool(overdue), head + "".join(entries))


def _moment(written: str) -> str:
    """2026-11-28 09:30:00.5 as the leaves have it: 2026-11-28T09:30:00.500000Z."""
    day, _, time = written.partition(" ")
    whole, _, part = time.partition(".")
    return f"{day}T{whole}.{part:0<6}Z"
