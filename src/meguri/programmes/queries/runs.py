"""The runs in which value leaves a programme's wallets: proposed, ordered, done, undone."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from meguri.programmes.demurrage import RunKind, days_come
from meguri.programmes.models import ValueRun
from meguri.programmes.queries.documents import programme, terms
from meguri.words.period import day_start


@dataclass(frozen=True, slots=True)
class RunView:
    """One run. `state`: proposed, ordered (it goes on by itself), done, undo_proposed, undo_ordered, undone."""

    id: UUID
    programme: UUID
    kind: str  # expiry, demurrage
    day: date
    rate_bp: int
    state: str
    approval: UUID | None
    proposed_at: datetime
    ordered_at: datetime | None
    done_at: datetime | None
    undone_at: datetime | None


def value_runs(programme: UUID, *, municipality: int) -> tuple[RunView, ...]:
    """All runs of a programme, newest day first."""
    rows = ValueRun.objects.filter(municipality=municipality, programme_id=programme).order_by("-day", "kind")
    return tuple(run_view(row) for row in rows)


def days_to_run(programme_id: UUID, *, municipality: int, at: datetime) -> tuple[date, ...]:
    """The demurrage days that have begun since the programme's launch and that nobody has proposed or begun yet."""
    document, view = terms(programme_id, municipality=municipality), programme(programme_id, municipality=municipality)
    if document.demurrage is None or view is None or view.launched_at is None:
        return ()
    known = ValueRun.objects.filter(municipality=municipality, programme_id=programme_id, kind=RunKind.DEMURRAGE)
    have = set(known.values_list("day", flat=True))
    begun = days_come(document.demurrage, document.spending.window.period, at=at)
    return tuple(day for day in begun if day not in have and day_start(day) > view.launched_at)


def run_view(row: ValueRun) -> RunView:
    return RunView(
        id=row.id, programme=row.programme_id, kind=row.kind, day=row.day, rate_bp=row.rate_bp, state=_state(row),
        approval=row.undo_approval or row.approval, proposed_at=row.proposed_at, ordered_at=row.ordered_at,
        done_at=row.done_at, undone_at=row.undone_at,
    )


def _state(row: ValueRun) -> str:
    steps = (
        (row.undone_at, "undone"), (row.undo_ordered_at, "undo_ordered"), (row.undo_approval, "undo_proposed"),
        (row.done_at, "done"), (row.ordered_at, "ordered"),
    )  # fmt: skip
    return next((state for step, state in steps if step is not None), "proposed")
