"""What wallets need unasked: a word before value expires or shrinks; gifts that nobody took go back."""

from __future__ import annotations

from datetime import datetime, timedelta

from meguri.wallets.gifts import return_overdue
from meguri.wallets.operations import warn_of_expiry
from meguri.words.actor import Actor, ActorRole

EVERY = {"warn_holders": timedelta(minutes=10), "return_gifts": timedelta(minutes=10)}


def warn_holders(*, municipality: int, at: datetime) -> None:
    """One batch; the next turn goes on with those who were not told yet."""
    warn_of_expiry(by=Actor(municipality, ActorRole.SYSTEM), at=at)


def return_gifts(*, municipality: int, at: datetime) -> None:
    """One batch of gifts whose time is over; the next turn goes on with the others."""
    return_overdue(by=Actor(municipality, ActorRole.SYSTEM), at=at)
