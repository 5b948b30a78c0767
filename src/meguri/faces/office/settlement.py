"""The accounting desk: settlements by cutoff, what each would move, payouts, the second person's approval, the file."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from meguri.faces.design.figures import last_day, short_yen, show_day
from meguri.faces.entrance.requests import TownRequest
from meguri.faces.office import settled
from meguri.faces.office.frame import (
    TOTAL_MOST,
    attempt,
    called,
    chosen,
    done,
    may,
    officer_names,
    officers_only,
    page,
    say,
)
from meguri.faces.office.tables import Table, csv_file, csv_of, on_day, table, when, written
from meguri.parties import queries as parties
from meguri.parties.rules import require
from meguri.settlement import operations, queries
from meguri.settlement.progress import Progress, of_run
from meguri.settlement.queries import PayoutView, RunView, SettlementPreview
from meguri.settlement.rules import RUN_UNKNOWN
from meguri.settlement.statement import Named, csv_rows, file_name
from meguri.words.clock import JST, midnight
from meguri.words.refusal import Refusal
from meguri.words.wareki import parse_date
from meguri.words.yen import parse_yen

RUN_STATES: Mapping[Progress, tuple[str, str, str]] = {
    Progress.LOOKED_AT: ("試算のみ", "Looked at", "draft"),
    Progress.NOTHING: ("支払いなし", "Nothing to pay", "done"),
    Progress.UNAPPROVED: ("締め済み・承認待ち", "Settled, awaits approval", "waiting"),
    Progress.OVERDUE: ("遅れ・承認されていません", "Late: not approved", "late"),
    Progress.APPROVED: ("承認済み・銀行へ送る前", "Approved, not yet with the bank", "approved"),
    Progress.LATE: ("遅れ・銀行へ送っていません", "Late: the bank has no file", "late"),
    Progress.WITH_BANK: ("銀行へ渡した", "With the bank", "approved"),
    Progress.PAID: ("振込済み", "Transferred", "done"),
    Progress.WITHDRAWN: ("取り下げ・次の精算で支払い", "Withdrawn, paid by a later run", "done"),
}


@officers_only
def settlements(request: TownRequest) -> HttpResponse:
    """All settlements, and the next one: look first, then run."""
    require(request.actor, "settlement.see")
    values: dict[str, Any] = {}
    refusal = None
    if request.method == "POST":
        try:
            cutoff = midnight(parse_date(request.POST.get("cutoff", ""), field="cutoff"))
            if request.POST.get("act") == "run":
                return _run(request, cutoff)
            values = _previewed(request, operations.preview_settlement(by=request.actor, at=request.at, cutoff=cutoff))
        except Refusal as no:
            refusal = no
    listed = _runs(request)
    today = request.at.astimezone(JST).date()
    return csv_of(request, listed) or page(
        request, "settlements", way="settlements", refusal=refusal, table=listed, today=today,
        may_run=may(request, "settlement.run"), figures=_figures(request), **values,
    )


def _figures(request: TownRequest) -> list[dict[str, Any]]:
    """Owed now, since when, and when the next money leaves."""
    owed = queries.owed(request.municipality, at=request.at)
    none = "—" if owed.yen else say(request, "なし", "none")
    since = show_day(last_day(owed.since), request.language) if owed.since else none
    unsettled = short_yen(owed.takings_yen, request.language)
    return [
        {"label": say(request, "いま未払い", "Owed now"), "value": short_yen(owed.yen, request.language),
         "note": say(request, f"うち、まだ締めていない売上 {unsettled}", f"of it not yet settled: {unsettled}")},
        {"label": say(request, "いちばん古い未払い", "Oldest unpaid"), "value": since,
         "note": say(request, "この日までの分の精算", "settled up to this day") if owed.since else ""},
        {"label": say(request, "次の振込日", "Next pay day"),
         "value": show_day(owed.pay_on, request.language) if owed.pay_on else none},
    ]


def _run(request: TownRequest, cutoff: datetime) -> HttpResponse:
    before = queries.run_of_cutoff(cutoff, municipality=request.municipality)
    made = operations.run_settlement(by=request.actor, at=request.at, cutoff=cutoff)
    if before is not None:
        ja, en, _ = _state(request, before)
        done(request, f"この締めはもう済んでいます({ja})。何も動いていません。",
             f"This cutoff was settled before ({en}). Nothing has moved.")
    elif made.payouts_count:
        done(request,
             f"精算を締めました。{made.statements_count:,}店 {made.takings_yen:,}円。別の出納の承認を待ちます。",
             f"Settled: {made.statements_count:,} shops, ¥{made.takings_yen:,}. It waits for the second accountant.")
    else:
        done(request, "精算を締めました。支払うものはありませんでした。", "Settled. There was nothing to pay.")
    return redirect("office:settlement", run=made.id)


def _previewed(request: TownRequest, seen: SettlementPreview) -> dict[str, Any]:
    """What a cutoff would do; of one that was settled before only where to find it."""
    if seen.run.state != "previewed":
        return {"settled": seen.run, "settled_state": say(request, *_state(request, seen.run)[:2])}
    names = shop_names(request)
    due = table(
        request, "due", export=False,
        caption=("店ごとの売上(まだ動いていません)", "Takings by shop (nothing has moved)"),
        columns=[("店", "Shop"), ("支払い", "Payments", "number"), ("返金", "Refunds", "number"),
                 ("精算する額", "To settle", "number")],
        rows=[
            [names.get(shop.owner, ("", str(shop.owner)))[1], each.payments, each.refunds, {"amount": shop.yen}]
            for shop, each in sorted(seen.takings, key=lambda pair: -pair[0].yen)[:100]
        ],
        count=len(seen.takings), empty=("精算する売上はありません", "There are no takings to settle"),
    )  # fmt: skip
    takings, waiting = sum(each.yen for each, _ in seen.takings), sum(each.yen for each in seen.waiting)
    return {"seen": seen, "due": due, "takings_yen": takings, "waiting_yen": waiting, "total_yen": takings + waiting}


def _runs(request: TownRequest) -> Table:
    return table(
        request, "settlements", caption=("精算", "Settlements"),
        columns=[
            ("締め", "Cutoff", "keep"), ("状態", "State"), ("店", "Shops", "number"), ("売上", "Takings", "number"),
            ("振込", "Payouts", "number"), ("振込額", "Paid", "number"), ("振込日", "Pay day", "keep"),
        ],
        rows=[_row(request, each) for each in queries.runs(request.municipality)],
        empty=("まだ精算はありません", "No settlement yet"),
    )  # fmt: skip


def _progress(request: TownRequest, each: RunView) -> Progress:
    today = request.at.astimezone(JST).date()
    return of_run(each.state, payouts_count=each.payouts_count, pay_on=each.pay_on, today=today)


def _state(request: TownRequest, each: RunView) -> tuple[str, str, str]:
    """A run's progress in words and as a badge."""
    return RUN_STATES[_progress(request, each)]


