"""Recorded actions: found by action, day and state; a checker withdraws a wrong one, and sees before what that does."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from meguri.faces.entrance.requests import TownRequest
from meguri.faces.office.desks import require_desk
from meguri.faces.office.frame import EVERYTHING, PAGE, attempt, cursor_of, done, officers_only, page, say, short
from meguri.faces.office.names import names_of
from meguri.faces.office.tables import Cell, csv_of, is_csv, on_day, table, when
from meguri.parties.rules import Facts, allows, require
from meguri.programmes import queries as programmes
from meguri.programmes.parts import GrantByAction
from meguri.programmes.points import debts, operations
from meguri.programmes.points.queries import Done
from meguri.programmes.queries import ProgrammeView
from meguri.words.refusal import Refusal
from meguri.words.wareki import parse_date

STATES = {
    "": ("すべて", "All", ""), "granted": ("付与した", "Granted", "done"), "held": ("確認待ち", "Waiting", "waiting"),
    "withdrawn": ("取り消した", "Withdrawn", "closed"), "refused": ("認めなかった", "Declined", "refused"),
}  # fmt: skip


@officers_only
def records(request: TownRequest) -> HttpResponse:
    """What people did in one programme of the department, newest first; filters by action, day and state."""
    require_desk(request, "action.attest", family="point")
    own = _own(request)
    view = next((each for each in own if str(each.id) == request.GET.get("programme")), own[0] if own else None)
    day, refusal = _day(request)
    state, action = request.GET.get("state", ""), request.GET.get("action", "")
    found = () if view is None else debts.found_records(
        view.id, municipality=request.municipality, action=action, day=day, state=state if state in STATES else "",
        after=cursor_of(request), limit=EVERYTHING if is_csv(request, "records") else PAGE,
    )  # fmt: skip
    listed = table(
        request, "records", caption=("行動の記録", "Records of actions"),
        columns=[("した日", "Done", "keep"), ("行動", "Action"), ("人", "Person", "keep"), ("場所", "Place"),
                 ("付与", "Granted", "number"), ("状態", "State")],
        rows=[_row(request, each) for each in found], after=found[-1].id if len(found) == PAGE else None,
        empty=("あてはまる記録はありません", "No record fits"),
    )  # fmt: skip
    return csv_of(request, listed) or page(
        request, "records", way="points", path=_path(request), table=listed, refusal=refusal,
        programmes=[{"value": str(number), "label": name} for number, name in names_of(request, own).items()],
        programme=str(view.id) if view else "", actions=_actions(request, view), action=action, state=state,
        day=request.GET.get("day", ""),
        states=[{"value": value, "label": say(request, ja, en)} for value, (ja, en, _) in STATES.items()],
    )  # fmt: skip


def _own(request: TownRequest) -> list[ProgrammeView]:
    found = programmes.programmes(request.municipality, states=("launched", "closed"))
    return [each for each in found if each.family == "point" and each.department == request.actor.department]


def _day(request: TownRequest) -> tuple[date | None, Refusal | None]:
    """The day that was typed; a refusal where it is none, and then all days are shown."""
    typed = request.GET.get("day", "").strip()
    if not typed:
        return None, None
    try:
        return parse_date(typed, field="day"), None
    except Refusal as refusal:
        return None, refusal


def _actions(request: TownRequest, view: ProgrammeView | None) -> list[dict[str, str]]:
    options = [{"value": "", "label": say(request, "すべて", "All")}]
    obtaining = programmes.terms(view.id, municipality=request.municipality).obtaining if view else None
    if isinstance(obtaining, GrantByAction):
        options += [{"value": one.code, "label": say(request, one.name.ja, one.name.en)} for one in obtaining.actions]
    return options


def _row(request: TownRequest, each: Done) -> list[Cell]:
    ja, en, badge = STATES[each.state]
    place = say(request, each.place.ja, each.place.en) if each.place else ""
    return [
        when(each.done_at, request, style="year"),
        {"url": reverse("office:record", args=[each.id]), "text": say(request, each.name.ja, each.name.en)},
        short(each.resident), place, {"amount": each.granted_yen}, {"status": badge, "text": say(request, ja, en)},
    ]  # fmt: skip


def _path(request: TownRequest, *more: tuple[str, str]) -> list[tuple[str, str]]:
    start = (reverse("office:points"), say(request, "行動と場所", "Actions and places"))
    own = say(request, "行動の記録", "Records of actions")
    return [start, (reverse("office:records"), own), *more] if more else [start, ("", own)]


@officers_only
def record(request: TownRequest, record: UUID) -> HttpResponse:
    """One record; and before it is withdrawn, what comes back and what becomes a debt."""
    require_desk(request, "action.attest", family="point")
    found = debts.found_record(record, municipality=request.municipality)
    view = programmes.programme(found.programme, municipality=request.municipality)
    assert view is not None  # noqa: S101 - a record has its programme
    require(request.actor, "action.attest", department=view.department)
    refusal = None
    if request.method == "POST":
        refusal = attempt(request, {"withdraw": lambda: _withdraw(request, found)})
        if refusal is None:
            return redirect("office:record", record=record)
    name, (ja, en, badge) = say(request, found.name.ja, found.name.en), STATES[found.state]
    return page(
        request, "record", way="points", path=_path(request, ("", name)), refusal=refusal, found=found, name=name,
        state=say(request, ja, en), badge=badge, facts=_facts(request, found, view=view),
        ahead=debts.taking_back(found, municipality=request.municipality) if found.state == "granted" else None,
        mine=request.actor.party == found.resident,
        may=allows(request.actor, "action.reverse", facts=Facts(department=view.department)),
    )  # fmt: skip


def _withdraw(request: TownRequest, found: Done) -> None:
    operations.withdraw_action(
        record=found.id, reason=request.POST.get("reason", ""), by=request.actor, at=request.at
    )
    done(request, "取り消しました。理由と、戻した額・これからあてる額を本人に知らせました。",
         "Withdrawn. The person was told why, what came back and what later points make up for.")


def _facts(request: TownRequest, found: Done, *, view: ProgrammeView) -> list[dict[str, Any]]:
    place = say(request, found.place.ja, found.place.en) if found.place else ""
    facts: list[tuple[str, str, Any]] = [
        ("事業", "Programme", say(request, view.name_ja, view.name_en)), ("人", "Person", short(found.resident)),
        ("した時", "Done", when(found.done_at, request, style="year")),
        ("数える日", "Counts for", on_day(found.day, request)), ("場所", "Place", place),
        ("付与", "Granted", say(request, f"{found.granted_yen:,}円", f"¥{found.granted_yen:,}")),
        ("理由", "Reason", found.reason),
    ]  # fmt: skip
    return [{"label": say(request, ja, en), "value": value} for ja, en, value in facts if value]
