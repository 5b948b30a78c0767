"""What is claimed of the books, each as one question to the database: rows that break it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import psycopg


@dataclass(frozen=True)
class Claim:
    """An invariant in two languages."""

    name: str
    ja: str
    en: str


@dataclass(frozen=True)
class Question(Claim):
    """A claim that SQL answers: `count` counts the rows it speaks of, `offenders` lists those that break it."""

    count: str
    offenders: str


@dataclass(frozen=True)
class Proof:
    """The answer to one claim: rows looked at, the first offenders (empty: the claim holds), what is to be said."""

    claim: Claim
    looked_at: int
    offenders: tuple[tuple[Any, ...], ...]
    said: tuple[str, ...] = ()

    @property
    def holds(self) -> bool:
        return not self.offenders


_MOVED = """
    SELECT municipality_id, account_id, lot_id, sum(amount)::bigint AS amount FROM (
        SELECT municipality_id, credit_account AS account_id, credit_lot AS lot_id, amount FROM ledger.entry
        UNION ALL SELECT municipality_id, debit_account, debit_lot, -amount FROM ledger.entry
    ) AS moved GROUP BY 1, 2, 3"""

CLAIMS = (
    Question(
        "balances",
        "どの残高も、その明細の合計に等しい",
        "every balance is the sum of its entries",
        "SELECT count(*) FROM ledger.balance",
        f"""SELECT coalesce(b.municipality_id, m.municipality_id), coalesce(b.account_id, m.account_id),
                   coalesce(b.lot_id, m.lot_id), b.amount, m.amount
            FROM ledger.balance b FULL JOIN ({_MOVED}) m USING (municipality_id, account_id, lot_id)
            WHERE coalesce(b.amount, 0) <> coalesce(m.amount, 0)""",  # noqa: S608 - a constant of this file
    ),
    Question(
        "funds",
        "お金は財源を変えず、増えも減りもしない(財源ごとの合計は0)",
        "money keeps its fund and is neither made nor lost (every fund adds up to zero)",
        "SELECT count(DISTINCT (municipality_id, fund)) FROM ledger.lot WHERE fund IS NOT NULL",
        f"""SELECT o.municipality_id, o.unit, o.fund, sum(m.amount) FROM ({_MOVED}) m
            JOIN ledger.lot o ON (o.municipality_id, o.id) = (m.municipality_id, m.lot_id)
            GROUP BY 1, 2, 3 HAVING sum(m.amount) <> 0""",  # noqa: S608 - a constant of this file
    ),
    Question(
        "lots",
        "一つの明細の出どころと行き先は同じ財源・同じ単位である",
        "each entry leaves and arrives in the same fund and unit",
        "SELECT count(*) FROM ledger.entry",
        """SELECT e.municipality_id, e.posting_id, e.entry_no FROM ledger.entry e
           JOIN ledger.lot d ON (d.municipality_id, d.id) = (e.municipality_id, e.debit_lot)
           JOIN ledger.lot c ON (c.municipality_id, c.id) = (e.municipality_id, e.credit_lot)
           WHERE (d.unit, d.fund, d.allowed) IS DISTINCT FROM (c.unit, c.fund, c.allowed)""",
    ),
    Question(
        "overdraft",
        "予算・財布・在庫・権利の残高は負にならない",
        "no budget, purse, stock or right is overdrawn",
        "SELECT count(*) FROM ledger.balance",
        """SELECT b.municipality_id, b.account_id, b.lot_id, b.amount FROM ledger.balance b
           JOIN ledger.account a ON (a.municipality_id, a.id) = (b.municipality_id, b.account_id)
           WHERE b.amount < 0 AND a.role NOT IN ('appropriation', 'cash_received', 'allotment')""",
    ),
    Question(
        "whole",
        "どの取引にも明細があり、どの明細にも取引がある",
        "every posting has entries and every entry a posting",
        "SELECT count(*) FROM ledger.posting",
        """SELECT coalesce(p.municipality_id, e.municipality_id), p.id, e.posting_id
           FROM ledger.posting p FULL JOIN (SELECT DISTINCT municipality_id, posting_id FROM ledger.entry) e
             ON (e.municipality_id, e.posting_id) = (p.municipality_id, p.id)
           WHERE p.id IS NULL OR e.posting_id IS NULL""",
    ),
    Question(
        "days",
        "どの明細も、その取引と同じ日時に効く",
        "every entry takes effect when its posting does",
        "SELECT count(*) FROM ledger.entry",
        """SELECT e.municipality_id, e.posting_id, e.entry_no, e.effective_at, p.effective_at FROM ledger.entry e
           JOIN ledger.posting p ON (p.municipality_id, p.id) = (e.municipality_id, e.posting_id)
           WHERE e.effective_at <> p.effective_at""",
    ),
    Question(
        "numbered",
        "取引の明細は1から欠番なく並ぶ",
        "the entries of a posting are numbered from one without a gap",
        "SELECT count(*) FROM ledger.entry",
        """SELECT municipality_id, posting_id, count(*), max(entry_no) FROM ledger.entry
           GROUP BY 1, 2 HAVING max(entry_no) <> count(*) OR min(entry_no) <> 1""",
    ),
    Question(
        "once",
        "どの取引も一つの受付番号で作られ、使い切ったものは一つまで",
        "every posting was made under one key, and used up at most one thing besides",
        "SELECT count(*) FROM ledger.posting_key",
        """SELECT municipality_id, id, sum(made) AS made, sum(keys) AS keys  -- a join is slow
           FROM (SELECT municipality_id, id, 1 AS made, 0 AS keys FROM ledger.posting UNION ALL
                 SELECT municipality_id, posting_id, 0, 1 FROM ledger.posting_key WHERE posting_id IS NOT NULL) AS t
           GROUP BY 1, 2 HAVING sum(made) <> 1 OR sum(keys) NOT BETWEEN 1 AND 2""",
    ),
    Question(
        "templates",
        "どの動きも、その仕訳の型に定められている",
        "every movement is one that its template allows, its limits and their openings apart",
        "SELECT count(*) FROM ledger.entry",
        """SELECT e.municipality_id, e.posting_id, e.entry_no, p.template, d.role, c.role FROM ledger.entry e
           JOIN ledger.posting p ON (p.municipality_id, p.id) = (e.municipality_id, e.posting_id)
           JOIN ledger.account d ON (d.municipality_id, d.id) = (e.municipality_id, e.debit_account)
           JOIN ledger.account c ON (c.municipality_id, c.id) = (e.municipality_id, e.credit_account)
           WHERE (d.role, c.role) NOT IN (('allotment', 'allowance'), ('allowance', 'used'))
             AND NOT EXISTS (SELECT FROM ledger.template_leg t
                             WHERE (t.template, t.version, t.debit_role, t.credit_role)
                                 = (p.template, p.template_version, d.role, c.role))""",
    ),
    Question(
        "reversals",
        "取消は元の取引の明細をそのまま逆にしたものである",
        "a reversal is exactly its original turned round",
        "SELECT count(*) FROM ledger.posting WHERE reverses IS NOT NULL",
        """SELECT r.municipality_id, r.id, r.reverses FROM ledger.posting r WHERE r.reverses IS NOT NULL AND EXISTS (
               (SELECT debit_account, debit_lot, credit_account, credit_lot, amount FROM ledger.entry
                WHERE (municipality_id, posting_id) = (r.municipality_id, r.id) EXCEPT ALL
                SELECT credit_account, credit_lot, debit_account, debit_lot, amount FROM ledger.entry
                WHERE (municipality_id, posting_id) = (r.municipality_id, r.reverses))
               UNION ALL
               (SELECT credit_account, credit_lot, debit_account, debit_lot, amount FROM ledger.entry
                WHERE (municipality_id, posting_id) = (r.municipality_id, r.reverses) EXCEPT ALL
                SELECT debit_account, debit_lot, credit_account, credit_lot, amount FROM ledger.entry
                WHERE (municipality_id, posting_id) = (r.municipality_id, r.id)))""",
    ),
    Question(
        "guards",
        "書き換えを拒む仕掛けが、三つの帳簿と記録簿のすべてで働いている",
        "the guards that refuse rewriting are in force on all three books and on the log",
        "SELECT 12",
        """SELECT book, guard
           FROM unnest(ARRAY['posting', 'entry', 'posting_key', 'sequence', 'node', 'tree_head']) AS book,
                  unnest(ARRAY['append_only', 'never_emptied']) AS guard
           WHERE NOT EXISTS (SELECT FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid
                             JOIN pg_namespace n ON n.oid = c.relnamespace
                             WHERE (n.nspname, c.relname, t.tgname) = ('ledger', book, guard)
                               AND t.tgenabled = 'O')""",
    ),
)


def answers(connection: psycopg.Connection[Any]) -> Iterator[Proof]:
    """Ask every question, on the caller's snapshot."""
    for claim in CLAIMS:
        counted = connection.execute(claim.count).fetchone()
        offenders = connection.execute(f"{claim.offenders} LIMIT 10").fetchall()
        yield Proof(claim, counted[0] if counted else 0, tuple(offenders))
