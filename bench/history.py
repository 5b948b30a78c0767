"""Payments on long books: the door on ten million entries of history beside the door on a hundred thousand.

The history is written by SQL, straight into the tables of a town of its own: two years of payments, month by month.
To have months of its own, the town lives two years ahead.
"""

from __future__ import annotations

import random
import statistics
from datetime import UTC, datetime, timedelta

from bench.measures import progress, side_by_side, tell
from bench.post import Town, through
from meguri.ledger import operations, queries
from meguri.ledger.poster import connect_as_django
from meguri.ledger.rules import Account
from meguri.ledger.templates import AccountRole

MONTHS = 24
SMALL, LARGE = 100_000, 10_000_000
CHUNK = 250_000


def run() -> None:
    """Print the measures of this group."""
    small, large = (aged(entries) for entries in (SMALL, LARGE))
    side_by_side(
        name="post.history_1e7_vs_1e5", unit="payments/s", run=lambda: through(large),
        against="the same on 100,000 entries", control=lambda: through(small),
    )  # fmt: skip
    for name, town in (("1e5", small), ("1e7", large)):
        waits = [_page_ms(town) for _ in range(200)]
        tell(name=f"statement.page_{name}_ms", value=statistics.median(waits), unit="ms", runs=[max(waits)])


def _page_ms(town: Town) -> float:
    holder = Account(random.choice(town.holders), AccountRole.WALLET)  # noqa: S311 - no secret
    begun = datetime.now(UTC)
    queries.statement(holder, municipality=town.number, limit=20)
    return (datetime.now(UTC) - begun) / timedelta(milliseconds=1)


def aged(entries: int) -> Town:
    """A town that lives two years ahead, with so many entries between now and then; its balances stay as they were."""
    town = Town(random.randrange(10_000, 10**6))  # noqa: S311 - no secret
    start, ahead = datetime.now(UTC), timedelta(days=30 * MONTHS)
    for month in range(MONTHS + 2):
        operations.turn_month(at=start + timedelta(days=30 * month))
    operations.set_clock_offset(municipality=town.number, offset=ahead)
    town.at = start + ahead
    with connect_as_django() as own:
        for done in range(0, entries, CHUNK):
            progress(f"history: {done:,}/{entries:,}")
            own.execute(_PAYMENTS, {
                "m": town.number, "from": done, "to": min(done + CHUNK, entries), "all": entries, "lot": town.lot,
                "start": start, "days": ahead.days,
            })  # fmt: skip
        own.execute("ANALYZE ledger.entry")
    return town


_PAYMENTS = """
    WITH payers AS (SELECT array_agg(id) AS ids FROM ledger.account WHERE municipality_id = %(m)s AND role = 'wallet'),
    shops AS (SELECT array_agg(id) AS ids FROM ledger.account WHERE municipality_id = %(m)s AND role = 'shop'),
    paid AS MATERIALIZED (
        SELECT n, %(start)s::timestamptz + make_interval(secs => n::float / %(all)s * %(days)s * 86400) AS at,
               ((n * 7919::bigint) %% 20000)::integer + 1 AS payer, ((n * 104729::bigint) %% 500)::integer + 1 AS shop
        FROM generate_series(%(from)s::bigint, %(to)s::bigint - 1) AS n
    ), numbered AS MATERIALIZED (
        SELECT *, (substr(ledger.first_number(at)::text, 1, 14) || '7' || substr(md5(n::text), 1, 3) || '-8'
                   || substr(md5(n::text), 4, 3) || '-' || substr(md5(n::text), 7, 12))::uuid AS id FROM paid
    ), postings AS (
        INSERT INTO ledger.posting (municipality_id, id, template, template_version, effective_at, recorded_at, by,
                                    about)
        SELECT %(m)s, id, 'pay', 1, at, at, 'bench', '{}' FROM numbered
    ), keys AS (
        INSERT INTO ledger.posting_key (municipality_id, key, payload, posting_id, recorded_at)
        SELECT %(m)s, id::text, decode(md5(n::text), 'hex'), id, at FROM numbered
    )
    INSERT INTO ledger.entry (municipality_id, posting_id, entry_no, leg_no, debit_account, debit_lot, credit_account,
                              credit_lot, amount, effective_at)
    SELECT %(m)s, id, 1, 1, payers.ids[payer], %(lot)s, shops.ids[shop], %(lot)s, 1, at FROM numbered, payers, shops
"""
