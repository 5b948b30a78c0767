"""Tables of programmes: the document's versions, and what launch made of them in the books.

The document is the truth about the rules; the rows below it exist because the books and the tills need identities
(a fund, a purse kind, a share that carries its rest) that outlive a version.
"""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import F, Q

from meguri.programmes.demurrage import RunKind

TEXT = 200
CODE = 40


class ProgrammeState(models.TextChoices):
    DRAFT = "draft"  # the document may change
    PROPOSED = "proposed"  # the document waits for the checker, unchanged
    LAUNCHED = "launched"  # value may come into being
    CLOSED = "closed"  # value may not come into being any more; what is owed is still paid


class Programme(models.Model):
    """A programme (事業). `number` is the version in force once launched, the newest draft before."""

    id = models.UUIDField(primary_key=True)
    municipality = models.IntegerField()
    code = models.CharField(max_length=CODE)
    department = models.CharField(max_length=CODE)  # the code of the department among the parties
    family = models.CharField(max_length=8)
    name_ja = models.CharField(max_length=TEXT)
    name_en = models.CharField(max_length=TEXT)
    state = models.CharField(max_length=8, choices=ProgrammeState.choices, default=ProgrammeState.DRAFT)
    number = models.PositiveIntegerField(default=1)
    drafted_at = models.DateTimeField()
    launched_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["municipality", "code"], name="one_programme_for_a_code"),
            models.CheckConstraint(
                condition=Q(family__in=["voucher", "point", "benefit"]), name="a_programme_belongs_to_a_known_family"
            ),
            models.CheckConstraint(
                condition=Q(state__in=["draft", "proposed"], launched_at__isnull=True, closed_at__isnull=True)
                | Q(state="launched", launched_at__isnull=False, closed_at__isnull=True)
                | Q(state="closed", launched_at__isnull=False, closed_at__isnull=False),
                name="a_programme_is_launched_before_it_closes",
            ),
            models.CheckConstraint(
                condition=Q(closed_at__isnull=True) | Q(closed_at__gte=F("launched_at")),
                name="a_programme_closes_after_its_launch",
            ),
        ]


class TermsVersion(models.Model):
    """One version of a programme's document. A version that came into force never changes again.

    The first comes into force with the launch, each later one as an approved amendment of the one before: with its
    approval, or at `starts_at`. One that waits for its start may be withdrawn by two people, and is kept.
    """

    id = models.UUIDField(primary_key=True)
    municipality = models.IntegerField()
    programme = models.ForeignKey(Programme, on_delete=models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField()
    document = models.JSONField()
    digest = models.CharField(max_length=64)
    drafted_by = models.UUIDField(null=True)  # none: a scheduled task or the rehearsal
    drafted_at = models.DateTimeField()
    reason = models.CharField(max_length=2000, blank=True)  # why an amendment is wanted; the first version needs none
    approval = models.UUIDField(null=True)  # the maker/checker record among the parties
    starts_at = models.DateTimeField(null=True)  # from when an amendment shall rule; none: from its approval
    approved_at = models.DateTimeField(null=True)
    launched_by = models.UUIDField(null=True)  # who approved it
    launched_at = models.DateTimeField(null=True)  # from when it rules
    withdrawal = models.UUIDField(null=True)  # the maker/checker record of its withdrawal before its start
    withdrawn_at = models.DateTimeField(null=True)
    announced_at = models.DateTimeField(null=True)  # when those whom it concerns were told that it comes
    recalled_at = models.DateTimeField(null=True)  # when they were told that it does not

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["programme", "number"], name="one_terms_version_for_a_number"),
            models.CheckConstraint(condition=Q(number__gte=1), name="terms_versions_count_from_one"),
            models.CheckConstraint(
                condition=Q(digest__regex=r"^[0-9a-f]{64}$"), name="a_terms_version_carries_its_digest"
            ),
            models.CheckConstraint(
                condition=Q(launched_at__isnull=True) | Q(approval__isnull=False),
                name="terms_are_launched_only_with_an_approval",
            ),
            models.UniqueConstraint(
                fields=["programme"], condition=Q(launched_at__isnull=True, withdrawn_at__isnull=True),
                name="one_version_waits_for_its_day",
            ),
            models.CheckConstraint(
                condition=Q(launched_at__isnull=True) | Q(approved_at__isnull=False, launched_at__gte=F("approved_at")),
                name="terms_rule_no_earlier_than_they_were_approved",
            ),
            models.CheckConstraint(
                condition=Q(approved_at__isnull=True) | Q(launched_at__isnull=False)
                | Q(starts_at__isnull=False, starts_at__gt=F("approved_at")),
                name="terms_that_were_approved_rule_or_name_their_start",
            ),
            models.CheckConstraint(
                condition=Q(launched_at__isnull=True) | Q(starts_at__isnull=True) | Q(launched_at=F("starts_at")),
                name="terms_rule_from_the_start_that_was_approved",
            ),
            models.CheckConstraint(
                condition=Q(withdrawn_at__isnull=True)
                | Q(launched_at__isnull=True, withdrawal__isnull=False, withdrawn_at__lt=F("starts_at")),
                name="only_terms_that_never_ruled_are_withdrawn",
            ),
            models.CheckConstraint(
                condition=Q(announced_at__isnull=True) | Q(number__gt=1, announced_at__gte=F("approved_at")),
                name="only_approved_terms_are_announced",
            ),
            models.CheckConstraint(
                condition=Q(recalled_at__isnull=True) | Q(announced_at__isnull=False, withdrawn_at__isnull=False),
                name="only_announced_terms_are_recalled",
            ),
            models.CheckConstraint(condition=Q(number=1) | ~Q(reason=""), name="an_amendment_says_why"),
        ]


