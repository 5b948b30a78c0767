"""Paying: show a code to the till, or read the shop's code and type the amount. Two decisions: where, how much."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.safestring import mark_safe
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from meguri.faces.entrance.requests import TownRequest
from meguri.faces.resident.frame import holder_of, page, residents_only
from meguri.parties import queries as parties
from meguri.parties.queries import ShopView
from meguri.tills import codes, operations, queries
from meguri.tills.rules import PAYMENT_UNKNOWN, SHOP_NOT_REGISTERED, Payment, Quote
from meguri.words.refusal import Refusal
from meguri.words.yen import parse_yen


@residents_only
@never_cache
@require_GET
def show_code(request: TownRequest) -> HttpResponse:
    """A fresh code for the till, and the way to a shop's printed code."""
    return page(request, "code", way="pay", **_fresh_code(request))


@residents_only
@never_cache
@require_GET
def code_part(request: TownRequest) -> HttpResponse:
    """Only the code, when the one on the screen has run out."""
    return page(request, "code_part", way="pay", **_fresh_code(request))


def _fresh_code(request: TownRequest) -> dict[str, Any]:
    code, until = operations.mint_holder_code(by=request.actor, at=request.at, holder=holder_of(request))
    title = "お店で見せるコード" if request.language == "ja" else "Code to show at the till"
    picture = codes.qr_svg(code.digits, title=title)
    return {"svg": mark_safe(picture), "number": codes.show(code.digits), "until": until}  # noqa: S308 - drawn by us


@residents_only
@require_GET
def find_shop(request: TownRequest) -> HttpResponse:
    """The digits under a shop's code, typed or pasted."""
    shop = codes.parse_shop(request.GET.get("code", ""), host=settings.OFFICIAL_HOST)
    return redirect("resident:at_shop", code=shop.digits)


@residents_only
@never_cache
def at_shop(request: TownRequest, code: str) -> HttpResponse:
    """First the amount, then what would pay it, then paid. `request` in the form makes a double tap one payment."""
    shop = _shop(request, code)
    if request.method != "POST":
        return page(request, "amount", way="pay", shop=shop, value=request.GET.get("amount_yen", ""))
    try:
        amount = parse_yen(request.POST.get("amount_yen", ""))
        if "number" in request.POST:
            return _paid(request, shop, amount=amount)
        quote = operations.quote_payment(
            by=request.actor, at=request.at, holder=holder_of(request), shop=shop.id, amount_yen=amount
        )
    except Refusal as refusal:
        return page(
            request, "amount", way="pay", status=refusal.kind.status, shop=shop, refusal=refusal,
            value=request.POST.get("amount_yen", ""),
        )  # fmt: skip
    return page(request, "confirm", way="pay", shop=shop, quote=quote, parts=_parts(request, quote), number=uuid4())


def _shop(request: TownRequest, code: str) -> ShopView:
    found = parties.shop_by_code(
        codes.parse_shop(code, host=settings.OFFICIAL_HOST).digits, municipality=request.municipality
    )
    if found is None:
        raise SHOP_NOT_REGISTERED.refusal(field="code")
    return found


def _paid(request: TownRequest, shop: ShopView, *, amount: int) -> HttpResponse:
    asked = operations.ask_at_shop(
        by=request.actor, at=request.at, holder=holder_of(request), shop=shop.id, amount_yen=amount,
        request=request.POST["number"][:100],
    )  # fmt: skip
    payment = operations.pay(asked)
    return page(request, "paid", way="pay", shop=shop, payment=payment, parts=_parts(request, payment))


def _parts(request: TownRequest, paid: Payment | Quote) -> list[dict[str, object]]:
    return [
        {"family": kind.family, "name": kind.name_ja if request.language == "ja" else kind.name_en, "amount": yen}
        for kind, yen in paid.parts
    ]


@residents_only
@require_GET
def receipt(request: TownRequest, payment: UUID) -> HttpResponse:
    """One payment: where, when, from which purses; refunded or not."""
    found = queries.payment(payment, municipality=request.municipality, at=request.at)
    if found is None or found.holder != holder_of(request):
        raise PAYMENT_UNKNOWN.refusal(field="payment")
    shop = parties.shop(found.shop, municipality=request.municipality)
    parts = [
        {"family": kind.family, "name": kind.name_ja if request.language == "ja" else kind.name_en, "amount": yen}
        for kind, yen in found.parts
    ]
    return page(request, "receipt", way="history", payment=found, shop=shop, parts=parts)
