"""How large things may be, and how their parameters look."""

from __future__ import annotations

import ast
import math
import statistics
from collections.abc import Iterable

from tests.house.foreign import overrides
from tests.house.source import Function, Module

PROTOCOLS = (("scope", "receive", "send"),)
"""Positional signatures that a standard prescribes (ASGI)."""

def percentile(values: list[int], share: float) -> int:
    """The value below or at which `share` of the values lie."""
    ordered = sorted(values)
    return ordered[math.ceil(len(ordered) * share) - 1] if ordered else 0


def sizes_complaints(sizes: dict[str, int], *, median: int, p90: int, most: int) -> list[str]:
    """Complaints about a collection of sizes in lines, by name."""
    if not sizes:
        return []
    values = list(sizes.values())
    found = [f"{name} has {size} lines (at most {most})" for name, size in sizes.items() if size > most]
    if statistics.median(values) > median:
        found.append(f"the median is {statistics.median(values)} lines (at most {median})")
    if percentile(values, 0.9) > p90:
        found.append(f"nine of ten have up to {percentile(values, 0.9)} lines (at most {p90})")
    return found


def function_sizes(modules: Iterable[Module]) -> dict[str, int]:
    """Lines of every function, from `def` to its end, docstring included."""
    return {
        f"{module.place}:{function.lineno} {function.name}": (function.end_lineno or 0) - function.lineno + 1
        for module in modules
        for function, _ in module.functions()
    }


def too_many_positional(modules: Iterable[Module]) -> list[str]:
    """Functions with three or more parameters of which more than two may be given by position."""
    return [
        f"{module.place}:{function.lineno} {function.name}({', '.join(names)}): keyword-only from three on"
        for module in modules
        for function, owner in module.functions()
        if len(names := _positional(function, owner)) > 2
        and not _prescribed(function, names)
        and not overrides(function, owner, module)
    ]


def _positional(function: Function, owner: ast.ClassDef | None) -> tuple[str, ...]:
    names = tuple(argument.arg for argument in [*function.args.posonlyargs, *function.args.args])
    return names[1:] if owner is not None and not _is_static(function) else names


def _prescribed(function: Function, names: tuple[str, ...]) -> bool:
    dunder = function.name.startswith("__") and function.name.endswith("__")
    return names in PROTOCOLS or dunder


def untyped(modules: Iterable[Module]) -> list[str]:
    """Functions with an argument or a return that says no type."""
    found = []
    for module in modules:
        for function, owner in module.functions():
            arguments = function.args
            bound = owner is not None and not _is_static(function)
            named = [*arguments.posonlyargs, *arguments.args][bound:]
            starred = [argument for argument in (arguments.vararg, arguments.kwarg) if argument is not None]
            silent = [a.arg for a in [*named, *arguments.kwonlyargs, *starred] if a.annotation is None]
            if function.returns is None:
                silent.append("return")
            if silent:
                found.append(f"{module.place}:{function.lineno} {function.name} leaves {', '.join(silent)} untyped")
    return found


def _is_static(function: Function) -> bool:
    return any(isinstance(d, ast.Name) and d.id == "staticmethod" for d in function.decorator_list)
