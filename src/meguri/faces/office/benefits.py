"""The desk of benefits: lists of entitled people, proposed, decided by another, paid; a choice at the desk."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from meguri.faces.design.lasting import lasting
from meguri.faces.entrance.requests import TownRequest
from meguri.faces.office.desks import require_desk
from meguri.faces.office.frame import (
    EVERYTHING,
    PAGE,
    attempt,
    called,
    cursor_of,
    done,
    may,
    officer_names,
    officers_only,
    page,
    picked,
    say,
    short,
)
from meguri.faces.office.reveals import shown
from meguri.faces.office.tables import Table, csv_of, is_csv, table, when
from meguri.parties import queries as parties
from meguri.parties.rules import require
from meguri.programmes import queries as programmes
from meguri.programmes.benefits import operations, queries
from meguri.programmes.benefits.queries import Benefit, ListView
from meguri.programmes.benefits.rules import ENTITLEMENT_UNKNOWN
from meguri.programmes.parts import Receipt
from meguri.vault.rules import Field
from meguri.words.yen import show_yen

LIST_STATES = {
    "draft": ("起票前", "Imported", "draft"), "proposed": ("承認待ち", "Awaits decision", "waiting"),
    "decided": ("支給決定", "Decided", "approved"), "released": ("支給済み", "Paid", "done"),
    "withdrawn": ("取下げ", "Withdrawn", "closed"),
}
STATES = {
    "draft": ("決定前", "Not decided"), "decided": ("決定", "Decided"), "chosen": ("選択済み", "Chosen"),
    "released": ("口座振込", "By bank"), "paid": ("財布に入金", "In the wallet"),
    "returned": ("返納", "Returned"),
}


@officers_only
@require_GET
def benefits(request: TownRequest) -> HttpResponse:
    """The department's lists, newest first."""
    require_desk(request, "benefit.see", family="benefit")
    own = [each for each in queries.lists(request.municipality) if each.department == request.actor.department]
    listed = table(
        request, "lists", caption=("名簿", "Lists"),
        columns=[
            ("名簿", "List"), ("事業", "Programme"), ("状態", "State"), ("取込", "Imported", "keep"),
            ("人数", "People", "number"), ("合計", "Total", "number"), ("除いた行", "Left out", "number"),
        ],
        rows=[_row(request, each) for each in own], empty=("名簿はまだありません", "No list yet"),
    )  # fmt: skip
    return csv_of(request, listed) or page(
        request, "benefits", way="benefits", table=listed,
        may_import=may(request, "benefit.import", department=request.actor.department),
    )


def _row(request: TownRequest, each: ListView) -> list[Any]:
    ja, en, badge = LIST_STATES[each.state]
    name = say(request, each.programme_name.ja, each.programme_name.en)
    return [
        {"url": reverse("office:benefit_list", args=[each.id]), "text": each.name or short(each.id)}, name,
        {"status": badge, "text": say(request, ja, en)}, when(each.imported_at, request), each.figures.count,
        {"amount": each.figures.total_yen}, each.faults,
    ]  # fmt: skip


@officers_only
def benefit_list(request: TownRequest, benefit_list: UUID) -> HttpResponse:
    """One list: may it be decided, may it be paid? Figures that show at a glance whether something is off."""
    seen = queries.list_page(benefit_list, municipality=request.municipality)
    require(request.actor, "benefit.see", department=seen.department)
    refusal = None
    if request.method == "POST":
        refusal = attempt(request, _acts(request, benefit_list))
        if refusal is None:
            return redirect("office:benefit_list", benefit_list=benefit_list)
        seen = queries.list_page(benefit_list, municipality=request.municipality)
    listed = _entitlements(request, seen)
    if file := csv_of(request, listed):
        return file
    ja, en, badge = LIST_STATES[seen.state]
    path = [(reverse("office:benefits"), say(request, "名簿と支給", "Lists and payment")), ("", seen.name)]
    return page(
        request, "benefit_list", way="benefits", path=path, refusal=refusal, list=seen, badge=badge,
        state=say(request, ja, en), title=_question(request, seen), entitlements=listed,
        tabs=_tabs(request, seen), waiting=sum(seen.by_state[state] for state in ("decided", "chosen")),
        **_people(request, seen),
    )  # fmt: skip


def _people(request: TownRequest, seen: ListView) -> dict[str, Any]:
    """Who made and judged it, and what the reader may do."""
    names = officer_names(request)
    mine = request.actor.party is not None and request.actor.party == seen.imported_by
    asked = parties.approval(seen.approval, municipality=request.municipality) if seen.approval else None
    return {
        "maker": called(names, seen.imported_by, language=request.language), "mine": mine, "asked": asked,
        "checker": called(names, seen.decided_by, language=request.language) if seen.decided_at else "",
        "may_import": may(request, "benefit.import", department=seen.department),
        "may_decide": may(request, "benefit.decide", department=seen.department),
        "may_release": may(request, "benefit.release", department=seen.department),
    }  # fmt: skip


