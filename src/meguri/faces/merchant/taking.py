"""Taking a payment: type the amount, read the customer's code, see the tick."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from meguri.faces.entrance.requests import TownRequest
from meguri.faces.merchant.coming import coming_rows
from meguri.faces.merchant.frame import at_the_till, cursor, own_shop, page, purse_rows, shop_of
from meguri.ledger import queries as books
from meguri.ledger.rules import KEY_REUSED
from meguri.programmes.campaigns import Earned
from meguri.tills import codes, operations, queries
from meguri.tills.earned import earned_of
from meguri.tills.rules import CODE_EXPIRED, CODE_UNKNOWN, CODE_USED_HERE, PAYMENT_SHORT, PAYMENT_UNKNOWN, Payment
from meguri.words import clock
from meguri.words.refusal import Refusal, declare
from meguri.words.yen import parse_yen

LATEST = 5
"""How many payments stand below the pad."""
FRESH = timedelta(minutes=10)
"""Until then a payment may be shown as the golden sheet; later it might be taken for a new one."""
NUMBER_MAX = 100

AMOUNT_MISSING = declare(
    "till_amount_missing",
    status=422,
    ja="金額がまだです。金額を入力してください。",
    en="There is no amount yet. Please type it.",
)
CODE_MISSING = declare(
    "till_code_missing",
    status=422,
    ja="お客さまのコードがまだです。読み取るか、数字30けたを入力してください。",
    en="There is no customer's code yet. Please scan it or type its 30 digits.",
)
CODE_NOT_OURS = declare(
    "till_code_not_ours",
    status=422,
    ja="これはお客さまの支払いコードではありません。お客さまの画面の「払う」に出ているコードを読み取ってください。",
    en="This is not a customer's payment code. Please scan the code that “Pay” shows on the customer's screen.",
)
SPENT_CODES = frozenset({
    CODE_EXPIRED.code, CODE_UNKNOWN.code, CODE_USED_HERE.code, CODE_NOT_OURS.code, "used_once", "code_of_shop",
    "code_unreadable",
})  # fmt: skip
"""After these the code in the field is of no more use: the customer shows a new one."""


@at_the_till
@never_cache
def home(request: TownRequest) -> HttpResponse:
    """The pad. `number` in the form is the sale's own: a double tap, or a reply that was lost, is one payment."""
    if request.method != "POST":
        return _till(request, number=str(uuid4()), amount=request.GET.get("amount_yen", ""))
    number = request.POST.get("number", "")[:NUMBER_MAX] or str(uuid4())
    try:
        payment = _take(request, number)
    except Refusal as refusal:
        return _refused(request, refusal, number=number)
    return redirect("merchant:paid", payment=payment.id)


def _take(request: TownRequest, number: str) -> Payment:
    """Money moves here, once per number. Raises every refusal of the tills."""
    typed, shown = request.POST.get("amount_yen", "").strip(), request.POST.get("code", "").strip()
    if not typed:
        raise AMOUNT_MISSING.refusal(field="amount_yen")
    amount = parse_yen(typed)
    if not shown:
        raise CODE_MISSING.refusal(field="code")
    asked = operations.ask_with_code(
        by=request.actor, at=request.at, shop=shop_of(request), amount_yen=amount, request=number,
        code=_code(request, shown),
    )  # fmt: skip
    return operations.pay(asked)


def _code(request: TownRequest, shown: str) -> codes.HolderCode:
    """What was scanned or typed; the words are those for the person at the till, who asks for another code."""
    typed = codes.typed_holder(shown)
    try:
        return codes.parse_holder(shown, host=settings.OFFICIAL_HOST)
    except Refusal as refusal:
        if refusal.kind is codes.CODE_FOREIGN:
            raise CODE_NOT_OURS.refusal(field="code") from None
        if typed and (group := queries.mistyped_group(typed, municipality=request.municipality, at=request.at)):
            digits = codes.show(typed).split()[group - 1]
            raise codes.CODE_GROUP_MISTYPED.refusal(field="code", group=group, digits=digits) from None
        raise


