"""A thousand tamperings of all kinds, on books with history: the auditor must find and name each, and pass the rest."""

from __future__ import annotations

import json
import os
import random
import shutil
import sys
import tempfile
import time
from pathlib import Path

from meguri.site.postgres import THROW_AWAY, EmbeddedPostgres

TIMES, PAYMENTS = 1_000, 60


def run() -> bool:
    """The whole drill; prints one JSON line."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "meguri.site.settings")
    directory = Path(tempfile.mkdtemp(prefix="meguri-drill-"))
    server = EmbeddedPostgres(directory, settings=THROW_AWAY)
    os.environ["DATABASE_URL"] = server.start()
    try:
        return _tamper(random.randrange(10**6))  # noqa: S311 - another one each time; the line below says which
    finally:
        server.stop()
        shutil.rmtree(directory, ignore_errors=True)


def _tamper(seed: int) -> bool:
    # Django reads its settings when it is imported, and they need the server's address.
    import django
    from django.core.management import call_command

    django.setup()
    call_command("migrate", verbosity=0)
    from meguri.ledger.poster import connect_as_django
    from meguri.site.wall import as_owner
    from tests.ledger.tampering import KINDS, audit_all, live, missed

    began = time.monotonic()
    with as_owner(), connect_as_django() as own:  # the program itself could not tamper with a row
        town = live(PAYMENTS).municipality
        own.autocommit = False
        honest = audit_all(own, town)
        unseen = missed(own, town, seed=seed, times=TIMES)
        honest += audit_all(own, town)
    well = not unseen and not honest
    result = {
        "name": "drill.tampered", "well": well, "seed": seed, "tamperings": TIMES, "kinds": len(KINDS),
        "missed": unseen, "found_in_honest_books": honest, "seconds": round(time.monotonic() - began),
    }  # fmt: skip
    sys.stdout.write(json.dumps(result, default=str) + "\n")
    return well
