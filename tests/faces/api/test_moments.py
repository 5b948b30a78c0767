"""A moment that a program sends is placed or refused; none can fall out of the calendar later."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ninja import Schema

from meguri.faces.api.moments import Moment
from meguri.words.period import day_of


class Sent(Schema):
    at: Moment


def read(text: str) -> datetime:
    return Sent.model_validate({"at": text}).at


@given(st.datetimes(), st.none() | st.timedeltas(timedelta(hours=-23), timedelta(hours=23)))
def test_every_moment_has_its_day_in_japan_or_is_refused(naive: datetime, offset: timedelta | None) -> None:
    minutes = None if offset is None else round(offset.total_seconds() / 60)
    zone = "" if minutes is None else f"{'+' if minutes >= 0 else '-'}{abs(minutes) // 60:02}:{abs(minutes) % 60:02}"
    is_refused = False
    try:
        found = read(f"{naive.isoformat()}{zone}")
    except ValueError:
        is_refused = True
    else:
        assert abs((day_of(found) - found.astimezone(UTC).date()).days) <= 1
    assert not is_refused or naive.year in (1, 9999)


@pytest.mark.parametrize(
    ("sent", "hour"), [("2025-11-12T10:30:00", 1), ("2025-11-12T10:30:00+09:00", 1), ("2025-11-12T10:30:00Z", 10)]
)
def test_without_a_zone_it_is_japans(sent: str, hour: int) -> None:
    assert read(sent).astimezone(UTC) == datetime(2025, 11, 12, hour, 30, tzinfo=UTC)


@pytest.mark.parametrize("sent", ["0001-01-01T00:00:00+14:00", "0001-01-01T00:00:00", "9999-12-31T20:00:00Z"])
def test_the_first_and_the_last_of_all_moments_are_refused(sent: str) -> None:
    with pytest.raises(ValueError, match="no such moment"):
        read(sent)
