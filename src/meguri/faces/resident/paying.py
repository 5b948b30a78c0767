"""Paying: show a code to the till, or read the shop's code and type the amount. Two decisions: where, how much."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode
from uuid import UUID, uuid4

from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.safestring import mark_safe
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from meguri.faces.entrance.requests import TownRequest
from meguri.faces.resident.frame import area_name, holder_of, page, residents_only, shop_name
from meguri.ledger import operations as ledger
from meguri.ledger import queries as books
from meguri.parties import queries as parties
from meguri.parties.queries import ShopView
from meguri.programmes.rules import PurseKindView
from meguri.tills import codes, operations, queries
from meguri.tills.rules import SHOP_NOT_REGISTERED, Asked
from meguri.words.refusal import Refusal, declare
from meguri.words.yen import parse_yen

FRESH = timedelta(minutes=10)
"""Until then a payment may be shown as the golden sheet; an older one might be held out as a new one."""
NUMBER_MAX = 100
RECEIPT_UNKNOWN = declare(
    "receipt_unknown",
    status=404,
    ja="この控えは見つかりません。りれきから選んでください。",
    en="There is no such receipt. Please choose it from your history.",
)
REFUND_WORDS_EN = {
    "商品が返された": "Goods came back", "金額をまちがえた": "The amount was wrong",
    "二重に受け取った": "It was taken twice", "そのほか": "Something else",
}  # fmt: skip
"""The reasons that a till offers, as the books keep them, for readers of English; a test keeps both alike."""


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
    """First the amount, then what would pay it: both are read, with addresses of their own. Then paid, and away.

    Going back or loading again never pays: `number` is the payment's own, from the first page on, and pays once.
    """
    shop = _shop(request, code)
    if request.method != "POST":
        return _asked(request, shop) if "amount_yen" in request.GET else _amount(request, shop)
    try:
        amount = parse_yen(request.POST.get("amount_yen", ""))
        return _pay(request, shop, amount=amount)
    except Refusal as refusal:
        return _amount(request, shop, refusal=refusal, typed=request.POST.get("amount_yen", ""))


def _amount(
    request: TownRequest, shop: ShopView, *, refusal: Refusal | None = None, typed: str = "", done: UUID | None = None
) -> HttpResponse:
    """The pad. `done`: the payment that was made under this page's number, when somebody went back to it."""
    return page(
        request, "amount", way="pay", status=refusal.kind.status if refusal else 200, shop=shop, refusal=refusal,
        area=area_name(shop, request.language), value=typed, number=uuid4(), done=done,
    )  # fmt: skip


def _asked(request: TownRequest, shop: ShopView) -> HttpResponse:
    """What would pay it, and the button. Whoever comes back after paying is told so and can pay nothing twice."""
    typed, number = request.GET["amount_yen"], request.GET.get("number", "")[:NUMBER_MAX] or str(uuid4())
    try:
        amount = parse_yen(typed)
        asked = _request(request, shop, amount=amount, number=number)
        if made := ledger.look_up(asked.key, municipality=request.municipality):
            return _amount(request, shop, done=made)
        quote = operations.quote_payment(
            by=request.actor, at=request.at, holder=holder_of(request), shop=shop.id, amount_yen=amount
        )
    except Refusal as refusal:
        return _amount(request, shop, refusal=refusal, typed=typed)
    return page(
        request, "confirm", way="pay", shop=shop, quote=quote, parts=_parts(request, quote.parts), number=number,
        payable=quote.amount_yen - quote.short_yen,
    )  # fmt: skip


def _request(request: TownRequest, shop: ShopView, *, amount: int, number: str) -> Asked:
    return operations.ask_at_shop(
        by=request.actor, at=request.at, holder=holder_of(request), shop=shop.id, amount_yen=amount, request=number
    )


def _shop(request: TownRequest, code: str) -> ShopView:
    found = parties.shop_by_code(
        codes.parse_shop(code, host=settings.OFFICIAL_HOST).digits, municipality=request.municipality
    )
    if found is None:
        raise SHOP_NOT_REGISTERED.refusal(field="code")
    return found


def _pay(request: TownRequest, shop: ShopView, *, amount: int) -> HttpResponse:
    """Money moves here, once per number; without a number it is only asked. What comes next has its own address."""
    number = request.POST.get("number", "")[:NUMBER_MAX]
    if not number:
        where = reverse("resident:at_shop", args=[shop.code])
        return redirect(f"{where}?{urlencode({'amount_yen': amount, 'number': uuid4()})}")
    made = operations.pay(_request(request, shop, amount=amount, number=number))
    return redirect("resident:paid", payment=made.id)


def _parts(request: TownRequest, parts: Iterable[tuple[PurseKindView, int]]) -> list[dict[str, object]]:
    return [
        {"family": kind.family, "name": kind.name_ja if request.language == "ja" else kind.name_en, "amount": yen}
        for kind, yen in parts
    ]


@residents_only
@never_cache
@require_GET
def paid(request: TownRequest, payment: UUID) -> HttpResponse:
    """The golden sheet for the counter. An old or refunded payment is shown as its receipt."""
    found = _own_payment(request, payment)
    if found.refunded_by or request.at - found.paid_at > FRESH:
        return redirect("resident:receipt", payment=payment)
    return page(request, "paid", way="pay", payment=found, shop=shop_name(request, found.shop))


@residents_only
@require_GET
def receipt(request: TownRequest, payment: UUID) -> HttpResponse:
    """One payment: where, when, from which purses; whether it was given back, when and why."""
    found = _own_payment(request, payment)
    refund = books.posting(found.refunded_by, municipality=request.municipality) if found.refunded_by else None
    return page(
        request, "receipt", way="history", payment=found, shop=shop_name(request, found.shop),
        parts=_parts(request, found.parts), refunded_at=refund.effective_at if refund else None,
        why=_why(request, str(refund.about.get("reason", ""))) if refund else "",
    )  # fmt: skip


def _own_payment(request: TownRequest, payment: UUID) -> queries.PaymentView:
    """A payment out of this wallet; another one's is not known here."""
    found = queries.payment(payment, municipality=request.municipality, at=request.at)
    if found is None or found.holder != holder_of(request):
        raise RECEIPT_UNKNOWN.refusal(field="payment")
    return found


def _why(request: TownRequest, kept: str) -> str:
    """The reason of a refund in the reader's language; what the clerk added is shown as it was written."""
    words, colon, note = kept.partition(": ")
    return kept if request.language == "ja" else f"{REFUND_WORDS_EN.get(words, words)}{colon}{note}"
