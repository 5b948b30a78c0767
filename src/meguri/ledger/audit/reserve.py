"""The money that must be there: what people paid in and have not spent, against what was received and not paid out."""

from __future__ import annotations

from typing import Any

import psycopg

from meguri.ledger.audit.claims import Claim, Proof

CLAIM = Claim(
    "reserve",
    "払い込まれて未使用のお金と店などへの未払いは、受け取ってまだ払い出していないお金で足りる",
    "what was paid in and not used, and what is owed of it, is covered by money received and not yet paid out",
)
NO_ACCOUNT_APART = (
    "帳簿には分別管理の口座はありません。このお金は自治体の会計の中にあるはずで、銀行の残高と照らし合わせてください。"
    " / The books know of no segregated account: this money must lie in the town's own accounts. Ask the bank."
)
_SUMS = """
    SELECT municipality_id, fund, -coalesce(sum(amount) FILTER (WHERE role = 'cash_received'), 0) AS received,
           coalesce(sum(amount) FILTER (WHERE role = 'paid_out'), 0) AS paid_out,
           coalesce(sum(amount) FILTER (WHERE role IN ('fund', 'expired')), 0) AS kept,
           coalesce(sum(amount) FILTER (
               WHERE role NOT IN ('cash_received', 'appropriation', 'paid_out', 'fund', 'expired')), 0) AS owed,
           coalesce(bool_or(amount <> 0) FILTER (WHERE role = 'appropriation'), false) AS appropriated
    FROM (SELECT b.municipality_id, o.fund, a.role, b.amount FROM ledger.balance b
          JOIN ledger.account a ON (a.municipality_id, a.id) = (b.municipality_id, b.account_id)
          JOIN ledger.lot o ON (o.municipality_id, o.id) = (b.municipality_id, b.lot_id)
          WHERE o.fund IS NOT NULL) AS held
    GROUP BY 1, 2"""

_WITHDRAWN = """
    SELECT b.municipality_id, sum(b.amount)::bigint FROM ledger.balance b
    JOIN ledger.account a ON (a.municipality_id, a.id) = (b.municipality_id, b.account_id)
    JOIN ledger.lot o ON (o.municipality_id, o.id) = (b.municipality_id, b.lot_id)
    WHERE a.role = 'debt' AND b.amount > 0 AND NOT EXISTS (
        SELECT FROM ledger.account c JOIN ledger.balance d
          ON (d.municipality_id, d.account_id) = (c.municipality_id, c.id)
        WHERE (c.municipality_id, c.owner, c.role) = (b.municipality_id, o.allowed, 'appropriation') AND d.amount <> 0)
    GROUP BY 1"""
"""What is owed to funds that buyers' money alone fills: their payment was withdrawn after the vouchers were spent. The
books count it as received, and nobody has it."""


def prove_reserve(connection: psycopg.Connection[Any]) -> Proof:
    """For every fund of buyers' money: received - paid out >= held by people and owed to shops."""
    rows = connection.execute(f"{_SUMS} ORDER BY 1, 2").fetchall()
    paid = [row for row in rows if _is_buyers(row)]
    short = tuple((*row[:2], "short by", row[5] - (row[2] - row[3])) for row in paid if row[2] - row[3] < row[5])
    towns = sorted({row[0] for row in paid})
    missing = dict(connection.execute(_WITHDRAWN).fetchall())
    lines = (line for town in towns for line in (*_said(town, rows), *_missing(missing.get(town, 0))))
    return Proof(CLAIM, len(paid), short, tuple(lines))


def _is_buyers(row: tuple[Any, ...]) -> bool:
    """Whether people's money alone fills a fund: a budget to which a debt was repaid in cash is none of theirs."""
    return bool(row[2]) and not row[6]


def _missing(yen: int) -> list[str]:
    """Said only where it is so."""
    said = (
        f"うち {yen:,} 円は、取り消された支払いで買った人がまだ返していない"
        f" / {yen:,} of it is owed by buyers whose payment was withdrawn"
    )
    return [said] if yen else []


def _said(town: int, rows: list[tuple[Any, ...]]) -> list[str]:
    own = [row for row in rows if row[0] == town]
    held = sum(row[2] - row[3] for row in own if _is_buyers(row))
    owed = sum(row[5] for row in own if _is_buyers(row))
    budget = sum(row[4] for row in own if not _is_buyers(row))
    said = (
        f"{town}: 預り {held:,} 円 >= 未使用・未払い {owed:,} 円; 裏づけの予算残 {budget:,} 円"
        f" / held {held:,} >= unspent and owed {owed:,}; budget left behind it {budget:,} yen"
    )
    return [said, NO_ACCOUNT_APART]
