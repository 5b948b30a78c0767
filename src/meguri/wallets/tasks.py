"""What wallets need unasked: a word before value ends, gifts that nobody took go back, value follows its holder."""

from __future__ import annotations

from datetime import datetime, timedelta

from meguri.wallets.gifts import return_overdue
from meguri.wallets.moving import bring_late
from meguri.wallets.operations import warn_of_expiry
from meguri.words.actor import Actor, ActorRole

EVERY = {name: timedelta(minutes=10) for name in ("warn_holders", "return_gifts", "follow_holders")}


def warn_holders(*, municipality: int, at: datetime) -> None:
    """One batch; the next turn goes on with those who were not told yet."""
    warn_of_expiry(by=Actor(municipality, ActorRole.SYSTEM), at=at)


def return_gifts(*, municipality: int, at: datetime) -> None:
    """One batch of gifts whose time is over; the next turn goes on with the others."""
    return_overdue(by=Actor(municipality, ActorRole.SYSTEM), at=at)


def follow_holders(*, municipality: int, at: datetime) -> None:
    """What reached the old wallet of somebody who joined the register goes on to the new one."""
    bring_late(by=Actor(municipality, ActorRole.SYSTEM), at=at)
