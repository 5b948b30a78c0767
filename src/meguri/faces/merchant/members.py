"""Who works at the till: owners and clerks, the way in for a new one, and the way out."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from meguri.faces.entrance.requests import TownRequest
from meguri.faces.merchant.frame import own_shop, owners_only, page, said
from meguri.parties import operations, queries
from meguri.parties.operations.members import INVITATION_LASTS
from meguri.parties.rules import ROLE_NAMES
from meguri.words.actor import ActorRole
from meguri.words.refusal import declare

OWNER_STAYS = declare(
    "owner_stays",
    ja="ご自分を外すことはできません。ほかの店主に頼むか、事務局へご連絡ください。",
    en="You cannot end your own membership. Please ask another owner or the town.",
)
INVITED = {"clerk": ActorRole.CLERK, "owner": ActorRole.OWNER}


@owners_only
@never_cache
def members(request: TownRequest) -> HttpResponse:
    """The people of the shop. An invitation's link is shown once, to be sent on; only its digest is kept."""
    shop = own_shop(request)
    link = until = None
    if request.method == "POST":
        role = INVITED.get(request.POST.get("role", ""), ActorRole.CLERK)
        token = operations.invite_member(role=role, by=request.actor, at=request.at, shop=shop.id)
        link = request.build_absolute_uri(reverse("entrance:invitation", args=[token]))
        until = request.at + INVITATION_LASTS
    found = queries.shop_members(shop.id, municipality=request.municipality)
    return page(
        request, "members", way="members", shop=shop, link=link, until=until,
        members=[_row(request, member, role=role) for member, role in found],
        roles=[{"value": key, "label": _role(request, role)} for key, role in INVITED.items()],
    )  # fmt: skip


def _row(request: TownRequest, member: UUID, *, role: ActorRole) -> dict[str, object]:
    """No names here: a person is known by the last four signs of the pseudonym, as on the reveal log."""
    return {
        "id": member, "role": _role(request, role), "sign": member.hex[-4:].upper(),
        "is_me": member == request.actor.party,
    }  # fmt: skip


def _role(request: TownRequest, role: ActorRole) -> str:
    return said(request, ROLE_NAMES[role].ja, en=ROLE_NAMES[role].en)


@owners_only
@require_POST
def leave(request: TownRequest, member: UUID) -> HttpResponse:
    """End somebody's membership, at once."""
    if member == request.actor.party:
        raise OWNER_STAYS.refusal()
    operations.end_membership(member=member, by=request.actor, at=request.at, shop=own_shop(request).id)
    return redirect("merchant:members")
