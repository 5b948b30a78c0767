"""Keeping a dry run: what the process does that `python -m meguri.site.dry_run` is.

It has a throw-away database server of the dry run's own made, lets another process live the draft there, and writes
down what each evening showed. The living process knows no address but that of the throw-away server, so it cannot
reach the town's books even by mistake; both end with this one. docs/decisions/0019
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from uuid import UUID

import msgspec
from django.db import connection

from meguri.ledger.wall import name_municipality
from meguri.programmes import operations
from meguri.programmes.dry_run import Ending, Wanted, read_line
from meguri.site.postgres import THROW_AWAY, EmbeddedPostgres
from meguri.site.processes import Child
from meguri.site.settings import MEGURI
from meguri.words.actor import Actor, ActorRole
from meguri.words.clock import now

TOWNS_SECRETS = ("MEGURI_VAULT_KEY", "MEGURI_LOG_KEY", "MEGURI_SECRET_KEY", "MEGURI_CARD_KEY", "MEGURI_CARD_SECRET",
                 "MEGURI_SLIP_SECRET")  # fmt: skip
"""What the living process is not told either: it makes secrets of its own, which go with its server."""


def place_of(municipality: int) -> Path:
    """Where a town's dry run has its throw-away server; one at a time."""
    return MEGURI.data / f"dry-run-{municipality}"


@contextmanager
def own_server(place: Path) -> Iterator[tuple[Path, str]]:
    """A fresh server below `place` while the block lasts; what a killed process left there is cleared away first."""
    clear_away(place)
    server = EmbeddedPostgres(place, MEGURI.pg_bin, settings=THROW_AWAY)
    try:
        yield place, server.start()
    finally:
        server.stop()
        shutil.rmtree(place, ignore_errors=True)


def clear_away(place: Path) -> None:
    """Stop and remove the server of a dry run whose process was killed, if there is one."""
    if place.exists():
        left = EmbeddedPostgres(place, MEGURI.pg_bin, settings=THROW_AWAY)
        left.start()  # whoever joins a server as its only user may stop it
        left.stop()
        shutil.rmtree(place)


def keep(municipality: int, dry_run: UUID) -> None:
    """Have the dry run lived and keep its days; nothing where another process lives one of this town."""
    name_municipality(municipality)
    by = Actor(municipality, ActorRole.SYSTEM)
    if not _alone(municipality):
        return
    wanted = operations.begin_dry_run(dry_run=dry_run, by=by, at=now())
    if wanted is None:
        return
    lived = _Lived()
    try:
        with own_server(place_of(municipality)) as (place, dsn):
            _follow(lived, wanted, place=place, dsn=dsn, keep_day=partial(operations.keep_day, dry_run=dry_run, by=by))
    finally:  # also when this process is told to end: then the dry run was cut
        operations.end_dry_run(dry_run=dry_run, by=by, at=now(), ending=lived.ending, is_fault=lived.broke)


@dataclass
class _Lived:
    """How the living process ended: `broke` on a fault of its own."""

    ending: Ending | None = None
    broke: bool = False


def _follow(lived: _Lived, wanted: Wanted, *, place: Path, dsn: str, keep_day: Callable[..., bool]) -> None:
    """Start the living process and keep what it tells, until its end or until nobody wants more."""
    asked = place / "wanted.json"
    asked.write_bytes(msgspec.json.encode(wanted))
    surroundings = {**dict.fromkeys(TOWNS_SECRETS, ""), "DATABASE_URL": dsn, "MEGURI_DATA": str(place)}
    child = Child("meguri.dry_runs", (str(asked),), surroundings, lasting=False)
    with child.start(piped=True) as process:
        try:
            for line in process.stdout or ():
                told = read_line(line)
                if isinstance(told, Ending):
                    lived.ending = told
                elif not keep_day(lived=told, at=now()):
                    return
            lived.broke = process.wait() > 0
        finally:
            child.stop()


def _alone(municipality: int) -> bool:
    """Whether this process lives the town's dry runs now, until it ends: the lock goes with its connection."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(hashtextextended('dry_run:' || %s, 0))", [municipality])
        return bool(cursor.fetchone()[0])


def is_lived(municipality: int) -> bool:
    """Whether a process lives a dry run of the town at this moment."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(hashtextextended('dry_run:' || %s, 0))", [municipality])
        return not cursor.fetchone()[0]
