"""Every posting that touched a fund's money, newest first: where its yen left, where they arrived.

The books give one account's statement (`ledger.queries.statement`); a fund's money lies in many accounts, so its lines
are read by its lots. The cursor is the posting's number, as there: rows that are added come before the first page.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import connection

PLACES = ("fund", "wallet", "held", "shop", "payable", "paid_out", "expired")
"""The roles of accounts in which a fund's yen can lie, in the order in which money moves; others are outside."""


@dataclass(frozen=True, slots=True)
class FundLine:
    """One posting: by how many yen each place (`PLACES`) grew (+) or shrank (-). `shops`: whose takings it moved."""

    posting: UUID
    template: str
    effective_at: datetime
    recorded_at: datetime
    moved: Mapping[str, int]
    shops: tuple[UUID, ...]
    reverses: UUID | None

    @property
    def loaded_yen(self) -> int:
        """What came into the fund from outside, or left it for good."""
        return sum(self.moved.values())


_LINES = """
WITH own AS (SELECT id FROM ledger.lot WHERE municipality_id = %(town)s AND fund = %(fund)s AND unit = 'money'),
moved AS (
    SELECT posting_id, debit_account AS account, -amount AS yen FROM ledger.entry
     WHERE municipality_id = %(town)s AND debit_lot IN (SELECT id FROM own)
       AND (%(after)s::uuid IS NULL OR posting_id < %(after)s::uuid)
    UNION ALL
    SELECT posting_id, credit_account, amount FROM ledger.entry
     WHERE municipality_id = %(town)s AND credit_lot IN (SELECT id FROM own)
       AND (%(after)s::uuid IS NULL OR posting_id < %(after)s::uuid)
), page AS (SELECT DISTINCT posting_id FROM moved ORDER BY posting_id DESC LIMIT %(limit)s)
SELECT p.id, p.template, p.effective_at, p.recorded_at, p.reverses, a.role, sum(v.yen)::bigint,
       array_agg(DISTINCT a.owner)
  FROM page JOIN moved v USING (posting_id)
  JOIN ledger.posting p ON (p.municipality_id, p.id) = (%(town)s, page.posting_id)
  JOIN ledger.account a ON (a.municipality_id, a.id) = (%(town)s, v.account)
 GROUP BY p.municipality_id, p.id, a.role ORDER BY p.id DESC, a.role
"""


def fund_lines(fund: UUID, *, municipality: int, after: UUID | None = None, limit: int = 50) -> tuple[FundLine, ...]:
    """A page of the fund's postings; `after` is the last posting of the page before."""
    wanted: dict[str, UUID | int | None] = {"town": municipality, "fund": fund, "after": after, "limit": limit}
    found: dict[UUID, FundLine] = {}
    with connection.cursor() as cursor:
        cursor.execute(_LINES, wanted)
        for number, template, effective, recorded, reverses, role, yen, owners in cursor.fetchall():
            line = found.get(number) or FundLine(number, template, effective, recorded, {}, (), reverses)
            found[number] = _with(line, role, yen=yen, owners=owners)
    return tuple(found.values())


def _with(line: FundLine, role: str, *, yen: int, owners: list[UUID]) -> FundLine:
    """The line with the yen of one more role."""
    moved = dict(line.moved)
    if role in PLACES:
        moved[role] = moved.get(role, 0) + yen
    tills = owners if role in ("shop", "payable", "paid_out") else []
    shops = tuple(dict.fromkeys((*line.shops, *tills)))
    return FundLine(
        line.posting, line.template, line.effective_at, line.recorded_at, moved=moved, shops=shops,
        reverses=line.reverses,
    )  # fmt: skip
