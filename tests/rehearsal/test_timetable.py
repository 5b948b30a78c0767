from __future__ import annotations

from datetime import UTC, date, timedelta

import pytest

from meguri.rehearsal.timetable import holiday, moment, timetable

START = date(2026, 10, 5)


@pytest.mark.parametrize("weeks", range(4, 41))
def test_everything_happens_in_order_and_within_the_weeks(weeks: int) -> None:
    table = timetable(START, weeks=weeks)
    assert START < table.last_apply < table.drawn_on < table.last_purchase < table.last_use < table.end
    assert START < table.last_choice < table.paid_on < table.last_use
    assert table.paid_on.weekday() < 5
    assert table.end - START == timedelta(weeks=weeks)
    assert len(list(table.days())) == weeks * 7


def test_vouchers_outlive_a_run_with_an_open_end() -> None:
    assert timetable(START, weeks=5, open_end=True).last_use > timetable(START, weeks=5).end


def test_a_rehearsal_starts_on_a_monday() -> None:
    with pytest.raises(ValueError, match="Monday"):
        timetable(date(2026, 10, 6), weeks=5)


@pytest.mark.parametrize("weeks", [0, 3, 41])
def test_a_rehearsal_is_neither_too_short_nor_too_long(weeks: int) -> None:
    with pytest.raises(ValueError, match="weeks"):
        timetable(START, weeks=weeks)


def test_weeks_are_counted_from_the_start() -> None:
    table = timetable(START, weeks=5)
    assert [table.week(START + timedelta(days=d)) for d in (-1, 0, 6, 7)] == [-1, 0, 0, 1]
    assert table.monday(-1) == date(2026, 9, 28)
    assert table.sale_week == table.week(table.first_purchase)


def test_holidays_are_those_of_japan() -> None:
    assert holiday(date(2026, 11, 3))
    assert not holiday(date(2026, 11, 4))


def test_the_benefit_is_paid_on_a_day_on_which_banks_are_open() -> None:
    for monday in range(0, 364, 7):
        paid = timetable(date(2026, 4, 6) + timedelta(days=monday), weeks=5).paid_on
        assert paid.weekday() < 5
        assert not holiday(paid)


def test_a_moment_is_the_town_s_time_in_utc() -> None:
    at = moment(START, 9, minute=30)
    assert at.tzinfo is UTC
    assert at.isoformat() == "2026-10-05T00:30:00+00:00"
