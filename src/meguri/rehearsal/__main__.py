"""`python -m meguri.rehearsal`: live an invented town through the API of a running server."""

from __future__ import annotations

import argparse
import os
import signal
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from pathlib import Path

from meguri.rehearsal.client import Unreachable
from meguri.rehearsal.documents import by_family
from meguri.rehearsal.driver import WORKERS, CannotGoOn
from meguri.rehearsal.rehearsing import Wish, rehearse, rehearse_on_paper, started
from meguri.rehearsal.timetable import latest_start
from meguri.words.clock import day, now

DOCUMENTS = Path(__file__).parents[1] / "programmes" / "documents"


def parser() -> argparse.ArgumentParser:
    """The options of the command."""
    found = argparse.ArgumentParser(prog="python -m meguri.rehearsal", description=__doc__)
    found.add_argument("--base-url", default="http://127.0.0.1:8000", help="the server")
    found.add_argument("--key", default=os.environ.get("MEGURI_REHEARSAL_KEY", ""), help="opens the rehearsal's doors")
    found.add_argument("--size", type=int, default=300, help="residents, 100 to 100,000")
    found.add_argument("--weeks", type=int, default=7, help="4 to 40")
    found.add_argument("--seed", type=int, default=7)
    found.add_argument(
        "--start", type=date.fromisoformat, help="a Monday; else so that the last lived day is yesterday"
    )
    found.add_argument("--open-end", action="store_true", help="vouchers outlive the rehearsed weeks")
    found.add_argument("--folder", type=Path, default=Path("rehearsal"), help="where the truth and the tables go")
    found.add_argument("--documents", type=Path, default=DOCUMENTS, help="the shipped documents, for --on-paper")
    found.add_argument("--workers", type=int, default=WORKERS, help="people who act side by side")
    found.add_argument("--days", type=int, help="live only the first days; the next start goes on")
    found.add_argument("--step-minutes", type=int, default=20, help="town time between two settings of the clock")
    found.add_argument("--on-paper", action="store_true", help="without a server")
    return found


def main(arguments: Sequence[str] | None = None) -> int:
    """Exit status 0 when the town was lived, 1 with a sentence when it could not be."""
    given = parser().parse_args(arguments)
    try:
        with _stoppable():
            _rehearse(given)
    except (CannotGoOn, Unreachable, ValueError) as problem:
        print(problem, file=sys.stderr)
        return 1
    return 0


class _Stopped(BaseException):
    """Somebody asked to stop: everything is closed and written on the way out."""


@contextmanager
def _stoppable() -> Iterator[None]:
    """Let SIGTERM end the block in order, so that a load test that is stopped keeps its times; then end by it."""

    def stop(*_: object) -> None:
        raise _Stopped

    before = signal.signal(signal.SIGTERM, stop)
    try:
        yield
    except _Stopped:
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        os.kill(os.getpid(), signal.SIGTERM)
    finally:
        signal.signal(signal.SIGTERM, before)


def _rehearse(given: argparse.Namespace) -> None:
    start, more_days = (given.start, 0) if given.start else _until_yesterday(given)
    wish = Wish(
        size=given.size, weeks=given.weeks, seed=given.seed, start=start, more_days=more_days,
        open_end=given.open_end, folder=given.folder,
    )  # fmt: skip
    if given.on_paper:
        own, cities = (sorted(given.documents.glob(files)) for files in ("*.toml", "cities/*.toml"))
        rehearse_on_paper(wish, templates=by_family(path.read_text(encoding="utf-8") for path in (*own, *cities)))
        return
    rehearse(
        wish, base_url=given.base_url, key=given.key, workers=given.workers, step_minutes=given.step_minutes,
        present=None if given.start else now, days=given.days,
    )  # fmt: skip


def _until_yesterday(given: argparse.Namespace) -> tuple[date, int]:
    """Start and further days such that the last lived day is yesterday; those of a life that was begun are kept."""
    if known := started(given.folder):
        return known
    today = day(now())
    start = latest_start(today, weeks=given.weeks)
    return start, (today - start).days - given.weeks * 7


if __name__ == "__main__":
    raise SystemExit(main())
