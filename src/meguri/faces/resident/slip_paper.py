"""A convenience-store slip on paper: the buyer's part, the store's with the barcode, the receipt. Pure.

Shape: one A4 sheet, cut twice across. The barcode is 308 modules of 0.19 mm with its quiet zones, 58.5 mm in all: a
till's scanner is 60 mm wide. Nobody's name stands on it; the buyer may write their own on the receipt.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path

from meguri.faces.design.barcode import barcode_svg
from meguri.faces.design.paper import set_paper

TEMPLATE = Path(__file__).parent / "slip.typ"
MODULE_MM = 0.19
MODULES = 308
HEIGHT = 80
"""Of the bars, in modules: 15 mm."""

Pair = tuple[str, str]
"""Japanese, and English."""

STEPS: tuple[Pair, ...] = (
    ("切り離さずに、この紙をレジで渡し、現金で払ってください。",
     "Hand the whole sheet over at the till and pay in cash."),
    ("領収書とこの控えを受け取り、商品券が届くまで持っていてください。",
     "Keep this part and the receipt until your vouchers have come."),
    ("期限を過ぎた払込票は使えません。新しい払込票を出してください。",
     "After the last day it is not taken; please print a new one."),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Slip:
    """What stands on the sheet. `barcode`: 44 digits, `digits`: the same in two lines; `stamped`: a box for a stamp."""

    title: str
    town: Pair
    programme: Pair
    issuer: str
    agency: str
    amount: str
    last_day: Pair
    number: str
    application: str
    units: Pair
    barcode: str
    digits: Pair
    stamped: bool
    invented: Pair | None


def slip_pdf(slip: Slip) -> bytes:
    """The sheet."""
    return set_paper(TEMPLATE, values_of(slip))


def values_of(slip: Slip) -> dict[str, object]:
    """What the template reads."""
    return {
        **asdict(slip), "steps": STEPS, "bars": barcode_svg(slip.barcode, height=HEIGHT),
        "bars_mm": MODULES * MODULE_MM,
    }  # fmt: skip
