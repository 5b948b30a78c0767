"""What every page of the till shares: who may enter, the ways at the bottom, whose shop it is, and CSV files."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
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
from meguri.tills.rules import SHOP_NOT_REGISTERED
from meguri.words.actor import ActorRole

at_the_till = acting_as(ActorRole.CLERK, ActorRole.OWNER)
owners_only = acting_as(ActorRole.OWNER)

WAYS = (
    ("home", "pay", "受け取る", "Take"),
    ("day", "book", "今日", "Today"),
    ("settlement", "bank", "精算", "Payouts"),
    ("code", "code", "コード", "Code"),
    ("members", "people", "人", "People"),
)
OWNERS_WAYS = frozenset({"settlement", "members"})
FORMULA_SIGNS = ("=", "+", "-", "@", "\t", "\r")


def page(request: TownRequest, template: str, *, way: str, status: int = 200, **values: Any) -> HttpResponse:
    """Render a page of the till with the ways at the thumb; `way` is the current one. A clerk sees the clerk's ways."""
    owner = request.actor.role is ActorRole.OWNER
    items = [
        {"url": reverse(f"merchant:{name}"), "icon": icon, "label": said(request, ja, en=en), "current": name == way}
        for name, icon, ja, en in WAYS
        if owner or name not in OWNERS_WAYS
    ]
    context = {"nav_items": items, "owner": owner, **values}
    return with_wait(render(request, f"merchant/{template}.html", context, status=status), values.get("refusal"))


def said(request: TownRequest, ja: str, *, en: str) -> str:
    """The sentence of the reader's language."""
    return ja if request.language == "ja" else en


def own_shop(request: TownRequest) -> ShopView:
    """The shop at whose till the actor stands."""
    found = parties.shop(shop_of(request), municipality=request.municipality)
    if found is None:
        raise SHOP_NOT_REGISTERED.refusal(field="shop")
    return found


def shop_of(request: TownRequest) -> UUID:
    return request.actor.shop or UUID(int=0)


def purse_rows(request: TownRequest, parts: Iterable[tuple[PurseKindView, int]]) -> list[dict[str, object]]:
    """Which purses paid, as the parts `purse` and `receipt` take them."""
    return [{"family": kind.family, "name": _purse_name(request, kind), "amount": yen} for kind, yen in parts]


def _purse_name(request: TownRequest, kind: PurseKindView) -> str:
    programme = said(request, kind.programme_name_ja, en=kind.programme_name_en)
    return figures.purse_name(said(request, kind.name_ja, en=kind.name_en), programme=programme)


def cursor(request: TownRequest) -> UUID | None:
    """Where the page begins; an unreadable one is the beginning."""
    try:
        return UUID(request.GET["after"])
    except (KeyError, ValueError):
        return None


def csv_file(rows: Iterable[Sequence[object]], *, name: str) -> HttpResponse:
    """A download as spreadsheets in Japan want it: UTF-8 with byte order mark and CRLF; no cell runs as a formula."""
    out = io.StringIO()
    csv.writer(out).writerows([_harmless(cell) for cell in row] for row in rows)
    response = HttpResponse(f"\ufeff{out.getvalue()}".encode(), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def _harmless(cell: object) -> object:
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(FORMULA_SIGNS) else cell
