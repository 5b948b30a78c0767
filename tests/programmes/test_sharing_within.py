"""A grant that the funds' money bounds: as much of it as all funders carry together, found against plain counting."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from meguri.programmes.sharing import WHOLE, ShareState, divide_grant, divide_within, take_back
from meguri.words.refusal import Refusal


def states(*shares_bp: int, caps: tuple[int | None, ...] = ()) -> list[ShareState]:
    wanted = caps or (None,) * len(shares_bp)
    return [ShareState(share_bp=bp, cap_yen=cap) for bp, cap in zip(shares_bp, wanted, strict=True)]


@st.composite
def agreements(draw: st.DrawFn) -> list[ShareState]:
    """Up to four funders, some with a cap, after some grants, one of them perhaps taken back."""
    cuts = sorted(draw(st.lists(st.integers(1, WHOLE - 1), max_size=3, unique=True)))
    shares = [high - low for low, high in zip([0, *cuts], [*cuts, WHOLE], strict=True)]
    caps = [draw(st.one_of(st.none(), st.integers(0, 300))) for _ in shares]
    found = states(*shares, caps=tuple(caps))
    for yen in draw(st.lists(st.integers(0, 60), max_size=3)):
        try:
            parts, after = divide_grant(yen, found)
        except Refusal:
            break
        found = take_back(parts, after) if draw(st.booleans()) else after
    return found


def by_counting(amount: int, shares: list[ShareState], left: list[int]) -> int:
    """Yen by yen from the whole downwards."""
    for yen in range(amount, -1, -1):
        parts, _ = divide_grant(yen, shares)
        if all(part <= has for part, has in zip(parts, left, strict=True)):
            return yen
    raise AssertionError("nothing at all can always be paid")


@given(shares=agreements(), amount=st.integers(0, 120), data=st.data())
def test_it_is_the_most_that_all_can_pay(shares: list[ShareState], amount: int, data: st.DataObject) -> None:
    left = data.draw(st.lists(st.integers(0, 90), min_size=len(shares), max_size=len(shares)))
    try:
        divide_grant(amount, shares)
    except Refusal as refusal:
        with pytest.raises(Refusal, match=refusal.code):
            divide_within(amount, shares, left=left)
        return
    parts, after = divide_within(amount, shares, left=left)
    assert sum(parts) == by_counting(amount, shares, left)
    assert all(0 <= part <= has for part, has in zip(parts, left, strict=True))
    assert (parts, after) == divide_grant(sum(parts), shares)


@given(shares=agreements(), amount=st.integers(0, 150))
def test_no_part_shrinks_when_the_grant_grows(shares: list[ShareState], amount: int) -> None:
    """What the halving rests on."""
    try:
        more, _ = divide_grant(amount + 1, shares)
    except Refusal:
        return
    less, _ = divide_grant(amount, shares)
    assert all(few <= many for few, many in zip(less, more, strict=True))


@pytest.mark.parametrize(("left", "parts"), [
    ([100, 100], [35, 15]),
    ([35, 15], [35, 15]),
    ([34, 15], [34, 15]),
    ([7, 100], [7, 3]),
    ([0, 100], [0, 0]),
    ([100, 0], [2, 0]),
    ([0, 0], [0, 0]),
])  # fmt: skip
def test_an_empty_fund_stops_the_grant_of_both(left: list[int], parts: list[int]) -> None:
    found, after = divide_within(50, states(7_000, 3_000), left=left)
    assert found == parts
    assert [each.granted_yen for each in after] == parts


def test_beside_an_empty_fund_the_other_runs_less_than_a_yen_ahead() -> None:
    """Whole yen cannot be divided: after two yen of ten the larger funder is 0.6 ahead, and stops there."""
    shares = states(7_000, 3_000)
    given_in_all = 0
    for _ in range(20):
        parts, shares = divide_within(50, shares, left=[1_000, 0])
        given_in_all += sum(parts)
    assert given_in_all == 2
    assert abs(shares[0].carried) < WHOLE


def test_a_cap_lets_a_part_go_over_but_an_empty_fund_does_not() -> None:
    capped = states(5_000, 5_000, caps=(10, None))
    assert divide_within(50, capped, left=[100, 100])[0] == [10, 40], "as the agreement says"
    assert divide_within(50, capped, left=[100, 25])[0] == [10, 25]
    assert divide_within(50, states(5_000, 5_000), left=[10, 100])[0] == [10, 10]


def test_a_fund_that_stands_alone_gives_its_last_yen() -> None:
    assert divide_within(50, states(WHOLE), left=[20])[0] == [20]
    assert divide_within(0, states(WHOLE), left=[20])[0] == [0]