def _row(request: TownRequest, each: RunView) -> list[Any]:
    ja, en, badge = _state(request, each)
    cutoff = when(each.cutoff, request, style="year")
    first = cutoff if each.state == "previewed" else {
        "url": reverse("office:settlement", args=[each.id]), "text": cutoff}
    return [
        first, {"status": badge, "text": say(request, ja, en)}, each.statements_count, {"amount": each.takings_yen},
        each.payouts_count, {"amount": each.payouts_yen}, on_day(each.pay_on, request),
    ]  # fmt: skip


@officers_only
def settlement(request: TownRequest, run: UUID) -> HttpResponse:
    """One settlement: may the money leave? Statements, payouts, what stands out, the approval, the file."""
    require(request.actor, "settlement.see")
    refusal = None
    if request.method == "POST":
        refusal = attempt(request, _acts(request, run))
        if refusal is None:
            return redirect("office:settlement", run=run)
    seen = queries.run(run, municipality=request.municipality)
    if seen is None:
        raise RUN_UNKNOWN.refusal()
    statements = settled.statements(request, run, names=shop_names(request))
    payouts = settled.payouts(request, run, names=shop_names(request))
    if file := csv_of(request, statements, payouts):
        return file
    ja, en, badge = _state(request, seen)
    cutoff = when(seen.cutoff, request, style="year")
    path = [(reverse("office:settlements"), say(request, "精算と振込", "Settlement")), ("", cutoff)]
    return page(
        request, "settlement", way="settlements", path=path, refusal=refusal, run=seen, badge=badge, cutoff=cutoff,
        state=say(request, ja, en), statements=statements, payouts=payouts,
        file=queries.file(run, municipality=request.municipality),
        title=say(request, *QUESTIONS[_progress(request, seen)]),
        late=_progress(request, seen) in (Progress.LATE, Progress.OVERDUE),
        **_money(request, seen),
    )  # fmt: skip


