"""Finding what the rooms bring along by the names that every room uses."""

from __future__ import annotations

from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from types import ModuleType

import meguri

LEFT_ALONE = frozenset({"__main__", "migrations"})
"""Files and folders that do something by being imported, or are history."""


def module_names(last_part: str = "") -> Iterator[str]:
    """Full names of Meguri's modules, nothing imported; only those called `last_part` (such as `tasks`) if given."""
    for folder in map(Path, meguri.__path__):
        for file in sorted(folder.rglob("*.py")):
            parts = ("meguri", *file.relative_to(folder).with_suffix("").parts)
            parts = parts[:-1] if parts[-1] == "__init__" else parts
            if not LEFT_ALONE & set(parts) and last_part in {"", parts[-1]}:
                yield ".".join(parts)


def modules(last_part: str = "") -> Iterator[ModuleType]:
    """The same, imported. Django must be set up."""
    for name in module_names(last_part):
        yield import_module(name)
