"""Invariants of the tills that any night can run. Each returns sentences about what is wrong; none is good."""

from __future__ import annotations

from django.db import connection

_COUNTED = """
    SELECT d.id, d.notes, d.yen, coalesce(b.notes, 0), coalesce(b.yen, 0)
      FROM (SELECT id, notes, yen FROM tills_delivery WHERE municipality = %s AND notes > 0) d
      FULL JOIN (
        SELECT (p.about ->> 'delivery')::uuid AS id, count(DISTINCT p.id) AS notes, sum(e.amount) AS yen
          FROM ledger.posting p JOIN ledger.entry e ON (e.municipality_id, e.posting_id) = (p.municipality_id, p.id)
         WHERE p.municipality_id = %s AND p.template = 'pay' AND p.about ->> 'channel' = 'paper' GROUP BY 1) b
        ON b.id = d.id
     WHERE (d.notes, d.yen) IS DISTINCT FROM (b.notes, b.yen)
"""


def deliveries_are_what_was_paid(municipality: int) -> list[str]:
    """Every delivery of paper notes has the number and the yen of its payments in the books."""
    with connection.cursor() as cursor:
        cursor.execute(_COUNTED, [municipality, municipality])
        return [
            f"delivery {delivery}: {notes} notes, {yen} yen; in the books {paid} payments, {paid_yen} yen"
            for delivery, notes, yen, paid, paid_yen in cursor.fetchall()
        ]
