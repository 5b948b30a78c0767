"""`python -m drill [name …] [--seed N]`: failure drills against a whole installation, one JSON line each, and a report.

    killed      a town is lived through the API while its database, web server, worker and the program itself are killed
    crashed     the database is killed while people pay; the control, which writes later, must lose payments
    power       the power is cut while people pay; the control, with flushing off, must lose payments
    full        the disk is full while people pay; the control, which writes later, must lose payments
    migrating   a new version is put in and a new month begins while people pay
    agreements  a hundred thousand postings under random agreements, compared with each funder's own account
    lined       a hundred thousand more, compared with the statement in the shape of the city's books
    crowded     four processes want one budget, stock, right and ceiling, a hundred thousand times each
    tampered    books and log are tampered with a thousand times behind the door's back, and the auditor comes each time
    planted     faults are planted in the books, one at a time, and the test named beside each must fail
    mutants     the pure rules of the books are changed in every small way, and a test must see each

The same seed gives the same blows, tamperings, agreements and order of mutants. The report is written to build/drills,
with date, seed and commit. The exit status is 0 when every drill ended well.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
from collections.abc import Callable, Mapping
from datetime import UTC, datetime

from drill import (
    agreements,
    crashed,
    crowded,
    full,
    killed,
    migrating,
    mutants,
    planted,
    power,
    report,
    tampered,
)
from drill.books import books

Drill = Callable[[int], Mapping[str, object]]


def lined(seed: int) -> Mapping[str, object]:
    """Its module has tables in its imports, which nobody can name before Django is set up: `books` does that."""
    from drill import lined as drill

    return drill.run(seed)


ALONE: dict[str, Drill] = {
    "killed": killed.run, "crashed": crashed.run, "power": power.run, "full": full.run, "planted": planted.run,
    "mutants": mutants.run,
}  # fmt: skip
IN_BOOKS: dict[str, Drill] = {
    "migrating": migrating.run, "agreements": agreements.run, "lined": lined,
    "crowded": crowded.run, "tampered": tampered.run,
}  # fmt: skip


def main(words: list[str]) -> int:
    """Run the named drills, or all of them."""
    asked = _asked(words)
    results: list[Mapping[str, object]] = []
    if wanted := _chosen(IN_BOOKS, asked.names):
        with books():
            results += [_run(drill, asked.seed) for drill in wanted]
    results += [_run(drill, asked.seed) for drill in _chosen(ALONE, asked.names)]
    place = report.write(results, seed=asked.seed, at=datetime.now(UTC))
    sys.stderr.write(f"{place}\n")
    return 0 if all(result["well"] for result in results) else 1


def _asked(words: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m drill")
    parser.add_argument("names", nargs="*", choices=[*IN_BOOKS, *ALONE, []], metavar="name")
    parser.add_argument("--seed", type=int, default=random.randrange(10**6))  # noqa: S311 - another one each time
    return parser.parse_args(words)


def _chosen(drills: Mapping[str, Drill], names: list[str]) -> list[Drill]:
    return [drill for name, drill in drills.items() if not names or name in names]


def _run(drill: Drill, seed: int) -> Mapping[str, object]:
    result = drill(seed)
    sys.stdout.write(json.dumps(result, ensure_ascii=False, default=str) + "\n")
    sys.stdout.flush()
    return result


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
