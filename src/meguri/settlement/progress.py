"""How far a run and a payout have come: is it approved, has the bank got it, has it been paid? Pure."""

from __future__ import annotations

from datetime import date
from enum import StrEnum


class Progress(StrEnum):
    LOOKED_AT = "looked_at"  # nothing has moved
    NOTHING = "nothing"  # settled, and nobody is owed anything
    UNAPPROVED = "unapproved"  # settled, a second person has not released it
    OVERDUE = "overdue"  # settled, the transfer day is here, and a second person has not released it
    APPROVED = "approved"  # released, the bank has not got the file
    LATE = "late"  # released, the transfer day is here, and the bank has not got the file
    WITH_BANK = "with_bank"  # the bank has the file and pays on the transfer day
    PAID = "paid"  # the transfer day has come
    WITHDRAWN = "withdrawn"  # the file was never handed over
    OWED = "owed"  # of a payout: in no file
    RETURNED = "returned"  # of a payout: the bank sent it back
    CARRIED = "carried"  # of a payout: a later one pays its yen


def of_run(state: str, *, payouts_count: int, pay_on: date | None, today: date) -> Progress:
    """The progress of a run on a day. Banks take a file up to the day before the transfer day, so that day is late."""
    if state == "run":
        if not payouts_count:
            return Progress.NOTHING
        return Progress.OVERDUE if _has_come(pay_on, today) else Progress.UNAPPROVED
    if state in ("approved", "sent"):
        return _towards_the_bank(state, pay_on=pay_on, today=today)
    return Progress.WITHDRAWN if state == "withdrawn" else Progress.LOOKED_AT


def of_payout(state: str, *, pay_on: date | None, today: date) -> Progress:
    """The progress of a payout on a day."""
    if state in ("ordered", "sent"):
        return _towards_the_bank(state, pay_on=pay_on, today=today)
    return {"returned": Progress.RETURNED, "carried": Progress.CARRIED}.get(state, Progress.OWED)


def _towards_the_bank(state: str, *, pay_on: date | None, today: date) -> Progress:
    came = _has_come(pay_on, today)
    if state == "sent":
        return Progress.PAID if came else Progress.WITH_BANK
    return Progress.LATE if came else Progress.APPROVED


def _has_come(pay_on: date | None, today: date) -> bool:
    return pay_on is not None and pay_on <= today
