"""What wallets need unasked: warnings, gifts that go back, donations that arrive, value that follows its holder."""

from __future__ import annotations

from datetime import datetime, timedelta

from meguri.wallets.donations import pass_on
from meguri.wallets.gifts import return_overdue
from meguri.wallets.moving import bring_late
from meguri.wallets.operations import warn_of_expiry
from meguri.wallets.print_jobs import drop_print_jobs
from meguri.words.actor import Actor, ActorRole

OFTEN, HOURLY = timedelta(minutes=10), timedelta(hours=1)
EVERY = {
    "warn_holders": OFTEN, "return_gifts": OFTEN, "pass_donations": OFTEN, "follow_holders": OFTEN,
    "drop_print_files": HOURLY,
}  # fmt: skip


def warn_holders(*, municipality: int, at: datetime) -> None:
    """One batch; the next turn goes on with those who were not told yet."""
    warn_of_expiry(by=Actor(municipality, ActorRole.SYSTEM), at=at)


def return_gifts(*, municipality: int, at: datetime) -> None:
    """One batch of gifts whose time is over; the next turn goes on with the others."""
    return_overdue(by=Actor(municipality, ActorRole.SYSTEM), at=at)


def pass_donations(*, municipality: int, at: datetime) -> None:
    """One batch of donations that can be undone no more becomes payable; the next turn goes on with the others."""
    pass_on(by=Actor(municipality, ActorRole.SYSTEM), at=at)


def follow_holders(*, municipality: int, at: datetime) -> None:
    """What reached the old wallet of somebody who joined the register goes on to the new one."""
    bring_late(by=Actor(municipality, ActorRole.SYSTEM), at=at)


def drop_print_files(*, municipality: int, at: datetime) -> None:
    """What may be fetched no longer is destroyed."""
    drop_print_jobs(municipality, at=at)
