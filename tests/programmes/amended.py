"""A running programme whose document two officers change."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from meguri.programmes import operations, queries, tasks
from meguri.programmes.terms import ProgrammeTerms, from_tree, to_tree
from tests.programmes.builders import TownHall, put


def with_changes(hall: TownHall, programme: UUID, changes: dict[str, Any]) -> ProgrammeTerms:
    """The document in force, changed at these paths."""
    tree = to_tree(queries.terms(programme, municipality=hall.municipality))
    for path, value in changes.items():
        put(tree, path, value)
    return from_tree(tree)


def draft(
    hall: TownHall, programme: UUID, changes: dict[str, Any], *, at: Any = None, starts_at: datetime | None = None
) -> ProgrammeTerms:
    terms = with_changes(hall, programme, changes)
    maker = hall.officer("maker", terms.department)
    operations.draft_amendment(
        programme=programme, terms=terms, reason="議会の議決", by=maker, at=at or hall.at, starts_at=starts_at
    )
    return terms


def submit(
    hall: TownHall, programme: UUID, changes: dict[str, Any], *, at: Any = None, starts_at: datetime | None = None
) -> ProgrammeTerms:
    terms = draft(hall, programme, changes, at=at, starts_at=starts_at)
    operations.submit_amendment(programme=programme, by=hall.officer("maker", terms.department), at=at or hall.at)
    return terms


def amend(
    hall: TownHall, programme: UUID, changes: dict[str, Any], *, at: Any = None, starts_at: datetime | None = None
) -> int:
    """Drafted, submitted and approved at once; gives the version's number."""
    terms = submit(hall, programme, changes, at=at, starts_at=starts_at)
    return operations.approve_amendment(
        programme=programme, by=hall.officer("checker", terms.department), at=at or hall.at
    )


def work(hall: TownHall, times: int = 4, *, at: Any) -> None:
    for _ in range(times):
        tasks.carry_out_runs(municipality=hall.municipality, at=at)
