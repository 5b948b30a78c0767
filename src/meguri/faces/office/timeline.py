"""The days of a programme as a picture: when people apply, buy and spend, with a line at today. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from meguri.faces.design.charts import Chart
from meguri.faces.design.charts.drawing import filled, picture, rule, scope_of, text, text_width
from meguri.faces.design.figures import show_day
from meguri.words.period import add_months
from meguri.words.refusal import Language

WIDE, NARROW = 680.0, 340.0
ROW, HEAD = 46.0, 34.0
_FEWEST = 46.0
"""Months are named as long as so many px lie between two names."""


@dataclass(frozen=True, slots=True)
class Span:
    """Something that lasts from one day to another, both counted; one day alone begins and ends on it."""

    name: str
    first: date
    last: date


@dataclass(frozen=True, slots=True)
class _Scale:
    """Days on paper: px from the left."""

    first: date
    days: int
    width: float

    def x(self, day: date) -> float:
        return 1 + (self.width - 2) * (day - self.first).days / self.days


def timeline(
    spans: Sequence[Span], *, today: date, family: str, language: Language, now: str = ""
) -> Chart:
    """Bars over months. `now`: what is said of today instead of what the days alone tell. Raises ValueError without any
    span.
    """
    first, last = min(each.first for each in spans), max(each.last for each in spans)
    title = f"{_on(first, language)}から{_on(last, language)}まで" if language == "ja" else (
        f"From {_on(first, language)} to {_on(last, language)}")
    desc = now or _now(spans, today=today, language=language)
    drawn = [
        _draw(spans, today=today, family=family, language=language, width=width, said=(title, desc))
        for width in (WIDE, NARROW)
    ]
    heads = ("段階", "最初の日", "最後の日") if language == "ja" else ("Stage", "First day", "Last day")
    rows = tuple((each.name, _on(each.first, language), _on(each.last, language)) for each in spans)
    return Chart(svg=drawn[0], narrow=drawn[1], title=title, desc=desc, kind="days", columns=heads, rows=rows)


def _on(day: date, language: Language) -> str:
    return show_day(day, language, style="year")


def _now(spans: Sequence[Span], *, today: date, language: Language) -> str:
    """What lasts today, or what comes next."""
    lasting = [each.name for each in spans if each.first <= today <= each.last]
    if lasting:
        return f"今日は「{'」「'.join(lasting)}」の期間です。" if language == "ja" else f"Today: {', '.join(lasting)}."
    coming = min((each for each in spans if each.first > today), key=lambda each: each.first, default=None)
    if coming is None:
        return "すべての期間が過ぎました。" if language == "ja" else "All of it is over."
    left = (coming.first - today).days
    if language == "ja":
        return f"次は「{coming.name}」まで{left:,}日です。"
    return f"Next: {coming.name}, in {left:,} days."


def _draw(
    spans: Sequence[Span], *, today: date, family: str, language: Language, width: float, said: tuple[str, str]
) -> str:
    shown = [*(each.first for each in spans), *(each.last for each in spans)]
    begin, end = min(shown).replace(day=1), add_months(max(shown).replace(day=1), 1)
    scale = _Scale(begin, (end - begin).days, width)
    height, scope = HEAD + ROW * len(spans) + 6, scope_of("days", [*spans], today, width, language)
    body = [*_months(scale, end=end, height=height, language=language)]
    if begin <= today < end:
        body.append(rule((scale.x(today), HEAD - 8), (scale.x(today), height), strong=True))
    for place, each in enumerate(spans):
        body += _bar(each, HEAD + ROW * place, scale=scale, family=family, scope=scope)
    return picture(body, size=(width, height), title=said[0], desc=said[1], scope=scope)


def _months(scale: _Scale, *, end: date, height: float, language: Language) -> list[str]:
    """A thin line at each month's first day, named where there is room."""
    drawn, month, free = [], scale.first, 0.0
    while month < end:
        x = scale.x(month)
        drawn.append(rule((x, HEAD - 12), (x, height)))
        if x >= free and x + _FEWEST <= scale.width:
            name = f"{month.month}月" if language == "ja" else f"{month:%b}"
            drawn.append(text((x + 3, 16), name, size=13, tone="soft"))
            free = x + _FEWEST
        month = add_months(month, 1)
    return drawn


def _bar(each: Span, top: float, *, scale: _Scale, family: str, scope: str) -> list[str]:
    """The name above its bar, pushed left where it would leave the paper; a single day still shows."""
    x, room = scale.x(each.first), scale.width - text_width(each.name, 14) - 2
    width = max(scale.x(each.last) - x, 4.0)
    name = text((max(0.0, min(x, room)), top + 15), each.name, size=14, halo=True)
    return [filled("rect", family, scope=scope, x=x, y=top + 22, width=width, height=14), name]
