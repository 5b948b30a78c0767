"""Tables of everyday actions: which are open, where their codes hang, who did what. The yen are in the books."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import F, Q

CODE = 40
TEXT = 200


class RecordState(models.TextChoices):
    HELD = "held"  # reported; waits for somebody to confirm it
    GRANTED = "granted"
    REFUSED = "refused"  # whoever was to confirm it did not
    WITHDRAWN = "withdrawn"  # granted, and found wrong afterwards: the points are taken back


class PhotoAnswer(models.TextChoices):
    YES = "yes"
    NO = "no"
    AGAIN = "again"  # another one is asked for
    BACK = "back"  # its sender took it back


class Action(models.Model):
    """An action of a programme's terms that people may do now. Its yen and limits stay in the terms."""

    id = models.UUIDField(primary_key=True)
    municipality = models.IntegerField()
    programme = models.UUIDField()
    code = models.CharField(max_length=CODE)
    opened_at = models.DateTimeField()
    opened_by = models.UUIDField(null=True)
    closed_at = models.DateTimeField(null=True)
    seed = models.CharField(max_length=64)  # of the draw that says whose own report is looked at first

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["programme", "code"], name="one_action_for_a_code"),
            models.CheckConstraint(condition=Q(seed__regex=r"^[0-9a-f]{64}$"), name="an_action_has_a_seed"),
            models.CheckConstraint(
                condition=Q(closed_at__isnull=True) | Q(closed_at__gt=F("opened_at")),
                name="an_action_closes_after_it_opened",
            ),
        ]


class ActionPlace(models.Model):
    """Where an action is done. Its code changes every minute on a screen, or is printed once and hangs there."""

    id = models.UUIDField(primary_key=True)
    municipality = models.IntegerField()
    action = models.ForeignKey(Action, on_delete=models.PROTECT, related_name="places")
    code = models.CharField(max_length=8)
    name_ja = models.CharField(max_length=TEXT)
    name_en = models.CharField(max_length=TEXT)
    host = models.UUIDField(null=True)  # the shop or sponsor that confirms actions here; none: the department alone
    rotating = models.BooleanField()
    secret = models.CharField(max_length=64)
    opened_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["municipality", "code"], name="one_action_place_for_a_code"),
            models.CheckConstraint(
                condition=Q(secret__regex=r"^[0-9a-f]{64}$"),  # noqa: S106 - the form of it, not the thing
                name="a_place_has_a_secret",
            ),
        ]


class Participation(models.Model):
    """One row for a resident in a programme: the queue in which that person's grants are judged one after another."""

    id = models.UUIDField(primary_key=True)
    municipality = models.IntegerField()
    programme = models.UUIDField()
    resident = models.UUIDField()
    since = models.DateTimeField()

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["programme", "resident"], name="one_participation_for_a_resident"),
        ]


class ActionRecord(models.Model):
    """An action that somebody did. `asked_yen` is what the terms give, `granted_yen` what the limits still gave."""

    id = models.UUIDField(primary_key=True)
    municipality = models.IntegerField()
    request = models.UUIDField()  # under which it was asked for: asked again, it is the same action
    programme = models.UUIDField()
    action = models.ForeignKey(Action, on_delete=models.PROTECT, related_name="records")
    resident = models.UUIDField()
    done_at = models.DateTimeField()
    day = models.DateField()  # of done_at, in Japan
    evidence = models.CharField(max_length=16)
    place = models.ForeignKey(ActionPlace, on_delete=models.PROTECT, null=True, related_name="records")
    confirmed_by = models.UUIDField(null=True)
    confirmed_at = models.DateTimeField(null=True)
    asked_yen = models.PositiveIntegerField()
    granted_yen = models.PositiveIntegerField(default=0)
    cut_by = models.CharField(max_length=20, blank=True)  # the limit that made granted_yen less than asked_yen
    state = models.CharField(max_length=9, choices=RecordState.choices)
    reason = models.CharField(max_length=400, blank=True)  # why it was refused or withdrawn
    posting = models.UUIDField(null=True)
    held_for = models.CharField(max_length=16, blank=True)  # why it waited although nobody confirms its kind
    steps = models.PositiveIntegerField(null=True)  # of the day, where they are its evidence
    drawn = models.PositiveSmallIntegerField(null=True)  # by lot, of 10,000: below the terms' share it waited

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=Q(state__in=["granted", "withdrawn"], posting__isnull=False, granted_yen__gte=1)
                | Q(state__in=["held", "refused"], posting__isnull=True, granted_yen=0),
                name="a_grant_has_its_posting",
            ),
            models.CheckConstraint(
                condition=Q(granted_yen__lte=F("asked_yen")), name="no_action_earns_more_than_its_terms_say"
            ),
            models.CheckConstraint(
                condition=~Q(state="granted") | Q(granted_yen=F("asked_yen")) | ~Q(cut_by=""),
                name="a_cut_grant_names_its_limit",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["refused", "withdrawn"]) | ~Q(reason=""), name="a_refused_action_says_why"
            ),
            models.CheckConstraint(
                condition=Q(drawn__isnull=True) | Q(drawn__lt=10_000), name="a_number_drawn_is_below_ten_thousand"
            ),
            models.UniqueConstraint(fields=["municipality", "request"], name="one_action_record_for_a_request"),
            models.UniqueConstraint(fields=["municipality", "posting"], name="one_action_record_for_a_posting"),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["municipality", "resident", "id"], name="action_records_of_a_resident"),
            models.Index(fields=["programme", "state", "id"], name="action_records_of_a_programme"),
            models.Index(fields=["programme", "resident", "day"], name="action_records_of_somebody"),
        ]


