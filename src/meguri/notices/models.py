"""Messages out of the house. A notice names its recipient by pseudonym; the vault gives the address on sending."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q


class Channel(models.TextChoices):
    PUSH = "push"
    MAIL = "mail"
    SMS = "sms"
    LETTER = "letter"
    IN_APP = "in_app"


class NoticeStatus(models.TextChoices):
    WAITING = "waiting"  # in the outbox
    SENT = "sent"  # handed to the carrier, or laid into the recipient's inbox
    FAILED = "failed"  # the carrier refused; `fault` says why
    DROPPED = "dropped"  # never to be sent: no address, or too late


class Notice(models.Model):
    id = models.UUIDField(primary_key=True)
    municipality = models.IntegerField()
    recipient = models.UUIDField()
    channel = models.CharField(max_length=8, choices=Channel.choices)
    topic = models.CharField(max_length=60)  # what it is about, such as sign_in.code or voucher.won
    title_ja = models.CharField(max_length=200)
    title_en = models.CharField(max_length=200)
    text_ja = models.TextField()
    text_en = models.TextField()
    secret = models.BooleanField(default=False)  # holds a code: the text is wiped once sent
    status = models.CharField(max_length=8, choices=NoticeStatus.choices, default=NoticeStatus.WAITING)
    fault = models.CharField(max_length=200, blank=True)
    made_at = models.DateTimeField()
    send_before = models.DateTimeField(null=True)
    sent_at = models.DateTimeField(null=True)
    read_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(condition=Q(channel__in=Channel.values), name="a_channel_is_known"),
            models.CheckConstraint(
                condition=~Q(status="sent") | Q(sent_at__isnull=False), name="a_sent_notice_has_a_time"
            ),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["municipality", "recipient", "id"], name="inbox_of_a_recipient"),
            models.Index(fields=["municipality", "id"], condition=Q(status="waiting"), name="outbox_that_waits"),
        ]


class Complaint(models.Model):
    """What somebody told the town (苦情・ご意見), in their own words. Answered by a notice."""

    id = models.UUIDField(primary_key=True)
    municipality = models.IntegerField()
    sender = models.UUIDField()
    text = models.TextField(max_length=2_000)
    told_at = models.DateTimeField()
    answer = models.UUIDField(null=True)  # the notice that answered it

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(condition=~Q(text=""), name="a_complaint_says_something"),
        ]
