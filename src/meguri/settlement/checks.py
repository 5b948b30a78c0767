"""Invariants of settlement that any night can run. Each returns sentences about what is wrong; none is good."""

from __future__ import annotations

from typing import Any

from django.db import connection

from meguri.settlement import orders
from meguri.settlement.models import Payout, PayoutState, RunState, TransferFile

_SHOPS = """
WITH books AS (
    SELECT a.owner, sum(b.amount)::bigint AS yen
      FROM ledger.account a
      JOIN ledger.balance b ON (b.municipality_id, b.account_id) = (a.municipality_id, a.id)
     WHERE a.municipality_id = %(municipality)s AND a.role IN ('payable', 'paid_out')
       AND EXISTS (SELECT FROM ledger.account s WHERE (s.municipality_id, s.owner, s.role)
                                                    = (a.municipality_id, a.owner, 'shop'))
     GROUP BY a.owner
), told AS (
    SELECT shop AS owner, sum(net_yen)::bigint AS yen FROM settlement_settlementstatement
     WHERE municipality = %(municipality)s GROUP BY shop
)
SELECT coalesce(books.owner, told.owner), coalesce(books.yen, 0), coalesce(told.yen, 0)
  FROM books FULL JOIN told USING (owner) WHERE coalesce(books.yen, 0) <> coalesce(told.yen, 0)
"""

_LINES = """
SELECT s.id, s.net_yen, coalesce(sum(l.amount_yen), 0)::bigint FROM settlement_settlementstatement s
  LEFT JOIN settlement_statementline l ON l.statement_id = s.id
 WHERE s.municipality = %(municipality)s GROUP BY s.id HAVING s.net_yen <> coalesce(sum(l.amount_yen), 0)
UNION ALL
SELECT p.id, p.amount_yen, coalesce(sum(l.amount_yen), 0)::bigint FROM settlement_payout p
  LEFT JOIN settlement_payoutline l ON l.payout_id = p.id
 WHERE p.municipality = %(municipality)s GROUP BY p.id HAVING p.amount_yen <> coalesce(sum(l.amount_yen), 0)
"""

_PAID = """
WITH books AS (
    SELECT a.owner, sum(b.amount)::bigint AS yen FROM ledger.account a
      JOIN ledger.balance b ON (b.municipality_id, b.account_id) = (a.municipality_id, a.id)
     WHERE a.municipality_id = %(municipality)s AND a.role = 'paid_out' GROUP BY a.owner
), handed AS (
    SELECT payee AS owner, sum(amount_yen)::bigint AS yen FROM settlement_payout
     WHERE municipality = %(municipality)s AND state = 'sent' GROUP BY payee
)
SELECT coalesce(books.owner, handed.owner), coalesce(books.yen, 0), coalesce(handed.yen, 0)
  FROM books FULL JOIN handed USING (owner) WHERE coalesce(books.yen, 0) <> coalesce(handed.yen, 0)
"""

# A payout left out of an approved file speaks for no yen any more: they come again, or are paid at a counter.
_WAITING = """
WITH books AS (
    SELECT a.owner, b.lot_id AS lot, b.amount AS yen FROM ledger.account a
      JOIN ledger.balance b ON (b.municipality_id, b.account_id) = (a.municipality_id, a.id)
     WHERE a.municipality_id = %(municipality)s AND a.role = 'payable'
), waiting AS (
    SELECT p.payee AS owner, l.lot, sum(l.amount_yen)::bigint AS yen FROM settlement_payout p
      JOIN settlement_payoutline l ON l.payout_id = p.id
      JOIN settlement_settlementrun r ON r.id = p.run_id
     WHERE p.municipality = %(municipality)s AND (p.state = 'ordered' OR p.state = 'payable' AND r.state = 'run')
     GROUP BY 1, 2
)
SELECT waiting.owner, coalesce(books.yen, 0), waiting.yen FROM waiting LEFT JOIN books USING (owner, lot)
 WHERE waiting.yen > coalesce(books.yen, 0)
"""


def _rows(query: str, municipality: int) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(query, {"municipality": municipality})
        rows: list[tuple[Any, ...]] = cursor.fetchall()
        return rows


def statements_match_the_books(municipality: int) -> list[str]:
    """For every shop: what is payable and what was paid out together are what its statements told."""
    return [f"shop {shop}: books {books}, statements {told}" for shop, books, told in _rows(_SHOPS, municipality)]


def lines_add_up(municipality: int) -> list[str]:
    """Every statement and every payout is the sum of its lines."""
    return [f"{number}: {yen}, its lines {lines}" for number, yen, lines in _rows(_LINES, municipality)]


def payouts_match_the_books(municipality: int) -> list[str]:
    """What the bank was given and did not return is what the books call paid out; nothing waits that is not owed."""
    faults = [f"payee {payee}: books {books}, handed over {yen}" for payee, books, yen in _rows(_PAID, municipality)]
    return faults + [
        f"payee {payee}: owed {books}, waiting {yen}" for payee, books, yen in _rows(_WAITING, municipality)
    ]


def files_open(municipality: int, *, sample: int = 20) -> list[str]:
    """The newest bank files open with the town's key, are the ones approved, and say what their payouts say."""
    faults = []
    for row in TransferFile.objects.filter(municipality=municipality).order_by("-id")[:sample]:
        content = orders.read_file(row)
        if row.run.file_digest != row.digest or not content:
            faults.append(f"file {row.id} is not the one its run names")
        elif row.run.state != RunState.WITHDRAWN:
            faults += _compared(row)
    return faults


def _compared(file: TransferFile) -> list[str]:
    """A payout that came back stays in the file that ordered it."""
    ordered = (PayoutState.ORDERED, PayoutState.SENT, PayoutState.RETURNED)
    try:
        orders.compare(file.run, list(Payout.objects.filter(run=file.run, state__in=ordered)))
    except ValueError as fault:
        return [str(fault)]
    return []


def reconcile(municipality: int) -> list[str]:
    """Everything above in one list."""
    return [
        *statements_match_the_books(municipality), *lines_add_up(municipality),
        *payouts_match_the_books(municipality), *files_open(municipality),
    ]