def _money(request: TownRequest, seen: RunView) -> dict[str, Any]:
    """What the approver must see beside the button."""
    names = officer_names(request)
    paid = queries.payouts(municipality=request.municipality, run=seen.id, limit=1_000_000)
    ready = [each for each in paid if each.state == "payable" and not each.held_because and not each.fault]
    before = queries.duties_of_year_before(seen.id, municipality=request.municipality)
    return {
        "of_year_before": before,
        "year_before_name": say(request, before.year.name_ja, before.year.name_en) if before else "",
        "maker": called(names, seen.made_by, language=request.language),
        "checker": called(names, seen.approved_by, language=request.language) if seen.approved_at else "",
        "mine": seen.made_by is not None and seen.made_by == request.actor.party,
        "ready_count": len(ready), "ready_yen": sum(each.amount_yen for each in ready),
        "held": [each for each in paid if each.held_because], "left_out": [each for each in paid if each.fault],
        "outliers": queries.standing_out(seen.id, municipality=request.municipality),
        "payout_rows": settled.payout_rows(request, _dealt_with(seen, paid), names=shop_names(request)),
        "may_approve": may(request, "settlement.approve"), "may_download": may(request, "settlement.download"),
        "may_hold": may(request, "settlement.hold"), "may_run": may(request, "settlement.run"),
    }  # fmt: skip


QUESTIONS: Mapping[Progress, tuple[str, str]] = {
    Progress.LOOKED_AT: ("この試算で締めますか", "Shall it be settled like this?"),
    Progress.NOTHING: ("この締めで支払うものはありません", "This cutoff leaves nothing to pay"),
    Progress.UNAPPROVED: ("この振込を認めてよいですか", "May these payouts leave?"),
    Progress.OVERDUE: ("なぜまだ承認していないのですか", "Why is it not approved yet?"),
    Progress.APPROVED: ("銀行にファイルを渡しましたか", "Does the bank have the file?"),
    Progress.LATE: ("なぜまだ銀行へ送っていないのですか", "Why has the bank no file yet?"),
    Progress.WITH_BANK: ("振込日を待っています", "Waiting for the transfer day"),
    Progress.PAID: ("戻ってきた振込はありますか", "Has any transfer come back?"),
    Progress.WITHDRAWN: ("このファイルでは誰にも支払っていません", "This file has paid nobody"),
}


def _dealt_with(seen: RunView, paid: Sequence[PayoutView]) -> list[PayoutView]:
    """Payouts that a form may name: before the approval those that wait, after the hand-over those the bank has."""
    state = {"run": "payable", "sent": "sent"}.get(seen.state)
    return [each for each in paid if each.state == state]


