"""Points that were withdrawn after they were spent: how much later points still make up for, and how it came."""

from __future__ import annotations

from datetime import date, datetime

from django.http import HttpResponse
from django.views.decorators.http import require_GET

from meguri.faces.entrance.requests import TownRequest
from meguri.faces.resident.frame import holder_of, page, residents_only
from meguri.programmes.points import debts
from meguri.programmes.points.debts import DebtLine

KINDS = {
    "withdraw_points": ("取り消しで増えた", "Added: withdrawn"),
    "withdraw_purchase": ("お店が支払いを取り消した", "Added: a shop withdrew a payment"),
    "sell_voucher": ("商品券の購入からあてた", "Made up for by vouchers"),
    "grant_points": ("ポイントからあてた", "Made up for by points"),
    "reward_campaign": ("キャンペーンからあてた", "Made up for by a campaign"),
    "repay_purchase": ("窓口で返した", "Given back at the desk"),
    "undo_repay_purchase": ("窓口の返納の取り消し", "Repayment undone at the desk"),
    "repay_debt": ("窓口で返した", "Given back at the desk"), "forgive_debt": ("町が免除した", "Let off by the town"),
}  # fmt: skip


@residents_only
@require_GET
def debt(request: TownRequest) -> HttpResponse:
    """What remains, and every step by which it came and went; words say which way, for a plus would look like money."""
    holder, place = holder_of(request), 0 if request.language == "ja" else 1
    lines = debts.debt_lines(holder, municipality=request.municipality)
    return page(
        request, "debt", way="history", debt=debts.debt_yen(holder, municipality=request.municipality),
        lines=[_line(each, place=place) for each in lines],
        bought=any(each.kind == "withdraw_purchase" for each in lines),
    )  # fmt: skip


def _line(each: DebtLine, *, place: int) -> dict[str, str | int | date | datetime | None]:
    name = (each.action.ja, each.action.en)[place] if each.action else ""
    kind = KINDS.get(each.kind, (each.kind, each.kind))[place]
    yen = abs(each.yen)
    return {"at": each.at, "yen": yen, "kind": kind, "name": name or kind, "day": each.day, "reason": each.reason}
