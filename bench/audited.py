"""The whole audit of ten million entries: every claim, every leaf and node of the log, every signed head.

The books are those of `bench.history`, with the balances that follow from them, numbered and hashed as a town's are.
"""

from __future__ import annotations

import time
from datetime import UTC, datetime

from bench.history import LARGE, aged
from bench.measures import progress, tell
from bench.proof import audit_all
from meguri.ledger import heads, log, poster


def run(entries: int = LARGE) -> None:
    """Print the measures of this group."""
    town = aged(entries)
    with poster.connect_as_django() as own:
        own.execute(_BALANCES, {"m": town.number})
    begun, done = time.perf_counter(), 0
    while fresh := log.number_postings(municipality=town.number):
        done += fresh
        progress(f"audit: numbered {done:,}/{entries:,}")
    hashed_us = (time.perf_counter() - begun) / done * 1e6
    tell(name="log.number_many_us", value=hashed_us, unit="us", runs=[hashed_us])
    heads.sign_head(municipality=town.number, at=datetime.now(UTC))
    with poster.connect_as_django() as own:
        own.execute("VACUUM ANALYZE")  # as a town's books are by the night
        own.autocommit = False
        progress(f"audit: proving {entries:,} entries")
        per_s = audit_all(own)
    tell(name="audit.entries_1e7_per_s", value=per_s, unit="entries/s", runs=[per_s])


_BALANCES = """
    INSERT INTO ledger.balance (municipality_id, account_id, lot_id, amount, outside)
    SELECT %(m)s, a.id, moved.lot, sum(moved.amount), false FROM (
        SELECT credit_account AS id, credit_lot AS lot, amount FROM ledger.entry WHERE municipality_id = %(m)s
        UNION ALL SELECT debit_account, debit_lot, -amount FROM ledger.entry WHERE municipality_id = %(m)s
    ) AS moved JOIN ledger.account AS a USING (id)
    WHERE a.municipality_id = %(m)s AND a.role IN ('wallet', 'shop')
    GROUP BY a.id, moved.lot
    ON CONFLICT (municipality_id, account_id, lot_id) DO UPDATE SET amount = EXCLUDED.amount
"""
