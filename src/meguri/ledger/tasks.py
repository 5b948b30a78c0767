"""What the books do by themselves."""

from __future__ import annotations

from datetime import datetime, timedelta

from meguri.ledger import heads, log, operations

EVERY = {
    "keep_log": timedelta(seconds=1), "turn_month": timedelta(days=1), "sum_days": timedelta(hours=6),
    "void_overdue_holds": timedelta(minutes=1),
}  # fmt: skip


def keep_log(*, municipality: int, at: datetime) -> bool:
    """Number what was committed, grow the tree over it, sign it: a receipt has its proof seconds after the payment.

    Says whether more waits: then its next turn is now.
    """
    fresh = log.number_postings(municipality=municipality)
    heads.sign_head(municipality=municipality, at=at)
    return fresh == log.MOST


def turn_month(*, municipality: int, at: datetime) -> None:  # noqa: ARG001 - the months are all towns' together
    operations.turn_month(at=at)


def sum_days(*, municipality: int, at: datetime) -> None:  # noqa: ARG001 - the database knows which days are over
    operations.sum_days(municipality=municipality)


def void_overdue_holds(*, municipality: int, at: datetime) -> None:
    operations.void_overdue_holds(municipality=municipality, at=at)
