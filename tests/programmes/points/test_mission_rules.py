"""What completes a mission: by hand for each way of counting, and against slow, plain models."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import combinations, count, pairwise
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from meguri.programmes.mission_parts import Comeback, Counting, FirstTime, Mission, Rally, SoOften, Span, Streak
from meguri.programmes.part import Text, Window
from meguri.programmes.points import mission_rules
from meguri.programmes.points.mission_rules import Progress, Tally, completions, progress

FIRST = date(2025, 6, 2)  # a Monday
WINDOW = Window(first_day=FIRST, last_day=FIRST + timedelta(days=60))
_numbers = count(1)


def mission(counting: Counting, **more: Any) -> Mission:
    name = Text(ja="めぐり", en="Round")
    return Mission(code="round", name=name, yen=100, actions=("bus",), counting=counting, **more)


def tally(day: int, place: int = 0) -> Tally:
    """On the day-th day of the window (may be negative), at a place where one is named."""
    number = next(_numbers)
    return Tally(FIRST + timedelta(days=day), number, UUID(int=place) if place else None)


def done(counting: Counting, *tallies: Tally, **more: Any) -> list[int]:
    """The days, from the window's first, on which it was completed."""
    return [(each.day - FIRST).days for each in completions(mission(counting, **more), tallies, window=WINDOW)]


def far(counting: Counting, *tallies: Tally, on: int = 30, completed: int = 0, **more: Any) -> Progress:
    of = mission(counting, **more)
    return progress(of, tallies, window=WINDOW, on=FIRST + timedelta(days=on), completed=completed)


def test_a_rally_takes_different_places_in_any_order() -> None:
    rally = Rally(wanted=3, places=4)
    assert done(rally, tally(1, 1), tally(2, 1), tally(3, 2)) == []
    assert done(rally, tally(9, 1), tally(2, 1), tally(3, 2), tally(7, 4)) == [7]
    assert done(rally, tally(1, 1), tally(2), tally(3, 2)) == []  # without a place nothing is reached


def test_a_second_card_begins_after_the_first() -> None:
    rally = Rally(wanted=2, places=2)
    rides = [tally(day, 1 + day % 2) for day in range(6)]
    assert done(rally, *rides) == [1]
    assert done(rally, *rides, times=3) == [1, 3, 5]


def test_the_tenth_time_and_the_twentieth() -> None:
    often = SoOften(wanted=10)
    tallies = [tally(day) for day in range(25)]
    assert done(often, *tallies[:9]) == []
    assert done(often, *tallies) == [9]
    assert done(often, *tallies, times=2) == [9, 19]
    assert done(SoOften(wanted=2), tally(4), tally(4)) == [4]  # twice on one day is twice


def test_days_in_a_row_with_and_without_rest() -> None:
    assert done(Streak(wanted=3), tally(0), tally(1), tally(3), tally(4)) == []
    assert done(Streak(wanted=3), tally(0), tally(1), tally(1), tally(2)) == [2]
    assert done(Streak(wanted=3, grace=1), tally(0), tally(1), tally(3)) == [3]
    assert done(Streak(wanted=3, grace=1), tally(0), tally(2), tally(4)) == []
    assert done(Streak(wanted=2), *(tally(day) for day in range(5)), times=9) == [1, 3]


def test_what_else_was_done_on_a_day_that_is_used_up_begins_no_new_streak() -> None:
    assert done(Streak(wanted=2), tally(0), tally(1), tally(1), tally(2), times=2) == [1]
    assert far(Streak(wanted=2), tally(0), tally(1), tally(1), times=2, on=1).done == 0


def test_weeks_begin_on_monday() -> None:
    weeks = Streak(wanted=3, span=Span.WEEK)
    assert done(weeks, tally(6), tally(7), tally(20)) == [20]  # Sunday, Monday, and Sunday of the next but one
    assert done(weeks, tally(0), tally(6), tally(21)) == []


def test_the_first_time_is_the_first_of_all() -> None:
    assert done(FirstTime(), tally(5), tally(3)) == [3]
    assert done(FirstTime(), tally(-4), tally(3)) == []
    assert done(FirstTime()) == []


def test_coming_back_after_so_many_whole_days() -> None:
    lapse = Comeback(days=30)
    assert done(lapse, tally(0), tally(30)) == []
    assert done(lapse, tally(0), tally(31)) == [31]
    assert done(lapse, tally(-40), tally(3)) == [3]  # what was done before the window counts as done
    assert done(lapse, tally(3)) == []  # who was never here does not come back


def test_only_what_lies_in_the_window_counts() -> None:
    assert done(SoOften(wanted=2), tally(-1), tally(0), tally(61)) == []
    assert done(SoOften(wanted=2), tally(0), tally(60)) == [60]


def test_how_far_a_rally_is() -> None:
    rally = Rally(wanted=3, places=4)
    seen = far(rally, tally(1, 1), tally(2, 1), tally(3, 2))
    assert (seen.done, seen.wanted, seen.earned) == (2, 3, 0)
    assert seen.places == {UUID(int=1), UUID(int=2)}
    whole = far(rally, tally(1, 1), tally(2, 2), tally(3, 3), tally(4, 4), completed=1)
    assert (whole.done, whole.is_over, whole.waits) == (3, True, False)
    assert far(rally, tally(1, 1), tally(2, 2), tally(3, 3)).waits  # completed, and no bonus yet
    second = far(rally, tally(1, 1), tally(2, 2), tally(3, 3), tally(4, 4), completed=1, times=2)
    assert (second.done, second.places) == (1, {UUID(int=4)})


