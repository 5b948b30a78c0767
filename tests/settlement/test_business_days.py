from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from meguri.settlement.business_days import (
    add_business_days,
    is_business_day,
    next_business_day,
    on_or_after,
    on_or_before,
    previous_business_day,
)

DAYS = st.dates(min_value=date(2020, 1, 1), max_value=date(2040, 12, 31))
HOLIDAYS_2026 = {  # as announced by the Cabinet Office
    (1, 1), (1, 12), (2, 11), (2, 23), (3, 20), (4, 29), (5, 3), (5, 4), (5, 5), (5, 6), (7, 20), (8, 11), (9, 21),
    (9, 22), (9, 23), (10, 12), (11, 3), (11, 23),
}
YEAR_END = {(12, 31), (1, 1), (1, 2), (1, 3)}


def test_the_whole_of_2026_against_a_list_written_by_hand() -> None:
    year = [date(2026, 1, 1) + timedelta(days=number) for number in range(365)]
    closed = [on for on in year
              if on.weekday() in {5, 6} or (on.month, on.day) in HOLIDAYS_2026 or (on.month, on.day) in YEAR_END]
    assert [on for on in year if not is_business_day(on)] == closed
    assert len(closed) == 104 + 17 + 2  # weekends; holidays but 3 May (a Sunday); 2 January (a Friday) and 31 December


@pytest.mark.parametrize(("on", "following", "before"), [
    (date(2026, 9, 18), date(2026, 9, 24), date(2026, 9, 17)),  # the autumn week, with a citizens' holiday between two
    (date(2026, 9, 24), date(2026, 9, 25), date(2026, 9, 18)),
    (date(2026, 4, 28), date(2026, 4, 30), date(2026, 4, 27)),
    (date(2026, 5, 1), date(2026, 5, 7), date(2026, 4, 30)),  # 6 May stands in for Sunday the 3rd
    (date(2025, 12, 30), date(2026, 1, 5), date(2025, 12, 29)),  # 31 December to 3 January, then a Sunday
    (date(2024, 12, 30), date(2025, 1, 6), date(2024, 12, 27)),  # 2 and 3 January on a Thursday and a Friday
    (date(2026, 1, 1), date(2026, 1, 5), date(2025, 12, 30)),
    (date(2019, 4, 26), date(2019, 5, 7), date(2019, 4, 25)),  # ten days when the era changed
])
def test_neighbours_by_hand(on: date, following: date, before: date) -> None:
    assert next_business_day(on) == following
    assert previous_business_day(on) == before


def test_a_business_day_stands_for_itself_and_a_closed_day_moves() -> None:
    assert on_or_after(date(2026, 9, 18)) == on_or_before(date(2026, 9, 18)) == date(2026, 9, 18)
    assert on_or_after(date(2026, 9, 19)) == date(2026, 9, 24)
    assert on_or_before(date(2026, 9, 23)) == date(2026, 9, 18)


@given(DAYS)
def test_neighbours_are_the_nearest_business_days(on: date) -> None:
    following, before = next_business_day(on), previous_business_day(on)
    assert before < on < following
    assert is_business_day(following)
    assert is_business_day(before)
    between = [before + timedelta(days=number) for number in range(1, (following - before).days)]
    assert [day for day in between if is_business_day(day)] == ([on] if is_business_day(on) else [])


@given(DAYS)
def test_going_there_and_back(on: date) -> None:
    assert previous_business_day(next_business_day(on)) == on_or_before(on)
    assert next_business_day(previous_business_day(on)) == on_or_after(on)


@pytest.mark.parametrize(("days", "expected"), [
    (0, date(2026, 9, 18)), (1, date(2026, 9, 24)), (2, date(2026, 9, 25)), (3, date(2026, 9, 28)),
])
def test_counting_business_days(days: int, expected: date) -> None:
    assert add_business_days(date(2026, 9, 18), days) == expected


@given(DAYS, st.integers(0, 8), st.integers(0, 8))
def test_counting_in_two_steps_is_counting_at_once(on: date, first: int, second: int) -> None:
    assert add_business_days(add_business_days(on, first), second) == add_business_days(on, first + second)
