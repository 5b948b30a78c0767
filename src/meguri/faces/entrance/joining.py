"""A newcomer joins the register: the code of a letter and the birth date, and what was held before comes along."""

from __future__ import annotations

from urllib.parse import urlencode
from uuid import UUID

from django.contrib.auth import logout
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from meguri.faces.entrance.operations import become_resident
from meguri.faces.entrance.people import HAT
from meguri.faces.entrance.requests import TownRequest
from meguri.parties.operations import Joined
from meguri.parties.operations.joining import JOIN_CODE_UNKNOWN
from meguri.words.actor import Actor, ActorRole
from meguri.words.refusal import Refusal
from meguri.words.wareki import parse_date

TYPED_MAX = 80
"""As much of what was typed stands in the fields again."""


@never_cache
@require_http_methods(["GET", "POST"])
def join(request: TownRequest) -> HttpResponse:
    """The form for whoever has signed in; others sign in first and come back.

    The demo's people stay who they are: a visitor who brings a code comes in by an own number.
    """
    if getattr(request.user, "demo", False):
        logout(request)
    if not request.user.is_authenticated:
        return redirect(f"{reverse('account_request_login_code')}?{urlencode({'next': reverse('entrance:join')})}")
    if request.method == "GET":
        return render(request, "entrance/joined.html" if "done" in request.GET else "entrance/join.html")
    answer = _joined(request, party=request.user.party)
    if isinstance(answer, Refusal):
        return _again(request, answer)
    request.session[HAT] = str(ActorRole.RESIDENT)
    return redirect(f"{reverse('entrance:join')}?done")


def _joined(request: TownRequest, *, party: UUID) -> Joined | Refusal:
    """A refusal becomes an answer, never an exception of the view: that would roll back the count of wrong dates."""
    try:
        born = parse_date(request.POST.get("birth_date", ""), field="birth_date")
        by = Actor(request.municipality, ActorRole.RESIDENT, party)
        return become_resident(code=request.POST.get("code", ""), birth_date=born, by=by, at=request.at)
    except Refusal as refusal:
        return refusal


def _again(request: TownRequest, refusal: Refusal) -> HttpResponse:
    typed = {name: request.POST.get(name, "")[:TYPED_MAX] for name in ("code", "birth_date")}
    asks_town = refusal.kind is JOIN_CODE_UNKNOWN or refusal.facts.get("left") == 0
    context = {"refusal": refusal, "typed": typed, "asks_town": asks_town}
    return render(request, "entrance/join.html", context, status=refusal.kind.status)
