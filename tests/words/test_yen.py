from __future__ import annotations

from fractions import Fraction
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from meguri.tills.rules import PAYMENT_MAX_YEN
from meguri.words.refusal import Refusal
from meguri.words.yen import UNITS, YEN_MAX, divide, parse_yen, show_yen

WEIGHTS = st.lists(st.integers(0, 10**6), min_size=1, max_size=20).filter(lambda weights: sum(weights) > 0)


@given(st.integers(0, 10**15), WEIGHTS)
def test_divide_loses_no_yen_and_stays_within_one_of_the_exact_share(total: int, weights: list[int]) -> None:
    parts = divide(total, weights)
    assert sum(parts) == total
    assert len(parts) == len(weights)
    for part, weight in zip(parts, weights, strict=True):
        assert abs(part - Fraction(total * weight, sum(weights))) < 1
        assert part == 0 or weight > 0


@given(st.integers(0, 10**9), WEIGHTS)
def test_divide_never_gives_a_larger_weight_less(total: int, weights: list[int]) -> None:
    shares = sorted(zip(weights, divide(total, weights), strict=True))
    assert all(first[1] <= second[1] for first, second in pairwise(shares) if first[0] < second[0])


@pytest.mark.parametrize(("total", "weights", "parts"), [
    (100, [1, 1, 1], [34, 33, 33]),
    (1, [1, 1], [1, 0]),
    (10, [7, 2, 1], [7, 2, 1]),
    (5, [1, 2], [2, 3]),
    (0, [3], [0]),
    (5, [0, 1], [0, 5]),
])
def test_divide_by_hand(total: int, weights: list[int], parts: list[int]) -> None:
    assert divide(total, weights) == parts


@pytest.mark.parametrize(("total", "weights"), [(-1, [1]), (1, []), (1, [0, 0]), (1, [2, -1])])
def test_divide_refuses_nonsense(total: int, weights: list[int]) -> None:
    with pytest.raises(ValueError, match="cannot divide"):
        divide(total, weights)


@pytest.mark.parametrize(("text", "amount"), [
    ("1280", 1280), ("1,280", 1280), ("１，２８０円", 1280), ("¥1,280", 1280), ("￥１２８０", 1280), (" 1 280 ", 1280),
    ("1、280", 1280), ("1280yen", 1280), ("+5", 5), ("0001", 1),
])
def test_parse_reads_amounts_as_people_type_them(text: str, amount: int) -> None:
    assert parse_yen(text) == amount


@pytest.mark.parametrize("text", ["12.5", "千円", "1e3", "0x10", "--1", "１２８O", "x" * 39, "+", "12人"])
def test_parse_refuses_what_it_cannot_read(text: str) -> None:
    with pytest.raises(Refusal) as caught:
        parse_yen(text, field="price_yen")
    assert (caught.value.code, caught.value.field) == ("amount_unreadable", "price_yen")
    assert text in caught.value.sentence("ja")


@pytest.mark.parametrize(("text", "least", "most"), [
    ("0", 1, YEN_MAX), ("-5", 1, YEN_MAX), ("100000001", 1, YEN_MAX), ("499", 500, 1_000), ("1001", 500, 1_000),
])
def test_parse_names_the_limits(text: str, least: int, most: int) -> None:
    with pytest.raises(Refusal) as caught:
        parse_yen(text, least=least, most=most)
    assert caught.value.code == "amount_out_of_range"
    assert f"from {least:,} to {most:,} yen" in caught.value.sentence("en")


@pytest.mark.parametrize("text", ["", "  ", "円", "　", "¥", ","])
def test_nothing_typed_is_asked_for_and_not_called_unreadable(text: str) -> None:
    no = refused(text)
    assert (no.code, no.kind.status, no.field) == ("amount_missing", 422, "amount_yen")
    assert (no.sentence("ja"), no.sentence("en")) == ("金額を入力してください。", "Please enter an amount.")


@pytest.mark.parametrize("digits", [7, 16, 23, 30, 5_000])
def test_digits_without_end_are_too_much_and_not_unreadable(digits: int) -> None:
    no = refused("9" * digits)
    assert no.code == "amount_out_of_range"
    assert "1円以上1,000,000円以下" in no.sentence("ja")
    assert len(no.sentence("ja")) < 120, "the screen stays whole"


