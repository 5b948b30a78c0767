"""Saying that one works or studies in the town, and reading the town's answer."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.cache import never_cache

from meguri.faces.design import figures
from meguri.faces.entrance.requests import TownRequest
from meguri.faces.resident.frame import holder_of, page, residents_only
from meguri.parties import commuting as words
from meguri.parties import operations, queries
from meguri.parties.queries import CommuterView
from meguri.words.clock import day
from meguri.words.refusal import Refusal
from meguri.words.wareki import parse_date

BADGES = {"waiting": "waiting", "confirmed": "approved", "refused": "refused", "withdrawn": "closed"}


@residents_only
@never_cache
def commuting(request: TownRequest) -> HttpResponse:
    """What I said and what came of it; posting says it (anew) or takes back what still waits."""
    refusal: Refusal | None = None
    if request.method == "POST":
        try:
            _act(request)
            return redirect("resident:commuting")
        except Refusal as said:
            refusal = said
    me, town = holder_of(request), request.municipality
    mine = queries.commuters_of([me], municipality=town).get(me, ())
    errors = {refusal.field: refusal.sentence(request.language)} if refusal is not None and refusal.field else {}
    return page(
        request, "commuting", way="get", status=refusal.kind.status if refusal else 200, refusal=refusal,
        errors=errors, mine=_rows(request, mine), kinds=_options(request), form=request.POST,
        needs_name=not queries.is_registered(me, municipality=town),
    )  # fmt: skip


def _act(request: TownRequest) -> None:
    if request.POST.get("act") == "withdraw":
        operations.withdraw_commuter(_id(request.POST.get("commuter", "")), by=request.actor)
        return
    typed = request.POST.get("birth_date", "").strip()
    operations.declare_commuter(
        kind=request.POST.get("kind", ""), place=request.POST.get("place", ""), name=request.POST.get("name", ""),
        birth_date=parse_date(typed, field="birth_date") if typed else None, by=request.actor, at=request.at,
    )  # fmt: skip


def _id(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise words.COMMUTER_UNKNOWN.refusal() from None


def _options(request: TownRequest) -> list[dict[str, str]]:
    japanese = request.language == "ja"
    return [
        {"value": "work", "label": "町内で働いている(在勤)" if japanese else "I work in the town"},
        {"value": "study", "label": "町内の学校に通っている(在学)" if japanese else "I study in the town"},
    ]


def _rows(request: TownRequest, mine: Sequence[CommuterView]) -> list[dict[str, Any]]:
    """What was not taken back, newest first; what is over says so."""
    place, today = request.language == "en", day(request.at)
    rows = []
    for each in mine:
        kind, state = words.KINDS[each.kind], words.STATES[each.state]
        over = each.state == "confirmed" and each.last_day is not None and each.last_day < today
        if each.state != "withdrawn":
            rows.append({
                "it": each, "kind": (kind.ja, kind.en)[place],
                "said_on": figures.show_moment(each.said_at, request.language),
                "state": (("終わりました", "over") if over else (state.ja, state.en))[place],
                "badge": "closed" if over else BADGES[each.state],
            })  # fmt: skip
    return rows
