"""Value that moves in bulk: what expired, what shrinks, what lives longer, what is left at the end of a programme.

Seen before, ordered by two people, undone by two.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from meguri.faces.entrance.requests import TownRequest
from meguri.faces.office.frame import (
    attempt,
    called,
    chosen,
    done,
    may,
    officer_names,
    officers_only,
    page,
    picked,
    say,
)
from meguri.faces.office.tables import Table, csv_of, on_day, table
from meguri.parties import queries as parties
from meguri.parties.rules import require
from meguri.programmes import operations, queries
from meguri.programmes.demurrage import FundLoss, RunKind, by_fund, next_day
from meguri.programmes.parts import Demurrage, UnspentPaid
from meguri.programmes.queries import ProgrammePage, RunView

KINDS = {"expiry": ("失効", "Expiry"), "demurrage": ("減価", "Demurrage"), "extend": ("期限の延長", "Extension to"),
         "closing": ("終了時の処理", "Winding up")}
STATES = {
    "proposed": ("承認待ち", "Awaits approval", "waiting"), "ordered": ("実行中", "Going on", "live"),
    "done": ("済み", "Done", "done"), "undo_proposed": ("取消しの承認待ち", "Undoing awaits approval", "waiting"),
    "undo_ordered": ("取消し中", "Being undone", "live"), "undone": ("取り消した", "Undone", "closed"),
}  # fmt: skip


@officers_only
def runs(request: TownRequest, programme: UUID) -> HttpResponse:
    """What would leave the wallets of a programme now or next, and the runs so far."""
    require(request.actor, "programme.see")
    refusal = None
    if request.method == "POST":
        refusal = attempt(request, _acts(request, programme))
        if refusal is None:
            return redirect("office:runs", programme=programme)
    found = queries.programme_page(programme, municipality=request.municipality, at=request.at)
    view = found.programme
    shrinks, lapses = _demurrage(request, found), _expiry(request, found)
    extends, ends = _extension(request, found), _closing(request, found)
    tables = [each["table"] for each in (shrinks, lapses, extends) if each] + (ends["parts"] if ends else [])
    if file := csv_of(request, *tables):
        return file
    name = say(request, view.name_ja, view.name_en)
    path = [(reverse("office:programmes"), say(request, "事業", "Programmes")),
            (reverse("office:programme", args=[view.id]), name),
            ("", say(request, "残高の処理", "Bulk runs"))]
    return page(
        request, "runs", way="programmes", path=path, refusal=refusal, view=view, name=name, shrinks=shrinks,
        lapses=lapses, extends=extends, ends=ends, runs=_runs(request, view.id),
        may_propose=may(request, "approval.propose", department=view.department),
        may_order=may(request, "wallet.expire", department=view.department),
    )  # fmt: skip


def _acts(request: TownRequest, programme: UUID) -> Mapping[str, Callable[[], object]]:
    by, at = request.actor, request.at

    def propose() -> None:
        operations.propose_run(programme=programme, kind=picked(request, "kind", kind=RunKind), by=by, at=at)
        done(request, "承認を求めました。まだ何も動いていません。", "Submitted. Nothing has moved yet.")

    def undo() -> None:
        operations.propose_undo(run=chosen(request, "run"), by=by, at=at)
        done(request, "取消しの承認を求めました。口座に払い戻すことになった分は、もどりません。",
             "The undoing was submitted. What is owed to bank accounts stays owed.")

    def order() -> None:
        operations.order_run(approval=chosen(request, "approval"), by=by, at=at)
        done(request, "承認しました。少しずつ自動で進みます。この画面で進み具合を見られます。",
             "Approved. It goes on by itself, bit by bit; this page says how far it is.")

    def withdraw() -> None:
        operations.close_proposal(approval=chosen(request, "approval"), by=by, at=at)
        done(request, "取り下げました。", "Withdrawn.")

    def send_back() -> None:
        reason = request.POST.get("reason", "").strip() or say(request, "理由なし", "no reason given")
        operations.close_proposal(approval=chosen(request, "approval"), by=by, at=at, reason=reason)
        done(request, "差し戻しました。", "Sent back.")

    return {"propose": propose, "undo": undo, "order": order, "withdraw": withdraw, "send_back": send_back}


def _demurrage(request: TownRequest, found: ProgrammePage) -> dict[str, Any] | None:
    """The rule, the days that have begun, and what a day takes: the first that two officers are about, else the first
    that has begun, else the next.
    """
    demurrage, number = found.terms.demurrage, found.programme.id
    if demurrage is None or found.programme.launched_at is None:
        return None
    due = queries.days_to_run(number, municipality=request.municipality, at=request.at)
    waits = [each for each in queries.value_runs(number, municipality=request.municipality)
             if each.kind == RunKind.DEMURRAGE and each.state in ("proposed", "ordered")]  # fmt: skip
    asked, rate = (waits[-1].day, waits[-1].rate_bp) if waits else (None, demurrage.rate_bp)
    day = asked or (due[0] if due else next_day(demurrage, found.terms.spending.window.period, at=request.at))
    losses = queries.shrinking(number, day, rate_bp=rate, municipality=request.municipality) if day else []
    caption = (
        (f"{on_day(day, request)}に財布から財源に戻る額", f"What returns to the funds on {on_day(day, request)}")
        if day else ("減価", "Demurrage")
    )  # fmt: skip
    return {
        "rule": _rule(request, demurrage), "due": [on_day(each, request) for each in due],
        "next": on_day(day, request) if day and not (due or asked) else "",
        "asked": on_day(asked, request) if asked else "",
        "table": preview_table(request, found, name="demurrage", losses=by_fund(losses), caption=caption),
    }  # fmt: skip


def _rule(request: TownRequest, demurrage: Demurrage) -> str:
    rate = f"{demurrage.rate_bp / 100:g}"
    return say(
        request,
        f"{demurrage.every_days:,}日ごとに、無償で渡した残高の{rate}%が財源に戻ります(1円未満は残ります)。",
        f"Every {demurrage.every_days:,} days {rate}% of each granted balance returns to its fund "
        "(less than a yen stays).",
    )


def _expiry(request: TownRequest, found: ProgrammePage) -> dict[str, Any] | None:
    if found.programme.launched_at is None:
        return None
    lapsed = queries.lapsed(found.programme.id, municipality=request.municipality, at=request.at)
    caption = ("期限が切れて、まだ財布にある額", "What has expired and still lies in wallets")
    shown = preview_table(request, found, name="expiry", losses=by_fund(lapsed), caption=caption)
    return {"due": bool(lapsed), "table": shown}


def _extension(request: TownRequest, found: ProgrammePage) -> dict[str, Any] | None:
    """What the extension that stands has not moved yet; None where none stands or its day is over."""
    number = found.programme.id
    until = queries.extended_until(number, municipality=request.municipality)
    if until is None or until <= request.at:
        return None
    still = queries.extending(number, until=until, municipality=request.municipality)
    day = on_day(until - timedelta(days=1), request)
    waits = queries.waits_for_demurrage(number, municipality=request.municipality, at=request.at)
    caption = (f"{day}まで延ばす分のうち、まだ移していない額", f"What still has to move to live until {day}")
    shown = preview_table(request, found, name="extension", losses=by_fund(still), caption=caption)
    return {"day": day, "table": shown, "waits": bool(still) and waits}


def _closing(request: TownRequest, found: ProgrammePage) -> dict[str, Any] | None:
    """What is left in the wallets of a closed programme, where it goes, and whether its day has come."""
    view = found.programme
    if view.closed_at is None:
        return None
    rule = queries.winding_up(view.id, municipality=request.municipality)
    left = queries.remaining(view.id, municipality=request.municipality)
    parts = [
        preview_table(request, found, name=f"closing_{part}", caption=captions,
                 losses=by_fund(each for each in left if each.part == part))
        for part, captions in LEFT.items() if part in {purse.part for purse in found.terms.purses}
    ]  # fmt: skip
    return {
        "parts": parts, "due": bool(left) and rule.may_begin(request.at),
        "refunds": rule.unspent_paid == UnspentPaid.REFUNDED, "waits": not rule.may_begin(request.at),
        "first_day": on_day(rule.first_day, request),
    }  # fmt: skip


LEFT = {
    "paid": ("財布に残っている有償分", "Paid value left in wallets"),
    "granted": ("財布に残っている無償分", "Granted value left in wallets"),
}


def preview_table(
    request: TownRequest, found: ProgrammePage, *, name: str, losses: tuple[FundLoss, ...], caption: tuple[str, str]
) -> Table:
    """What a run is about, fund by fund: yen, how many people, and the least and the most of one of them."""
    names = {fund.id: say(request, fund.name_ja, fund.name_en) for fund in found.funds}
    return table(
        request, name, caption=caption,
        columns=[("財源", "Fund"), ("金額", "Yen", "number"), ("人数", "People", "number"),
                 ("一人の最小", "Least for one", "number"), ("一人の最大", "Most for one", "number")],
        rows=[
            [names.get(each.fund, ""), {"amount": each.amount_yen}, each.holders, {"amount": each.least_yen},
             {"amount": each.most_yen}]
            for each in losses
        ],
        total=[say(request, "合計", "Total"), {"amount": sum(each.amount_yen for each in losses)}, None, None, None]
        if len(losses) > 1 else None,
        empty=("いまはありません", "Nothing at the moment"),
    )  # fmt: skip


def _runs(request: TownRequest, programme: UUID) -> list[dict[str, Any]]:
    """Every run with the way it came; those that one approval covers are judged on the first of their lines."""
    names, judged, shown = officer_names(request), set[UUID | None](), []
    for each in queries.value_runs(programme, municipality=request.municipality):
        shown.append(_run(request, each, names=names, again=each.approval in judged))
        judged.add(each.approval)
    return shown


def _run(request: TownRequest, each: RunView, *, names: Mapping[UUID, str], again: bool) -> dict[str, Any]:
    asked = parties.approval(each.approval, municipality=request.municipality) if each.approval else None
    ja, en, badge = STATES[each.state]
    waits = asked is not None and not again and each.state in ("proposed", "undo_proposed")
    return {
        "id": each.id, "approval": each.approval, "kind": say(request, *KINDS[each.kind]),
        "day": on_day(each.day, request), "label": say(request, ja, en), "badge": badge, "waits": waits,
        "maker": called(names, asked.made_by, language=request.language) if asked else "",
        "mine": asked is not None and asked.made_by == request.actor.party,
        "may_undo": each.state in ("done", "ordered"), "done_at": each.undone_at or each.done_at,
    }  # fmt: skip
