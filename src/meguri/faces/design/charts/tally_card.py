"""A card of stamps: places of a rally, or the days of a streak. What is done is filled, the rest waits as a ring."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from meguri.faces.design.charts.drawing import PAPER, Place, element, filled, mark, picture, scope_of, text, wrapped
from meguri.faces.design.charts.twin import Cell, Chart, say
from meguri.words.refusal import Language

WIDTH = 324.0
EDGE = 10.0
RADIUS = {4: 30.0, 7: 18.0}
LABEL_SIZE = 14.0
LINE = 18.0
LINES_MOST = 2


class TallyState(StrEnum):
    DONE = "done"
    LEFT_OUT = "left_out"  # a day that went by without
    OPEN = "open"


STATES = {
    TallyState.DONE: ("済", "done"), TallyState.LEFT_OUT: ("休み", "left out"), TallyState.OPEN: ("まだ", "to come"),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class TallyMark:
    """One field of the card: what stands below it, and whether it has its stamp."""

    label: str
    state: TallyState


def tally_card(
    marks: Sequence[TallyMark], *, title: str, desc: str, language: Language = "ja", columns: int = 4
) -> Chart:
    """The card, `columns` (4 or 7) fields in a row. Its twin names every field with its state."""
    rows: list[tuple[Cell, ...]] = [(each.label, say(language, *STATES[each.state])) for each in marks]
    return Chart(
        svg=_draw(marks, title=title, desc=desc, columns=columns), title=title, desc=desc, kind="tallies",
        columns=(say(language, "欄", "Field"), say(language, "様子", "State")), rows=tuple(rows),
    )  # fmt: skip


def _draw(marks: Sequence[TallyMark], *, title: str, desc: str, columns: int) -> str:
    scope = scope_of("tallies", *[(each.label, each.state.value) for each in marks], title)
    room, radius = (WIDTH - 2 * EDGE) / columns, RADIUS[columns]
    labels = [_label(each.label, room=room) for each in marks]
    body: list[str] = []
    top = EDGE
    for start in range(0, len(marks), columns):
        beside = range(start, min(start + columns, len(marks)))
        for place in beside:
            centre = EDGE + room * (place - start + 0.5), top + radius
            body.append(_field(marks[place].state, centre, radius=radius, scope=scope))
            body += [
                text((centre[0], top + 2 * radius + LINE * (line + 1)), words, size=LABEL_SIZE, anchor="middle")
                for line, words in enumerate(labels[place])
            ]
        top += 2 * radius + LINE * max(len(labels[place]) for place in beside) + EDGE
    ground = element("rect", x=1, y=1, width=WIDTH - 2, height=top, rx=12, class_="chart-card", fill=PAPER["ground"],
                     stroke=PAPER["line"], stroke_width=1)
    return picture([ground, *body], size=(WIDTH, top + 2), title=title, desc=desc, scope=scope)


def _label(label: str, *, room: float) -> list[str]:
    """Two lines at most; what is longer ends in dots, and stands whole in the twin."""
    lines = wrapped(label, size=LABEL_SIZE, room=room - 4)
    return lines if len(lines) <= LINES_MOST else [*lines[: LINES_MOST - 1], f"{lines[LINES_MOST - 1][:-1]}…"]


def _field(state: TallyState, centre: Place, *, radius: float, scope: str) -> str:
    x, y = centre
    if state is TallyState.DONE:
        return filled("circle", "point", scope=scope, cx=x, cy=y, r=radius) + mark(
            "point", centre, size=radius, tone="ground"
        )
    if state is TallyState.LEFT_OUT:
        return element("line", x1=x - radius / 2, y1=y, x2=x + radius / 2, y2=y, class_="chart-guide",
                       stroke=PAPER["soft"], stroke_width=2)
    return element("circle", cx=x, cy=y, r=radius - 1, class_="chart-waiting", fill="none", stroke=PAPER["soft"],
                   stroke_width=1.5, stroke_dasharray="4 4")
