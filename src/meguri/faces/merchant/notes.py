"""Paper notes at the till: one scanned after the other, each told at once what became of it."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

from django.http import HttpResponse
from django.views.decorators.cache import never_cache

from meguri.faces.entrance.requests import TownRequest
from meguri.faces.merchant.frame import at_the_till, own_shop, page, shop_of
from meguri.tills.deliveries import NO_CHANGE, Counted, count_notes, deliveries
from meguri.words.refusal import Refusal
from meguri.words.yen import parse_yen

EARLIER = 5
"""How many deliveries stand below."""


@at_the_till
@never_cache
def notes(request: TownRequest) -> HttpResponse:
    """Count what was scanned. `delivery` is the pile's own number: the same scan sent again is counted once.

    `due_yen`: a customer pays a bill with these notes; then nothing is taken beyond it before that is agreed.
    """
    if request.method != "POST":
        return _page(request, delivery=_delivery(request.GET.get("delivery", "")))
    delivery = _delivery(request.POST.get("delivery", ""))
    try:
        counted = _count(request, delivery)
    except Refusal as refusal:
        return _page(
            request, delivery=delivery, refusal=refusal, typed=request.POST.get("notes", ""),
            due=request.POST.get("due_yen", ""), asks=refusal.kind is NO_CHANGE, status=refusal.kind.status,
        )
    return _page(request, delivery=delivery, counted=counted, had_due=bool(request.POST.get("due_yen", "").strip()))


def _count(request: TownRequest, delivery: UUID) -> Counted:
    lines = [line for line in request.POST.get("notes", "").splitlines() if line.strip()]
    typed = request.POST.get("due_yen", "").strip()
    return count_notes(
        shop=shop_of(request), delivery=delivery, notes=lines, by=request.actor, at=request.at,
        due_yen=parse_yen(typed, field="due_yen") if typed else None, no_change="no_change" in request.POST,
    )


def _page(request: TownRequest, *, delivery: UUID, status: int = 200, **values: Any) -> HttpResponse:
    shop = own_shop(request)
    counted = values.get("counted")
    verdicts = sorted(counted.verdicts, key=lambda each: each.state != "refused") if counted else []
    earlier = deliveries(shop.id, municipality=request.municipality, limit=EARLIER)
    this = next((each for each in earlier if each.id == delivery), None)
    return page(
        request, "notes", way="home", status=status, shop=shop, delivery=delivery, verdicts=verdicts,
        tally_notes=counted.notes if counted else (this.notes if this else 0),
        tally_yen=counted.yen if counted else (this.yen if this else 0),
        earlier=[each for each in earlier if each.id != delivery], fresh=uuid4(), **values,
    )  # fmt: skip


def _delivery(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        return uuid4()
