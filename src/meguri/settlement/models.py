"""Tables of settlement: what each shop was owed up to a cutoff, what was to be paid by bank, and the bank's file.

The yen themselves are in the books; these rows say why a posting was made and what people were told about it.
"""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import F, Q

DIGEST = r"^[0-9a-f]{64}$"
KANA_WIDTH = 40


class RunState(models.TextChoices):
    PREVIEWED = "previewed"  # looked at; nothing has moved
    RUN = "run"  # takings have become payable
    APPROVED = "approved"  # a second person released the payouts; the bank's file exists, no yen has left
    SENT = "sent"  # the bank has the file: what it orders is paid out in the books
    WITHDRAWN = "withdrawn"  # the file was never given to the bank; a later run pays what it would have paid


class PayeeKind(models.TextChoices):
    SHOP = "shop"  # its takings
    HOLDER = "holder"  # a benefit to the bank
    SPONSOR = "sponsor"  # what was left of its money


class PayoutState(models.TextChoices):
    PAYABLE = "payable"  # owed, not yet in a file
    ORDERED = "ordered"  # in the bank's file, still owed
    SENT = "sent"  # the bank has the file; paid out in the books
    RETURNED = "returned"  # the bank sent it back; owed again
    CARRIED = "carried"  # could not be ordered; a later run's payout took its yen over


class PayingAccount(models.Model):
    """The town's account that payouts leave from, and how its bank wants the file. One row a municipality."""

    municipality = models.IntegerField(primary_key=True)
    payer_code = models.CharField(max_length=10)  # 振込依頼人コード, given by the bank
    payer_name = models.CharField(max_length=KANA_WIDTH)  # bank kana
    bank = models.CharField(max_length=4)
    branch = models.CharField(max_length=3)
    kind = models.CharField(max_length=1)
    number = models.CharField(max_length=7)
    line_ends = models.BooleanField(default=True)
    changed_by = models.UUIDField(null=True)
    changed_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=Q(payer_code__regex=r"^[0-9]{10}$"), name="a_payer_code_has_10_digits"
            ),
        ]


class SettlementRun(models.Model):
    """One settlement of everybody up to one cutoff. Its key in the books is its id."""

    id = models.UUIDField(primary_key=True)
    municipality = models.IntegerField()
    cutoff = models.DateTimeField()
    since = models.DateTimeField(null=True)  # the cutoff before; none: since the beginning
    state = models.CharField(max_length=9, choices=RunState.choices, default=RunState.PREVIEWED)
    made_by = models.UUIDField(null=True)  # none: a scheduled task
    made_at = models.DateTimeField()
    statements_count = models.PositiveIntegerField(default=0)
    takings_yen = models.BigIntegerField(default=0)  # sum of the statements
    payouts_count = models.PositiveIntegerField(default=0)
    payouts_yen = models.BigIntegerField(default=0)  # sum of the payouts, benefits and returned ones included
    pay_on = models.DateField(null=True)
    approval = models.UUIDField(null=True)
    approved_by = models.UUIDField(null=True)
    approved_at = models.DateTimeField(null=True)
    file_digest = models.CharField(max_length=64, blank=True)
    sent_at = models.DateTimeField(null=True)
    withdrawn_by = models.UUIDField(null=True)
    withdrawn_at = models.DateTimeField(null=True)
    withdrawn_because = models.CharField(max_length=400, blank=True)

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["municipality", "cutoff"], name="one_settlement_run_for_a_cutoff"),
            models.CheckConstraint(
                condition=Q(takings_yen__gte=0, payouts_yen__gte=0), name="a_settlement_run_never_counts_below_zero"
            ),
            models.CheckConstraint(
                condition=Q(approved_by__isnull=True) | Q(made_by__isnull=True) | ~Q(approved_by=F("made_by")),
                name="whoever_ran_a_settlement_never_approves_it",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["previewed", "run"], approved_by__isnull=True, file_digest="")
                | Q(state__in=["approved", "sent", "withdrawn"], approved_by__isnull=False, file_digest__regex=DIGEST),
                name="an_approved_run_names_its_approver_and_its_file",
            ),
            models.CheckConstraint(
                condition=Q(state="sent", sent_at__isnull=False) | ~Q(state="sent") & Q(sent_at__isnull=True),
                name="a_sent_run_has_a_time",
            ),
            models.CheckConstraint(
                condition=Q(state="withdrawn", withdrawn_at__isnull=False) & ~Q(withdrawn_because="")
                | ~Q(state="withdrawn") & Q(withdrawn_at__isnull=True, withdrawn_because=""),
                name="a_withdrawn_run_has_time_and_reason",
            ),
        ]


