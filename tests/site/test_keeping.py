"""Keeping a dry run: another process lives it on a server of its own, and nothing of the town's books is touched."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import msgspec
import psycopg
import pytest
from django.db import connection, connections

from meguri.ledger import heads, log
from meguri.programmes import operations, queries
from meguri.programmes.queries import DryRunView
from meguri.site import keeping, tasks
from meguri.site.keeping import is_lived, keep, own_server
from meguri.site.processes import Child
from meguri.site.settings import MEGURI
from tests.dry_runs.short import codes, short
from tests.programmes.builders import VOUCHER, TownHall

AT = datetime(2025, 7, 1, tzinfo=UTC)
WAIT_S = 240.0
OWN_TABLES = ("programmes_dryrun", "programmes_dryrunday")


@pytest.fixture
def hall(transactional_db: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[TownHall]:
    monkeypatch.setattr(MEGURI, "data", tmp_path)
    yield TownHall().open()
    for child in tasks._keepers.values():
        child.stop()
    tasks._keepers.clear()


@pytest.fixture
def dry_run(hall: TownHall) -> UUID:
    draft = hall.draft(short(VOUCHER))
    return operations.ask_dry_run(programme=draft, by=hall.officer("maker", "commerce"), at=hall.at)


def seen(hall: TownHall, dry_run: UUID) -> DryRunView:
    found = queries.dry_run(dry_run, municipality=hall.municipality)
    assert found is not None
    return found


def rows() -> dict[str, int]:
    """Every table of every schema with its number of rows; those of dry runs apart."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT quote_ident(schemaname) || '.' || quote_ident(tablename) FROM pg_tables"
                       " WHERE schemaname IN ('public', 'vault', 'ledger')")  # fmt: skip
        names = sorted(name for (name,) in cursor.fetchall() if not name.endswith(OWN_TABLES))
        counted = {}
        for name in names:
            cursor.execute(f"SELECT count(*) FROM {name}")
            counted[name] = cursor.fetchone()[0]
    return counted


def dsn() -> str:
    """The test's own database, as a program's DATABASE_URL."""
    known = connection.settings_dict
    return f"postgresql://{known['USER']}@/{known['NAME']}?host={known['HOST']}"


def started(hall: TownHall, dry_run: UUID) -> Child:
    """The process that keeps the dry run, as the worker starts it."""
    surroundings = {"DATABASE_URL": dsn(), "MEGURI_DATA": str(MEGURI.data)}
    child = Child("meguri.site.dry_run", (str(hall.municipality), str(dry_run)), surroundings, lasting=False)
    child.start()
    tasks._keepers[hall.municipality] = child
    return child


def wait_for_days(hall: TownHall, dry_run: UUID, *, least: int = 3) -> None:
    end = time.monotonic() + WAIT_S
    while seen(hall, dry_run).days < least:
        assert time.monotonic() < end, seen(hall, dry_run)
        time.sleep(0.2)


def wait_until_alone(hall: TownHall) -> None:
    end = time.monotonic() + WAIT_S
    while is_lived(hall.municipality):
        assert time.monotonic() < end
        time.sleep(0.2)


def living_processes() -> list[str]:
    """The command lines of processes that live a dry run below this test's data directory."""
    found = subprocess.run(["ps", "-eo", "args"], capture_output=True, text=True, check=True).stdout.splitlines()
    return [line for line in found if str(MEGURI.data) in line and "ps -eo" not in line]


def test_a_dry_run_is_lived_beside_the_books_and_leaves_every_row_of_them_as_it_was(
    hall: TownHall, dry_run: UUID
) -> None:
    log.number_postings(municipality=hall.municipality)
    heads.sign_head(municipality=hall.municipality, at=AT)
    before, head = rows(), heads.latest(municipality=hall.municipality)
    keep(hall.municipality, dry_run)
    over = seen(hall, dry_run)
    assert (over.state, over.days) == ("done", 30)
    assert over.ending is not None
    assert "lapsed_paid_yen" in codes(over.ending)
    assert len(queries.days_lived(dry_run, municipality=hall.municipality)) == 30
    assert rows() == before, "people, notices, postings, logins: nothing came and nothing went"
    assert log.number_postings(municipality=hall.municipality) == 0, "the public log has nothing new to number"
    assert heads.latest(municipality=hall.municipality) == head
    assert list(MEGURI.data.iterdir()) == [], "the throw-away server is gone with all that it held"
    assert living_processes() == []


