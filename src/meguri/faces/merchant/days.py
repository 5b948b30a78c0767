"""The shop's day, one payment of it, and giving it back."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any
from uuid import UUID, uuid4

from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from meguri.faces.design import figures
from meguri.faces.entrance.requests import TownRequest
from meguri.faces.merchant.frame import at_the_till, csv_file, cursor, own_shop, page, purse_rows, said, shop_of
from meguri.faces.merchant.taking import NUMBER_MAX, earned_for_shop, own_payment
from meguri.ledger.rules import KEY_REUSED
from meguri.tills import operations, queries
from meguri.tills.queries import PaymentView, TillLine
from meguri.tills.rules import PAYMENT_MAX_YEN
from meguri.words import clock
from meguri.words.ids import uuid7
from meguri.words.refusal import Refusal, declare
from meguri.words.yen import parse_yen

PAGE = 30
READ_AT_ONCE = 200
REASON_MISSING = declare(
    "refund_reason_missing", status=422, ja="返金する理由を選んでください。", en="Please choose why you give it back."
)
NOTE_MAX = 100
"""Letters of a note to a refund; the books keep 200 of reason and note together."""
NOTE_TOO_LONG = declare(
    "refund_note_too_long",
    status=422,
    ja="メモは{most}文字までです(いま{length}文字)。短くしてください。",
    en="The note may have {most} letters; it has {length}. Please shorten it.",
)
REASONS = (
    ("goods", "商品が返された", "Goods came back"),
    ("amount", "金額をまちがえた", "The amount was wrong"),
    ("twice", "二重に受け取った", "It was taken twice"),
    ("other", "そのほか", "Something else"),
)


@at_the_till
@never_cache
@require_GET
def day(request: TownRequest) -> HttpResponse:
    """A day's takings and every payment and refund of it; days run from the shop's joining to today."""
    today = clock.day(request.at)
    shop = own_shop(request)
    first = min(shop.joined_on, today)
    on = max(first, min(_day(request.GET.get("on", ""), otherwise=today), today))
    lines = lines_of_day(shop.id, on=on, municipality=request.municipality)
    if request.GET.get("format") == "csv":
        return csv_file(_csv_rows(request, lines), name=f"day-{on.isoformat()}.csv")
    shown, further = _page(lines, cursor(request))
    return page(
        request, "day", way="day", shop=shop, on=on, today=today, lines=shown, further=further, count=len(lines),
        undone={line.refunds for line in lines if line.is_refund and not line.in_part},
        before=on - timedelta(days=1) if on > first else None,
        later=on + timedelta(days=1) if on < today else None,
        day=queries.shop_day(shop.id, on=on, municipality=request.municipality),
    )  # fmt: skip


def _day(text: str, *, otherwise: date) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return otherwise


def lines_of_day(shop: UUID, *, on: date, municipality: int) -> list[TillLine]:
    """All payments and refunds of a day in Japan, newest first; their ids sort by time, so the day is found at once."""
    found: list[TillLine] = []
    after = uuid7(clock.midnight(on + timedelta(days=1)))
    while part := queries.till_lines(shop, municipality=municipality, after=after, limit=READ_AT_ONCE):
        found += [line for line in part if clock.day(line.at) == on]
        if clock.day(part[-1].at) < on:
            break
        after = part[-1].posting
    return found


def _page(lines: list[TillLine], after: UUID | None) -> tuple[list[TillLine], UUID | None]:
    """A page of the day, and the cursor of the next one if there is one."""
    rest = [line for line in lines if after is None or line.posting < after]
    shown = rest[:PAGE]
    return shown, shown[-1].posting if len(rest) > PAGE else None


def _csv_rows(request: TownRequest, lines: list[TillLine]) -> list[tuple[object, ...]]:
    """A head and a row each; the yen add up to the day's takings."""
    head = said(request, "日時,種類,金額(円),番号,もとの支払い", en="Time,Kind,Yen,Number,Refunded payment").split(",")
    return [
        tuple(head),
        *(
            (
                f"{line.at.astimezone(clock.JST):%Y-%m-%d %H:%M:%S}", _kind(request, line),
                line.amount_yen, line.posting, line.refunds or "",
            )
            for line in lines
        ),
    ]  # fmt: skip


