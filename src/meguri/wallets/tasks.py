"""What wallets need without anybody asking: a word before value expires or shrinks."""

from __future__ import annotations

from datetime import datetime, timedelta

from meguri.wallets.operations import warn_of_expiry
from meguri.words.actor import Actor, ActorRole

EVERY = {"warn_holders": timedelta(minutes=10)}


def warn_holders(*, municipality: int, at: datetime) -> None:
    """One batch; the next turn goes on with those who were not told yet."""
    warn_of_expiry(by=Actor(municipality, ActorRole.SYSTEM), at=at)
