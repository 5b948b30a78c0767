"""What may be asked about webhooks: a sponsor's endpoints, its events in their order, the log of deliveries."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

from meguri.notices.models import PartnerEvent, WebhookDelivery, WebhookEndpoint

Health = Literal["live", "failing", "disabled"]


@dataclass(frozen=True, slots=True)
class EndpointView:
    """An address that is told. `sent_until`: the last event that arrived; `behind`: how many wait."""

    id: UUID
    url: str
    health: Health
    sent_until: int
    behind: int
    tries: int
    failing_since: datetime | None
    next_try_at: datetime | None
    old_until: datetime | None
    made_at: datetime


@dataclass(frozen=True, slots=True)
class EventView:
    """An event of a sponsor's stream: `number` is dense, `body` is JSON as it is sent."""

    id: str
    number: int
    topic: str
    body: str
    made_at: datetime


@dataclass(frozen=True, slots=True)
class DeliveryView:
    """One try. `state`: waiting, delivered or failed; `answered` is the receiver's status, None if it said nothing."""

    number: int
    topic: str
    state: str
    again: bool
    answered: int | None
    fault: str
    milliseconds: int | None
    at: datetime


def endpoints(owner: UUID, *, municipality: int) -> tuple[EndpointView, ...]:
    """The addresses that are told, in the order of naming."""
    last = last_number(owner, municipality=municipality)
    rows = WebhookEndpoint.objects.filter(municipality=municipality, owner=owner, ended_at=None).order_by("id")
    return tuple(
        EndpointView(
            id=row.id, url=row.url, health=_health(row), sent_until=row.sent_until, behind=last - row.sent_until,
            tries=row.tries, failing_since=row.failing_since, next_try_at=row.next_try_at, old_until=row.old_until,
            made_at=row.made_at,
        )
        for row in rows
    )  # fmt: skip


def _health(row: WebhookEndpoint) -> Health:
    if row.disabled_at is not None:
        return "disabled"
    return "failing" if row.failing_since is not None else "live"


def events(owner: UUID, *, municipality: int, after: int = 0, limit: int = 100) -> tuple[EventView, ...]:
    """A sponsor's events that come after the number `after`, without a gap."""
    rows = PartnerEvent.objects.filter(municipality=municipality, owner=owner, number__gt=after).order_by("number")
    return tuple(EventView(f"evt_{row.id.hex}", row.number, row.topic, row.body, row.made_at) for row in rows[:limit])


def latest_events(owner: UUID, *, municipality: int, limit: int = 20) -> tuple[EventView, ...]:
    """The same, newest first, for people."""
    last = last_number(owner, municipality=municipality)
    return events(owner, municipality=municipality, after=max(0, last - limit), limit=limit)[::-1]


def deliveries(endpoint: UUID, *, municipality: int, limit: int = 50) -> tuple[DeliveryView, ...]:
    """The log of an endpoint, newest first."""
    rows = WebhookDelivery.objects.filter(municipality=municipality, endpoint_id=endpoint).select_related("event")
    return tuple(
        DeliveryView(
            number=row.event.number, topic=row.event.topic, state=row.state, again=row.again, answered=row.answered,
            fault=row.fault, milliseconds=row.milliseconds, at=row.tried_at or row.made_at,
        )
        for row in rows.order_by("-id")[:limit]
    )  # fmt: skip


def last_number(owner: UUID, *, municipality: int) -> int:
    """The number of a sponsor's latest event; 0: it was told nothing yet."""
    rows = PartnerEvent.objects.filter(municipality=municipality, owner=owner).order_by("-number")
    return rows.values_list("number", flat=True).first() or 0