class Payout(models.Model):
    """What one payee is to be paid by bank in one run. Its posting's key is `pay_out:<id>`."""

    id = models.UUIDField(primary_key=True)
    municipality = models.IntegerField()
    run = models.ForeignKey(SettlementRun, on_delete=models.PROTECT, related_name="payouts")
    number = models.PositiveIntegerField()  # its place in the run, told to the bank so that its answer can be matched
    payee = models.UUIDField()
    payee_kind = models.CharField(max_length=7, choices=PayeeKind.choices)
    amount_yen = models.BigIntegerField()
    state = models.CharField(max_length=8, choices=PayoutState.choices, default=PayoutState.PAYABLE)
    pay_on = models.DateField()
    fault = models.CharField(max_length=40, blank=True)  # why it was left out of the file: a code of rules.FAULTS
    held_because = models.CharField(max_length=400, blank=True)
    held_by = models.UUIDField(null=True)
    carried_into = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="carried")
    handed_at = models.DateTimeField(null=True)  # when the bank got the file that orders it
    returned_at = models.DateTimeField(null=True)
    returned_because = models.CharField(max_length=400, blank=True)

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["run", "number"], name="payouts_of_a_run_are_numbered"),
            models.CheckConstraint(condition=Q(amount_yen__gt=0), name="a_payout_is_a_positive_amount"),
            models.CheckConstraint(condition=Q(payee_kind__in=PayeeKind.values), name="a_kind_of_payee_is_known"),
            models.CheckConstraint(
                condition=Q(state="carried", carried_into__isnull=False)
                | ~Q(state="carried") & Q(carried_into__isnull=True),
                name="a_carried_payout_names_its_follower",
            ),
            models.CheckConstraint(
                condition=Q(state="returned", returned_at__isnull=False) & ~Q(returned_because="")
                | ~Q(state="returned") & Q(returned_at__isnull=True, returned_because=""),
                name="a_returned_payout_has_time_and_reason",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["sent", "returned"], handed_at__isnull=False)
                | ~Q(state__in=["sent", "returned"]) & Q(handed_at__isnull=True),
                name="only_what_was_handed_to_the_bank_is_paid_or_returned",
            ),
            models.CheckConstraint(
                condition=Q(held_because="") | Q(state__in=["payable", "carried"]), name="a_held_payout_is_not_ordered"
            ),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["municipality", "payee", "id"], name="payouts_of_a_payee"),
            models.Index(fields=["municipality", "state"], name="payouts_by_state"),
        ]


class PayoutLine(models.Model):
    """Of which lot, and so of whose fund, a payout consists."""

    id = models.UUIDField(primary_key=True)
    municipality = models.IntegerField()
    payout = models.ForeignKey(Payout, on_delete=models.PROTECT, related_name="lines")
    lot = models.BigIntegerField()
    fund = models.UUIDField()
    purse_kind = models.UUIDField(null=True)  # none: a benefit that never lay in a purse
    amount_yen = models.BigIntegerField()

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["payout", "lot"], name="one_payout_line_for_a_lot"),
            models.CheckConstraint(condition=Q(amount_yen__gt=0), name="a_payout_line_is_a_positive_amount"),
        ]


class SettlementStatement(models.Model):
    """What one shop was told: payments less refunds up to the cutoff, less the fee, is what will be paid."""

    id = models.UUIDField(primary_key=True)
    municipality = models.IntegerField()
    run = models.ForeignKey(SettlementRun, on_delete=models.PROTECT, related_name="statements")
    shop = models.UUIDField()
    payments_count = models.IntegerField()
    payments_yen = models.BigIntegerField()
    refunds_count = models.IntegerField()
    refunds_yen = models.BigIntegerField()
    gross_yen = models.BigIntegerField()
    fee_yen = models.BigIntegerField(default=0)
    net_yen = models.BigIntegerField()
    posting = models.UUIDField()
    payout = models.ForeignKey(Payout, on_delete=models.PROTECT, null=True, related_name="statements")

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["run", "shop"], name="one_statement_for_a_shop_in_a_run"),
            models.UniqueConstraint(fields=["municipality", "posting"], name="one_statement_for_a_posting"),
            models.CheckConstraint(
                condition=Q(gross_yen=F("payments_yen") - F("refunds_yen")), name="takings_are_payments_less_refunds"
            ),
            models.CheckConstraint(
                condition=Q(net_yen=F("gross_yen") - F("fee_yen"), fee_yen__gte=0), name="net_is_gross_less_the_fee"
            ),
            models.CheckConstraint(condition=Q(net_yen__gt=0), name="a_statement_is_about_a_positive_amount"),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["municipality", "shop", "id"], name="statements_of_a_shop"),
        ]


class StatementLine(models.Model):
    """A statement's yen by lot: fund x purse kind."""

    id = models.UUIDField(primary_key=True)
    municipality = models.IntegerField()
    statement = models.ForeignKey(SettlementStatement, on_delete=models.PROTECT, related_name="lines")
    lot = models.BigIntegerField()
    fund = models.UUIDField()
    purse_kind = models.UUIDField(null=True)
    amount_yen = models.BigIntegerField()

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["statement", "lot"], name="one_statement_line_for_a_lot"),
            models.CheckConstraint(condition=Q(amount_yen__gt=0), name="a_statement_line_is_a_positive_amount"),
        ]


class TransferFile(models.Model):
    """The bank's file as it was written: sealed like a person's record, because it holds names and accounts."""

    id = models.UUIDField(primary_key=True)
    municipality = models.IntegerField()
    run = models.OneToOneField(SettlementRun, on_delete=models.PROTECT, related_name="file")
    digest = models.CharField(max_length=64)  # SHA-256 of the plain bytes
    transfers_count = models.PositiveIntegerField()
    amount_yen = models.BigIntegerField()
    pay_on = models.DateField()
    wrapped_key = models.BinaryField()
    ciphertext = models.BinaryField()
    made_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(condition=Q(digest__regex=DIGEST), name="a_transfer_file_carries_its_digest"),
            models.CheckConstraint(
                condition=Q(amount_yen__gt=0, transfers_count__gt=0), name="a_transfer_file_moves_something"
            ),
        ]


class FileReading(models.Model):
    """Who fetched the bank's file, and when."""

    id = models.UUIDField(primary_key=True)
    municipality = models.IntegerField()
    file = models.ForeignKey(TransferFile, on_delete=models.PROTECT, related_name="readings")
    read_by = models.UUIDField(null=True)
    read_at = models.DateTimeField()
