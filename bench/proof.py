"""The log: appending to the tree, proving from it, numbering what was posted, and the auditor's way through it all."""

from __future__ import annotations

import random
import statistics
import time
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial

import psycopg
from django.db import connection

from bench.measures import progress, tell
from bench.post import Town
from meguri.ledger import audit, heads, log, merkle, operations, poster, receipts

LEAVES, PROOFS, PAYMENTS, ROUNDS = 200_000, 2_000, 40_000, 3
LEAF = b"meguri/posting/1\n".ljust(560, b".")
"""As long as the text of a payment with one entry."""


def append() -> float:
    """Microseconds a leaf: its own hash and the nodes that become complete, in batches of a thousand."""
    contents = [LEAF + str(number).encode() for number in range(LEAVES)]
    edge: list[bytes] = []
    begun = time.perf_counter()
    for start in range(0, LEAVES, 1_000):
        leaves = [merkle.leaf_hash(content) for content in contents[start : start + 1_000]]
        kept = dict(merkle.grow(start, edge, leaves=leaves)) | {(0, start + n): leaf for n, leaf in enumerate(leaves)}
        kept |= dict(zip(merkle.places(0, start), edge, strict=True))
        edge = [kept[place] for place in merkle.places(0, start + 1_000)]
    return (time.perf_counter() - begun) / LEAVES * 1e6


def prove(kept: dict[merkle.Place, bytes]) -> float:
    """Microseconds a proof, from nodes in memory."""
    chance = random.Random(1)  # noqa: S311 - the same leaves in every run
    numbers = [chance.randrange(LEAVES) for _ in range(PROOFS)]
    begun = time.perf_counter()
    for number in numbers:
        merkle.hashes_of(merkle.inclusion_ranges(number, LEAVES), lambda wanted: [kept[place] for place in wanted])
    return (time.perf_counter() - begun) / PROOFS * 1e6


def prove_from_books(town: Town) -> float:
    """Microseconds a whole receipt, from the database: head, number, nodes, text."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT posting_id FROM ledger.sequence WHERE municipality_id = %s LIMIT 500", [town.number])
        postings = [row[0] for row in cursor.fetchall()]
    begun = time.perf_counter()
    for posting in postings:
        _ = receipts.receipt(posting, municipality=town.number, own=True).text
    return (time.perf_counter() - begun) / len(postings) * 1e6


def number(town: Town) -> float:
    """Microseconds a posting: its number, text, hash and nodes, committed to disk."""
    for _ in range(PAYMENTS // 1_000):
        operations.post_batch([town.payment() for _ in range(1_000)], municipality=town.number)
    begun, done = time.perf_counter(), 0
    while fresh := log.number_postings(municipality=town.number):
        done += fresh
    return (time.perf_counter() - begun) / done * 1e6


def audit_all(own: psycopg.Connection[tuple[object, ...]]) -> float:
    """Entries a second: every claim, every leaf, every node, every head. Fails if a claim does."""
    counted = own.execute("SELECT count(*) FROM ledger.entry").fetchone()
    begun = time.perf_counter()
    if broken := [proof for proof in audit.prove(own) if not proof.holds]:
        raise SystemExit(f"the auditor finds {broken}")
    return int(str(counted[0] if counted else 0)) / (time.perf_counter() - begun)


def measure(name: str, unit: str, *, run: Callable[[], float]) -> None:
    runs = []
    for step in range(ROUNDS):
        progress(f"{name}: {step + 1}/{ROUNDS}")
        runs.append(run())
    tell(name=name, value=statistics.median(runs), unit=unit, runs=runs)


def run() -> None:
    """Print the measures of this group."""
    measure("merkle.append_us", "us", run=append)
    leaves = [merkle.leaf_hash(str(place).encode()) for place in range(LEAVES)]
    kept = dict(merkle.grow(0, [], leaves=leaves)) | {(0, place): leaf for place, leaf in enumerate(leaves)}
    measure("merkle.proof_us", "us", run=partial(prove, kept))
    progress("proof: opening the books")
    town = Town(random.randrange(10_000, 10**6))  # noqa: S311 - no secret
    log.number_postings(municipality=town.number)
    measure("log.number_us", "us", run=partial(number, town))
    heads.sign_head(municipality=town.number, at=datetime.now(UTC))
    measure("log.receipt_us", "us", run=partial(prove_from_books, town))
    with poster.connect_as_django() as own:
        own.execute("VACUUM ANALYZE")  # as a town's books are by the night after such a day
        own.autocommit = False
        measure("audit.entries_per_s", "entries/s", run=partial(audit_all, own))
