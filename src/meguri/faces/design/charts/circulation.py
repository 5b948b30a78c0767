"""How money went round: from where it was issued, through wallets and shops, to the bank or on to the next shop."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from meguri.faces.design.charts.drawing import element, filled, number, picture, scope_of, text, text_width
from meguri.faces.design.charts.twin import Cell, Chart, say
from meguri.faces.design.figures import short_yen
from meguri.words.refusal import Language

WIDE, NARROW = 720.0, 340.0
PLATE = 12.0
WIDE_GAP, NARROW_GAP = 26.0, 5.0


@dataclass(frozen=True, slots=True)
class FlowPlace:
    """A place where money stands at one stage: a programme, the wallets, a trade, an area, the bank."""

    key: str
    label: str
    family: str = "rest"


@dataclass(frozen=True, slots=True)
class FlowStage:
    """One column of places, in the order in which they are drawn."""

    label: str
    places: tuple[FlowPlace, ...]


@dataclass(frozen=True, slots=True)
class FlowStream:
    """Whole yen that went from one place to a place of a later stage; `family` keeps a programme's hue on its way."""

    source: str
    target: str
    amount: int
    family: str = "rest"


@dataclass(frozen=True, slots=True)
class _Box:
    """A place on paper: where it begins across the flow, how long it is, at which depth it stands."""

    place: FlowPlace
    depth: float
    start: float
    length: float
    amount: int


def flow(
    stages: Sequence[FlowStage],
    streams: Sequence[FlowStream],
    *,
    title: str,
    desc: str,
    language: Language = "ja",
    source: str = "",
) -> Chart:
    """The picture of circulation. Raises ValueError when a place passes on more than it received."""
    amounts = place_amounts(stages, streams)
    draw = _Draw(stages, streams, amounts, title, desc, language)
    names = {place.key: place.label for stage in stages for place in stage.places}
    rows: tuple[tuple[Cell, ...], ...] = tuple((names[s.source], names[s.target], s.amount) for s in streams)
    return Chart(
        svg=draw.wide(), narrow=draw.tall(), title=title, desc=desc, source=source, kind="flow", rows=rows,
        columns=_columns(language),
    )  # fmt: skip


def place_amounts(stages: Sequence[FlowStage], streams: Sequence[FlowStream]) -> dict[str, int]:
    """What each place received, or gave out if it is a beginning. Raises ValueError for money out of nowhere."""
    received: dict[str, int] = defaultdict(int)
    given: dict[str, int] = defaultdict(int)
    for stream in streams:
        given[stream.source] += stream.amount
        received[stream.target] += stream.amount
    for key, amount in given.items():
        if key in received and amount > received[key]:
            raise ValueError(f"{key} passes on {amount} but received {received[key]}")
    return {place.key: received[place.key] or given[place.key] for stage in stages for place in stage.places}


