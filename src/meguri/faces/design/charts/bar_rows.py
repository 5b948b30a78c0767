"""Horizontal bars: the name and the figure stand on the bar itself; whiskers show what is not certain."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from meguri.faces.design.charts.drawing import element, filled, picture, rule, scope_of, text, text_width
from meguri.faces.design.charts.twin import Cell, Chart, say
from meguri.words.refusal import Language
from meguri.words.yen import show_yen

WIDE, NARROW = 680.0, 340.0
Show = Callable[[float], str]


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar. `low` and `high` are the ends of its interval, if it is an estimate; `family` chooses the hue."""

    label: str
    value: float
    family: str = "sum"
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True, slots=True)
class _Plan:
    """Where things stand (px): the text column left of the bars, their span, and the scale."""

    width: float
    left: float
    span: float
    least: float
    most: float
    stacked: bool
    """Whether names stand above their bars, because there is no room beside them."""

    def x(self, value: float) -> float:
        return self.left + self.span * (value - self.least) / (self.most - self.least)


def bars(
    items: Sequence[Bar],
    *,
    title: str,
    desc: str,
    language: Language = "ja",
    unit: str = "円",
    show: Show | None = None,
    source: str = "",
) -> Chart:
    """Bars from an honest zero line. `show` writes a value (default: yen); `unit` names the table's column."""
    writer = show or (lambda value: show_yen(round(value), language))
    pictures = [_draw(items, width=width, show=writer, title=title, desc=desc) for width in (WIDE, NARROW)]
    return Chart(
        svg=pictures[0], narrow=pictures[1], title=title, desc=desc, source=source, kind="bars",
        columns=_columns(items, language=language, unit=unit), rows=tuple(_row(item, items) for item in items),
    )  # fmt: skip


def _draw(items: Sequence[Bar], *, width: float, show: Show, title: str, desc: str) -> str:
    plan = _plan(items, width=width, show=show)
    scope = scope_of("bars", [*items], width, title)
    row = 58.0 if plan.stacked else 42.0
    height = row * max(len(items), 1) + 8
    body = [rule((plan.x(0), 2), (plan.x(0), height - 4), strong=True)]
    body += [_bar(item, number * row, plan=plan, show=show, scope=scope) for number, item in enumerate(items)]
    return picture(body, size=(width, height), title=title, desc=desc, scope=scope)


def _plan(items: Sequence[Bar], *, width: float, show: Show) -> _Plan:
    ends = [end for item in items for end in (item.value, item.low, item.high) if end is not None]
    figures = max((text_width(show(item.value), 15) for item in items), default=0) + 12
    names = max((text_width(item.label, 14) for item in items), default=0) + 12
    stacked = width <= NARROW or names > width * 0.42
    left = 2.0 if stacked else names
    least, most = min([0.0, *ends]), max([0.0, *ends])
    # Figures of negative bars stand left of them, so that side keeps room as well.
    before = figures if least < 0 else 0.0
    return _Plan(
        width=width, left=left + before, span=width - left - before - figures, least=least,
        most=most if most > least else least + 1, stacked=stacked,
    )  # fmt: skip


def _bar(item: Bar, top: float, *, plan: _Plan, show: Show, scope: str) -> str:
    y = top + (26 if plan.stacked else 9)
    start, end = sorted((plan.x(0), plan.x(item.value)))
    name = text((0, top + (18 if plan.stacked else 26)), item.label, size=14, halo=plan.stacked)
    shape = filled("rect", item.family, scope=scope, x=start, y=y, width=max(end - start, 1.0), height=24)
    return name + shape + _whisker(item, y + 12, plan=plan) + _figure(item, y + 17, plan=plan, show=show)


def _figure(item: Bar, y: float, *, plan: _Plan, show: Show) -> str:
    ends = [end for end in (item.value, item.low, item.high) if end is not None]
    if item.value < 0:
        return text((plan.x(min(ends)) - 8, y), show(item.value), size=15, anchor="end", bold=True)
    return text((plan.x(max([0.0, *ends])) + 8, y), show(item.value), size=15, bold=True)


def _whisker(item: Bar, y: float, *, plan: _Plan) -> str:
    if item.low is None or item.high is None:
        return ""
    low, high = plan.x(item.low), plan.x(item.high)
    path = f"M{low:.1f} {y - 6}v12M{low:.1f} {y}H{high:.1f}M{high:.1f} {y - 6}v12"
    halo = element("path", d=path, class_="chart-whisker-ground", stroke="#ffffff", stroke_width=5, fill="none")
    return halo + element("path", d=path, class_="chart-whisker", stroke="#1a1a1a", stroke_width=2, fill="none")


def _columns(items: Sequence[Bar], *, language: Language, unit: str) -> tuple[str, ...]:
    named = (say(language, "項目", "Item"), say(language, f"値({unit})", f"Value ({unit})"))
    ends = (say(language, "下限", "Lower end"), say(language, "上限", "Upper end"))
    return named + ends if _uncertain(items) else named


def _row(item: Bar, items: Sequence[Bar]) -> tuple[Cell, ...]:
    named = (item.label, item.value)
    return (*named, item.low, item.high) if _uncertain(items) else named


def _uncertain(items: Sequence[Bar]) -> bool:
    return any(item.low is not None for item in items)
