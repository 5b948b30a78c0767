"""What shrinks on a demurrage day, what has shrunk, and what a holder will lose next."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db import connection

from meguri.ledger import queries as books
from meguri.ledger.templates import AccountRole
from meguri.programmes.arms import arms_of_document, rate_bp
from meguri.programmes.demurrage import loss_yen, next_day
from meguri.programmes.models import PurseKind
from meguri.programmes.parts import MoneyPart
from meguri.programmes.queries.arms import ARMS_SQL, arm_of
from meguri.programmes.queries.documents import terms
from meguri.programmes.queries.force import rules_in_force
from meguri.programmes.rules import PurseKindView
from meguri.programmes.sharing import WHOLE
from meguri.words.period import day_start


@dataclass(frozen=True, slots=True)
class Shrink:
    """One balance of a demurrage day: `base_yen` lay in the wallet as the day began, `amount_yen` of it leaves."""

    holder: UUID
    lot: int
    fund: UUID
    purse_kind: UUID
    base_yen: int
    amount_yen: int


@dataclass(frozen=True, slots=True)
class Ahead:
    """What a holder will lose of one purse kind on its next demurrage day, if nothing moves until then."""

    purse_kind: PurseKindView
    day: date
    base_yen: int
    amount_yen: int


def shrinking(
    programme: UUID, day: date, *, rate_bp: int, municipality: int, limit: int | None = None
) -> list[Shrink]:
    """The balances that still have to shrink for this day, by lot and holder; for a day to come, as they lie now.

    The base is what lay in the wallet when the day began (00:00 in Japan), whatever has moved since: so a run that is
    late takes the same yen as one in time. Earlier demurrage days, and what was undone of them, count before this day
    also when they were caught up after it. Whoever has lost for this day once is not found again, undone or not.
    `rate_bp` is the terms' own; where lot decides the demurrage, a holder loses at the rate of the holder's arm.
    """
    drawn = [
        (arm.code, arm.demurrage_bp) for arm in arms_of_document(terms(programme, municipality=municipality))
        if arm.demurrage_bp is not None
    ]
    kinds = PurseKind.objects.filter(municipality=municipality, programme_id=programme, part=MoneyPart.GRANTED)
    with connection.cursor() as cursor:
        cursor.execute(_SHRINKING_SQL, {
            "m": municipality, "kinds": list(kinds.values_list("id", flat=True)), "day": day.isoformat(),
            "starts": day_start(day), "rate": rate_bp, "whole": WHOLE, "limit": limit, "programme": programme,
            "arms": [code for code, _ in drawn], "rates": [rate for _, rate in drawn],
        })  # fmt: skip
        rows = cursor.fetchall()
    return [
        Shrink(holder, lot, fund, kind, base, loss_yen(base, rate_bp=rate))
        for holder, lot, fund, kind, base, rate in rows
    ]


_SHRINKING_SQL = f"""
    WITH own AS (
        SELECT id, fund, purse_kind, expires_at FROM ledger.lot
        WHERE municipality_id = %(m)s AND purse_kind = ANY (%(kinds)s)
          AND (expires_at IS NULL OR expires_at > %(starts)s)
    ), since AS (
        SELECT v.account, v.lot,
               sum(v.amount) FILTER (WHERE p.template NOT IN ('demurrage', 'undo_demurrage')
                                        OR p.about ->> 'day' >= %(day)s) AS moved,
               bool_or(p.template = 'demurrage' AND p.about ->> 'day' = %(day)s) AS shrunk
        FROM ledger.entry e
        JOIN ledger.posting p ON (p.municipality_id, p.id) = (e.municipality_id, e.posting_id)
        CROSS JOIN LATERAL (VALUES (e.credit_account, e.credit_lot, e.amount),
                                   (e.debit_account, e.debit_lot, -e.amount)) AS v (account, lot, amount)
        WHERE e.municipality_id = %(m)s AND e.posting_id >= ledger.first_number(%(starts)s)
          AND e.effective_at >= %(starts)s AND v.lot IN (SELECT id FROM own)
        GROUP BY 1, 2
    )
    SELECT a.owner, o.id, o.fund, o.purse_kind, (b.amount - coalesce(s.moved, 0))::bigint AS base,
           coalesce(drawn.rate, %(rate)s)
    FROM own o
    JOIN ledger.balance b ON (b.municipality_id, b.lot_id) = (%(m)s, o.id)
    JOIN ledger.account a ON (a.municipality_id, a.id) = (b.municipality_id, b.account_id)
    LEFT JOIN since s ON (s.account, s.lot) = (b.account_id, b.lot_id)
    LEFT JOIN ({ARMS_SQL}) AS mine ON (mine.programme, mine.person) = (%(programme)s, a.owner)
    LEFT JOIN unnest(%(arms)s::text[], %(rates)s::integer[]) AS drawn (arm, rate) ON drawn.arm = mine.arm
    WHERE a.role = 'wallet' AND b.amount > 0 AND NOT coalesce(s.shrunk, false)
      AND (b.amount - coalesce(s.moved, 0)) * coalesce(drawn.rate, %(rate)s) >= %(whole)s
    ORDER BY o.id, a.owner LIMIT %(limit)s
"""  # noqa: S608 - a constant of this room
"""A posting's number begins with its effective time: so only what moved since the day began is read."""


def shrunk(programme: UUID, day: date, *, municipality: int, limit: int) -> list[UUID]:
    """The postings of a demurrage day whose undoing nobody has decided yet under its key, in their order."""
    with connection.cursor() as cursor:
        cursor.execute(_SHRUNK_SQL, [municipality, day_start(day), str(programme), day.isoformat(), limit])
        return [row[0] for row in cursor.fetchall()]


_SHRUNK_SQL = """
    SELECT p.id FROM ledger.posting p
    WHERE p.municipality_id = %s AND p.id >= ledger.first_number(%s) AND p.template = 'demurrage'
    AND p.about @> jsonb_build_object('programme', %s::text, 'day', %s::text)
    AND NOT EXISTS (SELECT FROM ledger.posting_key k
                    WHERE k.municipality_id = p.municipality_id AND k.key = 'undo_demurrage:' || p.id)
    ORDER BY p.id LIMIT %s
"""


def shrinks_next(holder: UUID, *, municipality: int, at: datetime) -> tuple[Ahead, ...]:
    """What the holder's purses lose next, soonest first; nothing for purses too small to lose a yen."""
    kinds = rules_in_force(municipality, at).purse_kinds
    days = {
        kind.id: day for kind in kinds.values()
        if kind.demurrage and (day := next_day(kind.demurrage, kind.spending, at=at)) is not None
    }  # fmt: skip
    if not days:
        return ()
    rates = {number: _own_rate(kinds[number].programme, holder, municipality=municipality) for number in days}
    base, loss = Counter[UUID](), Counter[UUID]()
    for balance in books.balances([holder], AccountRole.WALLET, municipality=municipality):
        number, expires = balance.lot.purse_kind, balance.lot.expires_at
        if number not in days or (expires is not None and expires <= day_start(days[number])):
            continue
        base[number] += balance.amount
        loss[number] += loss_yen(balance.amount, rate_bp=rates[number])
    found = [Ahead(kinds[each], days[each], base[each], yen) for each, yen in loss.items() if yen]
    return tuple(sorted(found, key=lambda each: each.day))


def _own_rate(programme: UUID, holder: UUID, *, municipality: int) -> int:
    """At which rate the holder's value shrinks, by the terms or by the holder's arm."""
    arm = arm_of(programme, holder, municipality=municipality)
    return rate_bp(terms(programme, municipality=municipality), arm)
