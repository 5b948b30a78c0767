"""Two spellings of one value are one value, two values never; whatever people type."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from meguri.vault.rules import (
    BANK_ACCOUNT_PARTS,
    REASON_LEAST,
    REASON_MOST,
    Field,
    e164,
    is_reason,
    normalise,
)

TEXT_FIELDS = [field for field in Field if field not in (Field.BANK_ACCOUNT, Field.PHONE)]
KATAKANA = "".join(chr(code) for code in range(ord("ァ"), ord("ヶ") + 1))
HIRAGANA = "".join(chr(ord(sign) - 0x60) for sign in KATAKANA)
BLANKS = st.text(" 　\t\n-‐―ー", max_size=3)
plain_digits = st.text("0123456789", min_size=1, max_size=8)


def wide(text: str) -> str:
    """Plain ASCII as full-width signs."""
    return "".join(chr(ord(sign) + 0xFEE0) if "!" <= sign <= "~" else sign for sign in text)


@given(st.sampled_from(TEXT_FIELDS), st.text(HIRAGANA + KATAKANA + "abcXYZ019花子 　-‐", max_size=20))
def test_what_was_made_plain_is_plain(field: Field, text: str) -> None:
    once = normalise(field, text)
    assert normalise(field, once) == once


@given(st.sampled_from(TEXT_FIELDS), st.text("abcXYZ019花子", min_size=1, max_size=9), BLANKS, BLANKS)
def test_blanks_hyphens_width_and_capitals_make_no_difference(field: Field, text: str, before: str, after: str) -> None:
    assert normalise(field, f"{before}{text}{after}") == normalise(field, text) != ""
    assert normalise(field, wide(text)) == normalise(field, text) == normalise(field, text.upper())


@given(st.text(HIRAGANA, min_size=1, max_size=12))
def test_a_reading_is_the_same_in_both_kana(text: str) -> None:
    katakana = "".join(chr(ord(sign) + 0x60) for sign in text)
    assert normalise(Field.KANA, text) == normalise(Field.KANA, katakana) == normalise(Field.NAME, text)


@pytest.mark.parametrize(("hiragana", "katakana"), [("ぁ", "ァ"), ("ゖ", "ヶ"), ("ん", "ン"), ("ゔ", "ヴ")])
def test_the_first_and_the_last_kana_are_kana_too(hiragana: str, katakana: str) -> None:
    assert normalise(Field.KANA, hiragana) == normalise(Field.KANA, katakana) == katakana


@pytest.mark.parametrize("sign", ["゛", "ー", "゠", "a", "山"])
def test_what_is_no_hiragana_does_not_become_katakana(sign: str) -> None:
    assert not set(normalise(Field.KANA, sign)) & set(KATAKANA)


@given(st.text("山田花子", min_size=1, max_size=6), st.text("山田花子", min_size=1, max_size=6))
def test_different_names_stay_different(one: str, other: str) -> None:
    assert (normalise(Field.NAME, one) == normalise(Field.NAME, other)) is (one == other)


@given(st.tuples(plain_digits, plain_digits, plain_digits, plain_digits))
def test_a_bank_account_is_its_four_parts_in_their_order(parts: tuple[str, str, str, str]) -> None:
    account = dict(zip(BANK_ACCOUNT_PARTS, parts, strict=False))
    assert normalise(Field.BANK_ACCOUNT, account) == "|".join(parts)
    turned = dict(reversed(account.items())) | {"holder_kana": "ﾔﾏﾀﾞ"}
    assert normalise(Field.BANK_ACCOUNT, turned) == "|".join(parts), "neither order nor the holder's name matters"
    spaced = {name: f" {wide(part)}-" for name, part in account.items()}
    assert normalise(Field.BANK_ACCOUNT, spaced) == "|".join(parts)


@pytest.mark.parametrize("part", BANK_ACCOUNT_PARTS[:4])
def test_another_part_is_another_account(part: str) -> None:
    account = dict.fromkeys(BANK_ACCOUNT_PARTS, "1")
    assert normalise(Field.BANK_ACCOUNT, account | {part: "2"}) != normalise(Field.BANK_ACCOUNT, account)
    del account[part]
    assert "" in normalise(Field.BANK_ACCOUNT, account).split("|")


def test_a_number_as_a_number_is_its_digits() -> None:
    whole = {"bank": 1, "branch": 2, "kind": 1, "number": 1234567}
    assert normalise(Field.BANK_ACCOUNT, whole) == "1|2|1|1234567"


@given(st.integers(0, 99_999_999), st.sampled_from(["090", "080", "070"]))
def test_a_mobile_number_is_one_however_it_is_written(number: int, start: str) -> None:
    digits = f"{start}{number:08d}"
    international = f"+81{digits[1:]}"
    spellings = [
        digits, wide(digits), f"{digits[:3]}-{digits[3:7]}-{digits[7:]}", f"({digits[:3]}) {digits[3:7]} {digits[7:]}",
        f"+81 {digits[1:3]} {digits[3:]}", wide(f"+81-{digits[1:]}"),
    ]
    assert {e164(text) for text in spellings} == {international}
    assert {normalise(Field.PHONE, text) for text in spellings} == {international}


@pytest.mark.parametrize(("text", "kept"), [("12", "12"), ("内線 １２３", "123"), ("でんわ", ""), ("", "")])
def test_what_is_no_whole_number_is_compared_by_its_digits(text: str, kept: str) -> None:
    assert e164(text) is None
    assert normalise(Field.PHONE, text) == kept


@pytest.mark.parametrize(
    ("length", "good"), [(REASON_LEAST - 1, False), (REASON_LEAST, True), (REASON_MOST, True), (REASON_MOST + 1, False)]
)
def test_how_long_a_reason_is(*, length: int, good: bool) -> None:
    assert is_reason("理" * length) is good
    assert is_reason(f"  {'理' * length}\n") is good, "blanks around it do not count"
