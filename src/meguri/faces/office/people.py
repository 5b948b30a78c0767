"""Officers and their roles with dates, the register of shops, the log of approvals."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_GET

from meguri.faces.entrance.requests import TownRequest
from meguri.faces.office import approved
from meguri.faces.office.frame import (
    EVERYTHING,
    PAGE,
    attempt,
    called,
    chosen,
    cursor_of,
    department_names,
    done,
    may,
    officer_names,
    officers_only,
    page,
    picked,
    say,
)
from meguri.faces.office.tables import Cell, csv_of, is_csv, on_day, table, when
from meguri.parties import operations, queries
from meguri.parties.permissions import PERMISSIONS
from meguri.parties.queries import ApprovalView
from meguri.parties.rules import OFFICER_ROLES, ROLE_NAMES, require
from meguri.words.actor import ActorRole
from meguri.words.clock import midnight
from meguri.words.wareki import parse_date

OUTCOMES = {
    "": ("承認待ち", "Open", "waiting"), "approved": ("承認", "Approved", "approved"),
    "rejected": ("差戻し", "Sent back", "returned"), "withdrawn": ("取下げ", "Withdrawn", "closed"),
}


@officers_only
def people(request: TownRequest) -> HttpResponse:
    """Who holds which role until when; appoint and end."""
    require(request.actor, "party.see_officers")
    refusal = None
    if request.method == "POST":
        refusal = attempt(request, _acts(request))
        if refusal is None:
            return redirect("office:people")
    rooms, names = department_names(request), officer_names(request)
    found = queries.officers(municipality=request.municipality, at=request.at)
    listed = table(
        request, "officers", caption=("いまの役割", "Roles today"),
        columns=[("職員", "Officer"), ("所属", "Department"), ("役割", "Role"), ("から", "From", "keep"),
                 ("まで", "Until", "keep")],
        rows=[
            [{"url": reverse("office:officer", args=[each.officer]), "text": names[each.officer]},
             rooms.get(each.department, each.department), _role(request, each.role),
             on_day(each.valid_from, request), on_day(each.valid_until, request)]
            for each in found
        ],
        empty=("役割のある職員はいません", "Nobody holds a role"),
    )  # fmt: skip
    return csv_of(request, listed) or page(
        request, "people", way="people", refusal=refusal, table=listed, rooms=rooms, **_choices(request, rooms)
    )


def _role(request: TownRequest, role: ActorRole) -> str:
    name = ROLE_NAMES[role]
    return say(request, name.ja, name.en)


def _choices(request: TownRequest, rooms: dict[str, str]) -> dict[str, Any]:
    """What the forms offer: the departments in which the reader may appoint, roles, present officers, appointments."""
    open_rooms = [code for code in rooms if may(request, "party.appoint", department=code)]
    names = officer_names(request)
    found = queries.officers(municipality=request.municipality, at=request.at)
    nobody = {"value": "", "label": say(request, "選んでください", "Please choose")}
    return {
        "room_options": [{"value": code, "label": rooms[code]} for code in open_rooms],
        "role_options": [{"value": role, "label": _role(request, role)} for role in ActorRole if role in OFFICER_ROLES],
        "officer_options": [nobody, *({"value": str(who), "label": name} for who, name in names.items())],
        "ending_options": [nobody, *(
            {"value": str(each.id), "label": f"{names[each.officer]} — {_role(request, each.role)}"}
            for each in found if each.department in open_rooms
        )],
    }  # fmt: skip


def _acts(request: TownRequest) -> dict[str, Callable[[], object]]:
    by, at = request.actor, request.at
    room = request.POST.get("department", "")

    def appoint() -> None:
        operations.appoint(
            officer=chosen(request, "officer"), role=picked(request, "role", kind=ActorRole),
            department=room, by=by, at=at,
            valid_from=_day(request, "valid_from"), valid_until=_day(request, "valid_until"),
        )  # fmt: skip
        done(request, "任命しました。", "Appointed.")

    def enrol() -> None:
        made = operations.enrol_officer(
            email=request.POST.get("email", ""), name=request.POST.get("name", ""),
            role=picked(request, "role", kind=ActorRole), department=room, by=by, at=at,
        )  # fmt: skip
        link = request.build_absolute_uri(reverse("entrance:invitation", args=[made.token]))
        done(request, f"職員を登録しました。このリンクを本人に渡してください(一度だけ表示します): {link}",
             f"Enrolled. Give this link to the officer (shown once): {link}")

    def end() -> None:
        operations.end_appointment(
            chosen(request, "appointment"), by=by, at=at, valid_until=_day(request, "ends_on")
        )
        done(request, "役割を終えました。", "The role has been ended.")

    return {"appoint": appoint, "enrol": enrol, "end": end}


def _day(request: TownRequest, name: str) -> datetime | None:
    """The first moment of a typed day; None when nothing was typed."""
    typed = request.POST.get(name, "").strip()
    return midnight(parse_date(typed, field=name)) if typed else None


@officers_only
@require_GET
def approvals(request: TownRequest) -> HttpResponse:
    """Every request for four eyes: who made, who judged, when, why."""
    require(request.actor, "approval.see")
    rooms, names = department_names(request), officer_names(request)
    found = queries.approvals(
        municipality=request.municipality, department=request.GET.get("department") or None,
        after=cursor_of(request), limit=EVERYTHING if is_csv(request, "approvals") else PAGE,
    )
    listed = table(
        request, "approvals", caption=("承認の記録", "Log of approvals"),
        columns=[
            ("起票", "Made", "keep"), ("何を", "What"), ("所管課", "Department", "keep"), ("起票者", "Maker"),
            ("結果", "Outcome", "keep"), ("承認者", "Checker"), ("判断", "Judged", "keep"), ("ひとこと", "Note"),
        ],
        rows=[
            [when(each.made_at, request, style="year"), _what(request, each),
             rooms.get(each.department, each.department), called(names, each.made_by, language=request.language),
             {"status": OUTCOMES[each.outcome][2], "text": say(request, *OUTCOMES[each.outcome][:2])},
             called(names, each.checked_by, language=request.language) if each.checked_at else "",
             when(each.checked_at, request, style="year"), each.note]
            for each in found
        ],
        after=found[-1].id if len(found) == PAGE else None, empty=("まだ承認はありません", "No approval yet"),
    )  # fmt: skip
    options = [{"value": "", "label": say(request, "すべての課", "All departments")}]
    options += [{"value": code, "label": name} for code, name in rooms.items()]
    return csv_of(request, listed) or page(
        request, "approvals", way="approvals", table=listed, options=options,
        department=request.GET.get("department", ""),
    )


def _what(request: TownRequest, each: ApprovalView) -> Cell:
    """What was to be approved, by name, with the way to it where it has a page."""
    text = say(request, PERMISSIONS[each.action].ja, PERMISSIONS[each.action].en)
    url = approved.url_of(each)
    if not url:
        return text
    told = f"{text}: {approved.about(request, each)}"
    return {"url": url, "text": told} if approved.opens(request, each) else told
