"""A company that is no partner yet: the form by which it asks, and the page where it reads the town's answer."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from meguri.faces.entrance.requests import TownRequest
from meguri.faces.partner.frame import attempt, said, shown
from meguri.parties import operations, queries, sponsoring
from meguri.parties.operations.sponsors import SPONSOR_APPLICATION_UNKNOWN
from meguri.parties.sponsoring import SponsorEntry

FIELDS = (
    "kind",
    "name_ja",
    "name_en",
    "corporate_number",
    "registration_number",
    "wish",
    "contact_name",
    "email",
    "phone",
)
TYPED_MOST = 2_000
BADGES = {"waiting": "waiting", "approved": "approved", "declined": "refused"}


@never_cache
@require_http_methods(["GET", "POST"])
def apply(request: TownRequest) -> HttpResponse:
    """The public form. What is wrong is said at its field; what was typed stays."""
    refusal, made = None, list[str]()
    if request.method == "POST":
        refusal = attempt(request, {"apply": lambda: made.append(_apply(request))})
        if made:
            return redirect("partner:application", token=made[0])
        if refusal is None:
            return redirect("partner:apply")
    kinds = [{"value": code, "label": said(request, both.ja, en=both.en)} for code, both in sponsoring.KINDS.items()]
    return shown(request, "partner/apply.html", context={"kinds": kinds}, refusal=refusal)


def _apply(request: TownRequest) -> str:
    typed = {name: request.POST.get(name, "")[:TYPED_MOST] for name in FIELDS}
    return operations.apply_as_sponsor(SponsorEntry(**typed), by=request.actor, at=request.at)


@never_cache
@require_GET
def application(request: TownRequest, token: str) -> HttpResponse:
    """Where the application stands. Whoever has the link reads it; once approved the same link lets the first in."""
    found = queries.sponsor_application_of(token, municipality=request.municipality)
    if found is None:
        raise SPONSOR_APPLICATION_UNKNOWN.refusal()
    kind, state = sponsoring.KINDS[found.kind], sponsoring.STATES[found.state]
    context = {
        "found": found, "token": token, "badge": BADGES[found.state], "kind": said(request, kind.ja, en=kind.en),
        "state": said(request, state.ja, en=state.en), "link": request.build_absolute_uri(request.path),
        "invitation": queries.invitation(token, municipality=request.municipality, at=request.at),
    }  # fmt: skip
    return shown(request, "partner/application.html", context=context, refusal=None)
