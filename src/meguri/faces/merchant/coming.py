"""What will change for this shop: which value it may accept, and how, from which day on."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.views.decorators.http import require_GET

from meguri.faces.design.figures import show_day
from meguri.faces.entrance.requests import TownRequest
from meguri.faces.merchant.frame import at_the_till, own_shop, page, shop_of
from meguri.parties import queries as parties
from meguri.programmes import queries
from meguri.programmes.texts import for_shop
from meguri.programmes.vocabularies import SHOPS, known


@at_the_till
@require_GET
def coming(request: TownRequest) -> HttpResponse:
    """Every announced change that concerns this shop; where none does, the page says so."""
    return page(request, "coming", way="home", shop=own_shop(request), found=coming_rows(request))


def coming_rows(request: TownRequest) -> list[dict[str, Any]]:
    """The announced changes that concern the shop, the soonest first. Mostly one look that finds none."""
    waiting = queries.announced(request.municipality)
    if not waiting:
        return []
    facts = parties.shop_facts([shop_of(request)], municipality=request.municipality)
    shop, language = facts[shop_of(request)], request.language
    told = [(each, for_shop(each.change, known(shop, SHOPS))) for each in waiting]
    return [
        {
            "programme": each.programme, "day": show_day(each.first_day, language, style="year"),
            "changes": [one.plain(language) for one in changes],
        }
        for each, changes in told if changes
    ]  # fmt: skip
