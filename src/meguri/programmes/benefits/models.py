"""Tables of benefits: the frozen list, and one entitlement for a person. The yen are in the books."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import F, Q

HASH = 64
TEXT = 200


class ListState(models.TextChoices):
    DRAFT = "draft"  # imported and frozen; nobody is entitled yet
    PROPOSED = "proposed"  # waits for the checker
    DECIDED = "decided"  # people know their decision and choose how to receive it
    RELEASED = "released"  # paid as far as it could be
    WITHDRAWN = "withdrawn"  # never decided; its rows are free for another list


class EntitlementState(models.TextChoices):
    DRAFT = "draft"
    DECIDED = "decided"
    CHOSEN = "chosen"  # the recipient said how
    RELEASED = "released"  # owed by bank transfer; settlement's file carries it
    PAID = "paid"  # in the wallet
    RETURNED = "returned"  # given back


class ReceiptState(models.TextChoices):
    UNDECIDED = "undecided"
    BANK = "bank"
    LOCAL_MONEY = "local_money"


class BenefitList(models.Model):
    """A list of entitled people as one file said it. `digest` binds its rows: who, for whom, how much."""

    id = models.UUIDField(primary_key=True)
    municipality = models.IntegerField()
    programme = models.UUIDField()
    department = models.CharField(max_length=40)
    name = models.CharField(max_length=TEXT)
    file_digest = models.CharField(max_length=HASH)
    digest = models.CharField(max_length=HASH)
    rows = models.PositiveIntegerField()  # lines in the file
    faults = models.PositiveIntegerField()  # lines left out
    entitled = models.PositiveIntegerField()
    total_yen = models.BigIntegerField()
    declared_count = models.PositiveIntegerField()
    declared_total_yen = models.BigIntegerField()
    state = models.CharField(max_length=9, choices=ListState.choices, default=ListState.DRAFT)
    choose_by = models.DateTimeField()  # half-open: the first moment at which it is too late
    imported_at = models.DateTimeField()
    imported_by = models.UUIDField(null=True)
    approval = models.UUIDField(null=True)
    decided_at = models.DateTimeField(null=True)
    decided_by = models.UUIDField(null=True)
    released_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["programme", "file_digest"], condition=~Q(state="withdrawn"), name="one_list_for_a_file"
            ),
            models.CheckConstraint(
                condition=Q(entitled=F("declared_count"), total_yen=F("declared_total_yen")),
                name="a_list_holds_what_was_declared",
            ),
            models.CheckConstraint(condition=Q(entitled__gte=1, total_yen__gte=1), name="a_list_entitles_somebody"),
            models.CheckConstraint(
                condition=Q(rows=F("entitled") + F("faults")), name="a_list_has_a_reason_for_every_line"
            ),
            models.CheckConstraint(
                condition=Q(digest__regex=r"^[0-9a-f]{64}$", file_digest__regex=r"^[0-9a-f]{64}$"),
                name="a_list_carries_its_digests",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["draft", "withdrawn"]) | Q(approval__isnull=False),
                name="a_list_is_decided_only_with_an_approval",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["decided", "released"]) | Q(decided_at__isnull=False, decided_by__isnull=False),
                name="a_decision_has_person_and_time",
            ),
            models.CheckConstraint(
                condition=Q(decided_by__isnull=True) | Q(imported_by__isnull=True) | ~Q(decided_by=F("imported_by")),
                name="nobody_decides_their_own_list",
            ),
        ]


class Entitlement(models.Model):
    """What one person is entitled to. `person` decides the amount, `recipient` receives it (a parent for a child)."""

    id = models.UUIDField(primary_key=True)
    municipality = models.IntegerField()
    benefit_list = models.ForeignKey(BenefitList, on_delete=models.PROTECT, related_name="entitlements")
    programme = models.UUIDField()
    line = models.PositiveIntegerField()  # in the file
    person = models.UUIDField()
    recipient = models.UUIDField()
    amount_yen = models.PositiveIntegerField()
    bonus_yen = models.PositiveIntegerField(default=0)  # on top, for local money; set when paid
    row_ja = models.CharField(max_length=2000)  # the line of the amount table that applied
    row_en = models.CharField(max_length=2000)
    facts = models.JSONField()  # the facts it was decided on, as they were
    state = models.CharField(max_length=8, choices=EntitlementState.choices, default=EntitlementState.DRAFT)
    receipt = models.CharField(max_length=11, choices=ReceiptState.choices, default=ReceiptState.UNDECIDED)
    chosen_at = models.DateTimeField(null=True)
    choose_by = models.DateTimeField()
    posting = models.UUIDField(null=True)
    paid_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            # A replayed, older, partial or reordered list cannot pay anybody again.
            models.UniqueConstraint(fields=["programme", "person"], name="one_entitlement_for_a_person_in_a_programme"),
            models.UniqueConstraint(fields=["benefit_list", "line"], name="one_entitlement_for_a_line_of_a_list"),
            models.CheckConstraint(condition=Q(amount_yen__gte=1), name="an_entitlement_is_a_positive_amount"),
            models.CheckConstraint(
                condition=Q(state__in=["released", "paid", "returned"], posting__isnull=False, paid_at__isnull=False)
                | Q(state__in=["draft", "decided", "chosen"], posting__isnull=True, paid_at__isnull=True),
                name="a_paid_benefit_has_its_posting",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["draft", "decided"]) | ~Q(receipt="undecided"),
                name="a_benefit_is_paid_in_a_chosen_way",
            ),
            models.CheckConstraint(
                condition=Q(bonus_yen=0) | Q(receipt="local_money"), name="a_bonus_comes_with_local_money_only"
            ),
            models.UniqueConstraint(fields=["municipality", "posting"], name="one_entitlement_for_a_posting"),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["municipality", "recipient"], name="entitlements_of_a_recipient"),
            models.Index(fields=["benefit_list", "state", "line"], name="entitlements_of_a_list"),
        ]
