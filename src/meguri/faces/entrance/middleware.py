"""What every request knows before a view sees it: language, town and its time, the actor; and how a refusal is shown.

The attributes they set stand, with their types, in `requests.TownRequest`.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.utils import translation
from django.utils.cache import patch_vary_headers
from django.utils.http import urlencode

from meguri.faces.design.language import as_language
from meguri.faces.entrance.people import municipality_of, standing_of
from meguri.faces.entrance.refusals import refusal_response
from meguri.faces.entrance.requests import TownRequest
from meguri.faces.entrance.strength import has_lapsed, is_demo_entry
from meguri.ledger.queries import municipality as town_of
from meguri.words.clock import now
from meguri.words.refusal import Refusal

Respond = Callable[[HttpRequest], HttpResponseBase]
LANGUAGE_COOKIE = "lang"
YEAR_S = 365 * 24 * 3600


class LanguageMiddleware:
    """`?lang=` wins and is remembered in the cookie `lang`; then the cookie; then the browser's wish."""

    def __init__(self, get_response: Respond) -> None:
        self.get_response = get_response

    def __call__(self, request: TownRequest) -> HttpResponseBase:
        asked = request.GET.get("lang")
        wished = asked or request.COOKIES.get(LANGUAGE_COOKIE) or translation.get_language_from_request(request)
        request.language = as_language(wished)
        with translation.override(request.language):
            response = self.get_response(request)
        response.headers.setdefault("Content-Language", request.language)
        patch_vary_headers(response, ("Accept-Language", "Cookie"))
        if asked:
            response.set_cookie(LANGUAGE_COOKIE, request.language, max_age=YEAR_S, samesite="Lax")
        return response


class ActorMiddleware:
    """Town, time and actor. An officer's session that has lapsed ends here, before any view runs."""

    def __init__(self, get_response: Respond) -> None:
        self.get_response = get_response

    def __call__(self, request: TownRequest) -> HttpResponseBase:
        request.municipality = municipality_of(request)
        request.town = town_of(request.municipality)
        request.at = now(request.town.clock_offset if request.town else timedelta(0))
        standing = standing_of(request, request.at)
        if any(hat.is_officer for hat in standing.hats) and not is_demo_entry(request) and has_lapsed(request, now()):
            logout(request)
            return _sign_in_again(request)
        request.actor, request.hat = standing.actor, standing.hat
        request.hats, request.withheld_hats = standing.hats, standing.withheld
        return self.get_response(request)


def _sign_in_again(request: HttpRequest) -> HttpResponse:
    return redirect(f"/enter/sign-in?{urlencode({'next': request.get_full_path(), 'lapsed': '1'})}")


class RefusalMiddleware:
    """An expected "no" raised in a view becomes a page, or problem details below /api/. Its transaction is undone."""

    def __init__(self, get_response: Respond) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        return refusal_response(request, exception) if isinstance(exception, Refusal) else None
