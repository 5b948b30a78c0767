"""What partners get unasked for by any page: events out of the town's log, and their deliveries."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from meguri.faces.partner.told import told
from meguri.ledger import log
from meguri.ledger import queries as books
from meguri.notices import partner_telling, webhook_operations
from meguri.programmes import queries as programmes
from meguri.words import clock
from meguri.words.actor import Actor, ActorRole

EVERY = {
    "tell_partners": timedelta(seconds=2),
    "carry_webhooks": timedelta(seconds=2),
    "forget_deliveries": timedelta(days=1),
}
MOST = 2_000
"""Postings read in one turn."""


def tell_partners(*, municipality: int, at: datetime) -> bool:
    """Read on in the log; whether more waits. A town without a partner's fund is not read at all."""
    by = Actor(municipality, ActorRole.SYSTEM)
    owners = _partner_funds(municipality)
    after = partner_telling.read_until(municipality)
    if not owners:
        until = log.size(municipality=municipality)
        if until != after:
            partner_telling.tell_partners((), until=until, by=by, at=at)
        return False
    events = books.events(municipality=municipality, after=after, limit=MOST)
    lots = books.lots_of_funds(owners, municipality=municipality)
    funds = {lot.id: lot.fund for lot in lots if lot.fund is not None}
    until = events[-1].number if events else after
    partner_telling.tell_partners(told(events, owners=owners, funds=funds), until=until, by=by, at=at)
    return len(events) == MOST


def _partner_funds(municipality: int) -> dict[UUID, UUID]:
    """Each fund that a company of the town's pays, and the company. A payer that is no id is nobody's page."""
    found = {}
    for fund, payer in programmes.payers(municipality).items():
        try:
            found[fund] = UUID(payer)
        except ValueError:
            continue
    return found


def carry_webhooks(*, municipality: int, at: datetime) -> None:
    webhook_operations.carry_webhooks(by=Actor(municipality, ActorRole.SYSTEM), at=clock.now())


def forget_deliveries(*, municipality: int, at: datetime) -> None:
    webhook_operations.forget_deliveries(municipality=municipality, at=clock.now())
