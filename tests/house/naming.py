"""The words of public names: each stands in the glossary or in the list of plain words."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator

from tests.house.foreign import overrides
from tests.house.source import ROOT, Module

GLOSSARY = ROOT / "GLOSSARY.md"
PLAIN = ROOT / "tests" / "house" / "plain_words.txt"
FOREIGN_FILES = ("meguri.site.settings",)
"""Modules whose names are prescribed by Django."""

_BENT = (("ies", "y"), ("es", ""), ("s", ""), ("ied", "y"), ("ed", ""), ("ed", "e"), ("ing", ""), ("ing", "e"))
_PIECE = re.compile(r"[A-Z]+(?=[A-Z][a-z])|[A-Z]?[a-z]+|[A-Z]+")


def words_of(name: str) -> list[str]:
    """`MoneyLot2` -> money, lot; `amount_yen` -> amount, yen."""
    return [piece.lower() for piece in _PIECE.findall(name)]


def public_names(module: Module) -> Iterator[tuple[str, int]]:
    """The module's own name; public functions, classes, constants; their public methods, fields and parameters.

    Methods that override those of a foreign class are left out: others chose their names.
    """
    yield module.name.rpartition(".")[2], 1
    yield from _names_in(module.tree.body, None, module=module)


def _names_in(body: Iterable[ast.stmt], owner: ast.ClassDef | None, *, module: Module) -> Iterator[tuple[str, int]]:
    for node in body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and not node.name.startswith("_"):
            if not overrides(node, owner, module):
                arguments = [*node.args.args, *node.args.kwonlyargs]
                yield node.name, node.lineno
                yield from ((a.arg, node.lineno) for a in arguments if not a.arg.startswith("_"))
        elif isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
            yield node.name, node.lineno
            yield from _names_in(node.body, node, module=module)
        elif isinstance(node, ast.Assign | ast.AnnAssign):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            yield from ((t.id, node.lineno) for t in targets if isinstance(t, ast.Name) and not t.id.startswith("_"))


def glossary_words(text: str) -> set[str]:
    """Words in the first column of the glossary's tables, where they stand in backticks."""
    cells = [line.split("|")[1] for line in text.splitlines() if line.startswith("| `")]
    return {word for cell in cells for code in re.findall(r"`([^`]+)`", cell) for word in words_of(code)}


def forbidden_words(text: str) -> set[str]:
    """Words in the first column of the table of words that are not used, struck through there."""
    lines = [line for line in text.splitlines() if line.startswith("| ~~")]
    return {word.lower() for line in lines for word in re.findall(r"~~(\w+)~~", line)}


def known(word: str, vocabulary: set[str]) -> bool:
    """Whether the word or the plain form it is bent from stands in the vocabulary."""
    return len(word) == 1 or any(form in vocabulary for form in _plain_forms(word))


def _plain_forms(word: str) -> Iterator[str]:
    yield word
    for ending, instead in _BENT:
        if word.endswith(ending) and len(word) > len(ending) + 1:
            yield word.removesuffix(ending) + instead


def unknown_words(modules: Iterable[Module], vocabulary: set[str]) -> dict[str, str]:
    """Unknown words of public names, each with the first place where it is used."""
    found: dict[str, str] = {}
    for module in modules:
        if module.name not in FOREIGN_FILES:
            for name, line in public_names(module):
                for word in words_of(name):
                    if not known(word, vocabulary):
                        found.setdefault(word, f"{module.place}:{line} {name}")
    return found


def uses_of(modules: Iterable[Module], words: set[str]) -> list[str]:
    """Public names that contain a word of `words`, which are not used here because each means two things."""
    return [
        f"{module.place}:{line} {name}"
        for module in modules
        if module.name not in FOREIGN_FILES
        for name, line in public_names(module)
        if words & set(words_of(name))
    ]
