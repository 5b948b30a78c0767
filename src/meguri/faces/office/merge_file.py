"""The merge file for the town's own printer: one line a letter, in UTF-8 (with byte order mark) or CP932.

CP932 cannot say every sign of a name. Such a sign is written as `{U+20BB7}`, never as a question mark or 〓, and is
named with its line, so that somebody puts it right by hand; `said_again` reads it back.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from meguri.faces.office.tables import written

SAME = str.maketrans({
    "\u301c": "\uff5e", "\u2212": "\uff0d", "\u2014": "\u2015", "\u2016": "\u2225",  # wave, minus, dash, parallel
    "\u00a2": "\uffe0", "\u00a3": "\uffe1", "\u00ac": "\uffe2",  # cent, pound, not
})  # fmt: skip
"""Signs that Unicode has twice and CP932 once: the other of the two is the same sign to a reader."""


@dataclass(frozen=True, slots=True)
class Unsayable:
    """A sign that the file's encoding does not have: its line (the heads are line 1) and the head above it."""

    line: int
    head: str
    sign: str

    @property
    def text(self) -> str:
        return f"{self.line}行目 / line {self.line}「{self.head}」: {self.sign} (U+{ord(self.sign):04X})"


def utf8_file(rows: Sequence[Sequence[str]]) -> bytes:
    """With byte order mark and CRLF, as spreadsheets in Japan want it. `rows`: the heads first."""
    return written(rows).encode()


def cp932_file(rows: Sequence[Sequence[str]]) -> tuple[bytes, tuple[Unsayable, ...]]:
    """The file and every sign in it that had to be written by its number."""
    heads, *_ = rows
    missing = [
        Unsayable(line, heads[place], sign)
        for line, row in enumerate(rows, start=1) for place, cell in enumerate(row) if not cell.isascii()
        for sign in cell if not _is_sayable(sign)
    ]
    plain = [[cell if cell.isascii() else "".join(map(_said, cell)) for cell in row] for row in rows]
    return written(plain).removeprefix("\ufeff").encode("cp932"), tuple(missing)


def said_again(text: str) -> str:
    """The text with numbered signs as signs again."""
    return re.sub(r"\{U\+([0-9A-F]{4,6})\}", lambda found: chr(int(found[1], 16)), text)


@cache
def _is_sayable(sign: str) -> bool:
    try:
        sign.translate(SAME).encode("cp932")
    except UnicodeEncodeError:
        return False
    return True


@cache
def _said(sign: str) -> str:
    return sign.translate(SAME) if _is_sayable(sign) else f"{{U+{ord(sign):04X}}}"
