"""Kaplan–Meier against a hand-computed table and against the plain share where nothing is unfinished."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from meguri.evidence.survival import Lying, curve, median_day, share_in_last_days, share_within

LYING = st.lists(
    st.builds(Lying, days=st.integers(0, 60), is_spent=st.booleans(), yen=st.integers(1, 1000)), max_size=30
)


def test_a_hand_computed_curve() -> None:
    """100 at risk: 20 go on day 1 (0.8); 30 are last seen on day 2; of the 50 left, 25 go on day 3 (0.8 * 0.5)."""
    steps = curve([Lying(1, True, 20), Lying(2, False, 30), Lying(3, True, 25), Lying(9, False, 25)])
    assert [(step.day, step.at_risk_yen, step.spent_yen) for step in steps] == [(1, 100, 20), (3, 50, 25)]
    assert [step.unspent_share for step in steps] == pytest.approx([0.8, 0.4])
    assert median_day(steps) == 3


def test_yen_last_seen_on_a_day_count_as_at_risk_on_it() -> None:
    (step,) = curve([Lying(5, True, 50), Lying(5, False, 50)])
    assert (step.at_risk_yen, step.unspent_share) == (100, 0.5)


def test_nothing_spent_gives_no_step_and_no_median() -> None:
    assert curve([Lying(3, False, 10)]) == ()
    assert curve([]) == ()
    assert median_day(()) is None


@given(LYING)
def test_the_share_unspent_only_falls_and_stays_a_share(lying: list[Lying]) -> None:
    shares = [1.0, *(step.unspent_share for step in curve(lying))]
    assert all(-1e-9 <= after <= before for before, after in pairwise(shares))


@given(LYING)
def test_without_unfinished_yen_it_is_the_plain_share(lying: list[Lying]) -> None:
    spent = [Lying(one.days, True, one.yen) for one in lying]
    total = sum(one.yen for one in spent)
    for step in curve(spent):
        later = sum(one.yen for one in spent if one.days > step.day)
        assert step.unspent_share == pytest.approx(later / total, abs=1e-9)


def test_shares_are_of_what_was_spent() -> None:
    lying = [Lying(0, True, 10), Lying(13, True, 10), Lying(14, True, 20, in_last_days=True), Lying(1, False, 99)]
    assert share_within(lying, days=14) == 0.5
    assert share_in_last_days(lying) == 0.5
    assert share_within([Lying(1, False, 5)], days=14) is None
