"""Lines over time: the name stands at the line's end, what is not certain is a band, and zero is where zero is."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import ceil, floor, log10

from meguri.faces.design.charts.drawing import Attribute, element, paint, picture, rule, scope_of, text, text_width
from meguri.faces.design.charts.twin import Cell, Chart, say
from meguri.faces.design.figures import short_yen
from meguri.words.refusal import Language

NOTHING = 1e-6
"""A reach smaller than this is drawn as none: no figure of a town is that small."""

WIDE, NARROW = 680.0, 340.0
HEIGHT, TOP, FOOT = 300.0, 30.0, 44.0
NAME_ROOM = 20.0
"""From one name's foot to the next one's: bold letters of 14 and a little air."""
DASHES = (None, "7 5", "2 4", "10 4 2 4")
"""Lines differ by their dashes too, so that they can be told apart without colour."""
Show = Callable[[float], str]


@dataclass(frozen=True, slots=True)
class Point:
    """A value at one step of the horizontal axis, with the ends of its interval if it is an estimate."""

    value: float
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True, slots=True)
class Series:
    """A line; None where nothing is known (the line is broken there, never bridged)."""

    label: str
    points: tuple[Point | None, ...]
    family: str = "sum"


@dataclass(frozen=True, slots=True)
class LineMark:
    """An event at a step: a sale's start, a law's change."""

    step: int
    label: str


@dataclass(frozen=True, slots=True)
class _Plan:
    width: float
    left: float
    span: float
    steps: int
    ticks: tuple[float, ...]

    def x(self, step: int) -> float:
        return self.left + (self.span * step / (self.steps - 1) if self.steps > 1 else self.span / 2)

    def y(self, value: float) -> float:
        least, most = self.ticks[0], self.ticks[-1]
        return TOP + (HEIGHT - TOP - FOOT) * (1 - (value - least) / (most - least))


def line(
    series: Sequence[Series],
    *,
    steps: Sequence[str],
    title: str,
    desc: str,
    language: Language = "ja",
    marks: Sequence[LineMark] = (),
    show: Show | None = None,
    band_words: str = "",
    source: str = "",
) -> Chart:
    """Lines with bands. `band_words` says what the band is ("95 % interval"). Raises ValueError for uneven lengths."""
    if any(len(one.points) != len(steps) for one in series):
        raise ValueError("every line needs a point, or None, at each step")
    writer = show or (lambda value: short_yen(round(value), language))
    draw = _Draw(series, steps, marks, writer, title, f"{desc} {band_words}".strip())
    return Chart(
        svg=draw.at(WIDE), narrow=draw.at(NARROW), title=title, desc=draw.desc, source=source, kind="line",
        columns=_columns(series, language), rows=_rows(series, steps),
    )  # fmt: skip


def ticks(least: float, most: float) -> tuple[float, ...]:
    """Three to six round values that include zero and both ends."""
    least, most = min(least, 0.0), max(most, 0.0)
    reach = most - least if most - least > NOTHING else 1.0
    rough = 10.0 ** floor(log10(reach / 4))
    step = next(rough * factor for factor in (1, 2, 2.5, 5, 10) if rough * factor * 5 >= reach)
    first, last = floor(least / step), ceil(max(most, step) / step)
    return tuple(step * number for number in range(first, last + 1))


@dataclass(frozen=True, slots=True)
class _Draw:
    series: Sequence[Series]
    steps: Sequence[str]
    marks: Sequence[LineMark]
    show: Show
    title: str
    desc: str

    def at(self, width: float) -> str:
        plan = self._plan(width)
        bands = [part for one in self.series for part in _bands(one, plan)]
        lines = [_strokes(one, plan, dashes=DASHES[number % len(DASHES)]) for number, one in enumerate(self.series)]
        body = [*self._axes(plan), *bands, *self._events(plan), *lines, *self._names(plan)]
        scope = scope_of("line", self.series, width, self.title)
        return picture(body, size=(width, HEIGHT), title=self.title, desc=self.desc, scope=scope)

    def _plan(self, width: float) -> _Plan:
        known = [end for one in self.series for point in one.points if point for end in _ends(point)]
        scale = ticks(min(known, default=0.0), max(known, default=1.0))
        left = max(text_width(self.show(tick), 13) for tick in scale) + 10
        names = max((text_width(one.label, 14) for one in self.series), default=0)
        right = min(names + 14, width * 0.32) if width > NARROW else 14.0
        return _Plan(width, left, width - left - right, len(self.steps), scale)

    def _axes(self, plan: _Plan) -> list[str]:
        body = []
        for tick in plan.ticks:
            body.append(rule((plan.left, plan.y(tick)), (plan.left + plan.span, plan.y(tick)), strong=tick == 0))
            body.append(text((plan.left - 8, plan.y(tick) + 4), self.show(tick), size=13, anchor="end", tone="soft"))
        room = max((text_width(step, 13) for step in self.steps), default=1) + 12
        every = max(1, ceil(room * len(self.steps) / plan.span))
        for number, step in list(enumerate(self.steps))[::every]:
            body.append(text((plan.x(number), HEIGHT - FOOT + 24), step, size=13, anchor="middle", tone="soft"))
        return body

    def _events(self, plan: _Plan) -> list[str]:
        body = []
        for event in self.marks:
            x = plan.x(event.step)
            late = x > plan.left + plan.span * 0.6
            guide = element("line", x1=x, y1=TOP - 8, x2=x, y2=HEIGHT - FOOT, class_="chart-event", stroke="#1a1a1a",
                            stroke_width=1, stroke_dasharray="3 3")  # fmt: skip
            body += [
                guide,
                text((x - 6 if late else x + 6, TOP - 12), event.label, size=13, anchor="end" if late else "start"),
            ]
        return body

    def _names(self, plan: _Plan) -> list[str]:
        """Names at the lines' ends (above the end on a narrow picture), pushed apart where they would meet."""
        ends = [(one, *_last(one)) for one in self.series if any(one.points)]
        wide = plan.width > NARROW
        low_last = sorted(ends, key=lambda end: plan.y(end[2].value))
        beside = 5 if wide else -12
        heights = _apart([plan.y(point.value) + beside for _, _, point in low_last], lowest=HEIGHT - FOOT + beside)
        placed: list[str] = []
        for (one, step, _), y in zip(low_last, heights, strict=True):
            x, anchor = (plan.x(step) + 10, "start") if wide else (plan.x(step), "end")
            placed.append(text((x, y), one.label, size=14, anchor=anchor, bold=True, halo=True))
        return placed


