"""What may be asked about photos without seeing one."""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

from meguri.vault import photos as vault
from meguri.vault.photo_files import CleanPhoto
from meguri.vault.photos import PhotoMarks


def marks_of(photo: CleanPhoto, *, municipality: int) -> PhotoMarks:
    """By what this photo would be known again, without keeping it."""
    return vault.photo_marks(photo, municipality=municipality)


def photos_kept(numbers: Collection[UUID], *, municipality: int) -> frozenset[UUID]:
    """Those of the photos that can still be seen."""
    return vault.kept_photos(numbers, municipality=municipality)


def has_seen_photo(officer: UUID, *, photo: UUID, municipality: int) -> bool:
    """Whether an officer has looked at a photo, as the log of reveals tells."""
    return vault.was_shown(photo, to=officer, municipality=municipality)
