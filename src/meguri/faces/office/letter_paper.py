"""Paper: letters for window envelopes and the list for the counter, set by typst. Pure: no database, no clock.

Shape of a letter: A4 upright, folded twice to a third (210 x 99 mm) into a long envelope (長形3号, 235 x 120 mm). Its
window lies 20 mm from the left and 12 mm from the top and is 90 x 45 mm large; the address block starts 4 mm inside it
(24 mm, 16 mm) and is 82 x 37 mm large. Nothing else stands within the window's edges: the sender begins 126 mm from
the left, all other text 64 mm from the top. Sizes of type are in points (1/72 inch).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import segno

from meguri.faces.design.paper import set_paper

NORMAL, LARGE = 14, 18
"""The letter's type, as usual and for those who read large type better (points)."""
HOME = Path(__file__).parent
LETTERS, COUNTER_LIST = "letters.typ", "counter_list.typ"
MASK = 2
"""One pattern for all codes: to try the eight and choose takes nine tenths of the time, and random signs look fine in
any.
"""
QUIET = 4
"""Light modules around a code, as its standard wants them."""

Pair = tuple[str, str]
"""Japanese, and a shorter English line under it."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """One letter as it will be read. `qr` is what its QR code says; `number` is set in large type of one width."""

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


@lru_cache(maxsize=64)
def qr_of(link: str) -> str:
    """The link as a QR code (error correction M), drawn as one path of as few strokes as its rows have dark runs."""
    matrix = segno.make(link, error="m", boost_error=False, micro=False, mask=MASK).matrix
    size = len(matrix) + 2 * QUIET
    drawn = "".join(_row(row, y) for y, row in enumerate(matrix, start=QUIET))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {size} {size}">'
        f'<rect width="{size}" height="{size}" fill="#fff"/><path d="{drawn}"/></svg>'
    )


def _row(row: Sequence[int], y: int) -> str:
    text = "".join("1" if module else "0" for module in row)
    drawn, start = [], text.find("1")
    while start >= 0:
        end = text.find("0", start)
        end = len(text) if end < 0 else end
        drawn.append(f"M{start + QUIET} {y}h{end - start}v1h-{end - start}z")
        start = text.find("1", end)
    return "".join(drawn)


def letters_pdf(sheets: Sequence[Sheet], *, title: str, size: int = NORMAL) -> bytes:
    """One PDF with a page for each letter."""
    return pdf(LETTERS, letter_values(sheets, title=title, size=size))


def letter_values(sheets: Sequence[Sheet], *, title: str, size: int = NORMAL) -> dict[str, Any]:
    """What `pdf` sets as letters; plain values, so that they can be put away and set later."""
    return {"title": title, "size": size, "letters": [asdict(each) | _sizes(each, size=size) for each in sheets]}


def list_values(rows: Sequence[tuple[str, str, str, str]], *, title: str, made: str, foot: str) -> dict[str, Any]:
    """What `pdf` sets as the counter's list: receipt number, name, units, yen. `foot` says who is not in it."""
    heads = ["受付番号", "氏名", "口数", "代金", "済"]
    return {"title": title, "made": made, "heads": heads, "rows": rows, "foot": foot}


def _sizes(sheet: Sheet, *, size: int) -> dict[str, float]:
    """Long addresses and long numbers are set smaller, so that the one stays in the window, the other on its line."""
    large = size > NORMAL
    address = 9.0 if len(sheet.address) > 54 else (12.5 if large else 11.0)
    return {
        "address_size": address, "name_size": 11.0 if len(sheet.name) > 18 else (18.0 if large else 15.0),
        "number_size": 19.0 if len(sheet.number) > 14 else (26.0 if large else 22.0),
    }  # fmt: skip


def pdf(template: str, values: Mapping[str, Any]) -> bytes:
    """What a template of this folder sets of these values; each letter's QR code is drawn only now."""
    if template == LETTERS:
        values = {**values, "letters": [{**each, "qr": qr_of(each["qr"])} for each in values["letters"]]}
    return set_paper(HOME / template, values)
