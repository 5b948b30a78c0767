"""Django's `migrate` with what Django does not know: schemas before, replaceable SQL, cache table and wall after."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.core.management import call_command
from django.core.management.commands.migrate import Command as DjangoMigrate
from django.db import OperationalError, connections, transaction
from psycopg.errors import LockNotAvailable

from meguri.ledger.operations import install
from meguri.site.wall import as_owner, build_wall, make_role

SCHEMAS = ("ledger", "vault")
ATTEMPTS, PAUSE_S = 200, 0.3


@contextmanager
def _brief_locks(alias: str) -> Iterator[None]:
    connection = connections[alias]
    with connection.cursor() as cursor:
        cursor.execute("SET lock_timeout = '100ms'")
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute("RESET lock_timeout")


class Command(DjangoMigrate):
    def handle(self, *args: Any, **options: Any) -> None:
        """As the owner of the tables: schemas, Django's migrations, then the present code and the second wall.

        A migration may need a table for itself. Whoever waits for that makes all who pay wait behind him; so it asks
        for a tenth of a second, is undone, and begins again a little later: what was migrated before stays.
        """
        with as_owner(options["database"]), _brief_locks(options["database"]):
            for _ in range(ATTEMPTS - 1):
                try:
                    return self._migrate(*args, **options)
                except OperationalError as jammed:
                    if not isinstance(jammed.__cause__, LockNotAvailable):
                        raise
                    time.sleep(PAUSE_S)
            return self._migrate(*args, **options)

    def _migrate(self, *args: Any, **options: Any) -> None:
        only_asked = options.get("plan") or options.get("check_unapplied")
        if not only_asked:
            make_role(options["database"])
            self._create_schemas(options["database"])
        super().handle(*args, **options)
        if not only_asked and not options.get("app_label"):
            call_command("createcachetable", database=options["database"], verbosity=0)
            self._install_code(options["database"])

    def _create_schemas(self, alias: str) -> None:
        with connections[alias].cursor() as cursor:
            for schema in SCHEMAS:
                cursor.execute(f"CREATE SCHEMA IF NOT EXISTS {schema}")

    def _install_code(self, alias: str) -> None:
        with transaction.atomic(using=alias):  # all of the present code, behind its wall, or none of it
            install()
            build_wall(alias)
