"""Value that an amendment lets live longer: until when, and what of it still lies in its old lots."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from uuid import UUID

from django.db import connection

from meguri.programmes.demurrage import RunKind
from meguri.programmes.models import PurseKind, ValueRun
from meguri.programmes.queries.money import Lapsed
from meguri.programmes.queries.runs import days_to_run
from meguri.words.period import Period


def end_of(last_day: date) -> datetime:
    """The moment from which value that is good until this day is good no more."""
    ends = Period.of_days(last_day, last_day).end
    assert ends is not None  # noqa: S101 - a day has an end
    return ends


def extending(programme: UUID, *, until: datetime, municipality: int, limit: int | None = None) -> list[Lapsed]:
    """What an extension to `until` still has to move: value in wallets whose lots expire sooner, by holder and lot.

    Money on hold stays where it is: a hold is paid from the lots that it named. What comes back from it, or from a
    shop, lies in its old lot, and is found here again.
    """
    parts = dict(PurseKind.objects.filter(municipality=municipality, programme_id=programme).values_list("id", "part"))
    with connection.cursor() as cursor:
        cursor.execute(_EXTENDING_SQL, [municipality, list(parts), until, limit])
        rows = cursor.fetchall()
    return [Lapsed(holder, lot, fund, kind, parts[kind], yen) for holder, lot, fund, kind, yen in rows]


_EXTENDING_SQL = """
    SELECT a.owner, o.id, o.fund, o.purse_kind, b.amount FROM ledger.lot o
    JOIN ledger.balance b ON (b.municipality_id, b.lot_id) = (o.municipality_id, o.id)
    JOIN ledger.account a ON (a.municipality_id, a.id) = (b.municipality_id, b.account_id)
    WHERE o.municipality_id = %s AND o.purse_kind = ANY (%s) AND o.expires_at < %s
    AND a.role = 'wallet' AND b.amount > 0
    ORDER BY a.owner, o.id LIMIT %s
"""


def former_end(kinds: Iterable[UUID], *, until: datetime, municipality: int) -> datetime | None:
    """When the value of these purse kinds ended before it was extended to `until`; None where there was none."""
    with connection.cursor() as cursor:
        cursor.execute(_FORMER_SQL, [municipality, list(kinds), until])
        found: datetime | None = cursor.fetchone()[0]
    return found


_FORMER_SQL = """
    SELECT max(expires_at) FROM ledger.lot WHERE municipality_id = %s AND purse_kind = ANY (%s) AND expires_at < %s
"""


def moved_by_run(run: UUID, *, template: str, since: datetime, municipality: int, limit: int) -> list[UUID]:
    """The postings of a run whose undoing nobody has decided yet: made, or given up for good, under its key."""
    with connection.cursor() as cursor:
        cursor.execute(_MOVED_SQL, [municipality, since, template, str(run), f"undo_{template}:", limit])
        return [row[0] for row in cursor.fetchall()]


_MOVED_SQL = """
    SELECT p.id FROM ledger.posting p
    WHERE p.municipality_id = %s AND p.id >= ledger.first_number(%s) AND p.template = %s
    AND p.about @> jsonb_build_object('run', %s::text)
    AND NOT EXISTS (SELECT FROM ledger.posting_key k WHERE k.municipality_id = p.municipality_id AND k.key = %s || p.id)
    ORDER BY p.id LIMIT %s
"""


def waits_for_demurrage(programme: UUID, *, municipality: int, at: datetime) -> bool:
    """Whether a demurrage day has begun and is not finished: it counts lot by lot, so nothing moves meanwhile."""
    going = ValueRun.objects.filter(
        municipality=municipality, programme_id=programme, kind=RunKind.DEMURRAGE, done_at=None, undo_ordered_at=None
    )
    return going.exists() or bool(days_to_run(programme, municipality=municipality, at=at))
