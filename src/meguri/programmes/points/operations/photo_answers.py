"""The answer that a photo gets, written with whatever becomes of its deed."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from meguri.parties.queries.photos import has_seen_photo, photos_kept
from meguri.programmes.points.models import ActionPhoto, ActionRecord, PhotoAnswer
from meguri.programmes.points.photo_rules import NOT_SEEN, NOT_THIS
from meguri.words.actor import Actor


def answer_photo(
    row: ActionRecord, photo: UUID | None, *, answer: PhotoAnswer, by: Actor, at: datetime, reason: str = ""
) -> None:
    """Answer the photo that waits for this record, which the caller has locked. A deed without photos needs none.

    Whoever says yes has looked at it, as the log of reveals tells; to a photo that is gone nobody can.
    Raises Refusal `photo_not_this`, `photo_not_seen`.
    """
    waiting = ActionPhoto.objects.filter(record=row, answer="").first()
    if waiting is None and photo is None and not ActionPhoto.objects.filter(record=row).exists():
        return
    if waiting is None or waiting.id != photo:
        raise NOT_THIS.refusal()
    if answer == PhotoAnswer.YES:
        _require_seen(waiting, by=by)
    waiting.answer, waiting.reason = answer, reason.strip()[:400]
    waiting.answered_by, waiting.answered_at = by.party, at
    waiting.save(update_fields=["answer", "reason", "answered_by", "answered_at"])


def _require_seen(waiting: ActionPhoto, *, by: Actor) -> None:
    town = waiting.municipality
    is_seen = by.party is not None and has_seen_photo(by.party, photo=waiting.id, municipality=town)
    if not is_seen or not photos_kept([waiting.id], municipality=town):
        raise NOT_SEEN.refusal()
