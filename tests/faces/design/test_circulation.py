from __future__ import annotations

import pytest

from meguri.faces.design import charts
from meguri.faces.design.charts.circulation import place_amounts
from tests.faces.design.drawings import read, shapes, words

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


def test_the_narrow_picture_names_only_what_has_room() -> None:
    streams = [charts.FlowStream("v", "food", 990_000, "voucher"), charts.FlowStream("p", "food", 10_000, "point")]
    found = words(flow(streams).narrow)
    assert "商品券" in found
    assert "ポイント" not in found


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
