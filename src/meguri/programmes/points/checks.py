"""Invariants of everyday actions that any night can run. Each returns sentences about what is wrong; none is good."""

from __future__ import annotations

from django.db import connection

_GRANTED = """
    SELECT r.id, r.granted_yen, coalesce(sum(e.amount), 0)
      FROM (SELECT id, municipality, posting, granted_yen, state FROM points_actionrecord
            UNION ALL SELECT id, municipality, posting, granted_yen, state FROM points_missionbonus) r
      LEFT JOIN (ledger.entry e JOIN ledger.account d
                 ON (d.municipality_id, d.id) = (e.municipality_id, e.debit_account) AND d.role = 'fund')
        ON (e.municipality_id, e.posting_id) = (r.municipality, r.posting)
     WHERE r.municipality = %s AND r.state = 'granted'
     GROUP BY r.id, r.granted_yen HAVING r.granted_yen <> coalesce(sum(e.amount), 0)
"""
_UNRECORDED = """
    SELECT p.id FROM ledger.posting p
     WHERE p.municipality_id = %s AND p.template = 'grant_points' AND p.about ?| ARRAY['action', 'mission']
       AND NOT EXISTS (SELECT FROM points_actionrecord r WHERE (r.municipality, r.posting) = (p.municipality_id, p.id))
       AND NOT EXISTS (SELECT FROM points_missionbonus b WHERE (b.municipality, b.posting) = (p.municipality_id, p.id))
"""


def grants_are_what_records_say(municipality: int) -> list[str]:
    """For every action and bonus granted, the yen that left the funds are the yen on its record."""
    with connection.cursor() as cursor:
        cursor.execute(_GRANTED, [municipality])
        return [f"record {row[0]}: {row[1]} yen granted, {row[2]} in the books" for row in cursor.fetchall()]


def every_grant_has_its_record(municipality: int) -> list[str]:
    """No points were granted for an action that nobody recorded, or a mission that nobody completed."""
    with connection.cursor() as cursor:
        cursor.execute(_UNRECORDED, [municipality])
        return [f"posting {row[0]} grants points without a record" for row in cursor.fetchall()]
