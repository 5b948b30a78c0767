"""Whoever brings value under a ceiling of what is held waits here: such a ceiling is no balance of its own.

What somebody holds falls with every payment; were it counted as a balance, each payment at a till would have to move
that as well. So it is judged by reading the wallet, and everybody who would make it larger takes this lock first:
points that are granted, and gifts that are taken.
"""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from django.db import connection

_LOCK = """
    SELECT pg_advisory_xact_lock(each.key) FROM (
        SELECT DISTINCT hashtextextended('holding:' || said, 0) AS key FROM unnest(%s::text[]) AS said ORDER BY key
    ) AS each
"""


def wait_for_holding(held: Iterable[tuple[UUID, UUID]]) -> None:
    """Hold these holdings, each a programme's in one holder's wallet, until the transaction ends; all in one order.

    What is held is read after this, in the same transaction as what makes it larger.
    """
    said = [f"{programme}:{holder}" for programme, holder in held]
    if said:
        with connection.cursor() as cursor:
            cursor.execute(_LOCK, [said])
