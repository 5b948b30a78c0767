"""One officer: the roles in time, the name behind a reason, a new way in for somebody who lost theirs."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.cache import never_cache

from meguri.faces.entrance.operations import renew_way_in
from meguri.faces.entrance.requests import TownRequest
from meguri.faces.office.frame import (
    attempt,
    called,
    department_names,
    done,
    may,
    officer_names,
    officers_only,
    page,
    say,
)
from meguri.faces.office.reveals import shown
from meguri.faces.office.tables import on_day, table
from meguri.parties import operations, queries
from meguri.parties.operations.officers import APPOINTMENT_UNKNOWN
from meguri.parties.queries import AppointmentView
from meguri.parties.rules import ROLE_NAMES, require
from meguri.vault.rules import Field


@officers_only
@never_cache
def officer(request: TownRequest, officer: UUID) -> HttpResponse:
    """Show it; a reveal answers at once, other acts lead back here."""
    require(request.actor, "party.see_officers")
    held = queries.appointments(officer, municipality=request.municipality)
    if not held:
        raise APPOINTMENT_UNKNOWN.refusal()
    seen = shown(request, {"": officer}, fields=[Field.NAME])
    refusal = seen.refusal
    if request.method == "POST" and request.POST.get("act") != "reveal":
        refusal = attempt(request, _acts(request, _changeable(request, held)))
        if refusal is None:
            return redirect("office:officer", officer=officer)
    title = called(officer_names(request), officer, language=request.language)
    path = [(reverse("office:people"), say(request, "職員と役割", "Officers")), ("", title)]
    return page(
        request, "officer", way="people", path=path, refusal=refusal, title=title, shown=seen,
        table=_roles(request, held), changeable=_changeable(request, held),
    )


def _roles(request: TownRequest, held: tuple[AppointmentView, ...]) -> object:
    rooms = department_names(request)
    return table(
        request, "roles", caption=("役割の記録", "Roles in time"), export=False,
        columns=[("役割", "Role"), ("所属", "Department"), ("から", "From", "keep"), ("まで", "Until", "keep")],
        rows=[
            [say(request, ROLE_NAMES[each.role].ja, ROLE_NAMES[each.role].en),
             rooms.get(each.department, each.department), on_day(each.valid_from, request),
             on_day(each.valid_until, request)]
            for each in held
        ],
    )


def _changeable(request: TownRequest, held: tuple[AppointmentView, ...]) -> AppointmentView | None:
    """A present appointment through which the reader may change something about this officer."""
    begun = [each for each in held if each.valid_from <= request.at]
    now = [each for each in begun if each.valid_until is None or request.at < each.valid_until]
    return next((each for each in now if may(request, "party.appoint", department=each.department)), None)


def _acts(request: TownRequest, through: AppointmentView | None) -> dict[str, Callable[[], object]]:
    by, at = request.actor, request.at
    if through is None:
        require(by, "party.appoint", department="")
        return {}

    def name() -> None:
        operations.name_officer(through.id, name=request.POST.get("name", ""), by=by, at=at)
        done(request, "氏名を金庫に記録しました。", "The name is kept in the vault.")

    def renew() -> None:
        token = renew_way_in(through.id, by=by, at=at)
        link = request.build_absolute_uri(reverse("entrance:invitation", args=[token]))
        done(request, f"これまでの入り方を閉じました。このリンクを本人に渡してください(一度だけ表示します): {link}",
             f"The old ways in are closed. Give this link to the officer (shown once): {link}")

    return {"name": name, "renew": renew}
