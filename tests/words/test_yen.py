from __future__ import annotations

from fractions import Fraction
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from meguri.words.refusal import Refusal
from meguri.words.yen import YEN_MAX, divide, parse_yen, show_yen

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


@pytest.mark.parametrize("text", ["", "円", "12.5", "千円", "1e3", "0x10", "--1", "1" * 16, "１２８O"])
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


def test_parse_takes_the_limits_themselves() -> None:
    assert [parse_yen(text, least=500, most=1_000) for text in ("500", "1000")] == [500, 1_000]
    assert parse_yen("-5", least=-10) == -5


@given(st.integers(1, YEN_MAX), st.sampled_from(["ja", "en"]))
def test_what_is_shown_can_be_read_back(amount: int, language: str) -> None:
    assert parse_yen(show_yen(amount, language)) == amount


@pytest.mark.parametrize(("amount", "language", "shown"), [
    (1280, "ja", "1,280円"), (1280, "en", "¥1,280"), (-1280, "ja", "−1,280円"), (-1280, "en", "−¥1,280"),
    (0, "ja", "0円"),
])
def test_show(amount: int, language: str, shown: str) -> None:
    assert show_yen(amount, language) == shown
