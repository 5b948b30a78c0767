"""A draft is tried: asked for at the desk, lived by a process of its own, and kept here evening by evening.

What is lived never touches this database: these rows are the picture of it. docs/decisions/0019
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import msgspec
from django.db import IntegrityError, transaction

from meguri.parties.rules import require
from meguri.programmes import queries
from meguri.programmes.dry_run import Amended, DayLived, Ending, Wanted
from meguri.programmes.models import DryRun, DryRunDay, DryRunState, Programme, ProgrammeState
from meguri.programmes.operations.amending import AMENDMENT_MISSING, judge, waiting_version
from meguri.programmes.operations.drafting import (
    PROGRAMME_NOT_DRAFT,
    current_version,
    locked_programme,
    refuse_errors,
    state_now,
)
from meguri.programmes.terms import from_tree
from meguri.words.actor import Actor
from meguri.words.clock import day
from meguri.words.ids import uuid7
from meguri.words.refusal import declare

KEPT = 5
"""So many dry runs of a programme that ended are kept; the oldest give way."""
SEED_MOST = 999_999

DRY_RUN_UNKNOWN = declare(
    "dry_run_unknown", status=404, ja="この予行は見つかりません。", en="There is no such dry run."
)
DRY_RUN_UNDER_WAY = declare(
    "dry_run_under_way",
    ja="この事業の予行が進んでいます。終わるのを待つか、止めてから、もう一度始めてください。",
    en="This programme is being tried already. Please wait for its end, or stop it, and begin again.",
)
SEED_OUT_OF_RANGE = declare(
    "seed_out_of_range", status=422, ja="種は1から{most}までの数字にしてください。",
    en="The seed is a number from 1 to {most}.",
)


@transaction.atomic
def ask_dry_run(*, programme: UUID, by: Actor, at: datetime, seed: int | None = None) -> UUID:
    """Have the draft lived as it is now; gives the dry run's id. Without a seed it is another one each time.

    Order: the programme alone, permission, state, the document's errors, room among the kept, the row: the constraint
    keeps it the only one under way.
    Raises Refusal `programme_unknown`, `not_allowed`, `programme_not_draft`, `programme_has_errors`,
    `seed_out_of_range`, `dry_run_under_way`.
    """
    kept = locked_programme(programme, by)
    require(by, "programme.try", department=kept.department, municipality=kept.municipality)
    if kept.state not in {ProgrammeState.DRAFT, ProgrammeState.PROPOSED}:
        raise PROGRAMME_NOT_DRAFT.refusal(name=kept.code, now=state_now(kept))
    version = current_version(kept)
    refuse_errors(from_tree(version.document))
    wanted = Wanted(
        document=version.document, seed=_seed(kept, seed), town=queries.town_like(kept.municipality, at=at)
    )
    row = _row(kept, wanted, digest=version.digest, by=by, at=at)
    _make_room(kept, rows=1)
    _keep([row])
    return row.id


@transaction.atomic
def ask_amendment_dry_run(*, programme: UUID, by: Actor, at: datetime, seed: int | None = None) -> UUID:
    """Have a running programme lived twice by the same invented people: without its amendment, and with it.

    It is approved on the day of today and rules from its own first day; as many take part as did so far. Gives the dry
    run with the amendment, which stands beside the other. Order: as `ask_dry_run`; what the amendment would take is
    asked as when it is submitted.
    Raises Refusal `programme_unknown`, `not_allowed`, `programme_not_launched`, `amendment_missing`,
    `programme_has_errors`, `amendment_takes`, `seed_out_of_range`, `dry_run_under_way`.
    """
    kept = locked_programme(programme, by)
    require(by, "programme.try", department=kept.department, municipality=kept.municipality)
    version = waiting_version(kept)
    if version is None:
        raise AMENDMENT_MISSING.refusal()
    if version.approved_at is None:  # else it was judged with its approval, as if all had come that can come
        judge(kept, version)
    before = current_version(kept)
    wanted = Wanted(
        document=before.document, seed=_seed(kept, seed), town=queries.town_like(kept.municipality, at=at),
        uptake_bp=queries.uptake_bp(kept.id, municipality=kept.municipality),
    )
    start = version.starts_at
    amended = Amended(
        document=version.document, approved_on=day(at), first_day=None if start is None else day(start)
    )
    without = _row(kept, wanted, digest=before.digest, by=by, at=at)
    with_it = _row(kept, msgspec.structs.replace(wanted, amended=amended), digest=version.digest, by=by, at=at)
    with_it.beside = without.id
    _make_room(kept, rows=2)
    _keep([without, with_it])
    return with_it.id


def _row(kept: Programme, wanted: Wanted, *, digest: str, by: Actor, at: datetime) -> DryRun:
    return DryRun(
        id=uuid7(at), municipality=kept.municipality, programme=kept, digest=digest,
        wanted=msgspec.to_builtins(wanted), asked_by=by.party, asked_at=at,
    )


def _keep(rows: Sequence[DryRun]) -> None:
    """The constraints keep them the only ones under way."""
    try:
        with transaction.atomic():
            DryRun.objects.bulk_create(rows)
    except IntegrityError:
        raise DRY_RUN_UNDER_WAY.refusal() from None


def _seed(kept: Programme, seed: int | None) -> int:
    if seed is not None and not 1 <= seed <= SEED_MOST:
        raise SEED_OUT_OF_RANGE.refusal(field="seed", most=SEED_MOST)
    return seed or _next_seed(kept)


@transaction.atomic
def stop_dry_run(*, dry_run: UUID, by: Actor, at: datetime) -> None:
    """Nobody needs more of it: its process ends after the day that it is living. One that has ended stays as it is.

    Raises Refusal `dry_run_unknown`, `not_allowed`.
    """
    row = _locked(dry_run, by)
    require(by, "programme.try", department=row.programme.department, municipality=row.municipality)
    if row.state == DryRunState.ASKED:
        row.state, row.ended_at = DryRunState.STOPPED, at
    row.stop_asked_at = row.stop_asked_at or at
    row.save(update_fields=["state", "ended_at", "stop_asked_at"])


@transaction.atomic
def begin_dry_run(*, dry_run: UUID, by: Actor, at: datetime) -> Wanted | None:
    """What is to be lived, by the process that will; None when it is not waiting any more. The town's others were cut:
    one process at a time lives a dry run of a town. Raises Refusal `dry_run_unknown`, `not_allowed`.
    """
    require(by, "programme.try")
    row = _locked(dry_run, by)
    if row.state != DryRunState.ASKED:
        return None
    cut_dry_runs(by=by, at=at)
    row.state, row.began_at = DryRunState.RUNNING, at
    row.save(update_fields=["state", "began_at"])
    return msgspec.convert(row.wanted, Wanted)


def cut_dry_runs(*, by: Actor, at: datetime) -> int:
    """What still runs has no process any more; gives how many. Raises Refusal `not_allowed`."""
    require(by, "programme.try")
    rows = DryRun.objects.filter(municipality=by.municipality, state=DryRunState.RUNNING)
    return rows.update(state=DryRunState.CUT, ended_at=at)


@transaction.atomic
def keep_day(*, dry_run: UUID, lived: DayLived, by: Actor, at: datetime) -> bool:
    """Keep a day; False when nobody wants more. Raises Refusal `dry_run_unknown`, `not_allowed`."""
    require(by, "programme.try")
    row = _locked(dry_run, by)
    if row.state != DryRunState.RUNNING or row.stop_asked_at is not None:
        return False
    DryRunDay.objects.create(
        id=uuid7(at), municipality=row.municipality, dry_run=row, day=lived.day, lived=msgspec.to_builtins(lived)
    )
    return True


@transaction.atomic
def end_dry_run(
    *, dry_run: UUID, by: Actor, at: datetime, ending: Ending | None = None, is_fault: bool = False
) -> None:
    """Its process is over: with an ending it is done; else it was stopped, it broke (`is_fault`), or it was cut.

    Raises Refusal `dry_run_unknown`, `not_allowed`.
    """
    require(by, "programme.try")
    row = _locked(dry_run, by)
    if row.state != DryRunState.RUNNING:
        return
    if ending is not None:
        row.state, row.ending = DryRunState.DONE, msgspec.to_builtins(ending)
    elif row.stop_asked_at is not None:
        row.state = DryRunState.STOPPED
    else:
        row.state = DryRunState.FAILED if is_fault else DryRunState.CUT
    row.ended_at = at
    row.save(update_fields=["state", "ending", "ended_at"])


def _locked(dry_run: UUID, by: Actor) -> DryRun:
    rows = DryRun.objects.select_for_update(of=("self",)).select_related("programme")
    found = rows.filter(id=dry_run, municipality=by.municipality).first()
    if found is None:
        raise DRY_RUN_UNKNOWN.refusal()
    return found


def _next_seed(programme: Programme) -> int:
    """One more than the largest that this programme was tried with."""
    tried = DryRun.objects.filter(programme=programme).values_list("wanted__seed", flat=True)
    return min(max(tried, default=0) + 1, SEED_MOST)


def _make_room(programme: Programme, *, rows: int) -> None:
    ended = DryRun.objects.filter(programme=programme, ended_at__isnull=False).order_by("-id")
    DryRun.objects.filter(id__in=list(ended.values_list("id", flat=True)[KEPT - rows :])).delete()
