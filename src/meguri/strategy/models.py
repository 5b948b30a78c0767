"""Tables of strategy: what the town wants, which programme serves it, and what everything costs to run."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import F, Q

TEXT = 200
CODE = 40


class Level(models.TextChoices):
    """A vision has goals, a goal has indicators; programmes hang on goals."""

    VISION = "vision"
    GOAL = "goal"
    INDICATOR = "indicator"


class CostKind(models.TextChoices):
    SYSTEM = "system"  # platform, hosting, licences
    STAFF = "staff"  # hours of officers, at a wage
    FEE = "fee"  # banks, contracted offices
    MAIL = "mail"  # letters, printing, cards
    OTHER = "other"


class CostSource(models.TextChoices):
    """How well a figure is known, best first."""

    CONTRACT = "contract"
    INVOICE = "invoice"
    ESTIMATE = "estimate"
    GUESS = "guess"


class AllocationKey(models.TextChoices):
    """By what a shared cost is divided among the programmes."""

    EVEN = "even"
    DELIVERED = "delivered"  # by yen that reached their purpose
    PEOPLE = "people"  # by people who received


class Goal(models.Model):
    """A node of the tree vision -> goal -> indicator. An indicator names a figure that evidence computes."""

    id = models.UUIDField(primary_key=True)
    municipality = models.IntegerField()
    parent = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="children")
    level = models.CharField(max_length=9, choices=Level.choices)
    code = models.CharField(max_length=CODE)
    place = models.PositiveSmallIntegerField()  # order among its siblings
    name_ja = models.CharField(max_length=TEXT)
    name_en = models.CharField(max_length=TEXT)
    department = models.CharField(max_length=CODE, blank=True)  # who answers for it
    indicator = models.CharField(max_length=CODE, blank=True)
    target = models.FloatField(null=True)  # in the indicator's unit
    reach_by = models.DateField(null=True)
    changed_by = models.UUIDField(null=True)
    changed_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["municipality", "code"], name="one_goal_for_a_code"),
            models.CheckConstraint(
                condition=Q(level="vision", parent__isnull=True)
                | Q(level__in=["goal", "indicator"], parent__isnull=False),
                name="only_a_vision_stands_alone",
            ),
            models.CheckConstraint(
                condition=Q(level="indicator") & ~Q(indicator="") | Q(level__in=["vision", "goal"], indicator=""),
                name="an_indicator_names_its_figure",
            ),
            models.UniqueConstraint(
                fields=["municipality"], condition=Q(level="vision"), name="a_town_has_one_vision"
            ),
        ]


class ProgrammeGoal(models.Model):
    """A programme serves a goal."""

    id = models.UUIDField(primary_key=True)
    municipality = models.IntegerField()
    programme = models.UUIDField()
    goal = models.ForeignKey(Goal, on_delete=models.PROTECT, related_name="programmes")
    linked_by = models.UUIDField(null=True)
    linked_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["programme", "goal"], name="a_programme_serves_a_goal_once"),
        ]


class CostLine(models.Model):
    """What running something cost in a month: one programme's, or shared by all and divided by a key."""

    id = models.UUIDField(primary_key=True)
    municipality = models.IntegerField()
    request = models.CharField(max_length=80)  # the client's own name for this booking: sent again, it is the same line
    programme = models.UUIDField(null=True)  # none: shared
    allocation = models.CharField(max_length=9, choices=AllocationKey.choices, blank=True)
    kind = models.CharField(max_length=6, choices=CostKind.choices)
    amount_yen = models.BigIntegerField()
    month = models.DateField()  # its first day
    source = models.CharField(max_length=8, choices=CostSource.choices)
    note = models.CharField(max_length=400)  # contract or invoice number, or why this estimate
    booked_by = models.UUIDField(null=True)
    booked_at = models.DateTimeField()
    withdrawn_at = models.DateTimeField(null=True)
    withdrawn_because = models.CharField(max_length=400, blank=True)

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["municipality", "request"], name="one_cost_line_for_a_request"),
            models.CheckConstraint(condition=Q(amount_yen__gt=0), name="a_cost_is_a_positive_amount"),
            models.CheckConstraint(condition=Q(month__day=1), name="a_month_is_named_by_its_first_day"),
            models.CheckConstraint(condition=Q(kind__in=CostKind.values), name="a_kind_of_cost_is_known"),
            models.CheckConstraint(condition=Q(source__in=CostSource.values), name="a_cost_says_how_it_is_known"),
            models.CheckConstraint(
                condition=Q(programme__isnull=False, allocation="")
                | Q(programme__isnull=True, allocation__in=AllocationKey.values),
                name="a_shared_cost_has_a_key_and_an_own_cost_has_none",
            ),
            models.CheckConstraint(
                condition=Q(withdrawn_at__isnull=True, withdrawn_because="")
                | Q(withdrawn_at__gte=F("booked_at")) & ~Q(withdrawn_because=""),
                name="a_withdrawn_cost_has_time_and_reason",
            ),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["municipality", "month"], name="costs_of_a_month"),
        ]
