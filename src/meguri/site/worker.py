"""The worker process: `python -m meguri.site.worker` runs the rooms' tasks when they are due.

A room's `tasks` module declares `EVERY = ((timedelta, run), ...)`; `run(at)` is a function that may be called at any
time and twice: what it does once is made sure by keys and limits, not by the schedule. Each run is one transaction
under an advisory lock of its name, so several workers never do the same task at the same moment.
"""

from __future__ import annotations

import logging
import os
import threading
import zlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import ModuleType

import django
from django.db import Error, close_old_connections, connection, transaction

from meguri.site.processes import die_with_parent, on_stop_signal
from meguri.site.rooms import modules
from meguri.words.clock import now
from meguri.words.refusal import Refusal

_log = logging.getLogger(__name__)

PAUSE_S_MAX = 30.0
"""The longest sleep between two looks at the schedule."""


@dataclass
class Task:
    name: str
    every: timedelta
    run: Callable[[datetime], object]
    due: datetime


def collect(found: Iterable[ModuleType], at: datetime) -> Iterator[Task]:
    """The tasks declared by these modules, all due at once."""
    for module in found:
        for every, run in getattr(module, "EVERY", ()):
            yield Task(name=f"{module.__name__}.{run.__name__}", every=every, run=run, due=at)


def run_due(tasks: Iterable[Task], at: datetime) -> int:
    """Run what is due; a failing task is logged and tried again at its next turn. Returns how many ran through."""
    done = 0
    for task in tasks:
        if task.due <= at:
            task.due = at + task.every
            done += _run(task, at)
    return done


def _run(task: Task, at: datetime) -> bool:
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [zlib.crc32(task.name.encode())])
            (free,) = cursor.fetchone()
            if free:
                task.run(at)
        return bool(free)
    except Refusal as refusal:
        _log.info("%s: %s", task.name, refusal)
    except Error:
        _log.warning("%s failed; it is tried again in %s", task.name, task.every, exc_info=True)
        close_old_connections()
    return False


def main() -> None:
    """Run tasks until SIGTERM."""
    die_with_parent()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "meguri.site.settings")
    django.setup()
    enough = threading.Event()
    on_stop_signal(enough.set)
    tasks = list(collect(modules("tasks"), now()))
    while not enough.is_set():
        run_due(tasks, now())
        next_due = min((task.due for task in tasks), default=now() + timedelta(days=1))
        enough.wait(min(PAUSE_S_MAX, max(0.0, (next_due - now()).total_seconds())))


if __name__ == "__main__":
    main()
