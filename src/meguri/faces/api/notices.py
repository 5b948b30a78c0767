"""Notices to a person, and words from people to the town."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from ninja import Router, Schema

from meguri.faces.api.auth import Bearer
from meguri.faces.entrance.requests import TownRequest
from meguri.notices import operations, queries
from meguri.parties.rules import require

router = Router()


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
