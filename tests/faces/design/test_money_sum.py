from __future__ import annotations

import itertools
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from meguri.faces.design import charts
from tests.faces.design.drawings import read, shapes, words

PARTS = [
    charts.MoneyPart("使われた", 21_340_000, "voucher"),
    charts.MoneyPart("予約", 16_160_000, "rest"),
    charts.MoneyPart("残り", 12_500_000, "left"),
]
TOTAL = 50_000_000


def money_bar(parts: list[charts.MoneyPart], total: int) -> charts.Chart:
    return charts.money_bar(parts, total=total, title="T", desc="D", total_label="予算")


def test_a_bar_that_does_not_add_up_is_refused() -> None:
    with pytest.raises(ValueError, match="do not add up"):
        money_bar(PARTS, TOTAL + 1)
    with pytest.raises(ValueError, match="do not add up"):
        charts.money_strip(PARTS, total=TOTAL - 1)


def test_a_negative_part_is_refused_even_if_the_sum_is_right() -> None:
    with pytest.raises(ValueError, match="do not add up"):
        money_bar([charts.MoneyPart("a", 5, "voucher"), charts.MoneyPart("b", -2, "rest")], 3)


def test_the_sum_is_written_as_a_sum() -> None:
    found = words(money_bar(PARTS, TOTAL).svg)
    assert [word for word in found if word in "+="] == ["", "+", "+", "="]
    assert found[-3:] == ["=", "予算", "50,000,000円"]


def test_the_twin_holds_the_very_amounts_and_their_sum() -> None:
    chart = money_bar(PARTS, TOTAL)
    assert [row[1] for row in chart.rows] == [21_340_000, 16_160_000, 12_500_000, 50_000_000]
    assert [row[2] for row in chart.rows] == [42.7, 32.3, 25.0, 100.0]


@given(st.lists(st.integers(0, 10**9), min_size=1, max_size=6).filter(any))
def test_pieces_fill_the_bar_without_gap(amounts: list[int]) -> None:
    parts = [charts.MoneyPart(f"p{n}", amount, "voucher") for n, amount in enumerate(amounts)]
    strip = charts.money_strip(parts, total=sum(amounts))
    places = [(float(x), float(w)) for x, w in re.findall(r'fill="#0055ad" x="([\d.]+)%" width="([\d.]+)%"', strip)]
    assert len(places) == len(parts)
    assert places[0][0] == 0
    assert sum(width for _, width in places) == pytest.approx(100, abs=0.01)
    for (x, width), (following, _) in itertools.pairwise(places):
        assert x + width == pytest.approx(following, abs=0.01)


def test_the_strip_is_silent_because_its_words_stand_beside_it() -> None:
    strip = charts.money_strip(PARTS, total=TOTAL)
    assert 'aria-hidden="true"' in strip
    assert "role=" not in strip
    assert "<title>" not in strip


def test_nothing_of_nothing_is_drawn_as_nothing() -> None:
    chart = money_bar([charts.MoneyPart("a", 0, "voucher")], 0)
    assert chart.rows == (("a", 0, 0.0), ("予算", 0, 0.0))
    read(chart.svg)


def test_every_part_keeps_its_hue() -> None:
    svg = money_bar(PARTS, TOTAL).svg
    assert len(shapes(svg, "fill-voucher")) == 2  # the piece and its mark
    assert len(shapes(svg, "fill-left")) == 2


def test_the_total_has_a_word_of_its_own() -> None:
    chart = charts.money_bar(PARTS, total=TOTAL, title="T", desc="D", language="en")
    assert chart.rows[-1][0] == "Total"
    assert chart.columns == ("Part", "Amount (yen)", "Share (%)")
