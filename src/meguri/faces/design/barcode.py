"""GS1-128 as bars: digits in pairs (code set C of Code 128, ISO/IEC 15417), drawn as one picture. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator

QUIET = 10
"""Light modules at both ends, as the standard wants them."""

_START_C, _FNC1, _STOP = 105, 102, "2331112"
_PATTERNS = re.findall(r"\d+", """
    212222 222122 222221 121223 121322 131222 122213 122312 132212 221213 221312 231212 112232 122132 122231
    113222 123122 123221 223211 221132 221231 213212 223112 312131 311222 321122 321221 312212 322112 322211
    212123 212321 232121 111323 131123 131321 112313 132113 132311 211313 231113 231311 112133 112331 132131
    113123 113321 133121 313121 211331 231131 213113 213311 213131 311123 311321 331121 312113 312311 332111
    314111 221411 431111 111224 111422 121124 121421 141122 141221 112214 112412 122114 122411 142112 142211
    241211 221114 413111 241112 134111 111242 121142 121241 114212 124112 124211 411212 421112 421211 212141
    214121 412121 111143 111341 131141 114113 114311 411113 411311 113141 114131 311141 411131 211412 211214
    211232
""")  # fmt: skip
"""Of each value its bars and gaps by turns, in modules: eleven together."""


def bar_widths(digits: str) -> list[int]:
    """Bars and gaps by turns, a bar first and last, in modules. Raises ValueError unless it is pairs of digits."""
    if not digits or len(digits) % 2 or not (digits.isascii() and digits.isdecimal()):
        raise ValueError(f"not pairs of digits: {digits!r}")
    values = [_START_C, _FNC1, *(int(digits[place : place + 2]) for place in range(0, len(digits), 2))]
    checked = (values[0] + sum(place * value for place, value in enumerate(values))) % 103
    return [int(width) for pattern in (*(_PATTERNS[each] for each in (*values, checked)), _STOP) for width in pattern]


def barcode_svg(digits: str, *, height: int) -> str:
    """The bars as a picture, one unit a module, with their quiet zones; `height` in modules.

    Edges are kept sharp: a module that is a whole number of a screen's dots wide is drawn as such.
    """
    widths = bar_widths(digits)
    wide = sum(widths) + 2 * QUIET
    drawn = "".join(f"M{left} 0h{width}v{height}h-{width}z" for left, width in _bars(widths))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {wide} {height}" shape-rendering="crispEdges" '
        f'aria-hidden="true"><rect width="{wide}" height="{height}" fill="#fff"/><path fill="#000" d="{drawn}"/></svg>'
    )


def _bars(widths: list[int]) -> Iterator[tuple[int, int]]:
    """Where each dark bar begins, and how wide it is."""
    left = QUIET
    for place, width in enumerate(widths):
        if not place % 2:
            yield left, width
        left += width
