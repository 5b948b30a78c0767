"""One fund's statement: what was appropriated, reserved, used, spent and returned, and every posting behind it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_GET

from meguri.faces.entrance.requests import TownRequest
from meguri.faces.office.frame import EVERYTHING, PAGE, cursor_of, department_names, officers_only, page, say, short
from meguri.faces.office.fund_lines import PLACES, FundLine, fund_lines
from meguri.faces.office.money import parts_of
from meguri.faces.office.programme_money import FUNDERS
from meguri.faces.office.settlement import shop_names
from meguri.faces.office.tables import Cell, Table, csv_of, is_csv, table, when
from meguri.parties.rules import require
from meguri.programmes import queries as programmes
from meguri.programmes.operations.budgets import FUND_UNKNOWN
from meguri.programmes.queries import AppropriationView, FundView
from meguri.words.period import FiscalYear, day_of

TEMPLATES = {
    "appropriate": ("予算の配当", "Appropriation"), "return_appropriation": ("予算の減額", "Appropriation returned"),
    "withdraw_purchase": ("商品券の販売の取り消し", "Voucher sale withdrawn"),
    "sell_voucher": ("商品券の販売", "Voucher sold"), "load_code": ("商品券コードの受け取り", "Voucher code entered"),
    "reward_payment": ("支払いへのポイント", "Points for payments"),
    "reward_campaign": ("キャンペーンのポイント", "Points by a campaign"),
    "grant_points": ("ポイントの付与", "Points granted"),
    "withdraw_points": ("付与の取消し", "Grant withdrawn"), "pay_benefit": ("給付の支給", "Benefit paid"),
    "pay": ("店での支払い", "Payment at a shop"), "refund_payment": ("返金", "Refund"),
    "hold": ("取り置き", "Put on hold"), "capture": ("取り置きからの支払い", "Hold captured"),
    "void_hold": ("取り置きの解放", "Hold given back"), "repay_debt": ("ポイント債務の返納", "Point debt repaid"),
    "repay_purchase": ("窓口での返納", "Debt repaid at the counter"),
    "pay_back_cash": ("窓口での払戻し", "Paid back at the counter"),
    "undo_pay_back_cash": ("窓口での払戻しの取消し", "Pay-back undone"),
    "undo_repay_purchase": ("窓口での返納の取消し", "Repayment undone"),
    "transfer": ("利用者どうしの送金", "Transfer between holders"),
    "move_wallet": ("前の財布からの移動", "Moved from the wallet before"),
    "give": ("贈り物の用意", "Gift made ready"),
    "take_gift": ("贈り物の受け取り", "Gift taken"), "return_gift": ("贈り物の戻り", "Gift come back"),
    "donate": ("寄付", "Donation"), "undo_donation": ("寄付の取り消し", "Donation undone"),
    "pass_donation": ("寄付の引き渡し", "Donation passed on"),
    "settle": ("精算の締め", "Settlement"),
    "pay_out": ("振込", "Bank transfer"), "return_payout": ("振込不能の戻り", "Transfer returned"),
    "expire": ("失効", "Expiry"), "undo_expire": ("失効の取消し", "Expiry undone"),
    "demurrage": ("減価", "Demurrage"), "undo_demurrage": ("減価の取消し", "Demurrage undone"),
    "extend": ("期限の延長", "Validity extended"), "undo_extend": ("期限の延長の取消し", "Extension undone"),
    "wind_up": ("事業の終了時の処理", "Programme wound up"),
    "undo_wind_up": ("終了時の処理の取消し", "Winding up undone"),
}
HEADS = {
    "fund": ("残り", "Left"), "wallet": ("財布の中", "In wallets"), "held": ("取り置き中", "On hold"),
    "shop": ("店の売上", "Takings"),
    "payable": ("未払い", "Payable"), "paid_out": ("支払い済み", "Paid out"), "expired": ("失効", "Expired"),
}


@officers_only
@require_GET
def fund(request: TownRequest, fund: UUID) -> HttpResponse:
    """The fund's line in the city's books, its yen today, and a page of its postings."""
    require(request.actor, "budget.see")
    seen = next((each for each in programmes.funds(request.municipality) if each.id == fund), None)
    if seen is None:
        raise FUND_UNKNOWN.refusal()
    listed = _lines(request, fund)
    if file := csv_of(request, listed):
        return file
    name, programme = say(request, seen.name_ja, seen.name_en), _programme(request, seen)
    path = [
        (reverse("office:programmes"), say(request, "事業", "Programmes")),
        (reverse("office:programme", args=[seen.programme]), programme), ("", name),
    ]
    return page(
        request, "fund", way="programmes", path=path, fund=seen, name=name, programme=programme, table=listed,
        figures=_figures(request, seen), facts=_facts(request, seen), total=seen.budget.loaded_yen,
        parts=parts_of(seen.budget, family=seen.family, language=request.language),
    )  # fmt: skip


def _programme(request: TownRequest, seen: FundView) -> str:
    view = programmes.programme(seen.programme, municipality=request.municipality)
    return say(request, view.name_ja, view.name_en) if view else ""


def _figures(request: TownRequest, seen: FundView) -> list[dict[str, Any]]:
    """What decisions put in and took out; what they leave stands in the bar."""
    decided = [
        each for each in programmes.appropriations(seen.programme, municipality=request.municipality)
        if each.fund == seen.id
    ]
    into, out = _sum(decided, returned=False), _sum(decided, returned=True)
    sold = seen.budget.loaded_yen - into + out
    budget = seen.budget
    figures = [
        ("購入者から受け取った", "Received from buyers", sold) if seen.funder == "buyers" else
        ("配当した", "Appropriated", into),
        ("減額した", "Returned", out), ("残り", "Left", budget.left_yen),
        ("財布の中(予約)", "Reserved in wallets", budget.reserved_yen),
        ("使われた(未払い)", "Used, unpaid", budget.used_yen),
        ("支払い済み", "Paid out", budget.spent_yen),
    ]
    return [{"label": say(request, ja, en), "amount": yen} for ja, en, yen in figures]


def _sum(decided: list[AppropriationView], *, returned: bool) -> int:
    return sum(each.amount_yen for each in decided if each.returned is returned)


def _facts(request: TownRequest, seen: FundView) -> list[dict[str, Any]]:
    """Where the fund stands in the city's books."""
    rooms = department_names(request)
    line = " / ".join(part for part in seen.budget_line if part)
    facts = [
        (("所管課", "Department"), rooms.get(seen.department, seen.department)),
        (("出し手", "Funder"), say(request, *FUNDERS[seen.funder])),
        (("会計年度", "Fiscal year"), str(seen.fiscal_year)),
        (("会計・款・項・目・節", "Budget line"), line or "—"),
        (("財源の出どころ", "Source"), say(request, seen.source_ja, seen.source_en) or "—"),
    ]
    if seen.grant_rate_bp:
        facts.append((("補助率", "Grant rate"), f"{seen.grant_rate_bp / 100:g}%"))
    return [{"label": say(request, *label), "value": value} for label, value in facts]


