"""What a hand, a scanner or a forger makes of a note's number: never another note, never an error of ours."""

from __future__ import annotations

import time
from urllib.parse import urlsplit

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from meguri.wallets.notes import COVER, DIGITS, NoteRead, Serial, is_genuine, link, read_note, signs_of
from meguri.words.refusal import Refusal
from tests.wallets.test_notes import KEY, SERIALS, refused

GAPS = " \u3000\t\n-－‐‑–−ーｰ"
"""What Japanese keyboards give for a gap or a hyphen."""
PLACES = st.integers(0, DIGITS - 1)


def read_or_no(text: str) -> NoteRead | Refusal:
    try:
        return read_note(text)
    except Refusal as no:
        return no


@given(SERIALS, PLACES, PLACES)
def test_two_digits_that_changed_places_are_found(serial: Serial, one: int, other: int) -> None:
    """The commonest slip when a number is read out; the check digits find it at any distance."""
    digits = list(serial.digits)
    assume(digits[one] != digits[other])
    digits[one], digits[other] = digits[other], digits[one]
    assert refused("".join(digits)) == "note_mistyped"


@given(SERIALS, PLACES, st.sampled_from("0123456789"))
def test_a_digit_too_many_or_too_few_is_no_number(serial: Serial, place: int, digit: str) -> None:
    digits = serial.digits
    for wrong in (digits[:place] + digits[place + 1 :], digits[:place] + digit + digits[place:]):
        assert refused(wrong) == refused(wrong + signs_of(serial, KEY)) == "note_unreadable"


@given(SERIALS, st.integers(1, 15))
def test_signs_that_were_cut_off_are_not_taken_for_a_number_alone(serial: Serial, left: int) -> None:
    assert refused(serial.digits + signs_of(serial, KEY)[:left].translate(str.maketrans("234567", "ABCDEF"))) == (
        "note_unreadable"
    )


@given(SERIALS, st.lists(st.tuples(st.integers(0, 40), st.sampled_from(GAPS)), max_size=12))
def test_gaps_and_hyphens_of_any_kind_change_nothing(serial: Serial, gaps: list[tuple[int, str]]) -> None:
    text = f"{serial.digits}{signs_of(serial, KEY)}"
    for place, gap in gaps:
        text = text[:place] + gap + text[place:]
    assert read_note(text) == NoteRead(serial, signs_of(serial, KEY))


@given(st.integers(0, (10**DIGITS - 2) // 97))
def test_a_number_that_is_read_names_one_note(multiple: int) -> None:
    """Whatever 20 digits pass the check, they mean the note of their own first 18 digits, and no other."""
    digits = f"{multiple * 97 + 1:020}"
    serial = read_note(digits).serial
    assert serial.digits[:18] == digits[:18]
    assert OTHER_SPELLING.get(digits[18:], digits[18:]) == serial.digits[18:]


OTHER_SPELLING = {"00": "97", "01": "98", "99": "02"}
"""Check digits that no note bears leave the same remainder as those that it does: nothing but another spelling."""


def test_the_other_spelling_of_check_digits_is_the_same_note() -> None:
    """Nobody gets a second note, or a second secret, out of it."""
    borne = {right: wrong for wrong, right in OTHER_SPELLING.items()}
    notes = [Serial(20_001, 3, booklet, note) for booklet in range(1, 40) for note in range(100)]
    assert not {each.digits[18:] for each in notes} & set(OTHER_SPELLING)
    found = [each for each in notes if each.digits[18:] in borne]
    assert {each.digits[18:] for each in found} == set(borne)
    for serial in found:
        read = read_note(serial.digits[:18] + borne[serial.digits[18:]] + signs_of(serial, KEY))
        assert (read.serial, is_genuine(read, KEY)) == (serial, True)


@given(SERIALS, st.integers(0, 15), st.integers(1, 31))
def test_a_single_wrong_sign_is_a_false_note(serial: Serial, place: int, by: int) -> None:
    letters, signs = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", signs_of(serial, KEY)
    wrong = letters[(letters.index(signs[place]) + by) % 32]
    assert not is_genuine(read_note(serial.digits + signs[:place] + wrong + signs[place + 1 :]), KEY)


@given(SERIALS)
def test_the_cover_and_the_other_notes_of_a_booklet_have_secrets_of_their_own(serial: Serial) -> None:
    booklet = [serial.of(note) for note in range(100)]
    assert booklet[COVER].note == 0
    assert len({signs_of(each, KEY) for each in booklet}) == len({each.digits for each in booklet}) == 100
    assert {each.digits[:16] for each in booklet} == {serial.digits[:16]}


@given(SERIALS)
def test_a_phone_sends_nothing_of_a_note_to_anybody(serial: Serial) -> None:
    """Number and secret stand behind `#`, which no browser sends: no log of a server ever holds them."""
    parts = urlsplit(link(serial, host="town.example", key=KEY))
    assert (parts.netloc, parts.path, parts.query) == ("town.example", "/note", "")
    assert read_note(parts.fragment).serial == serial


@given(st.one_of(st.text(), st.text(alphabet="0123456789²٣४ ABZ27#:/-ſıß\0\u200b\u202e", max_size=60)))
def test_anything_at_all_is_read_or_refused_in_words(text: str) -> None:
    found = read_or_no(text)
    if isinstance(found, NoteRead):
        assert not is_genuine(found, KEY)
    else:
        assert found.code in ("note_unreadable", "note_mistyped")
        assert len(str(found.facts.get("text", ""))) <= 60
        assert found.sentence("ja") != found.sentence("en")


@pytest.mark.parametrize("piece", ["1", "1 ", "-", "A", "0" * 20 + "#", "#" + "1" * 19, "\ufdfa"])
def test_a_hostile_text_is_refused_in_a_moment(piece: str) -> None:
    start = time.process_time()
    assert refused(piece * (100_000 // len(piece))) in ("note_unreadable", "note_mistyped")
    assert time.process_time() - start < 2
