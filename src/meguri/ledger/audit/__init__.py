"""The independent auditor: proves the books and their log from the rows alone.

It imports the standard library and the driver, and nothing of ours, so that a fault of the posting code cannot hide in
it. `prove(connection)` yields one `Proof` per claim: what was claimed, how many rows were looked at, who offends.

    python -m meguri.ledger.audit "postgresql://…" [witness file …]
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import psycopg

from meguri.ledger.audit.claims import CLAIMS, Claim, Proof, answers
from meguri.ledger.audit.log import prove_logs
from meguri.ledger.audit.reserve import prove_reserve
from meguri.ledger.audit.signed import Note, read_note

__all__ = ["CLAIMS", "Claim", "Proof", "main", "prove", "read_witness"]


def prove(connection: psycopg.Connection[Any], witnesses: Sequence[Note] = ()) -> Iterator[Proof]:
    """Prove each claim on one snapshot of the books. Changes nothing."""
    connection.rollback()
    connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
    # All rows are read, and young books have no statistics yet: the planner would take them for few.
    connection.execute("SET LOCAL enable_nestloop = off")
    connection.execute("SET LOCAL enable_mergejoin = off")
    yield from answers(connection)
    yield from prove_logs(connection, witnesses)
    yield prove_reserve(connection)
    connection.rollback()


def read_witness(path: str) -> Note:
    """A head that somebody kept outside. Raises ValueError when its own signature is not good."""
    kept = json.loads(Path(path).read_text(encoding="utf-8"))
    return read_note(kept["head"], kept["key"])


def say(line: str) -> None:
    sys.stdout.write(f"{line}\n")


def main(dsn: str, *witnesses: str) -> int:
    """Say every proof; 0 when all claims hold, 1 otherwise. `witnesses` are files of heads that were kept outside."""
    try:
        kept = [read_witness(path) for path in witnesses]
    except (OSError, ValueError, KeyError) as wrong:
        say(f"NG  証人ファイルが読めません / this is no witness file: {wrong}")
        return 1
    with psycopg.connect(dsn) as connection:
        proofs = list(prove(connection, kept))
    for proof in proofs:
        say(f"{'OK ' if proof.holds else 'NG '} {proof.claim.ja} / {proof.claim.en} ({proof.looked_at:,})")
        for line in proof.said:
            say(f"      {line}")
        for offender in proof.offenders:
            say(f"      {' '.join(map(str, offender))}")
    broken = sum(not proof.holds for proof in proofs)
    say(f"{len(proofs) - broken} of {len(proofs)} claims proved.")
    return 1 if broken else 0
