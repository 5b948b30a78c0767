"""An approved amendment that waits for its start: from when it rules, and how two officers withdraw it before."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from meguri.faces.entrance.requests import TownRequest
from meguri.faces.office.frame import called, done, may, officer_names
from meguri.faces.office.tables import on_day, when
from meguri.parties import queries as parties
from meguri.programmes import operations
from meguri.programmes.queries import ProgrammeView, VersionView


def acts(request: TownRequest, view: ProgrammeView) -> dict[str, Callable[[], object]]:
    """What the buttons of the page do."""
    asked: dict[str, Any] = {"programme": view.id, "by": request.actor, "at": request.at}
    note = request.POST.get("note", "").strip()

    def ask() -> None:
        operations.propose_withdrawal(note=note, **asked)
        done(request, "取りやめの承認を求めました。承認されるまでは、予定どおり施行されます。",
             "Submitted. Until somebody approves, the amendment begins as planned.")

    def approve() -> None:
        operations.approve_withdrawal(**asked)
        done(request, "この変更を取りやめました。いまの版のまま続きます。",
             "The amendment is withdrawn. It goes on as it is.")

    def keep() -> None:
        operations.keep_amendment(note=note, **asked)
        done(request, "取りやめないことにしました。予定どおり施行されます。",
             "It is not withdrawn. The amendment begins as planned.")

    return {"ask_withdrawal": ask, "approve_withdrawal": approve, "keep_amendment": keep}


def shown(request: TownRequest, view: ProgrammeView, *, found: VersionView) -> dict[str, Any]:
    """From when the version rules; once it is approved, who may withdraw it and whether somebody asked to."""
    values: dict[str, Any] = {"starts_on": on_day(found.starts_at, request)}
    if found.state != "approved":
        return values
    asked = parties.approval(found.withdrawal, municipality=request.municipality) if found.withdrawal else None
    mine = asked is not None and asked.made_by == request.actor.party
    names = officer_names(request)
    return values | {
        "waits": True, "told_at": when(found.announced_at, request, style="year"),
        "approved_at": when(found.approved_at, request, style="year"),
        "may_ask": asked is None and may(request, "programme.amend", department=view.department),
        "asked_withdrawal": asked, "may_judge": asked is not None and not mine
        and may(request, "programme.withdraw_amendment", department=view.department),
        "asked_by": called(names, asked.made_by, language=request.language) if asked else "",
    }  # fmt: skip
