"""Where the values of a document come from: which path has a note, and which has none. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Final

from msgspec import Struct

from meguri.programmes.parts import SourceNote
from meguri.programmes.terms import ProgrammeTerms, to_tree
from meguri.words.predicate import All, Any, Compare, Not

PREDICATES: Final = (All, Any, Not, Compare)
NAMES: Final = frozenset({
    "code", "department", "funded_by", "purse", "bonus_purse", "fund", "indicator", "payer", "by", "kind", "unit",
    "caution", "fiscal_year",
})  # fmt: skip
"""Fields by which parts name themselves or each other: nothing that a source could publish."""

UNSOURCED: Final = frozenset({"notice", "origin", "sources", "purpose", "family", "indicators", "evaluation", "goals"})
"""The town's own words and aims: they have no source but the town."""


def unknown_sources(terms: ProgrammeTerms) -> list[str]:
    """Notes that point nowhere, or that do not give exactly one of `source` and `assumed`."""
    known = {path for leaf, _ in leaves(_whole(terms), "") for path in _ancestors(leaf)}
    return [note.value for note in terms.sources if note.value not in known or bool(note.source) == bool(note.assumed)]


def source_of(terms: ProgrammeTerms, path: str) -> SourceNote | None:
    """The note that covers a path: its own, or the nearest above it."""
    notes = {note.value: note for note in terms.sources}
    return next((notes[above] for above in reversed(_ancestors(path)) if above in notes), None)


def unsourced(terms: ProgrammeTerms) -> list[str]:
    """Paths of values (numbers, days, conditions, choices) that no note covers; empty for a document worth sharing."""
    tree = {name: value for name, value in to_tree(terms).items() if name not in UNSOURCED}
    values = [path for path, value in leaves(tree, "") if _is_value(path, value)]
    return [path for path in values if source_of(terms, path) is None]


def _whole(part: object) -> object:
    """Like `to_tree`, but unset values stand in it too: a note may say why a default is kept."""
    if isinstance(part, Struct) and not isinstance(part, PREDICATES):
        return {name: _whole(getattr(part, name)) for name in part.__struct_fields__}
    return [_whole(each) for each in part] if isinstance(part, tuple) else part


def _is_value(path: str, value: object) -> bool:
    return path.rpartition(".")[2] not in NAMES and not (isinstance(value, dict) and value.keys() == {"ja", "en"})


def leaves(value: object, path: str) -> Iterator[tuple[str, object]]:
    """Leaves with their paths. A text, a window, a condition are one leaf; listed parts go by code, else by number."""
    if isinstance(value, dict) and not _is_one(value):
        for name, part in value.items():
            yield from leaves(part, f"{path}.{name}" if path else name)
    elif isinstance(value, list | tuple) and value and isinstance(value[0], dict):
        for place, part in enumerate(value):
            yield from leaves(part, f"{path}.{part['code']}" if "code" in part else f"{path}[{place}]")
    else:
        yield path, value


def _is_one(value: dict[str, object]) -> bool:
    is_condition = value.get("kind") in {"all", "any", "not", "compare"}
    return is_condition or value.keys() in ({"ja", "en"}, {"first_day", "last_day"}) or isinstance(value, date)


def _ancestors(path: str) -> list[str]:
    """`a.b[0].c` -> a, a.b, a.b[0], a.b[0].c."""
    ends = [place for place, sign in enumerate(path) if sign in ".["] + [len(path)]
    return [path[:end] for end in ends]
