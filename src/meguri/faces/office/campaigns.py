"""A programme's campaigns: what each has given, what its cap still holds, and the document tried on last month."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

from django.http import HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_GET

from meguri.faces.entrance.requests import TownRequest
from meguri.faces.office.frame import officers_only, page, say
from meguri.faces.office.tables import Table, csv_of, table
from meguri.parties.rules import Both, require
from meguri.programmes import operations, queries
from meguri.programmes.campaign_terms import GrantByCampaign
from meguri.programmes.campaign_trial import Tried
from meguri.programmes.queries import PROGRAMME_UNKNOWN, CampaignFigures
from meguri.programmes.texts.campaigns import limit_words
from meguri.words.period import day_of
from meguri.words.yen import show_yen


@officers_only
@require_GET
def campaigns(request: TownRequest, programme: UUID) -> HttpResponse:
    """Yen and payments by campaign since the launch; what last month's payments would have earned by the document."""
    require(request.actor, "programme.see")
    view = queries.programme(programme, municipality=request.municipality)
    if view is None:
        raise PROGRAMME_UNKNOWN.refusal()
    terms = queries.terms(programme, municipality=request.municipality)
    if not isinstance(terms.obtaining, GrantByCampaign):
        raise operations.NO_CAMPAIGNS_HERE.refusal()
    tried = operations.campaigns_tried(programme=programme, by=request.actor, at=request.at)
    found = queries.campaign_figures(programme, municipality=request.municipality, at=request.at)
    done = _done(request, found) if view.launched_at is not None else None
    names = {fund.code: Both(fund.name.ja, fund.name.en) for fund in terms.funds}
    by_campaign, by_fund = _tried(request, tried), _funds(request, tried, names=names)
    if file := csv_of(request, done, by_campaign, by_fund):
        return file
    first = day_of(operations.last_month(request.at).start)
    path = [(reverse("office:programmes"), say(request, "事業", "Programmes")),
            (reverse("office:programme", args=[view.id]), say(request, view.name_ja, view.name_en)),
            ("", say(request, "キャンペーン", "Campaigns"))]  # fmt: skip
    return page(
        request, "campaigns", way="programmes", path=path, view=view, done=done, tried=tried, by_campaign=by_campaign,
        by_fund=by_fund, month=say(request, f"{first.year}年{first.month}月", f"{first:%B %Y}"),
    )  # fmt: skip


def _done(request: TownRequest, found: tuple[CampaignFigures, ...]) -> Table:
    def left(each: CampaignFigures) -> str:
        caps = [(limit_words(cap.limit), show_yen(cap.left_yen, request.language)) for cap in each.caps]
        told = [say(request, f"{words.ja}のうち残り{yen}", f"{yen} left of {words.en}") for words, yen in caps]
        return " / ".join(told)

    return table(
        request, "campaigns", caption=("これまでの付与", "Given so far"),
        columns=[("キャンペーン", "Campaign"), ("支払い", "Payments", "number"), ("人", "People", "number"),
                 ("付与(円)", "Given (yen)", "number"), ("返金でもどった(円)", "Back by refunds (yen)", "number"),
                 ("上限の残り", "Left of its cap")],
        rows=[
            [say(request, each.campaign.name.ja, each.campaign.name.en), each.payments, each.people, each.yen,
             each.back_yen, left(each)]
            for each in found
        ],
    )  # fmt: skip


def _tried(request: TownRequest, tried: Tried) -> Table:
    return table(
        request, "tried", caption=("キャンペーンごと", "By campaign"),
        columns=[("キャンペーン", "Campaign"), ("付いた支払い", "Payments that earn", "number"),
                 ("付与(円)", "Given (yen)", "number"), ("上限と予算で付かない(円)", "Held back (yen)", "number")],
        rows=[[say(request, each.name.ja, each.name.en), each.payments, each.yen, each.cut_yen]
              for each in tried.campaigns],
        total=[say(request, "合計", "In all"), tried.payments, tried.yen, tried.cut_yen],
    )  # fmt: skip


def _funds(request: TownRequest, tried: Tried, *, names: Mapping[str, Both]) -> Table:
    return table(
        request, "tried_funds", caption=("財源ごとの負担", "Carried by each fund"),
        columns=[("財源", "Fund"), ("負担(円)", "Carried (yen)", "number")],
        rows=[[say(request, name.ja, name.en), tried.funds.get(code, 0)] for code, name in names.items()],
    )  # fmt: skip
