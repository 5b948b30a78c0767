"""The ways at the side: what an officer of this role and department can open, the own department's work first."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.urls import reverse

from meguri.faces.entrance.requests import TownRequest
from meguri.parties.rules import Facts, allows
from meguri.programmes import queries as programmes


@dataclass(frozen=True, slots=True)
class Way:
    """An entry of the menu; `action` is the permission that opens its page."""

    name: str
    icon: str
    ja: str
    en: str
    action: str


@dataclass(frozen=True, slots=True)
class Group:
    ja: str
    en: str
    ways: tuple[Way, ...]
    family: str = ""


GROUPS = (
    Group("", "", (
        Way("desk", "home", "自分の机", "My desk", "programme.see"),
        Way("programmes", "goal", "事業", "Programmes", "programme.see"),
    )),
    Group("商品券", "Vouchers", (
        Way("vouchers", "draw", "販売と抽選", "Sales and draw", "voucher.see_applications"),
        Way("payments", "card", "入金と返金", "Payments", "voucher.see_applications"),
        Way("cash", "yen", "窓口の現金", "Cash at the counter", "voucher.see_cash"),
        Way("paper", "ticket", "紙の券", "Paper notes", "paper.see"),
        Way("counting", "scan", "券を数える", "Count notes", "till.count_notes"),
    ), "voucher"),
    Group("ポイント", "Points", (
        Way("points", "done", "行動と場所", "Actions and places", "action.attest"),
        Way("causes", "gift", "寄付先", "Causes", "cause.see"),
    ), "point"),
    Group("給付", "Benefits", (Way("benefits", "table", "名簿と支給", "Lists and payment", "benefit.see"),), "benefit"),
    Group("会計", "Accounting", (
        Way("settlements", "bank", "精算と振込", "Settlement", "settlement.see"),
        Way("books", "scale", "試算表", "Trial balance", "budget.see"),
        Way("cash", "yen", "窓口の現金", "Cash at the counter", "voucher.audit_cash"),
        Way("years", "calendar", "年度", "Fiscal years", "budget.see"),
    )),
    Group("町全体", "The whole town", (
        Way("evidence", "chart", "使われ方と効果", "Evidence", "evidence.see"),
        Way("strategy", "idea", "全体の戦略", "Strategy", "strategy.see"),
        Way("residents", "person", "住民の登録", "Residents", "party.see_resident"),
        Way("commuters", "building", "在勤・在学の確認", "Work and study", "party.see_commuter"),
        Way("shops", "shop", "店", "Shops", "party.see_officers"),
        Way("sponsors", "partner", "協賛企業", "Partner companies", "party.see_sponsor"),
        Way("people", "people", "職員と役割", "Officers", "party.see_officers"),
        Way("approvals", "check", "承認の記録", "Approvals", "approval.see"),
        Way("reveals", "eye", "個人情報の閲覧", "Data seen", "vault.see_log"),
    )),
)  # fmt: skip


def ways_for(request: TownRequest, *, current: str) -> list[dict[str, Any]]:
    """The groups of the menu. A kind's desk stands there only for a department that runs such a programme."""
    families = own_families(request)
    shown = [group for group in GROUPS if not group.family or group.family in families]
    groups = [_group(request, group, current=current) for group in shown]
    return [group for group in groups if group["items"]]


def own_families(request: TownRequest) -> set[str]:
    """The kinds of programme that the officer's department runs."""
    found = programmes.programmes(request.municipality)
    return {each.family for each in found if each.department == request.actor.department}


def _group(request: TownRequest, group: Group, *, current: str) -> dict[str, Any]:
    japanese = request.language == "ja"
    facts = Facts(department=request.actor.department, municipality=request.municipality)
    return {
        "name": group.ja if japanese else group.en,
        "family": group.family,
        "items": [
            {
                "url": reverse(f"office:{way.name}"), "icon": way.icon, "label": way.ja if japanese else way.en,
                "current": way.name == current,
            }
            for way in group.ways if allows(request.actor, way.action, facts=facts)
        ],
    }  # fmt: skip
