"""What every request knows before a view sees it: language, town and its time, the actor; and how a refusal is shown.

The attributes they set stand, with their types, in `requests.TownRequest`.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import TypeGuard

from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseNotAllowed
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import translation
from django.utils.cache import patch_vary_headers
from django.utils.http import urlencode

from meguri.faces.design.language import as_language
from meguri.faces.design.readings import as_ruby
from meguri.faces.entrance.beginning import begin_what_is_due
from meguri.faces.entrance.operations import DEMO_WAYS_STAY
from meguri.faces.entrance.people import municipality_here, municipality_of, standing_of
from meguri.faces.entrance.refusals import METHOD_NOT_ALLOWED, refusal_response
from meguri.faces.entrance.requests import TownRequest
from meguri.faces.entrance.strength import has_lapsed, is_demo_entry
from meguri.faces.entrance.telling import told_to
from meguri.ledger.queries import municipality as town_of
from meguri.ledger.wall import name_municipality
from meguri.words.clock import now
from meguri.words.refusal import Refusal, declare

Respond = Callable[[HttpRequest], HttpResponseBase]
LANGUAGE_COOKIE = "lang"
READINGS_COOKIE = "readings"
"""`on`: the reader wants readings above the kanji (ふりがな). Set by the page itself, see theme.js."""
YEAR_S = 365 * 24 * 3600
SIGN_IN = "entrance:sign_in"
RUN_OUT = "run-out"
"""In the address of the page that sends a code: the last one no longer works."""
COMING_IN = frozenset(
    {SIGN_IN, "account_login", "account_request_login_code", "account_confirm_login_code", "account_signup",
     "mfa_authenticate", "mfa_login_webauthn"}
)  # fmt: skip
"""Views by which somebody comes in."""
SHUT = frozenset(
    {"account_email", "account_email_verification_sent", "account_confirm_email", "account_change_phone",
     "account_verify_phone", "account_set_password", "account_reset_password", "account_reset_password_done",
     "account_reset_password_from_key", "account_reset_password_from_key_done"}
)  # fmt: skip
WAY_SHUT = declare(
    "way_shut", status=403,
    ja="ここでは変えられません。電話番号・メールが変わったときは窓口に、職員のパスワードは運営に相談してください。",
    en="This is not changed here. If your phone number or e-mail has changed, please ask at the desk; staff ask the "
       "operator for a new invitation.",
)  # fmt: skip


class LanguageMiddleware:
    """`?lang=` wins and is remembered in the cookie `lang`; then the cookie; then the browser's wish."""

    def __init__(self, get_response: Respond) -> None:
        self.get_response = get_response

    def __call__(self, request: TownRequest) -> HttpResponseBase:
        asked = request.GET.get("lang")
        wished = asked or request.COOKIES.get(LANGUAGE_COOKIE) or translation.get_language_from_request(request)
        request.language = as_language(wished)
        request.readings = request.language == "ja" and request.COOKIES.get(READINGS_COOKIE) == "on"
        with translation.override(request.language):
            response = self.get_response(request)
        if request.readings and _is_page(response):
            response.content = as_ruby(response.content.decode())
        response.headers.setdefault("Content-Language", request.language)
        patch_vary_headers(response, ("Accept-Language", "Cookie"))
        if asked:
            response.set_cookie(LANGUAGE_COOKIE, request.language, max_age=YEAR_S, samesite="Lax")
        return response


def _is_page(response: HttpResponseBase) -> TypeGuard[HttpResponse]:
    return isinstance(response, HttpResponse) and response.headers.get("Content-Type", "").startswith("text/html")


class ActorMiddleware:
    """Town, time and actor. An officer's session that has lapsed ends here, before any view runs."""

    def __init__(self, get_response: Respond) -> None:
        self.get_response = get_response

    def __call__(self, request: TownRequest) -> HttpResponseBase:
        name_municipality(municipality_here())  # before it is asked who comes: other towns' people have no login here
        request.municipality = municipality_of(request)
        request.town = town_of(request.municipality)
        request.at = now(request.town.clock_offset if request.town else timedelta(0))
        begin_what_is_due(request.municipality, at=request.at)
        standing = standing_of(request, request.at)
        if any(hat.is_officer for hat in standing.hats) and not is_demo_entry(request) and has_lapsed(request, now()):
            logout(request)
            return _sign_in_again(request)
        request.actor, request.hat = standing.actor, standing.hat
        request.hats, request.withheld_hats = standing.hats, standing.withheld
        response = self.get_response(request)
        if request.user.is_authenticated and not response.has_header("Cache-Control"):
            response["Cache-Control"] = "private, no-store"  # on a shared device nobody looks back into another's
        return response


def _sign_in_again(request: HttpRequest) -> HttpResponse:
    return redirect(f"/enter/sign-in?{urlencode({'next': request.get_full_path(), 'lapsed': '1'})}")


class RefusalMiddleware:
    """An expected "no" raised in a view becomes a page, or problem details below /api/. Its transaction is undone.

    A view asked by a method that it does not take gives an empty answer; people and programs get the same kind "no".
    """

    def __init__(self, get_response: Respond) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        if not isinstance(response, HttpResponseNotAllowed):
            return response
        said = refusal_response(request, METHOD_NOT_ALLOWED.refusal(method=request.method))
        said["Allow"] = response["Allow"]
        return said

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        return refusal_response(request, told_to(request, exception)) if isinstance(exception, Refusal) else None


class WaysInMiddleware:
    """Shuts those of allauth's pages that this town does not mean.

    For everybody: addresses and numbers prove themselves by a code sent to them, which allauth's own pages for changing
    them cannot do here (the outbox knows the vault's address only); a password is renewed by invitation.
    For the demo's people: they are everybody's, so who plays one cannot change how that person comes in, or lock the
    next visitor out. Who wants to come in by an own way, as one would for real, stops playing first.
    """

    def __init__(self, get_response: Respond) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Also: allauth sends whoever types a code that has run out back to the beginning without a word."""
        response = self.get_response(request)
        match, beginning = request.resolver_match, reverse("account_request_login_code")
        typed = request.method == "POST" and match is not None and match.view_name == "account_confirm_login_code"
        if typed and getattr(response, "url", "") == beginning:
            response["Location"] = f"{beginning}?{RUN_OUT}"  # changed in place: it may carry a message in its cookies
        return response

    def process_view(self, request: HttpRequest, *_: object) -> HttpResponse | None:
        view = request.resolver_match.view_name if request.resolver_match else ""
        if view in SHUT:
            return refusal_response(request, WAY_SHUT.refusal())
        if not getattr(request.user, "demo", False) or not view.startswith(("account_", "mfa_", SIGN_IN)):
            return None
        if view in COMING_IN:
            logout(request)
            return redirect(request.get_full_path())
        return None if view == "account_logout" else refusal_response(request, DEMO_WAYS_STAY.refusal())
