"""What runs by itself in all programmes: rewards for payments, and the runs that two officers ordered."""

from __future__ import annotations

from datetime import datetime, timedelta

from meguri.programmes import operations, queries
from meguri.programmes.parts import GrantByPayment
from meguri.words.actor import Actor, ActorRole

EVERY = {"begin_amendments": timedelta(seconds=5), "reward_all_payments": timedelta(days=1),
         "carry_out_runs": timedelta(seconds=10), "carry_on_extensions": timedelta(hours=1)}  # fmt: skip
STILL_LOOKED_AT = timedelta(days=31)
"""How long after a window payments of it may still arrive: tills that were without a line, refunds taken off."""


def begin_amendments(*, municipality: int, at: datetime) -> None:
    """Amendments whose start has come rule; most often a request was here first."""
    operations.begin_amendments(municipality=municipality, at=at)


def reward_all_payments(*, municipality: int, at: datetime) -> None:
    """Points for yesterday's payments, in every programme that rewards them."""
    for view in queries.programmes(municipality, states=("launched",)):
        obtaining = queries.terms(view.id, municipality=municipality).obtaining
        if isinstance(obtaining, GrantByPayment) and not obtaining.window.period.is_over(at - STILL_LOOKED_AT):
            by = Actor(municipality, ActorRole.SYSTEM)
            operations.reward_payments(programme=view.id, by=by, at=at)


def carry_out_runs(*, municipality: int, at: datetime) -> bool:
    """One batch of every run that was ordered: a call is one transaction, so no wallet waits longer than that.

    Says whether anything moved: then the next batch is due at once, or a whole town's expiry would take hours.
    """
    return operations.carry_out(by=Actor(municipality, ActorRole.SYSTEM), at=at) > 0


def carry_on_extensions(*, municipality: int, at: datetime) -> None:
    """Refunds and ended holds put value back into lots that were extended: it moves after the rest."""
    operations.carry_on(by=Actor(municipality, ActorRole.SYSTEM), at=at)
