"""Funders' shares after grants were taken back, at caps, and over large sums: where a yen could go astray."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from meguri.programmes.sharing import SHARES_EXHAUSTED, WHOLE, ShareState, divide_grant, take_back
from tests.programmes.vouchers.lived_town import refused, unless

SPLITS = [[7_000, 3_000], [5_000, 5_000], [2_500, 2_500, 5_000], [10_000], [0, 10_000], [3_333, 3_333, 3_334]]
"""Most agreements are of round shares, whose pattern repeats after few yen."""
splits = st.sampled_from(SPLITS)
large = st.integers(1, 300) | st.integers(10**4, 10**10)


def states(shares: list[int], caps: list[int | None] | None = None) -> list[ShareState]:
    capped = caps or [None] * len(shares)
    return [ShareState(share_bp=share, cap_yen=cap) for share, cap in zip(shares, capped, strict=True)]


def stand_apart(shares: list[int], first: int, second: int) -> tuple[list[ShareState], int]:
    """Two grants of which the first was taken back: rests that no sum of grants from the start would leave."""
    parts, now = divide_grant(first, states(shares))
    _, now = divide_grant(second, now)
    return take_back(parts, now), second


@given(splits, st.integers(1, 30), st.integers(1, 30), large)
def test_large_grants_after_a_reversal_are_shared_to_the_yen(
    shares: list[int], first: int, second: int, amount: int
) -> None:
    now, before = stand_apart(shares, first, second)
    parts, after = divide_grant(amount, now)
    assert sum(parts) == amount
    assert min(parts) >= 0
    for part, share, state, earlier in zip(parts, shares, after, now, strict=True):
        assert state.granted_yen == earlier.granted_yen + part
        assert state.carried == (before + amount) * share - state.granted_yen * WHOLE
        assert abs(state.carried) < 2 * WHOLE


@given(splits, st.integers(1, 30), st.integers(1, 30), st.integers(1, 5))
def test_whole_turns_leave_the_rests_as_they_are(shares: list[int], first: int, second: int, turns: int) -> None:
    now, _ = stand_apart(shares, first, second)
    parts, after = divide_grant(turns * WHOLE, now)
    assert parts == [turns * share for share in shares]
    assert [state.carried for state in after] == [state.carried for state in now]


@given(splits, st.integers(1, 30), st.integers(1, 30), st.lists(st.integers(1, 40), min_size=1, max_size=6))
def test_one_grant_or_many_differ_by_a_yen_of_rounding_at_most(
    shares: list[int], first: int, second: int, amounts: list[int]
) -> None:
    now, _ = stand_apart(shares, first, second)
    _, at_once = divide_grant(sum(amounts), now)
    for amount in amounts:
        _, now = divide_grant(amount, now)
    assert all(abs(one.granted_yen - other.granted_yen) <= 1 for one, other in zip(now, at_once, strict=True))


@given(splits, st.lists(large, min_size=1, max_size=8), st.randoms(use_true_random=False))
def test_when_everything_was_taken_back_nothing_was_ever_granted(
    shares: list[int], amounts: list[int], chance: object
) -> None:
    now, made = states(shares), []
    for amount in amounts:
        parts, now = divide_grant(amount, now)
        made.append(parts)
    chance.shuffle(made)  # type: ignore[attr-defined]
    for parts in made:
        now = take_back(parts, now)
    assert now == states(shares)


@given(splits, st.lists(st.integers(1, 200), min_size=1, max_size=10), st.data())
@settings(max_examples=60)
def test_a_cap_is_full_only_of_what_still_stands(shares: list[int], amounts: list[int], data: st.DataObject) -> None:
    caps: list[int | None] = [data.draw(st.none() | st.integers(0, 300)) for _ in shares]
    now, made = states(shares, caps), []
    for amount in amounts:
        answer = unless("shares_exhausted", lambda amount=amount, now=now: divide_grant(amount, now))  # type: ignore[misc]
        if answer is None:
            room = [state.room_yen for state in now]
            assert None not in room
            assert sum(each or 0 for each in room) < amount
            continue
        parts, now = answer
        made.append(parts)
        if data.draw(st.booleans()):
            now = take_back(made.pop(data.draw(st.integers(0, len(made) - 1))), now)
        for place, state in enumerate(now):
            assert state.granted_yen == sum(parts[place] for parts in made)
            assert state.cap_yen is None or 0 <= state.granted_yen <= state.cap_yen
            assert state.room_yen == (None if state.cap_yen is None else state.cap_yen - state.granted_yen)


def test_a_funder_whose_cap_was_freed_pays_its_share_again() -> None:
    now = states([5_000, 5_000], [20, None])
    first, now = divide_grant(40, now)
    second, now = divide_grant(40, now)
    assert (first, second) == ([20, 20], [0, 40])
    third, now = divide_grant(40, take_back(first, now))
    assert third == [20, 20]
    assert [state.granted_yen for state in now] == [20, 60]


def test_overflow_goes_to_the_next_in_order_and_not_to_the_richest() -> None:
    shares = [ShareState(share_bp=6_000, cap_yen=0), ShareState(share_bp=1_000, cap_yen=30), ShareState(share_bp=3_000)]
    parts, _ = divide_grant(100, shares)
    assert parts == [0, 30, 70]
    last = [ShareState(share_bp=1_000), ShareState(share_bp=3_000), ShareState(share_bp=6_000, cap_yen=10)]
    assert divide_grant(100, last)[0] == [60, 30, 10]


def test_caps_that_leave_too_little_refuse_the_whole_grant_and_say_both_sums() -> None:
    now = states([5_000, 5_000], [20, 10])
    with refused("shares_exhausted") as caught:
        divide_grant(31, now)
    assert caught.value.facts == {"available": 30, "wanted": 31}
    assert "あと30円・必要なのは31円" in caught.value.sentence("ja")
    assert "(30 yen left, 31 needed)" in caught.value.sentence("en")
    parts, after = divide_grant(30, now)
    assert parts == [20, 10]
    assert [state.room_yen for state in after] == [0, 0]
    assert SHARES_EXHAUSTED.status == 409


@pytest.mark.parametrize("shares", [[500, 500, 3_000, 3_000, 3_000], [2_200, 5_400, 2_000, 300, 100]])
def test_whoever_would_fall_behind_soonest_pays_next_and_not_whoever_is_owed_most(shares: list[int]) -> None:
    """Dealt by the largest rest, a funder of these agreements would stand a whole yen ahead after 10, or 50 yen."""
    now = states(shares)
    for _ in range(200):
        _, now = divide_grant(1, now)
        assert all(abs(state.carried) < WHOLE for state in now)
    assert [state.granted_yen for state in now] == [share // 50 for share in shares]


def test_room_never_falls_below_nothing() -> None:
    """A cap may be lowered by an amendment below what was granted already."""
    over = replace(ShareState(share_bp=WHOLE, cap_yen=10), granted_yen=25)
    assert over.room_yen == 0
    with refused("shares_exhausted"):
        divide_grant(1, [over])
    assert divide_grant(0, [over])[0] == [0]


@pytest.mark.parametrize("shares", [[], [9_999], [5_000, 5_001], [10_000, 10_000]])
def test_shares_that_are_not_a_whole_are_a_mistake_of_the_program(shares: list[int]) -> None:
    with pytest.raises(ValueError, match="cannot share 5 yen"):
        divide_grant(5, states(shares))


def test_a_negative_grant_is_a_mistake_of_the_program() -> None:
    with pytest.raises(ValueError, match="cannot share -1 yen"):
        divide_grant(-1, states([10_000]))
