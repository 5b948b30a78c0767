"""The worker process: `python -m meguri.site.worker` runs the rooms' tasks when they are due.

A task is a public function `(*, municipality: int, at: datetime)` of a room's `tasks` module; it may be called at any
time and twice: what happens once is made sure by keys and limits, not by the schedule. `EVERY = {"name": timedelta}`
in that module says how often, else hourly. It runs once per municipality, at that municipality's own time, as one
database transaction under an advisory lock, so several workers never do the same thing at the same moment. A task that
returns True has left something over: it is due again at once.
"""

from __future__ import annotations

import inspect
import logging
import os
import threading
import zlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import ModuleType

import django
from django.db import OperationalError, close_old_connections, connection, connections, transaction

from meguri.ledger.wall import name_municipality
from meguri.site.asgi import search_less_for_garbage
from meguri.site.checking import of_one_moment
from meguri.site.processes import on_stop_signal
from meguri.site.rooms import modules
from meguri.words.clock import now
from meguri.words.refusal import Refusal

_log = logging.getLogger(__name__)

AWAY_S = 5.0
PAUSE_S_MIN, PAUSE_S_MAX = 0.02, 30.0
"""The shortest and the longest sleep between two looks at the schedule."""

OFTEN = (timedelta(seconds=1), timedelta(seconds=10))
"""What is due as often as one of these has a thread of its own, so that it never waits behind something longer."""

USUAL = timedelta(hours=1)
"""How often a task runs that says nothing about it."""


@dataclass
class Task:
    name: str
    every: timedelta
    run: Callable[..., object]
    due: datetime
    reads_one_moment: bool = False

    @property
    def lock(self) -> int:
        """The first half of its advisory lock (signed 32 bits); the municipality is the second."""
        return zlib.crc32(self.name.encode()) - 2**31


@dataclass(frozen=True, slots=True)
class Town:
    """A municipality and how far its clock is ahead of the real one."""

    municipality: int
    ahead: timedelta


def collect(found: Iterable[ModuleType], at: datetime) -> Iterator[Task]:
    """The tasks that these modules define themselves, all due at once."""
    for module in found:
        every = getattr(module, "EVERY", {})
        for name, run in inspect.getmembers(module, inspect.isfunction):
            if run.__module__ == module.__name__ and not name.startswith("_"):
                one = name in getattr(module, "OF_ONE_MOMENT", ())
                yield Task(f"{module.__name__}.{name}", every.get(name, USUAL), run, due=at, reads_one_moment=one)


def towns() -> list[Town]:
    """Every municipality whose books are open here."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT id, clock_offset FROM ledger.municipality ORDER BY id")
        return [Town(*row) for row in cursor.fetchall()]


def run_due(tasks: Iterable[Task], known: Iterable[Town], *, at: datetime) -> int:
    """Run what is due in every town; what fails is logged and tried again at its next turn. Returns successes."""
    done = 0
    for task in tasks:
        if task.due <= at:
            task.due = at + task.every
            done += sum(_run(task, town, at=at) for town in known)
    return done


def _run(task: Task, town: Town, *, at: datetime) -> bool:
    try:
        held = of_one_moment() if task.reads_one_moment else transaction.atomic()
        with held, connection.cursor() as cursor:
            cursor.execute("SELECT pg_try_advisory_xact_lock(%s, %s)", [task.lock, town.municipality])
            (free,) = cursor.fetchone()
            if free:
                name_municipality(town.municipality)
                if task.run(municipality=town.municipality, at=at + town.ahead) is True:
                    task.due = at
        return bool(free)
    except Refusal as refusal:
        _log.info("%s: %s", task.name, refusal)
    except Exception:  # noqa: BLE001 - a fault in one task must not keep the others of all towns from running
        _log.exception("%s failed in municipality %s; again in %s", task.name, town.municipality, task.every)
    return False


def main() -> None:
    """Run tasks until SIGTERM."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "meguri.site.settings")
    django.setup()
    enough = threading.Event()
    on_stop_signal(enough.set)
    *beside, usual = by_haste(collect(modules("tasks"), now()))
    search_less_for_garbage()  # a grant to everybody makes a million postings, and no circles among them
    threads = [
        threading.Thread(target=_keep_running_beside, args=(tasks, enough), name=f"often{place}", daemon=True)
        for place, tasks in enumerate(beside)
    ]
    for thread in threads:
        thread.start()
    keep_running(usual, enough)
    for thread in threads:
        thread.join(AWAY_S)


def by_haste(tasks: Iterable[Task]) -> list[list[Task]]:
    """The tasks of each thread: those that come every second, those that come often, and the others, last."""
    threads: list[list[Task]] = [[] for _ in (*OFTEN, USUAL)]
    for task in tasks:
        threads[sum(task.every > often for often in OFTEN)].append(task)
    return threads


def _keep_running_beside(tasks: list[Task], stop: threading.Event) -> None:
    """The same on a thread of its own; if that breaks, the process ends and is started again, as with the other."""
    try:
        keep_running(tasks, stop)
    finally:
        stop.set()


def keep_running(tasks: list[Task], stop: threading.Event) -> None:
    """Run what is due, again and again, until it is told to stop."""
    while not stop.is_set():
        close_old_connections()
        try:
            run_due(tasks, towns(), at=now())
        except OperationalError:
            _log.warning("the database is away; looking again in %s s", AWAY_S)
            stop.wait(AWAY_S)
            continue
        next_due = min((task.due for task in tasks), default=now() + USUAL)
        stop.wait(min(PAUSE_S_MAX, max(PAUSE_S_MIN, (next_due - now()).total_seconds())))
    connections.close_all()


if __name__ == "__main__":
    main()
