"""The disk is full while people pay: nobody is told that a payment was made which was not, and it goes on by itself.

The cluster lies on a small file system in memory. A ballast fills it, payments fail or wait, the ballast goes, payments
are made again without anybody's help but the server's own restart. The control acknowledges payments before they are on
the disk, and must lose some. Needs root.
"""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

import psycopg

from drill.crashed import HASTY, write_down
from drill.witness import Findings, Witness, beside_control, examine, paying
from meguri.site.postgres import DURABLE, EmbeddedPostgres

SIZE_MB = 400
ROOM_BYTES = 4 * 2**20
"""So much is left: tables may grow a little, while the server's journal (16 MB a piece) finds no room and it falls."""
STILL_S = 3.0
"""So long without an acknowledgement counts as standing still."""


def possible() -> str:
    """Why this machine cannot do it; empty when it can."""
    return "" if os.geteuid() == 0 else "only root may mount a file system"


def fill(folder: Path, *, payments: int, settings: Mapping[str, str] = DURABLE) -> Findings:
    """Pay, fill the disk until nothing moves, make room, pay on, and compare."""
    with in_memory(folder / "disk") as disk:
        server = EmbeddedPostgres(disk / "data", settings=settings)
        try:
            with paying(server.start()) as witness:
                write_down(server.dsn)
                witness.wait_for(payments)
                ballast = disk / "ballast"
                _fill_up(ballast)
                _stand_still(server, witness)
                ballast.unlink()
                server.start()  # what the keeper of a real installation does when its server has fallen
                witness.wait_for(payments, seconds=120)
            return examine(server.dsn, list(witness.acknowledged))
        finally:
            server.stop()


@contextmanager
def in_memory(place: Path) -> Iterator[Path]:
    place.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={SIZE_MB}m", "none", place], check=True)
    try:
        yield place
    finally:
        subprocess.run(["umount", "--lazy", place], check=True)


def _fill_up(ballast: Path) -> None:
    with ballast.open("ab", buffering=0) as file, suppress(OSError):
        while True:
            file.write(b"\0" * 2**20)
    os.truncate(ballast, ballast.stat().st_size - ROOM_BYTES)


def _stand_still(server: EmbeddedPostgres, witness: Witness) -> None:
    """Press on until no payment is acknowledged any more: what lies in the files' last pages may still be written."""
    seen, since = len(witness.acknowledged), time.monotonic()
    while time.monotonic() - since < STILL_S:
        with suppress(psycopg.Error), psycopg.connect(server.dsn, autocommit=True, connect_timeout=5) as connection:
            connection.execute("SELECT pg_logical_emit_message(false, 'drill', repeat('x', 1000000))")
        if len(witness.acknowledged) > seen:
            seen, since = len(witness.acknowledged), time.monotonic()
        time.sleep(0.05)


def run(_seed: int) -> dict[str, object]:
    """The whole drill."""
    return beside_control(
        "full", lambda folder, durable: fill(folder, payments=500, settings=DURABLE if durable else HASTY),
        why_not=possible(),
    )  # fmt: skip
