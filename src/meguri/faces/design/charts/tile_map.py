"""A small map of hexagons: every area is the same size, and an area that nothing reached is drawn as empty."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import ceil, cos, radians, sin, sqrt

from meguri.faces.design.charts.drawing import element, number, picture, scope_of, text, text_width
from meguri.faces.design.charts.twin import Cell, Chart, say
from meguri.words.refusal import Language

WIDE, NARROW = 560.0, 340.0
LEVELS = 4
Show = Callable[[float], str]


@dataclass(frozen=True, slots=True)
class TileArea:
    """An area at axial coordinates (q to the right, r down and to the right). `value` None: closed (too few people)."""

    name: str
    q: int
    r: int
    value: float | None


def tiles(
    areas: Sequence[TileArea],
    *,
    title: str,
    desc: str,
    language: Language = "ja",
    unit: str = "",
    show: Show | None = None,
    source: str = "",
) -> Chart:
    """The map, with a key of its shades. `unit` stands in the key and the table's column."""
    writer = show or (lambda value: f"{value:,.0f}")
    draw = _Draw(areas, title, desc, language, unit, writer)
    rows: tuple[tuple[Cell, ...], ...] = tuple((area.name, area.value, _state(area, language)) for area in areas)
    value = say(language, f"値({unit})", f"Value ({unit})") if unit else say(language, "値", "Value")
    return Chart(
        svg=draw.at(WIDE), narrow=draw.at(NARROW), title=title, desc=desc, source=source, kind="tiles",
        columns=(say(language, "地区", "Area"), value, say(language, "備考", "Note")), rows=rows,
    )  # fmt: skip


def level(value: float, most: float) -> int:
    """The shade of a value: 0 for nothing, else 1 to LEVELS in equal steps of the largest."""
    return 0 if value <= 0 or most <= 0 else min(LEVELS, max(1, ceil(LEVELS * value / most)))


def place(area: TileArea) -> tuple[float, float]:
    """The centre of an area for hexagons of side 1, pointed at the top."""
    return sqrt(3) * (area.q + area.r / 2), 1.5 * area.r


def _state(area: TileArea, language: Language) -> str:
    if area.value is None:
        return say(language, "人数が少ないため秘匿", "closed: too few people")
    return "" if area.value else say(language, "まだ届いていない", "not reached yet")


@dataclass(frozen=True, slots=True)
class _Draw:
    areas: Sequence[TileArea]
    title: str
    desc: str
    language: Language
    unit: str
    show: Show

    def at(self, width: float) -> str:
        centres = [place(area) for area in self.areas] or [(0.0, 0.0)]
        left, right = min(x for x, _ in centres) - 0.87, max(x for x, _ in centres) + 0.87
        top, bottom = min(y for _, y in centres) - 1, max(y for _, y in centres) + 1
        side = min((width - 4) / (right - left), 62.0)
        shift = (width - side * (right - left)) / 2
        body = [
            self._tile(area, (shift + side * (x - left), side * (y - top) + 2), side=side)
            for area, (x, y) in zip(self.areas, centres, strict=False)
        ]
        height = side * (bottom - top) + 12
        scope = scope_of("tiles", [*self.areas], width, self.title)
        return picture(
            [*body, *self._key(width, height)], size=(width, height + 52), title=self.title, desc=self.desc, scope=scope
        )

    def _most(self) -> float:
        return max((area.value or 0.0 for area in self.areas), default=0.0)

    def _tile(self, area: TileArea, centre: tuple[float, float], *, side: float) -> str:
        x, y = centre
        kind = "closed" if area.value is None else f"step-{level(area.value, self._most())}"
        shown = "—" if area.value is None else self.show(area.value)
        name_size = min(14.0, 14.0 * side * 1.6 / max(text_width(area.name, 14), 1))
        label = element(
            "tspan", area.name.replace("&", "&amp;").replace("<", "&lt;"), x=x, y=y - 5, font_size=number(name_size)
        )
        figure = element("tspan", shown, x=x, y=y + 16, font_size=16, font_weight=700)
        words = element(
            "text", label, figure, text_anchor="middle", class_=f"tile-words tile-words--{kind}", fill="#1a1a1a"
        )
        return _hexagon(centre, side=side - 2, kind=kind) + words

    def _key(self, width: float, top: float) -> list[str]:
        """The shades in words: nothing, then equal steps up to the largest value."""
        most = self._most()
        steps = [(0, self.show(0))] + [(step, f"-{self.show(most * step / LEVELS)}") for step in range(1, LEVELS + 1)]
        part = width / len(steps)
        body = []
        for position, (step, words) in enumerate(steps):
            x = position * part
            swatch = element(
                "rect", x=x + 1, y=top + 8, width=part - 2, height=12, class_=f"tile tile--step-{step}", fill="#e6e6e6"
            )
            suffix = f" {self.unit}" if step == LEVELS and self.unit else ""
            body += [swatch, text((x + 1, top + 38), words.replace("-", "–") + suffix, size=13, tone="soft")]
        return body


def _hexagon(centre: tuple[float, float], *, side: float, kind: str) -> str:
    corners = [
        (centre[0] + side * sin(radians(60 * turn)), centre[1] - side * cos(radians(60 * turn))) for turn in range(6)
    ]
    points = " ".join(f"{number(x)},{number(y)}" for x, y in corners)
    dashes = "4 4" if kind in ("step-0", "closed") else None
    return element("polygon", points=points, class_=f"tile tile--{kind}", fill="#ffffff", stroke="#949494",
                   stroke_width=1.5, stroke_dasharray=dashes)  # fmt: skip
