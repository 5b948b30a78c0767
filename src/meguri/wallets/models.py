"""The wallet as a thing, of a phone or of paper: opened, perhaps stopped. What it holds is in the books, never here."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import F, Q

from meguri.parties.tries import WrongTries
from meguri.wallets.rules import WARNING_DAYS

TRIES = 3
"""How often a part of a print file is begun before the file is set aside."""
LOST_PHONE = "lost phone"
"""The reason that the holder may lift without an officer."""


class Wallet(models.Model):
    """One per holder; `id` is the holder's pseudonym. A suspended wallet can receive, but not pay."""

    id = models.UUIDField(primary_key=True)
    municipality = models.IntegerField()
    opened_at = models.DateTimeField()
    suspended_at = models.DateTimeField(null=True)
    suspended_because = models.CharField(max_length=200, blank=True)
    moved_to = models.UUIDField(null=True)  # the holder joined the register and has another wallet since

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=Q(suspended_at__isnull=True) | ~Q(suspended_because=""),
                name="a_wallet_is_suspended_for_a_reason",
            ),
            models.CheckConstraint(
                condition=Q(moved_to__isnull=True) | ~Q(moved_to=F("id")), name="a_wallet_moves_to_another_one"
            ),
        ]


class ExpiryChoice(models.Model):
    """How a holder wants to be warned before value expires or shrinks; who chose nothing has no row (`rules.USUAL`)."""

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
    """A holder was warned of what ends or shrinks at a moment: once for each, however often the task runs."""

    id = models.UUIDField(primary_key=True)
    municipality = models.IntegerField()
    holder = models.UUIDField()
    expires_at = models.DateTimeField()
    yen = models.PositiveBigIntegerField()  # what was said to be lost then
    warned_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["municipality", "holder", "expires_at"], name="a_holder_is_warned_once_of_an_expiry"
            ),
            models.CheckConstraint(condition=Q(yen__gt=0), name="nobody_is_warned_of_nothing"),
        ]


class Gift(models.Model):
    """Value on its way from one holder to another. It lies on an account of the gift itself (role `held`, owner `id`).

    `digest` is all that is kept of its code. `receivers`: who may take it, as the terms said when it was made.
    `given` is the posting that put it aside, `ended` the one by which it was taken or came back.
    """

    id = models.UUIDField(primary_key=True)
    municipality = models.IntegerField()
    giver = models.UUIDField()
    purse_kind = models.UUIDField()
    yen = models.PositiveBigIntegerField()
    expires_at = models.DateTimeField(null=True)  # the money's own
    digest = models.BinaryField(max_length=32)
    receivers = models.JSONField()  # {"who": a condition, "outsiders": false}
    made_at = models.DateTimeField()
    until = models.DateTimeField()
    given = models.UUIDField()
    taken_by = models.UUIDField(null=True)
    ended = models.UUIDField(null=True)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["municipality", "digest"], name="one_gift_for_a_code"),
            models.CheckConstraint(condition=Q(yen__gt=0), name="a_gift_is_of_some_yen"),
            models.CheckConstraint(condition=Q(until__gt=models.F("made_at")), name="a_gift_ends_after_it_was_made"),
            models.CheckConstraint(
                condition=Q(expires_at__isnull=True) | Q(until__lte=models.F("expires_at")),
                name="a_gift_ends_no_later_than_its_money",
            ),
            models.CheckConstraint(
                condition=Q(ended__isnull=True, ended_at__isnull=True, taken_by__isnull=True)
                | Q(ended__isnull=False, ended_at__isnull=False),
                name="a_gift_that_ended_says_when_and_how",
            ),
            models.CheckConstraint(condition=~Q(taken_by=models.F("giver")), name="nobody_takes_a_gift_of_ones_own"),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["municipality", "giver", "-made_at"], name="gifts_of_a_giver"),
            models.Index(
                fields=["municipality", "until"], condition=Q(ended__isnull=True), name="gifts_that_may_come_back"
            ),
        ]


