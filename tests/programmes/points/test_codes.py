"""The code that a place shows: taken while it is shown and just after, and from nobody who guesses."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from meguri.parties.rules import Both
from meguri.programmes.parts import Action, Evidence, GrantByAction, Text, Window
from meguri.programmes.points import rules
from tests.programmes.vouchers.lived_town import moment, refused

SECRET = "5e" * 32
PLACE = "PARK2367"
NOON = moment(7, 10)
SIGNS = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
seconds = st.integers(0, 3 * 86_400)


def shown(offset: float) -> str:
    return rules.place_token(SECRET, code=PLACE, at=NOON + timedelta(seconds=offset))


def taken(token: str, offset: float, *, rotating: bool = True) -> bool:
    at = NOON + timedelta(seconds=offset)
    return rules.is_shown(token, secret=SECRET, code=PLACE, rotating=rotating, at=at)


@given(seconds, st.integers(-300, 300))
def test_a_code_is_taken_in_its_own_minute_and_the_next_and_in_no_other(start: int, later: int) -> None:
    minutes = (start + later) // 60 - start // 60
    assert taken(shown(start), start + later) == (minutes in (0, 1))


@given(seconds)
def test_the_code_stands_until_the_moment_that_is_announced(start: int) -> None:
    at = NOON + timedelta(seconds=start)
    ends = rules.changes_at(at)
    assert timedelta() < ends - at <= timedelta(seconds=60)
    just_before, then = ((ends - NOON).total_seconds() - 1, (ends - NOON).total_seconds())
    assert shown(start) == shown(just_before) != shown(then)


def test_fractions_of_a_second_belong_to_their_minute() -> None:
    assert shown(59.999) == shown(0)
    ends = rules.changes_at(NOON + timedelta(seconds=59, microseconds=999_999))
    assert ends == NOON + timedelta(seconds=60)


@given(st.binary(min_size=32, max_size=32), st.text("ABCDEFGHJ23456789", min_size=8, max_size=8), seconds)
def test_a_token_is_eight_signs_that_nobody_mistakes(secret: bytes, code: str, start: int) -> None:
    for at in (NOON + timedelta(seconds=start), None):
        token = rules.place_token(secret.hex(), code=code, at=at)
        assert len(token) == 8
        assert set(token) <= set(SIGNS)
        assert rules.split_code(f" {code.lower()}-{token.lower()}\n") == (code, token)


def test_a_printed_code_is_for_good_and_no_code_of_a_minute() -> None:
    printed = rules.place_token(SECRET, code=PLACE, at=None)
    for later in (0, 60, 86_400 * 365):
        assert taken(printed, later, rotating=False)
        assert not taken(printed, later)
        assert not taken(shown(later), later, rotating=False)


@given(st.integers(0, 31**4 - 1), st.integers(1, 6))
def test_signs_count_like_digits_the_smallest_first(number: int, length: int) -> None:
    signs = rules.signs_of(number, length=length)
    assert len(signs) == length
    value = sum(SIGNS.index(sign) * 31**place for place, sign in enumerate(signs))
    assert value == number % 31**length


@pytest.mark.parametrize("text", ["", "-", "PARK2367", "PARK2367-", "-7K2QXM9D", "   ", "PARK2367 7K2QXM9D"])
def test_half_a_code_is_refused_with_what_to_do(text: str) -> None:
    with refused("action_code_wrong") as caught:
        rules.split_code(text)
    assert caught.value.field == "code"
    assert "もう一度読み取ってください" in caught.value.sentence("ja")
    assert "scan the code shown at the place again" in caught.value.sentence("en")


def test_the_first_dash_parts_place_and_token() -> None:
    assert rules.split_code("park2367-7k2q-xm9d") == ("PARK2367", "7K2Q-XM9D")


# --- when an action is open -------------------------------------------------------------------------------------------


def days(first: date, last: date) -> Window:
    return Window(first_day=first, last_day=last)


def action(window: Window | None = None, code: str = "walk") -> Action:
    return Action(
        code=code, name=Text(ja="あるく", en="Walk"), yen=10, evidence=Evidence.DEVICE, window=window
    )


def granting(window: Window, *actions: Action) -> GrantByAction:
    return GrantByAction(purse="points", actions=actions, limits=(), window=window)


JULY, SUMMER = days(date(2025, 7, 1), date(2025, 7, 31)), days(date(2025, 6, 1), date(2025, 8, 31))


@pytest.mark.parametrize(("own", "whole"), [(None, JULY), (JULY, SUMMER), (SUMMER, JULY), (JULY, JULY)])
def test_an_action_is_open_while_both_windows_are(own: Window | None, whole: Window) -> None:
    walk, everything = action(own), granting(whole)
    first, over = moment(6, 30, 15), moment(7, 31, 15)  # midnight in Japan
    for at in (first, moment(7, 10), over - timedelta(microseconds=1)):
        rules.require_open(walk, everything, at=at)
    with refused("action_too_early") as early:
        rules.require_open(walk, everything, at=first - timedelta(microseconds=1))
    assert early.value.sentence("ja") == "「あるく」の受付は2025年7月1日からです。"
    assert early.value.sentence("en") == "“Walk” starts on 1 July 2025."
    with refused("action_closed") as closed:
        rules.require_open(walk, everything, at=over)
    assert closed.value.sentence("ja") == "「あるく」の受付は終わりました。"
    assert closed.value.sentence("en") == "“Walk” is over."


def test_an_action_is_found_by_its_code_alone() -> None:
    walk, cycle = action(), action(code="cycle")
    offered = granting(JULY, walk, cycle)
    assert rules.find_action(offered, "cycle") is cycle
    assert rules.find_action(offered, "walk") is walk
    for code in ("", "Walk", "swim"):
        with refused("action_unknown") as caught:
            rules.find_action(offered, code)
        assert caught.value.kind.status == 404


def test_days_are_said_as_japan_counts_them() -> None:
    assert rules.said(moment(7, 31, 15)) == Both("2025年8月1日", "1 August 2025")
    assert rules.said_last_day(moment(7, 31, 15)) == Both("2025年7月31日", "31 July 2025")
    assert rules.named(action()) == Both("あるく", "Walk")


def test_every_kind_of_evidence_and_state_has_words() -> None:
    assert set(rules.EVIDENCES) == set(Evidence)
    assert all(words.ja and words.en for words in (*rules.EVIDENCES.values(), *rules.STATES.values()))
    assert {Evidence.STAFF_CONFIRMS, Evidence.PARTNER_CONFIRMS, Evidence.PHOTO} == rules.CONFIRMED
