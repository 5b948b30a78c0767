"""What wallets need unasked: a word before value expires or shrinks; gifts go back, and old print files go."""

from __future__ import annotations

from datetime import datetime, timedelta

from meguri.wallets.gifts import return_overdue
from meguri.wallets.operations import warn_of_expiry
from meguri.wallets.print_jobs import drop_print_jobs
from meguri.words.actor import Actor, ActorRole

EVERY = {"warn_holders": timedelta(minutes=10), "return_gifts": timedelta(minutes=10),
         "drop_print_files": timedelta(hours=1)}  # fmt: skip


def warn_holders(*, municipality: int, at: datetime) -> None:
    """One batch; the next turn goes on with those who were not told yet."""
    warn_of_expiry(by=Actor(municipality, ActorRole.SYSTEM), at=at)


def return_gifts(*, municipality: int, at: datetime) -> None:
    """One batch of gifts whose time is over; the next turn goes on with the others."""
    return_overdue(by=Actor(municipality, ActorRole.SYSTEM), at=at)


def drop_print_files(*, municipality: int, at: datetime) -> None:
    """What may be fetched no longer is destroyed."""
    drop_print_jobs(municipality, at=at)