class GiftTries(WrongTries):
    """Wrong gift codes."""

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["municipality", "person"], name="one_count_of_gift_tries_for_a_person"),
        ]


class Cause(models.Model):
    """What residents can donate to, listed by two officers for a time. `receiver`: a registered organisation's id.

    The town's own fund is registered like one: what is given to it is transferred to its bank account, too.
    """

    id = models.UUIDField(primary_key=True)
    municipality = models.IntegerField()
    department = models.CharField(max_length=40)
    name_ja = models.CharField(max_length=80)
    name_en = models.CharField(max_length=80)
    purpose_ja = models.CharField(max_length=400)
    purpose_en = models.CharField(max_length=400)
    receiver = models.UUIDField()
    receiver_kind = models.CharField(max_length=12)
    opens_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    made_by = models.UUIDField(null=True)
    made_at = models.DateTimeField()
    approval = models.UUIDField()
    approved_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(condition=Q(ends_at__gt=F("opens_at")), name="a_cause_ends_after_it_opens"),
            models.CheckConstraint(condition=~Q(name_ja="") & ~Q(purpose_ja=""), name="a_cause_says_what_it_is_for"),
            models.CheckConstraint(
                condition=Q(receiver_kind__in=["fund", "organisation"]), name="a_cause_has_a_kind_of_receiver"
            ),
        ]


class Donation(models.Model):
    """Granted value on its way to a cause. It lies on an account of the donation itself (role `held`, owner `id`).

    Until `until` its giver may undo it; then it is passed on. `given` is the posting that put it aside, `ended` the one
    that undid it or passed it on (`outcome`).
    """

    UNDONE, PASSED = "undone", "passed"

    id = models.UUIDField(primary_key=True)
    municipality = models.IntegerField()
    cause = models.ForeignKey(Cause, on_delete=models.PROTECT, related_name="donations")
    holder = models.UUIDField()
    programme = models.UUIDField()
    purse_kind = models.UUIDField()
    part = models.CharField(max_length=10)
    yen = models.PositiveBigIntegerField()
    expires_at = models.DateTimeField(null=True)  # the money's own
    made_at = models.DateTimeField()
    until = models.DateTimeField()
    given = models.UUIDField()
    outcome = models.CharField(max_length=10, blank=True)
    ended = models.UUIDField(null=True)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(condition=Q(yen__gt=0), name="a_donation_is_of_some_yen"),
            models.CheckConstraint(condition=Q(part="granted"), name="only_granted_value_is_donated"),
            models.CheckConstraint(condition=Q(until__gt=F("made_at")), name="a_donation_can_be_undone_for_a_while"),
            models.CheckConstraint(
                condition=Q(outcome="", ended__isnull=True, ended_at__isnull=True)
                | Q(outcome__in=["undone", "passed"], ended__isnull=False, ended_at__isnull=False),
                name="a_donation_that_ended_says_when_and_how",
            ),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["municipality", "holder", "-made_at"], name="donations_of_a_holder"),
            models.Index(
                fields=["municipality", "until"], condition=Q(outcome=""), name="donations_to_be_passed_on"
            ),
        ]


class PrintRun(models.Model):
    """An order of booklets that are alike. `number` stands in every note; the key of the secrets is kept nowhere."""

    id = models.UUIDField(primary_key=True)
    municipality = models.IntegerField()
    number = models.PositiveIntegerField()  # 1, 2, 3 … within the town
    programme = models.UUIDField()
    bundle = models.CharField(max_length=40, blank=True)  # which unit of the sale it is; empty: its own
    face_yen = models.PositiveIntegerField()
    booklets = models.PositiveIntegerField()
    sections = models.JSONField()  # [{"purses": [purse kinds], "notes": 8, "ja": "共通券", "en": "Common"}] in order
    key_mark = models.BinaryField(max_length=8)  # tells a wrong VAULT_KEY from a false note
    ordered_at = models.DateTimeField()
    ordered_by = models.UUIDField(null=True)
    approval = models.UUIDField()
    approved_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["municipality", "number"], name="one_print_run_for_a_number"),
            models.CheckConstraint(
                condition=Q(number__gte=1, number__lt=10**4, booklets__gte=1, booklets__lt=10**6, face_yen__gte=1),
                name="a_print_run_fits_into_its_numbers",
            ),
        ]


