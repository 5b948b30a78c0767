"""What evidence needs without anybody asking: the kept snapshot follows the books."""

from __future__ import annotations

from datetime import datetime, timedelta

from meguri.evidence.keeping import renewed

EVERY = {"renew_snapshot": timedelta(seconds=30)}


def renew_snapshot(*, municipality: int, at: datetime) -> None:
    renewed(municipality, at=at)
