"""A programme's funds with their place in the city's books, decisions that loaded them, and agreements of funders."""

from __future__ import annotations

from django.urls import reverse

from meguri.faces.entrance.requests import TownRequest
from meguri.faces.office.frame import may, say
from meguri.faces.office.tables import Cell, Table, on_day, table
from meguri.programmes.queries import AgreementView, FundView, ProgrammePage, ShareView

FUNDERS = {
    "department": ("所管課", "Department"), "national": ("国", "National"), "prefecture": ("県", "Prefecture"),
    "sponsor": ("企業", "Sponsor"), "buyers": ("購入者", "Buyers"),
}


def funds(request: TownRequest, found: ProgrammePage) -> Table:
    """Each fund with its budget line (会計 款 項 目 節) and its yen."""
    return table(
        request, "funds", caption=("財源と予算科目", "Funds and their budget lines"),
        columns=[
            ("財源", "Fund"), ("出し手", "Funder"), ("会計・款・項・目・節", "Budget line"),
            ("配当", "Loaded", "number"), ("残り", "Left", "number"), ("財布の中", "In wallets", "number"),
            ("使われた", "Used", "number"), ("支払い済み", "Paid out", "number"),
        ],
        rows=[_fund(request, fund) for fund in found.funds],
        empty=("公開すると財源が開かれます", "Launch opens the funds"),
    )  # fmt: skip


def _fund(request: TownRequest, fund: FundView) -> list[Cell]:
    line = " / ".join(part for part in fund.budget_line if part)
    budget = fund.budget
    name, link = say(request, fund.name_ja, fund.name_en), reverse("office:fund", args=[fund.id])
    return [
        {"url": link, "text": name} if may(request, "budget.see") else name,
        say(request, *FUNDERS[fund.funder]),
        line or say(request, fund.source_ja, fund.source_en), {"amount": budget.loaded_yen},
        {"amount": budget.left_yen}, {"amount": budget.reserved_yen}, {"amount": budget.used_yen},
        {"amount": budget.spent_yen},
    ]  # fmt: skip


def appropriations(request: TownRequest, found: ProgrammePage) -> Table:
    """The decisions that put money into funds or took it out."""
    names = {fund.id: say(request, fund.name_ja, fund.name_en) for fund in found.funds}
    return table(
        request, "appropriations", caption=("配当の記録", "Appropriations"),
        columns=[("決定日", "Decided", "keep"), ("財源", "Fund"), ("理由", "Reason"), ("金額", "Yen", "number")],
        rows=[
            [on_day(each.decided_on, request), names.get(each.fund, ""), each.reason,
             {"amount": -each.amount_yen if each.returned else each.amount_yen}]
            for each in found.appropriations
        ],
        empty=("まだ配当はありません", "Nothing appropriated yet"),
    )  # fmt: skip


def agreements(request: TownRequest, found: ProgrammePage) -> Table:
    """Who carries which share of a grant; a fund that stands alone is left out."""
    names = {fund.id: say(request, fund.name_ja, fund.name_en) for fund in found.funds}
    shared = [each for each in found.agreements if len(each.shares) > 1]
    return table(
        request, "agreements", caption=("負担協定", "Agreements between funders"),
        columns=[
            ("協定", "Agreement"), ("財源", "Fund"), ("割合", "Share", "number"), ("上限", "Cap", "number"),
            ("負担した額", "Carried so far", "number"),
        ],
        rows=[_share(request, each, share=share, fund=names[share.fund]) for each in shared for share in each.shares],
        empty=("ひとつの財源だけで行う事業です", "One fund pays for everything here"),
    )  # fmt: skip


def _share(request: TownRequest, each: AgreementView, *, share: ShareView, fund: str) -> list[Cell]:
    cap = {"amount": share.cap_yen} if share.cap_yen is not None else ""
    return [say(request, each.name_ja, each.name_en), fund, f"{share.share_bp / 100:g}%", cap,
            {"amount": share.granted_yen}]
