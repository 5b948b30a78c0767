"""Somebody without a phone stands at the desk: their word about work or school is written down with the paper seen."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.cache import never_cache

from meguri.faces.entrance.commuter_answers import tell
from meguri.faces.entrance.requests import TownRequest
from meguri.faces.office.commuters import proofs_seen
from meguri.faces.office.frame import attempt, done, officers_only, page, say
from meguri.parties import operations
from meguri.parties.commuting import KINDS
from meguri.parties.queries import CommuterView
from meguri.parties.rules import require
from meguri.words.clock import day
from meguri.words.period import FiscalYear
from meguri.words.wareki import parse_date


@officers_only
@never_cache
def commuter_record(request: TownRequest) -> HttpResponse:
    """One form: who, where, by which paper, from when to when. What is wrong is said beside its field."""
    require(request.actor, "party.confirm_commuter")
    made: list[CommuterView] = []
    refusal = None
    if request.method == "POST":
        refusal = attempt(request, {"record": lambda: made.append(_record(request))})
        if made:
            return redirect("office:commuter", commuter=made[0].id)
    path = [(reverse("office:commuters"), say(request, "在勤・在学の確認", "Work and study")),
            ("", say(request, "窓口で記録する", "Write it down"))]  # fmt: skip
    kinds = [{"value": code, "label": say(request, each.ja, each.en)} for code, each in KINDS.items()]
    return page(
        request, "commuter_record", way="commuters", path=path, refusal=refusal, kinds=kinds,
        proofs=proofs_seen(request), name=request.POST.get("name") or request.GET.get("name", ""),
        last_day=request.POST.get("last_day") or FiscalYear.of(day(request.at)).last_day,
        twice=refusal is not None and refusal.field == "is_another",
    )  # fmt: skip


def _record(request: TownRequest) -> CommuterView:
    typed = request.POST
    recorded = operations.record_commuter(
        kind=typed.get("kind", ""), place=typed.get("place", ""), name=typed.get("name", ""),
        birth_date=parse_date(typed.get("birth_date", ""), field="birth_date"), proof=typed.get("proof", ""),
        first_day=parse_date(typed.get("first_day", ""), field="first_day"),
        last_day=parse_date(typed.get("last_day", ""), field="last_day"),
        is_another=typed.get("is_another") == "yes", by=request.actor, at=request.at,
    )  # fmt: skip
    tell(request, recorded)
    done(request, "記録し、確認しました。記録した職員と、見た証明書が残ります。",
         "Written down and confirmed. The record names you and the paper that you saw.")
    return recorded
