"""Bars read back by a reader of another project, no code of ours among it; and the measures."""

from __future__ import annotations

import re

import pytest
import zxingcpp
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageDraw

from meguri.faces.design.barcode import QUIET, bar_widths, barcode_svg

SLIP = "91" + "000000" + "00000" + "12345678903" + "00000" + "0" + "251024" + "0" + "020000" + "5"


def drawn(svg: str, *, dots: int = 3) -> Image.Image:
    """The picture as a screen draws it, `dots` a module, from nothing but its own text."""
    wide, high = map(int, re.findall(r'viewBox="0 0 (\d+) (\d+)"', svg)[0])
    picture = Image.new("L", (wide * dots, high * dots), 255)
    pen = ImageDraw.Draw(picture)
    for left, width in re.findall(r"M(\d+) 0h(\d+)v", svg):
        pen.rectangle((int(left) * dots, 0, (int(left) + int(width)) * dots - 1, high * dots), fill=0)
    return picture


def read(picture: Image.Image) -> list[tuple[str, str, str]]:
    """What is read: the text with its identifiers, the kind of code, and who its content belongs to."""
    return [
        (found.text, found.format.name, found.content_type.name) for found in zxingcpp.read_barcodes(picture)
    ]  # fmt: skip


def test_a_slip_is_read_back_as_gs1() -> None:
    ((text, format_, content),) = read(drawn(barcode_svg(SLIP, height=80)))
    assert text == f"(91){SLIP[2:]}"
    assert (format_, content) == ("Code128", "GS1")


@settings(deadline=None)
@given(digits=st.text("0123456789", min_size=42, max_size=42))
def test_whatever_digits_are_read_back(digits: str) -> None:
    found = read(drawn(barcode_svg(f"91{digits}", height=40)))
    assert [text for text, name, _ in found if name == "Code128"] == [f"(91){digits}"]


def test_every_pair_of_digits_has_a_pattern_of_its_own() -> None:
    """All hundred, in codes of ten pairs."""
    for tens in range(10):
        digits = "".join(f"{tens}{ones}" for ones in range(10))
        ((text, _, _),) = read(drawn(barcode_svg(f"91{digits}", height=40)))
        assert text == f"(91){digits}"


def test_one_bar_drawn_wrong_is_not_read() -> None:
    """The reader does judge: with two neighbours exchanged its check fails."""
    svg = barcode_svg(SLIP, height=80)
    marks = re.findall(r"M\d+ 0h\d+v80h-\d+z", svg)
    broken = svg.replace(marks[20], re.sub(r"h(-?)(\d)", lambda w: f"h{w[1]}{int(w[2]) % 4 + 1}", marks[20]))
    assert broken != svg
    assert [text for text, _, _ in read(drawn(broken))] != [f"(91){SLIP[2:]}"]


def test_the_measures() -> None:
    widths = bar_widths(SLIP)
    assert sum(widths) == 288, "start, the sign of GS1, 22 pairs and the check of 11 modules each, the stop of 13"
    assert (len(widths) % 2, max(widths), min(widths)) == (1, 4, 1)
    assert 'viewBox="0 0 308 80"' in barcode_svg(SLIP, height=80)
    assert QUIET == 10


@pytest.mark.parametrize("wrong", ["", "1", "123", "12a4", "１２", " 12"])
def test_what_is_no_pairs_of_digits_is_not_drawn(wrong: str) -> None:
    with pytest.raises(ValueError, match="pairs of digits"):
        bar_widths(wrong)
