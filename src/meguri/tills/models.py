"""Codes that holders showed, and deliveries of paper notes. Payments themselves are postings and nothing else."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import F, Q


class ShownCode(models.Model):
    """A holder's code on a phone's screen. The digits are never stored; the single use is kept by the books."""

    id = models.UUIDField(primary_key=True)
    municipality = models.IntegerField()
    digest = models.BinaryField(unique=True)
    holder = models.UUIDField()
    minted_at = models.DateTimeField()
    expires_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=Q(expires_at__gt=F("minted_at")), name="a_shown_code_lives_after_it_was_minted"
            ),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["municipality", "expires_at"], name="shown_codes_by_expiry"),
        ]


class Delivery(models.Model):
    """Paper notes counted together for a shop, at its till or at the office's desk; the yen are in the books."""

    id = models.UUIDField(primary_key=True)
    municipality = models.IntegerField()
    shop = models.UUIDField()
    opened_at = models.DateTimeField()
    opened_by = models.UUIDField(null=True)
    at_desk = models.BooleanField()
    notes = models.PositiveIntegerField(default=0)
    yen = models.PositiveIntegerField(default=0)

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=Q(notes=0, yen=0) | Q(notes__gte=1, yen__gte=F("notes")),
                name="a_delivery_has_yen_for_every_note",
            ),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["municipality", "shop", "opened_at"], name="deliveries_of_a_shop"),
        ]
