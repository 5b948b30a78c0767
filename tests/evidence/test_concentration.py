"""How uneven takings are, on cases that can be reckoned in the head."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from meguri.evidence.concentration import concentration, gini


def test_the_top_tenth_of_twenty_shops_is_two() -> None:
    found = concentration([500, 300] + [10] * 18 + [0])
    assert (found.shops, found.top_shops, found.top_yen, found.yen) == (20, 2, 800, 980)
    assert found.top_share == pytest.approx(800 / 980)


def test_few_shops_still_have_a_top() -> None:
    assert concentration([70, 30]).top_yen == 70


def test_no_takings_no_share() -> None:
    found = concentration([])
    assert (found.top_share, found.gini) == (None, None)


@pytest.mark.parametrize(
    ("amounts", "expected"), [([5, 5, 5, 5], 0.0), ([0, 0, 0, 8], 0.75), ([1, 3], 0.25), ([7], 0.0)]
)
def test_gini(amounts: list[int], expected: float) -> None:
    assert gini(amounts) == pytest.approx(expected)


@given(st.lists(st.integers(1, 10**7), min_size=1, max_size=50))
def test_gini_is_the_mean_difference(amounts: list[int]) -> None:
    mean = sum(amounts) / len(amounts)
    differences = sum(abs(a - b) for a in amounts for b in amounts) / len(amounts) ** 2
    assert gini(amounts) == pytest.approx(differences / (2 * mean), abs=1e-9)
