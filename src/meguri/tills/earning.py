"""Payments that campaigns may reward: posted, decided and granted in one transaction.

Where no campaign is left open, payments go by the poster as ever. Here whatever can be asked before the transaction is;
inside it stand the shares' locks, the payments, their grants, and the shares. Whoever meets another batch in the wrong
order, or loses the database, begins anew: all keys are permanent, so nothing happens twice.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from datetime import datetime

from django.db import IntegrityError, InterfaceError, OperationalError, close_old_connections, transaction

from meguri.ledger import operations as ledger
from meguri.ledger.poster import PATIENCE_S
from meguri.ledger.rules import LEDGER_UNREACHABLE, Verdict
from meguri.ledger.wall import name_municipality
from meguri.programmes import operations as programmes
from meguri.programmes.campaigns import Earned
from meguri.programmes.operations import CampaignLots
from meguri.tills import queries
from meguri.tills.earned import earned_of
from meguri.tills.rules import Prepared, chance_of, hoped_for
from meguri.words.refusal import Refusal

PASSING = (OperationalError, InterfaceError, IntegrityError)
"""A deadlock, a lost connection, a key that another process took a moment ago: the next try gets the true answer."""
Answer = tuple[Verdict | Refusal, tuple[Earned, ...]]


def post_and_grant(batch: Sequence[Prepared], *, lots: CampaignLots, municipality: int) -> list[Answer]:
    """Post a batch and grant what it earns: one answer for each, in order, and what it earned."""
    deadline = time.monotonic() + PATIENCE_S
    while True:
        try:
            name_municipality(municipality)  # a connection that was lost comes back without a name
            return _once(batch, lots=lots, municipality=municipality)
        except PASSING:
            if time.monotonic() > deadline:
                return [(LEDGER_UNREACHABLE.refusal(), ()) for _ in batch]
            time.sleep(0.05)
            close_old_connections()


def _once(batch: Sequence[Prepared], *, lots: CampaignLots, municipality: int) -> list[Answer]:
    hopes = [hoped_for(each, paid_yen=each.asked.amount_yen) for each in batch if each.live]
    people = programmes.people_of(hopes, municipality=municipality)
    lots.get_ready(hopes, people=people, municipality=municipality)
    with transaction.atomic():
        programmes.hold_campaigns(hopes, municipality=municipality)
        verdicts = ledger.post_batch([each.posting for each in batch], municipality=municipality)
        fresh = {
            verdict.posting: chance_of(each, verdict=verdict)
            for each, verdict in zip(batch, verdicts, strict=True)
            if each.live and isinstance(verdict, Verdict) and not verdict.replayed
        }
        earned = programmes.grant_for_payments(fresh, people=people, lots=lots, municipality=municipality)
    return [
        (verdict, earned.get(verdict.posting, ()) if isinstance(verdict, Verdict) else ()) for verdict in verdicts
    ]


def earned_before(verdict: Verdict, *, at: datetime, municipality: int) -> tuple[Earned, ...]:
    """What a payment that was made before has earned, as the books have it."""
    found = queries.payment(verdict.posting, municipality=municipality, at=at)
    return earned_of(found, municipality=municipality) if found else ()
