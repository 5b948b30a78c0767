from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from meguri.words.period import (
    FiscalYear,
    Period,
    add_months,
    day_of,
    day_start,
    expiry,
    month_end,
    with_zone,
)

DAYS = st.dates(min_value=date(1952, 1, 1), max_value=date(2199, 12, 31))
MOMENTS = st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 - naive bounds
HOUR = timedelta(hours=1)
NOON = datetime(2025, 4, 1, 3, tzinfo=UTC)


@st.composite
def periods(draw: st.DrawFn) -> Period:
    start = draw(MOMENTS)
    length = draw(st.none() | st.integers(1, 10**6).map(lambda minutes: timedelta(minutes=minutes)))
    return Period(start, None if length is None else start + length)


class TestPeriod:
    def test_the_start_belongs_to_it_and_the_end_does_not(self) -> None:
        period = Period(NOON, NOON + HOUR)
        assert NOON in period
        assert NOON + HOUR - timedelta(microseconds=1) in period
        assert NOON + HOUR not in period
        assert NOON - timedelta(microseconds=1) not in period

    def test_without_an_end_it_lasts(self) -> None:
        period = Period(NOON)
        assert NOON + timedelta(days=99_999) in period
        assert not period.is_over(NOON + timedelta(days=99_999))
        assert period.last_day is None

    def test_is_over_from_its_end_on(self) -> None:
        period = Period(NOON, NOON + HOUR)
        assert [period.is_over(at) for at in (NOON - HOUR, NOON, NOON + HOUR)] == [False, False, True]

    def test_days_are_those_of_japan_and_both_count(self) -> None:
        period = Period.of_days(date(2025, 4, 1), date(2025, 9, 30))
        assert period.start == datetime(2025, 3, 31, 15, tzinfo=UTC)
        assert period.end == datetime(2025, 9, 30, 15, tzinfo=UTC)
        assert (period.first_day, period.last_day) == (date(2025, 4, 1), date(2025, 9, 30))
        assert Period.of_days(date(2025, 4, 1)).end is None

    def test_a_period_that_ends_during_a_day_still_touches_it(self) -> None:
        assert Period(NOON, NOON + HOUR).last_day == date(2025, 4, 1)

    @pytest.mark.parametrize(("start", "end"), [
        (NOON, NOON), (NOON, NOON - HOUR), (NOON.replace(tzinfo=None), None), (NOON, NOON.replace(tzinfo=None)),
    ])
    def test_refuses_nonsense(self, start: datetime, end: datetime | None) -> None:
        with pytest.raises(ValueError, match="period"):
            Period(start, end)

    def test_touching_periods_share_nothing(self) -> None:
        morning, afternoon = Period(NOON - HOUR, NOON), Period(NOON, NOON + HOUR)
        assert morning.overlap(afternoon) is None
        assert morning.overlap(Period(NOON - HOUR / 2)) == Period(NOON - HOUR / 2, NOON)

    @given(periods(), periods(), MOMENTS)
    def test_an_overlap_holds_exactly_what_both_hold(self, one: Period, other: Period, at: datetime) -> None:
        shared = one.overlap(other)
        assert shared == other.overlap(one)
        for moment in (at, one.start, other.start, one.end or at, other.end or at):
            assert (shared is not None and moment in shared) == (moment in one and moment in other)

    @given(DAYS, st.integers(0, 2_000))
    def test_of_days_gives_back_its_days(self, first: date, length: int) -> None:
        last = first + timedelta(days=length)
        period = Period.of_days(first, last)
        assert (period.first_day, period.last_day) == (first, last)
        assert period.end is not None
        assert (period.end - period.start).days == length + 1


class TestDay:
    @given(DAYS)
    def test_start_and_day_turn_each_other_round(self, on: date) -> None:
        assert day_of(day_start(on)) == on
        assert day_of(day_start(on) - timedelta(microseconds=1)) == on - timedelta(days=1)
        assert day_start(on).tzinfo is UTC

    def test_a_naive_moment_has_no_day(self) -> None:
        with pytest.raises(ValueError, match="time zone"):
            day_of(datetime(2025, 4, 1))  # noqa: DTZ001 - that is the point


