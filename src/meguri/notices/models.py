"""Messages out of the house. A notice names its recipient by pseudonym; the vault gives the address on sending."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import F, Q


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


class WebhookEndpoint(models.Model):
    """Where a program of a sponsor's wants to hear what happened. `secret` is sealed; it is shown once."""

    id = models.UUIDField(primary_key=True)
    municipality = models.IntegerField()
    owner = models.UUIDField()  # the sponsor
    url = models.CharField(max_length=500)
    secret = models.TextField()
    old_secret = models.TextField(blank=True)  # signs too until `old_until`, while the receiver changes over
    old_until = models.DateTimeField(null=True)
    sent_until = models.BigIntegerField(default=0)  # the last event, by its number, that arrived
    tries = models.PositiveIntegerField(default=0)  # of the next event, all in vain
    failing_since = models.DateTimeField(null=True)
    next_try_at = models.DateTimeField(null=True)
    disabled_at = models.DateTimeField(null=True)  # by us, after long failure; the owner switches it on again
    made_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)  # by the owner, for good

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(condition=Q(sent_until__gte=0), name="a_webhook_cursor_is_a_number"),
            models.CheckConstraint(
                condition=Q(old_secret="", old_until__isnull=True) | (~Q(old_secret="") & Q(old_until__isnull=False)),
                name="an_old_webhook_secret_ends",
            ),
            models.UniqueConstraint(
                fields=["municipality", "owner", "url"],
                condition=Q(ended_at__isnull=True),
                name="one_open_webhook_endpoint_of_an_address",
            ),
        ]


class PartnerEvent(models.Model):
    """What a sponsor is told: one of the town's postings, or a day's sums, without any person. `number` is dense."""

    id = models.UUIDField(primary_key=True)
    municipality = models.IntegerField()
    owner = models.UUIDField()
    number = models.BigIntegerField()
    topic = models.CharField(max_length=40)
    ledger_number = models.BigIntegerField()  # the posting after which it was told
    body = models.TextField()  # exactly what is signed and sent
    made_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["municipality", "owner", "number"], name="a_partner_event_has_its_own_number"
            ),
            models.UniqueConstraint(
                fields=["municipality", "owner", "topic", "ledger_number"],
                condition=~Q(topic="fund.spent"),
                name="a_partner_is_told_once",
            ),
        ]


class PartnerSum(models.Model):
    """A fund's sums of days that were not told yet: too few people so far, or the day is not over."""

    id = models.UUIDField(primary_key=True)
    municipality = models.IntegerField()
    owner = models.UUIDField()
    fund = models.UUIDField()
    first_day = models.DateField()
    last_day = models.DateField()
    spent_yen = models.BigIntegerField(default=0)
    returned_yen = models.BigIntegerField(default=0)
    holders = models.JSONField(default=list)  # pseudonyms, only as many as must be counted; never told

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["municipality", "fund"], name="one_untold_sum_of_a_fund"),
            models.CheckConstraint(
                condition=Q(last_day__gte=F("first_day")), name="an_untold_sum_goes_from_a_first_day_to_a_last"
            ),
        ]


class PartnerCursor(models.Model):
    """Until where in the town's log partners were told."""

    municipality = models.IntegerField(primary_key=True)
    read_until = models.BigIntegerField(default=0)


class WebhookDelivery(models.Model):
    """One try to deliver an event, or a wish to have it delivered once more."""

    id = models.UUIDField(primary_key=True)
    municipality = models.IntegerField()
    endpoint = models.ForeignKey(WebhookEndpoint, on_delete=models.CASCADE, related_name="deliveries")
    event = models.ForeignKey(PartnerEvent, on_delete=models.PROTECT, related_name="deliveries")
    again = models.BooleanField(default=False)  # asked for from the log, beside the order
    state = models.CharField(max_length=9)
    answered = models.PositiveSmallIntegerField(null=True)  # the receiver's status
    fault = models.CharField(max_length=200, blank=True)
    milliseconds = models.PositiveIntegerField(null=True)
    made_at = models.DateTimeField()
    tried_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=Q(state="waiting", tried_at__isnull=True, again=True)
                | Q(state__in=["delivered", "failed"], tried_at__isnull=False),
                name="a_webhook_delivery_waits_or_was_tried",
            ),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["endpoint", "id"], name="deliveries_of_an_endpoint"),
        ]
