"""The ring of a wallet: arcs are purses, thickest where they end soonest, and taper clockwise like a brush stroke."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise

from meguri.faces.design.charts.drawing import (
    Attribute,
    arc_path,
    element,
    filled,
    mark,
    paint,
    picture,
    polar,
    scope_of,
    text,
    text_width,
)
from meguri.faces.design.charts.twin import Cell, Chart, percent, say
from meguri.faces.design.figures import show_left
from meguri.words.refusal import Language
from meguri.words.yen import show_yen

SIZE = 320.0
CENTRE = (SIZE / 2, SIZE / 2)
MIDDLE = 118.0
THIN, THICK = 18.0, 46.0
FAR_DAYS = 90
"""A purse that ends later than this is drawn thinnest (days)."""


@dataclass(frozen=True, slots=True)
class RingArc:
    """One purse: whole yen; `days_left` None means that it never ends."""

    label: str
    amount: int
    family: str
    days_left: int | None = None
    until: str = ""


def thickness(days: int | None) -> float:
    """How thick (px) an arc is: full on its last day, thinnest from FAR_DAYS on."""
    urgency = 0.0 if days is None else 1 - min(max(days, 0), FAR_DAYS) / FAR_DAYS
    return THIN + (THICK - THIN) * urgency


def in_order(arcs: Sequence[RingArc]) -> list[RingArc]:
    """Soonest end first: the ring is read clockwise from twelve."""
    return sorted(arcs, key=lambda arc: (arc.days_left is None, arc.days_left or 0))


def spans(amounts: Sequence[int]) -> list[tuple[float, float]]:
    """Start and end (degrees) of each arc; together exactly 360. Raises ValueError for a negative amount."""
    if any(amount < 0 for amount in amounts):
        raise ValueError(f"a ring cannot show a debt: {list(amounts)}")
    total = sum(amounts)
    if not total:
        return []
    return list(pairwise(360 * part / total for part in accumulate(amounts, initial=0)))


def ring(
    arcs: Sequence[RingArc],
    *,
    title: str,
    desc: str,
    language: Language = "ja",
    label: str = "",
    source: str = "",
) -> Chart:
    """A wallet's ring with its sum in the middle. `label` stands above the sum. Raises ValueError for a debt."""
    ordered = [arc for arc in in_order(arcs) if arc.amount]
    scope = scope_of("ring", [*ordered], title)
    body = [_orbit(), *_arcs(ordered, scope), *_middle(ordered, language=language, label=label)]
    return Chart(
        svg=picture(body, size=(SIZE, SIZE), title=title, desc=desc, scope=scope, extra="ring"),
        title=title, desc=desc, source=source, kind="ring",
        columns=_columns(language), rows=_rows(in_order(arcs), language),
    )  # fmt: skip


def _orbit() -> str:
    """The path that the coin takes once when a payment lands, and the coin at rest."""
    radius = MIDDLE + THICK / 2 + 9
    path = element("circle", cx=CENTRE[0], cy=CENTRE[1], r=radius, class_="ring__orbit", fill="none", stroke="#ffc700")
    x, y = polar(CENTRE, radius=radius, degrees=0)
    return path + element("g", element("circle", cx=x, cy=y, r=7, **paint("gold")), class_="ring__coin")


def _arcs(ordered: Sequence[RingArc], scope: str) -> list[str]:
    if not ordered:
        empty = {"class_": "ring__empty", "fill": "none", "stroke": "#949494", "stroke_dasharray": "6 7"}
        return [element("circle", cx=CENTRE[0], cy=CENTRE[1], r=MIDDLE, stroke_width=2, **empty)]
    pieces = zip(ordered, spans([arc.amount for arc in ordered]), strict=True)
    return [_arc(arc, span, scope=scope) for arc, span in pieces]


def _arc(arc: RingArc, span: tuple[float, float], *, scope: str) -> str:
    half = thickness(arc.days_left) / 2
    outline = arc_path(CENTRE, (MIDDLE - half, MIDDLE + half), start=span[0], end=span[1])
    edge: dict[str, Attribute] = {"stroke": "#ffffff", "stroke_width": 3, "stroke_linejoin": "round"}
    shape = filled("path", arc.family, scope=scope, d=outline, **edge)
    sign = min(20.0, 2 * half - 7)
    if (span[1] - span[0]) * MIDDLE * 0.0174 < sign + 12:
        return element("g", shape, class_="ring__arc")
    place = polar(CENTRE, radius=MIDDLE, degrees=sum(span) / 2)
    return element("g", shape, mark(arc.family, place, size=sign, tone="ground"), class_="ring__arc")


def _middle(ordered: Sequence[RingArc], *, language: Language, label: str) -> list[str]:
    total = show_yen(sum(arc.amount for arc in ordered), language)
    size = min(40.0, 40.0 * 178 / text_width(total, 40))
    lines = [text((CENTRE[0], CENTRE[1] - 34), label, size=15, anchor="middle", tone="soft")] if label else []
    lines.append(text((CENTRE[0], CENTRE[1] + 14), total, size=size, anchor="middle", bold=True))
    ending = [arc for arc in ordered if arc.days_left is not None and arc.days_left <= 30][:1]
    return lines + [_ending(arc, language) for arc in ending]


def _ending(arc: RingArc, language: Language) -> str:
    amount, left = show_yen(arc.amount, language), show_left(arc.days_left or 0, language)
    sentence = say(language, f"{amount}は{left}", f"{amount}: {left}")
    return text(
        (CENTRE[0], CENTRE[1] + 44), sentence, size=min(15.0, 15.0 * 150 / text_width(sentence, 15)), anchor="middle"
    )


def _columns(language: Language) -> tuple[str, ...]:
    return (
        say(language, "残高の種類", "Purse"),
        say(language, "金額(円)", "Amount (yen)"),
        say(language, "割合(%)", "Share (%)"),
        say(language, "期限", "Until"),
        say(language, "残り日数", "Days left"),
    )


def _rows(ordered: Sequence[RingArc], language: Language) -> tuple[tuple[Cell, ...], ...]:
    total = sum(arc.amount for arc in ordered)
    rows = [(arc.label, arc.amount, percent(arc.amount, total), arc.until, arc.days_left) for arc in ordered]
    return (*rows, (say(language, "合計", "Total"), total, 100.0 if total else 0.0, "", None))
