"""The wallet as a thing: opened, perhaps suspended. What it holds is in the books, never here."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q

from meguri.wallets.rules import WARNING_DAYS

LOST_PHONE = "lost phone"
"""The reason that the holder may lift without an officer."""


class Wallet(models.Model):
    """One per holder; `id` is the holder's pseudonym. A suspended wallet can receive, but not pay."""

    id = models.UUIDField(primary_key=True)
    municipality = models.IntegerField()
    opened_at = models.DateTimeField()
    suspended_at = models.DateTimeField(null=True)
    suspended_because = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=Q(suspended_at__isnull=True) | ~Q(suspended_because=""),
                name="a_wallet_is_suspended_for_a_reason",
            ),
        ]


class ExpiryChoice(models.Model):
    """How a holder wants to be warned before value expires; who chose nothing has no row (`rules.USUAL`)."""

    id = models.UUIDField(primary_key=True)  # the holder's pseudonym
    municipality = models.IntegerField()
    days = models.PositiveSmallIntegerField()  # before the expiry; 0: never
    by_mail = models.BooleanField()
    chosen_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(condition=Q(days__in=WARNING_DAYS), name="a_warning_comes_on_a_day_offered"),
            models.CheckConstraint(condition=Q(days__gt=0) | Q(by_mail=False), name="no_warning_is_mailed_to_nobody"),
        ]


class ExpiryWarning(models.Model):
    """A holder was warned of an expiry: once for each, however often the task runs."""

    id = models.UUIDField(primary_key=True)
    municipality = models.IntegerField()
    holder = models.UUIDField()
    expires_at = models.DateTimeField()
    yen = models.PositiveBigIntegerField()  # what was said to be left
    warned_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["municipality", "holder", "expires_at"], name="a_holder_is_warned_once_of_an_expiry"
            ),
            models.CheckConstraint(condition=Q(yen__gt=0), name="nobody_is_warned_of_nothing"),
        ]
