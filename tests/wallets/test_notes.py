"""A note's number, its secret, and its exact part of the booklet."""

from __future__ import annotations

import re
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from meguri.wallets.notes import (
    DIGITS,
    Serial,
    is_genuine,
    link,
    payment_key,
    read_note,
    signs_of,
    split,
)
from meguri.words.refusal import Refusal

SERIALS = st.builds(
    Serial, st.integers(1, 999_999), st.integers(1, 9_999), st.integers(1, 999_999), st.integers(0, 99)
)
KEY = bytes(range(32))


def refused(text: str) -> str:
    with pytest.raises(Refusal) as no:
        read_note(text)
    return no.value.code


@given(SERIALS)
def test_a_number_is_read_back_from_its_digits_and_from_its_groups(serial: Serial) -> None:
    assert len(serial.digits) == DIGITS
    assert int(serial.digits) % 97 == 1
    assert read_note(serial.digits).serial == serial
    assert read_note(f"  {serial.shown} ").serial == serial
    assert read_note(serial.shown).signs == ""


@given(SERIALS, st.integers(0, DIGITS - 1), st.integers(1, 9))
def test_every_single_wrong_digit_is_found(serial: Serial, place: int, by: int) -> None:
    digits = list(serial.digits)
    digits[place] = str((int(digits[place]) + by) % 10)
    assert refused("".join(digits)) == "note_mistyped"


@given(SERIALS)
def test_a_code_says_its_note_however_it_is_typed(serial: Serial) -> None:
    text = link(serial, host="town.example", key=KEY)
    assert re.fullmatch(r"https://town\.example/note#[0-9]{20}[A-Z2-7]{16}", text)
    signs = signs_of(serial, KEY)
    wide = "".join(chr(ord(sign) + 0xFEE0) for sign in signs)
    for typed in (text, f"{serial.shown} {signs.lower()}", f"{serial.digits}{wide}", text.replace(":", "+").upper()):
        read = read_note(typed)
        assert (read.serial, read.signs) == (serial, signs)
        assert is_genuine(read, KEY)


@given(SERIALS, SERIALS)
def test_the_secret_of_a_note_is_no_other_s(one: Serial, other: Serial) -> None:
    read = read_note(f"{one.digits}{signs_of(other, KEY)}")
    assert is_genuine(read, KEY) == (one == other)
    assert not is_genuine(read_note(f"{one.digits}{signs_of(one, KEY)}"), KEY[::-1])
    assert not is_genuine(read_note(one.digits), KEY)


@pytest.mark.parametrize("text", ["", "   ", "hello", "1234", "9" * 19, "https://town.example/m/123456789012"])
def test_what_is_no_note_is_said_so(text: str) -> None:
    assert refused(text) == "note_unreadable"


def test_the_key_of_a_payment_is_the_note_s_own() -> None:
    booklet = uuid4()
    keys = {payment_key(each, note) for each in (booklet, uuid4()) for note in range(1, 100)}
    assert len(keys) == 2 * 99
    assert payment_key(booklet, 7) < payment_key(booklet, 10), "keys sort as the notes do"
    payment = uuid4()
    assert payment_key(booklet, 7, after=payment) == f"{payment_key(booklet, 7)}:{payment}"


PARTS = st.lists(st.integers(0, 9_000), min_size=1, max_size=5)


@given(PARTS, st.integers(1, 40), st.integers(1, 2_000))
def test_pieces_are_equal_and_use_every_lot_up(yen: list[int], pieces: int, each: int) -> None:
    """Any lots at all: what is missing to a whole number of pieces is put on the first."""
    yen[0] += pieces * each - sum(yen) % pieces if sum(yen) % pieces else pieces * each
    parts = list(enumerate(yen, start=10))
    cut = split(parts, pieces)
    assert {sum(part for _, part in piece) for piece in cut} == {sum(yen) // pieces}
    assert all(part > 0 for piece in cut for _, part in piece)
    for lot, whole in parts:
        assert sum(part for piece in cut for each_lot, part in piece if each_lot == lot) == whole


@given(st.integers(1, 50), st.integers(0, 50_000))
def test_every_piece_has_nearly_the_same_share(pieces: int, granted: int) -> None:
    whole = pieces * 1_000
    granted = min(granted, whole)
    cut = split([(1, granted), (2, whole - granted)], pieces)
    shares = [dict(piece).get(1, 0) for piece in cut]
    assert max(shares) - min(shares) <= 1
    assert shares == [dict(piece).get(1, 0) for piece in split([(1, granted), (2, whole - granted)], pieces)]


@pytest.mark.parametrize(("yen", "pieces"), [(1_000, 3), (1_000, 0), (999, 2)])
def test_what_cannot_be_cut_evenly_is_no_booklet(yen: int, pieces: int) -> None:
    with pytest.raises(ValueError, match="cannot be cut"):
        split([(1, yen)], pieces)


def test_nothing_is_cut_into_nothing() -> None:
    assert split([(1, 0)], 3) == [[], [], []]
