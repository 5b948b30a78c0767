"""One of a crowd that wants the same thing: `python -m drill.crowding < arena.json`.

Reads the server and the prizes, prints `ready`, and then for each prize, when a line comes: tries so many times, and
prints what it got in all, in the prize's unit.
"""

from __future__ import annotations

import json
import random
import sys
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import psycopg

from meguri.ledger.door import through_the_door
from meguri.ledger.rules import Account, Leg, Limit, Posting, Verdict
from meguri.ledger.templates import AccountRole
from meguri.words.ids import uuid7

BATCH = 20


@dataclass(frozen=True, slots=True)
class Prize:
    """What a crowd wants: a movement from `debit` to each one's own account, perhaps under a limit."""

    name: str
    template: str
    debit: tuple[str, str]
    credit_role: str
    lots: tuple[int, ...]
    credit_lot: int | None
    limit: tuple[str, str, int] | None
    holders: tuple[str, ...]
    most: int  # of each try, from 1

    def leg(self, chance: random.Random) -> Leg:
        """One try: a random part for a random holder."""
        holder = chance.choice(self.holders)
        limits = (Limit(_account(*self.limit[:2]), self.limit[2]),) if self.limit else ()
        return Leg(
            _account(*self.debit), _account(holder, self.credit_role), chance.randint(1, self.most), tuple(self.lots),
            credit_lot=self.credit_lot, limits=limits,
        )  # fmt: skip


def _account(owner: str, role: str) -> Account:
    return Account(UUID(owner), AccountRole(role))


def take(cursor: psycopg.Cursor[Any], prize: Prize, *, municipality: int, tries: int, chance: random.Random) -> int:
    """Try so many times, in batches that commit by themselves; what was got in all."""
    got = 0
    for begun in range(0, tries, BATCH):
        at = datetime.now(UTC)
        asked = [
            Posting(str(uuid7(at)), prize.template, (prize.leg(chance),), at, "drill")
            for _ in range(min(BATCH, tries - begun))
        ]
        answers = patiently(cursor, asked, municipality=municipality)
        got += sum(
            each.legs[0].amount for each, answer in zip(asked, answers, strict=True) if isinstance(answer, Verdict)
        )
    return got


def patiently(cursor: psycopg.Cursor[Any], asked: list[Posting], *, municipality: int) -> list[Any]:
    """Post until the door answers. It gives up when the balances move under it ten times, and then nothing was made."""
    while True:
        try:
            return [*through_the_door(cursor, postings=asked, municipality=municipality)]
        except _PASSING:
            continue


_PASSING = (psycopg.errors.SerializationFailure, psycopg.errors.DeadlockDetected)


def main() -> None:
    arena = json.loads(sys.stdin.readline())
    chance, tries, town = random.Random(arena["seed"]), arena["tries"], arena["municipality"]  # noqa: S311 - no secret
    with psycopg.connect(**arena["server"], autocommit=True, prepare_threshold=0) as own, own.cursor() as cursor:
        sys.stdout.write("ready\n")
        sys.stdout.flush()
        for told in arena["prizes"]:
            sys.stdin.readline()
            got = take(cursor, Prize(**told), municipality=town, tries=tries, chance=chance)
            sys.stdout.write(f"{got}\n")
            sys.stdout.flush()


if __name__ == "__main__":
    main()
