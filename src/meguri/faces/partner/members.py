"""Who speaks for the company: managers and readers, since when, the way in for a new one, and the way out."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from django.core.exceptions import BadRequest
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from meguri.faces.entrance.requests import TownRequest
from meguri.faces.partner.frame import attempt, done, page, partners_only, said
from meguri.parties import operations, queries
from meguri.parties.operations.members import INVITATION_LASTS
from meguri.parties.queries import SponsorMemberView
from meguri.parties.sponsoring import ROLES
from meguri.words.actor import ActorRole


@partners_only
@never_cache
@require_http_methods(["GET", "POST"])
def members(request: TownRequest) -> HttpResponse:
    """The people of the company. An invitation's link is shown once; only its digest is kept."""
    refusal, links = None, list[str]()
    if request.method == "POST":
        refusal = attempt(request, _acts(request, links))
        if refusal is None and not links:
            return redirect("partner:members")
    company = request.actor.party or UUID(int=0)
    found = queries.sponsor_members(company, municipality=request.municipality)
    roles = [{"value": code, "label": said(request, both.ja, en=both.en)} for code, both in ROLES.items()]
    return page(
        request, "members", way="members", refusal=refusal, link=links[0] if links else "",
        until=request.at + INVITATION_LASTS, roles=roles, may=is_manager(request),
        members=[_row(request, each) for each in found if each.valid_until is None],
        former=[_row(request, each) for each in found if each.valid_until is not None],
    )  # fmt: skip


def is_manager(request: TownRequest) -> bool:
    """Whether buttons are worth showing; the operations ask again."""
    company = request.actor.party or UUID(int=0)
    held = queries.sponsor_members(company, municipality=request.municipality)
    mine = (each for each in held if each.member == request.actor.person and each.valid_until is None)
    return any(each.role == "manager" for each in mine)


def _row(request: TownRequest, each: SponsorMemberView) -> dict[str, object]:
    """No names here: a person is known by the last four signs of the pseudonym."""
    role = ROLES[each.role]
    return {
        "id": each.member, "role": said(request, role.ja, en=role.en), "sign": each.member.hex[-4:].upper(),
        "since": each.valid_from, "until": each.valid_until, "is_me": each.member == request.actor.person,
    }  # fmt: skip


def _acts(request: TownRequest, links: list[str]) -> dict[str, Callable[[], object]]:
    by, at, company = request.actor, request.at, request.actor.party

    def invite() -> None:
        token = operations.invite_member(
            role=ActorRole.PARTNER, by=by, at=at, sponsor=company, sponsor_role=request.POST.get("role", "")
        )
        links.append(request.build_absolute_uri(reverse("entrance:invitation", args=[token])))

    def end() -> None:
        try:
            member = UUID(request.POST.get("member", ""))
        except ValueError:
            raise BadRequest("no member was chosen") from None
        operations.end_membership(member=member, by=by, at=at, sponsor=company)
        done(
            request,
            "外しました。この人はもう会社の画面を開けません。",
            en="Ended. The pages are closed to this person.",
        )

    return {"invite": invite, "end": end}
