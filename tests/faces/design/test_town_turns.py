from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from meguri.faces.design import charts
from meguri.faces.design.charts.town_turns import FULL, SIZE, turn_angle
from tests.faces.design.drawings import shapes, swept, words

CENTRE = (SIZE / 2, SIZE / 2)
TURNS = [
    charts.TownTurn("配った", (("voucher", 20_000_000), ("point", 4_600_000), ("benefit", 12_000_000))),
    charts.TownTurn("使われた", (("voucher", 17_400_000), ("point", 3_700_000), ("benefit", 8_300_000))),
    charts.TownTurn("町の外へ", (("rest", 4_100_000),)),
]


def town(turns: list[charts.TownTurn]) -> charts.Chart:
    return charts.town_ring(turns, title="T", desc="D", families={"voucher": "商品券"})


def test_the_largest_turn_is_full_and_the_others_are_on_its_scale() -> None:
    arcs = [swept(group[0].get("d", ""), centre=CENTRE) for group in shapes(town(TURNS).svg, "town-ring__arc")]
    assert sum(arcs[:3]) == pytest.approx(FULL, abs=0.2)
    assert sum(arcs[3:6]) == pytest.approx(FULL * 29_400_000 / 36_600_000, abs=0.2)
    assert arcs[6] == pytest.approx(FULL * 4_100_000 / 36_600_000, abs=0.2)


@given(st.integers(0, 10**10), st.integers(1, 10**10))
def test_a_turn_reaches_as_far_as_its_share(amount: int, most: int) -> None:
    assert turn_angle(amount, most) == pytest.approx(FULL * amount / most)
    assert turn_angle(amount, 0) == 0


def test_the_twin_holds_every_share() -> None:
    chart = town(TURNS)
    assert sum(row[2] for row in chart.rows if isinstance(row[2], int)) == 36_600_000 + 29_400_000 + 4_100_000
    assert chart.rows[0] == ("配った", "商品券", 20_000_000, 54.6)
    assert chart.rows[1][1] == "point"  # a family without a name keeps its code
    assert chart.rows[-1] == ("町の外へ", "rest", 4_100_000, 11.2)


def test_turns_are_named_on_the_picture() -> None:
    assert words(town(TURNS).svg) == ["配った3,660万円", "使われた2,940万円", "町の外へ410万円"]


def test_a_coin_is_at_the_head_of_every_turn() -> None:
    assert len(shapes(town(TURNS).svg, "fill-gold")) == 3


def test_an_empty_town_is_drawn_as_empty() -> None:
    chart = town([charts.TownTurn("配った", (("voucher", 0),))])
    assert shapes(chart.svg, "town-ring__arc") == []
    assert chart.rows == (("配った", "商品券", 0, 0.0),)
    assert town([]).rows == ()


def test_a_negative_turn_is_refused() -> None:
    with pytest.raises(ValueError, match="negative"):
        town([charts.TownTurn("a", (("voucher", -1),))])


def test_a_long_name_is_set_smaller_so_that_it_fits() -> None:
    turn = charts.TownTurn("町の中のほかの店でもう一度使われた", (("voucher", 5_000_000),))
    sizes = [float(node.get("font-size", "0")) for node in shapes(town([turn]).svg, "chart-soft")]
    assert sizes[0] < 14


def test_names_are_escaped() -> None:
    assert "<b>" not in town([charts.TownTurn("<b>", (("voucher", 1),))]).svg