def _refused(request: TownRequest, refusal: Refusal, *, number: str) -> HttpResponse:
    """The same page, what was typed kept. A number under which something else was paid is never used again."""
    code = "" if refusal.code in SPENT_CODES else request.POST.get("code", "")
    less = int(str(refusal.facts["available"])) if refusal.kind is PAYMENT_SHORT else 0
    return _till(
        request, number=str(uuid4()) if refusal.kind is KEY_REUSED else number, status=refusal.kind.status,
        amount=request.POST.get("amount_yen", ""), code=code, refusal=refusal, less=less,
    )  # fmt: skip


def _till(request: TownRequest, *, number: str, status: int = 200, **values: object) -> HttpResponse:
    shop = own_shop(request)
    found = queries.till_lines(shop.id, municipality=request.municipality, limit=LATEST)
    return page(
        request, "till", way="home", status=status, shop=shop, number=number, coming=coming_rows(request),
        **_just_now(request, found), **values,
    )  # fmt: skip


def _just_now(request: TownRequest, found: tuple[queries.TillLine, ...]) -> dict[str, Any]:
    """Today's sum and today's last lines: only times stand beside them, so an older day's has no place here."""
    today = clock.day(request.at)
    lines = [line for line in found if clock.day(line.at) == today]
    return {
        "lines": lines, "today": today,
        "undone": {line.refunds for line in lines if line.is_refund and not line.in_part},
        "newest": found[0].posting if found else "",
        "day": queries.shop_day(shop_of(request), on=today, municipality=request.municipality),
    }  # fmt: skip


@at_the_till
@never_cache
@require_GET
def latest(request: TownRequest) -> HttpResponse:
    """What the open till asks for every few seconds: empty (204) while nothing came after `after`.

    What a customer paid by the shop's own code comes with the golden sheet, since nobody at this till has seen it yet.
    """
    found = queries.till_lines(shop_of(request), municipality=request.municipality, limit=LATEST)
    after = cursor(request) or UUID(int=0)
    new = [line for line in found if line.posting > after]
    if not new:
        return HttpResponse(status=204)
    landed = [line for line in new if _is_unseen(request, line)]
    shown = own_payment(request, landed[0].posting) if landed else None
    parts = purse_rows(request, shown.parts) if shown else []
    earned = earned_for_shop(request, shown) if shown else []
    return page(
        request, "latest", way="home", landed=shown, parts=parts, earned=earned, others=len(landed) - 1,
        **_just_now(request, found),
    )  # fmt: skip


def _is_unseen(request: TownRequest, line: queries.TillLine) -> bool:
    """A fresh payment that the customer made alone, by the shop's printed code."""
    if line.is_refund or request.at - line.at > FRESH:
        return False
    posting = books.posting(line.posting, municipality=request.municipality)
    return posting is not None and posting.about.get("channel") == "merchant_code"


@at_the_till
@never_cache
@require_GET
def paid(request: TownRequest, payment: UUID) -> HttpResponse:
    """The tick that is seen across the counter. An old or refunded payment is shown as what it is."""
    found = own_payment(request, payment)
    if found.refunded_yen or request.at - found.paid_at > FRESH:
        return redirect("merchant:payment", payment=payment)
    return page(
        request, "paid", way="home", payment=found, parts=purse_rows(request, found.parts),
        earned=earned_for_shop(request, found),
    )  # fmt: skip


def earned_for_shop(request: TownRequest, found: queries.PaymentView) -> list[Earned]:
    """What campaigns gave the customer, in words that say nothing of a household."""
    return [each.for_the_shop() for each in earned_of(found, municipality=request.municipality)]


def own_payment(request: TownRequest, payment: UUID) -> queries.PaymentView:
    """A payment that was taken in this shop; another shop's is not known here."""
    found = queries.payment(payment, municipality=request.municipality, at=request.at)
    if found is None or found.shop != shop_of(request):
        raise PAYMENT_UNKNOWN.refusal(field="payment")
    return found
