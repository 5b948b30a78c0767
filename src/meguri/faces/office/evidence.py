"""What the books say about the programmes: one by one, side by side, and the money's way through the town."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_GET

from meguri.evidence import effects, queries
from meguri.evidence.circulation import picture_of
from meguri.evidence.indicator import Indicator
from meguri.evidence.lottery import Missing
from meguri.evidence.snapshot import Snapshot
from meguri.faces.design import charts
from meguri.faces.entrance.requests import TownRequest
from meguri.faces.office import evidence_charts as drawn
from meguri.faces.office.frame import officers_only, page, say
from meguri.faces.office.showing import of_what, value_of
from meguri.faces.office.tables import NamedChart, Table, csv_of, table
from meguri.parties.rules import require
from meguri.programmes import queries as programmes
from meguri.programmes.queries import PROGRAMME_UNKNOWN, ProgrammeView
from meguri.programmes.vouchers import queries as vouchers

SIDE_BY_SIDE = (
    "issued_yen", "spent_yen", "use_rate", "unspent_yen", "lapsed_yen", "to_bank_yen", "receivers", "payers", "take_up",
    "median_days", "own_ward_share", "small_shop_share", "top_tenth_share", "onward_share",
)
HEADS = ("issued_yen", "spent_yen", "unspent_yen", "lapsed_yen")


@officers_only
@require_GET
def evidence(request: TownRequest) -> HttpResponse:
    """All programmes side by side, and where their money went."""
    require(request.actor, "evidence.see")
    found = [each for each in programmes.programmes(request.municipality) if each.launched_at is not None]
    kept = queries.latest(request.municipality, at=request.at)
    seen = kept.seen
    chosen = [each.id for each in found]
    compared = _side_by_side(request, found, compared=queries.side_by_side(seen, chosen))
    names = {each.id: say(request, each.name_ja, each.name_en) for each in found}
    families = {each.id: each.family for each in found}
    flow = drawn.flow(request, picture_of(seen), names=names, families=families)
    figures = [_figure(request, each) for each in queries.indicators(seen) if each.code in HEADS]
    return csv_of(request, compared, flow) or page(
        request, "evidence", way="evidence", table=compared, flow=flow, figures=figures, nothing=not found,
        counted_at=kept.at,
        links=[{"url": reverse("office:evidence_programme", args=[each.id]), "name": names[each.id],
                "family": each.family} for each in found],
    )  # fmt: skip


def _side_by_side(
    request: TownRequest, found: list[ProgrammeView], *, compared: dict[str, tuple[Indicator, ...]]
) -> Table:
    """One row a figure, one column a programme; the same figure means the same in every column."""
    heads = [(each.name_ja, each.name_en, "number") for each in found]
    rows = [
        [compared[code][0].name(request.language), *(value_of(request, one) for one in compared[code])]
        for code in SIDE_BY_SIDE if found
    ]
    return table(
        request, "side_by_side", caption=("事業をならべて見る", "The programmes side by side"),
        columns=[("指標", "Indicator"), *heads], rows=rows,
        empty=("公開された事業がまだありません", "No programme has been launched yet"),
    )


def _figure(request: TownRequest, one: Indicator) -> dict[str, Any]:
    return {"label": one.name(request.language), "value": value_of(request, one), "note": of_what(request, one)}


@officers_only
@require_GET
def evidence_programme(request: TownRequest, programme: UUID) -> HttpResponse:
    """One programme: issued, spent, expired, unspent; where; how fast; and what this does not say."""
    require(request.actor, "evidence.see")
    view = programmes.programme(programme, municipality=request.municipality)
    if view is None or view.launched_at is None:
        raise PROGRAMME_UNKNOWN.refusal()
    kept = queries.latest(request.municipality, at=request.at)
    found = queries.indicators(kept.seen, programme=programme)
    pictures, effect = _pictures(request, view, seen=kept.seen), _effect(request, view, seen=kept.seen)
    listed, edge = _indicators(request, found), _edge(request, view, seen=kept.seen)
    told = (effect.get("table"), effect.get("weeks"), edge.get("table"), *(each["table"] for each in pictures))
    if file := csv_of(request, listed, *told):
        return file
    path = [(reverse("office:evidence"), say(request, "使われ方と効果", "Evidence")),
            ("", say(request, view.name_ja, view.name_en))]
    plan = programmes.terms(programme, municipality=request.municipality).evaluation
    return page(
        request, "evidence_programme", way="evidence", path=path, view=view, table=listed, pictures=pictures,
        figures=[_figure(request, one) for one in found if one.code in HEADS], plan=plan, effect=effect,
        edge=edge,
        counted_at=kept.at, not_identified=effects.NOT_IDENTIFIED.refusal(),
        ways=[(say(request, way.name_ja, way.name_en), say(request, way.how_ja, way.how_en)) for way in effects.WAYS],
    )  # fmt: skip


def _indicators(request: TownRequest, found: tuple[Indicator, ...]) -> Table:
    return table(
        request, "indicators", caption=("指標と読み方", "Indicators and how to read them"),
        columns=[("指標", "Indicator"), ("値", "Value", "number"), ("何のうち", "Share of"),
                 ("読むときの注意", "How to read it")],
        rows=[
            [one.name(request.language), value_of(request, one), of_what(request, one), one.caveat(request.language)]
            for one in found
        ],
    )  # fmt: skip


def _effect(request: TownRequest, view: ProgrammeView, *, seen: Snapshot) -> dict[str, Any]:
    """What the programme's draw tells: the finding, its picture, table and file; or what is missing for it."""
    found = queries.lottery_effect(seen, programme=view.id)
    if isinstance(found, Missing):
        return {"missing": effects.missing(found, language=request.language)}
    chart = drawn.effect(request, found, family=view.family)
    unit_yen = vouchers.sale_page(found.sale, municipality=request.municipality).face_yen
    return {
        "finding": effects.finding(found, language=request.language), "it": found,
        "for_a_yen": effects.for_a_yen(found, unit_yen=unit_yen, language=request.language),
        "chart": chart, "weeks": chart and NamedChart("effect_weeks", chart), "sale": found.sale,
        "table": drawn.effect_table(request, found, unit_yen=unit_yen),
        "assumptions": [say(request, *both) for both in effects.ASSUMPTIONS],
    }  # fmt: skip