def _acts(request: TownRequest, benefit_list: UUID) -> dict[str, Callable[[], object]]:
    by, at, note = request.actor, request.at, request.POST.get("note", "").strip()

    def propose() -> None:
        operations.propose_list(benefit_list=benefit_list, by=by, at=at, note=note)
        done(request, "承認を求めました。", "Submitted for decision.")

    def withdraw() -> None:
        operations.withdraw_list(benefit_list=benefit_list, by=by, at=at)
        done(request, "名簿を取り下げました。", "The list was withdrawn.")

    def decide() -> None:
        count = operations.decide(benefit_list=benefit_list, by=by, at=at, note=note)
        done(request, f"{count:,}人への支給を決定し、本人に知らせました。",
             f"Decided for {count:,} people; they were told.")

    def send_back() -> None:
        operations.send_back_list(benefit_list=benefit_list, note=note, by=by, at=at)
        done(request, "理由をつけて差し戻しました。", "Sent back with your reason.")

    def pay() -> None:
        paid = operations.disburse(benefit_list=benefit_list, by=by, at=at)
        done(
            request,
            f"財布へ{paid.to_wallets:,}人 {paid.to_wallets_yen:,}円、口座へ{paid.to_bank:,}人 {paid.to_bank_yen:,}円。"
            f"選択待ち{paid.waiting:,}人。",
            f"{paid.to_wallets:,} wallets ¥{paid.to_wallets_yen:,}; {paid.to_bank:,} to the bank "
            f"¥{paid.to_bank_yen:,}; {paid.waiting:,} still choosing.",
        )

    return {"propose": propose, "withdraw": withdraw, "decide": decide, "send_back": send_back, "pay": pay}


def _question(request: TownRequest, seen: ListView) -> str:
    return say(request, *{
        "draft": ("この名簿で承認を求めますか", "Shall this list be submitted?"),
        "proposed": ("この人たちへの支給を決めてよいですか", "May these people be paid?"),
        "decided": ("支給できますか", "Can it be paid now?"),
        "released": ("全員に届きましたか", "Has everybody received it?"),
        "withdrawn": ("この名簿は取り下げられました", "This list was withdrawn"),
    }[seen.state])


def _tabs(request: TownRequest, seen: ListView) -> list[dict[str, Any]]:
    chosen = request.GET.get("state", "")
    every = {"url": "?", "label": say(request, "すべて", "All"), "current": not chosen, "count": seen.figures.count}
    return [every, *(
        {"url": f"?state={state}", "label": say(request, *STATES[state]), "current": state == chosen, "count": count}
        for state, count in seen.by_state.items() if count
    )]


def _entitlements(request: TownRequest, seen: ListView) -> Table:
    limit = EVERYTHING if is_csv(request, "entitlements") else PAGE
    found = queries.entitlements(
        seen.id, municipality=request.municipality, at=request.at, state=request.GET.get("state", ""),
        after=cursor_of(request), limit=limit,
    )
    return table(
        request, "entitlements", caption=("支給の決定", "Entitlements"),
        columns=[("決定", "Entitlement"), ("根拠の行", "Row of the table"), ("金額", "Yen", "number"),
                 ("上乗せ", "Bonus", "number"), ("受け取り方", "Receipt"), ("状態", "State")],
        rows=[
            [{"url": reverse("office:entitlement", args=[each.id]), "text": short(each.person)},
             say(request, each.row.ja, each.row.en), {"amount": each.amount_yen},
             {"amount": each.bonus_yen} if each.bonus_yen else None,
             say(request, each.receipt_words.ja, each.receipt_words.en), say(request, *STATES[each.state])]
            for each in found
        ],
        after=found[-1].id if len(found) == PAGE else None,
        empty=("該当する人はいません", "Nobody here"),
    )  # fmt: skip


@officers_only
@never_cache
def entitlement(request: TownRequest, entitlement: UUID) -> HttpResponse:
    """One person's benefit; an officer writes down what the recipient says at the desk."""
    seen = _benefit(request, entitlement)
    require(request.actor, "benefit.see", department=seen.department)
    people = {say(request, "対象の人", "Entitled person"): seen.person}
    if seen.recipient != seen.person:
        people[say(request, "受け取る人", "Recipient")] = seen.recipient
    personal = shown(request, people, fields=[Field.NAME, Field.KANA, Field.ADDRESS, Field.PHONE])
    refusal = personal.refusal
    if request.method == "POST" and request.POST.get("act") != "reveal":
        refusal = attempt(request, {"choose": lambda: _choose(request, entitlement)})
        if refusal is None:
            return redirect("office:entitlement", entitlement=entitlement)
    path = [
        (reverse("office:benefits"), say(request, "名簿と支給", "Lists and payment")),
        (reverse("office:benefit_list", args=[seen.benefit_list]), say(request, "名簿", "List")),
        ("", short(seen.person)),
    ]
    named = request.GET.get("receipt", "")
    choice = next((each for each in seen.choices if each.receipt == named), None)
    options = [
        {"value": each.receipt, "label": say(request, each.words.ja, each.words.en),
         "note": show_yen(each.yen, request.language)}
        for each in seen.choices
    ]
    return page(
        request, "entitlement", way="benefits", path=path, refusal=refusal, one=seen, options=options, shown=personal,
        person=short(seen.person), recipient=short(seen.recipient),
        choice=choice, lasts=_lasts(request, seen) if choice else "",
        may_choose=bool(options) and may(request, "benefit.choose", department=seen.department),
    )


def _lasts(request: TownRequest, seen: Benefit) -> str:
    """Until when the recipient could spend it: lot may have decided that for them."""
    own = programmes.own_conditions(seen.programme, seen.recipient, municipality=request.municipality)
    terms = programmes.terms(seen.programme, municipality=request.municipality)
    return lasting(own.expiry if own else terms.expiry, terms, language=request.language)


def _benefit(request: TownRequest, entitlement: UUID) -> Benefit:
    seen = queries.benefit(entitlement, municipality=request.municipality, at=request.at)
    if seen is None:
        raise ENTITLEMENT_UNKNOWN.refusal()
    return seen


def _choose(request: TownRequest, entitlement: UUID) -> None:
    receipt = picked(request, "receipt", kind=Receipt)
    operations.choose_receipt(entitlement=entitlement, receipt=receipt, by=request.actor, at=request.at)
    done(request, "受け取り方を書き留めました。", "The choice is written down.")
