"""The disk is full while people pay: nobody is told that a payment was made which was not, and it goes on by itself.

The cluster lies on a small file system in memory. A ballast fills it, payments fail or wait, the ballast goes, payments
are made again without anybody's help but the server's own restart. Needs root.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict
from pathlib import Path

import psycopg

from drill.witness import Findings, Witness, examine, paying
from meguri.site.postgres import EmbeddedPostgres

SIZE_MB = 400
STILL_S = 3.0
"""So long without an acknowledgement counts as standing still."""


def possible() -> str:
    """Why this machine cannot do it; empty when it can."""
    return "" if os.geteuid() == 0 else "only root may mount a file system"


def fill(folder: Path, *, payments: int) -> Findings:
    """Pay, fill the disk until nothing moves, make room, pay on, and compare."""
    with in_memory(folder / "disk") as disk:
        server = EmbeddedPostgres(disk / "data")
        with paying(server.start()) as witness:
            witness.wait_for(payments)
            ballast = disk / "ballast"
            _fill_up(ballast)
            _stand_still(server, witness)
            ballast.unlink()
            server.start()  # what the keeper of a real installation does when its server has fallen
            witness.wait_for(payments, seconds=120)
            acknowledged = list(witness.acknowledged)
        try:
            return examine(server.dsn, acknowledged)
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
    with ballast.open("ab", buffering=0) as file, suppress(OSError):
        while True:
            file.write(b"\0" * 512)


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
    why_not = possible()
    if why_not:
        return {"name": "drill.full", "well": False, "not_run": why_not}
    folder = Path(tempfile.mkdtemp(prefix="meguri-full-"))
    found = fill(folder, payments=500)
    shutil.rmtree(folder, ignore_errors=True)
    return {"name": "drill.full", "well": found.well, "found": asdict(found)}
