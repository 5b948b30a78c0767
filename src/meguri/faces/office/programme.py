"""One programme from all sides: its life, the question of its stage, its document, its money; and what may be done."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from datetime import date
from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from meguri.evidence import queries as evidence
from meguri.evidence.flows import MoneyFigures
from meguri.faces.design.figures import short_yen
from meguri.faces.entrance.requests import TownRequest
from meguri.faces.office import ahead, evidence_charts, origin
from meguri.faces.office.document import sections
from meguri.faces.office.document_preview import PREVIEWED
from meguri.faces.office.frame import (
    TOTAL_MOST,
    attempt,
    called,
    chosen,
    department_names,
    done,
    may,
    officer_names,
    officers_only,
    page,
    say,
)
from meguri.faces.office.happened import happened
from meguri.faces.office.life import BADGES, days, question, stations
from meguri.faces.office.money import parts_of, whole_budget
from meguri.faces.office.programme_money import agreements, appropriations, funds
from meguri.faces.office.programmes import STATES
from meguri.faces.office.tables import csv_of
from meguri.faces.office.versions import coming_row, version_rows
from meguri.faces.office.waiting import work_of
from meguri.parties import queries as parties
from meguri.parties.rules import require
from meguri.programmes import operations, queries
from meguri.programmes.campaign_terms import GrantByCampaign
from meguri.programmes.parts import Funder
from meguri.programmes.queries import ProgrammePage
from meguri.words.clock import day
from meguri.words.refusal import Refusal
from meguri.words.wareki import parse_date
from meguri.words.yen import parse_yen, show_yen


@officers_only
def programme(request: TownRequest, programme: UUID) -> HttpResponse:
    """Show it, or do what a button says and come back."""
    require(request.actor, "programme.see")
    refusal = None
    if request.method == "POST":
        refusal = attempt(request, _acts(request, programme))
        if refusal is None:
            return redirect("office:programme", programme=programme)
    found = queries.programme_page(programme, municipality=request.municipality, at=request.at)
    tables = [each for each in (funds(request, found), agreements(request, found), appropriations(request, found))
              if each.rows]
    if file := csv_of(request, *tables):
        return file
    view = found.programme
    budget = whole_budget(found.funds)
    so_far = happened(view, budget=budget, municipality=request.municipality)
    path = [(reverse("office:programmes"), say(request, "事業", "Programmes")),
            ("", say(request, view.name_ja, view.name_en))]
    return page(
        request, "programme", way="programmes", path=path, refusal=refusal, view=view, badge=BADGES[view.state],
        state=say(request, *STATES[view.state]), title=say(request, view.name_ja, view.name_en),
        question=question(request, view, terms=found.terms, happened=so_far),
        stations=stations(request, view, terms=found.terms, happened=so_far),
        days=days(request, view, terms=found.terms),
        sections=sections(found.terms, request.language), total=budget.loaded_yen,
        parts=parts_of(budget, family=view.family, language=request.language, url="#funds"), tables=tables,
        department=department_names(request).get(view.department, view.department),
        fund_options=_fund_options(request, found), ways=_ways(request, found), today=request.at,
        versions=version_rows(request, view), coming=coming_row(request, view),
        **_stage(request, found), **origin.shown(request, found.terms),
    )  # fmt: skip


def _acts(request: TownRequest, programme: UUID) -> dict[str, Callable[[], object]]:
    by, at, note = request.actor, request.at, request.POST.get("note", "").strip()

    def submit() -> None:
        operations.submit_for_launch(programme=programme, by=by, at=at, note=note)
        done(request, "承認を求めました。承認者の机に載りました。", "Submitted. It now lies on the checkers' desks.")

    def withdraw() -> None:
        operations.withdraw_proposal(programme=programme, by=by, at=at)
        done(request, "承認の求めを取り下げました。", "The request was withdrawn.")

    def launch() -> None:
        operations.launch(programme=programme, by=by, at=at)
        done(request, "公開しました。予算が配当され、店と財布がこの事業を知りました。",
             "Launched. The budget is loaded, and tills and wallets know the programme.")

    def send_back() -> None:
        operations.send_back(programme=programme, note=note, by=by, at=at)
        done(request, "理由をつけて差し戻しました。", "Sent back with your reason.")

    def close() -> None:
        operations.close_programme(programme=programme, by=by, at=at)
        done(request, "事業を閉じました。持っている人は期限まで使えます。", "Closed. What people hold stays good.")

    return {
        "submit": submit, "withdraw": withdraw, "launch": launch, "send_back": send_back, "close": close,
        "appropriate": lambda: _appropriate(request, returned=False),
        "return": lambda: _appropriate(request, returned=True),
    }  # fmt: skip


def _appropriate(request: TownRequest, *, returned: bool) -> None:
    """Load a fund, or take back what is left, by a decision of a day."""
    move = operations.return_appropriation if returned else operations.appropriate_budget
    decided: date = parse_date(request.POST.get("decided_on", ""), field="decided_on")
    amount = parse_yen(request.POST.get("amount_yen", ""), most=TOTAL_MOST)
    move(
        fund=chosen(request, "fund"), amount_yen=amount, reason=request.POST.get("reason", "").strip(),
        decided_on=decided, by=request.actor, at=request.at,
    )  # fmt: skip
    done(request, f"{amount:,}円を" + ("減額しました。" if returned else "配当しました。"),
         f"¥{amount:,} " + ("returned." if returned else "appropriated."))


def _stage(request: TownRequest, found: ProgrammePage) -> dict[str, Any]:
    """What the page's middle needs: before launch the findings, the preview and the gate; afterwards the next steps."""
    view = found.programme
    values: dict[str, Any] = {
        "may_draft": view.state == "draft" and may(request, "programme.draft", department=view.department),
        "may_submit": view.state == "draft" and may(request, "programme.submit", department=view.department),
        "may_withdraw": view.state == "proposed" and may(request, "programme.submit", department=view.department),
        "may_launch": view.state == "proposed" and may(request, "programme.launch", department=view.department),
        "may_amend": view.state == "launched" and may(request, "programme.amend", department=view.department),
        "may_close": view.state == "launched" and may(request, "programme.close", department=view.department),
        "may_appropriate": view.state == "launched"
        and may(request, "budget.appropriate", department=view.department),
    }
    if view.state not in ("draft", "proposed"):
        return values | _running(request, found)
    findings = queries.findings(found.terms, today=day(request.at))
    errors = {each.code for each in findings if each.is_error}
    values |= {"findings": ahead.findings(request, findings), "unsound": bool(errors)}
    values["budgeted"] = [
        {"label": say(request, fund.name.ja, fund.name.en), "value": show_yen(fund.amount_yen, request.language)}
        for fund in found.terms.funds if fund.funder is not Funder.BUYERS
    ]
    values["is_over"] = "programme_is_over" in errors
    if PREVIEWED.issuperset(errors):
        with suppress(Refusal):
            values["ahead"] = ahead.preview(request, found.terms)
    if view.approval is not None:
        values |= _asked(request, found)
    values["gate"] = ahead.conditions(request, view, findings=findings, mine=bool(values.get("mine")))
    values["gate_open"] = all(item["fulfilled"] for item in values["gate"])
    return values


