"""Django's `migrate` with what Django does not know: schemas before, replaceable SQL and the cache table after."""

from __future__ import annotations

from typing import Any

from django.core.management import call_command
from django.core.management.commands.migrate import Command as DjangoMigrate
from django.db import connections, transaction

from meguri.ledger.operations import install

SCHEMAS = ("ledger", "vault")


class Command(DjangoMigrate):
    def handle(self, *args: Any, **options: Any) -> None:
        """Schemas, then Django's migrations, then `meguri.ledger.operations.install()`: present code, no history."""
        only_asked = options.get("plan") or options.get("check_unapplied")
        if not only_asked:
            self._create_schemas(options["database"])
        super().handle(*args, **options)
        if not only_asked and not options.get("app_label"):
            call_command("createcachetable", database=options["database"], verbosity=0)
            self._install_ledger(options["database"])

    def _create_schemas(self, alias: str) -> None:
        with connections[alias].cursor() as cursor:
            for schema in SCHEMAS:
                cursor.execute(f"CREATE SCHEMA IF NOT EXISTS {schema}")

    def _install_ledger(self, alias: str) -> None:
        with transaction.atomic(using=alias):  # all of the present code or none of it
            install()
