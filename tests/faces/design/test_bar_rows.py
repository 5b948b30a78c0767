from __future__ import annotations

from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from meguri.faces.design import charts
from tests.faces.design.drawings import SVG, read, shapes, words


def bars(items: list[charts.Bar], **more: object) -> charts.Chart:
    return charts.bars(items, title="T", desc="D", language="ja", source=str(more.get("source", "")))


def rects(svg: str) -> list[ET.Element]:
    return [node for node in read(svg).iter(f"{SVG}rect") if "fill-" in node.get("class", "")]


def zero_line(svg: str) -> float:
    return float(shapes(svg, "chart-zero")[0].get("x1", "0"))


@given(st.lists(st.integers(1, 10**9), min_size=1, max_size=8))
def test_lengths_are_proportional_to_values(values: list[int]) -> None:
    chart = bars([charts.Bar(f"b{n}", value) for n, value in enumerate(values)])
    for svg in (chart.svg, chart.narrow):
        lengths = [float(node.get("width", "0")) for node in rects(svg)]
        longest = max(lengths)
        for value, length in zip(values, lengths, strict=True):
            assert length == pytest.approx(max(longest * value / max(values), 1.0), abs=0.51)


def test_bars_start_at_an_honest_zero() -> None:
    chart = bars([charts.Bar("a", 900), charts.Bar("b", 1_000)])
    assert {float(node.get("x", "-1")) for node in rects(chart.svg)} == {zero_line(chart.svg)}


def test_negative_bars_end_at_zero_and_have_their_figure_at_the_left() -> None:
    chart = bars([charts.Bar("up", 50), charts.Bar("down", -20)])
    up, down = rects(chart.svg)
    zero = zero_line(chart.svg)
    assert float(up.get("x", "0")) == pytest.approx(zero, abs=0.02)
    assert float(down.get("x", "0")) + float(down.get("width", "0")) == pytest.approx(zero, abs=0.02)
    assert "−20円" in words(chart.svg)


def test_names_and_figures_stand_on_the_picture() -> None:
    chart = bars([charts.Bar("食料品", 9_400_000, "voucher")])
    assert words(chart.svg) == ["食料品", "9,400,000円"]
    assert words(chart.narrow) == ["食料品", "9,400,000円"]


def test_the_twin_holds_the_very_values() -> None:
    chart = bars([charts.Bar("a", 12.345), charts.Bar("b", 7)])
    assert chart.rows == (("a", 12.345), ("b", 7))
    assert chart.columns == ("項目", "値(円)")


def test_estimates_bring_their_interval_into_the_table() -> None:
    chart = charts.bars(
        [charts.Bar("a", 6.2, low=2.1, high=10.3), charts.Bar("b", 1.0)],
        title="T", desc="D", language="en", unit="%", show=lambda value: f"{value}%",
    )  # fmt: skip
    assert chart.columns == ("Item", "Value (%)", "Lower end", "Upper end")
    assert chart.rows == (("a", 6.2, 2.1, 10.3), ("b", 1.0, None, None))
    assert len(shapes(chart.svg, "chart-whisker")) == 1
    assert "6.2%" in words(chart.svg)


def test_a_long_name_moves_above_its_bar() -> None:
    short = bars([charts.Bar("a", 1)])
    long = bars([charts.Bar("とても長い名前のついた事業とその正式な名称をすべて書いたもの", 1)])
    assert float(read(long.svg).get("height", "0")) > float(read(short.svg).get("height", "0"))


def test_nothing_stands_outside_the_picture() -> None:
    items = [charts.Bar("a", 5, low=-3, high=13), charts.Bar("b", -4, low=-9, high=1)]
    chart = bars(items)
    for svg, width in ((chart.svg, 680), (chart.narrow, 340)):
        for node in rects(svg):
            assert float(node.get("x", "0")) >= 0
            assert float(node.get("x", "0")) + float(node.get("width", "0")) <= width


def test_no_bars_and_only_zeros_are_drawn_too() -> None:
    assert bars([]).rows == ()
    read(bars([]).svg)
    read(bars([charts.Bar("a", 0)]).svg)


def test_names_are_escaped() -> None:
    assert "<script" not in bars([charts.Bar("<script>", 1)]).svg


def test_zero_lines_run_behind_the_names() -> None:
    svg = bars([charts.Bar("a", 1)]).svg
    assert svg.index("chart-zero") < svg.index("<text")
