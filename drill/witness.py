"""Somebody who writes down what was acknowledged, and looks afterwards whether the books say the same."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path

import psycopg

from drill.paying import MUNICIPALITY
from meguri.ledger import audit

READY_S = 120.0


@dataclass
class Witness:
    """Reads a payer's lines. `acknowledged` grows while it pays."""

    payer: subprocess.Popen[str]
    acknowledged: list[str] = field(default_factory=list)
    ready: threading.Event = field(default_factory=threading.Event)

    def listen(self) -> None:
        for line in self.payer.stdout or ():
            if line == "ready\n":
                self.ready.set()
            else:
                self.acknowledged.append(line.strip())

    def wait_for(self, more: int, *, seconds: float = 60.0) -> None:
        """Wait until so many more payments were acknowledged. Raises TimeoutError."""
        goal, deadline = len(self.acknowledged) + more, time.monotonic() + seconds
        while len(self.acknowledged) < goal:
            if time.monotonic() > deadline or self.payer.poll() is not None:
                raise TimeoutError(f"{len(self.acknowledged)} payments were acknowledged, {goal} were waited for")
            time.sleep(0.02)


@contextmanager
def paying(dsn: str) -> Iterator[Witness]:
    """Payments without a pause, and their witness; the payer is killed at the end."""
    root = Path(__file__).parent.parent
    path = os.pathsep.join(part for part in (str(root), os.environ.get("PYTHONPATH", "")) if part)
    own = {name: value for name, value in os.environ.items() if not name.startswith("DJANGO_")}
    payer = subprocess.Popen(
        [sys.executable, "-m", "drill.paying"], env=own | {"DATABASE_URL": dsn, "PYTHONPATH": path}, text=True,
        stdout=subprocess.PIPE, cwd=root,
    )  # fmt: skip
    witness = Witness(payer)
    listening = threading.Thread(target=witness.listen, daemon=True)
    listening.start()
    try:
        if not witness.ready.wait(READY_S):
            raise TimeoutError("the payer's books were not opened")
        yield witness
    finally:
        payer.kill()
        listening.join()
        payer.communicate()  # closes the pipe


@dataclass(frozen=True, slots=True)
class Findings:
    """What the books say afterwards: acknowledged payments that are `lost`, made twice, and whether all is proven."""

    acknowledged: int
    lost: int
    doubled: int
    proven: bool

    @property
    def well(self) -> bool:
        return self.proven and not self.lost and not self.doubled


def beside_control(name: str, drill: Callable[[Path, bool], Findings], *, why_not: str = "") -> dict[str, object]:
    """A whole drill in its two forms, each in a folder of its own: it must lose nothing, its control some.

    `why_not`: why this machine cannot do it.
    """
    if why_not:
        return {"name": f"drill.{name}", "well": False, "not_run": why_not}
    found = {}
    for form in ("durable", "control"):
        folder = Path(tempfile.mkdtemp(prefix=f"meguri-{name}-"))
        found[form] = drill(folder, form == "durable")
        shutil.rmtree(folder, ignore_errors=True)
    well = found["durable"].well and found["control"].lost > 0
    return {"name": f"drill.{name}", "well": well} | {form: asdict(findings) for form, findings in found.items()}


def examine(dsn: str, acknowledged: list[str]) -> Findings:
    """Compare the books with what was acknowledged, and let the auditor prove them."""
    with psycopg.connect(dsn) as connection:
        booked = connection.execute(
            "SELECT k.key, count(*) FROM ledger.posting_key k JOIN ledger.entry e"
            " ON (e.municipality_id, e.posting_id) = (k.municipality_id, k.posting_id)"
            " WHERE k.municipality_id = %s AND k.key LIKE 'pay:%%' GROUP BY 1",
            [MUNICIPALITY],
        ).fetchall()
        proven = all(proof.holds for proof in audit.prove(connection))
    entries = dict(booked)
    lost = sum(key not in entries for key in acknowledged)
    return Findings(len(acknowledged), lost, sum(count != 1 for count in entries.values()), proven)
