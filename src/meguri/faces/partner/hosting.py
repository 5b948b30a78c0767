"""The places where the company confirms actions: their codes for a screen, and for paper as SVG or PDF."""

from __future__ import annotations

import io
from typing import Any
from uuid import UUID

import segno
from django.http import HttpResponse
from django.utils.safestring import mark_safe
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from meguri.faces.entrance.requests import TownRequest
from meguri.faces.partner.frame import page, partners_only, said
from meguri.parties.rules import require
from meguri.programmes.points import queries as points
from meguri.programmes.points.queries import PlaceView
from meguri.programmes.points.rules import PLACE_UNKNOWN
from meguri.tills.codes import qr_svg

TYPES = {"svg": "image/svg+xml", "pdf": "application/pdf"}
SCALE = {"svg": 8, "pdf": 6}
"""Size of a module: pixels of a picture, points of paper (a code of 29 modules is about 6 cm wide)."""


@partners_only
@never_cache
@require_GET
def hosted(request: TownRequest) -> HttpResponse:
    """Every place that the company hosts, with what it shows now."""
    return page(request, "hosted", way="hosted", places=[_shown(request, each) for each in _own(request)])


@partners_only
@never_cache
@require_GET
def place_file(request: TownRequest, place: UUID, *, kind: str) -> HttpResponse:
    """The code of one place for printing. A code that changes is for a screen, not for paper."""
    found = next((each for each in _own(request) if each.id == place and not each.rotating), None)
    if found is None or kind not in TYPES:
        raise PLACE_UNKNOWN.refusal()
    code = points.place_code(place, municipality=request.municipality, at=request.at)
    out = io.BytesIO()
    segno.make(code.text, error="m", boost_error=False, micro=False).save(out, kind=kind, scale=SCALE[kind], border=4)
    response = HttpResponse(out.getvalue(), content_type=TYPES[kind])
    response["Content-Disposition"] = f'attachment; filename="place-{found.code}.{kind}"'
    return response


def _own(request: TownRequest) -> tuple[PlaceView, ...]:
    """Raises Refusal `not_allowed`."""
    company = request.actor.party or UUID(int=0)
    require(request.actor, "action.attest", owner=company)
    return points.places_of_host(company, municipality=request.municipality)


def _shown(request: TownRequest, each: PlaceView) -> dict[str, Any]:
    code = points.place_code(each.id, municipality=request.municipality, at=request.at)
    title = said(request, "この場所のコード", en="The code of this place")
    return {
        "it": each, "name": said(request, each.name.ja, en=each.name.en), "number": code.text,
        "until": code.changes_at, "svg": mark_safe(qr_svg(code.text, title=title)),  # noqa: S308 - drawn by us
    }  # fmt: skip
