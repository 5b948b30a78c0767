"""A bar of money that adds up, written below as the sum it is: used + reserved + left = budget."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from meguri.faces.design.charts.drawing import Attribute, element, filled, mark, picture, rule, scope_of, text
from meguri.faces.design.charts.twin import Cell, Chart, percent, say
from meguri.words.refusal import Language
from meguri.words.yen import show_yen

WIDE, NARROW = 680.0, 340.0
BAR_HEIGHT = 32
ROW_HEIGHT = 34


@dataclass(frozen=True, slots=True)
class MoneyPart:
    """One part of a sum of money (whole yen, not negative). `url` leads to its postings."""

    label: str
    amount: int
    family: str
    url: str = ""


def must_add_up(parts: Sequence[MoneyPart], total: int) -> None:
    """Raises ValueError when the parts are not the whole: such a bar would be a false statement."""
    if sum(part.amount for part in parts) != total or any(part.amount < 0 for part in parts):
        raise ValueError(f"{[part.amount for part in parts]} do not add up to {total}")


def money_bar(
    parts: Sequence[MoneyPart],
    *,
    total: int,
    title: str,
    desc: str,
    language: Language = "ja",
    total_label: str = "",
    source: str = "",
) -> Chart:
    """The bar and its sum. Raises ValueError when the parts do not add up to `total`."""
    must_add_up(parts, total)
    label = total_label or say(language, "合計", "Total")
    pictures = [
        _draw(parts, total=MoneyPart(label, total, "sum"), width=width, title=title, desc=desc, language=language)
        for width in (WIDE, NARROW)
    ]
    rows: list[tuple[Cell, ...]] = [(part.label, part.amount, percent(part.amount, total)) for part in parts]
    return Chart(
        svg=pictures[0], narrow=pictures[1], title=title, desc=desc, source=source, kind="money",
        columns=_columns(language),
        rows=(*rows, (label, total, 100.0 if total else 0.0)),
    )  # fmt: skip


def money_strip(parts: Sequence[MoneyPart], *, total: int) -> str:
    """The bar alone, as wide as its place; its words stand beside it in the page, so it is silent itself.

    Raises ValueError when the parts do not add up to `total`.
    """
    must_add_up(parts, total)
    scope = scope_of("strip", [*parts])
    inner = _pieces(parts, total=total, width=100.0, unit="%", scope=scope)
    drawing = picture(inner, size=(100, BAR_HEIGHT), title="", desc="", scope=scope)
    body = drawing.split(">", 1)[1].replace("<title></title><desc></desc>", "")
    return f'<svg class="money-strip" width="100%" height="{BAR_HEIGHT}" aria-hidden="true" focusable="false">{body}'


def _pieces(parts: Sequence[MoneyPart], *, total: int, width: float, unit: str, scope: str) -> list[str]:
    pieces, start = [], 0.0
    for part in parts:
        length = width * part.amount / total if total else 0.0
        place = {"x": f"{start:.3f}{unit}", "width": f"{length:.3f}{unit}"}
        edge: dict[str, Attribute] = {"stroke": "#ffffff", "stroke_width": 2, "y": 0, "height": BAR_HEIGHT}
        pieces.append(element("g", filled("rect", part.family, scope=scope, **place, **edge), class_="money-piece"))
        start += length
    return pieces


def _draw(
    parts: Sequence[MoneyPart],
    *,
    total: MoneyPart,
    width: float,
    title: str,
    desc: str,
    language: Language,
) -> str:
    scope = scope_of("money", [*parts], width, title)
    body = _pieces(parts, total=total.amount, width=width, unit="", scope=scope)
    top = BAR_HEIGHT + 8.0
    for number, part in enumerate(parts):
        sign = "" if number == 0 else "+"
        body.append(_line(part, top + number * ROW_HEIGHT, width=width, language=language, sign=sign))
    bottom = top + len(parts) * ROW_HEIGHT
    body.append(rule((0, bottom + 2), (width, bottom + 2), strong=True))
    body.append(_line(total, bottom + 2, width=width, language=language, sign="="))
    return picture(body, size=(width, bottom + ROW_HEIGHT + 6), title=title, desc=desc, scope=scope)


def _line(part: MoneyPart, top: float, *, width: float, language: Language, sign: str) -> str:
    y = top + 23
    whole = part.family == "sum"
    shown = text((0, y), sign, size=16, tone="soft") + text((46, y), part.label, size=15, bold=whole)
    if not whole:
        shown += mark(part.family, (30, y - 6), size=15)
    return shown + text((width, y), show_yen(part.amount, language), size=16, anchor="end", bold=True)


def _columns(language: Language) -> tuple[str, ...]:
    return (
        say(language, "内訳", "Part"),
        say(language, "金額(円)", "Amount (yen)"),
        say(language, "割合(%)", "Share (%)"),
    )
