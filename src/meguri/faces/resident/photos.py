"""My photo of a deed: send it, see what came of it, send another when asked, take it back."""

from __future__ import annotations

from uuid import UUID, uuid4

from django.core.exceptions import BadRequest
from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.cache import never_cache

from meguri.faces.entrance.requests import TownRequest
from meguri.faces.resident.frame import holder_of, page, residents_only
from meguri.programmes.parts import PHOTO_KEPT_DAYS
from meguri.programmes.points import operations, queries
from meguri.programmes.points import photos as photos_of
from meguri.programmes.points.photo_rules import ASKED_DAYS, TOLD_MOST
from meguri.programmes.points.rules import ACTION_UNKNOWN
from meguri.vault.photo_files import PHOTO_MISSING, require_small
from meguri.words.refusal import Refusal


@residents_only
@never_cache
def photo(request: TownRequest, action: UUID) -> HttpResponse:
    """Take and send a photo of what I did today."""
    refusal: Refusal | None = None
    if request.method == "POST":
        try:
            made = operations.send_photo(
                action=action, request=_number(request), data=_file(request), told=request.POST.get("told", ""),
                by=request.actor, at=request.at,
            )  # fmt: skip
            return redirect("resident:photographed", deed=made.record)
        except Refusal as said:
            refusal = said
    doable = queries.doable(holder_of(request), municipality=request.municipality, at=request.at)
    it = next((each for each in doable if each.action == action and each.evidence == "photo"), None)
    if it is None:
        raise refusal or ACTION_UNKNOWN.refusal()
    return page(
        request, "photo", way="get", status=refusal.kind.status if refusal else 200, refusal=refusal, it=it,
        **_form(request),
    )  # fmt: skip


def _form(request: TownRequest) -> dict[str, object]:
    """A fresh number for a fresh form; one that was refused keeps its own, as nothing was taken under it."""
    number = request.POST.get("number") or str(uuid4())
    return {"number": number, "told": request.POST.get("told", ""), "told_most": TOLD_MOST, "kept": PHOTO_KEPT_DAYS}


def _number(request: TownRequest) -> UUID:
    try:
        return UUID(request.POST.get("number", ""))
    except ValueError:
        raise BadRequest("a photo without the number of its form") from None


def _file(request: TownRequest) -> bytes:
    """The file that was sent; one that is too large is not read."""
    sent = request.FILES.get("photo")
    if sent is None:
        raise PHOTO_MISSING.refusal(field="photo")
    require_small(sent.size or 0)
    return bytes(sent.read())


@residents_only
@never_cache
def photographed(request: TownRequest, deed: UUID) -> HttpResponse:
    """What came of it: waiting, the answer and its reason; another photo when one is asked for."""
    refusal: Refusal | None = None
    if request.method == "POST":
        try:
            _act(request, deed)
            return redirect("resident:photographed", deed=deed)
        except Refusal as said:
            refusal = said
    found = photos_of.photographed(deed, municipality=request.municipality, resident=holder_of(request))
    return page(
        request, "photographed", way="get", status=refusal.kind.status if refusal else 200, refusal=refusal,
        found=found, asked_days=ASKED_DAYS, last=found.photos[-1], **_form(request),
    )  # fmt: skip


def _act(request: TownRequest, deed: UUID) -> None:
    if request.POST.get("act") == "take_back":
        operations.take_back_photo(record=deed, by=request.actor, at=request.at)
        return
    operations.send_another_photo(
        record=deed, request=_number(request), data=_file(request), told=request.POST.get("told", ""),
        by=request.actor, at=request.at,
    )  # fmt: skip
