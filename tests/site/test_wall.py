"""The second wall, table by table: who forgets the municipality in a question still meets rows of one town only."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from typing import Any
from uuid import uuid4

import pytest
from django.apps import apps
from django.core.management import call_command
from django.db import ProgrammingError, connection, connections, transaction
from psycopg.conninfo import make_conninfo

from meguri.ledger.wall import name_municipality
from meguri.site import wall
from meguri.site.postgres import PROGRAM, SUPERUSER
from meguri.site.settings import MEGURI
from meguri.site.wall import WallMissingError, as_owner, make_role
from tests.walled import behind_the_wall, in_program_role, opening_as_program

OURS, OTHERS = 30_001, 30_002
MODELS = {model._meta.db_table: model for model in apps.get_models(include_auto_created=True)}
WITH_TOWN = sorted(
    table for table, model in MODELS.items() if "municipality" in {field.name for field in model._meta.fields}
)
OF_A_LOGIN = ("account_emailaddress", "mfa_authenticator")
BOOKS = (
    "account", "balance", "day_sum", "entry", "hold", "lot", "municipality", "node", "posting", "posting_key",
    "sequence", "sequencer", "summed", "tree_head", "year_end",
)  # fmt: skip
FREE = {
    "account_emailconfirmation": "the links of allauth's that this town does not use; always empty",
    "auth_group": "Django's own; always empty, roles are the parties' appointments",
    "auth_group_permissions": "as auth_group",
    "auth_permission": "names of Django's own permissions",
    "axes_accessattempt": "not written: allauth counts wrong tries",
    "axes_accessattemptexpiration": "as axes_accessattempt",
    "axes_accessfailurelog": "as axes_accessattempt",
    "axes_accesslog": "as axes_accessattempt",
    "cache": "counters of tries, by address; nothing of a person outlives minutes",
    "django_content_type": "names of tables",
    "django_migrations": "what was migrated; the program may only read it",
    "django_session": "found by its secret before a town is known; the login it names stands behind the wall",
    "ledger.role": "names of roles, the same for all towns",
    "ledger.template_leg": "the movements that exist, the same for all towns",
}
"""Tables that no town owns, each with the reason."""

pytestmark = pytest.mark.django_db
_numbers = count(1)


def rows(query: str, *values: Any) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(query, values)
        return cursor.fetchall() if cursor.description else [(cursor.rowcount,)]


def town_column(table: str) -> str:
    known = ("municipality", "municipality_id", "user_id", "id")
    there = {name for (name,) in rows(
        "SELECT attname FROM pg_attribute WHERE attrelid = %s::regclass AND attnum > 0 AND NOT attisdropped", table
    )}  # fmt: skip
    return next(name for name in known if name in there)


def lay_bare(table: str) -> None:
    """Take a table's checks, references and triggers away, so that a row needs nothing but its key and its town."""
    for (name,) in rows(
        "SELECT conname FROM pg_constraint WHERE conrelid = %s::regclass AND contype IN ('c', 'f') AND conparentid = 0",
        table,
    ):
        rows(f'ALTER TABLE {table} DROP CONSTRAINT "{name}"')
    rows(f"ALTER TABLE {table} DISABLE TRIGGER USER")
    for (column,) in rows(
        "SELECT attname FROM pg_attribute a WHERE attrelid = %s::regclass AND attnum > 0 AND attnotnull"
        " AND NOT attisdropped AND attidentity = '' AND NOT EXISTS (SELECT FROM pg_index"
        " WHERE indrelid = attrelid AND indisprimary AND attnum = ANY (indkey))", table,
    ):  # fmt: skip
        rows(f'ALTER TABLE {table} ALTER COLUMN "{column}" DROP NOT NULL')


def plant(table: str, town: object) -> None:
    """A row of a town with nothing in it but its key."""
    key = rows(
        "SELECT attname, format_type(atttypid, NULL) FROM pg_attribute JOIN pg_index ON indrelid = attrelid"
        " AND indisprimary AND attnum = ANY (indkey) WHERE attrelid = %s::regclass AND attidentity = ''", table,
    )  # fmt: skip
    number = next(_numbers)
    of_type = {"uuid": uuid4(), "date": "2026-04-01"}
    values = {name: of_type.get(kind, number) for name, kind in key} | {town_column(table): town}
    columns, holders = ", ".join(f'"{name}"' for name in values), ", ".join(["%s"] * len(values))
    rows(f"INSERT INTO {table} ({columns}) VALUES ({holders})", *values.values())


