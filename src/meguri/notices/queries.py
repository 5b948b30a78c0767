"""What may be asked about messages: one person's inbox, the whole outbox."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import QuerySet

from meguri.notices.models import Channel, Notice, NoticeStatus
from meguri.notices.rules import Wording


@dataclass(frozen=True, slots=True)
class NoticeView:
    id: UUID
    recipient: UUID
    channel: str
    topic: str
    wording: Wording
    status: str
    fault: str
    made_at: datetime
    sent_at: datetime | None
    read_at: datetime | None


def _page(rows: QuerySet[Notice], *, after: UUID | None, limit: int) -> tuple[NoticeView, ...]:
    if after is not None:
        rows = rows.filter(id__lt=after)
    return tuple(
        NoticeView(
            id=row.id, recipient=row.recipient, channel=row.channel, topic=row.topic, status=row.status,
            wording=Wording(row.title_ja, row.title_en, row.text_ja, row.text_en), fault=row.fault,
            made_at=row.made_at, sent_at=row.sent_at, read_at=row.read_at,
        )
        for row in rows.order_by("-id")[:limit]
    )


def inbox(
    recipient: UUID, *, municipality: int, after: UUID | None = None, limit: int = 30, topic: str = "",
    other_than: str = "",
) -> tuple[NoticeView, ...]:
    """What a person was told in the app and by push, newest first; codes are not repeated here.

    `topic`: only what is about it; `other_than`: everything but that (empty: all).
    """
    rows = Notice.objects.filter(
        municipality=municipality, recipient=recipient, channel__in=[Channel.IN_APP, Channel.PUSH], secret=False
    )
    if topic:
        rows = rows.filter(topic=topic)
    return _page(rows.exclude(topic=other_than) if other_than else rows, after=after, limit=limit)


def unread(recipient: UUID, *, municipality: int, other_than: str = "") -> int:
    """How many in-app notices the person has not opened yet, those about `other_than` left out (empty: all)."""
    rows = Notice.objects.filter(
        municipality=municipality, recipient=recipient, channel=Channel.IN_APP, read_at=None, secret=False
    )
    return (rows.exclude(topic=other_than) if other_than else rows).count()


def written_to(topic: str, *, municipality: int) -> frozenset[UUID]:
    """Who got a printed letter about something."""
    rows = Notice.objects.filter(municipality=municipality, channel=Channel.LETTER, topic=topic)
    return frozenset(rows.values_list("recipient", flat=True))


def outbox(
    *, municipality: int, after: UUID | None = None, limit: int = 50, channel: str = "", waiting_only: bool = False,
    recipient: UUID | None = None, about: str = "", other_than: str = "",
) -> tuple[NoticeView, ...]:
    """All notices, newest first, for the operator's desk and for the demo's page of invented mail.

    `about`: only topics of this family (`voucher` for `voucher.won`); `other_than`: all but this topic.
    """
    rows = Notice.objects.filter(municipality=municipality)
    if about:
        rows = rows.filter(topic__startswith=f"{about}.")
    if other_than:
        rows = rows.exclude(topic=other_than)
    if recipient is not None:
        rows = rows.filter(recipient=recipient)
    if channel:
        rows = rows.filter(channel=channel)
    if waiting_only:
        rows = rows.filter(status=NoticeStatus.WAITING)
    return _page(rows, after=after, limit=limit)
