"""Paying: show a code to the till, or read the shop's code and type the amount. Two decisions: where, how much."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
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

from meguri.faces.entrance.agreed_split import read_seal, seal_of
from meguri.faces.entrance.requests import TownRequest
from meguri.faces.resident.frame import area_name, holder_of, page, purse_name, residents_only, shop_name
from meguri.faces.resident.split import quoted_parts, shown_parts
from meguri.ledger import operations as ledger
from meguri.ledger.rules import KEY_REUSED
from meguri.parties import queries as parties
from meguri.parties.queries import ShopView
from meguri.programmes.rules import PurseKindView
from meguri.tills import codes, operations, queries
from meguri.tills.earned import earned_of
from meguri.tills.rules import SHOP_NOT_ACCEPTING, SHOP_NOT_REGISTERED, SPLIT_CHANGED, Asked, ShownPart
from meguri.wallets import queries as wallets
from meguri.wallets.operations import WALLET_SUSPENDED, WALLET_UNKNOWN
from meguri.words.refusal import Refusal, declare
from meguri.words.yen import parse_yen

FRESH = timedelta(minutes=10)
"""Until then a payment may be shown as the golden sheet; an older one might be held out as a new one."""
NUMBER_MAX = 100
RENEWALS = 5
"""How often the code on the screen renews itself before it waits for a touch."""
TURN_DIGITS = 3
LATEST = 3
NO_MORE = 286
"""htmx stops asking."""
RECEIPT_UNKNOWN = declare(
    "receipt_unknown",
    status=404,
    ja="この控えは見つかりません。りれきから選んでください。",
    en="There is no such receipt. Please choose it from your history.",
)
SHOP_NUMBER_MISSING = declare(
    "shop_number_missing",
    status=422,
    ja="お店の番号がまだです。お店のQRコードの下にある12けたの数字を入れてください。",
    en="There is no number yet. Please type the 12 digits below the shop's QR code.",
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
    """A fresh code for the till, and the way to a shop's printed code. A stopped wallet is told where it can go on."""
    return _code_page(request)


def _code_page(request: TownRequest, *, refusal: Refusal | None = None) -> HttpResponse:
    """The code, and below it the field for a shop's number; `refusal` says what was wrong with that number."""
    try:
        shown = _fresh_code(request)
    except Refusal as no:
        if no.kind in {WALLET_SUSPENDED, WALLET_UNKNOWN}:
            return redirect("resident:home")
        raise
    typed = request.GET.get("code", "") if refusal else ""
    status = refusal.kind.status if refusal else 200
    return page(request, "code", way="pay", status=status, **shown, turn=1, refusal=refusal, typed=typed)


@residents_only
@never_cache
@require_GET
def code_part(request: TownRequest) -> HttpResponse:
    """Only the code, when the one on the screen has run out. It renews itself for some minutes, then on a touch."""
    turn = int(text) if (text := request.GET.get("turn", "")).isdecimal() and len(text) < TURN_DIGITS else RENEWALS
    return page(request, "code_part", way="pay", **_fresh_code(request), turn=turn + 1 if turn < RENEWALS else 0)


@residents_only
@never_cache
@require_GET
def landed(request: TownRequest) -> HttpResponse:
    """What the open code asks every two seconds: has a till taken a payment by it since? Then the golden sheet is next.

    204: not yet. 286: nobody need ask any more (htmx stops), the page has been open for too long.
    """
    try:
        since = datetime.fromisoformat(request.GET.get("since", ""))
    except ValueError:
        return HttpResponse(status=NO_MORE)
    if since.tzinfo is None or not timedelta(0) <= request.at - since < FRESH:
        return HttpResponse(status=NO_MORE)
    moved = wallets.history(holder_of(request), municipality=request.municipality, at=request.at, limit=LATEST)
    for each in moved:
        if each.template == "pay" and each.about.get("channel") == "holder_code" and each.effective_at >= since:
            answer = HttpResponse()
            answer["HX-Location"] = reverse("resident:paid", args=[each.posting])
            return answer
    return HttpResponse(status=204)


def _fresh_code(request: TownRequest) -> dict[str, Any]:
    code, until = operations.mint_holder_code(by=request.actor, at=request.at, holder=holder_of(request))
    title = "お店で見せるコード" if request.language == "ja" else "Code to show at the till"
    picture = codes.qr_svg(code.digits, title=title)
    return {"svg": mark_safe(picture), "number": codes.show(code.digits), "until": until}  # noqa: S308 - drawn by us


@residents_only
@require_GET
def find_shop(request: TownRequest) -> HttpResponse:
    """The digits under a shop's code, typed or pasted; what is wrong with them is said beside the field."""
    typed = request.GET.get("code", "").strip()
    try:
        if not typed:
            raise SHOP_NUMBER_MISSING.refusal(field="code")
        return redirect("resident:at_shop", code=_shop(request, typed).code)
    except Refusal as refusal:
        return _code_page(request, refusal=refusal)


@residents_only
@never_cache
def at_shop(request: TownRequest, code: str) -> HttpResponse:
    """First the amount, then what would pay it: both are read, with addresses of their own. Then paid, and away.

    Going back or loading again never pays: `number` is the payment's own, from the first page on, and pays once.
    """
    shop = _shop(request, code)
    if request.method != "POST":
        if "amount_yen" in request.GET:
            return _asked(request, shop)
        return _amount(request, shop, refusal=_closed(request, shop))
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