def towns_in(table: str) -> set[Any]:
    """Whose rows an unfiltered question meets, of those that were planted."""
    return {town for (town,) in rows(f"SELECT {town_column(table)} FROM {table}")} & {OURS, OTHERS, *_logins.values()}


_logins: dict[int, Any] = {}


@pytest.fixture(params=[*WITH_TOWN, *OF_A_LOGIN, *(f"ledger.{book}" for book in BOOKS)])
def table(request: pytest.FixtureRequest) -> Iterator[str]:
    """A table with one row of our town and one of another's."""
    name: str = request.param
    _logins.clear()
    if name in OF_A_LOGIN:
        lay_bare("vault_login")
        for town in (OURS, OTHERS):
            _logins[town] = uuid4()
            rows("INSERT INTO vault_login (id, municipality) VALUES (%s, %s)", _logins[town], town)
    lay_bare(name)
    for town in (OURS, OTHERS):
        plant(name, _logins.get(town, town))
    return name


@contextmanager
def refused(because: str) -> Iterator[None]:
    with pytest.raises(ProgrammingError, match=because), transaction.atomic():
        yield


def may(table: str, right: str) -> bool:
    return bool(rows("SELECT has_table_privilege(%s, %s, %s)", PROGRAM, table, right)[0][0])


def test_nobody_sees_or_writes_the_rows_of_another_town(table: str) -> None:
    ours, others = _logins.get(OURS, OURS), _logins.get(OTHERS, OTHERS)
    column = town_column(table)
    seen = {ours, others} if table == "ledger.municipality" else {ours}  # which towns there are is no secret
    with behind_the_wall(OURS):
        assert towns_in(table) == seen
        if may(table, "INSERT"):
            with refused("row-level security"):
                plant(table, others)
        else:
            with refused("permission denied"):
                plant(table, ours)
        if table in MODELS and may(table, "UPDATE"):
            assert rows(f"UPDATE {table} SET {column} = {column}") == [(1,)]
            with refused("row-level security"):
                rows(f"UPDATE {table} SET {column} = %s", others)
        if table in MODELS and may(table, "DELETE"):
            assert rows(f"DELETE FROM {table}") == [(1,)]


def test_who_names_no_town_sees_nothing_and_the_owner_sees_all(table: str) -> None:
    both = {_logins.get(OURS, OURS), _logins.get(OTHERS, OTHERS)}
    with behind_the_wall(None):
        rows("SELECT set_config('meguri.municipality', '', false)")
        assert towns_in(table) == (both if table == "ledger.municipality" else set())
    assert towns_in(table) == both


def test_without_the_wall_the_same_question_does_meet_the_others(table: str) -> None:
    """The control: that nothing was seen is the wall's doing."""
    rows(f"ALTER TABLE {table} DISABLE ROW LEVEL SECURITY")
    with behind_the_wall(OURS):
        assert towns_in(table) == {_logins.get(OURS, OURS), _logins.get(OTHERS, OTHERS)}


def tables() -> dict[str, bool]:
    """Every table that is no part of another -> whether it stands behind a wall for the program."""
    return dict(rows(
        "SELECT c.oid::regclass::text, relrowsecurity AND EXISTS (SELECT FROM pg_policy WHERE polrelid = c.oid)"
        " FROM pg_class c WHERE relnamespace::regnamespace::text IN ('public', 'vault', 'ledger')"
        " AND relkind IN ('r', 'p') AND NOT relispartition"
    ))  # fmt: skip


def named(table: str) -> str:
    """As the catalogue names it here: without a schema, because all three are on the search path."""
    return table.removeprefix("ledger.")


def test_every_table_stands_behind_the_wall_or_says_why_not() -> None:
    found = tables()
    walled = {table for table, is_walled in found.items() if is_walled}
    assert walled == {*WITH_TOWN, *OF_A_LOGIN, *BOOKS}
    assert set(found) - walled == {named(table) for table in FREE}


def test_a_table_that_comes_with_a_migration_is_walled_by_it() -> None:
    rows("CREATE TABLE planted (id uuid PRIMARY KEY, municipality integer NOT NULL)")
    assert tables()["planted"] is False
    call_command("migrate", verbosity=0)
    assert tables()["planted"] is True
    for town in (OURS, OTHERS):
        plant("planted", town)
    with behind_the_wall(OURS):
        assert towns_in("planted") == {OURS}