def _running(request: TownRequest, found: ProgrammePage) -> dict[str, Any]:
    """After launch: what is to be done, what was issued and spent, week by week."""
    view = found.programme
    own = view.department == request.actor.department
    money = evidence.money_by_programme(request.municipality).get(view.id, MoneyFigures())
    weeks = evidence.weekly(request.municipality, programme=view.id)
    figures = [
        ("渡した", "Issued", money.issued_yen + money.to_bank_yen),
        ("使われた・届いた", "Delivered", money.delivered_yen), ("失効", "Lapsed", money.lapsed_yen),
    ]  # fmt: skip
    return {
        "work": list(work_of(request, view, name=say(request, view.name_ja, view.name_en))) if own else [],
        "figures": [{"label": say(request, ja, en), "value": short_yen(yen, request.language)}
                    for ja, en, yen in figures],
        "chart": evidence_charts.weeks(request, weeks, family=view.family),
    }  # fmt: skip


def _asked(request: TownRequest, found: ProgrammePage) -> dict[str, Any]:
    """Who asked for the approval, and whether that is the reader."""
    assert found.programme.approval is not None  # noqa: S101 - the caller looked
    asked = parties.approval(found.programme.approval, municipality=request.municipality)
    if asked is None:
        return {}
    maker = called(officer_names(request), asked.made_by, language=request.language)
    return {"asked": asked, "maker": maker, "mine": asked.made_by == request.actor.party}


DESKS = {
    "voucher": ("vouchers", "voucher.see_applications", "販売と抽選", "Sales and draw"),
    "point": ("points", "action.attest", "行動と場所", "Actions"),
    "benefit": ("benefits", "benefit.see", "名簿と支給", "Lists and payment"),
}
"""By family: the desk, what must be allowed there, and its name."""


def _ways(request: TownRequest, found: ProgrammePage) -> list[dict[str, str]]:
    """The desks from which a running programme is worked on, those that let the reader in."""
    view = found.programme
    campaigns = {"url": reverse("office:campaigns", args=[view.id]), "label": say(request, "キャンペーン", "Campaigns")}
    more = [campaigns] if isinstance(found.terms.obtaining, GrantByCampaign) else []
    if view.state in ("draft", "proposed"):
        return [{"url": reverse("office:dry_runs", args=[view.id]), "label": say(request, "予行する", "Try it")}, *more]
    name, action, ja, en = DESKS[view.family]
    own = view.department == request.actor.department and may(request, action, department=view.department)
    desk = [{"url": reverse(f"office:{name}"), "label": say(request, ja, en)}]
    evidence = {"url": reverse("office:evidence_programme", args=[view.id]),
                "label": say(request, "使われ方と効果", "Evidence")}
    runs = {"url": reverse("office:runs", args=[view.id]), "label": say(request, "残高の処理", "Bulk runs")}
    drawn = {"url": reverse("office:arms", args=[view.id]), "label": say(request, "条件の抽選", "Arms")}
    seen = [evidence, runs, *([drawn] if found.terms.trial else [])] if may(request, "evidence.see") else [runs]
    return [*more, *(desk if own else []), *seen]


def _fund_options(request: TownRequest, found: ProgrammePage) -> list[dict[str, str]]:
    return [
        {"value": str(fund.id), "label": say(request, fund.name_ja, fund.name_en)}
        for fund in found.funds if fund.funder != "buyers"
    ]