def _asked(request: TownRequest, shop: ShopView, *, before: tuple[ShownPart, ...] = ()) -> HttpResponse:
    """What would pay it, and the button. Whoever comes back after paying is told so and can pay nothing twice.

    `before`: what somebody agreed to that no longer holds; nothing was paid, and it is said beside what holds now.
    """
    asked = request.POST if before else request.GET
    typed, number = asked.get("amount_yen", ""), asked.get("number", "")[:NUMBER_MAX] or str(uuid4())
    try:
        amount = parse_yen(typed)
        wanted = _request(request, shop, amount=amount, number=number)
        if made := ledger.look_up(wanted.key, municipality=request.municipality):
            return _amount(request, shop, done=made)
        if closed := _closed(request, shop):
            raise closed
        quote = operations.quote_payment(
            by=request.actor, at=request.at, holder=holder_of(request), shop=shop.id, amount_yen=amount
        )
    except Refusal as refusal:
        return _amount(request, shop, refusal=refusal, typed=typed)
    changed = SPLIT_CHANGED.refusal() if before else None
    return page(
        request, "confirm", way="pay", status=changed.kind.status if changed else 200, shop=shop, quote=quote,
        number=number, parts=quoted_parts(request, quote), payable=quote.amount_yen - quote.short_yen,
        seal=seal_of(quote, holder=holder_of(request), shop=shop.id, number=number), changed=changed,
        before=shown_parts(request, before),
    )  # fmt: skip


def _closed(request: TownRequest, shop: ShopView) -> Refusal | None:
    """Why nothing can be paid here now, said before an amount is typed."""
    if shop.status == "open":
        return None
    name = shop.name_ja if request.language == "ja" else shop.name_en
    return SHOP_NOT_ACCEPTING.refusal(field="shop", shop=name)


def _request(
    request: TownRequest, shop: ShopView, *, amount: int, number: str, shown: tuple[ShownPart, ...] = ()
) -> Asked:
    return operations.ask_at_shop(
        by=request.actor, at=request.at, holder=holder_of(request), shop=shop.id, amount_yen=amount, request=number,
        shown=shown,
    )  # fmt: skip


def _shop(request: TownRequest, code: str) -> ShopView:
    found = parties.shop_by_code(
        codes.parse_shop(code, host=settings.OFFICIAL_HOST).digits, municipality=request.municipality
    )
    if found is None:
        raise SHOP_NOT_REGISTERED.refusal(field="code")
    return found


def _pay(request: TownRequest, shop: ShopView, *, amount: int) -> HttpResponse:
    """Money moves here, once per number and as it was shown; whatever was not shown is only asked."""
    number = request.POST.get("number", "")[:NUMBER_MAX]
    shown = read_seal(
        request.POST.get("shown", ""), holder=holder_of(request), shop=shop.id, number=number, amount_yen=amount
    )
    if not shown:
        where = reverse("resident:at_shop", args=[shop.code])
        return redirect(f"{where}?{urlencode({'amount_yen': amount, 'number': number or uuid4()})}")
    wanted = _request(request, shop, amount=amount, number=number, shown=shown)
    try:
        return redirect("resident:paid", payment=operations.pay(wanted).id)
    except Refusal as refusal:
        if refusal.kind is SPLIT_CHANGED:
            return _asked(request, shop, before=shown)
        if refusal.kind is KEY_REUSED and (made := _same_payment(request, wanted)):
            return redirect("resident:paid", payment=made)
        raise


def _same_payment(request: TownRequest, wanted: Asked) -> UUID | None:
    """The payment of this number, if it was made here and for this sum: only its split was shown anew meanwhile."""
    made = ledger.look_up(wanted.key, municipality=request.municipality)
    found = made and queries.payment(made, municipality=request.municipality, at=request.at)
    return found.id if found and (found.shop, found.amount_yen) == (wanted.shop, wanted.amount_yen) else None


def _parts(request: TownRequest, parts: Iterable[tuple[PurseKindView, int]]) -> list[dict[str, object]]:
    return [
        {"family": kind.family, "name": purse_name(kind, request.language), "amount": yen}
        for kind, yen in parts
    ]


@residents_only
@never_cache
@require_GET
def paid(request: TownRequest, payment: UUID) -> HttpResponse:
    """The golden sheet for the counter. An old or refunded payment is shown as its receipt."""
    found = _own_payment(request, payment)
    if found.refunded_yen or request.at - found.paid_at > FRESH:
        return redirect("resident:receipt", payment=payment)
    shop = shop_name(request, found.shop)
    return page(
        request, "paid", way="pay", payment=found, shop=shop, parts=_parts(request, found.parts),
        earned=earned_of(found, municipality=request.municipality),
    )  # fmt: skip


@residents_only
@require_GET
def receipt(request: TownRequest, payment: UUID) -> HttpResponse:
    """One payment: where, when, from which purses; what of it was given back, when and why."""
    found = _own_payment(request, payment)
    made = queries.refunds_of(found, municipality=request.municipality)
    return page(
        request, "receipt", way="history", payment=found, shop=shop_name(request, found.shop),
        parts=_parts(request, found.parts), earned=earned_of(found, municipality=request.municipality),
        refunds=[{"at": each.at, "yen": each.amount_yen, "why": _why(request, each.reason)} for each in made],
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
