"""What pays: the parts as somebody is shown them, why in this order, and the seal by which the press agrees to them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from django.core.signing import BadSignature, Signer

from meguri.faces.entrance.requests import TownRequest
from meguri.faces.resident.frame import purse_name
from meguri.programmes import queries as programmes
from meguri.programmes.rules import PurseKindView
from meguri.tills.rules import Quote, ShownPart

SALT = "meguri.split/1"
WHOLE = 10_000
"""Every shop, in 1/100 %."""


def quoted_parts(request: TownRequest, quote: Quote) -> list[dict[str, object]]:
    """A row for each part, in the order of spending: how much, until when, and in which share of the shops."""
    parts = zip(quote.parts, quote.ends, strict=True)
    return [_row(request, kind, yen=yen, until=until) for (kind, yen), until in parts]


def shown_parts(request: TownRequest, shown: Iterable[ShownPart]) -> list[dict[str, object]]:
    """The same for what was shown before."""
    kinds = programmes.rules_in_force(request.municipality, request.at).purse_kinds
    known = [part for part in shown if part.kind in kinds]
    return [_row(request, kinds[part.kind], yen=part.yen, until=part.until) for part in known]


def _row(request: TownRequest, kind: PurseKindView, *, yen: int, until: datetime | None) -> dict[str, object]:
    return {
        "family": kind.family, "name": purse_name(kind, request.language), "amount": yen, "until": until,
        "percent": (WHOLE - kind.tightness) // 100 if kind.tightness else None,
    }  # fmt: skip


def seal_of(quote: Quote, *, holder: UUID, shop: UUID, number: str) -> str:
    """What is shown, signed: it holds for this holder, shop, payment and sum only."""
    parts = [[part.kind.hex, part.yen, part.until.isoformat() if part.until else ""] for part in quote.shown]
    return Signer(salt=SALT).sign_object([holder.hex, shop.hex, number, parts])


def read_seal(text: str, *, holder: UUID, shop: UUID, number: str, amount_yen: int) -> tuple[ShownPart, ...]:
    """The parts that were shown for this very payment; none if the seal is another's, broken or missing."""
    try:
        *whose, parts = Signer(salt=SALT).unsign_object(text)
    except (BadSignature, ValueError):
        return ()
    shown = tuple(
        ShownPart(UUID(hex=kind), yen, datetime.fromisoformat(until) if until else None) for kind, yen, until in parts
    )
    is_this = whose == [holder.hex, shop.hex, number] and sum(part.yen for part in shown) == amount_yen
    return shown if is_this else ()
