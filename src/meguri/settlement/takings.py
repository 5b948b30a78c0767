"""What the books say is due: shops' takings up to a cutoff, and everything payable. Reads only."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection

from meguri.settlement.rules import Activity, Due, LotYen, dues

_TAKINGS = """
WITH shop AS (
    SELECT id, owner FROM ledger.account WHERE municipality_id = %(municipality)s AND role = 'shop'
), came AS (
    SELECT e.credit_account AS account, e.credit_lot AS lot, e.posting_id, e.amount, e.effective_at AS belongs_to
      FROM ledger.entry e JOIN shop ON shop.id = e.credit_account
     WHERE e.municipality_id = %(municipality)s
), went AS (  -- a refund belongs to the time of the payment that it takes back
    SELECT e.debit_account AS account, e.debit_lot AS lot, e.posting_id, e.amount,
           coalesce(r.effective_at, p.effective_at) AS belongs_to
      FROM ledger.entry e JOIN shop ON shop.id = e.debit_account
      JOIN ledger.posting p ON (p.municipality_id, p.id) = (e.municipality_id, e.posting_id)
      LEFT JOIN ledger.posting r ON r.municipality_id = p.municipality_id
                                AND r.id = coalesce(p.reverses, (p.about ->> 'refunds')::uuid)
     WHERE e.municipality_id = %(municipality)s AND p.template <> 'settle'
), later AS (
    SELECT account, lot, sum(amount)::bigint AS amount
      FROM (SELECT account, lot, amount, belongs_to FROM came
            UNION ALL SELECT account, lot, -amount, belongs_to FROM went) AS moved
     WHERE belongs_to >= %(cutoff)s GROUP BY account, lot
), payments AS (
    SELECT account, count(DISTINCT posting_id) AS count, sum(amount)::bigint AS yen
      FROM came WHERE belongs_to < %(cutoff)s GROUP BY account
), refunds AS (
    SELECT account, count(DISTINCT posting_id) AS count FROM went WHERE belongs_to < %(cutoff)s GROUP BY account
)
SELECT shop.owner, coalesce(payments.count, 0), coalesce(payments.yen, 0), coalesce(refunds.count, 0),
       o.id, o.fund, o.purse_kind, least(b.amount, b.amount - coalesce(later.amount, 0))
  FROM shop
  JOIN ledger.balance b ON (b.municipality_id, b.account_id) = (%(municipality)s, shop.id)
  JOIN ledger.lot o ON (o.municipality_id, o.id) = (b.municipality_id, b.lot_id)
  LEFT JOIN later ON (later.account, later.lot) = (b.account_id, b.lot_id)
  LEFT JOIN payments ON payments.account = shop.id
  LEFT JOIN refunds ON refunds.account = shop.id
 WHERE b.amount > 0
"""

_PAYABLE = """
SELECT a.owner, o.id, o.fund, o.purse_kind, b.amount
  FROM ledger.account a
  JOIN ledger.balance b ON (b.municipality_id, b.account_id) = (a.municipality_id, a.id)
  JOIN ledger.lot o ON (o.municipality_id, o.id) = (b.municipality_id, b.lot_id)
 WHERE a.municipality_id = %(municipality)s AND a.role = 'payable' AND b.amount > 0
"""

_DUTIES = """
WITH own AS (
    SELECT id, owner FROM ledger.account
     WHERE municipality_id = %(municipality)s AND role = 'payable' AND owner = ANY (%(owners)s)
), moved AS (
    SELECT own.owner, e.credit_lot AS lot, e.amount, e.posting_id, e.effective_at < %(before)s AS before
      FROM ledger.entry e JOIN own ON own.id = e.credit_account WHERE e.municipality_id = %(municipality)s
    UNION ALL
    SELECT own.owner, e.debit_lot, -e.amount, e.posting_id, e.effective_at < %(before)s
      FROM ledger.entry e JOIN own ON own.id = e.debit_account WHERE e.municipality_id = %(municipality)s
), left_over AS (
    SELECT owner, lot, coalesce(sum(moved.amount) FILTER (WHERE before), 0) + least(0, coalesce(sum(moved.amount)
               FILTER (WHERE NOT before AND p.template IN ('pay_out', 'return_payout')), 0)) AS yen
      FROM moved JOIN ledger.posting p ON (p.municipality_id, p.id) = (%(municipality)s, moved.posting_id)
     GROUP BY owner, lot
)
SELECT owner, lot, yen FROM left_over WHERE yen > 0
"""

_SHOPS = """
SELECT owner FROM ledger.account
 WHERE municipality_id = %(municipality)s AND role = 'shop' AND owner = ANY (%(owners)s)
"""


def _rows(query: str, wanted: dict[str, Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(query, wanted)
        rows: list[tuple[Any, ...]] = cursor.fetchall()
        return rows


def takings(municipality: int, *, cutoff: datetime) -> tuple[tuple[Due, Activity], ...]:
    """What each shop took before the cutoff and has not been settled, by lot; and all it ever took up to the cutoff.

    Counted backwards from the balance, so that a payment which arrives late (offline, dated before an earlier cutoff)
    is found by the next run, whatever was settled before. A refund belongs to the time of the payment it takes back.
    Never more than the balance. One statement, so that amounts and counts are of one moment.
    """
    rows = _rows(_TAKINGS, {"municipality": municipality, "cutoff": cutoff})
    known = {row[0]: Activity(*row[1:4]) for row in rows}
    return tuple((due, known[due.owner]) for due in dues((row[0], LotYen(*row[4:])) for row in rows))


def payables(municipality: int) -> tuple[Due, ...]:
    """Everything owed by bank transfer now, whoever to: shops, holders of benefits, sponsors."""
    return dues((row[0], LotYen(*row[1:])) for row in _rows(_PAYABLE, {"municipality": municipality}))


def duties(
    owners: Iterable[UUID], *, municipality: int, before: datetime
) -> dict[tuple[UUID, int], int]:
    """What became payable to these owners before a moment and has not been paid since, by owner and lot.

    The oldest duty is paid first; a transfer that the bank sent back paid nothing.
    """
    wanted = {"municipality": municipality, "owners": list(owners), "before": before}
    return {(owner, lot): int(yen) for owner, lot, yen in _rows(_DUTIES, wanted)}


def shops_among(owners: list[UUID], *, municipality: int) -> frozenset[UUID]:
    """Those of the owners who are shops in the books."""
    rows = _rows(_SHOPS, {"municipality": municipality, "owners": owners})
    return frozenset(row[0] for row in rows)
