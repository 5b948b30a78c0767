"""Identifiers: UUIDv7 (RFC 9562), which sort by time and cost a B-tree no more than a counter."""

from __future__ import annotations

import secrets
from datetime import datetime
from uuid import UUID


def uuid7(at: datetime) -> UUID:
    """A fresh UUIDv7 stamped with the millisecond of `at` (aware). 74 random bits."""
    milliseconds = int(at.timestamp() * 1000)
    value = (milliseconds & ((1 << 48) - 1)) << 80
    value |= 0x7 << 76 | secrets.randbits(12) << 64
    value |= 0b10 << 62 | secrets.randbits(62)
    return UUID(int=value)
