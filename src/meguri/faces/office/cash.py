"""Cash at the counter: the receipts of the day, the till counted against them, the file for accounting."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from meguri.faces.entrance.requests import TownRequest
from meguri.faces.office.frame import (
    EVERYTHING,
    PAGE,
    attempt,
    called,
    department_names,
    done,
    may,
    officer_names,
    officers_only,
    page,
    say,
)
from meguri.faces.office.putting_right import actions, offered
from meguri.faces.office.tables import Cell, Table, csv_of, is_csv, table, when
from meguri.parties.rules import require
from meguri.programmes.vouchers import operations, orders
from meguri.programmes.vouchers import queries as vouchers
from meguri.programmes.vouchers.operations.receipts import COUNTED_MOST
from meguri.programmes.vouchers.orders import CashUpView, ReceiptView
from meguri.programmes.vouchers.queries import UnitFace
from meguri.wallets.paper import handed_as_paper
from meguri.words.actor import ActorRole
from meguri.words.yen import parse_yen

KINDS = {
    "sale": ("販売", "Sale"), "debt": ("返納", "Debt repaid"), "back": ("払戻し", "Paid back"),
    "fix": ("訂正", "Correction"),
}  # fmt: skip
"""What cash at the counter was for."""


@officers_only
def cash(request: TownRequest) -> HttpResponse:
    """What my till should hold, the form to count it, and the receipts and cash-ups that I may see."""
    department = _seen(request)
    require(request.actor, "voucher.see_cash", department=department, municipality=request.municipality)
    refusal = None
    if request.method == "POST":
        refusal = attempt(request, {"cash_up": _cash_up(request)})
        if refusal is None:
            return redirect("office:cash")
    receipts, ups = _receipts(request, department), _cash_ups(request, department)
    if file := csv_of(request, receipts, ups):
        return file
    me, own = request.actor.party or UUID(int=0), request.actor.department
    waiting = orders.receipts(own, municipality=request.municipality, clerk=me, uncounted=True, limit=EVERYTHING)
    return page(
        request, "cash", way="cash", refusal=refusal, receipts=receipts, cash_ups=ups, waiting=len(waiting),
        due_yen=orders.uncounted_yen(me, department=own, municipality=request.municipality),
        may_count=may(request, "voucher.sell_at_counter", department=own),
    )  # fmt: skip


@officers_only
def receipt(request: TownRequest, receipt: UUID) -> HttpResponse:
    """A receipt as somebody takes it home: in black and white, without a name. A mistake is put right here."""
    one = orders.receipt(receipt, municipality=request.municipality)
    require(request.actor, "voucher.see_cash", department=one.department, municipality=request.municipality)
    refusal = None
    if request.method == "POST":
        refusal = attempt(request, actions(request, one))
        if refusal is None:
            return redirect("office:receipt", receipt)
    rooms = department_names(request)
    path = [(reverse("office:cash"), say(request, "窓口の現金", "Cash at the counter")), ("", one.name)]
    return page(
        request, "receipt", way="cash", path=path, receipt=one, department=rooms.get(one.department, one.department),
        parts=[{"name": each.name, "part": each.part, "yen": each.yen * one.units} for each in _face(request, one)],
        refusal=refusal, booklets=handed_as_paper(one.posting, municipality=request.municipality),
        **offered(request, one),
    )  # fmt: skip


def _face(request: TownRequest, one: ReceiptView) -> Sequence[UnitFace]:
    """What one unit put into the buyer's wallet, by the buyer's own arm; nothing where no units were sold."""
    if not one.sale:
        return ()
    town = request.municipality
    bought = vouchers.application_by_number(one.application_number, sale=one.sale, municipality=town)
    return vouchers.sale_page(one.sale, municipality=town, resident=bought.resident if bought else None).face


def _seen(request: TownRequest) -> str:
    """The department whose cash is shown; accountants and operators see all."""
    everywhere = request.actor.role in {ActorRole.ACCOUNTANT, ActorRole.OPERATOR}
    return "" if everywhere else request.actor.department


def _cash_up(request: TownRequest) -> Callable[[], object]:
    def act() -> None:
        # a day's cash is more than one payment may be, and a till may have been emptied
        counted = parse_yen(
            request.POST.get("counted_yen", ""), field="counted_yen", least=-COUNTED_MOST, most=COUNTED_MOST
        )
        operations.cash_up(
            counted_yen=counted, reason=request.POST.get("reason", ""), by=request.actor, at=request.at
        )
        done(request, f"窓口を締めました。数えた現金は{counted:,}円です。", f"Cashed up: ¥{counted:,} were counted.")

    return act


def _receipts(request: TownRequest, department: str) -> Table:
    limit = EVERYTHING if is_csv(request, "receipts") else PAGE
    found = orders.receipts(department, municipality=request.municipality, limit=limit)
    names = officer_names(request)
    return table(
        request, "receipts", caption=("領収書", "Receipts"),
        columns=[("番号", "Number", "keep"), ("時刻", "Time", "keep"), ("種類", "Kind", "keep"), ("事業", "Programme"),
                 ("受付番号", "Application", "keep"), ("口数", "Units", "number"),
                 ("現金(円)", "Cash (yen)", "number"), ("プレミアム(円)", "On top (yen)", "number"),
                 ("担当", "Clerk"), ("締め", "Counted", "keep")],
        rows=[_receipt(request, each, names=names) for each in found],
        empty=("窓口の現金はまだ動いていません", "No cash has moved at the counter yet"),
    )  # fmt: skip


def _receipt(request: TownRequest, each: ReceiptView, *, names: dict[UUID, str]) -> list[Cell]:
    return [
        {"url": reverse("office:receipt", args=[each.id]), "text": each.name},
        when(each.sold_at, request, style="year"), say(request, *KINDS[each.kind]),
        say(request, each.programme_name.ja, each.programme_name.en), each.application_number, each.units or "",
        each.till_yen, each.granted_yen or "", called(names, each.clerk, language=request.language),
        say(request, "取り消し", "undone") if each.undone_at
        else say(request, "訂正済み", "corrected") if each.corrected_by
        else say(request, "済み", "yes") if each.cash_up else say(request, "まだ", "not yet"),
    ]


def _cash_ups(request: TownRequest, department: str) -> Table:
    limit = EVERYTHING if is_csv(request, "cash_ups") else PAGE
    found = orders.cash_ups(department, municipality=request.municipality, limit=limit)
    names = officer_names(request)
    return table(
        request, "cash_ups", caption=("締めの記録", "Cash-ups"),
        columns=[("時刻", "Time", "keep"), ("担当", "Clerk"), ("件数", "Receipts", "number"),
                 ("売上(円)", "Sold (yen)", "number"), ("返納(円)", "Debts (yen)", "number"),
                 ("払戻し(円)", "Paid back (yen)", "number"), ("訂正(円)", "Corrected (yen)", "number"),
                 ("数えた現金(円)", "Counted (yen)", "number"),
                 ("差額(円)", "Difference (yen)", "number"), ("理由", "Reason")],
        rows=[_up(request, each, names=names) for each in found],
        empty=("まだ締めていません", "Nobody has cashed up yet"),
    )  # fmt: skip


def _up(request: TownRequest, each: CashUpView, *, names: dict[UUID, str]) -> list[Cell]:
    return [
        when(each.made_at, request, style="year"), called(names, each.clerk, language=request.language), each.receipts,
        each.sold_yen, each.debts_yen, each.paid_back_yen, each.corrected_yen, each.counted_yen,
        each.difference_yen, each.reason,
    ]
