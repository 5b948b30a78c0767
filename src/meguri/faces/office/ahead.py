"""Before the launch: what is wrong, what the law says, what it would cost, whom it reaches, and the gate."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from meguri.faces.design.figures import show_day
from meguri.faces.entrance.requests import TownRequest
from meguri.faces.office.expected import learnt
from meguri.faces.office.frame import say
from meguri.faces.office.tables import Column, Table, table
from meguri.parties.rules import Both
from meguri.programmes import queries
from meguri.programmes.arms_ahead import ArmAhead, TrialAhead
from meguri.programmes.findings import Finding
from meguri.programmes.forecasting import Figure
from meguri.programmes.parts import Holder
from meguri.programmes.preview import Assumption, Preview
from meguri.programmes.queries import ProgrammeView
from meguri.programmes.terms import ProgrammeTerms
from meguri.words.yen import show_yen

FIGURES = {
    "takers": ("参加の見込み", "Expected to take part"), "letters": ("送る手紙", "Letters"),
    "codes_worth": ("コードの総額", "All codes together"),
    "wanted": ("ほしい口数", "Units wanted"), "sold": ("売れる口数", "Units sold"), "odds": ("当たる見込み", "Odds"),
    "sale_start": ("先着開始時の通信", "Requests at the start"),
    "ceiling_each": ("1人が得られる上限", "Most per person"),
    "bonus_each": ("1人が得られるボーナス", "Bonuses per person"), "bonuses": ("ボーナスの見込み", "Bonuses in all"),
    "entitled": ("対象になる人", "People entitled"), "benefit": ("給付の総額", "Benefits in all"),
    "peak_outstanding": ("未使用残高の最大", "Peak outstanding"),
}
ASSUMED = {
    "uptake_bp": ("対象の人のうち参加する割合", "Share of the eligible who take part"),
    "units_each": ("1人が望む口数", "Units that each asks for"),
    "local_money_bp": ("地域のお金を選ぶ割合", "Share who choose local money"),
}
UNITS = {"people": ("人", " people"), "units": ("口", " units"), "per_second": ("回/秒", " a second")}


def findings(request: TownRequest, found: Sequence[Finding]) -> list[dict[str, Any]]:
    """Every finding in words: errors first, each with its place in the document and the law behind it."""
    return [
        {"error": each.is_error, "text": each.sentence(request.language), "place": each.path, "law": each.law}
        for each in found
    ]


def preview(request: TownRequest, terms: ProgrammeTerms) -> dict[str, Any]:
    """What launch would bring, by what the town's last programme of the kind taught: as beside the form."""
    taught = learnt(terms, municipality=request.municipality)
    return shown(request, queries.look_ahead(terms, municipality=request.municipality, expectation=taught), terms=terms)


def shown(request: TownRequest, seen: Preview, *, terms: ProgrammeTerms) -> dict[str, Any]:
    """Figures, cost by fund and by budget line, who is left out, where it can be spent; each number with its sum."""
    figures = [{"label": say(request, "対象の人", "Eligible"), "note": _counted(request, seen, terms=terms),
                "value": f"{seen.eligible:,}{say(request, *UNITS['people'])}"}]
    figures += [_figure(request, each) for each in seen.figures]
    return {"figures": figures, "funds": _funds(request, seen), "lines": _lines(request, seen),
            "left_out": _left_out(request, seen), "reach": _reach(request, seen, terms=terms),
            "trial": _trial(request, seen.trial),
            "assumptions": [_assumption(request, each) for each in seen.assumptions]}


def _counted(request: TownRequest, seen: Preview, *, terms: ProgrammeTerms) -> str:
    """How the eligible were counted; of workers and students only those who are confirmed so far are known."""
    on = show_day(terms.eligibility.on, request.language, style="year")
    if seen.commuters is None:
        return say(
            request, f"{on}の住民台帳{seen.population:,}人のうち、条件を満たす人を数えた",
            f"those of {seen.population:,} people in the register who meet the condition on {on}, counted",
        )
    return say(
        request,
        f"{on}に町が知る{seen.population:,}人(住民台帳と、在勤・在学の確認がある人)のうち、条件を満たす人を数えた。"
        f"在勤・在学で入るのは、いま確認済みの{seen.commuters:,}人だけ。申し出の確認が進むと増える",
        f"those of {seen.population:,} people known on {on} (the register, and who is confirmed to work or study "
        f"here) who meet the condition, counted. By work or study come in only the {seen.commuters:,} who are "
        "confirmed by now; more will be, as people come forward",
    )


def _assumption(request: TownRequest, each: Assumption) -> dict[str, str]:
    """What was taken for granted, in words, and where it comes from."""
    value = f"{each.value / 100:g}%" if each.unit == "bp" else f"{each.value:,}{say(request, '口', ' units')}"
    return {"text": f"{say(request, *ASSUMED[each.code])}: {value}", "source": _both(request, each.source)}


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
        columns=[("財源", "Fund"), ("最大", "At most", "number"), ("見込み", "Expected", "number")],
        rows=[
            [{"text": _both(request, each.name), "note": say(request, "予算 ", "budget ")
              + show_yen(each.budget_yen, request.language)},
             {"amount": each.most_yen, "note": _sum(request, each.most_how)},
             {"amount": each.expected_yen, "note": _sum(request, each.expected_how)}]
            for each in seen.funds
        ],
    )  # fmt: skip


