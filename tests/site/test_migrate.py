"""The overridden `migrate`: schemas before, present code and the cache table after."""

from __future__ import annotations

import pytest
from django.core.cache import cache
from django.core.management import call_command, get_commands
from django.db import connection

from meguri.site.management.commands import migrate


def exists(name: str) -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT to_regclass(%s) IS NOT NULL", [name])
        return bool(cursor.fetchone()[0])


def test_ours_stands_before_djangos() -> None:
    assert get_commands()["migrate"] == "meguri.site"


@pytest.mark.django_db
def test_a_migrated_database_has_the_books_and_the_cache() -> None:
    assert exists("ledger.entry")
    assert exists("cache")
    cache.set("greeting", "こんにちは")
    assert cache.get("greeting") == "こんにちは"


@pytest.mark.django_db
def test_migrating_again_re_applies_the_present_code() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT p.oid::regprocedure::text FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace"
            " WHERE n.nspname = 'ledger' ORDER BY 1"
        )
        functions = [name for (name,) in cursor.fetchall()]
        assert functions
        cursor.execute(f"DROP FUNCTION {functions[0]} CASCADE")
    call_command("migrate", verbosity=0)
    with connection.cursor() as cursor:
        cursor.execute("SELECT to_regprocedure(%s) IS NOT NULL", [functions[0]])
        assert cursor.fetchone() == (True,)


@pytest.mark.django_db
@pytest.mark.parametrize("asked", [{"plan": True}, {"check_unapplied": True}])
def test_only_looking_changes_nothing(asked: dict[str, bool], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(migrate, "install", lambda: pytest.fail("code was installed"))
    monkeypatch.setattr(migrate.Command, "_create_schemas", lambda *_: pytest.fail("schemas were made"))
    call_command("migrate", verbosity=0, **asked)


@pytest.mark.django_db
def test_migrating_one_room_leaves_the_code_of_the_books_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(migrate, "install", lambda: pytest.fail("code was installed"))
    call_command("migrate", "sessions", verbosity=0)
