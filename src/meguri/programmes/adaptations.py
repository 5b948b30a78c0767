"""What a town changed of the template it started from, value by value. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from meguri.programmes.sources import leaves
from meguri.programmes.terms import ProgrammeTerms, to_tree

UNCOMPARED: Final = frozenset({"origin", "sources", "notice", "code"})
"""What says where a document comes from, and its own name: nothing that changes a rule."""


@dataclass(frozen=True, slots=True)
class Adaptation:
    """One value at a path as source notes write it; None where the document or the template does not state it."""

    path: str
    template: object
    adapted: object


def adaptations(terms: ProgrammeTerms, template: ProgrammeTerms) -> tuple[Adaptation, ...]:
    """Every value in which a document differs from its template, in the template's order, then what was added."""
    before, after = _values(template), _values(terms)
    paths = [*before, *(path for path in after if path not in before)]
    return tuple(
        Adaptation(path, before.get(path), after.get(path)) for path in paths if before.get(path) != after.get(path)
    )


def _values(terms: ProgrammeTerms) -> dict[str, object]:
    tree = {name: value for name, value in to_tree(terms).items() if name not in UNCOMPARED}
    return dict(leaves(tree, ""))
