"""What a company enters: numbers with their checks, words, contacts; the first wrong field is named."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from meguri.parties.sponsoring import SponsorEntry, check_digit, judged
from meguri.words.refusal import Refusal

NUMBER = "7000012050002"
"""The National Tax Agency's own, as it publishes it."""
ENTRY = SponsorEntry(
    kind="company", name_ja="まわる電力株式会社(架空)", name_en="Mawaru Power (invented)", corporate_number=NUMBER,
    registration_number=f"T{NUMBER}", wish="歩く人にポイントを出したい", contact_name="架空 花子",
    email="hanako@example.jp", phone="03-1234-5678",
)  # fmt: skip


def wrong(**changed: str) -> Refusal:
    with pytest.raises(Refusal) as told:
        judged(replace(ENTRY, **changed))
    return told.value


def test_an_entry_is_kept_in_its_plain_form() -> None:
    typed = replace(
        ENTRY, corporate_number="７０００ー０１２０ー５０００２", registration_number=" t7000-0120-50002 ",
        name_ja="  まわる電力株式会社(架空) ", name_en="", email=" hanako@example.jp",
    )  # fmt: skip
    kept = judged(typed)
    assert (kept.corporate_number, kept.registration_number) == (NUMBER, f"T{NUMBER}")
    assert (kept.name_ja, kept.name_en) == ("まわる電力株式会社(架空)", "まわる電力株式会社(架空)")
    assert (kept.email, kept.phone) == ("hanako@example.jp", "+81312345678")


@pytest.mark.parametrize("number", [NUMBER, "1180301018771", "8000012010038"])
def test_published_numbers_fit(number: str) -> None:
    assert check_digit(number[1:]) == int(number[0])


@given(st.text("0123456789", min_size=12, max_size=12))
def test_the_check_digit_is_a_digit_and_makes_the_weighted_sum_whole(twelve: str) -> None:
    check = check_digit(twelve)
    weighted = sum(int(digit) * weight for digit, weight in zip(twelve, (2, 1) * 6, strict=True))
    assert 1 <= check <= 9
    assert (weighted + check) % 9 == 0


@given(st.text("0123456789", min_size=12, max_size=12), st.integers(0, 11), st.integers(1, 8))
def test_nearly_every_wrong_digit_is_found(twelve: str, place: int, by: int) -> None:
    """Modulo 9 cannot tell 0 from 9 and, where a digit weighs 2, nothing else either; all other slips are found."""
    digit = (int(twelve[place]) + by) % 10
    slipped = f"{twelve[:place]}{digit}{twelve[place + 1 :]}"
    if {int(twelve[place]), digit} != {0, 9}:
        assert check_digit(slipped) != check_digit(twelve)


@pytest.mark.parametrize(
    ("field", "value", "code"),
    [
        ("kind", "", "sponsor_kind_missing"), ("kind", "club", "sponsor_kind_missing"),
        ("name_ja", "  ", "sponsor_word_wrong"), ("name_ja", "あ" * 101, "sponsor_word_wrong"),
        ("corporate_number", "", "corporate_number_wrong"),
        ("corporate_number", "000012050002", "corporate_number_wrong"),
        ("corporate_number", "70000120500０x", "corporate_number_wrong"),
        ("corporate_number", "6000012050002", "corporate_number_misread"),
        ("corporate_number", "7000012050003", "corporate_number_misread"),
        ("registration_number", NUMBER, "registration_number_wrong"),
        ("registration_number", "T123", "registration_number_wrong"),
        ("registration_number", "T2000012050003", "registration_number_differs"),
        ("wish", "", "sponsor_word_wrong"), ("wish", "x" * 1001, "sponsor_word_wrong"),
        ("contact_name", "", "sponsor_word_wrong"), ("email", "hanako", "sponsor_contact_wrong"),
        ("email", "a@b", "sponsor_contact_wrong"), ("phone", "つながらない", "sponsor_contact_wrong"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_named_with_its_field(field: str, value: str, code: str) -> None:
    told = wrong(**{field: value})
    assert (told.field, told.code) == (field, code)
    assert told.sentence("ja")
    assert told.sentence("en")


def test_a_misread_number_is_told_with_the_digit_that_would_fit() -> None:
    assert "先頭は7" in wrong(corporate_number="6000012050002").sentence("ja")


def test_a_sole_trader_has_no_corporate_number_and_an_own_registration_number() -> None:
    kept = judged(replace(ENTRY, kind="sole_trader", corporate_number="typed by mistake",
                          registration_number="T1234567890123"))  # fmt: skip
    assert (kept.corporate_number, kept.registration_number) == ("", "T1234567890123")
    assert judged(replace(ENTRY, registration_number="")).registration_number == ""