@dataclass(frozen=True, slots=True)
class _Draw:
    stages: Sequence[FlowStage]
    streams: Sequence[FlowStream]
    amounts: Mapping[str, int]
    title: str
    desc: str
    language: Language

    def wide(self) -> str:
        """Stages from left to right; names beside their places."""
        last = self.stages[-1].places if self.stages else ()
        margin = max((text_width(self._caption(place.key, place.label), 14) for place in last), default=0) + 16
        most = max((len(stage.places) for stage in self.stages), default=1)
        height = max(300.0, 64.0 * most)
        boxes = self._boxes(across=height, gap=WIDE_GAP, depth_span=WIDE - margin - PLATE)
        scope = scope_of("flow", [*self.streams], "wide", self.title)
        body = [_ribbon(stream, ends, scope=scope, upright=False) for stream, ends in self._placed(boxes)]
        body += [
            element("rect", x=b.depth, y=40 + b.start, width=PLATE, height=max(b.length, 1), **_plate(b))
            for b in boxes.values()
        ]
        body += [self._beside(box) for box in boxes.values()]
        body += self._headings(boxes)
        return picture(body, size=(WIDE, height + 48), title=self.title, desc=self.desc, scope=scope)

    def tall(self) -> str:
        """Stages from top to bottom, for phones; names below their places where there is room, the table has all."""
        boxes = self._boxes(across=NARROW, gap=NARROW_GAP, depth_span=130.0 * (len(self.stages) - 1))
        scope = scope_of("flow", [*self.streams], "tall", self.title)
        body = [_ribbon(stream, ends, scope=scope, upright=True) for stream, ends in self._placed(boxes)]
        body += [
            element("rect", x=b.start, y=24 + b.depth, width=max(b.length, 1), height=PLATE, **_plate(b))
            for b in boxes.values()
        ]
        body += [self._below(box) for box in boxes.values()]
        tops = {stage.label: boxes[stage.places[0].key].depth for stage in self.stages if stage.places}
        body += [text((0, 24 + top - 7), label, size=13, tone="soft", halo=True) for label, top in tops.items()]
        deepest = max((box.depth for box in boxes.values()), default=0)
        return picture(body, size=(NARROW, deepest + 86), title=self.title, desc=self.desc, scope=scope)

    def _boxes(self, *, across: float, gap: float, depth_span: float) -> dict[str, _Box]:
        scale = self._scale(across=across, gap=gap)
        between = depth_span / max(len(self.stages) - 1, 1)
        boxes: dict[str, _Box] = {}
        for number_, stage in enumerate(self.stages):
            start = 0.0
            for place in stage.places:
                amount = self.amounts[place.key]
                boxes[place.key] = _Box(place, number_ * between, start, amount * scale, amount)
                start += amount * scale + gap
        return boxes

    def _scale(self, *, across: float, gap: float) -> float:
        """Pixels per yen, the same in every stage, so that a stage that holds less looks like less."""
        rooms = [
            (across - gap * (len(stage.places) - 1)) / total
            for stage in self.stages
            if (total := sum(self.amounts[place.key] for place in stage.places))
        ]
        return min(rooms, default=0.0)

    def _placed(self, boxes: Mapping[str, _Box]) -> list[tuple[FlowStream, tuple[_Box, _Box]]]:
        """Each stream with the slice of its two places that it takes, streams stacked in the order of their ends."""
        out: dict[str, float] = defaultdict(float)
        into: dict[str, float] = defaultdict(float)
        placed = []
        for stream in sorted(self.streams, key=lambda s: (boxes[s.source].start, boxes[s.target].start)):
            source, target = boxes[stream.source], boxes[stream.target]
            size = source.length * stream.amount / source.amount if source.amount else 0.0
            ends = (
                _Box(source.place, source.depth, source.start + out[stream.source], size, stream.amount),
                _Box(target.place, target.depth, target.start + into[stream.target], size, stream.amount),
            )
            out[stream.source] += size
            into[stream.target] += size
            placed.append((stream, ends))
        return placed

    def _caption(self, key: str, label: str) -> str:
        return f"{label} {short_yen(self.amounts[key], self.language)}"

    def _beside(self, box: _Box) -> str:
        name = self._caption(box.place.key, box.place.label)
        return text((box.depth + PLATE + 8, 40 + box.start + box.length / 2 + 5), name, size=14, halo=True)

    def _below(self, box: _Box) -> str:
        name, amount = box.place.label, short_yen(box.amount, self.language)
        if max(text_width(name, 13), text_width(amount, 13)) > box.length + 4:
            return ""
        y = 24 + box.depth + PLATE + 17
        return text((box.start + 2, y), name, size=13, halo=True) + text(
            (box.start + 2, y + 17), amount, size=13, bold=True, halo=True
        )

    def _headings(self, boxes: Mapping[str, _Box]) -> list[str]:
        heads = [(stage.label, boxes[stage.places[0].key].depth) for stage in self.stages if stage.places]
        return [text((depth, 20), label, size=14, tone="soft") for label, depth in heads]


def _plate(box: _Box) -> dict[str, str]:
    """The colours of a place's plate: its programme's hue, or plain ink."""
    family = "sum" if box.place.family == "rest" else box.place.family
    return {"class_": f"fill-{family}", "fill": "#1a1a1a" if family == "sum" else "#4d4d4d"}


def _ribbon(stream: FlowStream, ends: tuple[_Box, _Box], *, scope: str, upright: bool) -> str:
    """A band from the slice of one place to the slice of the next; upright pictures run downwards."""
    source, target = ends
    begin, end = source.depth + PLATE, target.depth
    middle = (begin + end) / 2
    corners = [
        (begin, source.start), (middle, source.start), (middle, target.start), (end, target.start),
        (end, target.start + target.length), (middle, target.start + target.length),
        (middle, source.start + source.length), (begin, source.start + source.length),
    ]  # fmt: skip
    a, b, c, d, e, f, g, h = (f"{number(p)} {number(q)}" for p, q in (_turned(corner, upright) for corner in corners))
    return element(
        "g", filled("path", stream.family, scope=scope, d=f"M{a}C{b} {c} {d}L{e}C{f} {g} {h}Z"), class_="flow-stream"
    )


def _turned(corner: tuple[float, float], upright: bool) -> tuple[float, float]:  # noqa: FBT001 - private, two callers
    depth, across = corner
    return (across, 24 + depth) if upright else (depth, 40 + across)


def _columns(language: Language) -> tuple[str, ...]:
    return (
        say(language, "どこから", "From"),
        say(language, "どこへ", "To"),
        say(language, "金額(円)", "Amount (yen)"),
    )
