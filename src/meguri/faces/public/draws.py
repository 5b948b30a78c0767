"""A draw for everybody: its page, the frozen list, all facts as one file, and a script that computes it anew."""

from __future__ import annotations

import re
from datetime import datetime
from importlib.resources import files
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from meguri.faces.entrance.requests import TownRequest
from meguri.faces.public.recomputed import facts_file, recomputed
from meguri.programmes.vouchers import queries as vouchers
from meguri.programmes.vouchers.queries import DrawPage
from meguri.words import draw as draws

PAGE = 60


def _draw(request: TownRequest, sale: UUID) -> tuple[DrawPage, datetime]:
    """The draw's page and when it was recomputed. What is drawn changes no more, so not at every visit."""
    town = request.municipality
    return recomputed(
        request, kind="draw", number=sale, compute=lambda: vouchers.draw_page(sale, municipality=town)
    )


@require_GET
def draw(request: TownRequest, sale: UUID) -> HttpResponse:
    """A draw with everything that a third party needs to recompute it."""
    found, counted_at = _draw(request, sale)
    after = request.GET.get("after", "")
    rank = int(after) if re.fullmatch("[0-9]{1,9}", after) else 0
    further = [award for award in found.awards if award.rank > rank]
    values = {
        "sale": vouchers.sale_page(sale, municipality=request.municipality),
        "draw": found, "recomputed_at": counted_at,
        "awards": further[:PAGE], "turned": rank > 0,
        "next_url": f"?after={further[PAGE - 1].rank}#results" if len(further) > PAGE else "",
    }  # fmt: skip
    return render(request, "public/draw.html", values)


@require_GET
def draw_list(request: TownRequest, sale: UUID) -> HttpResponse:
    """The frozen list of applications, by receipt number, byte for byte as it was hashed."""
    found, _ = _draw(request, sale)
    return HttpResponse(draws.published_list(found.lines), content_type="text/plain; charset=utf-8")


@require_GET
def draw_facts(request: TownRequest, sale: UUID) -> HttpResponse:
    """All that was published of a draw but the list, for the script; what is not known yet is empty."""
    found, _ = _draw(request, sale)
    facts = {
        "recipe": found.recipe, "allocation": found.allocation, "commitment": found.commitment,
        "list_hash": found.list_hash, "public_value": found.public_value, "secret": found.secret,
        "units": found.stock, "results_digest": found.results_digest,
        "results": [[award.rank, award.id, award.units_won] for award in found.awards],
    }  # fmt: skip
    return facts_file(facts, name="draw.json")


@require_GET
def draw_check(request: TownRequest) -> HttpResponse:
    """The script as it stands in the house, so that what is read is what runs."""
    script = files("meguri.faces.public").joinpath("draw_check.py").read_text(encoding="utf-8")
    answer = HttpResponse(script, content_type="text/x-python; charset=utf-8")
    answer["Content-Disposition"] = 'attachment; filename="draw_check.py"'
    return answer