def _lines(request: TownRequest, seen: Preview) -> Table:
    sides = {True: say(request, "歳入", "revenue"), False: say(request, "歳出", "expenditure")}
    return table(
        request, "lines", caption=("予算科目ごとの費用", "Cost by budget line"), export=False,
        columns=[("予算科目(款・項・目・節)", "Budget line"), ("最大", "At most", "number"),
                 ("見込み", "Expected", "number")],
        rows=[
            [{"text": _both(request, each.name), "note": sides[each.is_revenue]},
             {"amount": each.most_yen, "note": _sum(request, each.how)}, {"amount": each.expected_yen}]
            for each in seen.lines
        ],
    )  # fmt: skip


def _sum(request: TownRequest, how: Both) -> str:
    return f"= {_both(request, how)}"


def _left_out(request: TownRequest, seen: Preview) -> Table:
    return table(
        request, "left_out", caption=("対象から外れる人", "Who is left out"), export=False,
        columns=[("理由", "Reason"), ("人数", "People", "number")],
        rows=[
            [_both(request, each.reason),
             {"text": each.people, "note": say(request, f"住民台帳{seen.population:,}人から数えた",
                                               f"counted among {seen.population:,} in the register")}]
            for each in seen.left_out
        ],
        empty=("外れる人はいません", "Nobody is left out"),
    )


def _reach(request: TownRequest, seen: Preview, *, terms: ProgrammeTerms) -> Table:
    names = {purse.code: say(request, purse.name.ja, purse.name.en) for purse in terms.purses}
    return table(
        request, "reach", caption=("使える店", "Where it can be spent"), export=False,
        columns=[("財布", "Purse"), ("使える店", "Shops", "number"), ("町の店", "All shops", "number")],
        rows=[
            [names[each.purse], {"text": f"{each.accepting:,}", "note": say(
                request, f"条件に合わない{each.shops - each.accepting:,}店は除く",
                f"{each.shops - each.accepting:,} shops do not meet the condition",
            )}, each.shops]
            for each in seen.purses
        ],
    )


def _trial(request: TownRequest, drawn: TrialAhead | None) -> dict[str, Any] | None:
    """How many would be drawn into each arm, what that costs, and the least difference that it could show."""
    if drawn is None:
        return None
    of = say(request, *(("世帯", " households") if drawn.per is Holder.HOUSEHOLD else ("人", " people")))
    units = f"{drawn.units:,}{of} = {_both(request, drawn.units_how)}"
    strata = say(
        request, f"区ごとに{drawn.strata}つに分けて抽選します。1つは平均 {drawn.in_stratum:,}{of}です。",
        f"Drawn in {drawn.strata} strata, by ward, of {drawn.in_stratum:,}{of} on average.",
    ) if drawn.strata > 1 else say(request, "層に分けずに抽選します。", "Drawn without strata.")  # fmt: skip
    how = [f"{_both(request, each.name)} — {_both(request, each.smallest_how)}"
           for each in drawn.arms if not each.is_control]
    return {"units": units, "strata": strata, "table": _arms(request, drawn, of=of), "how": how}


def _arms(request: TownRequest, drawn: TrialAhead, *, of: str) -> Table:
    shrinks = any(each.left_yen is not None for each in drawn.arms)
    columns: list[Column] = [
        ("群", "Arm", "keep"), ("見込みの数", "Expected", "number"),
        ("見つけられる差", "Smallest difference found", "number"), ("追加の費用", "Cost beyond the terms", "number"),
    ]
    columns += [("使わない10,000円の終わり", "10,000 unspent yen become", "number")] if shrinks else []
    rows = [
        [{"text": _both(request, each.name), "note": f"{each.share_bp / 100:g}%"},
         {"text": f"{each.units:,}{of}", "note": _sum(request, each.units_how)}, _smallest(request, each),
         {"amount": each.extra_yen, "note": _sum(request, each.extra_how)},
         *([{"amount": each.left_yen}] if shrinks else [])]
        for each in drawn.arms
    ]  # fmt: skip
    return table(
        request, "arms_ahead", caption=("群ごとの見込み", "The arms, looked ahead"), export=False, columns=columns,
        rows=rows,
    )


def _smallest(request: TownRequest, arm: ArmAhead) -> dict[str, Any]:
    if arm.is_control:
        return {"text": say(request, "比べる相手", "compared with")}
    if arm.smallest_bp is None:
        return {"text": say(request, "分からない", "cannot tell")}
    return {"text": say(request, f"{arm.smallest_bp / 100:.1f}ポイント", f"{arm.smallest_bp / 100:.1f} points")}


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