def _lines(request: TownRequest, fund: UUID) -> Table:
    whole = is_csv(request, "postings")
    found = fund_lines(
        fund, municipality=request.municipality, after=cursor_of(request), limit=EVERYTHING if whole else PAGE
    )
    names = shop_names(request)
    return table(
        request, "postings", caption=("記帳の一覧(新しい順)", "Postings, newest first"),
        columns=[
            ("記帳", "Recorded", "keep"), ("何が起きたか", "What happened"), ("店", "Shop"),
            *((*HEADS[place], "number") for place in PLACES), ("予算の増減", "Change of budget", "number"),
            ("記帳番号", "Posting", "keep"),
        ],
        rows=[_line(request, each, names=names, whole=whole) for each in found],
        after=found[-1].posting if len(found) == PAGE else None,
        empty=("まだ記帳はありません", "No posting yet"),
    )  # fmt: skip


def _line(
    request: TownRequest, each: FundLine, *, names: Mapping[UUID, tuple[str, str]], whole: bool
) -> list[Cell]:
    """A row: only shops are named; a person who was paid stands there as a recipient, without a pseudonym."""
    known = [names[shop][1] for shop in each.shops if shop in names]
    people = say(request, "受給者", "A recipient") if len(known) < len(each.shops) else ""
    ja, en = TEMPLATES.get(each.template, (each.template, each.template))
    amounts: list[Cell] = [_amount(each.moved.get(place, 0)) for place in PLACES]
    number = str(each.posting) if whole else short(each.posting)
    return [
        _moment(request, each), say(request, ja, en),
        "、".join([*known, *filter(None, [people])]), *amounts, _amount(each.loaded_yen), number,
    ]  # fmt: skip


def _moment(request: TownRequest, each: FundLine) -> Cell:
    """When it was written down; and the year it counts in, where that is another one."""
    recorded, counts = (FiscalYear.of(day_of(moment)) for moment in (each.recorded_at, each.effective_at))
    text = when(each.recorded_at, request, style="year")
    if counts == recorded:
        return text
    return {"text": text, "note": say(request, f"{counts.name_ja}の記帳", f"counts in {counts.name_en}")}


def _amount(yen: int) -> Cell:
    return {"amount": yen} if yen else None
