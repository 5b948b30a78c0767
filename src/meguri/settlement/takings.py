"""What the books say is due: shops' takings up to a cutoff, and everything payable. Reads only."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection

from meguri.settlement.rules import Activity, Due, LotYen, dues

_TAKINGS = """
WITH shop AS (
    SELECT id, owner FROM ledger.account WHERE municipality_id = %(municipality)s AND role = 'shop'
), later AS (  -- what belongs to a time after the cutoff: payments, and the refunds of those payments
    SELECT e.credit_account AS account, e.credit_lot AS lot, e.amount
      FROM ledger.entry e JOIN shop ON shop.id = e.credit_account
     WHERE e.municipality_id = %(municipality)s AND e.effective_at >= %(cutoff)s
    UNION ALL
    SELECT e.debit_account, e.debit_lot, -e.amount
      FROM ledger.entry e JOIN shop ON shop.id = e.debit_account
      JOIN ledger.posting p ON (p.municipality_id, p.id) = (e.municipality_id, e.posting_id)
      LEFT JOIN ledger.posting r ON (r.municipality_id, r.id) = (p.municipality_id, p.reverses)
     WHERE e.municipality_id = %(municipality)s AND e.effective_at >= %(cutoff)s AND p.template <> 'settle'
       AND coalesce(r.effective_at, p.effective_at) >= %(cutoff)s
), moved AS (
    SELECT account, lot, sum(amount)::bigint AS amount FROM later GROUP BY account, lot
)
SELECT shop.owner, o.id, o.fund, o.purse_kind, least(b.amount, b.amount - coalesce(moved.amount, 0))
  FROM shop
  JOIN ledger.balance b ON (b.municipality_id, b.account_id) = (%(municipality)s, shop.id)
  JOIN ledger.lot o ON (o.municipality_id, o.id) = (b.municipality_id, b.lot_id)
  LEFT JOIN moved ON (moved.account, moved.lot) = (b.account_id, b.lot_id)
 WHERE b.amount > 0
"""

_ACTIVITY = """
WITH shop AS (
    SELECT id, owner FROM ledger.account
     WHERE municipality_id = %(municipality)s AND role = 'shop' AND owner = ANY (%(shops)s)
), moved AS (
    SELECT shop.owner, e.posting_id, e.amount, true AS is_payment
      FROM ledger.entry e JOIN shop ON shop.id = e.credit_account
     WHERE e.municipality_id = %(municipality)s AND e.effective_at < %(cutoff)s
    UNION ALL
    SELECT shop.owner, e.posting_id, e.amount, false
      FROM ledger.entry e JOIN shop ON shop.id = e.debit_account
      JOIN ledger.posting p ON (p.municipality_id, p.id) = (e.municipality_id, e.posting_id)
      LEFT JOIN ledger.posting r ON (r.municipality_id, r.id) = (p.municipality_id, p.reverses)
     WHERE e.municipality_id = %(municipality)s AND p.template <> 'settle'
       AND coalesce(r.effective_at, p.effective_at) < %(cutoff)s
)
SELECT owner, count(DISTINCT posting_id) FILTER (WHERE is_payment),
       coalesce(sum(amount) FILTER (WHERE is_payment), 0)::bigint,
       count(DISTINCT posting_id) FILTER (WHERE NOT is_payment)
  FROM moved GROUP BY owner
"""

_PAYABLE = """
SELECT a.owner, o.id, o.fund, o.purse_kind, b.amount
  FROM ledger.account a
  JOIN ledger.balance b ON (b.municipality_id, b.account_id) = (a.municipality_id, a.id)
  JOIN ledger.lot o ON (o.municipality_id, o.id) = (b.municipality_id, b.lot_id)
 WHERE a.municipality_id = %(municipality)s AND a.role = 'payable' AND b.amount > 0
"""

_WITH_SHOP_ACCOUNT = """
SELECT owner FROM ledger.account
 WHERE municipality_id = %(municipality)s AND role = 'shop' AND owner = ANY (%(owners)s)
"""


def _rows(query: str, wanted: dict[str, Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(query, wanted)
        rows: list[tuple[Any, ...]] = cursor.fetchall()
        return rows


def takings(municipality: int, *, cutoff: datetime) -> tuple[Due, ...]:
    """What each shop took before the cutoff and has not been settled, by lot.

    Counted backwards from the balance, so that a payment which arrives late (offline, dated before an earlier cutoff)
    is found by the next run, whatever was settled before. A refund belongs to the time of the payment it takes back.
    Never more than the balance.
    """
    rows = _rows(_TAKINGS, {"municipality": municipality, "cutoff": cutoff})
    return dues((row[0], LotYen(*row[1:])) for row in rows)


def activity(shops: list[UUID], *, municipality: int, cutoff: datetime) -> dict[UUID, Activity]:
    """Everything these shops ever took and gave back up to the cutoff; the statements say what is new in it."""
    rows = _rows(_ACTIVITY, {"municipality": municipality, "cutoff": cutoff, "shops": shops})
    return {row[0]: Activity(*row[1:]) for row in rows}


def payables(municipality: int) -> tuple[Due, ...]:
    """Everything owed by bank transfer now, whoever to: shops, holders of benefits, sponsors."""
    return dues((row[0], LotYen(*row[1:])) for row in _rows(_PAYABLE, {"municipality": municipality}))


def shops_among(owners: list[UUID], *, municipality: int) -> frozenset[UUID]:
    """Those of the owners who are shops in the books."""
    rows = _rows(_WITH_SHOP_ACCOUNT, {"municipality": municipality, "owners": owners})
    return frozenset(row[0] for row in rows)
