from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from meguri.rehearsal.chance import at_age, dice, logistic, pick, quotas


def test_a_stream_of_chance_depends_on_its_name_only() -> None:
    assert dice(7, "draw").random() == dice(7, "draw").random()
    assert dice(7, "draw").random() != dice(8, "draw").random()
    assert dice(1, 23).random() != dice(12, 3).random()


def test_a_stream_is_the_same_on_every_machine() -> None:
    assert dice(7, "draw").randrange(10**9) == 969_877_421


@given(st.integers(0, 10_000), st.lists(st.floats(0.01, 100), min_size=1, max_size=20))
def test_quotas_add_up_and_stay_within_one(total: int, shares: list[float]) -> None:
    parts = quotas(total, shares)
    assert sum(parts) == total
    for part, share in zip(parts, shares, strict=True):
        assert abs(part - total * share / sum(shares)) < 1.0001


@given(st.integers(0, 10_000), st.lists(st.integers(1, 100), min_size=1, max_size=12))
def test_what_is_left_over_goes_to_the_largest_rests(total: int, shares: list[int]) -> None:
    whole = sum(shares)
    parts = quotas(total, shares)
    rests = [total * share % whole for share in shares]
    more = [rest for part, share, rest in zip(parts, shares, rests, strict=True) if part > total * share // whole]
    less = [rest for part, share, rest in zip(parts, shares, rests, strict=True) if part <= total * share // whole]
    assert min(more, default=whole) >= max(less, default=0)


def test_pick_follows_the_shares() -> None:
    chance = dice("pick")
    found = [pick(chance, {"a": 0.9, "b": 0.1}) for _ in range(2_000)]
    assert found.count("a") / 2_000 == pytest.approx(0.9, abs=0.03)


def test_the_step_at_an_age_is_the_last_one_reached() -> None:
    steps = {0: "child", 15: "young", 65: "old"}
    assert [at_age(steps, age) for age in (0, 14, 15, 64, 65, 99)] == ["child", "child", "young", "young", "old", "old"]


def test_the_logistic_curve_is_safe_far_out() -> None:
    assert logistic(0) == 0.5
    assert logistic(-800) == pytest.approx(0)
    assert logistic(800) == pytest.approx(1)
