"""The ring of a town: one turn for each time the money changed hands, all on one scale, three hues in each turn."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

from meguri.faces.design.charts.drawing import (
    PAPER,
    Attribute,
    arc_path,
    element,
    filled,
    paint,
    picture,
    polar,
    scope_of,
    text_width,
)
from meguri.faces.design.charts.twin import Cell, Chart, percent, say
from meguri.faces.design.figures import short_yen
from meguri.words.refusal import Language

SIZE = 360.0
FULL = 270.0
"""Degrees of the largest turn. The last quarter stays open: there the names stand, and the ring goes on."""
OUTER, TRACK, GAP = 172.0, 27.0, 9.0


@dataclass(frozen=True, slots=True)
class TownTurn:
    """One turn: what it is called and what each family carried (whole yen, not negative)."""

    label: str
    shares: tuple[tuple[str, int], ...]

    @property
    def amount(self) -> int:
        return sum(amount for _, amount in self.shares)


def town_ring(
    turns: Sequence[TownTurn],
    *,
    title: str,
    desc: str,
    language: Language = "ja",
    source: str = "",
    families: dict[str, str] | None = None,
) -> Chart:
    """Issued, spent, paid on, left the region: each turn from the same start, as long as its amount.

    `families` gives the table's names of the families. Raises ValueError for a negative amount.
    """
    if any(amount < 0 for turn in turns for _, amount in turn.shares):
        raise ValueError("a turn of the ring cannot be negative")
    most = max((turn.amount for turn in turns), default=0)
    scope = scope_of("town", [*turns], title)
    body = [part for number, turn in enumerate(turns) for part in _turn(turn, number, most=most, scope=scope)]
    body += [_name(turn, number=number, language=language) for number, turn in enumerate(turns)]
    return Chart(
        svg=picture(body, size=(SIZE, SIZE), title=title, desc=desc, scope=scope, extra="town-ring"),
        title=title, desc=desc, source=source, kind="town",
        columns=_columns(language),
        rows=_rows(turns, families or {}),
    )  # fmt: skip


def turn_angle(amount: int, most: int) -> float:
    """How far a turn reaches (degrees)."""
    return FULL * amount / most if most else 0.0


def _turn(turn: TownTurn, number: int, *, most: int, scope: str) -> list[str]:
    outer = OUTER - number * (TRACK + GAP)
    radii = (outer - TRACK, outer)
    centre = (SIZE / 2, SIZE / 2)
    track = element("path", d=arc_path(centre, radii, start=0, end=FULL), class_="fill-track", fill="#f2f2f2")
    body, start = [track], 0.0
    for family, amount in turn.shares:
        end = start + turn_angle(amount, most)
        if amount:
            edge: dict[str, Attribute] = {"stroke": "#ffffff", "stroke_width": 2}
            shape = filled("path", family, scope=scope, d=arc_path(centre, radii, start=start, end=end), **edge)
            body.append(element("g", shape, class_="town-ring__arc"))
        start = end
    return [*body, _coin(centre, radius=outer - TRACK / 2, degrees=start)]


def _coin(centre: tuple[float, float], *, radius: float, degrees: float) -> str:
    """The coin at the head of a turn: it is still going round."""
    x, y = polar(centre, radius=radius, degrees=degrees)
    return element("circle", cx=x, cy=y, r=TRACK / 2 - 4, stroke="#1a1a1a", stroke_width=2, **paint("gold"))


def _name(turn: TownTurn, *, number: int, language: Language) -> str:
    y = SIZE / 2 - OUTER + number * (TRACK + GAP) + TRACK / 2 + 5
    figure = short_yen(turn.amount, language)
    room = SIZE / 2 - 20 - text_width(figure, 17)
    size = min(14.0, 14.0 * room / max(text_width(turn.label, 14), 1))
    label = element("tspan", escape(turn.label), class_="chart-soft", fill=PAPER["soft"], font_size=size)
    amount = element("tspan", figure, dx=7, font_size=16, font_weight=700)
    ink = {"class_": "chart-ink", "fill": PAPER["ink"]}
    return element("text", label, amount, x=SIZE / 2 - 12, y=y, text_anchor="end", **ink)


def _rows(turns: Sequence[TownTurn], names: dict[str, str]) -> tuple[tuple[Cell, ...], ...]:
    first = turns[0].amount if turns else 0
    return tuple(
        (turn.label, names.get(family, family), amount, percent(amount, first))
        for turn in turns
        for family, amount in turn.shares
    )


def _columns(language: Language) -> tuple[str, ...]:
    return (
        say(language, "段階", "Turn"),
        say(language, "事業", "Programme"),
        say(language, "金額(円)", "Amount (yen)"),
        say(language, "最初の段階に対する割合(%)", "Share of the first turn (%)"),
    )
