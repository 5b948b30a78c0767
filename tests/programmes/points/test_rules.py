"""Pure decisions about actions: codes, ceilings, words."""

from __future__ import annotations

from datetime import date, timedelta
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from meguri.programmes.parts import Action, Evidence, GrantByAction, Limit, Per, Text, Window
from meguri.programmes.points import rules
from tests.programmes.vouchers.lived_town import moment, refused, unless

SECRET, OTHER = "ab" * 32, "cd" * 32
NOW = moment(7, 10)
YEAR = Window(first_day=date(2025, 4, 1), last_day=date(2026, 3, 31))
NAME = Text(ja="あるく", en="Walk")


def action(*limits: Limit, yen: int = 10) -> Action:
    return Action(code="walk", name=NAME, yen=yen, evidence=Evidence.DEVICE, limits=limits)


def granting(*limits: Limit) -> GrantByAction:
    return GrantByAction(purse="points", actions=(), limits=limits, window=YEAR)


@given(st.integers(0, 10**6), st.integers(0, 300))
def test_a_rotating_code_is_taken_for_one_to_two_minutes(start: int, later: int) -> None:
    shown_at = NOW + timedelta(seconds=start)
    token = rules.place_token(SECRET, code="PARK2367", at=shown_at)
    taken = rules.is_shown(token, secret=SECRET, code="PARK2367", rotating=True, at=shown_at + timedelta(seconds=later))
    if later < 60:
        assert taken
    elif later >= 120:
        assert not taken


def test_a_token_is_bound_to_secret_place_and_kind() -> None:
    token = rules.place_token(SECRET, code="PARK2367", at=NOW)
    printed = rules.place_token(SECRET, code="PARK2367", at=None)
    assert rules.is_shown(token, secret=SECRET, code="PARK2367", rotating=True, at=NOW)
    for secret, code, rotating, given_token in (
        (OTHER, "PARK2367", True, token),
        (SECRET, "BUSS2367", True, token),
        (SECRET, "PARK2367", False, token),
        (SECRET, "PARK2367", True, printed),
    ):
        assert not rules.is_shown(given_token, secret=secret, code=code, rotating=rotating, at=NOW)
    assert rules.is_shown(printed, secret=SECRET, code="PARK2367", rotating=False, at=NOW + timedelta(days=400))


@given(st.text(max_size=30))
def test_any_text_is_a_code_or_a_kind_refusal(text: str) -> None:
    code = unless("action_code_wrong", lambda: rules.split_code(text))
    if code is not None:
        assert all(code)
        assert not rules.is_shown(code[1], secret=SECRET, code=code[0], rotating=True, at=NOW)


def test_ceilings_of_days_months_and_the_whole_time_differ_in_their_lots() -> None:
    programme = uuid4()
    limits = (Limit(per=Per.DAY, times=1), Limit(per=Per.MONTH, yen=100), Limit(per=Per.PROGRAMME, yen=500))

    def lots(on: date) -> list[object]:
        found = rules.ceilings(programme, obtaining=granting(*limits[1:]), action=action(limits[0]), on=on)
        assert [each.name for each in found] == ["day_times", "month_yen", "programme_yen"]
        return [each.allowed for each in found]

    today, tomorrow, august = lots(date(2025, 7, 30)), lots(date(2025, 7, 31)), lots(date(2025, 8, 1))
    assert [a == b for a, b in zip(today, tomorrow, strict=True)] == [False, True, True]
    assert [a == b for a, b in zip(tomorrow, august, strict=True)] == [False, False, True]


def test_the_tightest_yen_cuts_and_an_empty_one_refuses() -> None:
    found = rules.ceilings(
        uuid4(),
        obtaining=granting(Limit(per=Per.MONTH, yen=100)),
        action=action(Limit(per=Per.DAY, yen=50), yen=80),
        on=date(2025, 12, 5),
    )
    day, month = found
    cut = rules.still_earns(80, drawn_on=found, left={month.allowed: 30}, on=date(2025, 12, 5))
    assert (cut.yen, cut.cut_by) == (30, month)
    assert rules.still_earns(80, drawn_on=found, left={}, on=date(2025, 12, 5)).cut_by == day
    with refused("action_ceiling_reached") as caught:
        rules.still_earns(80, drawn_on=found, left={month.allowed: 0}, on=date(2025, 12, 5))
    assert "1月1日" in caught.value.sentence("ja")
    assert "1 January" in caught.value.sentence("en")


@pytest.mark.parametrize(
    ("limit", "words"),
    [
        (Limit(per=Per.DAY, times=2), ("この行動の1日の上限2回", "the limit of 2 times a day for this action")),
        (
            Limit(per=Per.PROGRAMME, yen=1_000),
            ("この行動の期間中の上限1,000円", "the limit of 1,000 yen for the whole time for this action"),
        ),
    ],
)
def test_a_limit_is_named_in_both_languages(limit: Limit, words: tuple[str, str]) -> None:
    (found,) = rules.ceilings(uuid4(), obtaining=granting(), action=action(limit), on=date(2025, 7, 1))
    assert (found.words.ja, found.words.en) == words


def test_the_code_changes_at_the_full_minute() -> None:
    assert rules.changes_at(NOW + timedelta(seconds=59)) == NOW + timedelta(seconds=60)
    assert rules.changes_at(NOW) == NOW + timedelta(seconds=60)
