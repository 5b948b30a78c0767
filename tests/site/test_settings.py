"""What the operator chooses, what is kept for them, and what is fixed."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import call_command
from django.db import connection

from meguri.site import settings as ours
from meguri.site.settings import Choices, database, kept_secret


@pytest.mark.django_db
def test_the_database_is_postgresql_with_the_schemas_of_ledger_and_vault() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_schemas(false)::text[]")
        (schemas,) = cursor.fetchone()
    assert connection.vendor == "postgresql"
    assert schemas == ["public", "vault", "ledger"]


@pytest.mark.parametrize(("dsn", "expected"), [
    ("postgresql://meguri@/town?host=/run/pg", {"HOST": "/run/pg", "NAME": "town", "USER": "meguri", "PORT": ""}),
    ("postgresql://a:b%40c@db:5433/town", {"HOST": "db", "PORT": "5433", "USER": "a", "PASSWORD": "b@c"}),
])
def test_a_url_becomes_djangos_description(dsn: str, expected: dict[str, str]) -> None:
    made = database(dsn)
    assert {key: made[key] for key in expected} == expected
    assert made["ATOMIC_REQUESTS"] is True
    assert made["CONN_HEALTH_CHECKS"] is True


def test_other_parts_of_a_url_are_passed_on() -> None:
    options = database("postgresql://db/town?sslmode=verify-full&sslrootcert=/etc/ca.pem")["OPTIONS"]
    assert (options["sslmode"], options["sslrootcert"]) == ("verify-full", "/etc/ca.pem")
    assert options["options"] == "-c search_path=public,vault,ledger"


def test_choices_come_from_the_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("MEGURI_DATA", str(tmp_path))
    monkeypatch.setenv("MEGURI_HOSTS", '["pay.example.jp"]')
    monkeypatch.setenv("MEGURI_HTTPS", "true")
    monkeypatch.setenv("DATABASE_URL", "postgresql://db/town")
    made = Choices()
    assert (made.data, made.hosts, made.https, made.database_url) == (
        tmp_path, ["pay.example.jp"], True, "postgresql://db/town"
    )


def test_a_choice_that_makes_no_sense_is_refused_at_the_start(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MEGURI_HTTPS", "perhaps")
    with pytest.raises(ValueError, match="https"):
        Choices()


def test_nobody_enters_without_a_password_unless_the_operator_says_demo(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("MEGURI_DEMO", raising=False)
    assert Choices().demo is False
    assert Choices().debug is False


def test_a_secret_is_kept_for_its_owner_alone(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(ours.MEGURI, "data", tmp_path)
    assert kept_secret("vault") != kept_secret("vault")  # reading settings writes nothing
    assert list(tmp_path.iterdir()) == []
    kept = kept_secret("vault", create=True)
    assert len(bytes.fromhex(kept)) == 32
    assert kept_secret("vault") == kept_secret("vault", create=True) == kept
    assert kept_secret("session", create=True) != kept
    assert stat.S_IMODE((tmp_path / "vault.secret").stat().st_mode) == 0o600


def test_a_secret_that_cannot_be_read_is_never_replaced(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(ours.MEGURI, "data", tmp_path)
    (tmp_path / "vault.secret").mkdir()
    with pytest.raises(OSError, match="directory"):
        kept_secret("vault", create=True)


def test_pages_may_load_nothing_from_elsewhere() -> None:
    directives = settings.CONTENT_SECURITY_POLICY["DIRECTIVES"]
    sources = {source for listed in directives.values() for source in listed}
    assert sources == {"'self'", "'none'"}
    assert directives["default-src"] == ["'self'"]


def test_the_town_speaks_japanese_first() -> None:
    assert settings.LANGUAGE_CODE == "ja"
    assert [code for code, _ in settings.LANGUAGES] == ["ja", "en"]
    assert (settings.TIME_ZONE, settings.USE_TZ) == ("Asia/Tokyo", True)


@pytest.mark.django_db
def test_djangos_own_checks_are_content() -> None:
    call_command("check", fail_level="WARNING")


@pytest.mark.django_db
def test_every_model_has_its_migration() -> None:
    call_command("makemigrations", check=True, dry_run=True, verbosity=0)
