"""Tables of evidence: what volunteering households report of a week, and the last snapshot of the books.

Without the households, or a like comparison, no effect can be told (`effects`). They are pseudonyms.
"""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q


class HouseholdSpending(models.Model):
    """One household's week: what it spent from the wallet and what it spent otherwise."""

    id = models.UUIDField(primary_key=True)
    municipality = models.IntegerField()
    household = models.UUIDField()
    week = models.DateField()  # its Monday
    inside_yen = models.BigIntegerField()  # from the wallet
    outside_yen = models.BigIntegerField()  # cash, cards, everything else
    imported_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["municipality", "household", "week"], name="one_report_for_a_household_and_week"
            ),
            models.CheckConstraint(
                condition=Q(inside_yen__gte=0, outside_yen__gte=0), name="spending_is_never_below_zero"
            ),
            models.CheckConstraint(condition=Q(week__iso_week_day=1), name="a_week_is_named_by_its_monday"),
        ]


class KeptSnapshot(models.Model):
    """A town's last snapshot: sums only, as JSON. Anything in it can be taken from the books again."""

    id = models.UUIDField(primary_key=True)
    municipality = models.IntegerField()
    version = models.UUIDField()  # a new one each time, so that readers know whether it has changed
    taken_at = models.DateTimeField()  # the town's time
    took = models.DurationField()
    form = models.CharField(max_length=8)
    state = models.CharField(max_length=400)
    content = models.BinaryField()

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["municipality"], name="one_kept_snapshot_for_a_town"),
        ]
