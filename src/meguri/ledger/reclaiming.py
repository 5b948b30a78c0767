"""What of a grant has gone back already when it is taken back, and what taking it back left to owe. Questions only."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.db import connection

from meguri.ledger import queries
from meguri.ledger.layers import Movement, counted, went_back
from meguri.ledger.refunds import Refundable, Share
from meguri.ledger.rules import Account
from meguri.ledger.templates import AccountRole


def gone_back(parts: Sequence[Refundable], *, municipality: int) -> dict[int, list[Share]]:
    """For each entry of a grant (by its number) the entries by which it went back by itself, and how many yen.

    Only what went where it came from, was not put back since, and was not counted for another grant.
    """
    lots = queries.lots({each.credit_lot for each in parts}, municipality=municipality)
    found: dict[int, list[Share]] = {}
    for each in parts:
        lot = lots[each.credit_lot]
        moved = movements(each.credit, fund=lot.fund, purse_kind=lot.purse_kind, municipality=municipality)
        gone = went_back(moved, wallet=each.credit)[each.posting, each.entry_no]
        entries = [(_entry(*entry, municipality=municipality), yen) for entry, yen in gone.items() if yen]
        found[each.entry_no] = [
            (entry, min(yen, entry.left)) for entry, yen in entries if entry.credit == each.debit and entry.left
        ]
    return found


def counting(each: Refundable, yen: int, *, gone: Sequence[Share]) -> list[Share]:
    """What counts as given back when `yen` of an entry are taken: the entries by which it went, last first."""
    rest = counted(yen, left=each.left, back=sum(part for _, part in gone))
    shares = []
    for entry, part in reversed(gone):
        take = min(rest, part)
        if take:
            shares.append((entry, take))
            rest -= take
    return shares


def newly_owed(posting: UUID, *, municipality: int) -> int:
    """The yen that a posting left its holder to owe."""
    entries = queries.entries(posting, municipality=municipality)
    more = sum(each.amount for each in entries if each.credit.role is AccountRole.DEBT)
    return more - sum(each.amount for each in entries if each.debit.role is AccountRole.DEBT)


def _entry(posting: UUID, entry_no: int, *, municipality: int) -> Refundable:
    parts = queries.refundable(posting, municipality=municipality)
    return next(each for each in parts if each.entry_no == entry_no)


def movements(wallet: Account, *, fund: UUID | None, purse_kind: UUID | None, municipality: int) -> list[Movement]:
    """All that ever moved in a wallet of one fund and purse kind, in its order."""
    wanted: dict[str, Any] = {
        "m": municipality, "owner": wallet.owner, "role": str(wallet.role), "fund": fund, "kind": purse_kind,
    }  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(_MOVEMENTS_SQL, wanted)
        return [_movement(row) for row in cursor.fetchall()]


_MOVEMENTS_SQL = """
    WITH own AS (SELECT id FROM ledger.account WHERE (municipality_id, owner, role) = (%(m)s, %(owner)s, %(role)s)),
    purse AS (SELECT id FROM ledger.lot WHERE (municipality_id, fund, purse_kind) = (%(m)s, %(fund)s, %(kind)s)),
    moved AS (
        SELECT * FROM ledger.entry WHERE municipality_id = %(m)s AND debit_account = (SELECT id FROM own)
           AND debit_lot IN (SELECT id FROM purse)
        UNION
        SELECT * FROM ledger.entry WHERE municipality_id = %(m)s AND credit_account = (SELECT id FROM own)
           AND credit_lot IN (SELECT id FROM purse)
    )
    SELECT p.id, e.entry_no, p.template, coalesce(p.reverses::text, p.about ->> 'refunds'),
           d.owner, d.role, e.debit_lot, c.owner, c.role, e.credit_lot, e.amount
    FROM moved e
    JOIN ledger.posting p ON (p.municipality_id, p.id) = (%(m)s, e.posting_id)
    JOIN ledger.account d ON (d.municipality_id, d.id) = (%(m)s, e.debit_account)
    JOIN ledger.account c ON (c.municipality_id, c.id) = (%(m)s, e.credit_account)
    ORDER BY p.recorded_at, p.id, e.entry_no
"""


def _movement(row: Sequence[Any]) -> Movement:
    posting, entry_no, template, undoes, debit, debit_role, debit_lot, credit, credit_role, credit_lot, amount = row
    source, target = Account(debit, AccountRole(debit_role)), Account(credit, AccountRole(credit_role))
    undone = UUID(undoes) if undoes else None
    return Movement(posting, entry_no, template, undone, source, debit_lot, target, credit_lot, amount)
