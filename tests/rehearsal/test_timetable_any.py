"""The calendar of any run: whichever Monday, however long, with or without days after the last week."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from meguri.rehearsal.timetable import (
    DESK_DAYS,
    WEEKS_LEAST,
    WEEKS_MOST,
    Timetable,
    holiday,
    latest_start,
    moment,
    timetable,
    working_day,
)
from meguri.words.clock import JST, day

MONDAY = date(2026, 10, 5)
runs = st.builds(
    lambda monday, weeks, more, open_end: timetable(
        MONDAY + timedelta(weeks=monday), weeks=weeks, more_days=more, open_end=open_end
    ),
    st.integers(-100, 100), st.integers(WEEKS_LEAST, WEEKS_MOST), st.integers(0, 6), st.booleans(),
)  # fmt: skip
dates = st.dates(date(2024, 1, 1), date(2029, 12, 31))


@given(runs)
def test_every_day_is_lived_once_from_the_first_to_the_last(table: Timetable) -> None:
    days = list(table.days())
    assert days == [table.start + timedelta(days=number) for number in range(len(days))]
    assert (days[0], days[-1]) == (table.start, table.last_day)
    assert len(days) == table.weeks * 7 + table.more_days
    assert [table.week(on) for on in days] == [number // 7 for number in range(len(days))]
    assert all(table.monday(table.week(on)) <= on < table.monday(table.week(on) + 1) for on in days)


@given(runs)
def test_a_draw_waits_for_its_list_and_a_purchase_for_the_draw(table: Timetable) -> None:
    assert table.closed_on == table.last_apply + timedelta(days=1) < table.drawn_on
    assert table.first_purchase == table.drawn_on + timedelta(days=1) <= table.last_purchase < table.last_use
    assert table.sale_week == (table.first_purchase - table.start).days // 7
    assert table.last_choice < table.paid_on


@given(runs)
def test_what_is_good_after_the_run_is_so_only_with_an_open_end(table: Timetable) -> None:
    assert (table.last_use > table.last_day) == table.open_end
    assert (table.last_deed > table.last_day) == table.open_end
    if not table.open_end:
        assert table.last_deed == table.last_day


@given(runs)
def test_desks_are_left_full_only_at_an_open_end_and_only_of_the_last_days(table: Timetable) -> None:
    left = [on for on in table.days() if table.is_left_open(on)]
    assert len(left) == (DESK_DAYS if table.open_end else 0)
    assert left == list(table.days())[len(list(table.days())) - len(left) :]


@given(dates)
def test_work_waits_for_the_next_day_on_which_banks_are_open(on: date) -> None:
    found = working_day(on)
    assert found.weekday() < 5
    assert not holiday(found)
    between = [on + timedelta(days=number) for number in range((found - on).days)]
    assert all(each.weekday() >= 5 or holiday(each) for each in between)


def test_golden_week_is_waited_out() -> None:
    assert working_day(date(2026, 5, 2)) == date(2026, 5, 7)
    assert working_day(date(2026, 5, 1)) == date(2026, 5, 1)


@settings(max_examples=60)
@given(dates, st.integers(WEEKS_LEAST, WEEKS_MOST))
def test_the_latest_start_leaves_less_than_a_week_until_today(today: date, weeks: int) -> None:
    start = latest_start(today, weeks=weeks)
    assert start.weekday() == 0
    after = (today - start).days - weeks * 7
    assert 0 <= after <= 6
    assert timetable(start, weeks=weeks, more_days=after).last_day == today - timedelta(days=1)


@pytest.mark.parametrize("more", [-1, 7])
def test_a_whole_week_more_is_a_week(more: int) -> None:
    with pytest.raises(ValueError, match="at most 6 days"):
        timetable(MONDAY, weeks=5, more_days=more)


@given(dates, st.integers(0, 23), st.integers(0, 59), st.integers(0, 59))
def test_a_moment_is_the_towns_clock_on_that_day(on: date, hour: int, minute: int, second: int) -> None:
    at = moment(on, hour, minute=minute, second=second)
    local = at.astimezone(JST)
    assert day(at) == on
    assert (local.hour, local.minute, local.second) == (hour, minute, second)
    assert at.utcoffset() == timedelta()
