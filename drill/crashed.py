"""The database is killed (kill -9, all its processes at once) while people pay; then it starts and its books are read.

What only lay in its memory is gone. The control says that a payment is made before the journal of the server is on the
disk: it must lose acknowledged payments, or the kill would be none.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

import psycopg

from drill.power import family
from drill.witness import Findings, beside_control, examine, paying
from meguri.site.postgres import DURABLE, EmbeddedPostgres

HASTY: Mapping[str, str] = {**DURABLE, "synchronous_commit": "off", "wal_writer_delay": "10s"}
"""Settings of a server that acknowledges first and writes later."""


def kill(folder: Path, *, payments: int, settings: Mapping[str, str] = DURABLE) -> Findings:
    """Pay, kill the server, start it, pay on, and compare with what was acknowledged."""
    server = EmbeddedPostgres(folder / "data", settings=settings)
    try:
        with paying(server.start()) as witness:
            write_down(server.dsn)
            witness.wait_for(payments)
            kill_all(server)
            server.start()
            witness.wait_for(payments)
        return examine(server.dsn, list(witness.acknowledged))
    finally:
        server.stop()


def write_down(dsn: str) -> None:
    """All that was done until now is on the disk after this: the control shall lose payments, not the whole town."""
    with psycopg.connect(dsn) as connection:
        connection.execute("SET LOCAL synchronous_commit = on")
        connection.execute("SELECT pg_logical_emit_message(true, 'drill', '')")


def kill_all(server: EmbeddedPostgres) -> None:
    """Stop them all first, so that none hears of the others' death and still writes something down."""
    processes = family(server)
    for signalled in (signal.SIGSTOP, signal.SIGKILL):
        for number in processes:
            with suppress(ProcessLookupError):
                os.kill(number, signalled)


def run(_seed: int) -> dict[str, object]:
    """The whole drill."""
    return beside_control(
        "crashed", lambda folder, durable: kill(folder, payments=2_000, settings=DURABLE if durable else HASTY)
    )
