"""The whole instead of its parts: goals and what serves them, programmes with their cost, one platform or many."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any
from uuid import UUID, uuid4

from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from meguri.evidence import queries as evidence
from meguri.evidence.meanings import MEANINGS
from meguri.faces.entrance.requests import TownRequest
from meguri.faces.office import goals as documents
from meguri.faces.office import strategy_pictures as drawn
from meguri.faces.office.frame import (
    TOTAL_MOST,
    attempt,
    chosen,
    department_names,
    done,
    may,
    officers_only,
    page,
    say,
    uuid_of,
)
from meguri.faces.office.names import names_of
from meguri.faces.office.showing import target_of, value_of
from meguri.faces.office.tables import csv_of, table, when
from meguri.parties.rules import require
from meguri.programmes import queries as programmes
from meguri.strategy import operations, queries
from meguri.strategy.cost_merit import compare
from meguri.strategy.queries import GoalNode
from meguri.words.wareki import parse_date
from meguri.words.yen import parse_yen

LEVELS = {"vision": ("めざす姿", "Vision"), "goal": ("目標", "Goal"), "indicator": ("指標", "Indicator")}
PROGRAMMES_COMPARED = 3
YEARS = (1, 3, 5, 10)


@officers_only
def strategy(request: TownRequest) -> HttpResponse:
    """What do we want, what serves it, what does it cost, does sharing pay?"""
    require(request.actor, "strategy.see")
    refusal = None
    if request.method == "POST":
        refusal = attempt(request, _acts(request))
        if refusal is None:
            return redirect("office:strategy")
    seen = evidence.latest(request.municipality, at=request.at).seen  # the same figures as on the pages of evidence
    tree = queries.goal_tree(request.municipality, seen=seen)
    portfolio = queries.portfolio(request.municipality, seen=seen)
    years = _years(request)
    compared = compare(programmes=PROGRAMMES_COMPARED, years=years)
    listed, costs = drawn.portfolio(request, portfolio, goals=_goal_names(request, tree)), _costs(request)
    merit, inputs = drawn.cost_merit(request, compared), drawn.inputs(request, compared)
    if file := csv_of(request, listed, merit, inputs, costs):
        return file
    return page(
        request, "strategy", way="strategy", refusal=refusal, table=listed, costs=costs, merit=merit, inputs=inputs,
        compared=compared, goals=[_node(request, tree, names=_names(request))] if tree else [],
        unlinked=queries.unlinked_programmes(request.municipality), portfolio=portfolio, today=request.at,
        spans=[{"url": f"?years={each}#merit", "label": say(request, f"{each}年", f"{each} years"),
                "current": each == years} for each in YEARS],
        **_choices(request, tree),
    )  # fmt: skip


def _years(request: TownRequest) -> int:
    asked = request.GET.get("years", "")
    return int(asked) if asked in {str(each) for each in YEARS} else 5


def _names(request: TownRequest) -> dict[UUID, tuple[str, str]]:
    """Every programme's name and family."""
    found, names = programmes.programmes(request.municipality), names_of(request)
    return {each.id: (names[each.id], each.family) for each in found}


def _goal_names(request: TownRequest, tree: GoalNode | None) -> dict[str, str]:
    """Code of a goal -> its name in the reader's language."""
    return {each.code: say(request, each.name_ja, each.name_en) for each in tree.children} if tree else {}


def _node(request: TownRequest, node: GoalNode, *, names: dict[UUID, tuple[str, str]]) -> dict[str, Any]:
    """A goal for the part goal_tree: goals first, then the programmes that serve them."""
    rooms = department_names(request)
    below = [_node(request, child, names=names) for child in node.children]
    below += [
        {"level": say(request, "事業", "Programme"), "name": names[each][0], "family": names[each][1],
         "url": reverse("office:programme", args=[each])}
        for each in node.programmes if each in names
    ]
    figures = [f"{names.get(one.programme, ('', ''))[0]} {value_of(request, one.indicator)}" for one in node.values]
    return {
        "level": say(request, *LEVELS[node.level]), "name": say(request, node.name_ja, node.name_en), "below": below,
        "figure": _target(request, node), "note": " / ".join([*figures, *([rooms[node.department]]
                                                                           if node.department in rooms else [])]),
    }  # fmt: skip


