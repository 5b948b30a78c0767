"""How money went round: from where it was issued, through wallets and shops, to the bank or on to the next shop."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from meguri.faces.design.charts import flow_labels as labels
from meguri.faces.design.charts.drawing import element, filled, number, picture, scope_of, text
from meguri.faces.design.charts.twin import Cell, Chart, say
from meguri.faces.design.figures import short_yen
from meguri.words.refusal import Language

WIDE, NARROW = 720.0, 340.0
PLATE = 12.0
WIDE_GAP, NARROW_GAP = 26.0, 5.0
MARGIN = 164.0
"""The most that names take outside the first and the last stage."""
TOP, NARROW_TOP = 40.0, 32.0
"""What the headings take above the picture."""
NARROW_STEP = 112.0
"""From the names of a stage to the next stage's plates, on a phone."""


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
        """Stages from left to right; names beside their places, outside the bands wherever there is an outside."""
        rooms = self._rooms()
        margins = [
            max((one.width for one in self._blocks(number_, room=MARGIN)), default=0.0) + 12 for number_ in (0, -1)
        ] if self.stages else [0.0, 0.0]  # fmt: skip
        left = margins[0] if len(self.stages) > 1 else 0.0
        span = WIDE - left - margins[1] - PLATE
        inside = self._between(span) - PLATE - 16
        named = [self._blocks(number_, room=room or inside) for number_, room in enumerate(rooms)]
        height = max([300.0, *(sum(one.height + labels.APART for one in blocks) for blocks in named)])
        depths = [left + number_ * self._between(span) for number_ in range(len(self.stages))]
        boxes = self._boxes(across=height, gap=WIDE_GAP, depths=depths)
        scope = scope_of("flow", [*self.streams], "wide", self.title)
        body = [_ribbon(stream, ends, scope=scope, upright=False) for stream, ends in self._placed(boxes)]
        body += [
            element("rect", x=b.depth, y=TOP + b.start, width=PLATE, height=max(b.length, 1), **_plate(b))
            for b in boxes.values()
        ]
        body += [self._beside(boxes, number_, blocks=blocks, room=height) for number_, blocks in enumerate(named)]
        body += self._headings(boxes)
        return picture(body, size=(WIDE, height + TOP + 8), title=self.title, desc=self.desc, scope=scope)

    def _rooms(self) -> list[float]:
        """How wide a name may be in each stage; 0 where that hangs on how near the next stage is."""
        ends = {0, len(self.stages) - 1}
        return [MARGIN if number_ in ends else 0.0 for number_ in range(len(self.stages))]

    def _between(self, span: float) -> float:
        return span / max(len(self.stages) - 1, 1)

    def _blocks(self, stage: int, *, room: float, size: float = 14) -> list[labels.Block]:
        """The names of a stage's places with their amounts, in lines that `room` holds."""
        return [
            labels.block(place.label, short_yen(self.amounts[place.key], self.language), size=size, room=room)
            for place in self.stages[stage].places
        ]

    def tall(self) -> str:
        """Stages from top to bottom, for phones: the first stage's names stand above it, all others hang below."""
        hanging = self._hanging()
        depths = self._tall_depths(hanging)
        boxes = self._boxes(across=NARROW, gap=NARROW_GAP, depths=depths)
        scope = scope_of("flow", [*self.streams], "tall", self.title)
        body = [_ribbon(stream, ends, scope=scope, upright=True) for stream, ends in self._placed(boxes)]
        body += [
            element("rect", x=b.start, y=NARROW_TOP + b.depth, width=max(b.length, 1), height=PLATE, **_plate(b))
            for b in boxes.values()
        ]
        for number_, names in enumerate(hanging):
            plate = NARROW_TOP + depths[number_]
            edge = plate - 4 if number_ == 0 else plate + PLATE + 2
            body += [one.draw(edge, upright=number_ == 0) for one in names]
        body += self._tall_headings(depths)
        end = NARROW_TOP + (depths[-1] + labels.depth_of(hanging[-1]) if depths else 0.0) + PLATE
        return picture(body, size=(NARROW, end + 12), title=self.title, desc=self.desc, scope=scope)

    def _hanging(self) -> list[list[labels.Hung]]:
        """The names of each stage in rows along its plates."""
        boxes = self._boxes(across=NARROW, gap=NARROW_GAP, depths=[0.0] * len(self.stages))
        found = []
        for number_, stage in enumerate(self.stages):
            here = [boxes[place.key] for place in stage.places]
            blocks = self._blocks(number_, room=NARROW, size=13)
            lengths = [box.length for box in here]
            found.append(labels.hung(blocks, [box.start for box in here], lengths=lengths, room=NARROW))
        return found

    @staticmethod
    def _tall_depths(hanging: Sequence[Sequence[labels.Hung]]) -> list[float]:
        """Where each stage's plates stand: names of the first stage are above it, the others' between two stages."""
        depths: list[float] = []
        for number_, names in enumerate(hanging):
            above = labels.depth_of(hanging[number_ - 1]) if number_ > 1 else 0.0
            depths.append(depths[-1] + above + NARROW_STEP if depths else labels.depth_of(names))
        return depths

    def _boxes(self, *, across: float, gap: float, depths: Sequence[float]) -> dict[str, _Box]:
        scale = self._scale(across=across, gap=gap)
        boxes: dict[str, _Box] = {}
        for number_, stage in enumerate(self.stages):
            start = 0.0
            for place in stage.places:
                amount = self.amounts[place.key]
                boxes[place.key] = _Box(place, depths[number_], start, amount * scale, amount)
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

    def _beside(self, boxes: Mapping[str, _Box], stage: int, *, blocks: Sequence[labels.Block], room: float) -> str:
        """The names of a stage: left of the first stage, right of all others, none touching another."""
        here = [boxes[place.key] for place in self.stages[stage].places]
        wanted = [(box.start + box.length / 2, one.height) for box, one in zip(here, blocks, strict=True)]
        outside_left = stage == 0 and len(self.stages) > 1
        anchor, shift = ("end", -8.0) if outside_left else ("start", PLATE + 8)
        return "".join(
            one.draw((box.depth + shift, TOP + top), anchor=anchor)
            for box, one, top in zip(here, blocks, labels.settled(wanted, room=room), strict=True)
        )

    def _headings(self, boxes: Mapping[str, _Box]) -> list[str]:
        heads = [(stage.label, boxes[stage.places[0].key].depth) for stage in self.stages if stage.places]
        return [
            text((depth + PLATE, 20), label, size=14, tone="soft", anchor="end") if number_ == 0 and len(heads) > 1
            else text((depth, 20), label, size=14, tone="soft")
            for number_, (label, depth) in enumerate(heads)
        ]  # fmt: skip

    def _tall_headings(self, depths: Sequence[float]) -> list[str]:
        """At the head of the picture for the first stage, above their plates for the others."""
        return [
            text((0, 20 if number_ == 0 else NARROW_TOP + depth - 7), stage.label, size=13, tone="soft", halo=True)
            for number_, (stage, depth) in enumerate(zip(self.stages, depths, strict=True)) if stage.places
        ]  # fmt: skip


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
    return (across, NARROW_TOP + depth) if upright else (depth, TOP + across)


def _columns(language: Language) -> tuple[str, ...]:
    return (
        say(language, "どこから", "From"),
        say(language, "どこへ", "To"),
        say(language, "金額(円)", "Amount (yen)"),
    )