def test_the_program_is_nobody_in_particular() -> None:
    assert rows("SELECT rolsuper OR rolbypassrls OR rolcreaterole OR rolcreatedb OR rolcanlogin FROM pg_roles"
                " WHERE rolname = %s", PROGRAM) == [(False,)]  # fmt: skip
    assert rows("SELECT count(*) FROM pg_class WHERE pg_get_userbyid(relowner) = %s", PROGRAM) == [(0,)]
    with behind_the_wall(OURS):
        for statement in (
            "CREATE TABLE mine (id integer)", "ALTER TABLE wallets_wallet DISABLE ROW LEVEL SECURITY",
            "TRUNCATE wallets_wallet", "DELETE FROM django_migrations", "SET session_replication_role = replica",
        ):  # fmt: skip
            with refused("permission denied|must be owner"):
                rows(statement)


@pytest.mark.parametrize("statement", [
    "UPDATE ledger.balance SET amount = amount + 1", "DELETE FROM ledger.entry", "UPDATE ledger.posting SET by = ''",
    "INSERT INTO ledger.posting_key (municipality_id, key, recorded_at) VALUES (30001, 'k', now())",
    "DELETE FROM ledger.sequence", "UPDATE ledger.tree_head SET size = 1", "SELECT * FROM ledger.entry_open",
    "UPDATE ledger.municipality SET kind = 'sandbox'", "UPDATE ledger.account SET owner = owner",
    "UPDATE vault_reveallog SET reason = 'none'", "DELETE FROM vault_reveallog",
])  # fmt: skip
def test_money_and_logs_are_written_by_their_doors_alone(statement: str) -> None:
    with behind_the_wall(OURS), refused("permission denied"):
        rows(statement)


def test_only_the_program_may_go_through_the_doors_of_the_books() -> None:
    doors = rows("SELECT oid::regprocedure::text, prosecdef, has_function_privilege(%s, oid, 'EXECUTE'),"
                 " has_function_privilege('public', oid, 'EXECUTE') FROM pg_proc"
                 " WHERE pronamespace = 'ledger'::regnamespace AND prosecdef", PROGRAM)  # fmt: skip
    assert len(doors) == 6
    assert {tuple(rights) for _, *rights in doors} == {(True, True, False)}


def test_a_town_that_was_named_in_vain_is_undone_with_its_transaction() -> None:
    name_municipality(OURS)
    with transaction.atomic():
        name_municipality(OTHERS)
        transaction.set_rollback(True)
    assert rows("SELECT named_municipality()") == [(OURS,)]


def who() -> list[tuple[Any, ...]]:
    return rows("SELECT current_user = %s, current_user = session_user", PROGRAM)


@pytest.mark.django_db(transaction=True)
def test_the_program_works_in_its_role_and_migrates_as_the_owner() -> None:
    with opening_as_program():
        assert who() == [(True, False)]
        with as_owner():
            assert who() == [(False, True)]
            with as_owner():  # `migrate` may be called by somebody who is the owner already
                assert who() == [(False, True)]
        assert who() == [(True, False)]
        call_command("migrate", verbosity=0)
        assert who() == [(True, False)]


def test_the_operators_settings_open_connections_in_the_role() -> None:
    """Asked of a process of its own: the tests' own settings are the owner's."""
    asked = "from django.db import connection as c; k = c.cursor(); k.execute('SELECT user'); print(*k.fetchone())"
    parts = connection.get_connection_params()
    known = {name: str(parts[name]) for name in ("host", "port", "dbname", "user", "password") if name in parts}
    around = {**os.environ, "DATABASE_URL": make_conninfo("", **known)}
    around["DJANGO_SETTINGS_MODULE"] = "meguri.site.settings"
    told = subprocess.run([sys.executable, "-c", asked], env=around, capture_output=True, text=True, check=False)
    assert told.stdout.strip() == PROGRAM, told.stderr


def test_a_login_that_may_not_make_the_role_is_told_which_two_lines_are_missing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(wall, "PROGRAM", "meguri_absent")
    with in_program_role(), pytest.raises(WallMissingError, match="CREATE ROLE meguri_absent NOLOGIN;\n  GRANT"):
        make_role()


@pytest.mark.skipif(bool(MEGURI.database_url), reason="nobody's server but our own is administered by a test")
def test_a_login_that_may_make_the_role_makes_it(monkeypatch: pytest.MonkeyPatch, transactional_db: None) -> None:
    known = connections["default"].settings_dict
    monkeypatch.setitem(known, "USER", SUPERUSER)
    monkeypatch.setattr(wall, "PROGRAM", "meguri_fresh")
    connections["default"].close()
    try:
        make_role()
        make_role()
        assert rows("SELECT rolcanlogin FROM pg_roles WHERE rolname = 'meguri_fresh'") == [(False,)]
        rows("DROP ROLE meguri_fresh")
    finally:
        connections["default"].close()
