"""The drills' own books: a server of their own, started once, on which Django works as the owner of the tables."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from meguri.site.postgres import EmbeddedPostgres


@contextmanager
def books() -> Iterator[None]:
    """Books with all tables, flushed to disk as a town's are."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "meguri.site.settings")
    directory = Path(tempfile.mkdtemp(prefix="meguri-drill-"))
    server = EmbeddedPostgres(directory)
    os.environ["DATABASE_URL"] = server.start()
    try:
        import django
        from django.core.management import call_command

        django.setup()
        call_command("migrate", verbosity=0)
        from meguri.site.wall import as_owner

        with as_owner():
            yield
    finally:
        server.stop()
        shutil.rmtree(directory, ignore_errors=True)