def _edge(request: TownRequest, view: ProgrammeView, *, seen: Snapshot) -> dict[str, Any]:
    """What the edge of its sold-out sale tells: an effect where nothing speaks against one, a description otherwise."""
    found = queries.edge_effect(seen, programme=view.id)
    if isinstance(found, Missing):
        return {} if found.what == "edge" else {"missing": effects.missing(found, language=request.language, at="edge")}
    told = {
        "it": found, "table": drawn.edge_table(request, found),
        "doubts": [effects.doubt(code, language=request.language) for code in found.doubts],
        "assumptions": [say(request, *both) for both in effects.EDGE_ASSUMPTIONS],
    }  # fmt: skip
    if found.effect is not None:
        unit_yen = vouchers.sale_page(found.sale, municipality=request.municipality).face_yen
        told["finding"] = effects.finding(found.effect, language=request.language, by_lot=False)
        told["for_a_yen"] = effects.for_a_yen(found.effect, unit_yen=unit_yen, language=request.language)
    return told


def _pictures(request: TownRequest, view: ProgrammeView, *, seen: Snapshot) -> list[dict[str, Any]]:
    """Weeks, trades, areas, and how fast: each with its table and its file."""
    programme = view.id
    made: list[tuple[str, charts.Chart | None]] = [
        ("weeks", drawn.weeks(request, queries.weekly_of(seen, programme=programme), family=view.family)),
        ("trade", drawn.places(request, queries.places_of(seen, by="trade", programme=programme), by="trade",
                               family=view.family)),
        ("area", drawn.places(request, queries.places_of(seen, by="area", programme=programme), by="area",
                              family=view.family)),
        ("speed", drawn.speed(request, queries.spending_curve(seen, programme=programme), family=view.family)),
    ]  # fmt: skip
    return [
        {"chart": chart, "table": NamedChart(name, chart), "csv_url": f"?format=csv&table={name}"}
        for name, chart in made if chart is not None
    ]
