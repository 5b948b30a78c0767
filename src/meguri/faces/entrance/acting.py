"""Views say whom they are for: `@acting_as(ActorRole.CLERK, ActorRole.OWNER)`, or the mixin `ActingAs`."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, ClassVar, Concatenate, ParamSpec

from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.utils.http import urlencode

from meguri.faces.entrance.refusals import refusal_response, wants_json
from meguri.faces.entrance.requests import TownRequest
from meguri.parties.rules import ROLE_NAMES, Both
from meguri.words.actor import ActorRole
from meguri.words.refusal import declare

P = ParamSpec("P")
View = Callable[Concatenate[TownRequest, P], HttpResponseBase]

OTHER_ROLE_NEEDED = declare(
    "other_role_needed", status=403,
    ja="このページは{roles:ja}のためのページです。いまの役割({role:ja})では開けません。",
    en="This page is for: {roles:en}. You are here as {role:en}.",
)
SIGN_IN_NEEDED = declare(
    "sign_in_needed", status=401, ja="先にサインインしてください。", en="Please sign in first."
)


def acting_as(*roles: ActorRole) -> Callable[[View[P]], View[P]]:
    """Let only actors in these roles into a view.

    A visitor is led to the sign-in and comes back afterwards; anybody else sees a kind page (403) that offers the hats
    which would open it.
    """

    def decorate(view: View[P]) -> View[P]:
        @wraps(view)
        def guarded(request: TownRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
            return turned_away(request, roles) or view(request, *args, **kwargs)

        return guarded

    return decorate


class ActingAs:
    """The same for a view class: `class Day(ActingAs, TemplateView): roles = (ActorRole.CLERK,)`."""

    roles: ClassVar[tuple[ActorRole, ...]] = ()

    def dispatch(self, request: TownRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        answer: HttpResponseBase = turned_away(request, self.roles) or super().dispatch(  # type: ignore[misc]
            request, *args, **kwargs
        )
        return answer


def turned_away(request: TownRequest, roles: tuple[ActorRole, ...]) -> HttpResponse | None:
    """The answer to somebody who may not enter; none for somebody who may."""
    if request.actor.role in roles:
        return None
    if request.actor.role is ActorRole.VISITOR:
        return _to_sign_in(request)
    names = [ROLE_NAMES[role] for role in roles]
    wanted = Both("・".join(name.ja for name in names), ", ".join(name.en for name in names))
    return refusal_response(request, OTHER_ROLE_NEEDED.refusal(roles=wanted, role=ROLE_NAMES[request.actor.role]))


def _to_sign_in(request: TownRequest) -> HttpResponse:
    if wants_json(request):
        return refusal_response(request, SIGN_IN_NEEDED.refusal())
    if request.withheld_hats:
        return redirect("entrance:second_factor")
    address = f"/enter/?{urlencode({'next': request.get_full_path()})}"
    if request.headers.get("hx-request") == "true":
        return HttpResponse(status=401, headers={"HX-Redirect": address})
    return redirect(address)
