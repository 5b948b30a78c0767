"""One installation: its data directory, its secrets and its database, made ready for whatever command comes."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager

import django
from django.core.management import call_command

from meguri.site.postgres import EmbeddedPostgres
from meguri.site.settings import MEGURI, kept_secret


def embedded() -> EmbeddedPostgres | None:
    """The database server that this installation keeps itself; None when the operator names one (DATABASE_URL)."""
    return None if MEGURI.database_url else EmbeddedPostgres(MEGURI.data, MEGURI.pg_bin)


@contextmanager
def opened() -> Iterator[EmbeddedPostgres | None]:
    """The installation with its database running and Django set up; the database stops with its last user."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "meguri.site.settings")
    MEGURI.data.mkdir(mode=0o700, parents=True, exist_ok=True)
    for name in ("session", "vault", "log"):
        kept_secret(name, create=True)
    server = embedded()
    try:
        if server is not None:
            server.start()
        django.setup()
        yield server
    finally:
        if server is not None:
            server.stop()


def migrate(verbosity: int = 0) -> None:
    """Bring the tables and the replaceable SQL to the present state."""
    call_command("migrate", verbosity=verbosity, interactive=False)
