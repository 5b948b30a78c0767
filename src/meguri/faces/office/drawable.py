"""Which signs the paper's fonts can draw, so that a name is named instead of printed with an empty box (tofu).

Read from the fonts' own tables of signs (OpenType `cmap`, format 12: groups of first sign, last sign, first picture).
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from functools import cache

import pylopdf_fonts_jp

VARIANTS = range(0xE0100, 0xE01F0)
"""Marks that choose a variant of the sign before them; without the variant the sign itself is drawn."""


def undrawable(text: str) -> str:
    """The signs of the text that neither font has, each once; empty if all can be drawn."""
    known = _known()
    return "".join(dict.fromkeys(
        sign for sign in text if ord(sign) not in VARIANTS and ord(sign) not in known and not sign.isspace()
    ))  # fmt: skip


@cache
def _known() -> frozenset[int]:
    """All signs of both fonts (some twenty thousand)."""
    paths = (pylopdf_fonts_jp.sans_path(), pylopdf_fonts_jp.serif_path())
    return frozenset(sign for path in paths for group in _groups(path.read_bytes()) for sign in group)


def _groups(font: bytes) -> Iterator[range]:
    """Runs of signs that the font has a picture for."""
    (count,) = struct.unpack_from(">H", font, 4)
    tables = {
        tag: offset for tag, _, offset, _ in (struct.unpack_from(">4sIII", font, 12 + 16 * n) for n in range(count))
    }
    cmap = tables[b"cmap"]
    (kinds,) = struct.unpack_from(">H", font, cmap + 2)
    for number in range(kinds):
        (place,) = struct.unpack_from(">I", font, cmap + 4 + 8 * number + 4)
        if struct.unpack_from(">H", font, cmap + place) == (12,):
            (size,) = struct.unpack_from(">I", font, cmap + place + 12)
            for each in range(size):
                first, last, picture = struct.unpack_from(">III", font, cmap + place + 16 + 12 * each)
                if picture:
                    yield range(first, last + 1)
