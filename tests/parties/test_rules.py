from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from meguri.parties.rules import age_on, digest_of, is_shop_code, secret_hash, shop_code
from meguri.parties.trades import TRADES, trade

NUMBERS = st.integers(min_value=0, max_value=10**10 - 1)


@given(NUMBERS)
def test_a_shop_code_has_twelve_digits_and_passes_its_own_check(number: int) -> None:
    code = shop_code(number)
    assert len(code) == 12
    assert is_shop_code(code)


@given(NUMBERS, st.integers(0, 11), st.integers(1, 9))
def test_one_wrong_digit_is_always_noticed(number: int, place: int, shift: int) -> None:
    code = shop_code(number)
    wrong = code[:place] + str((int(code[place]) + shift) % 10) + code[place + 1 :]
    assert not is_shop_code(wrong)


@given(NUMBERS, st.integers(0, 10))
def test_two_swapped_digits_are_always_noticed(number: int, place: int) -> None:
    code = shop_code(number)
    swapped = code[:place] + code[place + 1] + code[place] + code[place + 2 :]
    assert is_shop_code(swapped) is (swapped == code)


@pytest.mark.parametrize("text", ["", "12345", "00000000000a", "１２３４５６７８９０１２", "-00000000001"])
def test_what_is_no_shop_code(text: str) -> None:
    assert not is_shop_code(text)


def test_a_number_of_eleven_digits_makes_no_code() -> None:
    with pytest.raises(ValueError, match="ten digits"):
        shop_code(10**10)


@pytest.mark.parametrize(
    ("born", "on", "age"),
    [
        (date(2008, 4, 1), date(2026, 3, 31), 17),
        (date(2008, 4, 1), date(2026, 4, 1), 18),
        (date(2008, 2, 29), date(2026, 2, 28), 17),
        (date(2008, 2, 29), date(2026, 3, 1), 18),
        (date(2026, 4, 1), date(2026, 4, 1), 0),
    ],
)
def test_age_changes_on_the_birthday(born: date, on: date, age: int) -> None:
    assert age_on(born, on) == age


def test_a_digest_depends_on_content_not_on_order() -> None:
    assert digest_of({"a": 1, "b": "券"}) == digest_of({"b": "券", "a": 1})
    assert digest_of({"a": 1}) != digest_of({"a": 2})
    assert len(digest_of(b"file")) == 64
    assert secret_hash("a") != secret_hash("b")


def test_trades_have_names_and_unknown_ones_a_number() -> None:
    assert TRADES["58"].ja == "飲食料品小売業"
    assert all(len(code) == 2 for code in TRADES)
    assert trade("99").en == "Industry class 99"
