"""Campaigns in this shop: what customers earn here now, what comes, and which of them has no money left for now."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from meguri.faces.entrance.requests import TownRequest
from meguri.faces.merchant.frame import at_the_till, own_shop, page, said, shop_of
from meguri.programmes import queries
from meguri.programmes.campaigns import LiveCampaign, payment_facts
from meguri.programmes.queries import CampaignLeft
from meguri.programmes.texts.campaigns import band_words, in_words, limit_words
from meguri.words import predicate

HERE_AND_NOW = ("weekday", "hour", "month_day")
"""What the clock alone says of a payment that nobody has made yet."""


@at_the_till
@never_cache
@require_GET
def campaigns(request: TownRequest) -> HttpResponse:
    """Every campaign that this shop is in. Straight from the books: refilled, it is shown as running again."""
    shop, town, at = shop_of(request), request.municipality, request.at
    live = queries.campaigns_of_shop(shop, municipality=town, at=at)
    left = queries.left_in_shop(shop, live, municipality=town, at=at)
    rows = [_row(request, each, own=own) for each, own in zip(live, left, strict=True)]
    return page(
        request, "campaigns", way="home", shop=own_shop(request), running=[row for row in rows if row["runs"]],
        coming=[row for row in rows if not row["runs"]],
    )  # fmt: skip


def _row(request: TownRequest, each: LiveCampaign, *, own: CampaignLeft) -> dict[str, Any]:
    limits = [limit_words(limit) for limit in each.terms.limits]
    gives = [(band_words(band), in_words(band)) for band in each.terms.bands]
    return {
        "name": said(request, each.name.ja, en=each.name.en), "runs": request.at in each.period,
        "programme_name": said(request, each.programme_name.ja, en=each.programme_name.en),
        "first": each.terms.window.first_day, "last": each.terms.window.last_day,
        "gives": [(said(request, among.ja, en=among.en), said(request, yen.ja, en=yen.en)) for among, yen in gives],
        "when": "" if each.terms.when == predicate.EVERYTHING else predicate.sentence(each.rule, request.language),
        "most": each.terms.most_yen, "limits": [said(request, words.ja, en=words.en) for words in limits],
        "left": own.left_yen, "ended": own.ended or own.left_yen == 0, "rests": _rests(request, each),
    }  # fmt: skip


def _rests(request: TownRequest, each: LiveCampaign) -> bool:
    """Whether no payment can earn by it at this hour of this day."""
    facts = payment_facts(amount_yen=0, at=request.at, channel="")
    return predicate.is_ruled_out(each.rule, {name: facts[name] for name in HERE_AND_NOW})