class TestFiscalYear:
    @pytest.mark.parametrize(("on", "year"), [
        (date(2025, 3, 31), 2024), (date(2025, 4, 1), 2025), (date(2025, 12, 31), 2025), (date(2026, 1, 1), 2025),
    ])
    def test_turns_on_the_first_of_april(self, on: date, year: int) -> None:
        assert FiscalYear.of(on) == FiscalYear(year)

    def test_its_days_and_closing_period(self) -> None:
        year = FiscalYear(2025)
        assert (year.first_day, year.last_day) == (date(2025, 4, 1), date(2026, 3, 31))
        assert year.period == Period.of_days(date(2025, 4, 1), date(2026, 3, 31))
        assert year.closing_period == Period.of_days(date(2026, 4, 1), date(2026, 5, 31))
        assert year.period.end == year.closing_period.start
        assert datetime(2026, 5, 31, 14, 59, tzinfo=UTC) in year.closing_period
        assert datetime(2026, 5, 31, 15, 0, tzinfo=UTC) not in year.closing_period

    @pytest.mark.parametrize(("year", "name"), [
        (2025, "令和7年度"), (2019, "平成31年度"), (2020, "令和2年度"), (1989, "平成元年度"), (1988, "昭和63年度"),
    ])
    def test_is_named_after_the_era_of_its_first_day(self, year: int, name: str) -> None:
        assert FiscalYear(year).name_ja == name
        assert FiscalYear(year).name_en == f"FY{year}"

    @given(DAYS)
    def test_every_day_lies_in_its_own_year_only(self, on: date) -> None:
        year = FiscalYear.of(on)
        noon = day_start(on) + 12 * HOUR
        assert noon in year.period
        assert noon not in FiscalYear(year.year - 1).period
        assert noon not in FiscalYear(year.year + 1).period
        assert FiscalYear(year.year - 1) < year


class TestMonths:
    @pytest.mark.parametrize(("on", "months", "expected"), [
        (date(2025, 1, 31), 1, date(2025, 2, 28)), (date(2024, 1, 31), 1, date(2024, 2, 29)),
        (date(2025, 10, 10), 6, date(2026, 4, 10)), (date(2025, 12, 31), 0, date(2025, 12, 31)),
        (date(2025, 3, 31), -1, date(2025, 2, 28)), (date(2025, 1, 15), -13, date(2023, 12, 15)),
    ])
    def test_add_months(self, on: date, months: int, expected: date) -> None:
        assert add_months(on, months) == expected

    @given(DAYS, st.integers(-200, 200))
    def test_add_months_lands_in_the_right_month(self, on: date, months: int) -> None:
        there = add_months(on, months)
        assert (there.year - on.year) * 12 + there.month - on.month == months
        assert there.day == on.day or there == month_end(there)

    @given(DAYS)
    def test_the_day_after_a_month_end_is_a_first(self, on: date) -> None:
        end = month_end(on)
        assert (end.year, end.month) == (on.year, on.month)
        assert (end + timedelta(days=1)).day == 1


class TestExpiry:
    @pytest.mark.parametrize(("months", "days", "to_month_end", "end"), [
        (6, 0, True, date(2025, 11, 1)), (6, 0, False, date(2025, 10, 11)), (0, 30, True, date(2025, 6, 1)),
        (0, 30, False, date(2025, 5, 11)), (1, 21, True, date(2025, 6, 1)), (1, 20, True, date(2025, 6, 1)),
    ])
    def test_by_hand(self, *, months: int, days: int, to_month_end: bool, end: date) -> None:
        at = datetime(2025, 4, 10, 12, tzinfo=UTC)
        assert expiry(at, months=months, days=days, to_month_end=to_month_end) == day_start(end)

    def test_the_day_counts_in_japan(self) -> None:
        evening = datetime(2025, 4, 30, 15, 30, tzinfo=UTC)  # already 1 May in Japan
        assert expiry(evening, months=1) == day_start(date(2025, 7, 1))
        assert expiry(evening - HOUR, months=1) == day_start(date(2025, 6, 1))

    def test_holders_of_one_month_share_one_moment(self) -> None:
        ends = {expiry(day_start(date(2025, 6, day)) + HOUR, months=3) for day in range(1, 31)}
        assert ends == {day_start(date(2025, 10, 1))}

    @given(MOMENTS, st.integers(0, 60), st.integers(0, 400))
    def test_rounding_never_shortens_and_adds_less_than_a_month(self, at: datetime, months: int, days: int) -> None:
        if months + days == 0:
            days = 1
        exact = expiry(at, months=months, days=days, to_month_end=False)
        rounded = expiry(at, months=months, days=days)
        assert exact <= rounded < exact + timedelta(days=31)
        assert day_of(rounded).day == 1
        assert exact > at + timedelta(days=days)

    @pytest.mark.parametrize(("months", "days"), [(0, 0), (-1, 40), (1, -1)])
    def test_must_lie_ahead(self, months: int, days: int) -> None:
        with pytest.raises(ValueError, match="ahead"):
            expiry(NOON, months=months, days=days)


def test_a_moment_without_a_zone_is_japan_s_and_no_other_moves() -> None:
    naive = datetime(2026, 4, 1, 0, 30)  # noqa: DTZ001 - what a program forgot
    assert with_zone(naive).astimezone(UTC) == datetime(2026, 3, 31, 15, 30, tzinfo=UTC)
    known = datetime(2026, 4, 1, 0, 30, tzinfo=UTC)
    assert with_zone(known) is known
