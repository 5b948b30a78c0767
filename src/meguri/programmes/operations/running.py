"""Value moves in bulk, with four eyes: a maker proposes, a checker orders, and the run goes on by itself.

The second officer's press writes a row and moves no money: a bulk in one transaction would hold every wallet that it
touches until its end. A task carries the run out (`carry_out`), batch by batch, and so it survives any break.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from uuid import UUID

from django.db import IntegrityError, transaction

from meguri.ledger import queries as ledger
from meguri.parties import operations as parties
from meguri.parties.rules import digest_of, require
from meguri.programmes import queries
from meguri.programmes.demurrage import RunKind
from meguri.programmes.models import Programme, ValueRun
from meguri.programmes.operations.closing import close_batch, closing_run, undo_closing_batch
from meguri.programmes.operations.demurrage import RUN_UNKNOWN, new_runs, shrink_batch, undo_batch
from meguri.programmes.operations.expiry import BATCH, ExpiryRun, expire_batch, undo_expiry_batch
from meguri.programmes.operations.extension import extend_batch, refuse_late_undoing, undo_extension_batch
from meguri.programmes.queries.documents import PROGRAMME_UNKNOWN
from meguri.words.actor import Actor
from meguri.words.ids import uuid7
from meguri.words.period import day_of
from meguri.words.refusal import declare

ACTION = "wallet.expire"
NOTHING_TO_RUN = declare(
    "nothing_to_run",
    ja="いま財布から戻すものはないか、その日の処理はもう出されています。",
    en="There is nothing to take out of wallets now, or its run was proposed already.",
)


@transaction.atomic
def propose_run(*, programme: UUID, kind: str, by: Actor, at: datetime) -> UUID:
    """Ask that value leaves: all demurrage days that have begun, what has expired by today, or what is left at the end.

    Gives the approval's id. An extension is ordered with its amendment and never here.
    Raises Refusal `programme_unknown`, `not_allowed`, `nothing_to_run`, `winding_up_too_early`, `approval_open`.
    """
    kept = _programme(programme, by=by)
    rows = _rows(kept, kind, by=by, at=at)
    if not rows:
        raise NOTHING_TO_RUN.refusal()
    asked = parties.propose(
        ACTION, object_id=kept.id, digest=_digest(rows, undo=False), department=kept.department, by=by, at=at
    )
    for row in rows:
        row.approval = asked
    try:
        with transaction.atomic():
            ValueRun.objects.bulk_create(rows)
    except IntegrityError:  # the same days were proposed a moment ago
        raise NOTHING_TO_RUN.refusal() from None
    return asked


@transaction.atomic
def propose_undo(*, run: UUID, by: Actor, at: datetime) -> UUID:
    """Ask that what a run moved goes back.

    Raises Refusal `value_run_unknown`, `not_allowed`, `approval_open`, `extension_relied_on`.
    """
    row = ValueRun.objects.select_for_update().filter(id=run, municipality=by.municipality).first()
    if row is None or row.ordered_at is None or row.undo_ordered_at is not None:
        raise RUN_UNKNOWN.refusal()
    kept = _programme(row.programme_id, by=by)
    if row.kind == RunKind.EXTENSION:
        refuse_late_undoing(row, at=at)
    asked = parties.propose(
        ACTION, object_id=kept.id, digest=_digest([row], undo=True), department=kept.department, by=by, at=at
    )
    row.undo_approval = asked
    row.save(update_fields=["undo_approval"])
    return asked


@transaction.atomic
def order_run(*, approval: UUID, by: Actor, at: datetime) -> None:
    """The checker orders what was proposed; the task takes it from here.

    Order: the rows, the approval (which asks the permission and refuses the maker), the rows' time.
    Raises Refusal `extension_relied_on`, `value_run_unknown`, `approval_closed`, `not_allowed`, `checker_is_maker`.
    """
    rows, undo = _asked(approval, by=by)
    for row in rows if undo else []:
        if row.kind == RunKind.EXTENSION:
            refuse_late_undoing(row, at=at)
    parties.approve(approval, _digest(rows, undo=undo), by=by, at=at)
    name = "undo_ordered_at" if undo else "ordered_at"
    ValueRun.objects.filter(id__in=[row.id for row in rows]).update(**{name: at})


@transaction.atomic
def close_proposal(*, approval: UUID, by: Actor, at: datetime, reason: str = "") -> None:
    """The maker takes the proposal back, or (with a reason) the checker sends it back: nothing leaves.

    Raises Refusal `value_run_unknown`, `approval_closed`, `not_allowed`, `checker_is_maker`.
    """
    rows, undo = _asked(approval, by=by)
    if reason:
        parties.reject(approval, by=by, at=at, note=reason)
    else:
        parties.withdraw(approval, by=by, at=at)
    asked = ValueRun.objects.filter(id__in=[row.id for row in rows])
    if undo:
        asked.update(undo_approval=None)
    else:
        asked.delete()


def carry_out(*, by: Actor, at: datetime) -> int:
    """Take the next batch of every run that was ordered and is not finished; gives the number of postings.

    One run for each programme and kind at a time, the earliest day first. Raises Refusal `not_allowed`.
    """
    require(by, ACTION, municipality=by.municipality)
    rows = ValueRun.objects.filter(municipality=by.municipality).order_by("day")
    undoing = rows.filter(undo_ordered_at__isnull=False, undone_at=None)
    going = rows.filter(ordered_at__isnull=False, done_at=None, undo_ordered_at=None)
    return sum(_undo(row, by=by, at=at) for row in undoing) + sum(_take(row, by=by, at=at) for row in _first(going))


def carry_on(*, by: Actor, at: datetime) -> int:
    """Move what has come back into lots that a finished extension emptied; gives the number of postings.

    Only the last extension of a programme that stands, until its day is over. Raises Refusal `not_allowed`.
    """
    require(by, ACTION, municipality=by.municipality)
    rows = ValueRun.objects.filter(
        municipality=by.municipality, kind=RunKind.EXTENSION, done_at__isnull=False, undo_ordered_at=None,
        day__gte=day_of(at),
    ).order_by("-day")  # fmt: skip
    return sum(extend_batch(row, by=by, at=at) for row in _first(rows))


def _first(rows: Iterable[ValueRun]) -> list[ValueRun]:
    first: dict[tuple[UUID, str], ValueRun] = {}
    for row in rows:
        first.setdefault((row.programme_id, row.kind), row)
    return list(first.values())


def _take(row: ValueRun, *, by: Actor, at: datetime) -> int:
    if row.kind == RunKind.DEMURRAGE:
        return shrink_batch(row, by=by, at=at).postings
    if row.kind == RunKind.EXTENSION:
        return extend_batch(row, by=by, at=at)
    if row.kind == RunKind.CLOSING:
        return close_batch(row, by=by, at=at)
    until = row.proposed_at  # what lapsed since is for another run: two people saw no more than this
    due = queries.lapsed(row.programme_id, municipality=by.municipality, at=until, limit=BATCH + 1)
    run = expire_batch(due[:BATCH], _NOTHING, programme=row.programme_id, by=by, at=until)
    if len(due) <= BATCH and not run.refused:
        ValueRun.objects.filter(id=row.id).update(done_at=at)
    return run.postings


def _undo(row: ValueRun, *, by: Actor, at: datetime) -> int:
    if row.kind == RunKind.DEMURRAGE:
        return undo_batch(row, by=by, at=at).postings
    if row.kind == RunKind.EXTENSION:
        return undo_extension_batch(row, by=by, at=at)
    if row.kind == RunKind.CLOSING:
        return undo_closing_batch(row, by=by, at=at)
    numbers = ledger.standing("expire", effective_at=row.proposed_at, about={"programme": str(row.programme_id)},
                              municipality=by.municipality, limit=BATCH)  # fmt: skip
    run = undo_expiry_batch(numbers, _NOTHING, by=by, at=at)
    if not numbers:
        ValueRun.objects.filter(id=row.id).update(done_at=row.done_at or at, undone_at=at)
    return run.postings


_NOTHING = ExpiryRun(postings=0, granted_yen=0, paid_yen=0, refused=0)


def _programme(programme: UUID, *, by: Actor) -> Programme:
    kept = Programme.objects.filter(
        id=programme, municipality=by.municipality, launched_at__isnull=False
    ).first()
    if kept is None:
        raise PROGRAMME_UNKNOWN.refusal()
    return kept


def _rows(kept: Programme, kind: str, *, by: Actor, at: datetime) -> list[ValueRun]:
    if kind == RunKind.DEMURRAGE:
        return new_runs(kept.id, by=by, at=at)
    if kind == RunKind.CLOSING:
        return closing_run(kept, by=by, at=at)
    return _expiry_run(kept, by=by, at=at) if kind == RunKind.EXPIRY else []


def _expiry_run(kept: Programme, *, by: Actor, at: datetime) -> list[ValueRun]:
    """Today's run, if anything has lapsed and none was proposed today."""
    day = day_of(at)
    if ValueRun.objects.filter(programme=kept, kind=RunKind.EXPIRY, day=day).exists():
        return []
    if not queries.lapsed(kept.id, municipality=by.municipality, at=at, limit=1):
        return []
    return [ValueRun(id=uuid7(at), municipality=by.municipality, programme=kept, kind=RunKind.EXPIRY, day=day,
                     proposed_at=at)]  # fmt: skip


def _asked(approval: UUID, *, by: Actor) -> tuple[list[ValueRun], bool]:
    """The rows that this approval is about, and whether it is about undoing them."""
    own = ValueRun.objects.select_for_update().filter(municipality=by.municipality).order_by("day")
    if undo := list(own.filter(undo_approval=approval)):
        return undo, True
    if rows := list(own.filter(approval=approval)):
        return rows, False
    raise RUN_UNKNOWN.refusal()


def _digest(rows: Sequence[ValueRun], *, undo: bool) -> str:
    """Binds the programme, the days and the rate: what two people saw is what is carried out."""
    lines = [[str(row.id), row.kind, row.day.isoformat(), row.rate_bp, undo] for row in rows]
    return digest_of({"programme": str(rows[0].programme_id), "runs": sorted(lines)})
