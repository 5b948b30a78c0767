"""The pages of the entrance: who are you, which hat, what does this invitation open."""

from __future__ import annotations

from datetime import timedelta

from django.conf import settings
from django.contrib.auth import logout
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from meguri.faces.entrance.adapters import NEWCOMER
from meguri.faces.entrance.demo import ROSTER, settle_demo_people
from meguri.faces.entrance.operations import DEMO_WAYS_STAY, play
from meguri.faces.entrance.people import home_of, municipality_here, put_on
from meguri.faces.entrance.refusals import FORM_TOO_OLD, refusal_response
from meguri.faces.entrance.requests import TownRequest
from meguri.ledger.queries import Municipality
from meguri.parties.operations import accept_invitation
from meguri.parties.queries import invitation as invitation_of
from meguri.parties.queries import shop_by_code
from meguri.parties.rules import OFFICER_ROLES, ROLE_NAMES
from meguri.programmes.vouchers import line
from meguri.vault.operations import end_sessions, set_password
from meguri.vault.queries import login_of
from meguri.words.actor import Actor, ActorRole
from meguri.words.refusal import declare

BEHIND = timedelta(hours=1)
"""A town whose clock is further behind than this is being lived up to today."""
INVITATION = "invitation"
"""Session key: the invitation that somebody wanted to accept before signing in."""

SHOP_CODE_UNKNOWN = declare(
    "shop_code_unknown", status=404,
    ja="このコードの店は登録されていません。店の方に新しいコードを見せてもらってください。",
    en="No shop is registered under this code. Please ask the shop for its current code.",
)


def safe_next(request: TownRequest) -> str:
    """The address to go on to, if it is one of ours."""
    wanted = request.POST.get("next") or request.GET.get("next") or ""
    ours = url_has_allowed_host_and_scheme(wanted, {request.get_host()}, require_https=request.is_secure())
    return wanted if ours else ""


def form_too_old(request: TownRequest, reason: str = "") -> HttpResponse:
    """Django's CSRF_FAILURE_VIEW: the form's token is not this session's."""
    return refusal_response(request, FORM_TOO_OLD.refusal())


@never_cache
@require_safe
def people(request: TownRequest) -> HttpResponse:
    """The demo's parts, or the sign-in."""
    if not settings.DEMO:
        return sign_in(request)
    town = municipality_here()
    playing = {player.part.key for player in settle_demo_people(municipality=town, at=request.at)}
    groups = [
        (title_ja, title_en, [(part, part.key in playing) for part in ROSTER if part.role in roles])
        for title_ja, title_en, roles in (
            ("町の人", "People of the town", (ActorRole.RESIDENT,)),
            ("店の人", "People of the shops", (ActorRole.CLERK, ActorRole.OWNER)),
            ("役場の人", "People of the town hall", tuple(OFFICER_ROLES)),
            ("企業の人", "People of companies", (ActorRole.PARTNER,)),
        )
    ]
    values = {
        "groups": groups, "next": safe_next(request), "is_catching_up": is_catching_up(request.town),
        "selling": line.selling(town, at=request.at), "today": request.at, "home": home_of(ActorRole.RESIDENT),
        "buyers": [part for part in ROSTER if part.role is ActorRole.RESIDENT and part.key in playing],
    }
    return render(request, "entrance/people.html", values)


def is_catching_up(town: Municipality | None) -> bool:
    """Whether an invented town is still being lived: its clock hurries towards today, and codes run out at once."""
    return town is not None and town.clock_offset < -BEHIND


@never_cache
@require_safe
def sign_in(request: TownRequest) -> HttpResponse:
    """Three ways in: a code, a passkey, an officer's password."""
    said = {name: name in request.GET for name in ("lapsed", "everywhere")}
    context = {"next": safe_next(request), **said}
    return render(request, "entrance/sign_in.html", context)


@require_POST
def be(request: TownRequest, key: str) -> HttpResponse:
    """Play a part of the demo."""
    hat = play(request, key)
    return redirect(safe_next(request) or home_of(hat.actor.role))


@require_POST
def leave(request: TownRequest) -> HttpResponse:
    """Take off every hat."""
    logout(request)
    return redirect("/")


