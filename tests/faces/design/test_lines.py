from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from meguri.faces.design import charts
from meguri.faces.design.charts.lines import NAME_ROOM, _apart, ticks
from tests.faces.design.drawings import desc, read, shapes, words

STEPS = ("1月", "2月", "3月")


def line(*series: charts.Series, **more: object) -> charts.Chart:
    marks = more.get("marks", ())
    assert isinstance(marks, tuple)
    return charts.line(series, steps=STEPS, title="T", desc="D", marks=marks, band_words="帯は95%区間です。")


def points(*values: float | None) -> tuple[charts.Point | None, ...]:
    return tuple(None if value is None else charts.Point(value) for value in values)


@given(st.floats(-1e9, 1e9), st.floats(-1e9, 1e9))
def test_ticks_are_few_round_and_hold_both_ends_and_zero(one: float, other: float) -> None:
    least, most = min(one, other), max(one, other)
    scale = ticks(least, most)
    assert 2 <= len(scale) <= 8
    assert any(abs(tick) < 1e-9 for tick in scale)
    slack = 1e-6 * max(abs(least), abs(most), 1)
    assert scale[0] <= min(least, 0) + slack
    assert scale[-1] >= max(most, 0) - slack
    gaps = {round(after - before, 6) for before, after in itertools.pairwise(scale)}
    assert max(gaps) - min(gaps) <= slack


def test_ticks_of_nothing_are_still_a_scale() -> None:
    assert ticks(0, 0)[0] == 0
    assert ticks(0, 0)[-1] > 0


def test_the_scale_begins_at_zero() -> None:
    chart = line(charts.Series("a", points(900, 950, 1_000)))
    assert "0円" in words(chart.svg)


def test_the_twin_holds_the_very_values_and_their_intervals() -> None:
    uncertain = tuple(charts.Point(v, v - 1, v + 1) for v in (5.0, 6.0, 7.0))
    chart = line(charts.Series("町", uncertain), charts.Series("似た町", points(4, None, 4)))
    assert chart.columns == ("時点", "町", "町 下限", "町 上限", "似た町")
    assert chart.rows == (("1月", 5.0, 4.0, 6.0, 4), ("2月", 6.0, 5.0, 7.0, None), ("3月", 7.0, 6.0, 8.0, 4))


def test_a_gap_breaks_the_line() -> None:
    whole = line(charts.Series("a", points(1, 2, 3), "voucher"))
    broken = line(charts.Series("a", points(1, None, 3), "voucher"))
    assert len(shapes(whole.svg, "line-voucher")) == 1
    assert len(shapes(broken.svg, "line-voucher")) == 2


def test_uncertainty_is_a_band_and_is_said_in_words() -> None:
    chart = line(charts.Series("a", tuple(charts.Point(v, v - 1, v + 1) for v in (5, 6, 7)), "point"))
    bands = [node for node in shapes(chart.svg, "fill-point") if node.get("fill-opacity")]
    assert len(bands) == 1
    assert desc(chart.svg) == "D 帯は95%区間です。"
    assert chart.desc == "D 帯は95%区間です。"


def test_lines_differ_by_their_dashes_too() -> None:
    chart = line(charts.Series("a", points(1, 2, 3)), charts.Series("b", points(2, 3, 4)))
    dashes = {node.get("stroke-dasharray") for node in shapes(chart.svg, "line-sum")}
    assert len(dashes) == 2


def test_names_stand_at_the_ends_and_do_not_meet() -> None:
    chart = line(charts.Series("甲", points(1, 2, 3)), charts.Series("乙", points(1, 2, 3.01)))
    for svg in (chart.svg, chart.narrow):
        places = [float(node.get("y", "0")) for node in read(svg).iter() if (node.text or "") in ("甲", "乙")]
        assert abs(places[0] - places[1]) >= 18


def test_names_of_lines_that_end_at_nothing_stand_clear_of_the_days_below() -> None:
    """As in a dry run: on its last day nothing is in wallets any more, nor in the budget."""
    names = ("財布の中", "店・口座", "残りの予算")
    chart = line(*(charts.Series(name, points(9, 5, end)) for name, end in zip(names, (0, 9, 0), strict=True)))
    for svg in (chart.svg, chart.narrow):
        texts = [node for node in read(svg).iter() if node.text]
        places = sorted(float(node.get("y", "0")) for node in texts if node.text in names)
        days = min(float(node.get("y", "0")) for node in texts if node.text in STEPS)
        assert all(lower - upper >= 20 for upper, lower in itertools.pairwise(places))
        assert places[-1] + 14 <= days - 5, "a letter of 14 fits between the lowest name's foot and the days' heads"


@given(st.lists(st.floats(30, 260), min_size=1, max_size=5).map(sorted))
def test_names_are_put_apart_and_never_below_the_picture(wished: list[float]) -> None:
    found = _apart(wished, lowest=256)
    assert all(lower - upper >= NAME_ROOM - 1e-9 for upper, lower in itertools.pairwise(found))
    assert max(found) <= 256


def test_events_are_marked_with_their_words() -> None:
    chart = line(charts.Series("a", points(1, 2, 3)), marks=(charts.LineMark(1, "利用開始"),))
    assert "利用開始" in words(chart.svg)
    assert len(shapes(chart.svg, "chart-event")) == 1


def test_uneven_lines_are_refused() -> None:
    with pytest.raises(ValueError, match="every line"):
        line(charts.Series("a", points(1, 2)))


def test_a_line_of_which_nothing_is_known_is_no_error() -> None:
    chart = line(charts.Series("a", points(None, None, None)))
    assert shapes(chart.svg, "line-sum") == []
    assert [row[1] for row in chart.rows] == [None, None, None]


def test_a_single_step_is_drawn() -> None:
    chart = charts.line([charts.Series("a", points(5))], steps=["1月"], title="T", desc="D")
    read(chart.svg)


def test_step_names_are_thinned_out_on_a_phone() -> None:
    steps = [f"2027年{month}月" for month in range(1, 13)]
    chart = charts.line([charts.Series("a", points(*range(12)))], steps=steps, title="T", desc="D")
    assert sum(word in steps for word in words(chart.narrow)) < sum(word in steps for word in words(chart.svg)) <= 12


def test_names_are_escaped() -> None:
    chart = line(charts.Series("<script>", points(1, 2, 3)), marks=(charts.LineMark(0, "<b>"),))
    assert "<script" not in chart.svg + chart.narrow
    assert "<b>" not in chart.svg
