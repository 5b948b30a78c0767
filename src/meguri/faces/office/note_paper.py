"""Paper notes as they are cut: ten to an A4 sheet, each booklet from a fresh sheet, its cover first. Pure.

Shape: two columns of five, each 95 x 55 mm, cut lines between them; margins of 10 mm at the sides, 11 mm above and
below. The QR code is 26 mm wide with its quiet zone (37 modules of 0.58 mm), which any phone reads at arm's length.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass

from meguri.faces.office.letter_paper import Pair, pdf, qr_of

ON_A_SHEET = 10


@dataclass(frozen=True, slots=True)
class Issue:
    """What all notes of a run have in common, in the words that stand on them."""

    town: Pair
    programme: Pair
    face_yen: int
    notes: int
    until: Pair
    invented: Pair | None


@dataclass(frozen=True, slots=True)
class Slip:
    """One note, or the cover of a booklet (`place` 0): its number in groups, its signs, where it may be spent."""

    number: str
    signs: str
    link: str
    place: int
    where: Pair


def sheets_of(booklets: Iterable[Sequence[Slip]]) -> list[list[Slip]]:
    """The slips sheet by sheet; a booklet never shares a sheet with another, so that a cut pile is a booklet."""
    return [
        list(booklet[start : start + ON_A_SHEET])
        for booklet in booklets for start in range(0, len(booklet), ON_A_SHEET)
    ]


def notes_pdf(booklets: Iterable[Sequence[Slip]], *, issue: Issue, title: str) -> bytes:
    """One PDF with the sheets of these booklets."""
    sheets = [[asdict(slip) | {"qr": qr_of(slip.link)} for slip in sheet] for sheet in sheets_of(booklets)]
    said = asdict(issue) | {"face": f"{issue.face_yen:,}", "whole": f"{issue.face_yen * issue.notes:,}"}
    return pdf("notes.typ", {"title": title, "issue": said, "sheets": sheets})