def _acts(request: TownRequest, run: UUID) -> dict[str, Callable[[], object]]:
    by, at = request.actor, request.at

    def approve() -> None:
        count = parse_yen(request.POST.get("confirmed_count", ""), field="confirmed_count", least=0)
        yen = parse_yen(request.POST.get("confirmed_yen", ""), field="confirmed_yen", least=0, most=TOTAL_MOST)
        made = operations.approve_payouts(by=by, at=at, run=run, confirmed_count=count, confirmed_yen=yen)
        file = made.file
        done(request,
             f"振込 {file.transfers_count:,}件 {file.amount_yen:,}円を認めました。ファイルができました。"
             "銀行に渡してください。",
             f"{file.transfers_count:,} payouts, ¥{file.amount_yen:,}, approved. Now give the file to the bank.")

    def sent() -> None:
        made = operations.mark_sent(by=by, at=at, run=run, year_before=request.POST.get("year_before") == "yes")
        done(request, f"銀行に渡したことを記録しました。振込日は{on_day(made.pay_on, request)}です。",
             f"Noted: the bank has the file. It pays on {on_day(made.pay_on, request)}.")

    def withdraw() -> None:
        operations.withdraw_file(by=by, at=at, run=run, reason=_reason(request))
        done(request, "ファイルを取り下げました。次の精算で支払います。銀行には渡さないでください。",
             "Withdrawn. The next settlement pays. Do not give this file to the bank.")

    def returned() -> None:
        operations.return_payout(by=by, at=at, payout=chosen(request, "payout"), reason=_reason(request))
        done(request, "振込不能を記録しました。次の精算でもう一度支払います。",
             "Noted. The next settlement pays it again.")

    def hold() -> None:
        operations.hold_payout(by=by, payout=chosen(request, "payout"), reason=_reason(request))
        done(request, "振込を保留しました。", "The payout is held.")

    def release() -> None:
        operations.release_payout(by=by, payout=chosen(request, "payout"))
        done(request, "保留を解きました。", "Released.")

    return {
        "approve": approve, "sent": sent, "withdraw": withdraw, "returned": returned, "hold": hold, "release": release,
    }  # fmt: skip


def _reason(request: TownRequest) -> str:
    return request.POST.get("reason", "")


@officers_only
@require_POST
def transfer_file(request: TownRequest, run: UUID) -> HttpResponse:
    """The bank's file, byte for byte. A POST, because who fetched it is written down."""
    content = operations.read_transfer_file(by=request.actor, at=request.at, run=run)
    response = HttpResponse(content, content_type="application/octet-stream")
    response["Content-Disposition"] = f'attachment; filename="zengin-{str(run)[-12:]}.txt"'
    response["Cache-Control"] = "no-store"
    return response


@officers_only
@require_GET
def statement(request: TownRequest, statement: UUID) -> HttpResponse:
    """A shop's statement as the shop reads it; also as CSV and printed."""
    require(request.actor, "settlement.see")
    seen = queries.statement(statement, municipality=request.municipality, at=request.at)
    if seen is None:
        raise RUN_UNKNOWN.refusal()
    code, name = shop_names(request).get(seen.shop, ("", ""))
    if request.GET.get("format") == "csv":
        rows = csv_rows([seen], shops={seen.shop: (code, Named(name, name))}, language=request.language)
        return csv_file(written(rows), name=file_name(seen).removesuffix(".csv"))
    path = [(reverse("office:settlements"), say(request, "精算と振込", "Settlement")),
            (reverse("office:settlement", args=[seen.run]), when(seen.cutoff, request, style="year")), ("", name)]
    return page(
        request, "statement", way="settlements", path=path, one=seen, shop=name, code=code,
        parts=settled.statement_parts(request, seen),
    )


def shop_names(request: TownRequest) -> dict[UUID, tuple[str, str]]:
    """Every shop's printed code and name."""
    found = parties.shops(municipality=request.municipality, limit=100_000, open_only=False)
    return {each.id: (each.code, say(request, each.name_ja, each.name_en)) for each in found}
