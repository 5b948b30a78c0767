from __future__ import annotations

from itertools import pairwise
from math import dist, sqrt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from meguri.faces.design import charts
from meguri.faces.design.charts.tile_map import LEVELS, level, place
from tests.faces.design.drawings import read, shapes, words

AREAS = [
    charts.TileArea("本町", 0, 0, 903), charts.TileArea("港", 1, 0, 226), charts.TileArea("谷", 0, 1, 0),
    charts.TileArea("島", -1, 1, None),
]  # fmt: skip


def tiles(areas: list[charts.TileArea]) -> charts.Chart:
    return charts.tiles(areas, title="T", desc="D", unit="人")


@given(st.floats(0, 1e6), st.floats(0, 1e6))
def test_more_is_never_a_lighter_shade(one: float, other: float) -> None:
    most = max(one, other)
    assert level(min(one, other), most) <= level(most, most)


def test_shades_are_equal_steps_and_nothing_has_its_own() -> None:
    assert [level(value, 100) for value in (0, 1, 25, 26, 50, 75, 76, 100)] == [0, 1, 1, 2, 2, 3, 4, 4]
    assert level(5, 0) == 0
    assert level(200, 100) == LEVELS


def test_neighbours_stand_side_by_side() -> None:
    here = charts.TileArea("a", 0, 0, 1)
    around = [charts.TileArea("b", q, r, 1) for q, r in ((1, 0), (0, 1), (-1, 1), (-1, 0), (0, -1), (1, -1))]
    distances = [dist(place(here), place(other)) for other in around]
    assert distances == pytest.approx([sqrt(3)] * 6)


def test_empty_areas_are_shown_as_empty_and_closed_ones_as_closed() -> None:
    svg = tiles(AREAS).svg
    (empty,) = [node for node in shapes(svg, "tile--step-0") if node.tag.endswith("polygon")]
    (closed,) = shapes(svg, "tile--closed")
    assert empty.get("stroke-dasharray")
    assert closed.get("stroke-dasharray")
    assert len(shapes(svg, "tile--step-4")) == 2  # the area and its shade in the key


def test_the_twin_says_what_a_shade_cannot() -> None:
    assert tiles(AREAS).rows == (
        ("本町", 903, ""), ("港", 226, ""), ("谷", 0, "まだ届いていない"), ("島", None, "人数が少ないため秘匿"),
    )  # fmt: skip


def test_names_and_figures_stand_on_the_tiles_and_a_closed_figure_does_not() -> None:
    found = words(tiles(AREAS).svg)
    assert "本町903" in found
    assert "島—" in found


def test_the_key_ends_with_the_largest_value_and_its_unit() -> None:
    assert "–903 人" in words(tiles(AREAS).svg)
    assert "–903 人" in words(tiles(AREAS).narrow)


@pytest.mark.parametrize("width", [560, 340])
def test_no_tile_leaves_the_picture(width: int) -> None:
    chart = tiles([charts.TileArea(f"a{n}", n, 0, n) for n in range(9)])
    svg = chart.svg if width == 560 else chart.narrow
    for node in read(svg):
        if node.tag.endswith("polygon"):
            xs = [float(corner.split(",")[0]) for corner in node.get("points", "").split()]
            assert min(xs) >= 0
            assert max(xs) <= width


def test_hexagons_have_six_equal_sides() -> None:
    polygon = next(node for node in read(tiles(AREAS).svg) if node.tag.endswith("polygon"))
    corners = [(float(x), float(y)) for x, y in (c.split(",") for c in polygon.get("points", "").split())]
    sides = [dist(one, other) for one, other in pairwise([*corners, corners[0]])]
    assert len(sides) == 6
    assert sides == pytest.approx([sides[0]] * 6, abs=0.05)


def test_a_map_without_areas_or_values_is_no_error() -> None:
    read(tiles([]).svg)
    read(tiles([charts.TileArea("a", 0, 0, 0)]).svg)


def test_names_are_escaped() -> None:
    assert "<b>" not in tiles([charts.TileArea("<b>&", 0, 0, 1)]).svg
