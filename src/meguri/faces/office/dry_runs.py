"""Dry runs of a draft at the programme desk: begin one, watch it, stop it, and see which were lived before."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from meguri.faces.design.figures import show_moment
from meguri.faces.entrance.requests import TownRequest
from meguri.faces.office.frame import attempt, done, may, officers_only, page, say
from meguri.parties.rules import require
from meguri.programmes import operations, queries
from meguri.programmes.queries import PROGRAMME_UNKNOWN, DryRunView, ProgrammeView

SEED_SIGNS = 10
STATES = {
    "asked": ("順番を待っています", "Waits for its turn", "waiting"), "running": ("進行中", "Being lived", "live"),
    "done": ("終わりました", "Lived to the end", "done"), "stopped": ("止めました", "Stopped", "closed"),
    "cut": ("途中で切れました", "Cut short", "late"), "failed": ("失敗しました", "Failed", "refused"),
}  # fmt: skip


@officers_only
def dry_runs(request: TownRequest, programme: UUID) -> HttpResponse:
    """A programme's dry runs, and the form that begins one."""
    require(request.actor, "programme.see")
    view = queries.programme(programme, municipality=request.municipality)
    if view is None:
        raise PROGRAMME_UNKNOWN.refusal()
    refusal, made = None, list[UUID]()
    if request.method == "POST":
        refusal = attempt(request, {
            "ask": lambda: made.append(_ask(request, programme, asks=operations.ask_dry_run)),
            "ask_amendment": lambda: made.append(_ask(request, programme, asks=operations.ask_amendment_dry_run)),
        })  # fmt: skip
        if refusal is None:
            if made:
                return redirect("office:dry_run", dry_run=made[0])
            return redirect("office:dry_runs", programme=programme)
    found = queries.dry_runs(programme, municipality=request.municipality)
    amends = view.state == "launched"
    waiting = queries.amendment(programme, municipality=request.municipality) if amends else None
    return page(
        request, "dry_runs", way="programmes", path=path_of(request, view), refusal=refusal, view=view,
        name=say(request, view.name_ja, view.name_en), dry_runs=[_row(request, each) for each in found],
        may_ask=(view.state in ("draft", "proposed") or waiting is not None)
        and may(request, "programme.try", department=view.department),
        amends=amends, act="ask_amendment" if amends else "ask", under_way=any(each.ended_at is None for each in found),
    )  # fmt: skip


def path_of(request: TownRequest, view: ProgrammeView, *, last: str = "") -> list[tuple[str, str]]:
    """The way from the desk to a dry run."""
    here = say(request, "予行", "Dry runs")
    steps = [(reverse("office:programmes"), say(request, "事業", "Programmes")),
             (reverse("office:programme", args=[view.id]), say(request, view.name_ja, view.name_en))]
    return [*steps, (reverse("office:dry_runs", args=[view.id]), here), ("", last)] if last else [*steps, ("", here)]


def stopping(request: TownRequest, dry_run: UUID) -> Mapping[str, Callable[[], object]]:
    """What a dry run's own page may do."""
    def stop() -> None:
        operations.stop_dry_run(dry_run=dry_run, by=request.actor, at=request.at)
        done(request, "止めます。いま生きている日が終わると、止まります。",
             "It stops after the day that is being lived.")

    return {"stop": stop}


def state_of(request: TownRequest, found: DryRunView) -> dict[str, Any]:
    """A dry run's state in words, with its badge and how far it is."""
    ja, en, badge = STATES[found.state]
    said = say(request, ja, en)
    if found.state == "running" and found.is_stopping:
        said = say(request, "止めています", "Being stopped")
    return {"label": said, "badge": badge, "goes_on": found.ended_at is None}


def _ask(request: TownRequest, programme: UUID, *, asks: Callable[..., UUID]) -> UUID:
    typed = request.POST.get("seed", "").strip()
    readable = typed.isdecimal() and len(typed) < SEED_SIGNS
    dry_run = asks(
        programme=programme, by=request.actor, at=request.at, seed=int(typed) if readable else 0 if typed else None
    )
    done(request, "予行を始めました。この画面を閉じても進みます。",
         "The dry run has begun. It goes on when this page is closed.")
    return dry_run


def _row(request: TownRequest, found: DryRunView) -> dict[str, Any]:
    wrong = sum(each.is_wrong for each in found.ending.surprises) if found.ending else 0
    return {
        "url": reverse("office:dry_run", args=[found.id]), "state": state_of(request, found), "wrong": wrong,
        "asked": show_moment(found.asked_at, request.language, style="year"), "seed": found.seed, "days": found.days,
        "is_present": found.is_present, "amends": found.amended is not None,
    }  # fmt: skip