class Fund(models.Model):
    """Who pays (財源): one line of somebody's budget. The money itself is in the books under this id."""

    id = models.UUIDField(primary_key=True)
    municipality = models.IntegerField()
    programme = models.ForeignKey(Programme, on_delete=models.PROTECT, related_name="funds")
    code = models.CharField(max_length=CODE)
    place = models.PositiveSmallIntegerField()  # order in the document
    name_ja = models.CharField(max_length=TEXT)
    name_en = models.CharField(max_length=TEXT)
    funder = models.CharField(max_length=10)
    payer = models.CharField(max_length=TEXT, blank=True)  # department code, or the sponsor's name or id
    fiscal_year = models.PositiveSmallIntegerField()
    account = models.CharField(max_length=TEXT, blank=True)  # 会計
    kan = models.CharField(max_length=TEXT, blank=True)  # 款
    kou = models.CharField(max_length=TEXT, blank=True)  # 項
    moku = models.CharField(max_length=TEXT, blank=True)  # 目
    setsu = models.CharField(max_length=TEXT, blank=True)  # 節
    source_ja = models.CharField(max_length=TEXT)
    source_en = models.CharField(max_length=TEXT)
    grant_rate_bp = models.PositiveIntegerField()
    money_form = models.CharField(max_length=20, blank=True)

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["programme", "code"], name="one_fund_for_a_code"),
            models.CheckConstraint(
                condition=Q(funder__in=["department", "national", "prefecture", "sponsor", "buyers"]),
                name="a_funder_is_known",
            ),
            models.CheckConstraint(
                condition=~Q(funder="sponsor") | ~Q(money_form=""), name="a_sponsors_money_has_a_legal_form"
            ),
            models.CheckConstraint(condition=Q(grant_rate_bp__lte=10_000), name="a_grant_covers_at_most_the_whole"),
        ]


class Agreement(models.Model):
    """Several funders carry a grant together (負担協定). A single fund is an agreement with one share."""

    id = models.UUIDField(primary_key=True)
    municipality = models.IntegerField()
    programme = models.ForeignKey(Programme, on_delete=models.PROTECT, related_name="agreements")
    code = models.CharField(max_length=CODE)
    name_ja = models.CharField(max_length=TEXT)
    name_en = models.CharField(max_length=TEXT)
    signed_on = models.DateField(null=True)

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["programme", "code"], name="one_agreement_for_a_code"),
        ]


