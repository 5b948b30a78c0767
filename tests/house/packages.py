"""Packages of others: what is imported is declared, so that a fresh installation has it."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Mapping, Sequence

from tests.house.doors import imports
from tests.house.source import Module

_OURS = frozenset({"meguri", "tests", "bench", "drill"})


def plain(name: str) -> str:
    """A distribution's name without extras and version, written as registries compare it."""
    return re.sub(r"[-_.]+", "-", re.split(r"[\[<>=!~; ]", name)[0]).lower()


def undeclared(
    modules: Iterable[Module], declared: Iterable[str], *, homes: Mapping[str, Sequence[str]]
) -> dict[str, str]:
    """Imported packages that no requirement brings, each with a place. `homes`: import name -> distributions."""
    known = {plain(name) for name in declared}
    found: dict[str, str] = {}
    for module in modules:
        for name, _ in imports(module):
            top = name.partition(".")[0]
            if top not in sys.stdlib_module_names | _OURS and not known & {plain(home) for home in homes.get(top, ())}:
                found.setdefault(top, module.place)
    return found