def _target(request: TownRequest, node: GoalNode) -> str:
    if node.target is None:
        return ""
    unit = MEANINGS[node.indicator].unit if node.indicator in MEANINGS else ""
    shown = target_of(request, node.target, unit=unit)
    until = f" ({node.reach_by.year}/{node.reach_by.month})" if node.reach_by else ""
    return say(request, f"めあて {shown}{until}", f"target {shown}{until}")


def _acts(request: TownRequest) -> dict[str, Callable[[], object]]:
    by, at, form = request.actor, request.at, request.POST

    def write() -> None:
        operations.set_goal_tree(documents.read(form.get("tree", "")), by=by, at=at)
        done(request, "目標の木を書き直しました。", "The goal tree is written.")

    def link() -> None:
        operations.link_programme(chosen(request, "programme"), form.getlist("goals"), by=by, at=at)
        done(request, "事業を目標につなぎました。", "The programme now hangs on its goals.")

    def book() -> None:
        month: date = parse_date(form.get("month", ""), field="month").replace(day=1)
        programme = form.get("programme", "")
        operations.book_cost(
            by=by, at=at, request=form.get("number") or str(uuid4()), kind=form.get("kind", ""),
            amount_yen=parse_yen(form.get("amount_yen", ""), most=TOTAL_MOST), month=month,
            source=form.get("source", ""), note=form.get("note", "").strip(), programme=uuid_of(programme),
            allocation="" if programme else form.get("allocation", ""),
        )  # fmt: skip
        done(request, "費用を記録しました。", "The cost is booked.")

    def withdraw() -> None:
        operations.withdraw_cost(chosen(request, "line"), reason=form.get("reason", ""), by=by, at=at)
        done(request, "費用の行を取り下げました。", "The line counts no more.")

    return {"write": write, "link": link, "book": book, "withdraw": withdraw}


def _costs(request: TownRequest) -> Any:
    names = _names(request)
    return table(
        request, "costs", caption=("記録した費用", "Booked costs"),
        columns=[("月", "Month", "keep"), ("何の費用", "What"), ("事業", "Programme"), ("確かさ", "Known from"),
                 ("金額", "Yen", "number"), ("説明", "Note"), ("記録", "Booked", "keep")],
        rows=[
            [f"{each.month.year}/{each.month.month:02}", say(request, *drawn.COST_KINDS[each.kind]),
             names[each.programme][0] if each.programme in names
             else say(request, f"共通({drawn.ALLOCATIONS[each.allocation][0]})",
                      f"shared ({drawn.ALLOCATIONS[each.allocation][1]})"),
             say(request, *drawn.SOURCES[each.source]), {"amount": each.amount_yen}, each.note,
             when(each.booked_at, request)]
            for each in queries.costs(request.municipality)
        ],
        empty=("費用はまだ記録されていません", "No cost has been booked yet"),
    )  # fmt: skip


def _choices(request: TownRequest, tree: GoalNode | None) -> dict[str, Any]:
    """What the forms offer, to those who may write the strategy."""
    if not may(request, "strategy.edit"):
        return {"may_edit": False}
    launched = [{"value": str(each), "label": name} for each, (name, _) in _names(request).items()]
    goals = tree.children if tree else ()
    booked = queries.costs(request.municipality)
    return {
        "may_edit": True, "tree": request.POST.get("tree") or documents.written(tree),
        "programme_options": launched, "number": uuid4(),
        "cost_programmes": [{"value": "", "label": say(request, "すべての事業に共通", "Shared by all")}, *launched],
        "goal_options": [{"value": each.code, "label": say(request, each.name_ja, each.name_en)} for each in goals],
        "kind_options": drawn.options(request, drawn.COST_KINDS),
        "source_options": drawn.options(request, drawn.SOURCES),
        "allocation_options": drawn.options(request, drawn.ALLOCATIONS),
        "line_options": [{"value": str(each.id), "label": f"{each.month:%Y/%m} {each.note[:40]} {each.amount_yen:,}"}
                         for each in booked],
    }  # fmt: skip
