"""A thousand tamperings of all kinds, on books with history: the auditor must find and name each, and pass the rest."""

from __future__ import annotations

import time

TIMES, PAYMENTS = 1_000, 60


def run(seed: int) -> dict[str, object]:
    """The whole drill, in the drills' own books (`drill.books`), as their owner: the program could not tamper."""
    # Django reads its settings when it is imported, and they need the server's address.
    from meguri.ledger.poster import connect_as_django
    from tests.ledger.tampering import KINDS, audit_all, live, missed

    began = time.monotonic()
    with connect_as_django() as own:
        town = live(PAYMENTS).municipality
        own.autocommit = False
        honest = audit_all(own, town)
        unseen = missed(own, town, seed=seed, times=TIMES)
        honest += audit_all(own, town)
    return {
        "name": "drill.tampered", "well": not unseen and not honest, "tamperings": TIMES, "kinds": len(KINDS),
        "missed": unseen, "found_in_honest_books": honest, "seconds": round(time.monotonic() - began),
    }  # fmt: skip