def test_one_limit_is_named_whatever_was_typed() -> None:
    """Ten million and a thousand million are both more than one payment may be; the limit is known at once."""
    said = {refused(text).sentence("ja").split("で入力")[0] for text in ("9999999", "1000000000", "0", "-1")}
    assert said == {"金額は1円以上1,000,000円以下"}
    assert YEN_MAX == PAYMENT_MAX_YEN


@pytest.mark.parametrize(("field", "typed", "ja", "en"), [
    ("confirmed_count", "-1", "0件以上10,000,000件以下で入力してください(入力: -1件)", "from 0 to 10,000,000 entries"),
    ("units", "12345678", "0口以上10,000,000口以下で入力してください(入力: 12,345,678口)", "to 10,000,000 units"),
    ("floor_area", "99999999", "10,000,000㎡以下", "m²"),
    ("confirmed_count", "", "数を入力してください(単位: 件)", "Please enter a number (entries)"),
    ("declared_count", "many", "「many」は数として読めません", "cannot be read as a number"),
])
def test_a_count_is_no_amount(field: str, typed: str, ja: str, en: str) -> None:
    no = refused(typed, field=field, least=0)
    assert (no.field, no.code.partition("_")[0]) == (field, "count")
    assert ja in no.sentence("ja")
    assert en in no.sentence("en")
    assert "円" not in no.sentence("ja")
    assert "yen" not in no.sentence("en")


@pytest.mark.parametrize(("field", "text", "read"), [
    ("units", "３口", 3), ("confirmed_count", "1,234件", 1_234), ("floor_area", "980㎡", 980),
    ("visiting_people", "5人", 5), ("window_days", " 7 日", 7),
])
def test_a_count_is_read_with_its_unit(field: str, text: str, read: int) -> None:
    assert parse_yen(text, field=field) == read


@pytest.mark.parametrize(("field", "text"), [("units", "3円"), ("confirmed_count", "¥5"), ("amount_yen", "5件")])
def test_a_foreign_unit_is_not_swallowed(field: str, text: str) -> None:
    assert refused(text, field=field).code.endswith("_unreadable")


def test_a_unit_speaks_both_languages() -> None:
    assert (f"{UNITS['units']:ja}", f"{UNITS['units']:en}", str(UNITS["units"])) == ("口", "units", "口 / units")


def refused(text: str, *, field: str = "amount_yen", least: int = 1) -> Refusal:
    with pytest.raises(Refusal) as caught:
        parse_yen(text, field=field, least=least)
    return caught.value


def test_parse_takes_the_limits_themselves() -> None:
    assert [parse_yen(text, least=500, most=1_000) for text in ("500", "1000")] == [500, 1_000]
    assert parse_yen("-5", least=-10) == -5


@given(st.integers(1, YEN_MAX), st.integers(0, 60), st.sampled_from(["", "+"]))
def test_zeros_in_front_change_no_amount(amount: int, zeros: int, sign: str) -> None:
    assert parse_yen(f"{sign}{'0' * zeros}{amount}") == amount


@pytest.mark.parametrize(("digits", "shown"), [(29, 29), (30, 30), (31, 30), (5_000, 30)])
def test_of_a_number_without_end_thirty_digits_are_shown_again(digits: int, shown: int) -> None:
    with pytest.raises(Refusal) as caught:
        parse_yen("9" * digits)
    assert (caught.value.code, caught.value.facts["amount"]) == ("amount_out_of_range", int("9" * shown))


def test_of_what_cannot_be_read_forty_signs_are_said_again() -> None:
    with pytest.raises(Refusal) as caught:
        parse_yen("千" * 50)
    assert caught.value.facts["text"] == "千" * 40


@given(st.integers(1, YEN_MAX), st.sampled_from(["ja", "en"]))
def test_what_is_shown_can_be_read_back(amount: int, language: str) -> None:
    assert parse_yen(show_yen(amount, language)) == amount


@pytest.mark.parametrize(("amount", "language", "shown"), [
    (1280, "ja", "1,280円"), (1280, "en", "¥1,280"), (-1280, "ja", "−1,280円"), (-1280, "en", "−¥1,280"),
    (0, "ja", "0円"),
])
def test_show(amount: int, language: str, shown: str) -> None:
    assert show_yen(amount, language) == shown
