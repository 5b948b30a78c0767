"""How a measure is taken and printed: pairs alternate A B A B, medians are quoted, one JSON object a line."""

from __future__ import annotations

import json
import os
import statistics
import sys
from collections.abc import Callable

import psycopg

from meguri.site.postgres import SUPERUSER

Run = Callable[[], float]
ROUNDS = 3
LOG_FILES = 32
"""How many the server keeps: half a gigabyte (`site.postgres`)."""


def tell(
    *, name: str, value: float, unit: str, runs: list[float], ratio: float | None = None, against: str = ""
) -> None:
    """Print one measure. `ratio` and `against` only where there is something it was measured against."""
    line: dict[str, object] = {
        "name": name,
        "value": round(value, 4),
        "unit": unit,
        "runs": [round(run, 4) for run in runs],
    }
    if ratio is not None:
        line |= {"ratio": round(ratio, 4), "against": against}
    sys.stdout.write(json.dumps(line, ensure_ascii=False) + "\n")
    sys.stdout.flush()


def side_by_side(*, name: str, unit: str, run: Run, against: str, control: Run, rounds: int = ROUNDS) -> None:
    """Take a rate (per second) beside its control and print the ratio of their medians."""
    runs: list[float] = []
    controls: list[float] = []
    for step in range(rounds):
        progress(f"{name}: {step + 1}/{rounds}")
        controls.append(control())
        runs.append(run())
    value, base = statistics.median(runs), statistics.median(controls)
    tell(name=name, value=value, unit=unit, runs=runs, ratio=value / base, against=f"{against}: {base:.1f} {unit}")


def as_after_its_first_minutes() -> None:
    """Bring the server into the state in which a town's is: its log files were used before, and are written anew. To
    make a file costs the payments of that moment 50 ms; a server keeps so many that it does that on its first day only.
    """
    with psycopg.connect(os.environ["DATABASE_URL"], user=SUPERUSER, autocommit=True) as own:
        for _ in range(LOG_FILES):
            own.execute("SELECT pg_logical_emit_message(true, 'bench', 'so that there is something in this file')")
            own.execute("SELECT pg_switch_wal()")
        own.execute("CHECKPOINT")


def progress(text: str) -> None:
    """Say on the terminal what is being measured; the measures themselves go to standard output."""
    sys.stderr.write(f"  … {text}\n")
