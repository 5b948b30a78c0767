"""The way through the one SQL door: postings become arrays, rows become verdicts. Writes no rule of its own."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, Protocol

from meguri.ledger.rules import (
    INSUFFICIENT,
    LIMIT_REACHED,
    PLAIN,
    TEMPLATE_FORBIDS,
    Account,
    Limit,
    Posting,
    Taken,
    Verdict,
    check_form,
)
from meguri.ledger.templates import TEMPLATES, AccountRole
from meguri.words.ids import uuid7
from meguri.words.refusal import Refusal


class Cursor(Protocol):
    """What the door needs of a connection: Django's cursor and psycopg's both have it."""

    def execute(self, query: str, params: Sequence[Any] | None = None, /) -> Any: ...

    def fetchall(self) -> list[Any]: ...


_TYPES = (
    "integer", "text[]", "bytea[]", "uuid[]", "text[]", "integer[]", "timestamptz[]", "text[]", "text[]::jsonb[]",
    "uuid[]", "text[]", "integer[]", "uuid[]", "text[]", "uuid[]", "text[]", "bigint[]", "bigint[]", "boolean[]",
    "integer[]", "bigint[]", "integer[]", "uuid[]", "text[]", "bigint[]",
)  # fmt: skip
POST = f"SELECT * FROM ledger.post({', '.join('%s::' + kind for kind in _TYPES)})"  # noqa: S608 - constants only


def through_the_door(cursor: Cursor, *, postings: Sequence[Posting], municipality: int) -> list[Verdict | Refusal]:
    """Post a batch on this connection. One answer per posting, in order; nothing is committed here."""
    for posting in postings:
        check_form(posting)
    if not postings:
        return []
    legs = [(number, leg) for number, posting in enumerate(postings, 1) for leg in posting.legs]
    cursor.execute(POST, [municipality, *_posting_arrays(postings), *_leg_arrays(legs), *_source_arrays(legs)])
    return [_answer(posting, row) for posting, row in zip(postings, cursor.fetchall(), strict=True)]


def _columns(rows: Iterable[tuple[Any, ...]], width: int) -> list[list[Any]]:
    columns = [list(column) for column in zip(*rows, strict=True)]
    return columns or [[] for _ in range(width)]


def _posting_arrays(postings: Sequence[Posting]) -> list[list[Any]]:
    rows = [
        (
            p.key,
            p.payload(),
            uuid7(p.at),
            p.template,
            TEMPLATES[p.template].version,
            p.at,
            p.by,
            _json(p),
            p.reverses,
            p.once,
        )
        for p in postings
    ]
    return _columns(rows, 10)


def _json(posting: Posting) -> str:
    return json.dumps(dict(posting.about), ensure_ascii=False, default=str)


def _leg_arrays(legs: Sequence[tuple[int, Any]]) -> list[list[Any]]:
    rows = [
        (number, g.debit.owner, g.debit.role, g.credit.owner, g.credit.role, g.credit_lot, g.amount, g.up_to)
        for number, g in legs
    ]
    return _columns(rows, 8)


def _source_arrays(legs: Sequence[tuple[int, Any]]) -> list[list[Any]]:
    lots = [(index, lot) for index, (_, leg) in enumerate(legs, 1) for lot in leg.lots]
    limits = [
        (index, limit.account.owner, limit.account.role, limit.lot)
        for index, (_, leg) in enumerate(legs, 1)
        for limit in leg.limits
    ]
    return _columns(lots, 2) + _columns(limits, 4)


def _answer(posting: Posting, row: tuple[Any, ...]) -> Verdict | Refusal:
    _, status, posting_id, recorded, code, leg, owner, role, lot, available, taken = row
    bit = Limit(Account(owner, AccountRole(role)), lot) if owner else None
    if status == "refused":
        return refusal_of(posting, code=code, leg=leg, bit=bit, available=available or 0)
    return Verdict(posting_id, _moment(recorded), status == "replayed", _taken(taken), leg, bit)


def _moment(value: Any) -> datetime:
    assert isinstance(value, datetime)  # noqa: S101 - the door always dates what it made
    return value


def _taken(value: Any) -> tuple[Taken, ...]:
    rows = json.loads(value) if isinstance(value, str) else value
    return tuple(Taken(*row) for row in rows or ())


def refusal_of(posting: Posting, *, code: str, leg: int | None, bit: Limit | None, available: int) -> Refusal:
    """The kind sentence for the code that the database gave."""
    if code in PLAIN:
        return PLAIN[code].refusal()
    if code == "template_forbids":
        return TEMPLATE_FORBIDS.refusal(template=posting.template)
    limit = f"{bit.account.role}:{bit.account.owner}:{bit.lot}" if bit else ""
    if code == "limit_reached":
        return LIMIT_REACHED.refusal(limit=limit, available=available)
    if code == "insufficient":
        short = posting.legs[(leg or 1) - 1]
        limit = limit or f"{short.debit.role}:{short.debit.owner}"
        return INSUFFICIENT.refusal(limit=limit, available=available, wanted=short.amount)
    raise LookupError(f"the ledger answered an unknown code {code!r}")
