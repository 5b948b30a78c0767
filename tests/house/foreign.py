"""Methods whose shape is not ours to choose: they override those of a class of another project."""

from __future__ import annotations

import ast
import importlib

from tests.house.doors import imports
from tests.house.source import Function, Module


def overrides(function: Function, owner: ast.ClassDef | None, module: Module) -> bool:
    """Whether the method stands in a class of ours that inherits a method of that name from elsewhere."""
    return owner is not None and any(hasattr(base, function.name) for base in _bases(owner, module))


def _bases(owner: ast.ClassDef, module: Module) -> list[object]:
    came_from = {name.rpartition(".")[2]: name for name, _ in imports(module)}
    named = [base.id for base in owner.bases if isinstance(base, ast.Name)]
    return [_load(came_from[name]) for name in named if not came_from.get(name, "meguri.").startswith("meguri.")]


def _load(dotted: str) -> object:
    home, _, name = dotted.rpartition(".")
    return getattr(importlib.import_module(home), name)
