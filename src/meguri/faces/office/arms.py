"""A trial: who is in its list, the draw of its arms, and what became of each of them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from meguri.evidence import queries as evidence
from meguri.evidence.arms import ArmFigures
from meguri.evidence.lottery import Estimate
from meguri.faces.design import charts
from meguri.faces.entrance.requests import TownRequest
from meguri.faces.office.frame import attempt, done, may, officers_only, page, say
from meguri.faces.office.tables import NamedChart, Table, csv_of, is_csv, table, when
from meguri.parties.rules import require
from meguri.programmes import operations
from meguri.programmes import queries as programmes
from meguri.programmes.arms import is_fair
from meguri.programmes.queries import PROGRAMME_UNKNOWN, ArmsPage, ProgrammeView
from meguri.programmes.terms import ProgrammeTerms
from meguri.programmes.texts.arms import in_words
from meguri.programmes.trial import Arm
from meguri.words.period import day_start


@officers_only
def arms(request: TownRequest, programme: UUID) -> HttpResponse:
    """Fix the list, draw, and see by arm who was drawn, took part, spent, let lapse; and that the draw holds."""
    require(request.actor, "evidence.see")
    view = programmes.programme(programme, municipality=request.municipality)
    if view is None:
        raise PROGRAMME_UNKNOWN.refusal()
    refusal = None
    if request.method == "POST":
        refusal = attempt(request, _acts(request, programme))
        if refusal is None:
            return redirect("office:arms", programme=programme)
    drawn = programmes.arms_page(programme, municipality=request.municipality)
    kept = evidence.latest(request.municipality, at=request.at)
    found = evidence.arm_figures(kept.seen, programme=programme)
    return _answer(request, view, drawn=drawn, found=found, counted_at=kept.at, refusal=refusal)


def _answer(
    request: TownRequest, view: ProgrammeView, *, drawn: ArmsPage, found: tuple[ArmFigures, ...], **values: Any
) -> HttpResponse:
    terms = programmes.terms(view.id, municipality=request.municipality)
    told, listed = _figures(request, terms, found=found), _assignments(request, view.id)
    picture = _picture(request, found, arms={arm.code: arm for arm in drawn.trial.arms}, family=view.family)
    named = NamedChart("take_up", picture) if picture else None
    if file := csv_of(request, told, named, listed):
        return file
    path = [(reverse("office:evidence"), say(request, "使われ方と効果", "Evidence")),
            (reverse("office:evidence_programme", args=[view.id]), say(request, view.name_ja, view.name_en)),
            ("", say(request, "条件の抽選", "Arms"))]  # fmt: skip
    counted = programmes.drawn_into(view.id, municipality=request.municipality)
    return page(
        request, "arms", way="evidence", path=path, view=view, drawn=drawn, table=told, picture=picture,
        fair=is_fair(drawn.trial, counted), found=found, ask=_ask(request, drawn),
        may_draw=may(request, "programme.draw_arms", department=view.department),
        early=request.at < day_start(drawn.trial.drawn_on),
        conditions=[(arm.name, in_words(terms, arm), f"{arm.share_bp / 100:g}%") for arm in drawn.trial.arms], **values,
    )  # fmt: skip


def _acts(request: TownRequest, programme: UUID) -> dict[str, Callable[[], object]]:
    by, at = request.actor, request.at

    def fix() -> None:
        operations.list_arms(programme=programme, by=by, at=at)
        done(request, "名簿を確定し、その指紋を公開しました。", "The list is fixed; its hash is public.")

    def draw() -> None:
        value = request.POST.get("public_value", "")
        operations.draw_arms(programme=programme, public_value=value, by=by, at=at)
        done(request, "条件を抽選しました。これで受付を始められます。",
             "The arms are drawn. The programme can open now.")

    return {"fix": fix, "draw": draw}


def _ask(request: TownRequest, drawn: ArmsPage) -> str:
    if drawn.listed_at is None:
        return say(request, "条件を抽選する名簿を確定しますか", "Shall the list of the draw be fixed?")
    if drawn.drawn_at is None:
        return say(request, "条件の抽選をしますか", "Shall the arms be drawn?")
    return say(request, "条件によって、何が変わりましたか", "What did the conditions change?")


def _figures(request: TownRequest, terms: ProgrammeTerms, *, found: tuple[ArmFigures, ...]) -> Table:
    arms = {arm.code: arm for arm in terms.trial.arms} if terms.trial else {}
    begun = any(one.took_up for one in found)  # until then a difference of nought is no finding
    return table(
        request, "arms", caption=("群ごとに", "By arm"),
        columns=[
            ("群", "Arm", "keep"), ("割合", "Share", "number"), ("当たった数", "Drawn", "number"),
            ("割合どおりなら", "By its share", "number"), ("人", "People", "number"),
            ("受け取った数", "Took part", "number"), ("使った数", "Spent", "number"),
            ("使った円", "Spent (yen)", "number"), ("失効した円", "Lapsed (yen)", "number"),
            ("1件の使用", "Spent each", "number"), ("1件の失効", "Lapsed each", "number"),
            ("受け取った割合の差(95%)", "Taking part, less the control (95 %)"),
        ],
        rows=[
            [say(request, arms[one.arm].name.ja, arms[one.arm].name.en), f"{one.share_bp / 100:g}%", one.units,
             f"{one.fair_units:,.1f}", one.people, one.took_up, one.payers, one.spent_yen, one.lapsed_yen,
             one.spent_each_yen, one.lapsed_each_yen, _points(request, one.more if begun else None)]
            for one in found
        ],
        empty=("まだ抽選していません", "Not drawn yet"),
    )  # fmt: skip


def _points(request: TownRequest, more: Estimate | None) -> str:
    """A difference of shares in percentage points, with its interval."""
    if more is None:
        return "—"
    value, low, high = (f"{part / 100:+.1f}" for part in (more.value, more.low, more.high))
    return say(request, f"{value}ポイント({low}〜{high})", f"{value} points ({low} to {high})")


def _picture(
    request: TownRequest, found: tuple[ArmFigures, ...], *, arms: dict[str, Arm], family: str
) -> charts.Chart | None:
    """The share of units that took part, arm by arm; the title is what can be said of it."""
    if not found:
        return None
    names = {one.arm: say(request, arms[one.arm].name.ja, arms[one.arm].name.en) for one in found}
    bars = [charts.Bar(names[one.arm], one.take_up_bp / 100, "rest" if one.more is None else family) for one in found]
    return charts.bars(
        bars, language=request.language, unit="%", show=lambda value: f"{value:.1f}%",
        title=_finding(request, found, names=names),
        desc=say(request, "群に当たった人(または世帯)のうち、何かを受け取った割合。受け取らなかった分も数えています。",
                 "Of all people (or households) drawn into an arm, those who received anything; others count as well."),
        source=say(request, "抽選の記録と町の帳簿(全数)", "The draw and the town's books, all of them"),
    )  # fmt: skip


def _finding(request: TownRequest, found: tuple[ArmFigures, ...], *, names: dict[str, str]) -> str:
    if not any(one.took_up for one in found):
        return say(request, "まだだれも受け取っていません", "Nobody has taken part yet")
    sure = [one for one in found if one.more is not None and one.more.is_sure]
    if not sure:
        return say(request, "受け取った割合に、はっきりした差は見えません",
                   "No clear difference in taking part can be seen")
    one = max(sure, key=lambda each: abs(each.more.value) if each.more else 0)
    return say(request, f"「{names[one.arm]}」は、受け取った割合が{_points(request, one.more)}ちがいます",
               f"“{names[one.arm]}” differs in taking part by {_points(request, one.more)}")  # fmt: skip


def _assignments(request: TownRequest, programme: UUID) -> Table | None:
    """Everybody in the list under the random name, for analysis; a file only."""
    if not is_csv(request, "assignments") or "table" not in request.GET:
        return None
    rows = programmes.assignments(programme, municipality=request.municipality)
    return table(
        request, "assignments", caption=("割り当て", "Assignments"),
        columns=[("記号", "pseudonym"), ("人", "people", "number"), ("層", "stratum"), ("群", "arm"),
                 ("確率(万分率)", "probability (bp)", "number"), ("割り当てた時", "assigned at")],
        rows=[[one.pseudonym, one.people, one.stratum, one.arm, one.probability,
               when(one.assigned_at, request, style="year")] for one in rows],
    )  # fmt: skip