class Booklet(models.Model):
    """A printed booklet: the holder of what lies in it, under its own pseudonym `id`. Nobody's until handed over.

    `filled` says what the first filling put in, by section and lot: from it follows what each note pays.
    """

    id = models.UUIDField(primary_key=True)
    municipality = models.IntegerField()
    run = models.ForeignKey(PrintRun, on_delete=models.PROTECT, related_name="printed")
    number = models.PositiveIntegerField()
    filled = models.JSONField(null=True)  # [{"notes": 8, "parts": [[lot, yen], …]}], one for each section
    handed_at = models.DateTimeField(null=True)
    handed_by = models.UUIDField(null=True)
    source = models.UUIDField(null=True)  # the posting whose value it took over
    replaced_at = models.DateTimeField(null=True)  # what was left went to another booklet or a wallet

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["run", "number"], name="one_booklet_for_a_number_of_a_run"),
            models.CheckConstraint(condition=Q(number__gte=1), name="a_booklet_has_a_number"),
            models.CheckConstraint(
                condition=Q(handed_at__isnull=True, filled__isnull=True, source__isnull=True)
                | Q(handed_at__isnull=False, filled__isnull=False, source__isnull=False),
                name="a_booklet_handed_over_says_what_filled_it",
            ),
            models.CheckConstraint(
                condition=Q(replaced_at__isnull=True) | Q(handed_at__isnull=False),
                name="only_a_booklet_handed_over_is_replaced",
            ),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["run", "handed_at"], name="booklets_by_handing_over"),
            models.Index(fields=["municipality", "source"], name="booklets_of_a_sale"),
        ]


class NoteBlock(models.Model):
    """A lost or stolen note. Its payment's key is used up, so it never pays again; here stands when and why."""

    id = models.UUIDField(primary_key=True)
    municipality = models.IntegerField()
    booklet = models.ForeignKey(Booklet, on_delete=models.PROTECT, related_name="blocks")
    note = models.PositiveSmallIntegerField()
    blocked_at = models.DateTimeField()
    blocked_by = models.UUIDField(null=True)
    because = models.CharField(max_length=200)

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["booklet", "note"], name="one_block_for_a_note"),
            models.CheckConstraint(condition=Q(note__gte=1), name="a_block_names_a_note"),
            models.CheckConstraint(condition=~Q(because=""), name="a_note_is_blocked_for_a_reason"),
        ]


class PrintedFile(models.Model):
    """One fetching of a run's print file: who took which booklets' secrets out of the house, and why."""

    id = models.UUIDField(primary_key=True)
    municipality = models.IntegerField()
    run = models.ForeignKey(PrintRun, on_delete=models.PROTECT, related_name="files")
    first = models.PositiveIntegerField()
    last = models.PositiveIntegerField()
    form = models.CharField(max_length=10)
    printed_at = models.DateTimeField()
    printed_by = models.UUIDField(null=True)
    because = models.CharField(max_length=200)

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=Q(first__gte=1, last__gte=models.F("first")), name="a_printed_file_holds_booklets"
            ),
            models.CheckConstraint(condition=~Q(because=""), name="a_print_has_a_reason"),
        ]


