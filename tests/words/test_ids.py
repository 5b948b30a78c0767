from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from uuid import RFC_4122, UUID

from hypothesis import given
from hypothesis import strategies as st

from meguri.words.ids import named_id, uuid7

MOMENTS = st.datetimes(min_value=datetime(1970, 1, 2), max_value=datetime(2200, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 - hypothesis wants naive bounds


@given(MOMENTS)
def test_carries_version_variant_and_the_millisecond(at: datetime) -> None:
    made = uuid7(at)
    assert (made.version, made.variant) == (7, RFC_4122)
    assert made.int >> 80 == int(at.timestamp() * 1000)


@given(MOMENTS, st.timedeltas(min_value=timedelta(milliseconds=2), max_value=timedelta(days=36_500)))
def test_sorts_by_time_as_text_and_as_bytes(at: datetime, later: timedelta) -> None:
    first, second = uuid7(at), uuid7(at + later)
    assert first < second
    assert str(first) < str(second)
    assert first.bytes < second.bytes


def test_ids_of_one_moment_keep_the_order_in_which_they_were_made() -> None:
    at = datetime(2025, 4, 1, 12, 30, 0, 123_456, tzinfo=UTC)
    made = [uuid7(at) for _ in range(400)]
    turned_over = any(id_.int >> 46 & 0xFFFF == 0xFFFF for id_ in made)  # the count may do that once
    assert made == sorted(made) or turned_over


def test_ids_of_one_moment_differ_in_all_their_random_bits() -> None:
    at = datetime(2025, 4, 1, tzinfo=UTC)
    made = [uuid7(at).int for _ in range(400)]
    assert len(set(made)) == 400
    ever_one, ever_zero = 0, 0
    for value in made:
        ever_one |= value
        ever_zero |= ~value
    assert ever_one & ever_zero & (2**46 - 1) == 2**46 - 1


@given(MOMENTS)
def test_the_microsecond_can_be_read_back(at: datetime) -> None:
    """48 bits of milliseconds, then 12 of their fraction: 4096 steps tell a thousand microseconds apart."""
    made = uuid7(at).int
    fraction = made >> 64 & 0xFFF
    microsecond = -(-fraction * 1000 // 4096)
    assert (made >> 80) * 1000 + microsecond == int(at.timestamp()) * 1_000_000 + at.microsecond


@given(MOMENTS, st.integers(1, 10**6))
def test_a_later_microsecond_sorts_later_whatever_the_count_says(at: datetime, later: int) -> None:
    assert uuid7(at) < uuid7(at + timedelta(microseconds=later))


def test_the_count_goes_up_by_one_between_two_ids() -> None:
    at = datetime(2025, 4, 1, tzinfo=UTC)
    counts = [uuid7(at).int >> 46 & 0xFFFF for _ in range(50)]
    assert [(after - before) % 2**16 for before, after in pairwise(counts)] == [1] * 49


@given(st.text(), st.text())
def test_a_name_always_gives_its_own_id(one: str, other: str) -> None:
    assert (named_id(one) == named_id(other)) == (one == other)
    assert (named_id(one).version, named_id(one).variant) == (5, RFC_4122)


def test_a_name_gave_the_same_id_before() -> None:
    """A client that repeats its request after an upgrade must meet the first one: the ids are kept in the books."""
    assert named_id("payment-1") == UUID("194e9d96-16c3-5a9d-9dee-bdda8d0ed9e3")
