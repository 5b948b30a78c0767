"""Finding what the rooms bring along by the names that every room uses."""

from __future__ import annotations

import pkgutil
from collections.abc import Iterator
from importlib import import_module
from types import ModuleType

import meguri

RUNS_WHEN_IMPORTED = ("__main__", "asgi")
"""Last parts of modules that do something by being imported."""


def module_names(last_part: str = "") -> Iterator[str]:
    """Full names of Meguri's modules; only those called `last_part` (such as `tasks`) if that is given."""
    for found in pkgutil.walk_packages(meguri.__path__, "meguri."):
        last = found.name.rpartition(".")[2]
        if last in RUNS_WHEN_IMPORTED or ".migrations" in found.name:
            continue
        if last_part in {"", last}:
            yield found.name


def modules(last_part: str = "") -> Iterator[ModuleType]:
    """The same, imported. Django must be set up."""
    for name in module_names(last_part):
        yield import_module(name)
