"""A town is lived while its processes are killed (kill -9), one every few seconds; then the books are proven."""

from __future__ import annotations

import json
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import psycopg

from meguri.ledger import audit
from meguri.site.postgres import EmbeddedPostgres

MEGURI = Path(sys.executable).parent / "meguri"
SIZE, WEEKS = 100, 4
BETWEEN_S = (2.0, 5.0)
"""The pause between two blows, chosen by chance."""
LIVED_S_MAX = 1_200.0
STILL_S_MAX = 60.0
"""So long may the town stand still after a blow before the next one falls all the same: it is slow, not dead."""


@dataclass
class Drilled:
    """An installation that is being hit."""

    home: Path
    program: subprocess.Popen[bytes] | None = None
    blows: dict[str, int] = field(default_factory=dict)
    told: int = 0  # the journal's bytes at the last blow
    hit_at: float = 0.0

    def start(self) -> None:
        """Start `meguri demo`, or go on with it."""
        with (self.home.parent / "terminal.txt").open("ab") as terminal:
            self.program = subprocess.Popen(
                [MEGURI, "demo", "--size", str(SIZE), "--weeks", str(WEEKS)], stdout=terminal, stderr=terminal,
                env={**os.environ, "MEGURI_DATA": str(self.home)}, start_new_session=True,
            )

    def lived(self) -> bool:
        """Whether the town has been lived to the end."""
        try:
            return bool(json.loads((self.home / "demo.json").read_text())["lived"])
        except (OSError, ValueError):
            return False

    @property
    def journal(self) -> Path:
        return self.home / "rehearsal" / "journal.jsonl"

    def lives(self) -> bool:
        """Whether the town has gone on since the last blow: on a slow machine it would else never come to its feet."""
        told = self.journal.stat().st_size if self.journal.exists() else 0
        if told == self.told and time.monotonic() - self.hit_at < STILL_S_MAX:
            return self.program is None or self.program.poll() is not None
        self.told, self.hit_at = told, time.monotonic()
        return True

    def hit(self, what: str) -> None:
        """Kill one part, by the number of our own process, and start what nobody else brings back."""
        if self.program is None or self.program.poll() is not None:
            self.start()  # it had to give up, for example because the database fell while tables were prepared
            return
        number = self._numbers(what)
        if number is None:
            return
        with suppress(ProcessLookupError):  # it ended by itself a moment ago
            os.kill(number, signal.SIGKILL)
        self.blows[what] = self.blows.get(what, 0) + 1
        if what == "program":
            self.program.wait()

    def _numbers(self, what: str) -> int | None:
        if what == "database":
            server = EmbeddedPostgres(self.home)
            return server.postmaster() if server.is_running() else None  # a number left behind may be another's now
        if self.program is None:
            return None
        return self.program.pid if what == "program" else _child(self.program.pid, f"meguri.site.{what}")

    def stop(self) -> None:
        """Stop as a visitor does: Ctrl-C."""
        if self.program is not None and self.program.poll() is None:
            self.program.send_signal(signal.SIGINT)
            self.program.wait(60)


def run(seed: int) -> dict[str, object]:
    """The whole drill; `seed` chooses the blows."""
    folder = Path(tempfile.mkdtemp(prefix="meguri-drill-"))
    drilled = Drilled(folder / "data")
    drilled.start()
    began = time.monotonic()
    try:
        chance = random.Random(seed)  # noqa: S311 - no secret
        while not drilled.lived() and time.monotonic() - began < LIVED_S_MAX:
            time.sleep(chance.uniform(*BETWEEN_S))
            if drilled.lives():
                drilled.hit(chance.choice(["database", "database", "server", "worker", "program"]))
        drilled.stop()
        proven, lost = examine(drilled.home)
    finally:
        drilled.stop()
    well = drilled.lived() and proven and not lost
    result: dict[str, object] = {
        "name": "drill.killed", "well": well, "lived": drilled.lived(), "proven": proven, "acknowledged_lost": lost,
        "blows": drilled.blows, "seconds": round(time.monotonic() - began),
    }
    if well:
        shutil.rmtree(folder)
    else:
        sys.stderr.write(f"kept for a look: {folder}\n")
    return result


def examine(home: Path) -> tuple[bool, int]:
    """Whether the auditor proves the books, and how many acknowledged payments are not in them."""
    server = EmbeddedPostgres(home)
    dsn = server.start()
    try:
        with psycopg.connect(dsn) as connection:
            booked = {row[0] for row in connection.execute("SELECT id FROM ledger.posting WHERE template = 'pay'")}
        return audit.main(dsn) == 0, len(acknowledged(home) - {str(number) for number in booked})
    finally:
        server.stop()


def acknowledged(home: Path) -> set[str]:
    """The payments that the town's people were told of, from the rehearsal's journal."""
    journal = Drilled(home).journal
    if not journal.exists():
        return set()  # nobody was told anything
    lines = journal.read_text(encoding="utf-8").splitlines()[1:]
    answers = [json.loads(line)[1] for line in lines if line.endswith("]")]
    return {number for answer in answers for key, number in answer.get("ids", {}).items() if key.startswith("payment:")}


def _child(parent: int, module: str) -> int | None:
    """The process of ours that runs `module` directly below `parent`."""
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            below = int((entry / "stat").read_text().rpartition(")")[2].split()[1])
            arguments = (entry / "cmdline").read_bytes().split(b"\0")
        except (OSError, IndexError):
            continue  # it has just ended
        if below == parent and module.encode() in arguments:
            return int(entry.name)
    return None
