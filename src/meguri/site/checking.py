"""Every room's invariants, run as any night may run them: the functions of the rooms' `checks` modules.

A check is a public function whose first argument is `municipality` and which returns sentences about what is wrong; it
is told the town's time where it asks for `at`. None is good.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from types import ModuleType
from typing import Any

from django.db import connection, transaction

from meguri.site.rooms import modules


def checks() -> Iterator[tuple[str, Callable[..., list[str]]]]:
    """The name and function of every check, room by room."""
    for module in modules("checks"):
        yield from ((f"{module.__name__.removeprefix('meguri.')}.{name}", check) for name, check in _of(module))


def faults(*, municipality: int, at: datetime) -> dict[str, list[str]]:
    """What is wrong in a town: the sentences of each check that found something."""
    told = {name: _ask(check, municipality=municipality, at=at) for name, check in checks()}
    return {name: sentences for name, sentences in told.items() if sentences}


@contextmanager
def of_one_moment() -> Iterator[None]:
    """A transaction in which all that is read is of one moment; within another transaction, as that one reads.

    Tills never rest: a check that read the books twice would else take a payment in between for a fault.
    """
    begins = not connection.in_atomic_block
    with transaction.atomic():
        if begins:
            with connection.cursor() as cursor:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        yield


def _ask(check: Callable[..., list[str]], *, municipality: int, at: datetime) -> list[str]:
    with of_one_moment():
        return check(municipality, **_time(check, at))


def _of(module: ModuleType) -> Iterator[tuple[str, Callable[..., list[str]]]]:
    for name, found in vars(module).items():
        ours = inspect.isfunction(found) and found.__module__ == module.__name__ and not name.startswith("_")
        if ours and next(iter(inspect.signature(found).parameters), "") == "municipality":
            yield name, found


def _time(check: Callable[..., list[str]], at: datetime) -> dict[str, Any]:
    return {"at": at} if "at" in inspect.signature(check).parameters else {}
