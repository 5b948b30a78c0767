"""The pencil: SVG elements as strings. Pure; colours are classes, with the light theme's values as fallback."""

from __future__ import annotations

import re
from html import escape
from math import cos, radians, sin
from zlib import crc32

Attribute = str | int | float | None
Place = tuple[float, float]
"""A point on paper: px from the left, px from the top."""

PAPER = {
    "voucher": "#0055ad", "point": "#197a4b", "benefit": "#ac3e00", "sum": "#1a1a1a", "rest": "#767676",
    "left": "#e6e6e6", "gold": "#ffc700", "ground": "#ffffff", "ink": "#1a1a1a", "soft": "#4d4d4d", "line": "#b3b3b3",
}  # fmt: skip
"""Colours of a picture that has left the page (a downloaded file): the light values of tokens.css."""

HATCHES = {
    "voucher": '<path d="M-2 10L10 -2M-2 2L2 -2M6 10L10 6" stroke="#fff" stroke-width="1.5"/>',
    "point": '<circle cx="2" cy="2" r="1.2" fill="#fff"/><circle cx="6" cy="6" r="1.2" fill="#fff"/>',
    "benefit": '<path d="M0 4h8M4 0v8" stroke="#fff" stroke-width="1.2"/>',
    "rest": '<path d="M0 2h8M0 6h8" stroke="#fff" stroke-width="1"/>',
}
"""Patterns laid over the hues when a page is printed without colour."""

MARK_FIELD = 20
MARKS = {
    "voucher": "M0 3H20V7.5A2.5 2.5 0 0 0 20 12.5V17H0V12.5A2.5 2.5 0 0 0 0 7.5Z",
    "point": "M1 19V11A10 10 0 0 1 11 1H19V9A10 10 0 0 1 9 19Z",
    "benefit": "M0 9.5H20A10 10 0 0 1 0 9.5ZM6.5 4A3.5 3.5 0 1 1 13.5 4A3.5 3.5 0 1 1 6.5 4Z",
}
DISC = "M2 10A8 8 0 1 1 18 10A8 8 0 1 1 2 10Z"
"""The families' shapes on a field of MARK_FIELD units."""

FULL_WIDTH_FROM = "\u2e80"
PIECES = re.compile(r"[\u2e80-\uffff][・、。)」ー]*|[^\s\u2e80-\uffff]+\s*|\s+")
"""What stays together at the end of a line: a full-width sign with what must not begin a line, a Latin word."""


def number(value: float | int) -> str:  # noqa: PYI041 - both are meant: a count stays a count
    """A coordinate with at most two decimals and no idle zeros."""
    shown = f"{value:.2f}".rstrip("0").rstrip(".") if isinstance(value, float) else str(value)
    return "0" if shown == "-0" else shown


def element(tag: str, *children: str, **attributes: Attribute) -> str:
    """One element. `class_` becomes class, `_` becomes `-`; None is left out; values are escaped, children are not."""
    shown = "".join(
        f' {name.rstrip("_").replace("_", "-")}="{escape(value if isinstance(value, str) else number(value))}"'
        for name, value in attributes.items()
        if value is not None
    )
    return f"<{tag}{shown}>{''.join(children)}</{tag}>" if children else f"<{tag}{shown}/>"


def paint(family: str) -> dict[str, str]:
    """Attributes that fill a shape with a family's hue (or `sum`, `rest`, `left`, `gold`)."""
    return {"class_": f"fill-{family}", "fill": PAPER[family]}


def filled(tag: str, family: str, *, scope: str, **attributes: Attribute) -> str:
    """A shape in a family's hue and, over it, the pattern that takes over when printed without colour."""
    shape = element(tag, **paint(family), **attributes)
    if family not in HATCHES:
        return shape
    return shape + element(tag, class_="hatch", fill=f"url(#{scope}-{family})", **attributes)


def text_width(content: str, size: float) -> float:
    """About how wide a text will be (px): full-width signs one em, digits and Latin a little over half."""
    return sum(size if sign >= FULL_WIDTH_FROM else size * 0.56 for sign in content)


def wrapped(content: str, *, size: float, room: float) -> list[str]:
    """The text in lines of about equal length within `room` px; a Latin word that is longer alone stands over."""
    narrowest = _filled(content, size=size, room=room)
    while room > size and len(tighter := _filled(content, size=size, room=room - size / 2)) == len(narrowest):
        room, narrowest = room - size / 2, tighter
    return narrowest


