"""The log against the rows: every leaf, every kept node and every signed head of every town is computed anew."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import psycopg

from meguri.ledger.audit.claims import Claim, Proof
from meguri.ledger.audit.marks import lines_changed
from meguri.ledger.audit.rows import written
from meguri.ledger.audit.signature import is_signed
from meguri.ledger.audit.signed import Note, note_text
from meguri.ledger.audit.tree import SIZE, compare, differences, leaf_of, level_over, levels_over, root_at

LEAVES = Claim(
    "leaves",
    "どの取引も、記録簿に収めたときのまま、そのときの順番にある",
    "every posting is still what it was when it entered the log, in the order of that time",
)
TREE = Claim(
    "tree",
    "記録簿の木は、その葉から計算し直したものと同じである",
    "the kept tree is the one that its leaves give",
)
HEADS = Claim(
    "heads",
    "これまでの署名は、すべていまの記録簿と合い、鍵で確かめられる",
    "every signed head fits the log as it is and is verified by its key",
)
Offender = tuple[Any, ...]
Connection = psycopg.Connection[Any]


@dataclass
class Log:
    """A town's log as it is kept, and as the rows give it (leaves in the order of their numbers)."""

    town: int
    size: int
    ids: dict[int, str] = field(default_factory=dict)
    found: bytearray = field(default_factory=bytearray)
    kept: list[bytes] = field(default_factory=list)
    overdue: list[str] = field(default_factory=list)


def prove_logs(connection: Connection, witnesses: Sequence[Note] = ()) -> Iterator[Proof]:
    """The three claims about the logs of all towns."""
    towns = connection.execute("SELECT id, code FROM ledger.municipality ORDER BY id").fetchall()
    found = [
        prove_log(connection, town, witnesses=[one for one in witnesses if one.origin == f"meguri/{code}"])
        for town, code in towns
    ]
    origins = {f"meguri/{code}" for _, code in towns}
    strangers = [(one.origin, "witness", "no such log here") for one in witnesses if one.origin not in origins]
    for claim, proofs in zip((LEAVES, TREE, HEADS), zip(*found, strict=True), strict=False):
        offenders = [*(strangers if claim is HEADS else ()), *(one for proof in proofs for one in proof.offenders)]
        yield Proof(claim, sum(proof.looked_at for proof in proofs), tuple(offenders[:10]))


