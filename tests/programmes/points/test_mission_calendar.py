"""Streaks, rallies and first times where the calendar bites: month ends, years, leap days, Mondays, windows' edges."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from meguri.notices.rules import Wording
from meguri.parties.rules import Both
from meguri.programmes.mission_parts import Comeback, Counting, FirstTime, Mission, Rally, SoOften, Span, Streak
from meguri.programmes.part import Text, Window
from meguri.programmes.parts import GrantByAction
from meguri.programmes.points import mission_rules, mission_wording
from meguri.programmes.points.mission_rules import Progress, Tally, completions, progress
from tests.programmes.builders import POINT, changed

DAY = timedelta(days=1)
LONG = Window(first_day=date(2023, 4, 1), last_day=date(2026, 3, 31))
KINDS: list[Counting] = [
    Rally(wanted=2, places=4), SoOften(wanted=3), Streak(wanted=3), Streak(wanted=2, grace=1),
    Streak(wanted=2, span=Span.WEEK), FirstTime(), Comeback(days=4),
]  # fmt: skip


def mission(counting: Counting, **more: Any) -> Mission:
    return Mission(
        code="round", name=Text(ja="めぐり", en="Round"), yen=100, actions=("bus",), counting=counting, **more
    )


def tallies(*days: date, places: tuple[int, ...] = ()) -> list[Tally]:
    at = [UUID(int=each) for each in places] or [None] * len(days)
    return [Tally(day, turn, place) for turn, (day, place) in enumerate(zip(days, at, strict=True))]


def done(counting: Counting, *days: date, window: Window = LONG, **more: Any) -> list[date]:
    return [each.day for each in completions(mission(counting, **more), tallies(*days), window=window)]


def far(counting: Counting, *days: date, on: date, window: Window = LONG, **more: Any) -> Progress:
    return progress(mission(counting, **more), tallies(*days), window=window, on=on, completed=0)


def span(first: date, count: int) -> list[date]:
    return [first + each * DAY for each in range(count)]


# --- the calendar ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "first",
    [date(2025, 6, 29), date(2025, 12, 30), date(2024, 2, 28), date(2025, 2, 27), date(2025, 3, 30)],
    ids=["month", "year", "leap", "no-leap", "fiscal-year"],
)
def test_days_follow_one_on_another_over_the_ends_of_months_and_years(first: date) -> None:
    days = span(first, 4)
    assert done(Streak(wanted=4), *days) == [days[-1]]
    assert done(Streak(wanted=4), *days[:2], *days[3:]) == []
    assert done(Streak(wanted=3, grace=1), *days[:2], *days[3:]) == [days[-1]]


def test_the_leap_day_is_a_day_that_can_be_missed() -> None:
    around = (date(2024, 2, 28), date(2024, 3, 1))
    assert done(Streak(wanted=2), *around) == []
    assert done(Streak(wanted=2), date(2025, 2, 28), date(2025, 3, 1)) == [date(2025, 3, 1)]


def test_weeks_go_on_over_the_new_year_whatever_number_they_have() -> None:
    """29 December 2025 is the Monday of a week that ends in 2026: numbers of weeks of a year would break here."""
    weeks = Streak(wanted=3, span=Span.WEEK)
    assert done(weeks, date(2025, 12, 28), date(2025, 12, 29), date(2026, 1, 5)) == [date(2026, 1, 5)]
    assert done(weeks, date(2025, 12, 29), date(2026, 1, 4), date(2026, 1, 5)) == []  # the first two are one week
    row = far(weeks, date(2025, 12, 31), on=date(2026, 1, 2)).row
    assert [day for day, _ in row] == [date(2025, 12, 29), date(2026, 1, 5), date(2026, 1, 12)]


@given(st.dates(date(2023, 4, 1), date(2025, 12, 31)))
def test_the_row_of_weeks_always_begins_on_a_monday_and_holds_today(today: date) -> None:
    row = far(Streak(wanted=4, span=Span.WEEK, grace=1), on=today).row
    assert len(row) == 5
    assert all(day.weekday() == 0 for day, _ in row)
    assert row[0][0] <= today < row[1][0]


# --- grace at either end ---------------------------------------------------------------------------------------------


def test_rest_before_the_first_day_and_after_the_last_is_no_rest() -> None:
    first = date(2025, 6, 10)
    streak = Streak(wanted=3, grace=2)
    assert done(streak, first, first + 1 * DAY, first + 4 * DAY) == [first + 4 * DAY]  # both rests in the middle
    assert done(streak, first, first + 1 * DAY, first + 5 * DAY) == []  # three are too many
    assert done(streak, first, first + 2 * DAY, first + 3 * DAY, first + 5 * DAY) == [first + 3 * DAY]


def test_the_streak_is_open_while_the_rest_lasts_and_gone_the_day_after() -> None:
    first = date(2025, 6, 10)
    streak = Streak(wanted=3, grace=2)
    for later, still in ((1, 1), (2, 1), (3, 1), (4, 0)):
        seen = far(streak, first, on=first + later * DAY)
        assert seen.done == still, later
        assert seen.row[0][0] == (first if still else first + later * DAY)
    assert [state for _, state in far(streak, first, on=first + 3 * DAY).row] == [True, False, False, None, None]


def test_a_later_start_is_kept_when_the_earliest_breaks() -> None:
    first = date(2025, 6, 10)
    seen = far(Streak(wanted=4, grace=1), first, first + 3 * DAY, first + 4 * DAY, on=first + 5 * DAY)
    assert seen.row[0][0] == first + 3 * DAY
    assert seen.done == 2


@given(st.sets(st.integers(0, 25), max_size=12), st.integers(2, 4), st.integers(0, 3), st.integers(0, 25))
def test_whoever_goes_on_every_day_completes_what_the_row_promises(
    days: set[int], wanted: int, grace: int, today: int
) -> None:
    """Plain: do it today and every day that the row still shows open; it is complete when the row is full."""
    first = date(2025, 6, 2)
    before = [first + each * DAY for each in sorted(days) if each < today]
    streak = Streak(wanted=wanted, grace=grace)
    seen = far(streak, *before, on=first + today * DAY)
    if seen.earned:
        return
    still = [day for day, state in seen.row if state is None]
    assert len(still) >= wanted - seen.done, "enough days are left"
    assert done(streak, *before, *still[: wanted - seen.done]) != []


# --- windows ---------------------------------------------------------------------------------------------------------


def test_a_window_that_ends_within_a_streak_ends_it() -> None:
    window = Window(first_day=date(2025, 6, 1), last_day=date(2025, 6, 30))
    over = span(date(2025, 6, 29), 3)
    assert done(Streak(wanted=3), *over, window=window) == []
    assert done(Streak(wanted=2), *over, window=window) == [date(2025, 6, 30)]
    assert done(Streak(wanted=3), *span(date(2025, 5, 31), 4), window=window) == [date(2025, 6, 3)]
    weeks = Streak(wanted=2, span=Span.WEEK)
    assert done(weeks, date(2025, 6, 29), date(2025, 6, 30), window=window) == [date(2025, 6, 30)]
    assert done(weeks, date(2025, 6, 29), date(2025, 7, 1), window=window) == []  # the week is in, the day is not


def test_a_window_of_one_day() -> None:
    only = Window(first_day=date(2025, 6, 15), last_day=date(2025, 6, 15))
    assert done(FirstTime(), date(2025, 6, 15), window=only) == [date(2025, 6, 15)]
    assert done(FirstTime(), date(2025, 6, 14), date(2025, 6, 15), window=only) == []
    assert done(SoOften(wanted=1), date(2025, 6, 15), date(2025, 6, 15), window=only, times=5) == [only.last_day] * 2
    assert done(Comeback(days=3), date(2025, 6, 11), date(2025, 6, 15), window=only) == [date(2025, 6, 15)]


def test_what_the_window_counts_is_what_is_asked_of_an_action() -> None:
    grant = changed(POINT, {"obtaining.missions": []}).obtaining
    assert isinstance(grant, GrantByAction)
    own = Window(first_day=grant.window.first_day + DAY, last_day=grant.window.first_day + 3 * DAY)
    for of in (mission(SoOften(wanted=1)), mission(SoOften(wanted=1), window=own)):
        window = own if of.window else grant.window
        edges = (window.first_day - DAY, window.first_day, window.last_day, window.last_day + DAY)
        asked = [mission_rules.counts(of, grant, action="bus", on=day) for day in edges]
        assert asked == [False, True, True, False]
        assert not mission_rules.counts(of, grant, action="walk", on=window.first_day)
        assert mission_rules.last_chance(of, grant) == window.last_day
        assert mission_rules.days_left(of, grant, on=window.last_day - DAY) == 2


# --- coming back -----------------------------------------------------------------------------------------------------


@given(st.dates(date(2023, 4, 1), date(2024, 12, 31)), st.integers(1, 300))
def test_one_comes_back_on_the_very_day_and_not_one_before(last: date, days: int) -> None:
    back = last + (days + 1) * DAY  # so many whole days lie between
    assert done(Comeback(days=days), last, back) == [back]
    assert done(Comeback(days=days), last, back - DAY) == []
    assert done(Comeback(days=days), last, last, back, back) == [back], "twice on a day is no second comeback"


def test_every_lapse_is_one_up_to_the_times() -> None:
    days = [date(2024, 1, 1) + each * 11 * DAY for each in range(5)]
    assert done(Comeback(days=10), *days, times=3) == days[1:4]
    assert done(Comeback(days=10), *reversed(days), times=9) == days[1:]


def test_a_day_within_the_lapse_ends_it() -> None:
    assert done(Comeback(days=10), date(2024, 1, 1), date(2024, 1, 6), date(2024, 1, 12)) == []


# --- whatever the order ----------------------------------------------------------------------------------------------

STEPS = st.lists(st.tuples(st.integers(0, 30), st.integers(1, 4)), max_size=10)


@given(STEPS, st.sampled_from(KINDS), st.integers(1, 3), st.randoms(use_true_random=False))
def test_the_order_of_reporting_says_nothing(
    steps: list[tuple[int, int]], counting: Counting, times: int, shaken: Any
) -> None:
    first = date(2024, 12, 20)
    found = [Tally(first + day * DAY, turn, UUID(int=place)) for turn, (day, place) in enumerate(steps)]
    of = mission(counting, times=times)
    straight = completions(of, found, window=LONG)
    shaken.shuffle(found)
    assert completions(of, found, window=LONG) == straight
    assert straight == sorted(straight)
    assert len(straight) <= times


@given(STEPS, st.sampled_from(KINDS), st.integers(1, 3), st.integers(0, 40))
def test_the_page_never_shows_more_than_is_wanted_nor_a_bonus_that_is_not_earned(
    steps: list[tuple[int, int]], counting: Counting, times: int, today: int
) -> None:
    first = date(2024, 12, 20)
    found = [Tally(first + day * DAY, turn, UUID(int=place)) for turn, (day, place) in enumerate(steps)]
    of = mission(counting, times=times)
    earned = len(completions(of, found, window=LONG))
    for given_yet in range(earned + 1):
        seen = progress(of, found, window=LONG, on=first + today * DAY, completed=given_yet)
        assert 0 <= seen.done <= seen.wanted == mission_rules.wanted_of(of)
        assert seen.waits == (given_yet < earned)
        assert seen.is_over == (given_yet == times)
        assert len(seen.places) <= seen.wanted
        assert seen.since == (max(each.day for each in found) if found else None)


# --- in words --------------------------------------------------------------------------------------------------------

GOALS: list[tuple[Counting, str, str]] = [
    (Rally(wanted=3, places=5), "5か所のうち3か所をまわる", "visit 3 of 5 places"),
    (Rally(wanted=1, places=1), "1か所のうち1か所をまわる", "visit 1 of 1 place"),
    (SoOften(wanted=10), "10回する", "do it 10 times"),
    (SoOften(wanted=1), "1回する", "do it once"),
    (Streak(wanted=7), "7日続ける", "7 days in a row"),
    (Streak(wanted=7, grace=2), "7日続ける(途中で2日まで休める)", "7 days in a row (you may leave out 2 on the way)"),
    (Streak(wanted=4, span=Span.WEEK), "4週間続ける", "4 weeks in a row"),
    (Streak(wanted=4, span=Span.WEEK, grace=1), "4週間続ける(途中で1週まで休める)",
     "4 weeks in a row (you may leave out 1 on the way)"),
    (FirstTime(), "はじめてする", "do it for the first time"),
    (Comeback(days=30), "30日以上あいたあとに、またする", "do it again after 30 days or more without"),
    (Comeback(days=1), "1日以上あいたあとに、またする", "do it again after 1 day or more without"),
]  # fmt: skip


@pytest.mark.parametrize(("counting", "ja", "en"), GOALS, ids=[each[2] for each in GOALS])
def test_every_goal_reads_well_in_both_languages(counting: Counting, ja: str, en: str) -> None:
    assert mission_wording.goal(counting) == Both(ja, en)


def test_every_way_of_counting_has_a_name_under_its_tag() -> None:
    assert set(mission_wording.KINDS) == {type(each) for each in KINDS}
    assert set(mission_wording.KINDS_BY_NAME) == {"places", "times", "streak", "first", "comeback"}


def both(wording: Wording) -> tuple[str, str]:
    return wording.title_ja + wording.text_ja, wording.title_en + wording.text_en


def test_a_bonus_is_told_with_what_cut_it_what_it_repaid_and_until_when() -> None:
    plain = both(mission_wording.completed(mission(FirstTime()), yen=1_100, cut_by=None, until=None))
    assert plain == ("「めぐり」を達成しましたおめでとうございます。ボーナス1,100円分のポイントが付きました。",
                     "You completed “Round”Well done: a bonus of 1,100 yen in points came in.")  # fmt: skip
    ja, en = both(mission_wording.completed(
        mission(FirstTime()), yen=50, cut_by=Both("1か月の上限", "the limit of a month"), repaid_yen=20,
        until=Both("2025年9月30日", "30 September 2025"),
    ))  # fmt: skip
    for word in ("1か月の上限に届いたため", "うち20円分は", "2025年9月30日まで使えます"):
        assert word in ja, word
    for word in ("You have reached the limit of a month", "20 yen of it made up", "good until 30 September 2025."):
        assert word in en, word


@pytest.mark.parametrize(
    ("owed", "gone", "ja", "en"),
    [(0, 0, (), ()), (30, 0, ("残りの30円分",), ("30 yen were spent already",)),
     (0, 40, ("40円分はすでに町に戻っている",), ("40 yen had gone back to the town",)),
     (30, 40, ("残りの30円分", "40円分はすでに"), ("30 yen were spent", "40 yen had gone back"))],
)  # fmt: skip
def test_what_is_taken_back_is_told_to_the_yen(owed: int, gone: int, ja: tuple[str, ...], en: tuple[str, ...]) -> None:
    told = both(mission_wording.taken_back(
        mission(FirstTime()), reason="誤り", back_yen=100 - owed - gone, owed_yen=owed, gone_yen=gone
    ))  # fmt: skip
    left = 100 - owed - gone
    for text, parts, back in ((told[0], ja, f"{left}円分を"), (told[1], en, f"{left} yen of")):
        assert back in text
        assert all(each in text for each in parts)
        assert ("残り" in text or "spent already" in text) == bool(owed)
        assert "誤り" in text
