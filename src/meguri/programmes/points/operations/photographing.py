"""What a resident does with photos of deeds: send one, send another when asked, take one back."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from uuid import UUID

from django.db import transaction

from meguri.parties.operations.photos import CleanPhoto, clean_photo, drop_photos, keep_photo
from meguri.parties.queries.photos import marks_of
from meguri.parties.rules import require
from meguri.programmes.parts import Evidence, Per
from meguri.programmes.points import rules
from meguri.programmes.points.limits import Within, bounds_of, left_of, lots_of
from meguri.programmes.points.models import ActionPhoto, ActionRecord, PhotoAnswer, RecordState
from meguri.programmes.points.operations.granting import wait_in_line
from meguri.programmes.points.operations.judging import Recorded, Report, Shown, said, show
from meguri.programmes.points.operations.recording import record_actions, recorded
from meguri.programmes.points.photo_rules import (
    NONE_ASKED,
    NOT_BY_PHOTO,
    TAKEN_BACK,
    TOLD_MOST,
    TOLD_TOO_LONG,
    WAITING_ALREADY,
    WAITING_MOST,
)
from meguri.words.actor import Actor
from meguri.words.ids import uuid7
from meguri.words.period import day_of


@transaction.atomic
def send_photo(
    *, action: UUID, request: UUID, data: bytes, told: str, by: Actor, at: datetime, done_at: datetime | None = None
) -> Recorded:
    """Record a deed by a photo of it; it is held until somebody has looked. Sent again, it is the same deed.

    `data`: the file as it came; `told`: what the person says of it, sealed with it. What the limits of that day would
    refuse anyway, counting what waits already, is refused now. Order: permission, the picture, the resident's turn,
    the request seen before, room within the limits, the deed as `record_actions`, the photo.
    Raises Refusal as `record_action` and `clean_photo`, and `photo_not_asked_for`, `photo_waiting_already`,
    `photo_told_too_long`, `subject_forgotten`.
    """
    person = _sender(by)
    shown, photo = show(action, by=by), _fit(data, told=told)
    if shown.terms.evidence is not Evidence.PHOTO:
        raise NOT_BY_PHOTO.refusal(name=rules.named(shown.terms))
    wait_in_line([(shown.offer, person)], at=at)
    known = ActionPhoto.objects.filter(municipality=by.municipality, request=request).first()
    if known is None:
        _require_room(shown, resident=person, on=day_of(done_at or at), at=at)
    else:
        _require_same(known, photo, action=action, resident=person)
    report = Report(action, request, by, done_at=done_at, has_photo=True)
    (answer,) = record_actions([report], municipality=by.municipality, at=at)
    made = said(answer)
    if known is None:
        _keep(photo, record=made.record, request=request, told=told, by=by, at=at)
    return made


@transaction.atomic
def send_another_photo(
    *, record: UUID, request: UUID, data: bytes, told: str, by: Actor, at: datetime
) -> Recorded:
    """Send another photo of a deed for which one was asked. Sent again, it is the same photo.

    Raises Refusal `not_allowed`, `action_record_unknown`, `action_record_judged`, `action_record_differs`,
    `photo_none_asked`, `photo_told_too_long`, `subject_forgotten`, and those of `clean_photo`.
    """
    photo = _fit(data, told=told)
    row = _own_record(record, by=by, at=at)
    known = ActionPhoto.objects.filter(municipality=by.municipality, request=request).first()
    if known is not None:
        _require_same(known, photo, action=row.action_id, resident=row.resident, record=row.id)
        return recorded(row, replayed=True)
    last = ActionPhoto.objects.filter(record=row).order_by("id").last()
    if row.state != RecordState.HELD or last is None or last.answer != PhotoAnswer.AGAIN:
        raise NONE_ASKED.refusal()
    _keep(photo, record=row.id, request=request, told=told, by=by, at=at)
    return recorded(row)


@transaction.atomic
def take_back_photo(*, record: UUID, by: Actor, at: datetime) -> Recorded:
    """Take back a deed that still waits; its photos are deleted at once. Taking back again is the same.

    Raises Refusal `not_allowed`, `action_record_unknown`, `photo_none_asked` for what has its answer.
    """
    row = _own_record(record, by=by, at=at)
    photos = ActionPhoto.objects.filter(record=row)
    if row.state == RecordState.REFUSED and photos.filter(answer=PhotoAnswer.BACK).exists():
        return recorded(row, replayed=True)
    if row.state != RecordState.HELD or not photos.exists():
        raise NONE_ASKED.refusal()
    last = photos.order_by("id").last()
    assert last is not None  # noqa: S101 - it exists
    last.answer, last.answered_at = PhotoAnswer.BACK, at
    last.save(update_fields=["answer", "answered_at"])
    drop_photos(list(photos.values_list("id", flat=True)), by=by)
    photos.filter(dropped_at=None).update(dropped_at=at)
    row.state, row.reason = RecordState.REFUSED, TAKEN_BACK
    row.save(update_fields=["state", "reason"])
    return recorded(row)


def _sender(by: Actor) -> UUID:
    require(by, "action.record", owner=by.party)
    assert by.party is not None  # noqa: S101 - a permission of scope OWN has an owner
    return by.party


def _fit(data: bytes, *, told: str) -> CleanPhoto:
    if len(told) > TOLD_MOST:
        raise TOLD_TOO_LONG.refusal(field="told", most=TOLD_MOST)
    return clean_photo(data)


def _own_record(record: UUID, *, by: Actor, at: datetime) -> ActionRecord:
    """The sender's own record, locked behind the sender's turn. Raises Refusal `action_record_unknown`."""
    person = _sender(by)
    known = ActionRecord.objects.filter(id=record, municipality=by.municipality, resident=person).first()
    if known is None:
        raise rules.RECORD_UNKNOWN.refusal()
    wait_in_line([(show(known.action_id, by=by).offer, person)], at=at)
    return ActionRecord.objects.select_for_update().get(id=record)


def _require_same(
    known: ActionPhoto, photo: CleanPhoto, *, action: UUID, resident: UUID, record: UUID | None = None
) -> None:
    marks = marks_of(photo, municipality=known.municipality)
    is_same = (known.record.action_id, known.resident, known.file_mark) == (action, resident, marks.file)
    if not is_same or record not in (None, known.record_id):
        raise rules.RECORD_DIFFERS.refusal()


def _keep(photo: CleanPhoto, *, record: UUID, request: UUID, told: str, by: Actor, at: datetime) -> None:
    number, owner = uuid7(at), _sender(by)
    marks = keep_photo(number, photo, owner=owner, told=told.strip(), by=by, at=at)
    ActionPhoto.objects.create(
        id=number, municipality=by.municipality, record_id=record, request=request, resident=owner,
        file_mark=marks.file, pixel_mark=marks.pixels, sent_at=at,
    )  # fmt: skip


def _require_room(shown: Shown, *, resident: UUID, on: date, at: datetime) -> None:
    """Whether the limits of a day still leave anything, counting what waits. Raises Refusal `action_ceiling_reached`,
    `photo_waiting_already`.
    """
    offer, terms = shown.offer, shown.terms
    bounds = bounds_of(offer, terms, on=on)
    lots = lots_of((each for each in bounds if each.unit != "held"), municipality=offer.municipality)
    (left,) = left_of([Within(resident, bounds, offer, at)], lots=lots, municipality=offer.municipality)
    rules.still_earns(terms.yen, drawn_on=bounds, left=left, on=on)
    waiting = ActionRecord.objects.filter(action=shown.row, resident=resident, state=RecordState.HELD)
    rooms = [
        (left[each.allowed], waiting.filter(**_within(each.per, on)).count()) for each in bounds if each.unit == "piece"
    ]
    for room, count in rooms or [(WAITING_MOST, waiting.count())]:
        if count >= room:
            raise WAITING_ALREADY.refusal(name=rules.named(terms), count=count)


def _within(per: Per, on: date) -> dict[str, date]:
    """Which days a limit counts together with this one."""
    if per is Per.PROGRAMME:
        return {}
    if per is Per.DAY:
        return {"day": on}
    first = on.replace(day=1)
    return {"day__gte": first, "day__lt": (first + timedelta(days=32)).replace(day=1)}
