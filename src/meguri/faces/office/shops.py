"""The register of shops: find one, register a new one, suspend and reopen."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from meguri.faces.entrance.requests import TownRequest
from meguri.faces.office.frame import (
    EVERYTHING,
    PAGE,
    attempt,
    cursor_of,
    done,
    may,
    officers_only,
    page,
    say,
    short,
)
from meguri.faces.office.tables import csv_of, is_csv, on_day, table
from meguri.parties import operations, queries
from meguri.parties.operations.shops import SHOP_UNKNOWN
from meguri.parties.queries import ShopView
from meguri.parties.rules import ROLE_NAMES, require
from meguri.parties.trades import TRADES
from meguri.tills.operations import open_till
from meguri.words.refusal import Refusal
from meguri.words.yen import parse_yen

STATUSES = {"open": ("営業中", "Open", "live"), "suspended": ("停止中", "Suspended", "suspended"),
            "closed": ("閉店", "Closed", "closed")}
SIZES = {
    "small": ("中小店", "Small shop"), "street": ("商店街の店", "Shopping street"), "large": ("大型店", "Large shop"),
}


@officers_only
def shops(request: TownRequest) -> HttpResponse:
    """All shops, also suspended and closed ones."""
    require(request.actor, "party.see_officers")
    text, area = request.GET.get("text", "").strip(), request.GET.get("area", "")
    found = queries.shops(
        municipality=request.municipality, text=text, area=area, open_only=False, after=cursor_of(request),
        limit=EVERYTHING if is_csv(request, "shops") else PAGE,
    )
    listed = table(
        request, "shops", caption=("加盟店", "Shops"),
        columns=[("店", "Shop"), ("コード", "Code", "keep"), ("業種", "Trade"), ("地区", "Area"), ("区分", "Class"),
                 ("登録日", "Joined", "keep"), ("状態", "State")],
        rows=[_row(request, each) for each in found], after=found[-1].id if len(found) == PAGE else None,
        empty=("店が見つかりません", "No shop found"),
    )  # fmt: skip
    return csv_of(request, listed) or page(
        request, "shops", way="shops", table=listed, text=text, area=area, areas=_areas(request),
        may_register=may(request, "party.register_shop"),
    )


def _row(request: TownRequest, each: ShopView) -> list[Any]:
    ja, en, badge = STATUSES[each.status]
    return [
        {"url": reverse("office:shop", args=[each.id]), "text": say(request, each.name_ja, each.name_en)}, each.code,
        say(request, each.trade.ja, each.trade.en), each.area, say(request, *SIZES[each.size_class]),
        on_day(each.joined_on, request), {"status": badge, "text": say(request, ja, en)},
    ]  # fmt: skip


def _areas(request: TownRequest) -> list[dict[str, str]]:
    known = sorted({each.area for each in queries.all_shop_facts(request.municipality).values()})
    return [{"value": "", "label": say(request, "すべて", "All")}, *({"value": each, "label": each} for each in known)]


@officers_only
def new_shop(request: TownRequest) -> HttpResponse:
    """Register a shop; its till opens at once."""
    require(request.actor, "party.register_shop")
    refusal = None
    if request.method == "POST":
        try:
            made = operations.register_shop(_entry(request), by=request.actor, at=request.at)
            open_till(made, municipality=request.municipality)
        except Refusal as no:
            refusal = no
        else:
            done(request, "店を登録しました。レジもすぐに使えます。", "Registered; its till is open.")
            return redirect("office:shop", shop=made)
    path = [(reverse("office:shops"), say(request, "店", "Shops")), ("", say(request, "新しい店", "New shop"))]
    return page(
        request, "shop_new", way="shops", path=path, refusal=refusal, areas=_areas(request)[1:],
        trades=[{"value": each.code, "label": say(request, each.ja, each.en)} for each in TRADES.values()],
        sizes=[{"value": code, "label": say(request, *both)} for code, both in SIZES.items()],
    )  # fmt: skip


def _entry(request: TownRequest) -> operations.ShopEntry:
    form = request.POST
    typed = form.get("floor_area", "").strip()
    return operations.ShopEntry(
        name_ja=form.get("name_ja", "").strip(), name_en=form.get("name_en", "").strip(), trade=form.get("trade", ""),
        area=form.get("area", "").strip(), size_class=form.get("size_class", ""),
        floor_area=parse_yen(typed, field="floor_area", least=0, most=1_000_000) if typed else 0,
    )  # fmt: skip


@officers_only
def shop(request: TownRequest, shop: UUID) -> HttpResponse:
    """One shop: what it is, who works there, whether it accepts."""
    require(request.actor, "party.see_officers")
    refusal = None
    if request.method == "POST":
        refusal = attempt(request, _acts(request, shop))
        if refusal is None:
            return redirect("office:shop", shop=shop)
    found = queries.shop(shop, municipality=request.municipality)
    if found is None:
        raise SHOP_UNKNOWN.refusal()
    ja, en, badge = STATUSES[found.status]
    members = queries.shop_members(shop, municipality=request.municipality)
    path = [(reverse("office:shops"), say(request, "店", "Shops")), ("", say(request, found.name_ja, found.name_en))]
    return page(
        request, "shop", way="shops", path=path, refusal=refusal, shop=found, badge=badge, state=say(request, ja, en),
        size=say(request, *SIZES[found.size_class]), may_suspend=may(request, "party.suspend_shop"),
        members=[(short(who), say(request, ROLE_NAMES[role].ja, ROLE_NAMES[role].en)) for who, role in members],
    )  # fmt: skip


def _acts(request: TownRequest, shop: UUID) -> dict[str, Callable[[], object]]:
    def suspend() -> None:
        operations.set_shop_status(shop, "suspended", by=request.actor)
        done(request, "この店での支払いを止めました。", "The shop accepts nothing for now.")

    def reopen() -> None:
        operations.set_shop_status(shop, "open", by=request.actor)
        done(request, "支払いを再開しました。", "The shop accepts payments again.")

    return {"suspend": suspend, "reopen": reopen}
