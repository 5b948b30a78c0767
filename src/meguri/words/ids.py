"""Identifiers: UUIDv7 (RFC 9562), which sort by time and cost a B-tree no more than a counter."""

from __future__ import annotations

import itertools
import os
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid5

_made = itertools.count()
_EPOCH, _MICROSECOND = datetime(1970, 1, 1, tzinfo=UTC), timedelta(microseconds=1)
_NAMES = UUID("6d656775-7269-5000-8000-000000000001")


def uuid7(at: datetime) -> UUID:
    """A fresh UUIDv7 stamped with the microsecond of `at` (aware).

    After the millisecond come its fraction in 1/4096 (RFC 9562, 6.2, method 3), a count of what this process
    made, which keeps the order of things made at one moment, and 46 random bits.
    """
    milliseconds, rest = divmod((at - _EPOCH) // _MICROSECOND, 1000)
    value = (milliseconds & ((1 << 48) - 1)) << 80
    value |= 0x7 << 76 | (rest * 4096 // 1000) << 64
    value |= 0b10 << 62 | (next(_made) & 0xFFFF) << 46 | int.from_bytes(os.urandom(6)) >> 2
    return UUID(int=value)


def named_id(name: str) -> UUID:
    """The id that a name always gives (UUIDv5): for requests whose client chose a name instead of an id."""
    return uuid5(_NAMES, name)
