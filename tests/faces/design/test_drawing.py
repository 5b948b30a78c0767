from __future__ import annotations

from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from meguri.faces.design.charts import drawing
from tests.faces.design.drawings import desc, read, swept, title


@pytest.mark.parametrize(
    ("value", "shown"),
    [(1.0, "1"), (1.50, "1.5"), (1.234, "1.23"), (-0.001, "0"), (100, "100"), (100.0, "100"), (0, "0")],
)
def test_coordinates_are_short(value: float, shown: str) -> None:
    assert drawing.number(value) == shown


def test_an_element_escapes_its_attributes_and_not_its_children() -> None:
    drawn = drawing.element("g", "<a/>", class_="x", data_name='"<&', nothing=None, stroke_width=2)
    assert drawn == '<g class="x" data-name="&quot;&lt;&amp;" stroke-width="2"><a/></g>'


def test_text_is_escaped() -> None:
    assert "&lt;script&gt;" in drawing.text((1, 2), "<script>")


def test_text_without_an_anchor_or_halo_says_neither() -> None:
    plain = drawing.text((1, 2), "a")
    assert "text-anchor" not in plain
    assert "paint-order" not in plain
    assert 'text-anchor="end"' in drawing.text((1, 2), "a", anchor="end")
    assert 'paint-order="stroke"' in drawing.text((1, 2), "a", halo=True)


def test_full_width_signs_are_wider() -> None:
    assert drawing.text_width("円", 10) == 10
    assert drawing.text_width("1", 10) < 7
    assert drawing.text_width("", 10) == 0


@pytest.mark.parametrize("family", drawing.HATCHES)
def test_every_hue_has_a_pattern_for_paper(family: str) -> None:
    drawn = drawing.filled("rect", family, scope="p1", x=0)
    assert f"fill-{family}" in drawn
    assert f"url(#p1-{family})" in drawn


def test_what_is_left_has_no_pattern() -> None:
    assert "hatch" not in drawing.filled("rect", "left", scope="p1", x=0)


def test_an_unknown_family_is_an_error() -> None:
    with pytest.raises(KeyError):
        drawing.paint("gift")


@given(st.floats(0, 359), st.floats(0.5, 359.5))
def test_an_arc_covers_the_degrees_it_was_asked_for(start: float, length: float) -> None:
    path = drawing.arc_path((100, 100), (60, 90), start=start, end=start + length)
    assert swept(path, centre=(100, 100)) == pytest.approx(length, abs=0.05)


def test_a_full_arc_is_drawn_as_two_halves() -> None:
    path = drawing.arc_path((100, 100), (60, 90), start=0, end=360)
    assert path.count("M") == 2
    assert swept(path, centre=(100, 100)) == 360


def test_twelve_o_clock_is_up_and_time_goes_clockwise() -> None:
    assert drawing.polar((0, 0), radius=10, degrees=0) == pytest.approx((0, -10))
    assert drawing.polar((0, 0), radius=10, degrees=90) == pytest.approx((10, 0), abs=1e-9)


@pytest.mark.parametrize("family", ["voucher", "point", "benefit", "rest", "sum"])
def test_marks_are_well_formed_and_placed(family: str) -> None:
    node = ET.fromstring(drawing.mark(family, (50, 50), size=20))  # noqa: S314 - our own drawing
    assert node.get("transform") == "translate(40 40) scale(1)"
    assert node.get("class") == f"fill-{family}"


def test_the_three_families_have_three_shapes() -> None:
    assert len({drawing.MARKS[family] for family in ("voucher", "point", "benefit")}) == 3


def test_a_picture_names_itself_and_carries_only_the_patterns_it_uses() -> None:
    body = [drawing.filled("rect", "voucher", scope="p1", x=0, y=0, width=5, height=5)]
    svg = drawing.picture(body, size=(10, 20.5), title='A < "B"', desc="because & so", scope="p1")
    root = read(svg)
    assert (title(svg), desc(svg)) == ('A < "B"', "because & so")
    assert root.get("role") == "img"
    assert root.get("viewBox") == "0 0 10 20.5"
    assert [node.get("id") for node in root.iter("{http://www.w3.org/2000/svg}pattern")] == ["p1-voucher"]


def test_a_picture_without_patterns_has_no_definitions() -> None:
    assert "<defs" not in drawing.picture([], size=(1, 1), title="", desc="", scope="p1")


def test_equal_pictures_share_ids_and_others_do_not() -> None:
    assert drawing.scope_of("a", 1) == drawing.scope_of("a", 1)
    assert drawing.scope_of("a", 1) != drawing.scope_of("a", 2)
