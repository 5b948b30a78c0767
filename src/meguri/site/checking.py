"""Every room's invariants, run as any night may run them: the functions of the rooms' `checks` modules.

A check is a public function whose first argument is `municipality` and which returns sentences about what is wrong; it
is told the town's time where it asks for `at`. None is good.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator
from datetime import datetime
from types import ModuleType
from typing import Any

from meguri.site.rooms import modules


def checks() -> Iterator[tuple[str, Callable[..., list[str]]]]:
    """The name and function of every check, room by room."""
    for module in modules("checks"):
        yield from ((f"{module.__name__.removeprefix('meguri.')}.{name}", check) for name, check in _of(module))


def faults(*, municipality: int, at: datetime) -> dict[str, list[str]]:
    """What is wrong in a town: the sentences of each check that found something."""
    told = {name: check(municipality, **_time(check, at)) for name, check in checks()}
    return {name: sentences for name, sentences in told.items() if sentences}


def _of(module: ModuleType) -> Iterator[tuple[str, Callable[..., list[str]]]]:
    for name, found in vars(module).items():
        ours = inspect.isfunction(found) and found.__module__ == module.__name__ and not name.startswith("_")
        if ours and next(iter(inspect.signature(found).parameters), "") == "municipality":
            yield name, found


def _time(check: Callable[..., list[str]], at: datetime) -> dict[str, Any]:
    return {"at": at} if "at" in inspect.signature(check).parameters else {}
