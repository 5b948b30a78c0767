"""What settlement does on its own: settle yesterday's takings early in the morning."""

from __future__ import annotations

from datetime import datetime

from meguri.settlement.operations import run_settlement
from meguri.settlement.queries import RunView
from meguri.words.actor import Actor, ActorRole
from meguri.words.clock import day, midnight


def settle_up(municipality: int, *, at: datetime) -> RunView:
    """Settle everything up to the last midnight in Japan. Repeated on the same day it does nothing new."""
    by = Actor(municipality=municipality, role=ActorRole.SYSTEM)
    return run_settlement(by=by, at=at, cutoff=midnight(day(at)))
