"""Shares are exact over time: nobody is a whole yen away from its share, and no yen is lost."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from meguri.programmes.sharing import WHOLE, ShareState, divide_grant, take_back
from meguri.words.refusal import Refusal

amounts = st.lists(st.integers(min_value=0, max_value=600) | st.integers(0, 10**9), max_size=30)


@st.composite
def weights(draw: st.DrawFn, most: int = 6) -> list[int]:
    """One to six shares that add up to the whole, some of them zero or tiny."""
    cuts = sorted(draw(st.lists(st.integers(0, WHOLE), max_size=most - 1)))
    return [right - left for left, right in zip([0, *cuts], [*cuts, WHOLE], strict=True)]


def states(shares: list[int]) -> list[ShareState]:
    return [ShareState(share_bp=share) for share in shares]


@given(weights(), amounts)
@settings(deadline=None)
def test_parts_add_up_and_no_funder_is_a_whole_yen_away_from_its_share(shares: list[int], grants: list[int]) -> None:
    now, total = states(shares), 0
    for amount in grants:
        parts, now = divide_grant(amount, now)
        total += amount
        assert sum(parts) == amount
        assert min(parts) >= 0
        for state in now:
            assert state.carried == total * state.share_bp - state.granted_yen * WHOLE
            assert abs(state.carried) < WHOLE


@given(weights(), amounts)
@settings(deadline=None)
def test_the_order_and_size_of_grants_do_not_matter_at_a_whole_turn(shares: list[int], grants: list[int]) -> None:
    now = states(shares)
    for amount in grants:
        _, now = divide_grant(amount, now)
    rest = -sum(grants) % WHOLE
    _, now = divide_grant(rest, now)
    turns = (sum(grants) + rest) // WHOLE
    assert [state.granted_yen for state in now] == [turns * share for share in shares]
    assert {state.carried for state in now} == {0}


@given(weights(), amounts, st.integers(1, 10**6))
@settings(deadline=None)
def test_a_reversed_grant_leaves_no_trace_in_the_sums(shares: list[int], grants: list[int], amount: int) -> None:
    before = states(shares)
    for each in grants:
        _, before = divide_grant(each, before)
    parts, after = divide_grant(amount, before)
    assert take_back(parts, after) == before


@given(weights(), st.lists(st.integers(1, 300), min_size=1, max_size=20), st.data())
@settings(deadline=None)
def test_shares_stay_whole_when_any_grants_are_taken_back(
    shares: list[int], grants: list[int], data: st.DataObject
) -> None:
    now, made = states(shares), []
    for amount in grants:
        parts, now = divide_grant(amount, now)
        made.append(parts)
        if data.draw(st.booleans()):
            now = take_back(made.pop(data.draw(st.integers(0, len(made) - 1))), now)
    total = sum(sum(parts) for parts in made)
    assert sum(state.granted_yen for state in now) == total
    assert sum(state.carried for state in now) == 0
    for place, state in enumerate(now):
        assert state.granted_yen == sum(parts[place] for parts in made)
        assert state.carried == total * state.share_bp - state.granted_yen * WHOLE


def test_thirty_percent_of_ten_yen_is_three_yen() -> None:
    now = states([7_000, 3_000])
    for _ in range(100):
        parts, now = divide_grant(10, now)
        assert parts == [7, 3]


def test_one_yen_grants_are_dealt_out_evenly() -> None:
    now = states([7_000, 3_000])
    dealt = []
    for _ in range(20):
        parts, now = divide_grant(1, now)
        dealt.append(parts.index(1))
    assert dealt[:10] == dealt[10:]
    assert dealt[:10].count(1) == 3
    assert "11" not in "".join(map(str, dealt))


def test_at_its_cap_a_funder_stops_and_the_next_in_order_takes_over() -> None:
    now = [ShareState(share_bp=5_000, cap_yen=30), ShareState(share_bp=3_000), ShareState(share_bp=2_000)]
    parts, now = divide_grant(100, now)
    assert parts == [30, 50, 20]
    parts, now = divide_grant(100, now)
    assert parts == [0, 80, 20]
    assert now[0].room_yen == 0


def test_overflow_goes_round_to_the_first_in_order() -> None:
    now = [ShareState(share_bp=5_000), ShareState(share_bp=5_000, cap_yen=10)]
    parts, _ = divide_grant(100, now)
    assert parts == [90, 10]


@given(
    weights(most=4), st.lists(st.integers(0, 200), min_size=4, max_size=4),
    st.lists(st.integers(1, 100), max_size=15),
)
@settings(deadline=None)
def test_caps_hold_and_whoever_asks_for_more_is_refused(shares: list[int], caps: list[int], grants: list[int]) -> None:
    now = [ShareState(share_bp=share, cap_yen=cap) for share, cap in zip(shares, caps, strict=False)]
    whole = sum(state.cap_yen or 0 for state in now)
    for amount in grants:
        room = sum(state.room_yen or 0 for state in now)
        if amount > room:
            with pytest.raises(Refusal) as refused:
                divide_grant(amount, now)
            assert refused.value.code == "shares_exhausted"
            assert refused.value.facts == {"available": room, "wanted": amount}
        else:
            parts, now = divide_grant(amount, now)
            assert sum(parts) == amount
        assert all(state.granted_yen <= (state.cap_yen or 0) for state in now)
    assert sum(state.granted_yen for state in now) <= whole


def test_a_funder_with_no_share_pays_only_what_overflows() -> None:
    now = [ShareState(share_bp=WHOLE, cap_yen=5), ShareState(share_bp=0)]
    parts, _ = divide_grant(8, now)
    assert parts == [5, 3]


@pytest.mark.parametrize("shares", [[5_000, 4_999], [], [10_001]])
def test_shares_that_are_no_whole_are_a_mistake_of_the_program(shares: list[int]) -> None:
    with pytest.raises(ValueError, match="cannot share"):
        divide_grant(1, states(shares))


def test_a_negative_grant_is_a_mistake_of_the_program() -> None:
    with pytest.raises(ValueError, match="cannot share -1 yen"):
        divide_grant(-1, states([WHOLE]))


@given(weights(), amounts, st.integers(1, 50))
@settings(deadline=None)
def test_the_repeating_pattern_gives_what_dealing_yen_by_yen_gives(
    shares: list[int], grants: list[int], by: int
) -> None:
    at_once, one_by_one = states(shares), states(shares)
    for amount in [each % 500 for each in grants]:
        _, at_once = divide_grant(amount, at_once)
        for piece in [by] * (amount // by) + [amount % by]:
            _, one_by_one = divide_grant(piece, one_by_one)
    assert at_once == one_by_one


def test_rests_that_left_the_pattern_are_still_dealt_exactly() -> None:
    first, now = divide_grant(1, states([3_333, 3_333, 3_334]))
    second, now = divide_grant(1, now)
    now = take_back(first, now)
    for amount in (1, 2, 3, 2_500, 10_000, 1):
        parts, now = divide_grant(amount, now)
        assert sum(parts) == amount
        assert all(abs(state.carried) < 2 * WHOLE for state in now)
    total = sum(state.granted_yen for state in now)
    assert total == sum(second) + 12_507
    assert all(state.carried == total * state.share_bp - state.granted_yen * WHOLE for state in now)
