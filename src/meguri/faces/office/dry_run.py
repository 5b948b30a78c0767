"""The time machine: a dry run's days one by one, what each brought to whom, the whole as pictures, and how it ended."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import redirect
from django_htmx.http import HttpResponseClientRefresh

from meguri.faces.design.figures import show_day
from meguri.faces.entrance.requests import TownRequest
from meguri.faces.office import dry_run_beside, dry_run_day, dry_run_pictures
from meguri.faces.office.dry_runs import path_of, state_of, stopping
from meguri.faces.office.frame import attempt, may, officers_only, page, say
from meguri.faces.office.tables import Table, csv_of, table
from meguri.parties.rules import require
from meguri.programmes import queries
from meguri.programmes.dry_run import Compared, DayLived, Surprise
from meguri.programmes.operations import DRY_RUN_UNKNOWN
from meguri.programmes.queries import DryRunView
from meguri.words.yen import show_yen

WEEK = 7


@officers_only
def dry_run(request: TownRequest, dry_run: UUID) -> HttpResponse:
    """Show a day of it (`?day=`, counted from 0), or stop it."""
    require(request.actor, "programme.see")
    found = queries.dry_run(dry_run, municipality=request.municipality)
    if found is None:
        raise DRY_RUN_UNKNOWN.refusal()
    if found.ended_at is not None and request.headers.get("HX-Trigger") == "under-way":
        return HttpResponseClientRefresh()  # whoever watches gets the whole page
    refusal = None
    if request.method == "POST":
        refusal = attempt(request, stopping(request, dry_run))
        if refusal is None:
            return redirect("office:dry_run", dry_run=dry_run)
    view = queries.programme(found.programme, municipality=request.municipality)
    assert view is not None  # noqa: S101 - a dry run has its programme
    days = queries.days_lived(dry_run, municipality=request.municipality)
    number = _number(request, days, goes_on=found.ended_at is None)
    shown = dry_run_day.shown(request, days[number]) if days else {}
    pictures = dry_run_pictures.pictures(request, days, family=view.family)
    compared = _compared(request, found)
    beside = dry_run_beside.beside(request, found, days=days)
    if file := csv_of(request, *pictures, *shown.get("tables", ()), compared, *(beside["tables"] if beside else ())):
        return file
    name = say(request, view.name_ja, view.name_en)
    return page(
        request, "dry_run", way="programmes", refusal=refusal, view=view, name=name, found=found,
        path=path_of(request, view, last=say(request, f"種{found.seed}", f"Seed {found.seed}")),
        state=state_of(request, found), shown=shown, machine=_machine(request, days, number=number), pictures=pictures,
        surprises=[_surprise(request, each, days=days) for each in (found.ending.surprises if found.ending else ())],
        compared=compared, beside=beside, span=_span(request, found), scale=_scale(request, found),
        may_stop=found.ended_at is None and may(request, "programme.try", department=view.department),
    )  # fmt: skip


def _number(request: TownRequest, days: Sequence[DayLived], *, goes_on: bool) -> int:
    """The day that is asked for; none: the last so far while it goes on, else the first."""
    typed = request.GET.get("day", "")
    if typed.isdecimal() and len(typed) < WEEK:
        return min(int(typed), max(0, len(days) - 1))
    return max(0, len(days) - 1) if goes_on else 0


def _machine(request: TownRequest, days: Sequence[DayLived], *, number: int) -> dict[str, Any]:
    """The slider and its steps."""
    if not days:
        return {}
    last = len(days) - 1
    steps = [(max(0, number - WEEK), "1週間前", "A week back"), (max(0, number - 1), "前の日", "Day before"),
             (min(last, number + 1), "次の日", "Next day"), (min(last, number + WEEK), "1週間後", "A week on")]
    return {
        "number": number, "last": last, "day": show_day(days[number].day, request.language, style="year"),
        "first_day": show_day(days[0].day, request.language, style="year"),
        "last_day": show_day(days[-1].day, request.language, style="year"),
        "steps": [{"url": f"?day={to}#machine", "label": say(request, ja, en), "stays": to == number}
                  for to, ja, en in steps],
        "events": [
            {"url": f"?day={place}#machine", "day": show_day(each.day, request.language),
             "text": say(request, each.due[0].ja, each.due[0].en)}
            for place, each in enumerate(days) if any(due.who == "desk" for due in each.due)
        ],
    }  # fmt: skip


def _surprise(request: TownRequest, each: Surprise, *, days: Sequence[DayLived]) -> dict[str, Any]:
    place = _place(days, each.day)
    return {
        "text": say(request, each.ja, each.en), "is_wrong": each.is_wrong,
        "url": f"?day={place}#machine" if place is not None else "",
        "day": show_day(each.day, request.language, style="year") if each.day and place is not None else "",
    }  # fmt: skip


def _place(days: Sequence[DayLived], day: date | None) -> int | None:
    return next((place for place, each in enumerate(days) if each.day == day), None)


def _compared(request: TownRequest, found: DryRunView) -> Table | None:
    """The forecast beside what was lived, for the same invented people."""
    if found.ending is None or not found.ending.compared:
        return None
    return table(
        request, "compared", caption=("見通しと予行", "Forecast and dry run"),
        columns=[("数字", "Figure"), ("見通し", "Forecast", "number"), ("予行", "Lived", "number"),
                 ("違う理由", "Why they differ")],
        rows=[
            [say(request, each.ja, each.en), _figure(request, each, value=each.forecast),
             _figure(request, each, value=each.lived), say(request, each.why_ja, each.why_en)]
            for each in found.ending.compared
        ],
    )  # fmt: skip


def _figure(request: TownRequest, each: Compared, *, value: int) -> str:
    if each.unit == "yen":
        return show_yen(value, request.language)
    return f"{value / 100:g}%" if each.unit == "bp" else f"{value:,}"


def _span(request: TownRequest, found: DryRunView) -> str:
    if found.until is None:
        return say(request, "予行の町を建てています。1分ほどかかることがあります。",
                   "The town of the dry run is being built; this may take a minute.")
    until = show_day(found.until, request.language, style="year")
    return say(request, f"{until}まで、{found.days:,}日", f"{found.days:,} days, until {until}")


def _scale(request: TownRequest, found: DryRunView) -> str:
    """For how many people it was lived, and what was reduced for them."""
    if found.population <= found.people:
        return say(request, f"架空の住民{found.people:,}人が、文書のままの口数と予算で生きています。",
                   f"{found.people:,} invented residents live it with the units and the budget of the document.")
    return say(
        request, f"住民{found.population:,}人の町を、架空の{found.people:,}人で生きています。"
                 "口数と予算は同じ割合に縮め、1人あたりの額と上限はそのままです。",
        f"A town of {found.population:,} is lived by {found.people:,} invented people: units and budgets are reduced "
        "in proportion, what belongs to one person is as it stands.",
    )  # fmt: skip
