"""A receipt that was a mistake: undone by its clerk, or a correction asked for and judged."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.db import transaction

from meguri.faces.entrance.requests import TownRequest
from meguri.faces.office.frame import called, done, may, officer_names
from meguri.parties.queries import ApprovalView
from meguri.programmes.vouchers import operations
from meguri.programmes.vouchers.operations.corrections import CORRECTED_BY, correction_asked
from meguri.programmes.vouchers.orders import ReceiptView
from meguri.wallets.brought_back import take_paper_back
from meguri.words.period import day_of

PAPER_BACK = "販売の取り消し"
"""What stands in the list of void notes."""


def offered(request: TownRequest, one: ReceiptView) -> dict[str, Any]:
    """What this officer may do with this receipt now, and the request for a correction that is open."""
    asked = correction_asked(one.id, municipality=request.municipality)
    stands = one.undone_at is None and one.corrected_by is None and one.kind != "fix"
    is_own = one.clerk == request.actor.party and may(
        request, "voucher.sell_at_counter", department=one.department
    )  # fmt: skip
    may_undo = stands and is_own and one.cash_up is None and day_of(one.sold_at) == day_of(request.at)
    may_ask = stands and asked is None and may(request, "voucher.sell_at_counter", department=one.department)
    return {
        "may_undo": may_undo, "may_ask": may_ask and not may_undo, "asked": _asked(request, asked),
        "may_judge": asked is not None and asked.made_by != request.actor.party
        and may(request, CORRECTED_BY, department=one.department),
        "gives_back": one.till_yen > 0,
    }  # fmt: skip


def _asked(request: TownRequest, asked: ApprovalView | None) -> dict[str, Any] | None:
    if asked is None:
        return None
    by = called(officer_names(request), asked.made_by, language=request.language) if asked.made_by else ""
    return {"by": by, "at": asked.made_at, "because": asked.note}


def actions(request: TownRequest, one: ReceiptView) -> dict[str, Callable[[], object]]:
    """The buttons. What was handed over as paper comes back first, in the same transaction."""
    who: dict[str, Any] = {"receipt": one.id, "by": request.actor, "at": request.at}
    because = request.POST.get("reason", "")

    @transaction.atomic
    def undo() -> None:
        _paper_back(request, one)
        operations.undo_cash(because=because, **who)
        done(request, f"取り消しました。{_hand_ja(one)}", f"It is undone. {_hand_en(one)}")

    def ask() -> None:
        operations.propose_correction(because=because, paper_back=lambda: _paper_back(request, one), **who)
        done(request, "訂正を起票しました。承認者に伝えてください。", "The correction awaits its approval.")

    @transaction.atomic
    def approve() -> None:
        _paper_back(request, one)
        operations.approve_correction(**who)
        done(request, f"訂正を承認しました。起票した人の次の締めに入ります。{_hand_ja(one)}",
             f"Approved; it counts in the next cash-up of whoever asked. {_hand_en(one)}")  # fmt: skip

    def reject() -> None:
        operations.reject_correction(because=because, **who)
        done(request, "差し戻しました。領収書はそのままです。", "Sent back; the receipt stands as it was.")

    return {"undo": undo, "ask": ask, "approve": approve, "reject": reject}


def _paper_back(request: TownRequest, one: ReceiptView) -> None:
    if one.kind == "sale" and one.undone_at is None:
        take_paper_back(posting=one.posting, because=PAPER_BACK, by=request.actor, at=request.at)


def _hand_ja(one: ReceiptView) -> str:
    if one.kind == "back":
        return f"渡した現金{one.price_yen:,}円を受け取ってください。"
    paper = "冊子を渡していたときは、回収してください。" if one.kind == "sale" else ""
    return f"現金{one.price_yen:,}円を返してください。{paper}"


def _hand_en(one: ReceiptView) -> str:
    if one.kind == "back":
        return f"Please take the ¥{one.price_yen:,} in cash back."
    paper = " Booklets that were handed over come back to you." if one.kind == "sale" else ""
    return f"Please give ¥{one.price_yen:,} in cash back.{paper}"
