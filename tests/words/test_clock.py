from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from meguri.words import clock


def test_now_is_aware_and_moves_with_the_rehearsal() -> None:
    before = datetime.now(UTC)
    plain, shifted = clock.now(), clock.now(timedelta(days=200))
    after = datetime.now(UTC)
    assert before <= plain <= after
    assert before + timedelta(days=200) <= shifted <= after + timedelta(days=200)
    assert plain.tzinfo is UTC


@pytest.mark.parametrize(("at", "day"), [
    (datetime(2025, 3, 31, 14, 59, 59, 999_999, tzinfo=UTC), date(2025, 3, 31)),
    (datetime(2025, 3, 31, 15, 0, tzinfo=UTC), date(2025, 4, 1)),
])
def test_days_are_cut_at_midnight_in_japan(at: datetime, day: date) -> None:
    assert clock.day(at) == day


def test_midnight_is_the_first_moment_of_a_day() -> None:
    assert clock.midnight(date(2025, 4, 1)) == datetime(2025, 3, 31, 15, 0, tzinfo=UTC)


@given(st.dates(min_value=date(1952, 1, 1), max_value=date(2100, 1, 1)))
def test_midnight_and_day_turn_each_other_round(on: date) -> None:
    assert clock.day(clock.midnight(on)) == on
    assert clock.day(clock.midnight(on) - timedelta(microseconds=1)) == on - timedelta(days=1)
