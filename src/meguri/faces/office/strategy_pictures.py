"""Strategy as tables and pictures: programmes side by side with their cost, one shared platform against many."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from meguri.faces.design import charts, figures
from meguri.faces.entrance.requests import TownRequest
from meguri.faces.office.frame import say
from meguri.faces.office.tables import Cell, Table, table
from meguri.strategy.cost_merit import Comparison, Input
from meguri.strategy.queries import Portfolio, PortfolioRow

COST_KINDS = {
    "system": ("システム", "System"), "staff": ("職員の時間", "Officers' time"), "fee": ("手数料・委託", "Fees"),
    "mail": ("郵送・印刷", "Post and print"), "other": ("その他", "Other"),
}
SOURCES = {
    "contract": ("契約書", "contract"), "invoice": ("請求書", "invoice"), "estimate": ("見積り", "estimate"),
    "guess": ("仮の数字", "guess"), "": ("—", "—"),
}
ALLOCATIONS = {
    "even": ("均等に分ける", "evenly"), "delivered": ("届いた額で分ける", "by yen delivered"),
    "people": ("人数で分ける", "by people"), "": ("", ""),
}
UNITS = {"people": ("人", "people"), "shops": ("店", "shops"), "hours": ("時間", "hours"), "share": ("", ""),
         "years": ("年", "years"), "yen": ("円", "yen")}  # fmt: skip


def options(request: TownRequest, words: Mapping[str, tuple[str, str]]) -> list[dict[str, str]]:
    """The words of a choice; the empty one stands for nothing chosen and is left out."""
    return [{"value": code, "label": say(request, *both)} for code, both in words.items() if code]


def portfolio(request: TownRequest, seen: Portfolio, *, goals: Mapping[str, str]) -> Table:
    """Programmes side by side; the last row is the town."""
    delivered = sum(row.money.delivered_yen for row in seen.rows)
    return table(
        request, "portfolio", caption=("事業をならべて見る", "The programmes side by side"),
        columns=[
            ("事業", "Programme"), ("届いた額", "Delivered", "number"), ("うち公費など", "Not from buyers", "number"),
            ("受け取った人", "People", "number"), ("費用", "Cost", "number"),
            ("1円あたりの費用", "Cost per yen", "number"), ("公費1円あたり", "Per public yen", "number"),
            ("いちばん不確かな費用", "Weakest source"), ("目標", "Goals"),
        ],
        rows=[_row(request, row, goals=goals) for row in seen.rows],
        total=[
            say(request, "町全体", "The town"), {"amount": delivered},
            {"amount": sum(row.public_yen for row in seen.rows)}, seen.people, {"amount": seen.cost_yen},
            _rate(seen.cost_yen / delivered if delivered else None), "", "", "",
        ] if seen.rows else None,
        empty=("公開された事業がまだありません", "No programme has been launched yet"),
    )  # fmt: skip


def _row(request: TownRequest, row: PortfolioRow, *, goals: Mapping[str, str]) -> list[Cell]:
    return [
        say(request, row.programme.name_ja, row.programme.name_en), {"amount": row.money.delivered_yen},
        {"amount": row.public_yen}, row.receivers, {"amount": row.cost_yen}, _rate(row.cost_per_yen),
        _rate(row.cost_per_public_yen), say(request, *SOURCES[row.weakest_source]),
        say(request, "、", ", ").join(goals.get(code, code) for code in row.goals),
    ]  # fmt: skip


def _rate(value: float | None) -> str:
    """Yen of cost for a yen delivered; nothing booked is not the same as free of cost."""
    return f"{value:.3f}" if value else "—"


def cost_merit(request: TownRequest, seen: Comparison) -> charts.Chart:
    """Both totals by the number of programmes; the title says when sharing pays, or that it never does."""

    def series(ja: str, en: str, *, yen: tuple[int, ...], family: str) -> charts.Series:
        return charts.Series(say(request, ja, en), tuple(charts.Point(each) for each in yen), family)

    span = say(request, f"{seen.years}年間", f"over {seen.years} years")
    if seen.break_even is None:
        title = say(request, f"{span}では、共通の基盤は元が取れない", f"Sharing never pays {span}")
    elif seen.break_even == 1:
        title = say(request, f"{span}では、1つの事業だけでも共通の基盤が安い",
                    f"Sharing pays from the first programme, {span}")
    else:
        title = say(request, f"{span}では、{seen.break_even}つ目の事業から共通の基盤が安くなる",
                    f"Sharing pays from programme {seen.break_even} on, {span}")
    saving = figures.short_yen(abs(seen.saving_yen), request.language)
    less = say(request, "安く", "less") if seen.saving_yen >= 0 else say(request, "高く", "more")
    return charts.line(
        [series("別々に作る", "Separate", yen=seen.siloed_yen, family="rest"),
         series("共通の基盤", "Shared", yen=seen.shared_yen, family="sum")],
        steps=[str(number) for number in range(1, len(seen.shared_yen) + 1)], language=request.language, title=title,
        desc=say(request, f"横は事業の数。{seen.programmes}つの事業なら、共通のほうが{saving}{less}なります。"
                          "入力はすべて下の表にあります。",
                 f"Across: number of programmes. For {seen.programmes}, sharing costs {saving} {less}. "
                 "Every input stands below."),
        source=say(request, "下の表の入力", "The inputs below"),
    )  # fmt: skip


def inputs(request: TownRequest, seen: Comparison) -> Table:
    """Every number of the sum with its source, and how far the answer moves when it is a third wrong."""
    swings = {swing.code: abs(swing.high_yen - swing.low_yen) for swing in seen.sensitivity}
    ordered = sorted(seen.inputs, key=lambda one: -swings[one.code])
    return table(
        request, "inputs", caption=("計算の入力と確かさ", "Inputs and how well they are known"),
        columns=[("入力", "Input"), ("値", "Value", "number"), ("確かさ", "Known from"),
                 ("±1/3での答えの動き", "Answer moves by", "number"), ("説明", "Note")],
        rows=[
            [say(request, one.name_ja, one.name_en), _value(request, one), say(request, *SOURCES[one.source]),
             {"amount": swings[one.code]}, say(request, one.note_ja, one.note_en)]
            for one in ordered
        ],
    )  # fmt: skip


def _value(request: TownRequest, one: Input) -> Any:
    if one.unit == "yen":
        return {"amount": round(one.value)}
    if one.unit == "share":
        return f"{one.value * 100:g}%"
    unit = say(request, UNITS[one.unit][0], f" {UNITS[one.unit][1]}")
    return f"{one.value:,.0f}{unit}"
