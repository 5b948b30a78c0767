"""Keys of the company's programs: what each may do and until when; shown once, stopped by one press."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.core.exceptions import BadRequest
from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from meguri.faces.entrance.requests import TownRequest
from meguri.faces.partner.frame import attempt, done, page, partners_only, said
from meguri.faces.partner.members import is_manager
from meguri.parties import operations, queries
from meguri.parties.operations.api_keys import IssuedKey
from meguri.parties.queries import ApiKeyView
from meguri.words import clock
from meguri.words.actor import Actor, ActorRole
from meguri.words.refusal import declare

SCOPES = {
    "action.attest": ("行動を届ける・確かめる", "Deliver and confirm actions"),
    "event.see": ("出来事を読む", "Read events"),
}
DAYS = {"30": ("30日", "30 days"), "90": ("90日", "90 days"), "365": ("1年", "a year")}
LABEL_MOST = 60

KEY_WITHOUT_NAME = declare(
    "key_without_name", status=422,
    ja="キーの名前を{most}文字までで、できることを一つ以上選んでください。",
    en="Please name the key (at most {most} characters) and choose at least one thing that it may do.",
)  # fmt: skip


@partners_only
@never_cache
@require_http_methods(["GET", "POST"])
def keys(request: TownRequest) -> HttpResponse:
    """The keys, and the form for a new one. The secret is shown once."""
    refusal, made = None, list[IssuedKey]()
    if request.method == "POST":
        refusal = attempt(request, _acts(request, made=made))
        if refusal is None and not made:
            return redirect("partner:keys")
    found = queries.api_keys(municipality=request.municipality, owner=request.actor.party)
    return page(
        request, "keys", way="keys", refusal=refusal, secret=made[0].secret if made else "", may=is_manager(request),
        keys=[_row(request, each) for each in found],
        scopes=[{"value": code, "label": said(request, ja, en=en)} for code, (ja, en) in SCOPES.items()],
        days=[{"value": code, "label": said(request, ja, en=en)} for code, (ja, en) in DAYS.items()],
        chosen=request.POST.getlist("scopes"),
    )  # fmt: skip


def _row(request: TownRequest, each: ApiKeyView) -> dict[str, Any]:
    may = [said(request, *SCOPES[code][:1], en=SCOPES[code][1]) for code in each.scopes if code in SCOPES]
    works = each.revoked_at is None and each.expires_at > clock.now()
    return {"it": each, "may": may or list(each.scopes), "works": works}


def _acts(request: TownRequest, *, made: list[IssuedKey]) -> dict[str, Callable[[], object]]:
    by, at = request.actor, clock.now()  # a key lives in real time, also in an invented town
    program = Actor(by.municipality, ActorRole.PARTNER, by.party)

    def issue() -> None:
        label = request.POST.get("label", "").strip()
        scopes = [code for code in SCOPES if code in request.POST.getlist("scopes")]
        days = request.POST.get("days", "")
        if not 0 < len(label) <= LABEL_MOST or not scopes or days not in DAYS:
            raise KEY_WITHOUT_NAME.refusal(field="label", most=LABEL_MOST)
        made.append(operations.issue_api_key(
            label=label, scopes=scopes, acts_as=program, expires_at=at + timedelta(days=int(days)), by=by, at=at
        ))  # fmt: skip

    def revoke() -> None:
        try:
            key = UUID(request.POST.get("key", ""))
        except ValueError:
            raise BadRequest("no key was chosen") from None
        operations.revoke_api_key(key, by=by, at=at)
        done(request, "キーを止めました。すぐに使えなくなります。", en="The key is stopped at once.")

    return {"issue": issue, "revoke": revoke}