@require_POST
def leave_everywhere(request: TownRequest) -> HttpResponse:
    """Sign out here and in every other browser: a till that was left open, a phone that is gone.

    No token outlives it: the entrance mints none for a session, and a code that a phone shows ends within its minute.
    Raises Refusal `demo_ways_stay`: the demo's people are many visitors at once.
    """
    if getattr(request.user, "demo", False):
        raise DEMO_WAYS_STAY.refusal()
    if request.user.is_authenticated:
        end_sessions(request.user.pk)
    logout(request)
    return redirect(f"{reverse('entrance:sign_in')}?everywhere")


@never_cache
@require_http_methods(["GET", "POST"])
def hats(request: TownRequest) -> HttpResponse:
    """Choose the hat to act under."""
    if not request.hats and not request.withheld_hats:
        return redirect("entrance:people")
    if request.method == "POST":
        hat = put_on(request, request.POST.get("hat", ""))
        if hat is not None:
            return redirect(safe_next(request) or home_of(hat.actor.role))
    return render(request, "entrance/hats.html", {"next": safe_next(request)})


@never_cache
@require_safe
def after(request: TownRequest) -> HttpResponse:
    """Where somebody goes who has just signed in."""
    if not request.user.is_authenticated:
        return redirect("entrance:people")
    token = request.session.pop(INVITATION, "")
    if token:
        return redirect("entrance:invitation", token=token)
    if request.withheld_hats and not request.hats:
        return redirect("entrance:second_factor")
    if request.session.pop(NEWCOMER, False):
        return render(request, "entrance/welcome.html")
    if len(request.hats) + len(request.withheld_hats) > 1:
        return redirect("entrance:hats")
    return redirect(home_of(request.actor.role))


@never_cache
@require_safe
def second_factor(request: TownRequest) -> HttpResponse:
    """An officer who came in by one factor only: what is missing and how to add it."""
    if not request.withheld_hats:
        return redirect("entrance:after")
    return render(request, "entrance/second_factor.html")


@never_cache
@sensitive_post_parameters("password")
@require_http_methods(["GET", "POST"])
def invitation(request: TownRequest, token: str) -> HttpResponse:
    """Accept an invitation: officers set their password, everybody else signs in first."""
    shown = invitation_of(token, municipality=municipality_here(), at=request.at)
    context: dict[str, object] = {"invitation": shown, "token": token, "error": ""}
    if shown is None:
        return render(request, "entrance/invitation_gone.html", status=404)
    context["role"] = ROLE_NAMES[shown.role]
    context["sets_password"] = shown.role in OFFICER_ROLES
    if request.method == "GET":
        return render(request, "entrance/invitation.html", context)
    if shown.role in OFFICER_ROLES:
        return _start_as_officer(request, token, context=context)
    if getattr(request.user, "demo", False):
        logout(request)  # the demo's people stay as they are: whoever was invited comes in by an own number
    if not request.user.is_authenticated:
        request.session[INVITATION] = token
        return redirect("account_request_login_code")
    visitor = Actor(municipality_here(), ActorRole.VISITOR, request.user.party)
    accepted = accept_invitation(token, by=visitor, at=request.at)
    return redirect(home_of(accepted.role))


def _start_as_officer(request: TownRequest, token: str, *, context: dict[str, object]) -> HttpResponse:
    """Set the first password, then sign in with it; the role opens with the second factor."""
    password = request.POST.get("password", "")
    try:
        validate_password(password)
    except ValidationError as exc:
        context["error"] = " ".join(exc.messages)
        return render(request, "entrance/invitation.html", context, status=422)
    accepted = accept_invitation(token, by=Actor(municipality_here(), ActorRole.VISITOR), at=request.at)
    login = login_of(accepted.party, municipality=municipality_here())
    if login is not None and login.demo:
        raise DEMO_WAYS_STAY.refusal()
    if login is not None:
        set_password(login.id, password)
    return redirect("account_login")


@require_safe
def shop_code(request: TownRequest, code: str) -> HttpResponse:
    """The printed code at a till: which shop this is, and the way to pay there."""
    shop = shop_by_code(code, municipality=municipality_here())
    if shop is None:
        raise SHOP_CODE_UNKNOWN.refusal()
    if request.actor.role is ActorRole.RESIDENT:
        return redirect(f"{home_of(ActorRole.RESIDENT)}pay/{code}")
    return render(request, "entrance/shop.html", {"shop": shop})
