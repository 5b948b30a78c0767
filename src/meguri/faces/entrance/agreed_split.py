"""The seal by which somebody agrees to the parts that they were shown: which money pays, how much of each.

Pages and programs use the same: what was shown comes back with the press, and is paid like that or not at all.
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.core.signing import BadSignature, Signer

from meguri.tills.rules import Quote, ShownPart

SALT = "meguri.split/1"


def seal_of(quote: Quote, *, holder: UUID, shop: UUID, number: str = "") -> str:
    """What is shown, signed: it holds for this holder, shop and sum only, and, with a number, for this payment only."""
    parts = [[part.kind.hex, part.yen, part.until.isoformat() if part.until else ""] for part in quote.shown]
    return Signer(salt=SALT).sign_object([holder.hex, shop.hex, number, parts])


def read_seal(text: str, *, holder: UUID, shop: UUID, amount_yen: int, number: str = "") -> tuple[ShownPart, ...]:
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