class PrintJob(models.Model):
    """A print file that the worker makes: pieces `first` to `last`, `done` of them made by now.

    Either booklets of a run, made from the run's own key; or letters about a sale or a programme (`about`), made under
    the hat of the officer who asked (`asked_by`, `asked_role`, `asked_department`): `said` is sealed and becomes their
    page to read first, `file` is how the zip is called, `digest` names what was asked. Once all are made, `expires_at`
    says until when it can be fetched; then the row goes, with its parts. A refusal on the way ends it early (`stopped`
    holds its sentences); what was made until then can be fetched. `tries` counts how often the part that comes next was
    begun, `fault` names what the last one failed of (nothing, where its process ended): see `print_tries`.
    """

    id = models.UUIDField(primary_key=True)
    municipality = models.IntegerField()
    run = models.ForeignKey(PrintRun, on_delete=models.PROTECT, related_name="jobs", null=True)
    about = models.UUIDField(null=True)
    file = models.CharField(max_length=40, blank=True)
    said = models.BinaryField(null=True)
    first = models.PositiveIntegerField()
    last = models.PositiveIntegerField()
    done = models.PositiveIntegerField(default=0)
    asked_at = models.DateTimeField()
    asked_by = models.UUIDField()
    asked_role = models.CharField(max_length=20, blank=True)
    asked_department = models.CharField(max_length=20, blank=True)
    digest = models.CharField(max_length=64, blank=True)
    because = models.CharField(max_length=200)
    expires_at = models.DateTimeField(null=True)
    stopped = models.JSONField(null=True)  # {"ja": …, "en": …}
    tries = models.PositiveSmallIntegerField(default=0)
    fault = models.CharField(max_length=60, blank=True)

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["run", "first", "last"], condition=Q(expires_at__isnull=True),
                name="one_open_print_job_for_the_same_booklets",
            ),
            models.UniqueConstraint(
                fields=["about", "digest"], condition=Q(expires_at__isnull=True, run__isnull=True),
                name="one_open_print_job_for_the_same_letters",
            ),
            models.CheckConstraint(
                condition=Q(first__gte=1, last__gte=models.F("first"))
                & (Q(expires_at__isnull=True, stopped__isnull=True, done__lte=models.F("last") - models.F("first"))
                   | Q(expires_at__isnull=False, stopped__isnull=True, done=models.F("last") - models.F("first") + 1)
                   | Q(expires_at__isnull=False, stopped__isnull=False,
                       done__lte=models.F("last") - models.F("first"))),
                name="a_print_job_is_ready_when_all_is_made_or_it_was_stopped",
            ),
            models.CheckConstraint(condition=~Q(because=""), name="a_print_job_has_a_reason"),
            models.CheckConstraint(condition=Q(tries__lte=TRIES), name="a_part_is_not_tried_for_ever"),
            models.CheckConstraint(
                condition=Q(run__isnull=False, about__isnull=True, said__isnull=True)
                | Q(run__isnull=True, about__isnull=False, said__isnull=False),
                name="a_print_job_is_of_booklets_or_of_letters",
            ),
        ]


class PrintedPart(models.Model):
    """A part of such a file, sealed: its secrets are as good as money until the paper is sold.

    Of letters, it holds for whom they are to be made until then, and the file `name` from then on (nothing, where all
    letters of the part fell away).
    """

    id = models.UUIDField(primary_key=True)
    municipality = models.IntegerField()
    job = models.ForeignKey(PrintJob, on_delete=models.PROTECT, related_name="parts")
    first = models.PositiveIntegerField()
    pieces = models.PositiveIntegerField()
    name = models.CharField(max_length=40, blank=True)
    is_made = models.BooleanField(default=True)
    content = models.BinaryField()

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["job", "first"], name="a_part_of_a_print_job_is_made_once"),
            models.CheckConstraint(condition=Q(pieces__gte=1), name="a_printed_part_holds_something"),
            models.CheckConstraint(
                condition=Q(is_made=True) | ~Q(name=""), name="what_waits_to_be_set_is_a_letter_file"
            ),
        ]
