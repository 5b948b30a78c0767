"""Payers of another process: each is answered once, and a late answer counts from when it was due."""

import asyncio
import time

import pytest
from bench.arrivals import serve


def test_callers_ask_again_as_soon_as_they_are_answered() -> None:
    asked = 0

    async def ask() -> None:
        nonlocal asked
        asked += 1
        await asyncio.sleep(0.02)

    waited = serve(ask, rate="callers=5", seconds=0.5)
    assert asked % 5 == 0
    assert 50 < asked <= 130
    assert waited.per_s < 260
    assert 20 <= waited.p50_ms <= waited.p99_ms


def test_who_comes_at_a_fixed_rate_waits_for_whatever_holds_all_up() -> None:
    """The first answer holds the loop up for a quarter of a second; those who came meanwhile have waited for it."""
    pauses, asked = iter([0.25]), 0

    async def held_up() -> None:
        nonlocal asked
        asked += 1
        time.sleep(next(pauses, 0))  # noqa: ASYNC251 - a stalled thread, not a patient one

    waited = serve(held_up, rate="200", seconds=0.5)
    assert asked == 100
    assert waited.max_ms >= 240
    assert waited.p99_ms >= 200


def test_a_refusal_ends_the_measure() -> None:
    async def ask() -> None:
        raise LookupError("refused")

    with pytest.raises(ExceptionGroup) as ended:
        serve(ask, rate="callers=3", seconds=5)
    assert ended.group_contains(LookupError)
