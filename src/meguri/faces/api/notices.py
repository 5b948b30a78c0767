"""Notices to a person, and words from people to the town."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any
from uuid import UUID

from ninja import Router, Schema

from meguri.faces.api.auth import Bearer
from meguri.faces.entrance.requests import TownRequest
from meguri.notices import operations, queries, webhook_queries
from meguri.parties.rules import require

router = Router()
EVENTS_MAX = 500


class ComplaintAsked(Schema):
    text: str


class ComplaintGiven(Schema):
    complaint: UUID


class NoticeRow(Schema):
    notice: UUID
    title_ja: str
    title_en: str
    text_ja: str
    text_en: str
    at: datetime


class EventRow(Schema):
    """One event of a company's own stream, as its webhooks tell it; `number` is dense, `event` the `webhook-id`."""

    event: str
    number: int
    type: str
    timestamp: datetime
    data: dict[str, Any]


class EventsGiven(Schema):
    """`last`: the number to ask on from; when nothing is new, the one that was asked with."""

    events: list[EventRow]
    last: int


@router.post("/complaints", operation_id="notices_complain", response=ComplaintGiven, auth=Bearer("notice.see"))
def complain(request: TownRequest, asked: ComplaintAsked) -> ComplaintGiven:
    """Say what is wrong, in one's own words; the operator reads it."""
    return ComplaintGiven(complaint=operations.complain(asked.text, by=request.actor, at=request.at))


@router.get("/notices", operation_id="notices_inbox", response=list[NoticeRow], auth=Bearer("notice.see"))
def inbox(request: TownRequest, *, after: UUID | None = None, limit: int = 30) -> list[NoticeRow]:
    """One's own notices, newest first; `after` is the last notice of the page before."""
    own = request.actor.party or UUID(int=0)
    require(request.actor, "notice.see", owner=own)
    found = queries.inbox(
        own, municipality=request.actor.municipality, after=after,
        limit=min(max(limit, 1), 100),
    )  # fmt: skip
    return [
        NoticeRow(
            notice=n.id, title_ja=n.wording.title_ja, title_en=n.wording.title_en, text_ja=n.wording.text_ja,
            text_en=n.wording.text_en, at=n.made_at,
        )
        for n in found
    ]  # fmt: skip


@router.get("/partner/events", operation_id="partner_events", response=EventsGiven, auth=Bearer("event.see"))
def events(request: TownRequest, *, after: int = 0, limit: int = 100) -> EventsGiven:
    """What happened to a company's own funds, in order and without a gap: the same that its webhooks are told. Keep the
    last number that was worked through and ask on from there.
    """
    own = request.actor.party or UUID(int=0)
    require(request.actor, "event.see", owner=own)
    found = webhook_queries.events(
        own, municipality=request.actor.municipality, after=max(after, 0), limit=min(max(limit, 1), EVENTS_MAX),
    )  # fmt: skip
    bodies = [json.loads(each.body) for each in found]
    rows = [
        EventRow(
            event=each.id, number=each.number, type=each.topic, timestamp=body["timestamp"], data=body["data"],
        )
        for each, body in zip(found, bodies, strict=True)
    ]  # fmt: skip
    return EventsGiven(events=rows, last=found[-1].number if found else max(after, 0))