def test_the_row_of_a_streak_shows_what_was_done_left_out_and_is_to_come() -> None:
    seen = far(Streak(wanted=4, grace=1), tally(10), tally(12), on=13)
    assert [(day - FIRST).days for day, _ in seen.row] == [10, 11, 12, 13, 14]
    assert [is_on for _, is_on in seen.row] == [True, False, True, None, None]
    assert (seen.done, seen.wanted) == (2, 4)


def test_a_broken_streak_begins_today() -> None:
    seen = far(Streak(wanted=3), tally(10), tally(11), on=14)
    assert [(day - FIRST).days for day, _ in seen.row] == [14, 15, 16]
    assert (seen.done, seen.since) == (0, FIRST + timedelta(days=11))


def test_a_completed_streak_shows_its_days() -> None:
    seen = far(Streak(wanted=2), tally(10), tally(11), tally(20), on=40, completed=1)
    assert [(day - FIRST).days for day, _ in seen.row] == [10, 11]
    assert seen.done == 2


@pytest.mark.parametrize("counting", [FirstTime(), Comeback(days=10)])
def test_a_single_deed_is_done_or_not(counting: Counting) -> None:
    assert (far(counting).done, far(counting).wanted) == (0, 1)
    assert far(counting, tally(-20), tally(-9), tally(2), tally(14), completed=1).done in (0, 1)


def test_the_days_that_are_left_count_today_and_the_last() -> None:
    grant: Any = type("Grant", (), {"window": WINDOW})()
    of = mission(SoOften(wanted=1))
    assert mission_rules.days_left(of, grant, on=WINDOW.last_day) == 1
    assert mission_rules.days_left(of, grant, on=WINDOW.last_day + timedelta(days=1)) == 0


# --- against plain models --------------------------------------------------------------------------------------------

DAYS = st.lists(st.integers(-5, 40), max_size=14)
VISITS = st.lists(st.tuples(st.integers(0, 20), st.integers(1, 5)), max_size=12)


@given(DAYS, st.integers(2, 5), st.integers(0, 3))
def test_a_streak_is_so_many_days_within_that_many_and_the_grace(days: list[int], wanted: int, grace: int) -> None:
    """Plain: try every day on which a row could begin."""
    kept = {day for day in days if 0 <= day <= 60}
    plain = any(len(kept & set(range(first, first + wanted + grace))) >= wanted for first in range(61))
    assert bool(done(Streak(wanted=wanted, grace=grace), *map(tally, days))) == plain


@given(DAYS, st.integers(2, 4))
def test_no_more_streaks_can_be_found_than_are_counted(days: list[int], wanted: int) -> None:
    """Plain: the most rows of days that share no day, by trying all."""
    kept = {day for day in days if 0 <= day <= 60}
    rows = [day for day in kept if set(range(day, day + wanted)) <= kept]
    apart = [
        size for size in range(len(rows) + 1)
        for chosen in combinations(sorted(rows), size)
        if all(later - earlier >= wanted for earlier, later in pairwise(chosen))
    ]  # fmt: skip
    assert len(done(Streak(wanted=wanted), *map(tally, days), times=99)) == max(apart)


@given(VISITS, st.integers(1, 4))
def test_a_rally_is_done_once_so_many_places_were_seen(visits: list[tuple[int, int]], wanted: int) -> None:
    tallies = [tally(day, place) for day, place in visits]
    found = done(Rally(wanted=wanted, places=5), *tallies)
    seen: set[UUID | None] = set()
    plain = next((each.day for each in sorted(tallies) if len(seen := seen | {each.place}) >= wanted), None)
    assert found == ([] if plain is None else [(plain - FIRST).days])


@given(VISITS, st.sampled_from([Rally(wanted=3, places=5), SoOften(wanted=4), Streak(wanted=3, grace=1)]),
       st.integers(1, 4))  # fmt: skip
def test_one_more_deed_never_completes_less_and_at_most_one_more(
    visits: list[tuple[int, int]], counting: Counting, times: int
) -> None:
    tallies = [tally(day, place) for day, place in visits]
    counts = [len(done(counting, *tallies[:many], times=times)) for many in range(len(tallies) + 1)]
    assert all(later - earlier in (0, 1) for earlier, later in pairwise(counts))


@given(VISITS, st.sampled_from([Rally(wanted=2, places=5), SoOften(wanted=3), Streak(wanted=2), FirstTime(),
                                Comeback(days=3)]))  # fmt: skip
def test_what_is_shown_agrees_with_what_is_counted(visits: list[tuple[int, int]], counting: Counting) -> None:
    tallies = [tally(day, place) for day, place in visits]
    seen = far(counting, *tallies, on=20)
    assert seen.earned == len(done(counting, *tallies))
    assert 0 <= seen.done <= seen.wanted
    assert (seen.done == seen.wanted) == (seen.earned == 1)
