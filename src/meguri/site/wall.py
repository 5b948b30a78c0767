"""The second wall: a role for the living program, to which no table belongs and PostgreSQL shows one town at a time.

Web, tills and worker take the role when their connections open (`settings.database`). What it may do stands in
`sql/wall.sql`; which town a connection works for is said by `ledger.wall.name_municipality`.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from importlib.resources import files

from django.db import DEFAULT_DB_ALIAS, ProgrammingError, connections, transaction

from meguri.site.postgres import PROGRAM
from meguri.site.settings import AS_PROGRAM


class WallMissingError(RuntimeError):
    """The login may neither make the program's role nor take it; the message says who mends that, and how."""


@contextmanager
def as_owner(alias: str = DEFAULT_DB_ALIAS) -> Iterator[None]:
    """Work as the login itself, to whom the tables belong; nothing else may run in this process meanwhile."""
    known = connections[alias].settings_dict
    kept = known["OPTIONS"]
    if AS_PROGRAM not in kept.get("options", ""):
        yield  # tests, whose connections stay open, are the owner all along
        return
    connections[alias].close()
    known["OPTIONS"] = {**kept, "options": kept["options"].replace(AS_PROGRAM, "")}
    try:
        yield
    finally:
        connections[alias].close()
        known["OPTIONS"] = kept


def make_role(alias: str = DEFAULT_DB_ALIAS) -> None:
    """Make the program's role where it is missing, and see that this login may take it. Raises WallMissingError."""
    with connections[alias].cursor() as cursor:
        cursor.execute("SELECT quote_ident(session_user), EXISTS (SELECT FROM pg_roles WHERE rolname = %s)", [PROGRAM])
        login, made = cursor.fetchone()
        lines = [] if made else [f"CREATE ROLE {PROGRAM} NOLOGIN", f"GRANT {PROGRAM} TO {login}"]
        try:
            with transaction.atomic(using=alias):
                for line in [*lines, f"SET LOCAL ROLE {PROGRAM}", "SET LOCAL ROLE NONE"]:
                    cursor.execute(line)
        except ProgrammingError as why:
            raise WallMissingError(
                f"データベースの管理者に実行を頼んでください / please ask who administers the database to run:\n"
                f"  CREATE ROLE {PROGRAM} NOLOGIN;\n  GRANT {PROGRAM} TO {login};\n({why})"
            ) from why


def build_wall(alias: str = DEFAULT_DB_ALIAS) -> None:
    """Apply `sql/wall.sql`. Called by `migrate`, safe to repeat."""
    with connections[alias].cursor() as cursor:
        cursor.execute(files("meguri.site").joinpath("sql/wall.sql").read_text(encoding="utf-8"))
