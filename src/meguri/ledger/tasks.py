"""What the books do by themselves."""

from __future__ import annotations

from datetime import datetime, timedelta

from meguri.ledger import operations

EVERY = {"turn_month": timedelta(days=1)}


def turn_month(*, municipality: int, at: datetime) -> None:  # noqa: ARG001 - the months are all towns' together
    operations.turn_month(at=at)
