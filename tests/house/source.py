"""The project's own files, read once, for the checks of this folder."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SOURCE = ROOT / "src" / "meguri"
TESTS = ROOT / "tests"

KINDS = (["vouchers"], ["points"], ["benefits"])
"""The kinds of programme are rooms of their own; every face is too."""

Function = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True)
class Module:
    """One Python file. `name` is dotted (`meguri.words.yen`), `place` is what a complaint shows."""

    name: str
    place: str
    text: str

    @cached_property
    def tree(self) -> ast.Module:
        return ast.parse(self.text)

    @cached_property
    def lines(self) -> list[str]:
        return self.text.splitlines()

    @property
    def room(self) -> str:
        """`meguri.ledger`; each kind of programme and each face is a room of its own."""
        parts = self.name.split(".")
        nested = (parts[1:2] == ["faces"] and len(parts) > 3) or parts[2:3] in KINDS
        return ".".join(parts[: 3 if nested else 2])

    def functions(self) -> Iterator[tuple[Function, ast.ClassDef | None]]:
        """Every function, the class it is a method of (if any) beside it."""
        yield from _functions(self.tree, None)


def _functions(node: ast.AST, owner: ast.ClassDef | None) -> Iterator[tuple[Function, ast.ClassDef | None]]:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, Function):
            yield child, owner
            yield from _functions(child, None)
        else:
            yield from _functions(child, child if isinstance(child, ast.ClassDef) else owner)


def module(text: str, name: str = "meguri.room.planted") -> Module:
    """A module out of a string: the bad examples that the checks must catch."""
    return Module(name=name, place=f"{name}.py", text=text)


def read_modules(folder: Path = SOURCE, *, migrations: bool = False) -> list[Module]:
    """All Python files below `folder`; migrations are history, not code, and stay out unless asked for."""
    found = []
    for path in sorted(folder.rglob("*.py")):
        relative = path.relative_to(folder.parent)
        if not migrations and "migrations" in relative.parts:
            continue
        parts = relative.with_suffix("").parts
        name = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
        found.append(Module(name=name, place=str(path.relative_to(ROOT)), text=path.read_text(encoding="utf-8")))
    return found


def written_lines(text: str) -> int:
    """Lines that are not blank."""
    return sum(1 for line in text.splitlines() if line.strip())
