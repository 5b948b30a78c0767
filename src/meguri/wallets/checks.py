"""Invariants of notes, gifts and donations, for any night. Each returns sentences about what is wrong; none is good."""

from __future__ import annotations

from typing import Any

from django.db import connection

# A note's keys: its first, and after each payment that was given back as a whole the one that follows from it.
_BLOCKED = """
    WITH RECURSIVE keys AS (
        SELECT k.municipality, k.booklet_id, k.note, n.first, p.key, p.posting_id
          FROM wallets_noteblock k
         CROSS JOIN LATERAL (SELECT 'note:' || k.booklet_id || ':' || lpad(k.note::text, 2, '0') AS first) n
          LEFT JOIN ledger.posting_key p ON (p.municipality_id, p.key) = (k.municipality, n.first)
         WHERE k.municipality = %s
        UNION ALL
        SELECT k.municipality, k.booklet_id, k.note, k.first, p.key, p.posting_id
          FROM keys k
          JOIN ledger.posting r ON (r.municipality_id, r.reverses) = (k.municipality, k.posting_id)
          LEFT JOIN ledger.posting_key p
            ON (p.municipality_id, p.key) = (k.municipality, k.first || ':' || k.posting_id)
    )
    SELECT k.booklet_id, k.note, k.posting_id IS NOT NULL FROM keys k
     WHERE (k.key IS NULL OR k.posting_id IS NOT NULL)
       AND NOT EXISTS (SELECT FROM ledger.posting r
                        WHERE (r.municipality_id, r.reverses) = (k.municipality, k.posting_id))
"""
_FILLED = """
    SELECT b.id, f.yen, f.notes * r.face_yen
      FROM wallets_booklet b JOIN wallets_printrun r ON r.id = b.run_id
     CROSS JOIN LATERAL (
        SELECT sum((s.value ->> 'notes')::int) AS notes,
               sum((SELECT coalesce(sum((p.value ->> 1)::int), 0)
                      FROM jsonb_array_elements(s.value -> 'parts') p)) AS yen
          FROM jsonb_array_elements(b.filled) s) f
     WHERE b.municipality = %s AND b.handed_at IS NOT NULL AND f.yen <> f.notes * r.face_yen
"""
_GIFTS = """
    SELECT g.id, g.yen, coalesce(sum(b.amount), 0), g.ended IS NULL
      FROM wallets_gift g
      LEFT JOIN ledger.account a ON (a.municipality_id, a.owner, a.role) = (g.municipality, g.id, 'held')
      LEFT JOIN ledger.balance b ON (b.municipality_id, b.account_id) = (a.municipality_id, a.id)
     WHERE g.municipality = %s GROUP BY g.id
    HAVING coalesce(sum(b.amount), 0) <> CASE WHEN g.ended IS NULL THEN g.yen ELSE 0 END
"""
_DONATIONS = """
    SELECT d.id, d.yen, coalesce(sum(b.amount), 0), d.outcome
      FROM wallets_donation d
      LEFT JOIN ledger.account a ON (a.municipality_id, a.owner, a.role) = (d.municipality, d.id, 'held')
      LEFT JOIN ledger.balance b ON (b.municipality_id, b.account_id) = (a.municipality_id, a.id)
     WHERE d.municipality = %s GROUP BY d.id
    HAVING coalesce(sum(b.amount), 0) <> CASE WHEN d.outcome = '' THEN d.yen ELSE 0 END
"""


def blocked_notes_can_never_pay(municipality: int) -> list[str]:
    """The key of every blocked note is used up, and by no payment."""
    return [
        f"note {note} of booklet {booklet} is blocked and {'was paid' if paid else 'can still be paid'}"
        for booklet, note, paid in _rows(_BLOCKED, municipality)
    ]


def booklets_hold_all_notes(municipality: int) -> list[str]:
    """What a booklet was filled with is its good notes times their face."""
    return [
        f"booklet {booklet}: filled with {yen} yen, its notes are worth {face}"
        for booklet, yen, face in _rows(_FILLED, municipality)
    ]


def gifts_hold_what_they_say(municipality: int) -> list[str]:
    """A gift that waits holds its yen; one that was taken or came back holds nothing."""
    return [
        f"gift {gift} of {yen} yen {'waits' if waits else 'is over'} and holds {held} yen"
        for gift, yen, held, waits in _rows(_GIFTS, municipality)
    ]


def donations_hold_what_they_say(municipality: int) -> list[str]:
    """A donation that can still be undone holds its yen; one that was undone or passed on holds nothing."""
    return [
        f"donation {donation} of {yen} yen ({outcome or 'waiting'}) holds {held} yen"
        for donation, yen, held, outcome in _rows(_DONATIONS, municipality)
    ]


def _rows(query: str, municipality: int) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(query, [municipality])
        return list(cursor.fetchall())
