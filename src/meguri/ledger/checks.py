"""Invariants of the books that any night can run, beside the auditor's. Each returns sentences about what is wrong."""

from __future__ import annotations

from django.db import connection


def day_sums_match_the_entries(municipality: int) -> list[str]:
    """The sums by day, from which past questions are answered, are those of the entries."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM ledger.wrong_day_sums(%s)", [municipality])
        return [
            f"account {account}, lot {lot}, effective {effective}, recorded {recorded}: {kept} kept, {moved} moved"
            for account, lot, effective, recorded, kept, moved in cursor.fetchall()
        ]
