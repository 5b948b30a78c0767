"""The public pages. Nobody is signed in here; small cells are closed before anything leaves the evidence room."""

from __future__ import annotations

import csv
import io
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_GET

from meguri.evidence import queries as evidence
from meguri.evidence.flows import MoneyFigures
from meguri.evidence.meanings import MEANINGS
from meguri.faces.entrance.requests import TownRequest
from meguri.faces.public import figures
from meguri.parties import queries as parties
from meguri.programmes import queries as programmes
from meguri.programmes.queries import ProgrammeView
from meguri.programmes.terms import write_terms
from meguri.programmes.vouchers import queries as vouchers
from meguri.words import draw as draws
from meguri.words.refusal import catalogue

RUNNING = ("launched", "closed")
PAGE = 60


def _running(request: TownRequest) -> tuple[ProgrammeView, ...]:
    return programmes.programmes(request.municipality, states=RUNNING)


@require_GET
def town(request: TownRequest) -> HttpResponse:
    """The town's ring, its sentence, its programmes; where money went; the ways to check it."""
    running = _running(request)
    money = evidence.money_by_programme(request.municipality)
    values = {
        "ring": figures.town_ring(running, money, language=request.language) if running else None,
        "flow": figures.circulation(request.municipality, running, language=request.language),
        "trades": figures.trades(request.municipality, programme=None, language=request.language),
        "programmes": [(each, money.get(each.id, MoneyFigures())) for each in running],
        "sales": vouchers.sales(request.municipality),
    }
    return render(request, "public/town.html", values)


@require_GET
def programmes_page(request: TownRequest) -> HttpResponse:
    """Every programme that runs or ran."""
    money = evidence.money_by_programme(request.municipality)
    found = [(each, money.get(each.id, MoneyFigures())) for each in _running(request)]
    return render(request, "public/programmes.html", {"programmes": found})


@require_GET
def programme(request: TownRequest, programme: UUID) -> HttpResponse:
    """One programme: its document, who funds it, where it was spent, how fast."""
    found = programmes.programme_page(programme, municipality=request.municipality, at=request.at)
    if request.GET.get("format") == "toml":
        return HttpResponse(write_terms(found.terms), content_type="application/toml; charset=utf-8")
    values = {
        "page": found,
        "terms": found.terms,
        "money": evidence.money_by_programme(request.municipality).get(programme),
        "trades": figures.trades(request.municipality, programme=programme, language=request.language),
        "weeks": figures.weeks(request.municipality, programme=programme, language=request.language),
        "sales": vouchers.sales(request.municipality, programme=programme),
    }
    return render(request, "public/programme.html", values)


@require_GET
def draw(request: TownRequest, sale: UUID) -> HttpResponse:
    """A draw with everything that a third party needs to recompute it."""
    values = {
        "sale": vouchers.sale_page(sale, municipality=request.municipality),
        "draw": vouchers.draw_page(sale, municipality=request.municipality),
        "recipe": draws.__doc__,
    }
    return render(request, "public/draw.html", values)


@require_GET
def draw_list(request: TownRequest, sale: UUID) -> HttpResponse:
    """The frozen list of applications, by receipt number, byte for byte as it was hashed."""
    found = vouchers.draw_page(sale, municipality=request.municipality)
    return HttpResponse(draws.published_list(found.lines), content_type="text/plain; charset=utf-8")


@require_GET
def shops(request: TownRequest) -> HttpResponse:
    """Where it can be spent."""
    after = request.GET.get("after", "")
    found = parties.shops(
        municipality=request.municipality, text=request.GET.get("text", "").strip(), limit=PAGE,
        after=UUID(after) if len(after) == 36 else None,
    )  # fmt: skip
    further = f"?after={found[-1].id}" if len(found) == PAGE else ""
    return render(
        request, "public/shops.html", {"shops": found, "text": request.GET.get("text", ""), "next_url": further}
    )


@require_GET
@cache_control(public=True, max_age=60)
def open_data(request: TownRequest) -> HttpResponse:
    """The indicators of every programme: as a page, or as CSV (`?format=csv`)."""
    running = _running(request)
    seen = evidence.latest(request.municipality)
    side = evidence.side_by_side(seen, [each.id for each in running])
    if request.GET.get("format") == "csv":
        lines: list[list[object]] = [["indicator", "unit", *[each.code for each in running]]]
        lines += [[code, row[0].meaning.unit if row else "", *[one.value for one in row]] for code, row in side.items()]
        return _csv(lines, name="indicators.csv")
    columns: list[dict[str, object]] = [{"label": "指標" if request.language == "ja" else "Indicator"}]
    columns += [
        {"label": each.name_ja if request.language == "ja" else each.name_en, "number": True} for each in running
    ]
    rows = [
        [
            _name(code, request.language),
            *[_shown(one.value, one.meaning.unit, language=request.language) for one in row],
        ]
        for code, row in side.items()
    ]
    return render(request, "public/data.html", {"columns": columns, "rows": rows, "meanings": MEANINGS.values()})


def _name(code: str, language: str) -> str:
    meaning = MEANINGS[code]
    return meaning.name_ja if language == "ja" else meaning.name_en


def _shown(value: float | None, unit: str, *, language: str) -> str:
    if value is None:
        return "—"
    if unit == "share":
        return f"{value * 100:.1f} %"
    number = f"{value:,.0f}" if isinstance(value, int) or value >= 100 else f"{value:,.1f}"
    units = {"yen": "円", "people": "人", "days": "日", "shops": "店"} if language == "ja" else {"yen": " yen"}
    return f"{number}{units.get(unit, '')}"


def _csv(rows: list[list[object]], *, name: str) -> HttpResponse:
    text = io.StringIO()
    csv.writer(text, lineterminator="\r\n").writerows(rows)
    answer = HttpResponse("\ufeff" + text.getvalue(), content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


@require_GET
def refusals(request: TownRequest) -> HttpResponse:
    """Every expected no, with its kind sentence: generated from the code."""
    rows = [[kind.code, kind.ja, kind.en, str(kind.status)] for kind in catalogue()]
    columns = [{"label": "code", "keep": True}, {"label": "日本語"}, {"label": "English"}, {"label": "HTTP"}]
    return render(request, "public/refusals.html", {"rows": rows, "columns": columns})


@require_GET
def how_we_know(request: TownRequest) -> HttpResponse:
    """What each figure means, and what the books cannot tell."""
    return render(request, "public/how_we_know.html", {"meanings": MEANINGS.values()})
