"""Photos of deeds by the API: a resident sends one, sends another when asked, and hears the answers."""

from __future__ import annotations

import binascii
from base64 import b64decode
from datetime import datetime
from uuid import UUID

from ninja import Field, Router, Schema

from meguri.faces.api.auth import Bearer, IdempotencyKey
from meguri.faces.api.moments import Moment
from meguri.faces.entrance.requests import TownRequest
from meguri.programmes.points import operations, queries
from meguri.programmes.points.delivering import ACTION_NOT_OPEN
from meguri.programmes.points.photo_rules import TOLD_MOST
from meguri.programmes.points.photos import Photographed, photos_of
from meguri.vault.photo_files import PHOTO_BROKEN
from meguri.words.ids import named_id

PHOTO_SIGNS_MAX = 2_400_000
"""Of Base64: 1.8 million bytes. A program makes a photo smaller first; 1,600 pixels are kept anyway."""

router = Router()


class PhotoAsked(Schema):
    """`photo`: a JPEG, PNG or WebP file in Base64. `record`: of which deed another photo was asked; `programme` and
    `action` are not needed then. `told`: what the sender says of it.
    """

    photo: str = Field(max_length=PHOTO_SIGNS_MAX)
    programme: UUID | None = None
    action: str = ""
    record: UUID | None = None
    told: str = Field("", max_length=TOLD_MOST)
    done_at: Moment | None = None


class PhotoRecorded(Schema):
    record: UUID
    state: str
    asked_yen: int
    granted_yen: int
    replayed: bool


class PhotoGiven(Schema):
    """`answer`: empty while it waits, yes, no, again (another is asked for), back (taken back). `drop_at`: when it is
    deleted.
    """

    sent_at: datetime
    answer: str
    reason: str
    drop_at: datetime | None


class PhotographedGiven(Schema):
    record: UUID
    action: str
    action_en: str
    state: str
    granted_yen: int
    is_asked: bool
    photos: list[PhotoGiven]


class PhotosGiven(Schema):
    photos: list[PhotographedGiven]


@router.post(
    "/actions/photos", operation_id="points_send_photo", response=PhotoRecorded, auth=Bearer("action.record")
)
def send_photo(request: TownRequest, asked: PhotoAsked, *, idempotency_key: IdempotencyKey) -> PhotoRecorded:
    """Send a photo of what one did; the points follow once somebody has looked. What the file says beside the picture
    (place, time, phone) is removed. Sent again under the same key, it is the same photo.
    """
    by, number = request.actor, named_id(f"photo:{request.actor.party}:{idempotency_key}")
    data = _decoded(asked.photo)
    if asked.record is not None:
        made = operations.send_another_photo(
            record=asked.record, request=number, data=data, told=asked.told, by=by, at=request.at
        )
    else:
        made = operations.send_photo(
            action=_action(request, asked), request=number, data=data, told=asked.told, done_at=asked.done_at, by=by,
            at=request.at,
        )  # fmt: skip
    return PhotoRecorded(
        record=made.record, state=made.state, asked_yen=made.asked_yen, granted_yen=made.granted_yen,
        replayed=made.replayed,
    )  # fmt: skip


def _decoded(text: str) -> bytes:
    try:
        return b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise PHOTO_BROKEN.refusal(field="photo") from None


def _action(request: TownRequest, asked: PhotoAsked) -> UUID:
    known = None
    if asked.programme is not None:
        known = queries.action_by_code(asked.programme, asked.action, municipality=request.actor.municipality)
    if known is None:
        raise ACTION_NOT_OPEN.refusal(action=asked.action, field="action")
    return known


@router.get("/actions/photos", operation_id="points_photos", response=PhotosGiven, auth=Bearer("action.record"))
def photos(request: TownRequest) -> PhotosGiven:
    """One's own deeds with photos, the newest first, and what was answered."""
    resident = request.actor.party
    found = photos_of(resident, municipality=request.actor.municipality) if resident else ()
    return PhotosGiven(photos=[_given(each) for each in found])


def _given(each: Photographed) -> PhotographedGiven:
    return PhotographedGiven(
        record=each.done.id, action=each.done.name.ja, action_en=each.done.name.en, state=each.done.state,
        granted_yen=each.done.granted_yen, is_asked=each.is_asked,
        photos=[
            PhotoGiven(sent_at=one.sent_at, answer=one.answer, reason=one.reason, drop_at=one.drop_at)
            for one in each.photos
        ],
    )  # fmt: skip
