from __future__ import annotations

import re
from xml.etree import ElementTree as ET

import pytest

from meguri.faces.design import icons


@pytest.mark.parametrize("name", icons.names())
def test_every_sign_is_well_formed_and_inherits_its_colour(name: str) -> None:
    root = ET.fromstring(icons.icon(name))  # noqa: S314 - our own drawing
    assert root.attrib["stroke"] == "currentColor"
    assert root.attrib["viewBox"] == "0 0 24 24"
    assert len(root) > 0


@pytest.mark.parametrize("name", icons.names())
def test_no_sign_brings_a_colour_a_style_or_an_id(name: str) -> None:
    drawn = icons.icon(name)
    assert not re.search(r"style=|id=|#[0-9a-f]{3}|rgb", drawn)


@pytest.mark.parametrize("name", icons.names())
def test_every_sign_stays_on_its_field(name: str) -> None:
    numbers = [float(n) for n in re.findall(r'(?:cx|cy|x|y|r)="(-?[\d.]+)"', icons.icon(name))]
    assert all(0 <= n <= 24 for n in numbers)


def test_a_sign_is_silent_unless_it_has_a_label() -> None:
    assert 'aria-hidden="true"' in icons.icon("ticket")
    labelled = icons.icon("ticket", label='商品券 "A"')
    assert 'role="img"' in labelled
    assert 'aria-label="商品券 &quot;A&quot;"' in labelled
    assert "aria-hidden" not in labelled


def test_sizes() -> None:
    assert 'width="16"' in icons.icon("leaf", size="s")
    assert 'width="120"' in icons.icon("scene-empty", size="scene")


def test_an_unknown_sign_is_an_error() -> None:
    with pytest.raises(KeyError):
        icons.icon("unicorn")


def test_the_signs_that_every_face_needs_are_there() -> None:
    wanted = {
        "ticket", "leaf", "hand", "ring", "shop", "code", "scan", "yen", "clock", "check", "warning", "language",
        "help", "right", "left", "person", "building", "chart",
    }  # fmt: skip
    assert wanted <= set(icons.names())
