"""Where the company's money was spent and what people did for it. Sums only: nobody can be seen."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from meguri.evidence.suppression import RESIDENTS_LEAST
from meguri.faces.design import charts
from meguri.faces.entrance.requests import TownRequest
from meguri.faces.partner.frame import csv_file, own_funds, page, partners_only, said
from meguri.faces.partner.places import Dimension, Spent, spent_by
from meguri.programmes import queries as programmes
from meguri.programmes.points import queries as points
from meguri.programmes.queries import FundView
from meguri.words.yen import show_yen

BARS_MOST = 8
DIMENSIONS: dict[str, Dimension] = {"trade": "trade", "area": "area"}


@partners_only
@never_cache
@require_GET
def spent(request: TownRequest) -> HttpResponse:
    """By trade, by area, and by action; each as a picture with its table, or as a file."""
    funds = own_funds(request)
    if not funds:
        return page(request, "nothing", way="spent")
    by = DIMENSIONS.get(request.GET.get("by", ""), "trade")
    found = spent_by(by, funds, request=request)
    if request.GET.get("format") == "csv":
        return csv_file(_csv_rows(request, found, by=by), name=f"spent-by-{by}.csv")
    return page(
        request, "spent", way="spent", by=by, found=found, chart=_chart(request, found) if found.places else None,
        tabs=_tabs(request, by), programmes=[_actions(request, fund.programme) for fund in _with_actions(funds)],
        least=RESIDENTS_LEAST,
    )  # fmt: skip


def _tabs(request: TownRequest, by: Dimension) -> list[dict[str, object]]:
    names = (("trade", said(request, "業種", en="By trade")), ("area", said(request, "地区", en="By area")))
    return [{"url": f"?by={key}", "label": name, "current": key == by} for key, name in names]


def _chart(request: TownRequest, found: Spent) -> charts.Chart:
    """The largest places, the rest as one bar; the finding is the title."""
    first = found.places[0]
    share = round(100 * first.yen / found.yen)
    rows = [charts.Bar(place.name, place.yen, "point") for place in found.places[:BARS_MOST]]
    rest = sum(place.yen for place in found.places[BARS_MOST:])
    if rest:
        rows.append(charts.Bar(said(request, "そのほか", en="Others"), rest, "rest"))
    if found.closed_yen:
        rows.append(charts.Bar(said(request, "少数のため合算", en="Too few to tell apart"), found.closed_yen, "rest"))
    whole = show_yen(found.yen, request.language)
    most = said(request, f"使われたお金の{share}%は「{first.name}」です", en=f"{share}% was spent at: {first.name}")
    all_ = said(request, f"使われたお金は、すべて「{first.name}」です", en=f"All of it was spent at: {first.name}")
    return charts.bars(
        rows, language=request.language, title=all_ if first.yen == found.yen else most,
        desc=said(request, f"合計 {whole}。返金を引いた額です。", en=f"{whole} in all, refunds taken off."),
        source=said(request, "町の帳簿", en="the town's books"),
    )  # fmt: skip


def _csv_rows(request: TownRequest, found: Spent, *, by: Dimension) -> list[tuple[object, ...]]:
    """A head and a row each; the yen add up to what was spent."""
    head = said(request, "業種", en="Trade") if by == "trade" else said(request, "地区", en="Area")
    rows: list[tuple[object, ...]] = [(head, said(request, "金額(円)", en="Yen"))]
    rows += [(place.name, place.yen) for place in found.places]
    if found.closed_yen:
        rows.append((said(request, "少数のため合算", en="Too few to tell apart"), found.closed_yen))
    return [*rows, (said(request, "合計", en="Total"), found.yen)]


def _with_actions(funds: tuple[FundView, ...]) -> list[FundView]:
    """One fund for each programme of everyday actions."""
    return list({fund.programme: fund for fund in funds if fund.family == "point"}.values())


def _actions(request: TownRequest, programme: UUID) -> dict[str, Any]:
    """What people did in a programme that the company helps to pay; few people are not counted out."""
    totals = points.totals(programme, municipality=request.municipality)
    view = programmes.programme(programme, municipality=request.municipality)
    rows = [
        [
            said(request, each.name.ja, en=each.name.en), each.records, _people(request, each.people),
            {"amount": each.granted_yen}, _reached(each.records, each.goal),
        ]
        for each in sorted(totals.by_action, key=lambda each: -each.records)
    ]  # fmt: skip
    total = [
        said(request, "合計", en="Total"), totals.records, _people(request, totals.people),
        {"amount": totals.granted_yen}, "",
    ]  # fmt: skip
    return {
        "name": said(request, view.name_ja, en=view.name_en) if view else "", "columns": _columns(request),
        "rows": rows, "total": total, "any": bool(totals.records),
    }  # fmt: skip


def _columns(request: TownRequest) -> list[dict[str, object]]:
    heads = (
        ("行動", "Action"), ("回数", "Times"), ("人数", "People"), ("付与", "Granted"), ("目標に対して", "Of the goal"),
    )  # fmt: skip
    return [{"label": said(request, ja, en=en), "number": place > 0} for place, (ja, en) in enumerate(heads)]


def _people(request: TownRequest, people: int) -> object:
    """Small numbers of people stay closed; none is none."""
    few = 0 < people < RESIDENTS_LEAST
    return said(request, f"{RESIDENTS_LEAST}人未満", en=f"under {RESIDENTS_LEAST}") if few else people


def _reached(records: int, goal: int) -> str:
    return f"{records * 1000 // goal / 10:.1f}%" if goal else "—"
