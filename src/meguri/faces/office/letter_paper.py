"""Paper: letters for window envelopes and the list for the counter, set by typst. Pure: no database, no clock.

Shape of a letter: A4 upright, folded twice to a third (210 x 99 mm) into a long envelope (長形3号, 235 x 120 mm). Its
window lies 20 mm from the left and 12 mm from the top and is 90 x 45 mm large; the address block starts 4 mm inside it
(24 mm, 16 mm) and is 82 x 37 mm large. Nothing else stands within the window's edges: the sender begins 126 mm from
the left, all other text 64 mm from the top. Sizes of type are in points (1/72 inch).
"""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import segno

from meguri.faces.design.paper import set_paper

NORMAL, LARGE = 14, 18
"""The letter's type, as usual and for those who read large type better (points)."""
HOME = Path(__file__).parent

Pair = tuple[str, str]
"""Japanese, and a shorter English line under it."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """One letter as it will be read. `qr` is a picture (SVG) of `link`; `number` is set in large type of one width."""

    name: str
    address: str
    head: tuple[str, ...]  # the day, the town, the department
    subject: Pair
    opening: tuple[Pair, ...]
    facts: tuple[tuple[str, str, str], ...]
    ways: tuple[Pair, ...]
    number_label: Pair
    number: str
    link: str
    qr: str
    invented: Pair | None


def qr_of(link: str) -> str:
    """The link as a QR code (error correction M, quiet zone of 4 modules), a picture for the paper."""
    out = io.BytesIO()
    segno.make(link, error="m", boost_error=False, micro=False).save(
        out, kind="svg", border=4, xmldecl=False, dark="#000", light="#fff"
    )
    return out.getvalue().decode()


def letters_pdf(sheets: Sequence[Sheet], *, title: str, size: int = NORMAL) -> bytes:
    """One PDF with a page for each letter."""
    return pdf("letters.typ", {
        "title": title, "size": size, "letters": [asdict(each) | _sizes(each, size=size) for each in sheets]
    })  # fmt: skip


def list_pdf(rows: Sequence[tuple[str, str, str, str]], *, title: str, made: str, foot: str) -> bytes:
    """The counter's list: receipt number, name, units, yen. `foot` says who is not in it."""
    heads = ["受付番号", "氏名", "口数", "代金", "済"]
    return pdf("counter_list.typ", {"title": title, "made": made, "heads": heads, "rows": rows, "foot": foot})


def _sizes(sheet: Sheet, *, size: int) -> dict[str, float]:
    """Long addresses and long numbers are set smaller, so that the one stays in the window, the other on its line."""
    large = size > NORMAL
    address = 9.0 if len(sheet.address) > 54 else (12.5 if large else 11.0)
    return {
        "address_size": address, "name_size": 11.0 if len(sheet.name) > 18 else (18.0 if large else 15.0),
        "number_size": 19.0 if len(sheet.number) > 14 else (26.0 if large else 22.0),
    }  # fmt: skip


def pdf(template: str, values: Mapping[str, Any]) -> bytes:
    """What a template of this folder sets of these values."""
    return set_paper(HOME / template, values)
