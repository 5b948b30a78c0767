"""What pays: the parts as somebody is shown them, and why in this order."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from meguri.faces.entrance.requests import TownRequest
from meguri.faces.resident.frame import purse_name
from meguri.programmes import queries as programmes
from meguri.programmes.rules import PurseKindView
from meguri.tills.rules import Quote, ShownPart

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