def _filled(content: str, *, size: float, room: float) -> list[str]:
    """Lines as full as `room` lets them be: full-width signs part anywhere, Latin at its spaces."""
    lines = [""]
    for piece in PIECES.findall(content):
        if lines[-1].strip() and text_width((lines[-1] + piece).rstrip(), size) > room:
            lines.append("")
        lines[-1] += piece if lines[-1] else piece.lstrip()
    return [line.rstrip() for line in lines]


def text(
    at: Place,
    content: str,
    *,
    size: float = 14,
    anchor: str = "start",
    tone: str = "ink",
    bold: bool = False,
    halo: bool = False,
) -> str:
    """A line of text; `tone` is ink or soft; `halo` keeps it legible over a coloured ground."""
    kind = f"chart-{tone}{' chart-halo' if halo else ''}"
    return element(
        "text", escape(content), x=at[0], y=at[1], font_size=size, class_=kind,
        fill=PAPER[tone], text_anchor=None if anchor == "start" else anchor, font_weight=700 if bold else None,
        paint_order="stroke" if halo else None, stroke=PAPER["ground"] if halo else None,
        stroke_width=4 if halo else None, stroke_linejoin="round" if halo else None,
    )  # fmt: skip


def rule(begin: Place, end: Place, *, strong: bool = False) -> str:
    """A thin line: a zero line (`strong`) or a guide."""
    name = "sum" if strong else "line"
    kind = "chart-zero" if strong else "chart-guide"
    return element(
        "line", x1=begin[0], y1=begin[1], x2=end[0], y2=end[1], class_=kind, stroke=PAPER[name], stroke_width=1
    )


def polar(centre: Place, *, radius: float, degrees: float) -> Place:
    """The point at `degrees` clockwise from twelve o'clock."""
    return centre[0] + radius * sin(radians(degrees)), centre[1] - radius * cos(radians(degrees))


def arc_path(centre: Place, radii: tuple[float, float], *, start: float, end: float) -> str:
    """The outline of a piece of a ring between two radii (inner, outer), clockwise from `start` to `end` degrees."""
    if end - start >= 360:
        halves = [(start, start + 180), (start + 180, start + 360)]
        return " ".join(arc_path(centre, radii, start=begin, end=stop) for begin, stop in halves)
    inner, outer = radii
    far = int(end - start > 180)
    corners = [
        polar(centre, radius=outer, degrees=start),
        polar(centre, radius=outer, degrees=end),
        polar(centre, radius=inner, degrees=end),
        polar(centre, radius=inner, degrees=start),
    ]
    a, b, c, d = (f"{number(x)} {number(y)}" for x, y in corners)
    return f"M{a}A{number(outer)} {number(outer)} 0 {far} 1 {b}L{c}A{number(inner)} {number(inner)} 0 {far} 0 {d}Z"


def mark(family: str, centre: Place, *, size: float, tone: str = "") -> str:
    """The small shape of a family (ticket, leaf, coin over a palm; a disc for the rest), `size` px across."""
    scale = size / MARK_FIELD
    place = f"translate({number(centre[0] - size / 2)} {number(centre[1] - size / 2)}) scale({number(scale)})"
    return element("path", d=MARKS.get(family, DISC), transform=place, **paint(tone or family))


def picture(body: list[str], *, size: tuple[float, float], title: str, desc: str, scope: str, extra: str = "") -> str:
    """The whole SVG: named by its finding, described, readable alone. Patterns of `scope` go with it."""
    patterns = "".join(
        element("pattern", drawing, id=f"{scope}-{family}", width=8, height=8, patternUnits="userSpaceOnUse")
        for family, drawing in HATCHES.items()
        if f"url(#{scope}-{family})" in "".join(body)
    )
    width, height = size
    return element(
        "svg", element("title", escape(title)), element("desc", escape(desc)),
        *([element("defs", patterns)] if patterns else []), *body,
        xmlns="http://www.w3.org/2000/svg", viewBox=f"0 0 {number(width)} {number(height)}", width=width, height=height,
        role="img", class_=f"chart__picture {extra}".strip(), font_family="Noto Sans JP, Hiragino Sans, sans-serif",
    )  # fmt: skip


def scope_of(*facts: object) -> str:
    """A short name for a picture's own ids, equal for equal pictures."""
    return f"p{crc32(repr(facts).encode()):08x}"
