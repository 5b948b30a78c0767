"""A draw that decides conditions, for everybody: what was promised, and once the programme is closed all of it."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from meguri.faces.entrance.requests import TownRequest
from meguri.faces.public.recomputed import facts_file, recomputed
from meguri.programmes import queries as programmes
from meguri.programmes.queries import ArmsPage
from meguri.programmes.texts.arms import in_words
from meguri.words import draw as draws


def _found(request: TownRequest, programme: UUID) -> tuple[ArmsPage, datetime]:
    """The draw and when it was recomputed."""
    town = request.municipality
    return recomputed(
        request, kind="arms", number=programme, compute=lambda: programmes.arms_page(programme, municipality=town)
    )


@require_GET
def arms(request: TownRequest, programme: UUID) -> HttpResponse:
    """Why lot decides, between what, how many are in the list; who is in which arm only after the programme's end."""
    found, counted_at = _found(request, programme)
    terms = programmes.terms(programme, municipality=request.municipality)
    rows = [
        {"name": arm.name, "what": in_words(terms, arm), "share": f"{arm.share_bp / 100:g}%",
         "drawn": sum(code == arm.code for _, code in found.assigned) if found.is_open else None}
        for arm in found.trial.arms
    ]  # fmt: skip
    values = {"programme": programme, "name": terms.name, "draw": found, "arms": rows, "recomputed_at": counted_at}
    return render(request, "public/arms.html", values)


@require_GET
def arms_list(request: TownRequest, programme: UUID) -> HttpResponse:
    """The list byte for byte as it was hashed; empty while the programme runs."""
    found, _ = _found(request, programme)
    return HttpResponse(draws.published_list(found.lines), content_type="text/plain; charset=utf-8")


@require_GET
def arms_facts(request: TownRequest, programme: UUID) -> HttpResponse:
    """All that was published of the draw but the list, for the script; what is not known yet is empty."""
    found, _ = _found(request, programme)
    facts = {
        "recipe": found.recipe, "commitment": found.commitment, "list_hash": found.list_hash,
        "public_value": found.public_value, "secret": found.secret,
        "arms": [[arm.code, arm.share_bp] for arm in found.trial.arms], "results_digest": found.results_digest,
        "results": [[rank, *each] for rank, each in enumerate(found.assigned, start=1)],
    }  # fmt: skip
    return facts_file(facts, name="arms.json")
