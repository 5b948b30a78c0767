"""The way through the one SQL door: postings become arrays, arrays become verdicts. Writes no rule of its own.

Every role, pattern, account and lot of a batch is named once and then meant by its place in that list, so that the
database resolves each of them once. Arrays travel as PostgreSQL's own text form, built here: for thousands of small
values that is several times quicker than a driver that asks each one for its type.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from itertools import islice
from typing import Any, Protocol

from meguri.ledger.rules import (
    INSUFFICIENT,
    LIMIT_REACHED,
    PLAIN,
    TEMPLATE_FORBIDS,
    Account,
    Leg,
    Limit,
    Posting,
    Taken,
    Verdict,
    check_form,
)
from meguri.ledger.templates import TEMPLATES, AccountRole
from meguri.ledger.years import DATED, refused_for_its_year
from meguri.words.ids import uuid7
from meguri.words.refusal import Refusal

CHUNK = 5_000
"""How many postings of a bulk go through the door in one statement."""

USUAL_TURN_S = sys.getswitchinterval()


class Cursor(Protocol):
    """What the door needs of a connection: Django's cursor and psycopg's both have it."""

    def execute(self, query: str, params: Sequence[Any] | None = None, /) -> Any: ...

    def fetchone(self) -> Any: ...


_ARRAYS = {
    "roles": "text", "template": "text", "version": "integer", "pattern_debit": "integer", "pattern_credit": "integer",
    "owner": "uuid", "role": "integer", "lot": "bigint",
    "key": "text", "payload": "bytea", "id": "uuid", "effective": "timestamptz", "by": "text", "about": "text",
    "reverses": "uuid", "once": "text",
    "leg_posting": "integer", "leg_pattern": "integer", "leg_debit": "integer", "leg_credit": "integer",
    "leg_credit_lot": "integer", "leg_amount": "bigint", "leg_up_to": "boolean",
    "source_leg": "integer", "source_lot": "integer",
    "limit_leg": "integer", "limit_account": "integer", "limit_used": "integer", "limit_source": "integer",
    "limit_lot": "integer",
}  # fmt: skip
_SQL = ", ".join(f"%s::{kind}[]" for kind in _ARRAYS.values())
POST = f"SELECT * FROM ledger.post(%s::integer, {_SQL})"  # noqa: S608 - constants only


def through_the_door(cursor: Cursor, *, postings: Sequence[Posting], municipality: int) -> list[Verdict | Refusal]:
    """Post a batch on this connection. One answer per posting, in order; nothing is committed here."""
    return _put(cursor, _prepared(postings), municipality=municipality) if postings else []


def in_chunks(
    cursor: Cursor, *, postings: Iterable[Posting], municipality: int, size: int = CHUNK
) -> Iterator[list[Verdict | Refusal]]:
    """Post very many, so many at once: one statement for each chunk, and one answer per posting, in order.

    While the database works on a chunk, a thread takes the next one from `postings` (which must not ask the database)
    and writes its arrays.
    """
    waiting = iter(postings)
    with _short_turns(), ThreadPoolExecutor(1, thread_name_prefix="chunks") as beside:
        ahead = beside.submit(_next_prepared, waiting, size)
        while (prepared := ahead.result()) is not None:
            ahead = beside.submit(_next_prepared, waiting, size)
            yield _put(cursor, prepared, municipality=municipality)


@contextmanager
def _short_turns() -> Iterator[None]:
    """A chunk goes to the database in a dozen parts, and before each its sender waits for the other thread's turn to
    end: with the interpreter's usual turns of 5 ms that is a fifth of the whole time.
    """
    sys.setswitchinterval(USUAL_TURN_S / 10)
    try:
        yield
    finally:
        sys.setswitchinterval(USUAL_TURN_S)


_Prepared = tuple["_Batch", list[str], Mapping[int, Refusal]]


def _next_prepared(waiting: Iterator[Posting], size: int) -> _Prepared | None:
    chunk = list(islice(waiting, size))
    return _prepared(chunk) if chunk else None


def _prepared(postings: Sequence[Posting]) -> _Prepared:
    """The batch of those that have a lawful form, its arrays, and the answer to each of the others by its place."""
    good, rows, refused = [], [], {}
    for place, posting in enumerate(postings):
        try:
            rows.append(_posting_row(posting))
            good.append(posting)
        except Refusal as no:
            refused[place] = no
    batch = _Batch(good)
    return batch, batch.arrays(rows), refused


def _put(cursor: Cursor, prepared: _Prepared, *, municipality: int) -> list[Verdict | Refusal]:
    batch, arrays, refused = prepared
    answers: list[Verdict | Refusal] = []
    if batch.postings:
        cursor.execute(POST, [municipality, *arrays])
        answers = _answers(batch, cursor.fetchone())
    for place in sorted(refused):
        answers.insert(place, refused[place])
    return answers


class _Names(dict[Any, int]):
    """Gives each new name the next place, from 1."""

    def __missing__(self, name: Any) -> int:
        self[name] = place = len(self) + 1
        return place


class _Batch:
    """The postings taken apart into columns."""

    def __init__(self, postings: Sequence[Posting]) -> None:
        self.postings = postings
        self.roles, self.patterns, self.accounts, self.lots = _Names(), _Names(), _Names(), _Names()
        self.legs: list[tuple[Any, ...]] = []
        self.sources: list[tuple[int, int]] = []
        self.limits: list[tuple[int, ...]] = []
        self.limited: list[Limit] = []
        for number, posting in enumerate(postings, 1):
            for leg in posting.legs:
                self._add(leg, number=number, template=posting.template)

    def _add(self, leg: Leg, *, number: int, template: str) -> None:
        pattern = self.patterns[template, self.roles[leg.debit.role], self.roles[leg.credit.role]]
        given = self.lots[leg.credit_lot] if leg.credit_lot else 0
        ends = (self._account(leg.debit), self._account(leg.credit))
        self.legs.append((number, pattern, *ends, given, leg.amount, leg.up_to))
        place = len(self.legs)
        self.sources += [(place, self.lots[lot]) for lot in leg.lots]
        for limit in leg.limits:
            self._limit(place, limit)

    def _limit(self, place: int, limit: Limit) -> None:
        owner = limit.account.owner
        others = (Account(owner, AccountRole.USED), Account(owner, AccountRole.ALLOTMENT))
        places = [self._account(account) for account in (limit.account, *others)]
        self.limits.append((place, *places, self.lots[limit.lot]))
        self.limited.append(limit)

    def _account(self, account: Account) -> int:
        return self.accounts[account.owner.hex, self.roles[account.role]]

    def arrays(self, rows: Sequence[tuple[Any, ...]]) -> list[str]:
        """The batch in the order of `_ARRAYS`; `rows` are its postings' own."""
        patterns = [(name, TEMPLATES[name].version, debit, credit) for name, debit, credit in self.patterns]
        columns = [
            list(self.roles), *_columns(patterns, 4), *_columns(self.accounts, 2), list(self.lots),
            *_columns(rows, 8), *_columns(self.legs, 7),
            *_columns(self.sources, 2), *_columns(self.limits, 5),
        ]  # fmt: skip
        return [_literal(kind, column) for kind, column in zip(_ARRAYS.values(), columns, strict=True)]


