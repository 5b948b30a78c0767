"""Paper notes: the number that a note bears, the secret in its QR code, and what each note of a booklet pays. Pure.

A note's number has 20 digits; note 00 is the cover of its booklet:

    020001 | 0003 | 000127  | 07   | 45        the whole number leaves the remainder 1 when divided by 97
    town   | run  | booklet | note | check

Its QR code holds `https://<official host>/note#<20 digits><16 signs>`, so that any phone's camera leads to a page that
explains it; what stands behind `#` never leaves the phone. The signs are the first 80 bits of HMAC-SHA256 under the
run's key: no list of secrets is kept, and who knows a number but holds no note cannot make its secret (a guess is right
once in 2^80). The signs are A-Z and 2-7: no pair of them looks alike on paper.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final
from uuid import UUID

from meguri.words.refusal import declare
from meguri.words.typed import without_gaps
from meguri.words.yen import divide

DIGITS: Final = 20
SIGNS: Final = 16
TOWN_MOST: Final = 10**6 - 1
RUN_MOST: Final = 10**4 - 1
BOOKLET_MOST: Final = 10**6 - 1
NOTE_MOST: Final = 99
COVER: Final = 0

NOTE_UNREADABLE = declare(
    "note_unreadable", status=422,
    ja="「{text}」は券のコードとして読めません。QRコードをもう一度読み取るか、券の番号と英字をすべて入力してください。",
    en="“{text}” cannot be read as a note's code. Please scan its QR code again, or type all its digits and letters.",
)
NOTE_MISTYPED = declare(
    "note_mistyped", status=422,
    ja="券の番号「{number}」はどこか違っています。もう一度確かめてください。",
    en="A digit of the note's number “{number}” is wrong. Please check it.",
)
NOTE_NOT_GENUINE = declare(
    "note_not_genuine",
    ja="この券({number})は町が発行したものではありません。受け取らずに、事務局へ知らせてください。",
    en="This note ({number}) was not issued by the town. Please do not take it, and tell the office.",
)
NOTE_NOT_SOLD = declare(
    "note_not_sold",
    ja="この券({number})の冊子はまだ販売されていません。受け取らずに、事務局へ知らせてください。",
    en="The booklet of this note ({number}) has not been sold. Please do not take it, and tell the office.",
)
NOTE_BLOCKED = declare(
    "note_blocked",
    ja="この券({number})は{when:ja}に止められました。理由: {because}。受け取らずに、事務局へご連絡ください。",
    en="This note ({number}) was blocked on {when:en}: {because}. Please do not take it, and call the office.",
)


@dataclass(frozen=True, slots=True, order=True)
class Serial:
    """A note's number; `note` is COVER for a booklet's cover."""

    municipality: int
    run: int
    booklet: int
    note: int = COVER

    @property
    def digits(self) -> str:
        """20 digits, the check digits (ISO 7064 MOD 97-10) last."""
        body = f"{self.municipality:06}{self.run:04}{self.booklet:06}{self.note:02}"
        return f"{body}{98 - int(body) * 100 % 97:02}"

    @property
    def shown(self) -> str:
        """The digits in groups that people can read out."""
        return grouped(self.digits)

    def of(self, note: int) -> Serial:
        """Another note of the same booklet."""
        return Serial(self.municipality, self.run, self.booklet, note)


@dataclass(frozen=True, slots=True)
class NoteRead:
    """What was scanned or typed: the number, and the signs (empty where only the number was typed)."""

    serial: Serial
    signs: str


def grouped(digits: str) -> str:
    """`020001-0003-000127-07-45`."""
    ends = (0, 6, 10, 16, 18, DIGITS)
    return "-".join(digits[start:end] for start, end in pairwise(ends))


def read_note(text: str) -> NoteRead:
    """A QR code's whole address, or digits and signs as somebody typed them: any width, any case, any gaps.

    An address is only taken apart, never opened; a scanner that types another sign for `:` or `#` is understood too.
    Raises Refusal `note_unreadable`, `note_mistyped`.
    """
    plain = without_gaps(text).upper()
    found = re.search(rf"(?:^|[^0-9])([0-9]{{{DIGITS}}})(?:([A-Z2-7]{{{SIGNS}}}))?$", plain)
    if found is None:
        raise NOTE_UNREADABLE.refusal(field="note", text=text.strip()[:60])
    digits = found[1]
    if int(digits) % 97 != 1:
        raise NOTE_MISTYPED.refusal(field="note", number=grouped(digits))
    town, run, booklet, note = digits[:6], digits[6:10], digits[10:16], digits[16:18]
    return NoteRead(Serial(int(town), int(run), int(booklet), int(note)), found[2] or "")


def signs_of(serial: Serial, key: bytes) -> str:
    """The secret of a note: 16 signs."""
    mac = hmac.new(key, b"note 1\0" + serial.digits.encode(), hashlib.sha256).digest()
    return base64.b32encode(mac[:10]).decode()


def is_genuine(read: NoteRead, key: bytes) -> bool:
    """Whether the signs are those of the number; compared in a time that says nothing about them."""
    return hmac.compare_digest(read.signs, signs_of(read.serial, key))


def link(serial: Serial, *, host: str, key: bytes) -> str:
    """What the QR code holds."""
    return f"https://{host}/note#{serial.digits}{signs_of(serial, key)}"


def payment_key(booklet: UUID, note: int, *, after: UUID | None = None) -> str:
    """The key of a note's one payment, for ever and whoever scans it; whoever blocks a note uses up the same key.

    `after`: the payment that a shop gave back as a whole, with the note; its next one has a key that follows from it.
    """
    return f"note:{booklet}:{note:02}" + (f":{after}" if after else "")


Parts = Sequence[tuple[int, int]]
"""Lots and yen."""


def split(parts: Parts, pieces: int) -> list[list[tuple[int, int]]]:
    """Cut lots into `pieces` of equal yen, each as nearly in the proportion of the whole as whole yen allow.

    Each piece takes its part of what the ones before it left, so the last takes the rest and nothing is lost: over all
    pieces every lot is used up exactly. Raises ValueError for yen that cannot be cut so.
    """
    lots, left = [lot for lot, _ in parts], [yen for _, yen in parts]
    if pieces < 1 or sum(left) % pieces:
        raise ValueError(f"{sum(left)} yen cannot be cut into {pieces} equal pieces")
    each = sum(left) // pieces
    cut = []
    for _ in range(pieces):
        shares = divide(each, left) if each else [0] * len(left)
        left = [yen - share for yen, share in zip(left, shares, strict=True)]
        cut.append([(lot, share) for lot, share in zip(lots, shares, strict=True) if share])
    return cut
