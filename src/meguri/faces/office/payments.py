"""Payments by provider: what has to be looked into, what goes back, and all orders of the department."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from meguri.faces.entrance.requests import TownRequest
from meguri.faces.office.desks import require_desk
from meguri.faces.office.frame import EVERYTHING, PAGE, attempt, chosen, cursor_of, done, may, officers_only, page, say
from meguri.faces.office.tables import Cell, Table, csv_of, is_csv, table, when
from meguri.programmes.parts import PaymentWay
from meguri.programmes.payment import WAYS
from meguri.programmes.vouchers import operations, orders
from meguri.programmes.vouchers.orders import NoticeView, OrderView, OwedView
from meguri.programmes.vouchers.paying import STATES
from meguri.words.yen import parse_yen

OUTCOMES = {
    "unknown_order": ("番号が見つからない入金", "Money for an order that nobody knows"),
    "wrong_amount": ("金額や通貨が違う入金", "Another amount or currency"),
    "paid_again": ("二重の支払い", "Paid a second time"),
    "returned": ("支払い代行会社が返したお金", "Money that the provider gave back"),
    "disputed": ("カードの持ち主からの異議", "A payment that the card's holder disputes"),
}
OWED_MOST = 10**9
LAST_MINUTE = timedelta(minutes=1)
"""A deadline is shown as the last minute that still counts."""
KINDS = {"early": ("速報", "Early"), "final": ("確報", "Final"), "withdrawn": ("速報取消", "Withdrawn"),
         "returned": ("返金", "Refund"), "disputed": ("異議", "Dispute")}  # fmt: skip


@officers_only
def payments(request: TownRequest) -> HttpResponse:
    """What is wrong with payments today comes first; each is closed by a note of what was done."""
    require_desk(request, "voucher.see_applications", family="voucher")
    refusal, taken = None, list[UUID]()
    if request.method == "POST":
        refusal = attempt(request, _acts(request, taken))
        if refusal is None:
            return redirect("office:receipt", taken[0]) if taken else redirect("office:payments")
    listed = _orders(request)
    if file := csv_of(request, listed):
        return file
    department, town = request.actor.department, request.municipality
    notices = [_notice(request, each) for each in orders.notices_to_look_into(department, municipality=town)]
    mend = [_to_mend(request, each) for each in orders.orders_to_mend(department, municipality=town, at=request.at)]
    return page(
        request, "payments", way="payments", refusal=refusal, notices=notices, mend=mend, orders=listed,
        path=[(reverse("office:vouchers"), say(request, "販売と抽選", "Sales and draw")),
              ("", say(request, "入金と返金", "Payments"))],
        may_mend=may(request, "voucher.mend_payment", department=department),
        owed=[_owed(request, each) for each in orders.debts_owed(department, municipality=town)],
        may_take=may(request, "voucher.sell_at_counter", department=department),
    )  # fmt: skip


def _acts(request: TownRequest, taken: list[UUID]) -> dict[str, Callable[[], object]]:
    """What may be done here; the receipt of cash that was taken joins `taken`."""
    by, at, note = request.actor, request.at, request.POST.get("note", "")

    def looked() -> None:
        operations.look_into(notice=chosen(request, "notice"), note=note, by=by, at=at)
        done(request, "調べたことを記録しました。", "What was found is recorded.")

    def refunded() -> None:
        operations.record_refund(order=chosen(request, "order"), note=note, by=by, at=at)
        done(request, "返金を記録し、本人に知らせました。", "The refund is recorded, and the buyer has been told.")

    def debt_taken() -> None:
        yen = parse_yen(request.POST.get("amount_yen", ""), field="amount_yen", most=OWED_MOST)
        taken.append(operations.take_debt(
            programme=chosen(request, "programme"), holder=chosen(request, "holder"), yen=yen, by=by, at=at,
        ))  # fmt: skip
        done(request, f"現金{yen:,}円を受け取りました。領収書を渡してください。",
             f"¥{yen:,} in cash were taken. Please hand the receipt over.")  # fmt: skip

    return {"looked": looked, "refunded": refunded, "debt_taken": debt_taken}


def _owed(request: TownRequest, each: OwedView) -> dict[str, Any]:
    return {
        "holder": each.holder, "programme": each.programme, "number": each.number, "yen": each.yen,
        "name": say(request, each.programme_name.ja, each.programme_name.en), "typed": f"{each.yen:,}",
    }  # fmt: skip


def _notice(request: TownRequest, each: NoticeView) -> dict[str, Any]:
    due = f"{each.due_yen:,}" if each.due_yen is not None else "—"
    return {
        "id": each.id, "title": say(request, *OUTCOMES[each.outcome]),
        "facts": [
            {"label": say(request, "通知の金額", "The notice says"), "value": f"{each.amount:,} {each.currency}"},
            {"label": say(request, "お支払いの額(円)", "Due (yen)"), "value": due},
            {"label": say(request, "通知", "Notice"), "value": f"{say(request, *KINDS[each.kind])} {each.number}"},
            {"label": say(request, "払込番号・注文番号", "Payment number"), "value": each.reference},
            {"label": say(request, "届いた時", "Heard"), "value": when(each.heard_at, request)},
        ],
    }  # fmt: skip


def _to_mend(request: TownRequest, each: OrderView) -> dict[str, Any]:
    waits = each.state == "early"
    why = say(request, "速報のあと、確報が期日を過ぎても届きません。代行会社に確かめてください。",
              "The early notice has no final one, and its day has passed. Please ask the provider.")  # fmt: skip
    return {
        "id": each.id, "is_refund": not waits, "yen": each.amount_yen,
        "title": say(request, "確報が届かない", "The final notice is missing") if waits
        else say(request, "返すお金", "Money to give back"),
        "why": why if waits else say(request, f"{each.because.ja}。", f"It goes back because {each.because.en}."),
        "number": each.application_number, "way": say(request, each.way_words.ja, each.way_words.en),
        "sale": reverse("office:sale", args=[each.sale]),
    }  # fmt: skip


def _orders(request: TownRequest) -> Table:
    limit = EVERYTHING if is_csv(request, "orders") else PAGE
    found = orders.department_orders(
        request.actor.department, municipality=request.municipality, after=cursor_of(request), limit=limit
    )
    return table(
        request, "orders", caption=("お支払いの一覧", "The payments"),
        columns=[("受付番号", "Receipt number", "keep"), ("方法", "Way"), ("払込番号", "Slip number", "keep"),
                 ("金額(円)", "Yen", "number"), ("状態", "State"), ("期限", "Until", "keep"), ("速報", "Early", "keep"),
                 ("確報", "Final", "keep")],
        rows=[_row(request, each) for each in found], after=found[-1].id if len(found) == PAGE else None,
        empty=("お支払いはまだありません", "No payment yet"),
    )  # fmt: skip


def _row(request: TownRequest, each: OrderView) -> list[Cell]:
    way, state = WAYS[PaymentWay(each.way)], STATES[each.state]
    return [
        each.application_number, say(request, way.ja, way.en), each.number, each.amount_yen,
        say(request, state.ja, state.en), when(each.pay_before - LAST_MINUTE, request), when(each.early_at, request),
        when(each.final_at, request),
    ]
