"""The leaves' texts written anew from the rows, fact by fact (the form is described in docs/decisions/0010)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby
from operator import itemgetter
from typing import Any

import psycopg

_MOMENT = """coalesce(to_char({} AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'), '-')"""
_LOTS = f"""
    SELECT id::text, concat_ws(' ', unit, coalesce(fund::text, '-'), coalesce(purse_kind::text, '-'),
                               {_MOMENT.format("expires_at")}, coalesce(allowed::text, '-'))
    FROM ledger.lot WHERE municipality_id = %s"""  # noqa: S608 - constants of this file
_ROWS = f"""
    SELECT p.id, s.number, s.number IS NULL AND q.cluster = (SELECT system_identifier FROM pg_control_system())
               AND (p.written_by < q.seen_before OR p.written_by >= pg_snapshot_xmax(pg_current_snapshot())),
           p.template || ' ' || p.template_version,
           {_MOMENT.format("p.effective_at")}, {_MOMENT.format("p.recorded_at")},
           to_json(p.by), p.about, coalesce(p.reverses::text, '-'),
           e.entry_no, e.leg_no, e.amount, d.owner, d.role, e.debit_lot, c.owner, c.role, e.credit_lot
    FROM ledger.posting p
    LEFT JOIN ledger.sequencer q ON q.municipality_id = p.municipality_id
    LEFT JOIN ledger.sequence s ON (s.municipality_id, s.posting_id) = (p.municipality_id, p.id)
    LEFT JOIN ledger.entry e ON (e.municipality_id, e.posting_id) = (p.municipality_id, p.id)
    LEFT JOIN ledger.account d ON (d.municipality_id, d.id) = (e.municipality_id, e.debit_account)
    LEFT JOIN ledger.account c ON (c.municipality_id, c.id) = (e.municipality_id, e.credit_account)
    WHERE p.municipality_id = {{town}}{{only}}
    ORDER BY p.id, e.entry_no"""  # noqa: S608 - constants of this file


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
    few = "" if only is None else " AND p.id IN (SELECT unnest('{{{}}}'::uuid[]))".format(",".join(only))
    query = _ROWS.format(town=int(town), only=few)
    with connection.cursor() as cursor, cursor.copy(f"COPY ({query}) TO STDOUT") as copy:
        for _, rows in groupby(copy.rows(), key=itemgetter(0)):
            yield _written(list(rows), town, lots=lots)


def _written(rows: list[tuple[Any, ...]], town: int, *, lots: dict[str, str]) -> Written:
    id, number, overdue, template, effective, recorded, by, about, reverses = rows[0][:9]  # noqa: A001 - as in the rows
    head = (
        f"meguri/posting/1\nid {id}\nmunicipality {town}\ntemplate {template}\neffective {effective}\n"
        f"recorded {recorded}\nby {by}\nabout {about}\nreverses {reverses}\n"
    )
    entries = "".join(
        f"entry {no} {leg} {amount} from {giver} {gives} {lots.get(taken)} to {taker} {takes} {lots.get(put)}\n"
        for no, leg, amount, giver, gives, taken, taker, takes, put in (row[9:] for row in rows)
        if no is not None
    )
    return Written(id, int(number or 0), overdue == "t", head + entries)
