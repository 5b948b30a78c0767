from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import RFC_4122

from hypothesis import given
from hypothesis import strategies as st

from meguri.words.ids import uuid7

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
