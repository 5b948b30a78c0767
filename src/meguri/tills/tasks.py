"""Scheduled work of the tills."""

from __future__ import annotations

from datetime import datetime

from meguri.tills import finding


def tidy_codes(*, municipality: int, at: datetime) -> int:
    """Forget codes that ran out long ago."""
    return finding.forget_codes(at=at, municipality=municipality)
