"""The log: committed postings get numbers without a gap, and a Merkle tree grows over them in that order.

One sequencer per municipality, behind the postings: nobody who pays waits for it. What it has numbered is the order
that event readers, proofs and snapshots use. `merkle` is the mathematics, `heads` what the town signs of it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db import connection, transaction

from meguri.ledger import merkle
from meguri.ledger.merkle import Place
from meguri.words.refusal import declare

MOST = 5_000
"""How many postings are numbered in one transaction; the rest follows in the next, at once. So few that the first of a
crowd have their proof while the last are still numbered.
"""
PROVEN_WITHIN = timedelta(seconds=5)
"""How long after it was recorded a posting may be without a proof before somebody has to look."""

NOT_IN_LOG = declare(
    "not_in_log",
    status=404,
    ja="この取引は、まだ記録簿にありません。数秒してから、もう一度お確かめください。",
    en="This posting is not in the log yet. Please look again in a few seconds.",
)
SIZE_UNKNOWN = declare(
    "tree_size_unknown",
    status=404,
    ja="記録簿がその大きさだったことはありません。公表された大きさを二つ、小さい順に選んでください。",
    en="The log never had that size. Please name two published sizes, the smaller one first.",
)


def number_postings(*, municipality: int, most: int = MOST) -> int:
    """Number what is committed, and grow the tree over it. Returns how many; `most` of them says that more may wait.

    One transaction under the municipality's lock: number, leaf and nodes appear together or not at all.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT number, hash FROM ledger.number_postings(%s, %s)", [municipality, most])
        fresh = [(number, bytes(leaf)) for number, leaf in cursor.fetchall()]
        if not fresh:
            return 0
        known = fresh[0][0] - 1
        edge = nodes(merkle.places(0, known), municipality=municipality)
        grown = list(merkle.grow(known, edge, leaves=[leaf for _, leaf in fresh]))
        cursor.execute(
            "INSERT INTO ledger.node (municipality_id, level, position, hash)"
            " SELECT %s, * FROM unnest(%s::smallint[], %s::bigint[], %s::bytea[])",
            [municipality, *_columns(grown)],
        )
    return len(fresh)


def _columns(grown: Sequence[tuple[Place, bytes]]) -> tuple[list[int], list[int], list[bytes]]:
    return [place[0] for place, _ in grown], [place[1] for place, _ in grown], [found for _, found in grown]


def nodes(wanted: Sequence[Place], *, municipality: int) -> list[bytes]:
    """The hashes of complete subtrees, in the order asked for."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT n.hash FROM unnest(%s::smallint[], %s::bigint[]) WITH ORDINALITY AS t (level, position, place)"
            " JOIN ledger.node n ON (n.municipality_id, n.level, n.position) = (%s, t.level, t.position)"
            " ORDER BY t.place",
            [[level for level, _ in wanted], [position for _, position in wanted], municipality],
        )
        found = [bytes(row[0]) for row in cursor.fetchall()]
    if len(found) != len(wanted):
        raise SIZE_UNKNOWN.refusal()
    return found


def size(*, municipality: int) -> int:
    """How many postings the log holds."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT coalesce(max(number), 0) FROM ledger.sequence WHERE municipality_id = %s", [municipality]
        )
        return int(cursor.fetchone()[0])


def oldest_unproven(size: int, *, municipality: int) -> datetime | None:
    """When the oldest posting was recorded that a head of this `size` does not cover; None: it covers all."""
    with connection.cursor() as cursor:
        cursor.execute(_UNPROVEN_SQL, {"m": municipality, "size": size})
        found: datetime | None = cursor.fetchone()[0]
        return found


_UNPROVEN_SQL = """
    SELECT min(recorded_at) FROM (
        (SELECT p.recorded_at FROM ledger.sequence s
         JOIN ledger.posting p ON (p.municipality_id, p.id) = (s.municipality_id, s.posting_id)
         WHERE s.municipality_id = %(m)s AND s.number > %(size)s ORDER BY s.number LIMIT 1)
        UNION ALL
        SELECT min(p.recorded_at) FROM ledger.posting p
        WHERE p.municipality_id = %(m)s AND p.written_by >= coalesce(
            (SELECT seen_before FROM ledger.sequencer WHERE municipality_id = %(m)s), '0'::xid8)
          AND NOT EXISTS (SELECT FROM ledger.sequence s WHERE (s.municipality_id, s.posting_id) = (%(m)s, p.id))
    ) AS waiting
"""


def root(size: int, *, municipality: int) -> bytes:
    """The root that the tree had at a size."""
    return merkle.fold(nodes(merkle.places(0, size), municipality=municipality))


@dataclass(frozen=True, slots=True)
class Inclusion:
    """The proof that a posting stands at `number` (from 1) in the tree of `size` postings."""

    posting: UUID
    number: int
    size: int
    leaf: bytes
    path: tuple[bytes, ...]


def number_of(posting: UUID, *, municipality: int) -> int | None:
    """A posting's sequence number; None as long as it has none."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT number FROM ledger.sequence WHERE (municipality_id, posting_id) = (%s, %s)", [municipality, posting]
        )
        row = cursor.fetchone()
        return int(row[0]) if row else None


def prove_inclusion(posting: UUID, *, municipality: int, size: int) -> Inclusion:
    """Prove a posting's place in the tree of `size`. Raises Refusal `not_in_log`, `tree_size_unknown`."""
    number = number_of(posting, municipality=municipality)
    if number is None or number > size:
        raise NOT_IN_LOG.refusal(field="posting")
    ranges = [(number - 1, number), *merkle.inclusion_ranges(number - 1, size)]
    leaf, *path = merkle.hashes_of(ranges, lambda wanted: nodes(wanted, municipality=municipality))
    return Inclusion(posting, number, size, leaf, tuple(path))


def prove_growth(first: int, second: int, *, municipality: int) -> list[bytes]:
    """Prove that the tree of `first` postings begins that of `second`. Raises Refusal `tree_size_unknown`."""
    if not 0 < first <= second:
        raise SIZE_UNKNOWN.refusal(field="first")
    nodes([(0, second - 1)], municipality=municipality)  # the log has been that large
    return merkle.hashes_of(
        merkle.consistency_ranges(first, second), lambda wanted: nodes(wanted, municipality=municipality)
    )


def content(posting: UUID, *, municipality: int) -> str:
    """The text whose hash is the posting's leaf. Pseudonyms stand in it: only for those whose posting it is."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT content FROM ledger.leaf WHERE (municipality_id, id) = (%s, %s)", [municipality, posting]
        )
        row = cursor.fetchone()
    if row is None:
        raise NOT_IN_LOG.refusal(field="posting")
    return str(row[0])
