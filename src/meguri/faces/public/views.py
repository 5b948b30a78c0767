"""The public pages. Nobody is signed in here; small cells are closed before anything leaves the evidence room."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from urllib.parse import urlencode
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_GET

from meguri.evidence import effects
from meguri.evidence import queries as evidence
from meguri.evidence.flows import MoneyFigures, by_programme
from meguri.evidence.indicator import Indicator
from meguri.evidence.lottery import Missing
from meguri.evidence.meanings import MEANINGS
from meguri.evidence.public import public_indicators, public_places
from meguri.evidence.snapshot import Snapshot
from meguri.evidence.suppression import RESIDENTS_LEAST, SHOPS_LEAST
from meguri.faces.design.figures import show_day
from meguri.faces.entrance.requests import TownRequest
from meguri.faces.public import figures
from meguri.faces.public.refusals import by_room
from meguri.parties import queries as parties
from meguri.programmes import queries as programmes
from meguri.programmes.queries import ProgrammeView
from meguri.programmes.terms import write_terms
from meguri.programmes.texts import draft_amending, for_residents
from meguri.programmes.vouchers import line
from meguri.programmes.vouchers import queries as vouchers
from meguri.programmes.vouchers.queries import SalePage
from meguri.words.actor import ActorRole

RUNNING = ("launched", "closed")
PAGE = 60


def _running(request: TownRequest) -> tuple[ProgrammeView, ...]:
    return programmes.programmes(request.municipality, states=RUNNING)


@dataclass(frozen=True, slots=True)
class Card:
    """A programme with its money. `banked_yen`: of what people take by bank, what has been transferred."""

    it: ProgrammeView
    money: MoneyFigures
    banked_yen: int


def _cards(seen: Snapshot, running: tuple[ProgrammeView, ...]) -> list[Card]:
    """One for each programme; what they received adds up to the ring's headline."""
    money = by_programme(seen.flows)
    banked = {row.programme: row.yen for row in seen.banked if not row.is_shop}
    return [Card(each, money.get(each.id, MoneyFigures()), banked.get(each.id, 0)) for each in running]


@require_GET
def town(request: TownRequest) -> HttpResponse:
    """The town's ring, its sentence, its programmes; where money went; the ways to check it."""
    running = _running(request)
    kept = evidence.latest(request.municipality, at=request.at)
    cards, places = _cards(kept.seen, running), public_places(kept.seen, by="trade")
    money = {card.it.id: card.money for card in cards}
    values = {
        "ring": figures.town_ring(running, money, language=request.language) if running else None,
        "flow": figures.circulation(kept.seen, running, language=request.language),
        "trades": figures.trades(places, programme=None, language=request.language),
        "undivided": figures.undivided(places.town, language=request.language),
        "cards": cards, "received": sum(card.money.received_yen for card in cards), "counted_at": kept.at,
        "draws": _drawn(request), "selling": line.selling(request.municipality, at=request.at), "today": request.at,
        "may_stand_in_line": request.actor.role in {ActorRole.VISITOR, ActorRole.RESIDENT},
    }  # fmt: skip
    return render(request, "public/town.html", values)


@require_GET
def programmes_page(request: TownRequest) -> HttpResponse:
    """Every programme that runs or ran."""
    kept = evidence.latest(request.municipality, at=request.at)
    return render(request, "public/programmes.html", {"cards": _cards(kept.seen, _running(request))})


@require_GET
def programme(request: TownRequest, programme: UUID) -> HttpResponse:
    """One programme: its document, who funds it, where it was spent, how fast, and what it did."""
    found = programmes.programme_page(programme, municipality=request.municipality, at=request.at)
    if request.GET.get("format") == "toml":
        return HttpResponse(write_terms(found.terms), content_type="application/toml; charset=utf-8")
    kept = evidence.latest(request.municipality, at=request.at)
    places = public_places(kept.seen, by="trade")
    (card,) = _cards(kept.seen, (found.programme,))
    values = {
        "page": found, "terms": found.terms, "card": card, "counted_at": kept.at,
        "trades": figures.trades(places, programme=programme, language=request.language),
        "undivided": figures.undivided(places.of(programme), language=request.language),
        "weeks": figures.weeks(kept.seen, programme=programme, language=request.language),
        "effect": _effect(request, kept.seen, programme=programme),
        "draws": _drawn(request, programme=programme), "coming": _coming(request, programme),
    }  # fmt: skip
    return render(request, "public/programme.html", values)


def _coming(request: TownRequest, programme: UUID) -> dict[str, object] | None:
    """What an approved amendment changes, and from when, in plain words and in those of the ordinance; else None."""
    waiting = programmes.announced(request.municipality)
    ahead = next((each for each in waiting if each.programme.id == programme), None)
    if ahead is None:
        return None
    (clauses, provisions), language = draft_amending(ahead.change).parts, request.language
    return {
        "day": show_day(ahead.first_day, language, style="year"), "reason": ahead.reason,
        "changes": [each.plain(language) for each in for_residents(ahead.change)],
        "clauses": [each.plain(language) for each in clauses.sentences],
        "provisions": [each.plain(language) for each in provisions.sentences],
    }


