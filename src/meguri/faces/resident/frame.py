"""What every page of the wallet shares: who may enter, the ways at the bottom, whose wallet it is."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse

from meguri.faces.design import figures
from meguri.faces.entrance.acting import acting_as
from meguri.faces.entrance.refusals import with_wait
from meguri.faces.entrance.requests import TownRequest
from meguri.parties import queries as parties
from meguri.parties.queries import ShopView
from meguri.programmes.rules import PurseKindView
from meguri.words.actor import ActorRole

residents_only = acting_as(ActorRole.RESIDENT)

WAYS = (
    ("home", "wallet", "財布", "Wallet"),
    ("pay", "code", "払う", "Pay"),
    ("get", "gift", "もらう", "Get"),
    ("history", "book", "りれき", "History"),
    ("shops", "shop", "使える店", "Shops"),
)


def page(request: TownRequest, template: str, *, way: str, status: int = 200, **values: Any) -> HttpResponse:
    """Render a page of the wallet with the ways at the thumb; `way` is the current one."""
    japanese = request.language == "ja"
    items = [
        {"url": reverse(f"resident:{name}"), "icon": icon, "label": ja if japanese else en, "current": name == way}
        for name, icon, ja, en in WAYS
    ]
    shown = render(request, f"resident/{template}.html", {"nav_items": items, **values}, status=status)
    return with_wait(shown, values.get("refusal"))


def holder_of(request: TownRequest) -> UUID:
    """The pseudonym of the person whose wallet this is."""
    return request.actor.party or UUID(int=0)


def shop_name(request: TownRequest, shop: UUID) -> str:
    """A shop's name in the reader's language; empty when there is no such shop."""
    found = parties.shop(shop, municipality=request.municipality)
    return "" if found is None else found.name_ja if request.language == "ja" else found.name_en


def purse_name(kind: PurseKindView, language: str) -> str:
    """Of which programme a purse is, and which part of it, in the reader's language."""
    if language == "ja":
        return figures.purse_name(kind.name_ja, programme=kind.programme_name_ja)
    return figures.purse_name(kind.name_en, programme=kind.programme_name_en)


def area_name(shop: ShopView, language: str) -> str:
    """Where a shop lies; an area that nobody named in English keeps its Japanese name."""
    return shop.area if language == "ja" else shop.area_en


def cursor(request: TownRequest) -> UUID | None:
    """Where the page of a list begins; an unreadable one is the beginning."""
    try:
        return UUID(request.GET["after"])
    except (KeyError, ValueError):
        return None
