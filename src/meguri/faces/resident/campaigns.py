"""Campaigns: which run now and which come, what they give at which shops and hours, and what is left for me."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.views.decorators.http import require_GET

from meguri.faces.entrance.requests import TownRequest
from meguri.faces.resident.frame import holder_of, page, residents_only
from meguri.programmes import queries
from meguri.programmes.campaigns import LiveCampaign
from meguri.programmes.queries import CampaignLeft
from meguri.programmes.texts.campaigns import band_words, in_words, limit_words
from meguri.programmes.vocabularies import CAMPAIGNS
from meguri.words import predicate


@residents_only
@require_GET
def campaigns(request: TownRequest) -> HttpResponse:
    """Every campaign that runs or will, with its days, rates and conditions in words, and what I can still get."""
    live = queries.campaigns_in_force(request.municipality, request.at)
    own = {
        each.campaign: each
        for each in queries.left_for(holder_of(request), live, municipality=request.municipality, at=request.at)
    }
    rows = [_row(request, each, own=own.get(each.id)) for each in live if not each.period.is_over(request.at)]
    return page(
        request, "campaigns", way="get", running=[row for row in rows if row["runs"]],
        coming=[row for row in rows if not row["runs"]],
    )  # fmt: skip


def running_campaigns(request: TownRequest) -> list[dict[str, Any]]:
    """Those that run now, for the page of what I can get."""
    live = queries.campaigns_in_force(request.municipality, request.at)
    return [_row(request, each, own=None) for each in live if request.at in each.period]


def _row(request: TownRequest, each: LiveCampaign, *, own: CampaignLeft | None) -> dict[str, Any]:
    place = 0 if request.language == "ja" else 1
    gives = [(band_words(band), in_words(band)) for band in each.terms.bands]
    rule = predicate.parse(each.terms.when, CAMPAIGNS)
    return {
        "name": (each.name.ja, each.name.en)[place], "programme": each.programme, "runs": request.at in each.period,
        "programme_name": (each.programme_name.ja, each.programme_name.en)[place],
        "first": each.terms.window.first_day, "last": each.terms.window.last_day,
        "gives": [((among.ja, among.en)[place], (given.ja, given.en)[place]) for among, given in gives],
        "when": "" if each.terms.when == predicate.EVERYTHING else predicate.sentence(rule, request.language),
        "most": each.terms.most_yen,
        "limits": [(words.ja, words.en)[place] for words in map(limit_words, each.terms.limits)],
        "left": own.left_yen if own else None, "ended": own.ended if own else False,
    }  # fmt: skip
