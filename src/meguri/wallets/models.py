"""The wallet as a thing: opened, perhaps suspended. What it holds is in the books, never here."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q

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