class AgreementShare(models.Model):
    """One funder's share, and the rest that rounding left. Locked whenever a grant is shared: grants queue here."""

    id = models.UUIDField(primary_key=True)
    municipality = models.IntegerField()
    agreement = models.ForeignKey(Agreement, on_delete=models.PROTECT, related_name="shares")
    fund = models.ForeignKey(Fund, on_delete=models.PROTECT, related_name="shares")
    place = models.PositiveSmallIntegerField()  # order of overflow
    share_bp = models.PositiveIntegerField()
    cap_yen = models.BigIntegerField(null=True)
    granted_yen = models.BigIntegerField(default=0)
    carried = models.BigIntegerField(default=0)  # 1/10,000 yen; positive: the funder is behind its share

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["agreement", "fund"], name="one_share_for_a_fund_in_an_agreement"),
            models.UniqueConstraint(fields=["agreement", "place"], name="shares_of_an_agreement_stand_in_order"),
            models.CheckConstraint(condition=Q(share_bp__lte=10_000), name="a_share_is_at_most_the_whole"),
            models.CheckConstraint(condition=Q(granted_yen__gte=0), name="a_funder_carries_no_less_than_nothing"),
            models.CheckConstraint(
                condition=Q(cap_yen__isnull=True) | Q(granted_yen__lte=F("cap_yen")),
                name="a_funder_carries_no_more_than_its_cap",
            ),
        ]


class PurseKind(models.Model):
    """What a holder has of a programme: its paid or its granted part, spendable where `restriction` says."""

    id = models.UUIDField(primary_key=True)
    municipality = models.IntegerField()
    programme = models.ForeignKey(Programme, on_delete=models.PROTECT, related_name="purse_kinds")
    code = models.CharField(max_length=CODE)
    place = models.PositiveSmallIntegerField()  # order of spending between equals
    name_ja = models.CharField(max_length=TEXT)
    name_en = models.CharField(max_length=TEXT)
    part = models.CharField(max_length=7)
    agreement = models.ForeignKey(Agreement, on_delete=models.PROTECT, related_name="purse_kinds")
    restriction = models.JSONField(null=True)  # a predicate over shop facts; null: every shop
    tightness = models.PositiveIntegerField(default=0)  # in 1/100 %: the share of shops that do not accept it

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["programme", "code"], name="one_purse_kind_for_a_code"),
            models.CheckConstraint(condition=Q(part__in=["paid", "granted"]), name="a_purse_is_paid_or_granted"),
            models.CheckConstraint(condition=Q(tightness__lte=10_000), name="a_restriction_closes_at_most_all_shops"),
        ]


class BudgetAppropriation(models.Model):
    """A decision that put money into a fund, or took it out again. The yen are in the books, posted under this id."""

    id = models.UUIDField(primary_key=True)
    municipality = models.IntegerField()
    fund = models.ForeignKey(Fund, on_delete=models.PROTECT, related_name="appropriations")
    amount_yen = models.BigIntegerField()
    returned = models.BooleanField(default=False)
    reason = models.CharField(max_length=2000)  # council resolution, deposit slip, launch …
    decided_on = models.DateField()
    made_by = models.UUIDField(null=True)
    made_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(condition=Q(amount_yen__gt=0), name="an_appropriation_is_a_positive_amount"),
            models.CheckConstraint(condition=~Q(reason=""), name="an_appropriation_names_its_decision"),
        ]


class ValueRun(models.Model):
    """The value in a programme's wallets moves in bulk. The row says how far it is; the books, what moved.

    Proposed and ordered by two people; then carried out in batches, each a transaction of its own, and perhaps undone
    in the same way. A run that the system makes by itself has no approval; an extension is ordered with its amendment.
    """

    id = models.UUIDField(primary_key=True)
    municipality = models.IntegerField()
    programme = models.ForeignKey(Programme, on_delete=models.PROTECT, related_name="value_runs")
    kind = models.CharField(max_length=9, choices=[(each.value, each.value.capitalize()) for each in RunKind])
    day = models.DateField()  # the demurrage day; the last day that an extension gives; else the day of the proposal
    rate_bp = models.PositiveIntegerField(default=0)  # of a demurrage run, as the terms had it when it was proposed
    approval = models.UUIDField(null=True)
    proposed_at = models.DateTimeField()
    ordered_at = models.DateTimeField(null=True)
    done_at = models.DateTimeField(null=True)
    undo_approval = models.UUIDField(null=True)
    undo_ordered_at = models.DateTimeField(null=True)
    undone_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["programme", "kind", "day"], name="one_value_run_for_a_day",
                condition=~Q(kind__in=["extend", "closing"], undone_at__isnull=False),
            ),
            models.CheckConstraint(
                condition=Q(kind__in=["expiry", "extend", "closing"], rate_bp=0)
                | Q(kind="demurrage", rate_bp__gte=1, rate_bp__lte=10_000),
                name="a_demurrage_run_takes_a_share_of_what_is_there",
            ),
            models.CheckConstraint(
                condition=Q(done_at__isnull=True, undo_ordered_at__isnull=True) | Q(ordered_at__isnull=False),
                name="a_value_run_is_ordered_before_it_is_done_or_undone",
            ),
            models.CheckConstraint(
                condition=Q(undone_at__isnull=True) | Q(undo_ordered_at__isnull=False, done_at__isnull=False),
                name="a_value_run_is_undone_when_somebody_ordered_it",
            ),
        ]


