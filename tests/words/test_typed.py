"""What people type for a hyphen: every keyboard's own, full and half width, and gaps of all kinds."""

from __future__ import annotations

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from meguri.programmes.vouchers.codes import SIGNS, read_code
from meguri.tills import codes
from meguri.wallets.notes import Serial, grouped, read_note
from meguri.words.typed import without_gaps

HYPHENS = "-ー－ｰ−‐‑‒–—―─━⁃﹣" + " \u3000\t\u00a0"
"""Hyphen-minus; the long-vowel sign in both widths; full-width minus; minus; dashes; rules of a frame; gaps."""
hyphens = st.text(alphabet=HYPHENS, max_size=3)


@pytest.mark.parametrize("hyphen", HYPHENS)
def test_every_hyphen_is_a_gap(hyphen: str) -> None:
    assert without_gaps(f"A1{hyphen}B2{hyphen}{hyphen}C3") == "A1B2C3"


@given(st.text(alphabet=string.ascii_uppercase + string.digits, min_size=1, max_size=30), st.data())
def test_gaps_anywhere_and_any_width_are_the_same_signs(signs: str, data: st.DataObject) -> None:
    wide = "".join(chr(ord(sign) + 0xFEE0) for sign in signs)
    for written in (signs, wide):
        typed = "".join(f"{data.draw(hyphens)}{sign}" for sign in written) + data.draw(hyphens)
        assert without_gaps(typed) == signs
        assert without_gaps(without_gaps(typed)) == signs


@given(st.text())
def test_nothing_that_is_typed_breaks_it(text: str) -> None:
    assert not any(sign in without_gaps(text) for sign in "-ー−–— ")


def test_other_signs_stay_so_that_a_wrong_code_is_refused_and_not_mended() -> None:
    assert without_gaps("A_1・B/2") == "A_1・B/2"
    assert without_gaps("ハナコ") == "ハナコ"


@pytest.mark.parametrize("hyphen", HYPHENS)
def test_the_codes_of_the_house_are_read_with_it(hyphen: str) -> None:
    """The letter's code, the till's, the shop's and a note's number."""
    letter = SIGNS[:16]
    assert read_code(hyphen.join(letter[place : place + 4] for place in range(0, 16, 4)).lower()) == letter
    phone = codes.new_holder_code(lambda _: 7)
    assert codes.parse(codes.show(phone.digits).replace(" ", hyphen), host="x") == phone
    shop = codes.new_shop_code(lambda _: 7)
    assert codes.parse(codes.show(shop.digits).replace(" ", hyphen), host="x") == shop
    serial = Serial(7, 1, 2, 3)
    assert read_note(grouped(serial.digits).replace("-", hyphen)).serial == serial
