from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from meguri.faces.design import charts
from meguri.faces.design.charts import wallet_ring
from meguri.faces.design.charts.wallet_ring import CENTRE, THICK, THIN, in_order, spans, thickness
from tests.faces.design.drawings import shapes, swept, words

ARCS = [
    charts.RingArc("ポイント", 1_480, "point", 42, "9月30日"),
    charts.RingArc("商品券", 8_000, "voucher", 12, "8月31日"),
    charts.RingArc("給付", 3_000, "benefit", None),
]


def ring(arcs: list[charts.RingArc], language: str = "ja") -> charts.Chart:
    return charts.ring(arcs, title="T", desc="D", language="en" if language == "en" else "ja", label="使えるお金")


def drawn_arcs(chart: charts.Chart) -> list[str]:
    arcs = [group[0] for group in shapes(chart.svg, "ring__arc")]
    return [arc.get("d", "") for arc in arcs]


@given(st.lists(st.integers(0, 10**8), min_size=1, max_size=9).filter(any))
def test_spans_follow_each_other_and_make_a_whole_ring(amounts: list[int]) -> None:
    found = spans(amounts)
    assert found[0][0] == 0
    assert found[-1][1] == 360
    assert all(before[1] == after[0] for before, after in itertools.pairwise(found))
    for amount, (start, end) in zip(amounts, found, strict=True):
        assert end - start == pytest.approx(360 * amount / sum(amounts), abs=1e-6)


@given(st.lists(st.integers(500, 100_000), min_size=1, max_size=6))
def test_drawn_arcs_sum_to_the_circle(amounts: list[int]) -> None:
    chart = ring([charts.RingArc(str(n), amount, "point", n) for n, amount in enumerate(amounts)])
    assert sum(swept(path, centre=CENTRE) for path in drawn_arcs(chart)) == pytest.approx(360, abs=0.3)


def test_a_purse_alone_is_the_whole_ring() -> None:
    (path,) = drawn_arcs(ring([ARCS[0]]))
    assert swept(path, centre=CENTRE) == 360


def test_the_soonest_end_comes_first_and_what_never_ends_last() -> None:
    assert [arc.label for arc in in_order(ARCS)] == ["商品券", "ポイント", "給付"]


def test_the_sooner_the_end_the_thicker_the_arc() -> None:
    assert thickness(0) == THICK
    assert thickness(-3) == THICK
    assert thickness(None) == THIN
    assert thickness(wallet_ring.FAR_DAYS) == THIN
    assert thickness(10_000) == THIN
    measures = [thickness(days) for days in range(100)]
    assert measures == sorted(measures, reverse=True)


def test_the_twin_holds_the_very_amounts() -> None:
    chart = ring(ARCS)
    assert [row[1] for row in chart.rows] == [8_000, 1_480, 3_000, 12_480]
    assert [row[4] for row in chart.rows] == [12, 42, None, None]
    assert [row[2] for row in chart.rows] == [64.1, 11.9, 24.0, 100.0]
    assert all(len(row) == len(chart.columns) for row in chart.rows)


def test_the_sum_stands_in_the_middle_with_what_ends_next() -> None:
    assert words(ring(ARCS).svg) == ["使えるお金", "12,480円", "8,000円はあと12日"]
    assert "¥8,000: 12 days left" in words(ring(ARCS, "en").svg)


def test_an_end_far_away_is_not_urged() -> None:
    assert words(ring([charts.RingArc("給付", 3_000, "benefit", 225)]).svg) == ["使えるお金", "3,000円"]


def test_a_large_sum_is_set_smaller_so_that_it_fits() -> None:
    small, large = ring(ARCS).svg, ring([charts.RingArc("a", 100_000_000, "voucher")]).svg
    assert 'font-size="40"' in small
    assert 'font-size="40"' not in large
    assert "100,000,000円" in words(large)


def test_an_empty_wallet_is_drawn_as_empty() -> None:
    chart = ring([])
    assert len(shapes(chart.svg, "ring__empty")) == 1
    assert drawn_arcs(chart) == []
    assert chart.rows == (("合計", 0, 0.0, "", None),)
    assert "0円" in words(chart.svg)


def test_an_empty_purse_has_a_row_but_no_arc() -> None:
    chart = ring([ARCS[1], charts.RingArc("空", 0, "point", 5)])
    assert len(drawn_arcs(chart)) == 1
    assert [row[0] for row in chart.rows] == ["空", "商品券", "合計"]


def test_a_debt_is_refused() -> None:
    with pytest.raises(ValueError, match="debt"):
        ring([charts.RingArc("a", -1, "voucher")])


def test_names_are_escaped() -> None:
    chart = charts.ring([charts.RingArc("<b>", 5, "voucher", 3)], title="<i>", desc="&", label="<u>")
    assert "<b>" not in chart.svg
    assert "<i>" not in chart.svg
    assert "<u>" not in chart.svg


def test_a_thin_slice_carries_no_mark() -> None:
    wide = ring([charts.RingArc("a", 500, "voucher"), charts.RingArc("b", 500, "point")])
    thin = ring([charts.RingArc("a", 1, "voucher"), charts.RingArc("b", 999, "point")])
    assert wide.svg.count("fill-ground") == 2
    assert thin.svg.count("fill-ground") == 1


def test_the_coin_waits_on_its_orbit() -> None:
    svg = ring(ARCS).svg
    assert len(shapes(svg, "ring__coin")) == 1
    assert len(shapes(svg, "ring__orbit")) == 1
