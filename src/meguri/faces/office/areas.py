"""What the parts of the town are called on English pages."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from meguri.faces.entrance.requests import TownRequest
from meguri.faces.office.frame import attempt, done, officers_only, page, say
from meguri.parties import operations, queries
from meguri.parties.rules import require


@officers_only
def areas(request: TownRequest) -> HttpResponse:
    """Every area that has a shop, each with its English name; all are kept at once."""
    require(request.actor, "party.change_shop")
    known = list(queries.areas(request.municipality).items())
    typed = {ja: request.POST.get(f"area_{number}", en) for number, (ja, en) in enumerate(known)}

    def name() -> None:
        operations.name_areas(typed, by=request.actor)
        done(request, "地区の英語名を変えました。", "The areas are named.")

    refusal = None
    if request.method == "POST":
        refusal = attempt(request, {"name": name})
        if refusal is None:
            return redirect("office:areas")
    here = say(request, "地区の英語名", "Areas in English")
    path = [(reverse("office:shops"), say(request, "店", "Shops")), ("", here)]
    fields = [{"name": f"area_{number}", "area": ja, "value": typed[ja]} for number, (ja, _) in enumerate(known)]
    return page(request, "areas", way="shops", path=path, refusal=refusal, fields=fields)
