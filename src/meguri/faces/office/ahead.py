"""Before the launch: what is wrong, what the law says, what it would cost, whom it reaches, and the gate."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from meguri.faces.entrance.requests import TownRequest
from meguri.faces.office.frame import say
from meguri.faces.office.tables import Table, table
from meguri.parties.rules import Both
from meguri.programmes import queries
from meguri.programmes.findings import Finding
from meguri.programmes.preview import Figure, Preview
from meguri.programmes.queries import ProgrammeView
from meguri.programmes.terms import ProgrammeTerms
from meguri.words.yen import show_yen

FIGURES = {
    "wanted": ("ほしい口数", "Units wanted"), "sold": ("売れる口数", "Units sold"), "odds": ("当たる見込み", "Odds"),
    "sale_start": ("先着開始時の通信", "Requests at the start"),
    "ceiling_each": ("1人が得られる上限", "Most per person"),
    "entitled": ("対象になる人", "People entitled"), "benefit": ("給付の総額", "Benefits in all"),
    "peak_outstanding": ("未使用残高の最大", "Peak outstanding"),
}
UNITS = {"people": ("人", " people"), "units": ("口", " units"), "per_second": ("回/秒", " a second")}


def findings(request: TownRequest, found: Sequence[Finding]) -> list[dict[str, Any]]:
    """Every finding in words: errors first, each with its place in the document and the law behind it."""
    return [
        {"error": each.is_error, "text": each.sentence(request.language), "place": each.path, "law": each.law}
        for each in found
    ]


def preview(request: TownRequest, terms: ProgrammeTerms) -> dict[str, Any]:
    """Figures, cost by fund, who is left out, where it can be spent."""
    seen = queries.look_ahead(terms, municipality=request.municipality)
    eligible = say(request, f"住民{seen.population:,}人のうち", f"of {seen.population:,} residents")
    figures = [{"label": say(request, "対象の人", "Eligible"), "value": seen.eligible, "note": eligible}]
    figures += [_figure(request, each) for each in seen.figures]
    return {"figures": figures, "funds": _funds(request, seen), "left_out": _left_out(request, seen),
            "reach": _reach(request, seen, terms=terms)}


def _figure(request: TownRequest, each: Figure) -> dict[str, Any]:
    if each.unit == "yen":
        value = show_yen(each.value, request.language)
    elif each.unit == "bp":
        value = f"{each.value / 100:g}%"
    else:
        value = f"{each.value:,}{say(request, *UNITS.get(each.unit, ('', '')))}"
    name = FIGURES.get(each.code, (each.code, each.code))
    return {"label": say(request, *name), "value": value, "note": _both(request, each.how)}


def _both(request: TownRequest, both: Both) -> str:
    return say(request, both.ja, both.en)


def _funds(request: TownRequest, seen: Preview) -> Table:
    return table(
        request, "cost", caption=("財源ごとの費用", "Cost by fund"), export=False,
        columns=[("財源", "Fund"), ("予算", "Budget", "number"), ("最大", "At most", "number"),
                 ("見込み", "Expected", "number")],
        rows=[
            [_both(request, each.name), {"amount": each.budget_yen}, {"amount": each.most_yen},
             {"amount": each.expected_yen}]
            for each in seen.funds
        ],
    )  # fmt: skip


def _left_out(request: TownRequest, seen: Preview) -> Table:
    return table(
        request, "left_out", caption=("対象から外れる人", "Who is left out"), export=False,
        columns=[("理由", "Reason"), ("人数", "People", "number")],
        rows=[[_both(request, each.reason), each.people] for each in seen.left_out],
        empty=("外れる人はいません", "Nobody is left out"),
    )


def _reach(request: TownRequest, seen: Preview, *, terms: ProgrammeTerms) -> Table:
    names = {purse.code: say(request, purse.name.ja, purse.name.en) for purse in terms.purses}
    return table(
        request, "reach", caption=("使える店", "Where it can be spent"), export=False,
        columns=[("財布", "Purse"), ("使える店", "Shops", "number"), ("町の店", "All shops", "number")],
        rows=[[names[each.purse], each.accepting, each.shops] for each in seen.purses],
    )


def conditions(
    request: TownRequest, view: ProgrammeView, *, findings: Sequence[Finding], mine: bool
) -> list[dict[str, Any]]:
    """What must be so before the programme can be launched by this reader."""
    errors = sum(each.is_error for each in findings)
    note = say(request, f"誤りが{errors}件あります", f"{errors} errors") if errors else ""
    asked = view.state == "proposed"
    return [
        {"text": say(request, "文書に誤りがない", "The document has no errors"), "fulfilled": not errors, "note": note},
        {"text": say(request, "起票者が承認を求めている", "The maker has asked for approval"), "fulfilled": asked},
        {
            "text": say(request, "起票者とは別の人が承認する", "Somebody other than the maker approves"),
            "fulfilled": asked and not mine,
            "note": say(request, "あなたが起票したので、別の承認者が公開します",
                        "You made this, so another checker must launch it") if mine else "",
        },
    ]  # fmt: skip