def _effect(request: TownRequest, seen: Snapshot, *, programme: UUID) -> dict[str, object]:
    """What is known of added spending: the draw's finding with its interval, or what is missing for it."""
    found = evidence.lottery_effect(seen, programme=programme)
    if isinstance(found, Missing):
        return {"missing": effects.missing(found, language=request.language)}
    return {
        "finding": effects.finding(found, language=request.language), "won": found.won, "lost": found.lost,
        "assumptions": [both[request.language != "ja"] for both in effects.ASSUMPTIONS],
    }  # fmt: skip


def _drawn(request: TownRequest, *, programme: UUID | None = None) -> list[SalePage]:
    """The sales whose draw can be recomputed; one that gives first come, first served has none."""
    found = [
        vouchers.sale_page(sale, municipality=request.municipality)
        for sale in vouchers.sales(request.municipality, programme=programme)
    ]
    return [sale for sale in found if sale.commitment]


@require_GET
def shops(request: TownRequest) -> HttpResponse:
    """Where it can be spent. `?text=` looks for a name, `?after=` goes on from a shop."""
    text = request.GET.get("text", "").strip()
    found = parties.shops(
        municipality=request.municipality, text=text, limit=PAGE + 1, after=_cursor(request.GET.get("after", ""))
    )
    further = urlencode({"text": text, "after": found[PAGE - 1].id}) if len(found) > PAGE else ""
    values = {"shops": found[:PAGE], "text": text, "next_url": further and f"?{further}"}
    return render(request, "public/shops.html", values)


def _cursor(text: str) -> UUID | None:
    """The cursor of an address; one that somebody has cut or bent starts from the beginning."""
    try:
        return UUID(text)
    except ValueError:
        return None


@require_GET
@cache_control(public=True, max_age=60)
def open_data(request: TownRequest) -> HttpResponse:
    """The indicators of every programme: as a page, or as CSV (`?format=csv`)."""
    running = _running(request)
    kept = evidence.latest(request.municipality, at=request.at)
    found = [public_indicators(kept.seen, programme=each.id) for each in running]
    side = list(zip(*found, strict=True))  # one row an indicator, one column a programme
    if request.GET.get("format") == "csv":
        lines: list[list[object]] = [["indicator", "unit", *[each.code for each in running]]]
        lines += [[row[0].code, row[0].meaning.unit, *[_plain(one) for one in row]] for row in side]
        return _csv(lines, name="indicators.csv")
    columns: list[dict[str, object]] = [{"label": "指標" if request.language == "ja" else "Indicator"}]
    columns += [
        {"label": each.name_ja if request.language == "ja" else each.name_en, "number": True} for each in running
    ]
    rows = [[row[0].name(request.language), *[_shown(one, language=request.language) for one in row]] for row in side]
    closed = any(one.closed for row in side for one in row)
    return render(
        request, "public/data.html",
        {"columns": columns, "rows": rows, "closed": closed, "counted_at": kept.at, "least": RESIDENTS_LEAST},
    )  # fmt: skip


CLOSED_SIGN = "x"
"""What Japanese statistics print for a cell that is closed."""


def _plain(one: Indicator) -> object:
    return CLOSED_SIGN if one.closed else one.value


def _shown(one: Indicator, *, language: str) -> str:
    if one.closed:
        return CLOSED_SIGN
    value, unit = one.value, one.meaning.unit
    if value is None:
        return "—"
    if unit == "share":
        return f"{value * 100:.1f}%"
    number = f"{value:,.0f}" if isinstance(value, int) or value >= 100 else f"{value:,.1f}"
    if unit == "yen":
        return f"{number}円" if language == "ja" else f"¥{number}"
    words = {"people": ("人", " people"), "days": ("日", " days"), "shops": ("店", " shops"), "times": ("回", " times")}
    return number + words.get(unit, ("", ""))[language != "ja"]


def _csv(rows: list[list[object]], *, name: str) -> HttpResponse:
    text = io.StringIO()
    csv.writer(text, lineterminator="\r\n").writerows(rows)
    answer = HttpResponse("\ufeff" + text.getvalue(), content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


@require_GET
def refusals(request: TownRequest) -> HttpResponse:
    """Every expected no, with its kind sentence, generated from the code. `?text=` looks for a code or a word."""
    text = request.GET.get("text", "").strip()
    groups = by_room(text)
    values = {"groups": groups, "text": text, "count": sum(len(group.kinds) for group in groups)}
    return render(request, "public/refusals.html", values)


@require_GET
def how_we_know(request: TownRequest) -> HttpResponse:
    """What each figure means, and what the books cannot tell."""
    values = {
        "meanings": MEANINGS.values(), "people": RESIDENTS_LEAST, "shops": SHOPS_LEAST,
        "ways": effects.WAYS, "assumptions": effects.ASSUMPTIONS,
    }  # fmt: skip
    return render(request, "public/how_we_know.html", values)


@require_GET
def note(request: TownRequest) -> HttpResponse:
    """What a paper note is, for whoever reads its QR code with an ordinary camera. Its number never comes here."""
    return render(request, "public/note.html")
