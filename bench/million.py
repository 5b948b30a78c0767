"""A grant to a million residents, and the end of what they got, against COPY of the rows that this writes.

Each resident has a posting of its own, so that each can be corrected alone; they are sent in chunks, each a
transaction, as the programmes' runs are: a broken run goes on where it stopped. The log's hashing is the sequencer's,
behind this.
"""

from __future__ import annotations

import random
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID, uuid4

import psycopg

from bench.measures import progress, tell
from bench.post import BOOKS
from meguri.ledger import operations, poster
from meguri.ledger.door import CHUNK, in_chunks
from meguri.ledger.rules import Account, Leg, Posting, Verdict
from meguri.ledger.templates import AccountRole as Role

RESIDENTS = 1_000_000
Connection = psycopg.Connection[tuple[object, ...]]


class Everybody:
    """Books in which a million residents have a wallet."""

    def __init__(self, own: Connection) -> None:
        self.own, self.at = own, datetime.now(UTC)
        self.number = random.randrange(10_000, 10**6)  # noqa: S311 - no secret
        operations.open_municipality(
            municipality=self.number, code=f"bench-{self.number}", name_ja="計測市", name_en="Bench", kind="sandbox"
        )
        self.fund, kind = uuid4(), uuid4()
        operations.open_accounts(
            [Account(self.fund, role) for role in (Role.APPROPRIATION, Role.FUND)], municipality=self.number
        )
        own.execute(
            "INSERT INTO ledger.account (municipality_id, owner, role)"
            " SELECT %s, gen_random_uuid(), 'wallet' FROM generate_series(1, %s)", [self.number, RESIDENTS],
        )  # fmt: skip
        own.execute("ANALYZE ledger.account")
        wallets = "SELECT owner FROM ledger.account WHERE municipality_id = %s AND role = 'wallet'"
        self.residents = [UUID(str(row[0])) for row in own.execute(wallets, [self.number])]
        self.budget = operations.fund_lot(self.fund, municipality=self.number)
        expires = self.at + timedelta(days=90)
        self.lot = operations.money_lot(municipality=self.number, fund=self.fund, purse_kind=kind, expires_at=expires)
        council = Leg(Account(self.fund, Role.APPROPRIATION), self._fund(), 10**12, (self.budget,))
        operations.post(Posting("council", "appropriate", (council,), self.at, "bench"), municipality=self.number)

    def _fund(self) -> Account:
        return Account(self.fund, Role.FUND)

    def grants(self) -> Iterator[Posting]:
        for resident in self.residents:
            leg = Leg(self._fund(), Account(resident, Role.WALLET), 1_000, (self.budget,), credit_lot=self.lot)
            yield Posting(f"grant:{resident}", "grant_points", (leg,), self.at, "bench", {"programme": "everybody"})

    def expiries(self) -> Iterator[Posting]:
        for resident in self.residents:
            leg = Leg(Account(resident, Role.WALLET), self._fund(), 1_000, (self.lot,))
            yield Posting(f"expire:{resident}", "expire", (leg,), self.at, "bench", {"programme": "everybody"})

    def run(self, postings: Iterator[Posting], *, name: str) -> float:
        """Seconds until all are on disk, chunk by chunk."""
        began, done = time.monotonic(), 0
        with self.own.cursor() as cursor:
            for answers in in_chunks(cursor, postings=postings, municipality=self.number, size=CHUNK):
                if not all(isinstance(answer, Verdict) for answer in answers):
                    raise SystemExit(f"{name}: a posting was refused, so there is nothing to tell")
                done += len(answers)
                if done % 100_000 == 0:
                    progress(f"{name}: {done:,}/{RESIDENTS:,}")
        return time.monotonic() - began

    def copy(self, template: str) -> float:
        """Seconds that COPY takes for the same rows into the same tables, in chunks of the same size."""
        with tempfile.TemporaryDirectory() as folder:
            chunks = [self._read(Path(folder), template, first=first) for first in range(0, RESIDENTS, CHUNK)]
            self.own.execute("CREATE SCHEMA IF NOT EXISTS copied")
            for book in (*BOOKS, "balance"):
                self.own.execute(f"CREATE TABLE IF NOT EXISTS copied.{book} (LIKE ledger.{book} INCLUDING ALL)")
            began = time.monotonic()
            for files in chunks:
                with self.own.transaction(), self.own.cursor() as cursor:
                    for book, file in files.items():
                        with cursor.copy(f"COPY copied.{book} FROM STDIN") as copy:
                            copy.write(file.read_bytes())
            return time.monotonic() - began

    def _read(self, folder: Path, template: str, *, first: int) -> dict[str, Path]:
        """A chunk of what the door wrote, in files."""
        if first == 0:
            self.own.execute("DROP TABLE IF EXISTS wanted")
            self.own.execute(
                "CREATE TEMP TABLE wanted AS SELECT id, (row_number() OVER (ORDER BY id) - 1) / %s AS chunk"
                " FROM ledger.posting WHERE municipality_id = %s AND template = %s", [CHUNK, self.number, template],
            )  # fmt: skip
            self.own.execute("CREATE INDEX ON wanted (chunk)")
            self.own.execute("CREATE INDEX IF NOT EXISTS bench_keys ON ledger.posting_key (posting_id)")
            self.own.execute("ANALYZE wanted")
        files = {}
        for book in BOOKS:
            by = "id" if book == "posting" else "posting_id"
            files[book] = folder / f"{first}-{book}"
            query = (
                f"SELECT b.* FROM wanted w JOIN ledger.{book} b ON b.{by} = w.id"  # noqa: S608 - our own numbers
                f" AND b.municipality_id = {self.number} WHERE w.chunk = {first // CHUNK}"
            )
            with self.own.cursor() as cursor, cursor.copy(f"COPY ({query}) TO STDOUT") as copy:
                files[book].write_bytes(b"".join(bytes(part) for part in copy))
        return files | self._read_balances(folder, template, first=first)

    def _read_balances(self, folder: Path, template: str, *, first: int) -> dict[str, Path]:
        """The balances that a grant makes: one for each resident."""
        if template != "grant_points":
            return {}
        file = folder / f"{first}-balance"
        query = (
            "SELECT * FROM ledger.balance WHERE municipality_id = "  # noqa: S608 - our own numbers
            f"{self.number} AND lot_id = {self.lot} ORDER BY account_id OFFSET {first} LIMIT {CHUNK}"
        )
        with self.own.cursor() as cursor, cursor.copy(f"COPY ({query}) TO STDOUT") as copy:
            file.write_bytes(b"".join(bytes(part) for part in copy))
        return {"balance": file}


def run() -> None:
    """Print the measures of this group."""
    with poster.connect_as_django() as own:
        progress("million: opening a million wallets")
        town = Everybody(own)
        took = {
            "grant": town.run(town.grants(), name="grant.million"),
            "expiry": town.run(town.expiries(), name="expiry.million"),
        }
        for name, template in (("grant", "grant_points"), ("expiry", "expire")):
            progress(f"{name}.million: the same rows by COPY")
            copied = town.copy(template)
            tell(
                name=f"{name}.million_vs_copy", value=took[name], unit="s", runs=[took[name]],
                ratio=took[name] / copied, against=f"COPY of the same rows: {copied:.1f} s",
            )  # fmt: skip
        own.execute("DROP INDEX IF EXISTS ledger.bench_keys")