def _kind(request: TownRequest, line: TillLine) -> str:
    if line.in_part:
        return said(request, "一部返金", en="refund of a part")
    if line.is_refund:
        return said(request, "返金", en="refund")
    if line.paper:
        return said(request, "支払い(紙の券)", en="payment (paper note)")
    return said(request, "支払い", en="payment")


@at_the_till
@never_cache
@require_GET
def payment(request: TownRequest, payment: UUID) -> HttpResponse:
    """One payment: when, which purses, and what of it was given back."""
    found = own_payment(request, payment)
    return page(
        request, "payment", way="day", shop=own_shop(request), payment=found, on=clock.day(found.paid_at),
        parts=purse_rows(request, found.parts), refunds=_refunds_of(request, found),
        earned=earned_for_shop(request, found),
    )  # fmt: skip


def _refunds_of(request: TownRequest, found: PaymentView) -> list[dict[str, Any]]:
    """What was given back: when, how much and why, as the person at the till wrote it."""
    in_english = {ja: en for _, ja, en in REASONS}
    rows = []
    for made in queries.refunds_of(found, municipality=request.municipality):
        words, colon, note = made.reason.partition(": ")
        why = said(request, words, en=in_english.get(words, words)) + colon + note
        rows.append({"at": made.at, "yen": made.amount_yen, "why": why})
    return rows


@at_the_till
@never_cache
def refund(request: TownRequest, payment: UUID) -> HttpResponse:
    """Ask once more, with the reason; then give back all that is left, or the part that was typed on the other page."""
    found = own_payment(request, payment)
    if found.refunded_by:
        return redirect("merchant:payment", payment=payment)
    if request.method != "POST":
        return _refund_page(request, found)
    try:
        _give_back(request, found)
    except Refusal as refusal:
        return _refund_page(request, own_payment(request, payment), refusal=refusal)
    return redirect("merchant:payment", payment=payment)


def _give_back(request: TownRequest, found: PaymentView) -> None:
    """Money moves here: the whole rest once, a part once per number. Raises every refusal of a refund."""
    reason = reason_of(request)
    part = parse_yen(request.POST.get("amount_yen", ""), most=PAYMENT_MAX_YEN) if _in_part(request) else None
    operations.refund_payment(
        by=request.actor, at=request.at, shop=shop_of(request), payment=found.id, reason=reason, amount_yen=part,
        request=request.POST.get("number", "")[:NUMBER_MAX],
    )  # fmt: skip


def _in_part(request: TownRequest) -> bool:
    return "part" in (request.POST if request.method == "POST" else request.GET)


def _refund_page(request: TownRequest, found: PaymentView, *, refusal: Refusal | None = None) -> HttpResponse:
    """The whole is the default; a part has a page of its own, so that its button never gives back more than typed."""
    number = request.POST.get("number", "")[:NUMBER_MAX]
    if not number or (refusal and refusal.kind is KEY_REUSED):
        number = str(uuid4())
    return page(
        request, "refund", way="day", status=refusal.kind.status if refusal else 200, payment=found, refusal=refusal,
        parts=purse_rows(request, found.refundable_parts), in_part=_in_part(request), number=number,
        paid_at=figures.show_moment(found.paid_at, request.language), typed=request.POST.get("amount_yen", ""),
        chosen=request.POST.get("reason", ""), note=request.POST.get("note", ""), note_max=NOTE_MAX,
        reasons=[{"value": key, "label": said(request, ja, en=en)} for key, ja, en in REASONS],
    )  # fmt: skip


def reason_of(request: TownRequest) -> str:
    """The reason as the books keep it: the Japanese words, and what the clerk added; nothing is cut off."""
    words = {key: ja for key, ja, _ in REASONS}.get(request.POST.get("reason", ""))
    if words is None:
        raise REASON_MISSING.refusal(field="reason")
    note = " ".join(request.POST.get("note", "").split())
    if len(note) > NOTE_MAX:
        raise NOTE_TOO_LONG.refusal(field="note", most=NOTE_MAX, length=len(note))
    return f"{words}: {note}" if note else words
