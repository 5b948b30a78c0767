"""The register of shops: find one, register a new one."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from meguri.faces.entrance.requests import TownRequest
from meguri.faces.office.frame import EVERYTHING, PAGE, cursor_of, do_once, done, may, officers_only, page, say
from meguri.faces.office.tables import csv_of, is_csv, on_day, table
from meguri.parties import operations, queries
from meguri.parties.queries import ShopView
from meguri.parties.rules import require
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
        may_register=may(request, "party.register_shop"), may_change=may(request, "party.change_shop"),
    )


def _row(request: TownRequest, each: ShopView) -> list[Any]:
    ja, en, badge = STATUSES[each.status]
    return [
        {"url": reverse("office:shop", args=[each.id]), "text": say(request, each.name_ja, each.name_en)}, each.code,
        say(request, each.trade.ja, each.trade.en), say(request, each.area, each.area_en),
        say(request, *SIZES[each.size_class]), on_day(each.joined_on, request),
        {"status": badge, "text": say(request, ja, en)},
    ]  # fmt: skip


def _areas(request: TownRequest) -> list[dict[str, str]]:
    known = queries.areas(request.municipality).items()
    named = [{"value": ja, "label": say(request, ja, en or ja)} for ja, en in known]
    return [{"value": "", "label": say(request, "すべて", "All")}, *named]


@officers_only
def new_shop(request: TownRequest) -> HttpResponse:
    """Register a shop; its till opens at once."""
    require(request.actor, "party.register_shop")
    refusal = None
    if request.method == "POST":
        try:
            made = do_once(request, lambda: _register(request))
        except Refusal as no:
            refusal = no
        else:
            if made is None:
                return redirect("office:shops")
            done(request, "店を登録しました。レジもすぐに使えます。", "Registered; its till is open.")
            return redirect("office:shop", shop=made)
    path = [(reverse("office:shops"), say(request, "店", "Shops")), ("", say(request, "新しい店", "New shop"))]
    return page(
        request, "shop_new", way="shops", path=path, refusal=refusal, values=request.POST, **entry_choices(request)
    )


def _register(request: TownRequest) -> UUID:
    """The shop and its till, together or not at all."""
    made = operations.register_shop(entry_of(request), by=request.actor, at=request.at)
    open_till(made, municipality=request.municipality)
    return made


def entry_choices(request: TownRequest) -> dict[str, Any]:
    """What the form of a shop's entry offers."""
    return {
        "areas": _areas(request)[1:],
        "trades": [{"value": each.code, "label": say(request, each.ja, each.en)} for each in TRADES.values()],
        "sizes": [{"value": code, "label": say(request, *both)} for code, both in SIZES.items()],
    }


def entry_of(request: TownRequest) -> operations.ShopEntry:
    """What was typed into the form of a shop's entry."""
    form = request.POST
    typed = form.get("floor_area", "").strip()
    return operations.ShopEntry(
        name_ja=form.get("name_ja", "").strip(), name_en=form.get("name_en", "").strip(), trade=form.get("trade", ""),
        area=form.get("area", "").strip(), size_class=form.get("size_class", ""),
        floor_area=parse_yen(typed, field="floor_area", least=0, most=1_000_000) if typed else 0,
    )  # fmt: skip
