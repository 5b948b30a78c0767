"""Goods come back that were paid with paper notes: how it is settled, and the notes handed back one by one."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.views.decorators.cache import never_cache

from meguri.faces.entrance.requests import TownRequest
from meguri.faces.merchant.days import REASONS, reason_of
from meguri.faces.merchant.frame import at_the_till, own_shop, page, said, shop_of
from meguri.tills.notes_back import NotesBack, give_notes_back, ways_of_delivery
from meguri.words.refusal import Refusal
from meguri.words.yen import parse_yen


@at_the_till
@never_cache
def notes_back(request: TownRequest) -> HttpResponse:
    """Reckon with what the customer keeps; then scan the notes as they go back. Nothing moves before the second."""
    try:
        if request.method == "POST":
            return _page(request, given=_give(request))
        return _page(request, ways=_ways(request))
    except Refusal as refusal:
        return _page(request, refusal=refusal, status=refusal.kind.status)


def _give(request: TownRequest) -> NotesBack:
    lines = [line for line in request.POST.get("notes", "").splitlines() if line.strip()]
    return give_notes_back(
        shop=shop_of(request), notes=lines, reason=reason_of(request), by=request.actor, at=request.at
    )  # fmt: skip


def _ways(request: TownRequest) -> list[str] | None:
    """How the bill may be settled, in sentences; None where nothing was asked."""
    try:
        delivery = UUID(request.GET.get("delivery", ""))
    except ValueError:
        return None
    if "kept_yen" not in request.GET:
        return None
    typed = {key: request.GET.get(key, "").strip() for key in ("kept_yen", "cash_yen")}
    yen = {key: parse_yen(text, field=key, least=0) if text else 0 for key, text in typed.items()}
    found = ways_of_delivery(delivery, shop=shop_of(request), municipality=request.municipality, **yen)
    return [
        _sentence(request, notes=each.notes, cash=each.cash_yen, forgone=each.forgone_yen) for each in found
    ]  # fmt: skip


def _sentence(request: TownRequest, *, notes: int, cash: int, forgone: int) -> str:
    parts = [said(request, f"券を{notes:,}枚返します", en=f"Hand {notes:,} notes back")]
    if cash > 0:
        parts.append(said(request, f"現金{cash:,}円を返します", en=f"give ¥{cash:,} in cash"))
    if cash < 0:
        parts.append(said(request, f"現金{-cash:,}円をいただきます", en=f"take ¥{-cash:,} in cash"))
    if forgone:
        parts.append(said(request, f"お釣りは出ません({forgone:,}円分)", en=f"no change is given (¥{forgone:,})"))
    return said(request, "。", en=", ").join(parts)


def _page(request: TownRequest, *, status: int = 200, **values: Any) -> HttpResponse:
    sent = request.POST if request.method == "POST" else request.GET
    return page(
        request, "notes_back", way="home", status=status, shop=own_shop(request),
        delivery=sent.get("delivery", "")[:36], kept=sent.get("kept_yen", ""), cash=sent.get("cash_yen", ""),
        typed=request.POST.get("notes", ""), chosen=request.POST.get("reason", ""),
        reasons=[{"value": key, "label": said(request, ja, en=en)} for key, ja, en in REASONS], **values,
    )  # fmt: skip
