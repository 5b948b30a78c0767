"""How several funders carry one grant: shares exact over time, caps, and the order of overflow. Pure.

Each funder is owed so many 1/10,000 yen of every yen granted. What rounding leaves is carried: after any sequence of
grants no funder is a whole yen away from its exact share (caps apart), and every grant is divided without rest.
The yen go round by the earliest deadline: next pays the funder who would otherwise be a whole yen behind first
(R. Tijdeman, "The chairman assignment problem", 1980). Largest remainders alone would drift with three funders.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from math import gcd

from meguri.words.refusal import declare

WHOLE = 10_000
"""Shares add up to this many 1/100 %."""

SHARES_EXHAUSTED = declare(
    "shares_exhausted",
    ja="分担の上限に達しました(あと{available}円・必要なのは{wanted}円)。",
    en="The funders' caps are reached ({available} yen left, {wanted} needed).",
)


@dataclass(frozen=True, slots=True)
class ShareState:
    """One funder: its share, its cap and what it has carried (yen), and the rest (1/10,000 yen) that it owes."""

    share_bp: int
    cap_yen: int | None = None
    granted_yen: int = 0
    carried: int = 0  # positive: behind its share; negative: ahead of it

    @property
    def room_yen(self) -> int | None:
        """What it may still carry; None without a cap."""
        return None if self.cap_yen is None else max(0, self.cap_yen - self.granted_yen)


def divide_grant(amount: int, shares: Sequence[ShareState]) -> tuple[list[int], list[ShareState]]:
    """The funders' parts of `amount` yen, in their order, and their states afterwards.

    The parts add up to `amount`. Raises Refusal `shares_exhausted` when the caps leave less room;
    ValueError for a negative amount or shares that are not a whole.
    """
    if amount < 0 or sum(share.share_bp for share in shares) != WHOLE:
        raise ValueError(f"cannot share {amount} yen by {[share.share_bp for share in shares]}")
    owed, carried = _nominal(amount, shares)
    parts = _overflow(owed, [share.room_yen for share in shares])
    after = [
        replace(share, granted_yen=share.granted_yen + part, carried=rest)
        for share, part, rest in zip(shares, parts, carried, strict=True)
    ]
    return parts, after


def divide_within(
    amount: int, shares: Sequence[ShareState], *, left: Sequence[int]
) -> tuple[list[int], list[ShareState]]:
    """The most of `amount` yen that the funders can carry together when their funds have so much `left` (yen).

    A fund that is empty stops the grant: nobody pays the part of another because that one's money has ended. Only a
    cap lets a part go over to the next, as agreed. Parts grow with the amount, so the most is found by halving.
    Raises as `divide_grant`.
    """
    parts, after = divide_grant(amount, shares)
    if _can_pay(parts, left):
        return parts, after
    low, high = 0, amount  # `low` can be paid, `high` cannot
    while high - low > 1:
        middle = (low + high) // 2
        if _can_pay(divide_grant(middle, shares)[0], left):
            low = middle
        else:
            high = middle
    return divide_grant(low, shares)


def _can_pay(parts: Sequence[int], left: Sequence[int]) -> bool:
    return all(part <= has for part, has in zip(parts, left, strict=True))


def take_back(parts: Sequence[int], shares: Sequence[ShareState]) -> list[ShareState]:
    """The states after a grant divided into `parts` was reversed: as if so much had never been granted.

    The rest carried stays exact: each funder is owed its share of the whole less, and has paid its part less.
    """
    amount = sum(parts)
    return [
        replace(
            share, granted_yen=share.granted_yen - part,
            carried=share.carried + part * WHOLE - amount * share.share_bp,
        )
        for share, part in zip(shares, parts, strict=True)
    ]


def _nominal(amount: int, shares: Sequence[ShareState]) -> tuple[list[int], list[int]]:
    """The parts before caps, and the rests carried afterwards.

    As long as nothing was taken back, both follow from the total granted so far, and a pattern that repeats gives them
    at once; otherwise the yen are dealt one by one from where the rests stand.
    """
    weights = tuple(share.share_bp for share in shares)
    carried = [share.carried for share in shares]
    total = sum(share.granted_yen for share in shares)
    before, after = _dealt(weights, total), _dealt(weights, total + amount)
    if carried != _rests(weights, total=total, dealt=before):
        return _deal_on(amount, weights=weights, owed=carried)
    parts = [now - then for now, then in zip(after, before, strict=True)]
    return parts, _rests(weights, total=total + amount, dealt=after)


def _dealt(weights: tuple[int, ...], total: int) -> list[int]:
    """What each funder has carried after `total` yen dealt from the start."""
    pattern = _pattern(weights)
    turns, rest = divmod(total, len(pattern))
    return [turns * weight * len(pattern) // WHOLE + part for weight, part in zip(weights, pattern[rest], strict=True)]


def _rests(weights: tuple[int, ...], *, total: int, dealt: Sequence[int]) -> list[int]:
    return [total * weight - part * WHOLE for weight, part in zip(weights, dealt, strict=True)]


@lru_cache(maxsize=256)
def _pattern(weights: tuple[int, ...]) -> tuple[tuple[int, ...], ...]:
    """What each funder has carried after 0, 1, 2 ... yen, up to the yen before all shares come out even."""
    parts, owed, rows = [0] * len(weights), [0] * len(weights), []
    for _ in range(WHOLE // gcd(*weights, WHOLE)):
        rows.append(tuple(parts))
        parts[_deal_one(owed, weights)] += 1
    return tuple(rows)


def _deal_on(amount: int, *, weights: tuple[int, ...], owed: list[int]) -> tuple[list[int], list[int]]:
    """Deal `amount` yen from any rests; whole turns of the pattern leave the rests as they are."""
    turns, rest = divmod(amount, WHOLE // gcd(*weights, WHOLE))
    parts = [turns * weight // gcd(*weights, WHOLE) for weight in weights]
    owed = list(owed)
    for _ in range(rest):
        parts[_deal_one(owed, weights)] += 1
    return parts, owed


def _deal_one(owed: list[int], weights: tuple[int, ...]) -> int:
    """Every funder owes its share of one more yen, and the most urgent one pays it: changes `owed`, gives its place."""
    for place, weight in enumerate(weights):
        owed[place] += weight
    payer = min(_urgency(behind, weight=weights[i], place=i) for i, behind in enumerate(owed) if behind > 0)[-1]
    owed[payer] -= WHOLE
    return payer


def _urgency(owed: int, *, weight: int, place: int) -> tuple[int, int, int]:
    """Yen until this funder would be a whole yen behind; then who is owed more; then the agreement's order."""
    until = -(-(WHOLE - owed) // weight) if weight else 0
    return until, -owed, place


def _overflow(parts: list[int], rooms: list[int | None]) -> list[int]:
    """Move what exceeds a cap to the next in order that has room, round to the first again."""
    given = [part if room is None else min(part, room) for part, room in zip(parts, rooms, strict=True)]
    excess = [part - kept for part, kept in zip(parts, given, strict=True)]
    for place, beyond in enumerate(excess):
        left = beyond
        for step in range(1, len(parts)):
            other = (place + step) % len(parts)
            room = rooms[other]
            extra = left if room is None else min(left, room - given[other])
            given[other] += extra
            left -= extra
        if left:
            raise SHARES_EXHAUSTED.refusal(available=sum(given), wanted=sum(parts))
    return given