class ArmsDraw(models.Model):
    """The draw of a programme's arms: what was promised at the launch, and what decided it. Recomputed from its list.

    The secret is shown once the programme is closed: until then nobody but its holder learns an arm.
    """

    id = models.UUIDField(primary_key=True)
    municipality = models.IntegerField()
    programme = models.OneToOneField(Programme, on_delete=models.PROTECT, related_name="arms_draw")
    secret = models.CharField(max_length=64)
    commitment = models.CharField(max_length=64)
    committed_at = models.DateTimeField()
    list_hash = models.CharField(max_length=64, blank=True)
    listed_at = models.DateTimeField(null=True)
    public_value = models.CharField(max_length=200, blank=True)
    results_digest = models.CharField(max_length=64, blank=True)
    drawn_at = models.DateTimeField(null=True)
    drawn_by = models.UUIDField(null=True)  # none: a scheduled task

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=Q(commitment__regex=r"^[0-9a-f]{64}$"), name="arms_are_committed_before_they_are_drawn"
            ),
            models.CheckConstraint(
                condition=Q(listed_at__isnull=True, list_hash="") | Q(~Q(list_hash=""), listed_at__isnull=False),
                name="a_list_of_arms_carries_its_hash",
            ),
            models.CheckConstraint(
                condition=Q(drawn_at__isnull=True, public_value="", results_digest="")
                | Q(~Q(public_value=""), ~Q(results_digest=""), drawn_at__gte=F("listed_at")),
                name="arms_are_drawn_after_their_list_is_fixed",
            ),
        ]


class ArmUnit(models.Model):
    """A person or a household that is drawn as one, so that no household is ever split: its arm stands here once.

    `id` is random and says nothing, not even when it was made: it is the name in the published list.
    """

    id = models.UUIDField(primary_key=True)
    municipality = models.IntegerField()
    draw = models.ForeignKey(ArmsDraw, on_delete=models.PROTECT, related_name="units")
    unit = models.UUIDField()  # the resident or the household
    stratum = models.CharField(max_length=TEXT, blank=True)
    arm = models.CharField(max_length=CODE, blank=True)  # empty until it is drawn

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["draw", "unit"], name="a_unit_is_drawn_into_one_arm"),
        ]


class ArmMember(models.Model):
    """Whom a unit's arm is for: everybody who lived in it when the list was fixed."""

    id = models.UUIDField(primary_key=True)
    municipality = models.IntegerField()
    programme = models.UUIDField()
    person = models.UUIDField()
    unit = models.ForeignKey(ArmUnit, on_delete=models.PROTECT, related_name="members")

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["programme", "person"], name="a_person_has_one_arm_of_a_programme"),
        ]


class RulesVersion(models.Model):
    """Names the state of a municipality's rules in force; processes keep the rules in memory until it changes."""

    municipality = models.IntegerField(primary_key=True)
    token = models.UUIDField()


class DryRunState(models.TextChoices):
    ASKED = "asked"  # waits for its process
    RUNNING = "running"  # days come in
    DONE = "done"
    STOPPED = "stopped"  # an officer had seen enough
    CUT = "cut"  # its process ended before its last day
    FAILED = "failed"  # it broke on a fault of ours


