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


def utf8_file(rows: Sequence[Sequence[str]], *, is_first: bool = True) -> bytes:
    """With byte order mark and CRLF, as spreadsheets in Japan want it. `rows`: the heads first.

    A later part of a file (`is_first` is false) goes without mark and heads.
    """
    return written(rows).encode() if is_first else _unmarked(rows[1:]).encode()


def cp932_file(
    rows: Sequence[Sequence[str]], *, line: int = 1, is_first: bool = True
) -> tuple[bytes, tuple[Unsayable, ...]]:
    """The file, or a later part of it without heads, and every sign in it that had to be written by its number.

    `line`: of the whole file, the line on which the heads would stand if this part had them.
    """
    heads, *_ = rows
    missing = [
        Unsayable(place_of, heads[place], sign)
        for place_of, row in enumerate(rows, start=line) for place, cell in enumerate(row) if not cell.isascii()
        for sign in cell if not _is_sayable(sign)
    ]
    shown = rows if is_first else rows[1:]
    plain = [[cell if cell.isascii() else "".join(map(_said, cell)) for cell in row] for row in shown]
    return _unmarked(plain).encode("cp932"), tuple(missing)


def _unmarked(rows: Sequence[Sequence[str]]) -> str:
    return written(rows).removeprefix("\ufeff")


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
