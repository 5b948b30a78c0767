"""What an officer does with a photo that waits: look at it, ask for another. Yes and no are `confirming`'s.

And what time does with photos: those answered long ago are deleted, and a deed whose other photo never came is over.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction

from meguri.notices.operations import send
from meguri.parties.operations.photos import ShownPhoto, drop_photos, show_photo
from meguri.programmes.parts import PHOTO_KEPT_DAYS
from meguri.programmes.points import photo_rules, rules, wording
from meguri.programmes.points.models import ActionPhoto, ActionRecord, PhotoAnswer, RecordState
from meguri.programmes.points.operations.confirming import locked_record, require_held
from meguri.programmes.points.operations.granting import office, wait_in_line
from meguri.programmes.points.operations.judging import Recorded, require_may_attest, show
from meguri.programmes.points.operations.photo_answers import answer_photo
from meguri.programmes.points.operations.recording import recorded
from meguri.words.actor import Actor

DROPPED_AT_ONCE = 500


@transaction.atomic
def look_at_photo(*, photo: UUID, reason: str, by: Actor, at: datetime) -> ShownPhoto:
    """Show a photo to the department whose action it is evidence of; the look is logged with its reason.

    Nobody looks at their own as an officer. Raises Refusal `photo_not_this`, `not_allowed`, `action_own_record`,
    `reason_missing`, `photo_gone`, `field_hidden`.
    """
    kept = ActionPhoto.objects.filter(id=photo, municipality=by.municipality).select_related("record").first()
    if kept is None:
        raise photo_rules.NOT_THIS.refusal()
    require_may_attest(show(kept.record.action_id, by=by), resident=kept.resident, host=None, by=by)
    return show_photo(photo, owner=kept.resident, reason=reason, by=by, at=at)


@transaction.atomic
def ask_for_another(*, record: UUID, photo: UUID, reason: str, by: Actor, at: datetime) -> Recorded:
    """Neither yes nor no: the resident is told why and may send another photo; the deed keeps its day.

    Raises Refusal as `decline_action`.
    """
    row, shown = locked_record(record, by=by, at=at)
    require_held(row)
    if not reason.strip():
        raise rules.REASON_MISSING.refusal(field="reason")
    answer_photo(row, photo, answer=PhotoAnswer.AGAIN, reason=reason, by=by, at=at)
    words = photo_rules.asked_again(rules.named(shown.terms), reason=reason.strip()[:400])
    send(row.resident, words, channel="in_app", topic="point.photo", by=office(row.municipality), at=at)
    return recorded(row)


def drop_old_photos(*, municipality: int, at: datetime) -> int:
    """Delete the photos whose answer is PHOTO_KEPT_DAYS old, as their senders were told; gives how many rows it was."""
    over = ActionPhoto.objects.filter(
        municipality=municipality, dropped_at=None, answered_at__lte=at - timedelta(days=PHOTO_KEPT_DAYS)
    )
    numbers = list(over.order_by("id").values_list("id", flat=True)[:DROPPED_AT_ONCE])
    drop_photos(numbers, by=office(municipality))
    return ActionPhoto.objects.filter(id__in=numbers).update(dropped_at=at)


def end_unanswered(*, municipality: int, at: datetime) -> int:
    """Decline deeds for which another photo was asked and none came in time; gives how many."""
    since = at - timedelta(days=photo_rules.ASKED_DAYS)
    held = ActionRecord.objects.filter(
        municipality=municipality, state=RecordState.HELD, photos__answer=PhotoAnswer.AGAIN,
        photos__answered_at__lte=since,
    )  # fmt: skip
    records = list(held.values_list("id", flat=True).distinct())
    return sum(_end(record, municipality=municipality, at=at) for record in records)


@transaction.atomic
def _end(record: UUID, *, municipality: int, at: datetime) -> bool:
    """Order: the resident's turn, the record, what its last photo was told, the row, the notice."""
    by = office(municipality)
    known = ActionRecord.objects.get(id=record)
    shown = show(known.action_id, by=by)
    wait_in_line([(shown.offer, known.resident)], at=at)
    row = ActionRecord.objects.select_for_update().get(id=record)
    last = ActionPhoto.objects.filter(record=row).order_by("id").last()
    if row.state != RecordState.HELD or last is None or last.answer != PhotoAnswer.AGAIN or last.answered_at is None:
        return False
    if not photo_rules.is_lapsed(last.answered_at, at=at):
        return False
    row.state, row.reason = RecordState.REFUSED, photo_rules.NONE_CAME
    row.save(update_fields=["state", "reason"])
    words = wording.refused(rules.named(shown.terms), reason=row.reason)
    send(row.resident, words, channel="in_app", topic="point.refused", by=by, at=at)
    return True
