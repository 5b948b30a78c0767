"""The second wall: PostgreSQL itself shows the living program the rows of one town only, the one that is named here.

The first wall is the `municipality=` of every question. Where a town becomes known (a request, a token, a task, a batch
of payments), it is named once; who names none sees nothing. What stands behind the wall: `site/sql/wall.sql`.
"""

from __future__ import annotations

from django.db import connection


def name_municipality(municipality: int) -> None:
    """Name the town for which this thread's connection works from now on, until another is named.

    A name given within a transaction that is undone is undone with it.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('meguri.municipality', %s, false)", [str(municipality)])
