"""What the books do by themselves."""

from __future__ import annotations

from datetime import datetime, timedelta

from meguri.ledger import operations

EVERY = {
    "turn_month": timedelta(days=1), "sum_days": timedelta(hours=6), "void_overdue_holds": timedelta(minutes=1)
}  # fmt: skip


def turn_month(*, municipality: int, at: datetime) -> None:  # noqa: ARG001 - the months are all towns' together
    operations.turn_month(at=at)


def sum_days(*, municipality: int, at: datetime) -> None:  # noqa: ARG001 - the database knows which days are over
    operations.sum_days(municipality=municipality)


def void_overdue_holds(*, municipality: int, at: datetime) -> None:
    operations.void_overdue_holds(municipality=municipality, at=at)
