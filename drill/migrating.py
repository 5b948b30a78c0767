"""A new version is put in, and a new month begins, while people pay and a report is read: who waits longest?"""

from __future__ import annotations

import threading
import time
from datetime import UTC, datetime, timedelta

STALL_S_MAX = 0.5
"""So long a payment may wait at most."""
TIMES, REPORT_S = 5, 2.0


def run(_seed: int) -> dict[str, object]:
    """The whole drill, in the drills' own books (`drill.books`)."""
    from django.core.management import call_command

    from meguri.ledger import operations

    longest: list[float] = []
    ends = threading.Event()
    payer = threading.Thread(target=_pay, args=(longest, ends))
    payer.start()
    while len(longest) < 100:
        time.sleep(0.01)
    longest.clear()
    for number in range(1, TIMES + 1):
        report = threading.Thread(target=_read)
        report.start()
        call_command("migrate", verbosity=0)
        operations.turn_month(at=datetime.now(UTC) + timedelta(days=40 * number))
        report.join()
    ends.set()
    payer.join()
    worst = max(longest)
    return {
        "name": "drill.migrating", "well": worst <= STALL_S_MAX, "migrations": TIMES, "months_turned": TIMES,
        "payments": len(longest), "longest_wait_s": round(worst, 3),
    }  # fmt: skip


def _pay(waited: list[float], ends: threading.Event) -> None:
    from meguri.ledger.poster import Poster
    from tests.ledger.conftest import open_books

    town, poster = open_books(), Poster()
    town.appropriate(10**7)
    town.grant(10**7)
    while not ends.is_set():
        sale = town.posting("pay", town.leg("wallet", "shop", 1), at=datetime.now(UTC))
        began = time.monotonic()
        poster.post([sale], municipality=town.municipality)
        waited.append(time.monotonic() - began)
    poster.close()


def _read() -> None:
    from meguri.ledger.poster import connect_as_django

    with connect_as_django() as own, own.transaction():
        own.execute("SELECT count(*) FROM ledger.entry")
        time.sleep(REPORT_S)