def prove_log(connection: Connection, town: int, *, witnesses: Sequence[Note] = ()) -> tuple[Proof, Proof, Proof]:
    """The three claims about the log of one town."""
    log = read(connection, town)
    levels = levels_over(log.kept[0])
    heads = connection.execute(_HEADS, [town]).fetchall()
    signed = head_offenders(heads, log, levels=levels) + witness_offenders(witnesses, log, levels=levels)
    return (
        Proof(LEAVES, log.size, tuple(leaf_offenders(connection, log))),
        Proof(TREE, sum(map(len, levels)) // SIZE, tuple(tree_offenders(connection, log, levels=levels))),
        Proof(HEADS, len(heads), tuple(signed)),
    )


_SIZE = """
    SELECT greatest((SELECT max(number) FROM ledger.sequence WHERE municipality_id = %(town)s),
                    (SELECT max(position) + 1 FROM ledger.node WHERE municipality_id = %(town)s AND level = 0),
                    (SELECT max(size) FROM ledger.tree_head WHERE municipality_id = %(town)s), 0)"""
_NODES = "SELECT level, position, hash FROM ledger.node WHERE municipality_id = %s ORDER BY 1, 2"
_HEADS = """
    SELECT number, size, root, to_char(signed_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'), origin,
           public_key, signature, lag(size, 1, 0::bigint) OVER w, lag(signed_at, 1, '-infinity') OVER w <= signed_at
    FROM ledger.tree_head WHERE municipality_id = %s WINDOW w AS (ORDER BY number) ORDER BY number"""


def read(connection: Connection, town: int) -> Log:
    """A town's log, read in one pass over the postings and one over the nodes."""
    row = connection.execute(_SIZE, {"town": town}).fetchone()
    log = Log(town, int(row[0]) if row else 0)
    log.found = bytearray(SIZE * log.size)
    for posting in written(connection, town):
        if posting.number:
            log.found[SIZE * (posting.number - 1) : SIZE * posting.number] = leaf_of(posting.text)
        elif posting.overdue:
            log.overdue.append(posting.id)
    kept = [bytearray(SIZE * (log.size >> level)) for level in range(max(1, log.size.bit_length()))]
    with connection.cursor("nodes") as cursor:
        cursor.itersize = 20_000
        for level, position, hashed in cursor.execute(_NODES, [town]):
            if level < len(kept) and SIZE * position < len(kept[level]) and len(hashed) == SIZE:
                kept[level][SIZE * position : SIZE * (position + 1)] = hashed
    log.kept = [bytes(level) for level in kept]
    return log


def leaf_offenders(connection: Connection, log: Log) -> list[Offender]:
    """Postings that are not what they were: changed (and in which lines), removed, inserted, reordered."""
    offenders: list[Offender] = [(log.town, "inserted", posting, "never numbered") for posting in log.overdue]
    places = differences(log.kept[0], bytes(log.found))
    if not places:
        return offenders
    both = (log.kept[0], bytes(log.found))
    kept, found = ({at: level[SIZE * at : SIZE * (at + 1)] for at in places} for level in both)
    named = names(connection, log.town, numbers=[at + 1 for at in places])
    for what, numbers in compare(kept, found).items():
        for at in numbers:
            posting = named.get(at + 1, "unknown")
            detail = lines_changed(connection, log.town, posting=posting) if what == "changed" else ""
            offenders.append((log.town, what, posting, f"number {at + 1}", detail))
    return offenders


def names(connection: Connection, town: int, *, numbers: Sequence[int]) -> dict[int, str]:
    """The postings that stand at these numbers today."""
    query = "SELECT number, posting_id::text FROM ledger.sequence WHERE municipality_id = %s AND number = ANY (%s)"
    return dict(connection.execute(query, [town, list(numbers)]).fetchall())


def tree_offenders(connection: Connection, log: Log, *, levels: Sequence[bytes]) -> list[Offender]:
    """Kept nodes that their two children do not give; named by the lowest ones, with the postings below."""
    offenders: list[Offender] = []
    if log.kept == list(levels):
        return offenders
    for level in range(1, len(levels)):  # from the kept level below, so that one wrong node makes none above it wrong
        for place in differences(log.kept[level], level_over(log.kept[level - 1])):
            first, last = (place << level) + 1, (place + 1) << level
            below = names(connection, log.town, numbers=range(first, last + 1)[:2]) if level == 1 else {}
            offenders.append((log.town, f"node {level}/{place}", f"numbers {first} to {last}", *below.values()))
    return offenders


def head_offenders(heads: Sequence[tuple[Any, ...]], log: Log, *, levels: Sequence[bytes]) -> list[Offender]:
    """Heads that are not signed, stand out of order, or have another root than the log."""
    offenders: list[Offender] = []
    good = 0
    for place, (number, size, root, moment, origin, key, signature, before, later) in enumerate(heads, 1):
        text = note_text(origin=origin, size=size, root=root, moment=moment)
        if number != place or size < before or not later:
            offenders.append((log.town, f"head {number}", "out of order"))
        if not is_signed(text.encode(), signature=signature, public_key=key):
            offenders.append((log.town, f"head {number}", "not signed by its key"))
        if root_at(size, levels) == root:
            good = size
        else:
            offenders.append((log.town, f"head {number}", "another root", f"numbers {good + 1} to {size}"))
    return offenders


def witness_offenders(witnesses: Sequence[Note], log: Log, *, levels: Sequence[bytes]) -> list[Offender]:
    """Heads kept outside that the log does not fit: somebody was shown another history."""
    return [
        (log.town, "witness", f"size {one.size}", "the log was another one")
        for one in witnesses
        if one.size > log.size or root_at(one.size, levels) != one.root
    ]
