"""What may be asked about dry runs: which there are, what their evenings showed, how they ended."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

import msgspec
from django.db import connection
from django.db.models import Count, Max, Q, QuerySet

from meguri.parties.queries import OWN_FACTS_SQL, all_shop_facts
from meguri.programmes.dry_run import Amended, DayLived, Ending, ShopLike, TownLike, Wanted
from meguri.programmes.models import DryRun, DryRunDay, DryRunState
from meguri.programmes.terms import ProgrammeTerms, from_tree
from meguri.words.period import day_of


@dataclass(frozen=True, slots=True)
class DryRunView:
    """A dry run. `is_present`: the draft, or the amendment, still is the document that was lived; `until`: the last day
    lived so far; `in_all`: how many days it will have, once the first is lived. `amended`: what became the document on
    the way; `beside`: the dry run of the same town that went on without it. `uptake_bp`: as in `Wanted`.
    """

    id: UUID
    programme: UUID
    digest: str
    state: str
    seed: int
    people: int
    population: int
    asked_at: datetime
    is_stopping: bool
    ended_at: datetime | None
    days: int
    until: date | None
    in_all: int
    is_present: bool
    terms: ProgrammeTerms
    ending: Ending | None
    amended: Amended | None = None
    beside: UUID | None = None
    uptake_bp: int | None = None


def dry_runs(programme: UUID, *, municipality: int) -> tuple[DryRunView, ...]:
    """A programme's dry runs, newest first."""
    return _views(DryRun.objects.filter(programme_id=programme, municipality=municipality).order_by("-id"))


def dry_run(number: UUID, *, municipality: int) -> DryRunView | None:
    """One dry run."""
    return next(iter(_views(DryRun.objects.filter(id=number, municipality=municipality))), None)


def dry_runs_under_way(municipality: int) -> tuple[DryRunView, ...]:
    """Those that wait for a process or have one, oldest first."""
    rows = DryRun.objects.filter(municipality=municipality, state__in=[DryRunState.ASKED, DryRunState.RUNNING])
    return _views(rows.order_by("id"))


def days_lived(dry_run: UUID, *, municipality: int) -> tuple[DayLived, ...]:
    """The days of a dry run in their order."""
    rows = DryRunDay.objects.filter(dry_run_id=dry_run, municipality=municipality).order_by("day")
    return tuple(msgspec.convert(lived, DayLived) for lived in rows.values_list("lived", flat=True))


def town_like(municipality: int, *, at: datetime) -> TownLike:
    """The town as an invented one is made like it: people by ward, and the facts of its open shops."""
    query = f"SELECT ward, count(*) FROM ({OWN_FACTS_SQL}) AS r WHERE resident GROUP BY ward ORDER BY ward"  # noqa: S608
    with connection.cursor() as cursor:
        cursor.execute(query, {"municipality": municipality, "on": day_of(at)})
        wards = dict(cursor.fetchall())
    shops = sorted(all_shop_facts(municipality).items())
    return TownLike(wards=wards, shops=tuple(
        ShopLike(trade=shop.trade, area=shop.area, size_class=shop.size_class, floor_area=shop.floor_area,
                 head_office=shop.head_office)
        for _, shop in shops if shop.open
    ))  # fmt: skip


def _views(rows: QuerySet[DryRun]) -> tuple[DryRunView, ...]:
    counted = rows.select_related("programme").annotate(lived=Count("days"), until=Max("days__day"))
    return tuple(_view(row, days=row.lived, until=row.until) for row in counted)


def _in_all(row: DryRun) -> int:
    lived = row.days.order_by("day").values_list("lived", flat=True).first()
    return msgspec.convert(lived, DayLived).in_all


def _view(row: DryRun, *, days: int, until: date | None) -> DryRunView:
    wanted = msgspec.convert(row.wanted, Wanted)
    standing = Q(number=row.programme.number) | Q(launched_at=None, withdrawn_at=None)
    present = row.programme.versions.filter(standing, digest=row.digest).exists()
    return DryRunView(
        id=row.id, programme=row.programme_id, digest=row.digest, state=row.state, seed=wanted.seed,
        people=wanted.people, population=wanted.town.population, asked_at=row.asked_at,
        is_stopping=row.stop_asked_at is not None, ended_at=row.ended_at, days=days, until=until,
        in_all=_in_all(row) if days else 0,
        is_present=present, terms=from_tree(wanted.document),
        ending=None if row.ending is None else msgspec.convert(row.ending, Ending),
        amended=wanted.amended, beside=row.beside, uptake_bp=wanted.uptake_bp,
    )