def _apart(wished: Sequence[float], *, lowest: float) -> list[float]:
    """Heights of names (ascending, as wished) of which none touches another, nor what stands below the picture."""
    found: list[float] = []
    for y in wished:
        found.append(max(y, found[-1] + NAME_ROOM) if found else y)
    for place in reversed(range(len(found))):
        found[place] = min(found[place], lowest)
        lowest = found[place] - NAME_ROOM
    return found


def _ends(point: Point) -> list[float]:
    return [end for end in (point.value, point.low, point.high) if end is not None]


def _last(one: Series) -> tuple[int, Point]:
    return [(step, point) for step, point in enumerate(one.points) if point][-1]


def _runs(one: Series) -> list[list[tuple[int, Point]]]:
    """The unbroken stretches of a line."""
    runs: list[list[tuple[int, Point]]] = [[]]
    for step, point in enumerate(one.points):
        if point is None:
            runs.append([])
        else:
            runs[-1].append((step, point))
    return [run for run in runs if run]


def _strokes(one: Series, plan: _Plan, *, dashes: str | None) -> str:
    stroke: dict[str, Attribute] = {
        "class_": f"line-{one.family}",
        "stroke": paint(one.family)["fill"],
        "stroke_width": 3,
        "fill": "none",
    }
    shown = []
    for run in _runs(one):
        path = "M" + "L".join(f"{plan.x(step):.1f} {plan.y(point.value):.1f}" for step, point in run)
        shown.append(element("path", d=path, stroke_dasharray=dashes, stroke_linejoin="round", **stroke))
    return "".join(shown) + _head(one, plan)


def _head(one: Series, plan: _Plan) -> str:
    """The dot at a line's end."""
    if not any(one.points):
        return ""
    step, point = _last(one)
    return element("circle", cx=plan.x(step), cy=plan.y(point.value), r=5, **paint(one.family))


def _bands(one: Series, plan: _Plan) -> list[str]:
    bands = []
    for run in _runs(one):
        upper = [f"{plan.x(step):.1f} {plan.y(p.high):.1f}" for step, p in run if p.high is not None]
        lower = [f"{plan.x(step):.1f} {plan.y(p.low):.1f}" for step, p in reversed(run) if p.low is not None]
        if len(upper) > 1:
            bands.append(element("path", d=f"M{'L'.join(upper + lower)}Z", fill_opacity=0.22, **paint(one.family)))
    return bands


def _columns(series: Sequence[Series], language: Language) -> tuple[str, ...]:
    columns = [say(language, "時点", "Step")]
    for one in series:
        columns.append(one.label)
        if _uncertain(one):
            columns += [
                say(language, f"{one.label} 下限", f"{one.label}, lower"),
                say(language, f"{one.label} 上限", f"{one.label}, upper"),
            ]
    return tuple(columns)


def _rows(series: Sequence[Series], steps: Sequence[str]) -> tuple[tuple[Cell, ...], ...]:
    rows = []
    for number, step in enumerate(steps):
        row: list[Cell] = [step]
        for one in series:
            point = one.points[number]
            row.append(point.value if point else None)
            if _uncertain(one):
                row += [point.low, point.high] if point else [None, None]
        rows.append(tuple(row))
    return tuple(rows)


def _uncertain(one: Series) -> bool:
    return any(point is not None and point.low is not None for point in one.points)
