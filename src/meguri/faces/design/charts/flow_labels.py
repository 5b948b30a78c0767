"""Where the names of a flow's places stand: beside them, touching nothing, and each of them on a phone too."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from meguri.faces.design.charts.drawing import Place, rule, text, text_width, wrapped

LINE = 17.0
"""From one line of a name to the next."""
APART = 6.0
"""What stays free between two names."""


@dataclass(frozen=True, slots=True)
class Block:
    """A name with its amount as lines of one size: on one line where there is room, else the amount on its own."""

    lines: tuple[str, ...]
    size: float

    @property
    def width(self) -> float:
        return max(text_width(line, self.size) for line in self.lines)

    @property
    def height(self) -> float:
        return LINE * len(self.lines)

    def draw(self, at: Place, *, anchor: str = "start") -> str:
        """The lines, the first of them `LINE` below the point given."""
        return "".join(
            text((at[0], at[1] + LINE * (row + 1) - 4), line, size=self.size, anchor=anchor, halo=True)
            for row, line in enumerate(self.lines)
        )


def block(name: str, amount: str, *, size: float, room: float) -> Block:
    """The lines of a place's name within `room` px."""
    if text_width(f"{name} {amount}", size) <= room:
        return Block((f"{name} {amount}",), size)
    return Block((*wrapped(name, size=size, room=room), amount), size)


def settled(wanted: Sequence[tuple[float, float]], *, room: float) -> list[float]:
    """Where blocks (middle, height; in order) begin: near their middles, not touching, within `room` if it holds them.

    Room for all of them together is the caller's business.
    """
    tops: list[float] = []
    free = 0.0
    for middle, height in wanted:
        tops.append(max(free, middle - height / 2))
        free = tops[-1] + height + APART
    last = room
    for place in reversed(range(len(tops))):
        tops[place] = min(tops[place], last - wanted[place][1])
        last = tops[place] - APART
    return tops


@dataclass(frozen=True, slots=True)
class Hung:
    """A block that hangs from its place across the flow: how far from the edge it begins, in which row below it."""

    block: Block
    left: float
    row: float
    from_: float

    def draw(self, edge: float, *, upright: bool) -> str:
        """The name and, if other names stand between, a thin line to its place, whose plate ends at `edge`."""
        top = edge - self.row - self.block.height if upright else edge + self.row
        near = top + self.block.height if upright else top
        line = rule((self.from_, edge), (self.from_, near))
        return (line if self.row else "") + self.block.draw((self.left, top))


def hung(blocks: Sequence[Block], starts: Sequence[float], *, lengths: Sequence[float], room: float) -> list[Hung]:
    """Every block below its place, the rightmost nearest, so that a line to a farther name crosses no nearer one."""
    found: list[Hung] = []
    for one, start, length in sorted(zip(blocks, starts, lengths, strict=True), key=lambda item: -item[1]):
        left = max(0.0, min(start, room - one.width))
        row = _free_row(found, left=left, right=left + one.width, height=one.height)
        found.append(Hung(one, left, row, start + min(length / 2, 6.0)))
    return found[::-1]


def _free_row(found: Sequence[Hung], *, left: float, right: float, height: float) -> float:
    """The nearest row in which nothing stands between `left` and `right`."""
    near = [one for one in found if one.left < right + 8 and left < one.left + one.block.width + 8]
    row = 0.0
    for one in sorted(near, key=lambda each: each.row):
        if row + height > one.row:
            row = max(row, one.row + one.block.height)
    return row


def depth_of(hanging: Sequence[Hung]) -> float:
    """How much room the names of a stage take."""
    return max((one.row + one.block.height for one in hanging), default=0.0)