def test_the_living_process_knows_neither_the_towns_database_nor_its_secrets(
    hall: TownHall, dry_run: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: dict[str, str] = {}

    class Watched(Child):
        def start(self, *, piped: bool = False) -> subprocess.Popen[str]:
            told.update(os.environ | dict(self.environment))
            self.module = "this"  # it prints no line of ours, and ends
            return super().start(piped=piped)

    for name in keeping.TOWNS_SECRETS:
        monkeypatch.setenv(name, "a secret of the town")
    monkeypatch.setenv("DATABASE_URL", "postgresql://the-town/books")
    monkeypatch.setattr(keeping, "Child", Watched)
    with pytest.raises(msgspec.DecodeError, match="JSON is malformed"):
        keep(hall.municipality, dry_run)
    assert "the-town" not in told["DATABASE_URL"]
    assert told["DATABASE_URL"].startswith("postgresql://meguri@/meguri?host=/"), "a socket, and no address at all"
    assert told["MEGURI_DATA"] == str(MEGURI.data / f"dry-run-{hall.municipality}")
    assert {told[name] for name in keeping.TOWNS_SECRETS} == {""}
    assert seen(hall, dry_run).state == "cut", "a process that talks nonsense is no dry run"
    assert list(MEGURI.data.iterdir()) == []


def test_a_dry_run_that_is_stopped_ends_after_its_day_and_frees_everything(hall: TownHall, dry_run: UUID) -> None:
    child = started(hall, dry_run)
    wait_for_days(hall, dry_run)
    assert is_lived(hall.municipality)
    operations.stop_dry_run(dry_run=dry_run, by=hall.officer("maker", "commerce"), at=hall.at)
    assert child.process is not None
    assert child.process.wait(WAIT_S) == 0
    over = seen(hall, dry_run)
    assert over.state == "stopped"
    assert 3 <= over.days < 30
    assert list(MEGURI.data.iterdir()) == []
    assert living_processes() == []


def test_a_process_that_is_asked_to_end_leaves_a_dry_run_that_was_cut(hall: TownHall, dry_run: UUID) -> None:
    child = started(hall, dry_run)
    wait_for_days(hall, dry_run)
    child.stop()
    assert seen(hall, dry_run).state == "cut"
    assert list(MEGURI.data.iterdir()) == []


def test_a_process_that_is_killed_is_found_cut_and_what_it_left_is_cleared_away(hall: TownHall, dry_run: UUID) -> None:
    child = started(hall, dry_run)
    wait_for_days(hall, dry_run)
    assert child.process is not None
    child.process.send_signal(signal.SIGKILL)
    child.process.wait()
    wait_until_alone(hall)
    assert seen(hall, dry_run).state == "running", "nobody was there to say so"
    tasks.live_dry_runs(municipality=hall.municipality, at=hall.at)
    over = seen(hall, dry_run)
    assert over.state == "cut"
    assert over.days >= 3, "the days that were lived can be looked at"
    assert list(MEGURI.data.iterdir()) == []
    assert living_processes() == []


def test_the_worker_starts_one_process_for_the_dry_run_that_waits_longest(
    hall: TownHall, dry_run: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun: list[tuple[str, ...]] = []

    class Sleeper(Child):
        def start(self, *, piped: bool = False) -> subprocess.Popen[str]:  # noqa: ARG002 - nobody reads it
            begun.append((self.module, *self.arguments))
            self.process = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"], text=True)
            return self.process

    monkeypatch.setattr(tasks, "Child", Sleeper)
    for _ in range(3):
        tasks.live_dry_runs(municipality=hall.municipality, at=hall.at)
    assert begun == [("meguri.site.dry_run", str(hall.municipality), str(dry_run))]
    tasks._keepers[hall.municipality].stop()
    tasks.live_dry_runs(municipality=hall.municipality, at=hall.at)
    assert len(begun) == 2, "the first ended before it began the dry run, so another is started"


def test_a_town_without_dry_runs_needs_no_process(hall: TownHall) -> None:
    tasks.live_dry_runs(municipality=hall.municipality, at=hall.at)
    assert tasks._keepers == {}


def test_two_processes_never_live_dry_runs_of_one_town_at_once(hall: TownHall, dry_run: UUID) -> None:
    with psycopg.connect(dsn(), autocommit=True) as other:
        other.execute("SELECT pg_advisory_lock(hashtextextended('dry_run:' || %s, 0))", [str(hall.municipality)])
        assert is_lived(hall.municipality)
        keep(hall.municipality, dry_run)
        tasks.live_dry_runs(municipality=hall.municipality, at=hall.at)
    assert seen(hall, dry_run).state == "asked", "the second went away without touching it"
    assert not is_lived(hall.municipality)
    assert tasks._keepers == {}


def test_a_server_is_fresh_even_where_another_was_left(tmp_path: Path) -> None:
    place = tmp_path / "dry-run-1"
    place.mkdir()
    (place / "rubbish").write_text("left by somebody")
    with own_server(place) as (here, address), psycopg.connect(address) as open_:
        assert here == place
        assert not (place / "rubbish").exists()
        assert open_.execute("SHOW fsync").fetchone() == ("off",)
    assert not place.exists()
    connections.close_all()
