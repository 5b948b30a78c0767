"""Photos that residents send as evidence: into the vault and out of it, for rooms that may not knock there."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from meguri.parties.rules import require
from meguri.vault import photos as vault
from meguri.vault.photo_files import CleanPhoto, clean_photo
from meguri.vault.photos import PhotoMarks, ShownPhoto
from meguri.words.actor import Actor

__all__ = ["CleanPhoto", "PhotoMarks", "ShownPhoto", "clean_photo", "drop_photos", "keep_photo", "show_photo"]


def keep_photo(number: UUID, photo: CleanPhoto, *, owner: UUID, told: str, by: Actor, at: datetime) -> PhotoMarks:
    """Seal a photo of its owner's deed, with what the owner says of it; gives the marks by which it is known again.

    Raises Refusal `sealing_not_allowed`, `subject_forgotten`.
    """
    vault.seal_photo(number, photo, subject=owner, told=told, by=by, at=at)
    return vault.photo_marks(photo, municipality=by.municipality)


def show_photo(number: UUID, *, owner: UUID, reason: str, by: Actor, at: datetime) -> ShownPhoto:
    """Show a photo, logged; of whose department, the caller asks. Raises Refusal `not_allowed`, `reason_missing`,
    `photo_gone`, `field_hidden`.
    """
    require(by, "vault.reveal", owner=owner)
    return vault.reveal_photo(number, reason=reason, by=by, at=at)


def drop_photos(numbers: Collection[UUID], *, by: Actor) -> int:
    """Delete photos whose time is over, or that their owner takes back. The caller knows whose they are."""
    return vault.drop_photos(numbers, municipality=by.municipality)
