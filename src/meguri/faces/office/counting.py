"""The desk where notes are counted that a shop without a device hands in."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from django.conf import settings
from django.http import HttpResponse
from django.views.decorators.cache import never_cache

from meguri.faces.entrance.requests import TownRequest
from meguri.faces.office.desks import require_desk
from meguri.faces.office.frame import officers_only, page, say, uuid_of
from meguri.faces.office.tables import Cell, Table, table
from meguri.parties import queries as parties
from meguri.parties.queries import ShopView
from meguri.tills import codes
from meguri.tills.deliveries import Counted, count_notes
from meguri.tills.rules import SHOP_NOT_REGISTERED
from meguri.tills.scans import NoteVerdict
from meguri.words.refusal import Refusal

STATES = {
    "counted": ("数えた", "Counted", "done"),
    "again": ("この持ち込みで数えました", "Counted before in this delivery", "closed"),
    "refused": ("数えない", "Not counted", "refused"),
}  # fmt: skip


@officers_only
@never_cache
def counting(request: TownRequest) -> HttpResponse:
    """Name the shop, scan its notes into the box, count; go on with the same delivery until the pile is done."""
    require_desk(request, "till.count_notes", family="voucher")
    refusal, counted, shop = None, None, None
    if request.method == "POST":
        try:
            shop = _shop(request)
            counted = _count(request, shop)
        except Refusal as no:
            refusal = no
    return page(
        request, "counting", way="counting", refusal=refusal, shop=shop, counted=counted,
        delivery=uuid_of(request.POST.get("delivery", "")) or uuid4(), told=_told(request, counted),
        refused=[each for each in counted.verdicts if each.state == "refused"] if counted else [],
    )  # fmt: skip


def _shop(request: TownRequest) -> ShopView:
    """The shop by the number on its sticker. Raises Refusal as `codes.parse_shop`, and `shop_not_registered`."""
    code = codes.parse_shop(request.POST.get("shop", ""), host=settings.OFFICIAL_HOST)
    found = parties.shop_by_code(code.digits, municipality=request.municipality)
    if found is None:
        raise SHOP_NOT_REGISTERED.refusal(field="shop")
    return found


def _count(request: TownRequest, shop: ShopView) -> Counted:
    lines = [line for line in request.POST.get("notes", "").splitlines() if line.strip()]
    delivery = uuid_of(request.POST.get("delivery", "")) or uuid4()
    return count_notes(shop=shop.id, delivery=delivery, notes=lines, by=request.actor, at=request.at)


def _told(request: TownRequest, counted: Counted | None) -> Table | None:
    """What became of each scan, what was refused first."""
    if counted is None:
        return None
    ordered = sorted(counted.verdicts, key=lambda each: each.state != "refused")
    return table(
        request, "verdicts", caption=("いま読み取った券", "Notes scanned just now"), export=False,
        columns=[("券番号", "Number", "keep"), ("結果", "Result"), ("金額", "Yen", "number"), ("わけ", "Why")],
        rows=[_row(request, each) for each in ordered],
    )  # fmt: skip


def _row(request: TownRequest, each: NoteVerdict) -> list[Cell]:
    ja, en, badge = STATES[each.state]
    state: dict[str, Any] = {"status": badge, "text": say(request, ja, en)}
    why = each.refusal.sentence("ja" if request.language == "ja" else "en") if each.refusal else ""
    return [each.serial.shown if each.serial else each.text, state, {"amount": each.yen} if each.yen else None, why]

