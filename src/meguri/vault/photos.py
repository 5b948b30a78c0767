"""Photos that people send as evidence: sealed with what they say of them, shown for a reason, gone when their time is.

Each has a key of its own, wrapped by the town's: with its row, or with the person (`operations.forget`), it is noise.
"""

from __future__ import annotations

import json
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction

from meguri.vault import rules
from meguri.vault.models import RevealLog, SealedPhoto
from meguri.vault.operations import (
    FIELD_HIDDEN,
    REASON_MISSING,
    SEALING_NOT_ALLOWED,
    SUBJECT_FORGOTTEN,
    claim_records,
    locked_records,
)
from meguri.vault.photo_files import CleanPhoto
from meguri.vault.rules import Field
from meguri.vault.sealing import Sealed, look_up_digest, open_bytes, seal_bytes
from meguri.vault.town_key import keys_for_sealing, town_keys
from meguri.words.actor import Actor
from meguri.words.ids import uuid7
from meguri.words.refusal import declare

PHOTO_GONE = declare(
    "photo_gone", status=410,
    ja="この写真はもう消してあります。見ることはできません。",
    en="This photo has been deleted. It cannot be seen any more.",
)


@dataclass(frozen=True, slots=True)
class PhotoMarks:
    """By which the same photo is known again outside the vault: keyed digests (hex) that only this town can make."""

    file: str
    pixels: str


@dataclass(frozen=True, slots=True)
class ShownPhoto:
    """A photo as somebody is looking at it: a JPEG, and what its sender says of it."""

    jpeg: bytes
    told: str


def photo_marks(photo: CleanPhoto, *, municipality: int) -> PhotoMarks:
    """The marks of a photo in this town; in another town the same photo has others."""
    keys = town_keys(municipality)
    return PhotoMarks(
        look_up_digest("photo_file", photo.file_digest, keys=keys).hex(),
        look_up_digest("photo_pixels", photo.pixel_digest, keys=keys).hex(),
    )


@transaction.atomic
def seal_photo(number: UUID, photo: CleanPhoto, *, subject: UUID, told: str, by: Actor, at: datetime) -> None:
    """Keep a photo of a subject under its number.

    The subject's record is locked meanwhile: whoever is forgotten leaves no photo that arrives at that moment.
    Raises Refusal `sealing_not_allowed`, `subject_forgotten`.
    """
    if not rules.may_seal(by, subject):
        raise SEALING_NOT_ALLOWED.refusal()
    keys = keys_for_sealing(by.municipality)
    claim_records([subject], municipality=by.municipality, at=at)
    if locked_records([subject], by.municipality)[subject].forgotten_at is not None:
        raise SUBJECT_FORGOTTEN.refusal()
    head = json.dumps({"told": told}, ensure_ascii=True).encode()
    sealed = seal_bytes(number, head + b"\n" + photo.jpeg, keys=keys)
    SealedPhoto.objects.create(
        id=number, municipality=by.municipality, subject=subject, wrapped_key=sealed.wrapped_key,
        ciphertext=sealed.ciphertext, sealed_at=at,
    )  # fmt: skip


@transaction.atomic
def reveal_photo(number: UUID, *, reason: str, by: Actor, at: datetime) -> ShownPhoto:
    """Show a photo; the look is logged with its reason before the photo is opened.

    Raises Refusal `reason_missing`, `photo_gone`, `field_hidden`.
    """
    if not rules.is_reason(reason):
        raise REASON_MISSING.refusal(field="reason")
    kept = SealedPhoto.objects.filter(id=number, municipality=by.municipality).first()
    if kept is None:
        raise PHOTO_GONE.refusal()
    if rules.hidden_fields([Field.PHOTO], by=by, subject=kept.subject):
        raise FIELD_HIDDEN.refusal(fields=Field.PHOTO)
    RevealLog.objects.create(
        id=uuid7(at), municipality=by.municipality, subject=kept.subject, fields=[str(Field.PHOTO)],
        photo=number, reason=reason.strip(), by_role=by.role, by_party=by.party, by_department=by.department, at=at,
    )  # fmt: skip
    sealed = Sealed(bytes(kept.wrapped_key), bytes(kept.ciphertext))
    head, _, jpeg = open_bytes(number, sealed, keys=town_keys(by.municipality)).partition(b"\n")
    return ShownPhoto(jpeg, json.loads(head)["told"])


def drop_photos(numbers: Collection[UUID], *, municipality: int) -> int:
    """Delete photos with their keys; gives how many there still were. Backups keep them until they expire."""
    gone, _ = SealedPhoto.objects.filter(municipality=municipality, id__in=numbers).delete()
    return gone


def kept_photos(numbers: Collection[UUID], *, municipality: int) -> frozenset[UUID]:
    """Those of the photos that are still there."""
    return frozenset(
        SealedPhoto.objects.filter(municipality=municipality, id__in=numbers).values_list("id", flat=True)
    )


def was_shown(number: UUID, *, to: UUID, municipality: int) -> bool:
    """Whether somebody has looked at a photo."""
    return RevealLog.objects.filter(municipality=municipality, photo=number, by_party=to).exists()