def _posting_row(posting: Posting) -> tuple[Any, ...]:
    check_form(posting)
    about = posting.about_text()
    payload, reverses = posting.payload(about).hex(), posting.reverses.hex if posting.reverses else None
    return (posting.key, payload, uuid7(posting.at).hex, posting.at, posting.by, about, reverses, posting.once)


def _columns(rows: Iterable[Any], width: int) -> list[list[Any]]:
    columns = [list(column) for column in zip(*rows, strict=True)]
    return columns or [[] for _ in range(width)]


def _literal(kind: str, values: list[Any]) -> str:
    """An array in PostgreSQL's text form. None becomes NULL."""
    if None in values:
        return "{" + ",".join("NULL" if value is None else _literal(kind, [value])[1:-1] for value in values) + "}"
    return _WRITTEN.get(kind, _plain)(values) if values else "{}"


def _plain(values: list[Any]) -> str:
    return "{" + ",".join(map(str, values)) + "}"


def _numbers(values: list[Any]) -> str:
    return "{" + str(values)[1:-1] + "}"


def _texts(values: list[Any]) -> str:
    """All texts quoted in one go: NUL, which no text of PostgreSQL holds, stands between them."""
    joined = "\0".join(values)
    if joined.count("\0") != len(values) - 1:
        raise ValueError("a text of the books holds no NUL")
    return '{"' + joined.replace("\\", "\\\\").replace('"', '\\"').replace("\0", '","') + '"}'


def _bytes(values: list[Any]) -> str:
    return '{"\\\\x' + '","\\\\x'.join(values) + '"}'


def _moments(values: list[Any]) -> str:
    return '{"' + '","'.join(value.isoformat() for value in values) + '"}'


_WRITTEN: dict[str, Callable[[list[Any]], str]] = {
    "integer": _numbers, "bigint": _numbers, "boolean": _numbers, "text": _texts, "bytea": _bytes,
    "timestamptz": _moments,
}  # fmt: skip


def _answers(batch: _Batch, row: Sequence[Any]) -> list[Verdict | Refusal]:
    status, code, posting, recorded, leg, limit, available, *entries = row
    taken: list[list[Taken]] = [[] for _ in batch.postings]
    for number, *facts in zip(*(column or () for column in entries), strict=True):
        taken[number - 1].append(Taken(*facts))
    answers: list[Verdict | Refusal] = []
    judged = zip(batch.postings, status, posting, recorded, taken, leg, limit, strict=True)
    for place, (asked, became, number, moment, moved, short, bit_by) in enumerate(judged):
        bit = batch.limited[bit_by - 1] if bit_by else None
        if became == "refused":
            answers.append(refusal_of(asked, code=code[place], leg=short, bit=bit, available=available[place]))
        else:
            answers.append(Verdict(number, moment, became == "replayed", tuple(moved), short or None, bit))
    return answers


def refusal_of(posting: Posting, *, code: str, leg: int, bit: Limit | None, available: int) -> Refusal:
    """The kind sentence for the code that the database gave."""
    if code in PLAIN:
        return PLAIN[code].refusal()
    if code in DATED:
        return refused_for_its_year(code, posting)
    if code == "template_forbids":
        return TEMPLATE_FORBIDS.refusal(template=posting.template)
    limit = f"{bit.account.role}:{bit.account.owner}:{bit.lot}" if bit else ""
    if code == "limit_reached":
        return LIMIT_REACHED.refusal(limit=limit, available=available)
    if code == "insufficient":
        short = posting.legs[max(leg, 1) - 1]
        limit = limit or f"{short.debit.role}:{short.debit.owner}"
        return INSUFFICIENT.refusal(limit=limit, available=available, wanted=short.amount)
    raise LookupError(f"the ledger answered an unknown code {code!r}")
