"""What may be done with messages: write into the outbox, let carriers take them out, mark as read."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection, transaction

from meguri.notices.carriers import CarrierRefusedError, carrier_of
from meguri.notices.models import Channel, Complaint, Notice, NoticeStatus
from meguri.notices.rules import SECRET_LASTS, Wording
from meguri.parties.rules import require
from meguri.vault.queries import LoginView, login_of
from meguri.words.actor import Actor
from meguri.words.ids import uuid7
from meguri.words.refusal import declare

COMPLAINT_EMPTY = declare(
    "complaint_empty", status=422, ja="お困りのことを書いてください。", en="Please write what is wrong."
)
WIPED = "…"
"""What stands in place of a secret text once it has been sent."""


def send(
    recipient: UUID, wording: Wording, *, channel: str, topic: str, by: Actor, at: datetime, department: str = "",
    secret: bool = False,
) -> UUID:
    """Write a notice to one person into the outbox. Raises Refusal as `send_many`."""
    return send_many(
        [(recipient, wording)], channel=channel, topic=topic, by=by, at=at, department=department, secret=secret
    )[0]


def send_many(
    wanted: Sequence[tuple[UUID, Wording]], *, channel: str, topic: str, by: Actor, at: datetime,
    department: str = "", secret: bool = False,
) -> list[UUID]:
    """Write notices into the outbox, in the caller's transaction: no business, no notice, and the other way round.

    In-app notices are in the inbox at once. Raises Refusal `not_allowed`.
    """
    require(by, "notice.send", department=department)
    here = Channel(channel) is Channel.IN_APP
    rows = [
        Notice(
            id=uuid7(at), municipality=by.municipality, recipient=recipient, channel=channel, topic=topic,
            title_ja=wording.title_ja, title_en=wording.title_en, text_ja=wording.text_ja, text_en=wording.text_en,
            secret=secret, made_at=at, send_before=at + SECRET_LASTS if secret else None,
            status=NoticeStatus.SENT if here else NoticeStatus.WAITING, sent_at=at if here else None,
        )
        for recipient, wording in wanted
    ]
    Notice.objects.bulk_create(rows, batch_size=2000)
    return [row.id for row in rows]


_ALIKE = """
    INSERT INTO notices_notice (id, municipality, recipient, channel, topic, title_ja, title_en, text_ja, text_en,
           secret, status, fault, made_at, sent_at)
    SELECT own.id, %(municipality)s, own.recipient, %(channel)s, %(topic)s,
           replace(%(title_ja)s, %(mark)s, own.word), replace(%(title_en)s, %(mark)s, own.word),
           replace(%(text_ja)s, %(mark)s, own.word), replace(%(text_en)s, %(mark)s, own.word),
           false, %(status)s, '', %(at)s, %(sent_at)s
      FROM unnest(%(ids)s::uuid[], %(recipients)s::uuid[], %(words)s::text[]) AS own (id, recipient, word)
"""


def send_alike(
    wanted: Sequence[tuple[UUID, str]], wording: Wording, *, mark: str, channel: str, topic: str, by: Actor,
    at: datetime, department: str = "",
) -> None:
    """The same notice to many, as `send_many`; where `mark` stands in it, each reads the word that is theirs.

    The texts are made in the database, so that a town of a million is told in seconds. Raises Refusal `not_allowed`.
    """
    require(by, "notice.send", department=department)
    here = Channel(channel) is Channel.IN_APP
    facts: dict[str, Any] = {
        "municipality": by.municipality, "channel": channel, "topic": topic, "title_ja": wording.title_ja,
        "title_en": wording.title_en, "text_ja": wording.text_ja, "text_en": wording.text_en, "mark": mark, "at": at,
        "status": NoticeStatus.SENT if here else NoticeStatus.WAITING, "sent_at": at if here else None,
        "ids": [uuid7(at) for _ in wanted], "recipients": [recipient for recipient, _ in wanted],
        "words": [word for _, word in wanted],
    }  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(_ALIKE, facts)


def keep_letters(people: Sequence[UUID], wording: Wording, *, topic: str, by: Actor, at: datetime) -> None:
    """Keep that these people are written to on paper: the letters are printed, so nothing waits to be carried.

    Raises Refusal `not_allowed`.
    """
    require(by, "notice.send", department=by.department)
    Notice.objects.bulk_create(
        [
            Notice(
                id=uuid7(at), municipality=by.municipality, recipient=person, channel=Channel.LETTER, topic=topic,
                title_ja=wording.title_ja, title_en=wording.title_en, text_ja=wording.text_ja, text_en=wording.text_en,
                made_at=at, status=NoticeStatus.SENT, sent_at=at,
            )
            for person in people
        ],
        batch_size=2000,
    )


@transaction.atomic
def carry_out(*, by: Actor, at: datetime, most: int = 200) -> int:
    """Let carriers take what waits, oldest first; gives how many were handled. Run by a scheduled task.

    Rows are locked and skipped by other runs, so two workers send nothing twice. A channel without a carrier waits.
    A notice whose time is over, or whose recipient has no address, is dropped. Raises Refusal `not_allowed`.
    """
    require(by, "notice.see_outbox")
    channels = [channel for channel in Channel.values if carrier_of(channel)]
    rows = Notice.objects.select_for_update(skip_locked=True).filter(
        municipality=by.municipality, status=NoticeStatus.WAITING, channel__in=channels
    )
    waiting = list(rows.order_by("id")[:most])
    for notice in waiting:
        _carry(notice, at)
    Notice.objects.bulk_update(waiting, ["status", "fault", "sent_at", "text_ja", "text_en"], batch_size=200)
    return len(waiting)


def _carry(notice: Notice, at: datetime) -> None:
    """Hand one notice to its carrier and note on it what came of it."""
    login = login_of(notice.recipient, municipality=notice.municipality)
    address = _address(login, notice.channel)
    carrier = carrier_of(notice.channel)
    if carrier is None or not address or (notice.send_before is not None and at >= notice.send_before):
        notice.status, notice.fault = NoticeStatus.DROPPED, "" if address else "no address"
        return
    try:
        carrier(address=address, title=notice.title_ja, text=f"{notice.text_ja}\n\n{notice.text_en}")
    except CarrierRefusedError as exc:
        notice.status, notice.fault = NoticeStatus.FAILED, str(exc)[:200]
        return
    notice.status, notice.sent_at = NoticeStatus.SENT, at
    if notice.secret:
        notice.text_ja = notice.text_en = WIPED


def _address(login: LoginView | None, channel: str) -> str:
    if login is None or not login.is_active:
        return ""
    return {Channel.MAIL: login.email, Channel.SMS: login.phone}.get(Channel(channel)) or ""


def mark_read(notice: UUID, *, by: Actor, at: datetime) -> None:
    """The recipient has seen it. Raises Refusal `not_allowed`."""
    require(by, "notice.see", owner=by.party)
    own = Notice.objects.filter(id=notice, municipality=by.municipality, recipient__in=[by.party])
    own.filter(read_at=None).update(read_at=at)


def complain(text: str, *, by: Actor, at: datetime) -> UUID:
    """Tell the town what is wrong. Raises Refusal `not_allowed`, `complaint_empty`."""
    require(by, "notice.see", owner=by.party)
    if not text.strip():
        raise COMPLAINT_EMPTY.refusal(field="text")
    sender = by.party or uuid7(at)
    row = Complaint.objects.create(
        id=uuid7(at), municipality=by.municipality, sender=sender, text=text.strip()[:2000], told_at=at
    )
    return row.id
