"""What residents of the town donate to, and what came together; figures about few people stay closed."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from meguri.evidence.suppression import RESIDENTS_LEAST
from meguri.faces.entrance.requests import TownRequest
from meguri.wallets import donation_views


@require_GET
def causes(request: TownRequest) -> HttpResponse:
    """Every listed cause: for what, to whom, until when, and its total where enough people gave."""
    found = donation_views.listed_causes(request.municipality, at=request.at)
    values = {
        "causes": [{"it": each, "closed": 0 < each.people < RESIDENTS_LEAST} for each in found],
        "least": RESIDENTS_LEAST,
    }
    return render(request, "public/causes.html", values)
