"""What is left in the wallets of a programme that has ended, and from when it may be wound up."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from django.db import connection

from meguri.programmes.models import PurseKind
from meguri.programmes.queries.documents import PROGRAMME_UNKNOWN, programme, terms
from meguri.programmes.queries.money import Lapsed
from meguri.programmes.timing import last_spending_day
from meguri.words.clock import day


@dataclass(frozen=True, slots=True)
class WindingUp:
    """`first_day`: nobody can spend any more and the notice is over. `unspent_paid`: kept, refunded."""

    first_day: date
    is_closed: bool
    unspent_paid: str

    def may_begin(self, at: datetime) -> bool:
        return self.is_closed and day(at) >= self.first_day


def winding_up(programme_id: UUID, *, municipality: int) -> WindingUp:
    """From when a programme may be wound up, and whose its unspent paid value is. Raises `programme_unknown`."""
    view = programme(programme_id, municipality=municipality)
    if view is None:
        raise PROGRAMME_UNKNOWN.refusal()
    document = terms(programme_id, municipality=municipality)
    first = last_spending_day(document) + timedelta(days=1 + document.refunds.closing_notice_days)
    return WindingUp(first, view.closed_at is not None, document.refunds.unspent_paid)


def remaining(programme: UUID, *, municipality: int, limit: int | None = None) -> list[Lapsed]:
    """All that still lies in the wallets of a programme, expired or not, by holder and lot."""
    parts = dict(PurseKind.objects.filter(municipality=municipality, programme_id=programme).values_list("id", "part"))
    with connection.cursor() as cursor:
        cursor.execute(_REMAINING_SQL, [municipality, list(parts), limit])
        rows = cursor.fetchall()
    return [Lapsed(holder, lot, fund, kind, parts[kind], yen) for holder, lot, fund, kind, yen in rows]


_REMAINING_SQL = """
    SELECT a.owner, o.id, o.fund, o.purse_kind, b.amount FROM ledger.lot o
    JOIN ledger.balance b ON (b.municipality_id, b.lot_id) = (o.municipality_id, o.id)
    JOIN ledger.account a ON (a.municipality_id, a.id) = (b.municipality_id, b.account_id)
    WHERE o.municipality_id = %s AND o.purse_kind = ANY (%s) AND a.role = 'wallet' AND b.amount > 0
    ORDER BY a.owner, o.id LIMIT %s
"""
