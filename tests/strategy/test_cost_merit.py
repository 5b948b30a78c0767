"""Shared or separate: the sum redone by hand, and what it may never hide."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from meguri.strategy.cost_merit import (
    PLACEHOLDERS,
    SOURCES,
    compare,
    people,
    shared_yen,
    siloed_yen,
    with_value,
)

ROUND = {
    "build_siloed": 1000.0, "run_siloed": 100.0, "build_shared": 1500.0, "setup_shared": 50.0, "run_shared": 120.0,
    "run_more": 10.0, "users": 20.0, "overlap": 0.5, "per_user": 2.0, "shops": 5.0, "onboarding": 10.0, "churn": 0.1,
    "hours_siloed": 8.0, "hours_shared": 6.0, "hours_more": 2.0, "wage": 5.0,
}


def test_separate_systems_by_hand() -> None:
    """One: 1000 + 5*10 + 3 * (100 + 20*2 + 8*5) = 1590; two cost twice that."""
    assert siloed_yen(ROUND, programmes=1, years=3) == 1590
    assert siloed_yen(ROUND, programmes=2, years=3) == 3180


def test_the_shared_platform_by_hand() -> None:
    """Two: 30 people; 1500 + 2*50 + 5*10*1.2 + 3 * (120 + 2*10 + 30*2 + (6 + 4)*5) = 1660 + 3 * 250 = 2410."""
    assert people(ROUND, 2) == 30
    assert shared_yen(ROUND, programmes=2, years=3) == 2410


def test_break_even_is_the_first_number_of_programmes_for_which_sharing_is_cheaper() -> None:
    found = compare()
    assert found.break_even == 2
    assert found.shared_yen[0] > found.siloed_yen[0]  # for one programme it does not pay, and the page says so
    assert found.shared_yen[1] < found.siloed_yen[1]
    assert found.saving_yen == found.siloed_yen[2] - found.shared_yen[2]


def test_sharing_may_never_pay() -> None:
    inputs = with_value(
        PLACEHOLDERS, "build_shared", value=5_000_000_000, source="estimate", note_ja="見積", note_en="estimate"
    )
    found = compare(inputs)
    assert found.break_even is None
    assert found.saving_yen < 0


def test_every_input_says_where_it_comes_from() -> None:
    assert {one.source for one in PLACEHOLDERS} <= set(SOURCES)
    assert all(one.note_ja and one.note_en and one.name_ja and one.name_en for one in PLACEHOLDERS)
    assert compare().weakest_source == "guess"
    known = PLACEHOLDERS
    for one in PLACEHOLDERS:
        known = with_value(known, one.code, value=one.value, source="contract", note_ja="契約", note_en="contract")
    assert compare(known).weakest_source == "contract"
    with pytest.raises(KeyError):
        with_value(PLACEHOLDERS, "luck", value=1, source="guess", note_ja="", note_en="")


def test_the_sensitivity_is_the_comparison_done_again() -> None:
    found = compare(programmes=3)
    by_code = {swing.code: swing for swing in found.sensitivity}
    assert by_code.keys() == {one.code for one in PLACEHOLDERS}
    inputs = with_value(
        PLACEHOLDERS, "run_shared", value=6_000_000 * 1.35, source="guess", note_ja="", note_en=""
    )
    assert by_code["run_shared"].high_yen == compare(inputs, programmes=3).saving_yen
    spans = [abs(swing.high_yen - swing.low_yen) for swing in found.sensitivity]
    assert spans == sorted(spans, reverse=True)


@pytest.mark.parametrize(("programmes", "years"), [(0, 5), (13, 5), (3, 0)])
def test_numbers_that_make_no_comparison_are_errors(programmes: int, years: int) -> None:
    with pytest.raises(ValueError, match="cannot compare"):
        compare(programmes=programmes, years=years)


@given(st.integers(1, 12), st.floats(0, 1))
def test_more_overlap_means_fewer_people(programmes: int, overlap: float) -> None:
    found = people({**ROUND, "overlap": overlap}, programmes)
    assert ROUND["users"] <= found <= programmes * ROUND["users"] + 1e-9
