"""What messages need without anybody asking: carriers take them out."""

from __future__ import annotations

from datetime import datetime, timedelta

from meguri.notices.operations import carry_out
from meguri.words.actor import Actor, ActorRole

EVERY = {"carry_notices": timedelta(seconds=5)}


def carry_notices(*, municipality: int, at: datetime) -> None:
    carry_out(by=Actor(municipality, ActorRole.SYSTEM), at=at)