class DryRun(models.Model):
    """A draft that is lived by invented people (予行), in a database of its own; only what its evenings showed is here.

    `wanted` is all that it depends on, the document in it: the draft may have changed since.
    """

    id = models.UUIDField(primary_key=True)
    municipality = models.IntegerField()
    programme = models.ForeignKey(Programme, on_delete=models.PROTECT, related_name="dry_runs")
    digest = models.CharField(max_length=64)  # of the document that was lived, or of the amendment
    wanted = models.JSONField()
    beside = models.UUIDField(null=True)  # of an amendment's: the dry run of the same town that goes on without it
    state = models.CharField(max_length=7, choices=DryRunState.choices, default=DryRunState.ASKED)
    asked_by = models.UUIDField(null=True)
    asked_at = models.DateTimeField()
    stop_asked_at = models.DateTimeField(null=True)
    began_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    ending = models.JSONField(null=True)

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["programme"], condition=Q(state__in=["asked", "running"], beside__isnull=True),
                name="one_dry_run_of_a_draft_at_a_time",
            ),
            models.UniqueConstraint(
                fields=["programme"], condition=Q(state__in=["asked", "running"], beside__isnull=False),
                name="one_dry_run_of_an_amendment_at_a_time",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["asked", "running"], ended_at__isnull=True)
                | Q(state__in=["done", "stopped", "cut", "failed"], ended_at__isnull=False),
                name="a_dry_run_that_ended_has_a_time",
            ),
            models.CheckConstraint(
                condition=~Q(state="done") | Q(ending__isnull=False), name="a_dry_run_that_is_done_says_how_it_ended"
            ),
        ]


class DryRunDay(models.Model):
    """What a dry run's evening showed, as `dry_run.DayLived`."""

    id = models.UUIDField(primary_key=True)
    municipality = models.IntegerField()
    dry_run = models.ForeignKey(DryRun, on_delete=models.CASCADE, related_name="days")
    day = models.DateField()
    lived = models.JSONField()

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["dry_run", "day"], name="a_dry_run_lives_a_day_once"),
        ]


class ActionProposal(models.Model):
    """An action that a sponsor would like to help pay. The department takes it into a document, or declines it."""

    id = models.UUIDField(primary_key=True)
    municipality = models.IntegerField()
    programme = models.ForeignKey(Programme, on_delete=models.PROTECT, related_name="proposals")
    sponsor = models.UUIDField()
    name_ja = models.CharField(max_length=TEXT)
    name_en = models.CharField(max_length=TEXT)
    yen = models.PositiveIntegerField()  # what doing it once earns, all funders together
    first_day = models.DateField()
    last_day = models.DateField()
    place = models.CharField(max_length=TEXT, blank=True)
    evidence = models.CharField(max_length=16)
    state = models.CharField(max_length=9, default="waiting")
    proposed_at = models.DateTimeField()
    decided_by = models.UUIDField(null=True)
    decided_at = models.DateTimeField(null=True)
    reason = models.CharField(max_length=400, blank=True)  # of a decline; the company reads it
    action = models.CharField(max_length=CODE, blank=True)  # its code in the document, once taken

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(condition=Q(yen__gte=1), name="a_proposed_action_earns_something"),
            models.CheckConstraint(
                condition=Q(last_day__gte=F("first_day")), name="a_proposed_action_ends_after_it_begins"
            ),
            models.CheckConstraint(
                condition=Q(state="waiting", decided_at__isnull=True) | Q(state="withdrawn")
                | (Q(state="taken", decided_at__isnull=False) & ~Q(action=""))
                | (Q(state="declined", decided_at__isnull=False) & ~Q(reason="")),
                name="a_proposal_is_taken_with_a_code_or_declined_with_a_reason",
            ),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["municipality", "sponsor", "id"], name="proposals_of_a_sponsor"),
        ]


class SponsorDeposit(models.Model):
    """A sum that a sponsor says will come by a day. Recorded as arrived it has loaded the fund by an appropriation."""

    id = models.UUIDField(primary_key=True)
    municipality = models.IntegerField()
    fund = models.ForeignKey(Fund, on_delete=models.PROTECT, related_name="deposits")
    yen = models.BigIntegerField()
    due_on = models.DateField()
    announced_at = models.DateTimeField()
    arrived_on = models.DateField(null=True)
    recorded_at = models.DateTimeField(null=True)
    recorded_by = models.UUIDField(null=True)  # an officer
    appropriation = models.UUIDField(null=True)  # what loaded the fund
    withdrawn_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(condition=Q(yen__gte=1), name="an_announced_deposit_is_money"),
            models.CheckConstraint(
                condition=Q(recorded_at__isnull=True, arrived_on__isnull=True, appropriation__isnull=True)
                | Q(recorded_at__isnull=False, arrived_on__isnull=False, appropriation__isnull=False,
                    withdrawn_at__isnull=True),
                name="a_deposit_that_arrived_has_loaded_its_fund",
            ),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["municipality", "due_on"], name="deposits_by_day"),
        ]