class BonusState(models.TextChoices):
    GRANTED = "granted"
    WITHDRAWN = "withdrawn"  # what completed the mission was found wrong: the bonus was taken back


class MissionBonus(models.Model):
    """What a person got for completing a mission, the `turn`-th of as many as the terms give.

    `number` runs on over what was taken back: each bonus has a key of its own in the books.
    """

    id = models.UUIDField(primary_key=True)
    municipality = models.IntegerField()
    programme = models.UUIDField()
    mission = models.CharField(max_length=CODE)
    resident = models.UUIDField()
    number = models.PositiveIntegerField()
    turn = models.PositiveIntegerField()
    times = models.PositiveIntegerField()  # as the terms said then
    record = models.ForeignKey(ActionRecord, on_delete=models.PROTECT, related_name="bonuses")  # which completed it
    asked_yen = models.PositiveIntegerField()
    granted_yen = models.PositiveIntegerField()
    cut_by = models.CharField(max_length=20, blank=True)
    posting = models.UUIDField()
    state = models.CharField(max_length=9, choices=BonusState.choices)
    granted_at = models.DateTimeField()
    withdrawn_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["programme", "mission", "resident", "turn"], condition=Q(state="granted"),
                name="one_standing_bonus_for_a_turn",
            ),
            models.UniqueConstraint(
                fields=["programme", "mission", "resident", "number"], name="one_mission_bonus_for_a_number"
            ),
            models.UniqueConstraint(fields=["municipality", "posting"], name="one_mission_bonus_for_a_posting"),
            models.CheckConstraint(
                condition=Q(turn__gte=1, turn__lte=F("times")), name="a_mission_pays_no_more_often_than_its_times"
            ),
            models.CheckConstraint(
                condition=Q(granted_yen__gte=1, granted_yen__lte=F("asked_yen")),
                name="no_mission_pays_more_than_its_terms_say",
            ),
            models.CheckConstraint(
                condition=Q(granted_yen=F("asked_yen")) | ~Q(cut_by=""), name="a_cut_bonus_names_its_limit"
            ),
            models.CheckConstraint(
                condition=Q(state="granted", withdrawn_at__isnull=True)
                | Q(state="withdrawn", withdrawn_at__isnull=False),
                name="a_bonus_taken_back_says_when",
            ),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["municipality", "resident", "id"], name="bonuses_of_a_resident"),
        ]


class ActionPhoto(models.Model):
    """A photo that a resident sent of a deed, and its answer. The picture lies in the vault under the same id."""

    id = models.UUIDField(primary_key=True)
    municipality = models.IntegerField()
    record = models.ForeignKey(ActionRecord, on_delete=models.PROTECT, related_name="photos")
    request = models.UUIDField()  # under which it was sent: sent again, it is the same photo
    resident = models.UUIDField()
    file_mark = models.CharField(max_length=64)  # by which the same file is known again; only the town can make it
    pixel_mark = models.CharField(max_length=64)
    sent_at = models.DateTimeField()
    answer = models.CharField(max_length=5, choices=PhotoAnswer.choices, blank=True)  # empty: it waits
    reason = models.CharField(max_length=400, blank=True)
    answered_by = models.UUIDField(null=True)
    answered_at = models.DateTimeField(null=True)
    dropped_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["municipality", "request"], name="one_photo_for_a_request"),
            models.UniqueConstraint(fields=["record"], condition=Q(answer=""), name="one_photo_of_a_deed_waits"),
            models.CheckConstraint(
                condition=Q(answer="", answered_at__isnull=True) | ~Q(answer="") & Q(answered_at__isnull=False),
                name="an_answered_photo_says_when",
            ),
            models.CheckConstraint(
                condition=~Q(answer__in=["no", "again"]) | ~Q(reason=""), name="a_photo_not_taken_says_why"
            ),
            models.CheckConstraint(
                condition=Q(file_mark__regex=r"^[0-9a-f]{64}$", pixel_mark__regex=r"^[0-9a-f]{64}$"),
                name="a_photo_has_its_marks",
            ),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["municipality", "file_mark"], name="photos_of_a_file"),
            models.Index(fields=["municipality", "pixel_mark"], name="photos_of_pixels"),
            models.Index(fields=["municipality", "answered_at"], condition=Q(dropped_at=None), name="photos_to_drop"),
        ]


class StepDay(models.Model):
    """The steps of one day as a resident brought them: all that is kept of a file. Looked at first, counted after."""

    id = models.UUIDField(primary_key=True)
    municipality = models.IntegerField()
    brought = models.UUIDField()  # the days of one file
    resident = models.UUIDField()
    day = models.DateField()
    steps = models.PositiveIntegerField()
    source = models.CharField(max_length=16)
    digest = models.CharField(max_length=64)  # SHA-256 of the file
    brought_at = models.DateTimeField()
    counted_at = models.DateTimeField(null=True)
    refused = models.JSONField(default=dict)  # by action: why it earned nothing, in both languages

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["brought", "day"], name="one_number_of_steps_for_a_day"),
            models.CheckConstraint(condition=Q(digest__regex=r"^[0-9a-f]{64}$"), name="steps_know_their_file"),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["municipality", "resident", "day"], name="step_days_of_a_resident"),
            models.Index(fields=["municipality", "day", "steps"], name="step_days_of_a_day"),
            models.Index(fields=["municipality", "digest"], name="step_days_of_a_file"),
        ]
