from __future__ import annotations

from itertools import combinations
from xml.etree import ElementTree as ET

import pytest

from meguri.faces.design import charts
from meguri.faces.design.charts.circulation import place_amounts
from meguri.faces.design.charts.drawing import text_width
from tests.faces.design.drawings import SVG, read, shapes, words

STAGES = [
    charts.FlowStage(
        "配った", (charts.FlowPlace("v", "商品券", "voucher"), charts.FlowPlace("p", "ポイント", "point"))
    ),
    charts.FlowStage("使われた", (charts.FlowPlace("food", "食料品"), charts.FlowPlace("held", "財布の中"))),
    charts.FlowStage("その先", (charts.FlowPlace("bank", "口座"),)),
]
STREAMS = [
    charts.FlowStream("v", "food", 700_000, "voucher"),
    charts.FlowStream("v", "held", 300_000, "voucher"),
    charts.FlowStream("p", "food", 100_000, "point"),
    charts.FlowStream("food", "bank", 650_000),
]


def flow(streams: list[charts.FlowStream]) -> charts.Chart:
    return charts.flow(STAGES, streams, title="T", desc="D")


def test_places_hold_what_they_received_or_gave() -> None:
    assert place_amounts(STAGES, STREAMS) == {
        "v": 1_000_000, "p": 100_000, "food": 800_000, "held": 300_000, "bank": 650_000,
    }  # fmt: skip


def test_money_out_of_nowhere_is_refused() -> None:
    with pytest.raises(ValueError, match="food passes on 900000 but received 800000"):
        flow([*STREAMS[:3], charts.FlowStream("food", "bank", 900_000)])


def test_the_twin_holds_every_stream() -> None:
    chart = flow(STREAMS)
    assert chart.columns == ("どこから", "どこへ", "金額(円)")
    assert chart.rows == (
        ("商品券", "食料品", 700_000), ("商品券", "財布の中", 300_000), ("ポイント", "食料品", 100_000),
        ("食料品", "口座", 650_000),
    )  # fmt: skip


def test_one_scale_for_all_stages() -> None:
    """A plate is as long as its place's money, in every stage alike."""
    svg = read(flow(STREAMS).svg)
    plates = [node for node in svg if node.tag.endswith("rect")]
    amounts = [1_000_000, 100_000, 800_000, 300_000, 650_000]
    scales = {round(float(node.get("height", "0")) / amount, 5) for node, amount in zip(plates, amounts, strict=True)}
    assert max(scales) - min(scales) <= 2e-5


def test_every_stream_is_a_band_in_its_programmes_hue() -> None:
    svg = flow(STREAMS).svg
    assert len(shapes(svg, "flow-stream")) == 4
    assert len([s for s in shapes(svg, "fill-voucher") if s.tag.endswith("path")]) == 2


def test_places_and_stages_are_named_on_the_picture() -> None:
    found = words(flow(STREAMS).svg)
    assert "商品券 100万円" in found
    assert "口座 65万円" in found
    assert {"配った", "使われた", "その先"} <= set(found)


def long_names(places: int) -> tuple[list[charts.FlowStage], list[charts.FlowStream]]:
    """A first stage of long names, some of hardly any money, one middle place, and many places to end at."""
    first = tuple(charts.FlowPlace(f"a{n}", f"Meguri green and health programme {n}") for n in range(places))
    last = tuple(charts.FlowPlace(f"z{n}", f"Clothes, appliances, drugs, books {n}") for n in range(places))
    stages = [charts.FlowStage("Programme", first), charts.FlowStage("Wallets", (charts.FlowPlace("w", "Wallets"),)),
              charts.FlowStage("Where it is now", last)]  # fmt: skip
    amounts = [900_000 if n == 0 else 9_000 for n in range(places)]
    streams = [charts.FlowStream(f"a{n}", "w", yen) for n, yen in enumerate(amounts)]
    return stages, streams + [charts.FlowStream("w", f"z{n}", yen) for n, yen in enumerate(amounts)]


def extent(node: ET.Element) -> tuple[float, float, float, float]:
    """Left, top, right, bottom of a line of text, its halo left out."""
    size, x, y = (float(node.get(name, "0")) for name in ("font-size", "x", "y"))
    width = text_width("".join(node.itertext()), size)
    left = x - width if node.get("text-anchor") == "end" else x
    return left, y - size * 0.8, left + width, y + size * 0.1


@pytest.mark.parametrize("places", [1, 3, 7])
@pytest.mark.parametrize("kind", ["svg", "narrow"])
def test_no_name_touches_another_or_leaves_the_picture(kind: str, places: int) -> None:
    stages, streams = long_names(places)
    root = read(getattr(charts.flow(stages, streams, title="T", desc="D", language="en"), kind))
    found = [(extent(node), "".join(node.itertext())) for node in root.iter(f"{SVG}text")]
    for (left, top, right, bottom), name in found:
        assert left >= -0.5, name
        assert right <= float(root.get("width", "0")) + 0.5, name
        assert top >= 0, name
        assert bottom <= float(root.get("height", "0")), name
    for (one, name), (other, next_name) in combinations(found, 2):
        apart = one[2] <= other[0] or other[2] <= one[0] or one[3] <= other[1] or other[3] <= one[1]
        assert apart, (name, next_name)


@pytest.mark.parametrize("kind", ["svg", "narrow"])
def test_every_place_is_named_however_little_it_holds(kind: str) -> None:
    stages, streams = long_names(7)
    found = " ".join(words(getattr(charts.flow(stages, streams, title="T", desc="D", language="en"), kind)))
    for stage in stages:
        for place in stage.places:
            assert place.label in found


def test_the_names_of_the_first_and_the_last_stage_stand_outside_the_bands() -> None:
    svg = flow(STREAMS).svg
    plates = [float(node.get("x", "0")) for node in read(svg) if node.tag.endswith("rect")]
    for node in read(svg).iter(f"{SVG}text"):
        name = "".join(node.itertext())
        if name.startswith(("商品券", "ポイント")):
            assert extent(node)[2] < min(plates)
        if name.startswith("口座"):
            assert extent(node)[0] > max(plates)


def test_the_narrow_picture_stays_inside_its_width() -> None:
    for node in read(flow(STREAMS).narrow):
        if node.tag.endswith("rect"):
            assert float(node.get("x", "0")) + float(node.get("width", "0")) <= 340.5


def test_nothing_issued_is_drawn_as_nothing() -> None:
    chart = flow([])
    assert chart.rows == ()
    assert shapes(chart.svg, "flow-stream") == []
    read(charts.flow([], [], title="T", desc="D").svg)


def test_names_are_escaped() -> None:
    stages = [
        charts.FlowStage("<s>", (charts.FlowPlace("a", "<b>"),)),
        charts.FlowStage("2", (charts.FlowPlace("c", "d"),)),
    ]
    chart = charts.flow(stages, [charts.FlowStream("a", "c", 5)], title="<t>", desc="<d>")
    assert not any(tag in chart.svg + chart.narrow for tag in ("<s>", "<b>", "<t>", "<d>"))
