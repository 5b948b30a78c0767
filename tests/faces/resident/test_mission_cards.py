"""The card of a mission in every state, in both languages: what is filled, missing, waiting or over."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from uuid import UUID

import pytest
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from meguri.faces.api.missions import _row as api_row
from meguri.faces.design.charts import TallyState
from meguri.faces.resident.missions import TIMES_DRAWN_MOST, _marks, card_of
from meguri.ledger.operations import set_clock_offset
from meguri.parties.rules import Both
from meguri.programmes.points.mission_rules import Progress
from meguri.programmes.points.mission_views import MissionView, RallyPlace
from meguri.words.clock import now
from tests.faces.office.lived import Office
from tests.faces.resident.conftest import seen
from tests.faces.resident.test_missions import stops
from tests.town import Town

__all__ = ["stops"]

FIRST = date(2025, 12, 29)  # a Monday; its week ends in the next year
DAY = timedelta(days=1)
KINDS = ("places", "times", "streak", "first", "comeback")


def view(kind: str, done: int, wanted: int, **more: object) -> MissionView:
    """`completed`, `earned`, `times` go to the progress; everything else to the view."""
    own = {name: more.pop(name) for name in ("completed", "earned", "times", "row", "places_done") if name in more}
    own.setdefault("completed", 0)
    progress = Progress(
        done=done, wanted=wanted, completed=int(str(own["completed"])), earned=int(str(own.get("earned", 0))),
        times=int(str(own.get("times", 1))), row=own.get("row", ()),  # type: ignore[arg-type]
    )
    found = MissionView(
        programme=UUID(int=1), programme_name=Both("健康", "Health"), department="planning", code="round",
        name=Both("めぐり", "Round"), kind=kind, yen=100, goal=Both("する", "do it"), actions=(), first_day=FIRST,
        last_day=FIRST + 30 * DAY, days_left=10, places=(), progress=progress, got_yen=0,
    )
    return replace(found, **more)  # type: ignore[arg-type]


def places(*reached: bool) -> tuple[RallyPlace, ...]:
    return tuple(RallyPlace(UUID(int=each), Both(f"駅{each}", f"Stop {each}"), is_there)
                 for each, is_there in enumerate(reached, start=1))  # fmt: skip


def row(*states: bool | None, step: int = 1) -> tuple[tuple[date, bool | None], ...]:
    return tuple((FIRST + place * step * DAY, state) for place, state in enumerate(states))


FAR: list[tuple[MissionView, tuple[str, str], tuple[str, str]]] = [
    # the card; how far it says to be; what is missing
    (view("places", 0, 3), ("3か所で達成です", "3 places complete it"), ("", "")),
    (view("places", 0, 1), ("1か所で達成です", "1 place completes it"), ("", "")),
    (view("places", 2, 3), ("3か所のうち2か所まで来ました", "2 of 3 places so far"),
     ("あと1か所です。", "1 place to go.")),
    (view("times", 1, 1_200), ("1,200回のうち1回まで来ました", "1 of 1,200 times so far"),
     ("あと1,199回です。", "1,199 times to go.")),
    (view("times", 0, 1), ("1回で達成です", "1 time completes it"), ("", "")),
    (view("times", 5, 5, completed=1), ("達成しました", "Completed"), ("", "")),
    (view("streak", 2, 3, row=row(True, True, None)), ("3日のうち2日まで来ました", "2 of 3 days so far"),
     ("あと1日です。", "1 day to go.")),
    (view("streak", 1, 3, row=row(True, None, None, step=7)), ("3週のうち1週まで来ました", "1 of 3 weeks so far"),
     ("あと2週です。", "2 weeks to go.")),
    (view("streak", 1, 3, row=row(True, None, None), days_left=0), ("3日のうち1日まで来ました", "1 of 3 days so far"),
     ("", "")),
    (view("first", 0, 1), ("", ""), ("", "")),
    (view("first", 1, 1, completed=1), ("達成しました", "Completed"), ("", "")),
    (view("comeback", 0, 1), ("", ""), ("", "")),
]  # fmt: skip


@pytest.mark.parametrize(("it", "far", "missing"), FAR)
def test_how_far_and_what_is_missing_in_both_languages(
    it: MissionView, far: tuple[str, str], missing: tuple[str, str]
) -> None:
    ja, en = card_of(it, "ja"), card_of(it, "en")
    assert (ja.far, en.far) == far
    assert (ja.missing, en.missing) == missing


@pytest.mark.parametrize(
    ("it", "state"),
    [
        (view("times", 1, 3), "open"), (view("times", 1, 3, days_left=0), "over"),
        (view("times", 3, 3, completed=1, earned=1), "done"), (view("times", 3, 3, completed=0, earned=1), "waits"),
        (view("times", 3, 3, completed=1, earned=2, times=3), "waits"),
        (view("times", 0, 3, completed=1, earned=1, times=3), "open"),
        (view("times", 3, 3, completed=1, earned=1, days_left=0), "done"),
        (view("times", 3, 3, completed=1, earned=2, times=3, days_left=0), "over"),  # nothing tries again
    ],
)  # fmt: skip
def test_the_state_of_a_card(it: MissionView, state: str) -> None:
    assert card_of(it, "ja").state == card_of(it, "en").state == state


def test_the_picture_of_a_rally_is_told_and_open_places_stand_below_until_it_is_done() -> None:
    it = view("places", 1, 2, places=places(True, False, False))
    ja, en = card_of(it, "ja"), card_of(it, "en")
    assert (ja.where, en.where) == ("駅2、駅3", "Stop 2, Stop 3")
    assert ja.chart is not None
    assert en.chart is not None
    assert [each.state for each in _marks(it, "en")] == [TallyState.DONE, TallyState.OPEN, TallyState.OPEN]
    full = view("places", 2, 2, places=places(True, True, False), completed=1)
    assert card_of(full, "ja").where == ""


def test_a_streak_s_days_are_named_and_what_was_left_out_is_a_mark_of_its_own() -> None:
    it = view("streak", 2, 3, row=row(True, False, True, None))
    marks = _marks(it, "ja")
    assert [each.state for each in marks] == [
        TallyState.DONE, TallyState.LEFT_OUT, TallyState.DONE, TallyState.OPEN
    ]  # fmt: skip
    assert len({each.label for each in marks}) == 4
    assert [each["state"] for each in api_row(it).dict()["row"]] == ["done", "left_out", "done", "open"]


def test_so_many_times_are_drawn_only_while_a_picture_says_more_than_a_number() -> None:
    assert len(_marks(view("times", 3, TIMES_DRAWN_MOST), "ja")) == TIMES_DRAWN_MOST
    for it in (view("times", 3, TIMES_DRAWN_MOST + 1), view("first", 0, 1), view("comeback", 1, 1)):
        assert card_of(it, "ja").chart is None


@given(st.sampled_from(KINDS), st.integers(0, 40), st.integers(0, 40), st.booleans())
def test_no_card_whatever_counts_below_nothing_or_says_zero_to_go(kind: str, done: int, more: int, over: bool) -> None:  # noqa: FBT001
    wanted = 1 if kind in ("first", "comeback") else max(1, done + more)
    it = view(kind, min(done, wanted), wanted, days_left=0 if over else 3)
    for language in ("ja", "en"):
        card = card_of(it, language)  # type: ignore[arg-type]
        assert "あと0" not in card.missing
        assert not card.missing.startswith(("0 ", "-"))
        assert "-" not in card.far
        assert bool(card.missing) == (0 < it.progress.done < wanted and not over)
    told = api_row(it)
    assert (told.done, told.wanted, told.kind, told.waits) == (it.progress.done, wanted, kind, False)


def test_the_last_day_is_one_day_in_english(town: Town, office: Office, phone: Client, stops: list[UUID]) -> None:
    last = town.at.replace(year=2026, month=2, day=28)
    set_clock_offset(municipality=town.municipality, offset=last - now())
    told = seen(phone, "get/missions", lang="en")
    assert "(1 day left)" in told
    assert "Visit 3 of 5 places" in told
    assert "(あと1日)" in seen(phone, "get/missions", lang="ja")
    set_clock_offset(municipality=town.municipality, offset=last + DAY - now())
    assert "ミッションはありません" in seen(phone, "get/missions")
