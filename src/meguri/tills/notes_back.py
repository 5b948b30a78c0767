"""Paper notes that a shop hands back with the money of a bill: whole ones, scanned as they go over the counter."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction

from meguri.ledger import operations as ledger
from meguri.ledger import queries as books
from meguri.parties.rules import require
from meguri.tills.deliveries import NOTES_MISSING, NOTES_MOST, NOTES_TOO_MANY
from meguri.tills.models import Delivery
from meguri.tills.operations import refund_payment
from meguri.tills.returned_goods import WayBack, ways_back
from meguri.tills.scans import NOTE_GIVEN_BACK
from meguri.wallets.booklets import last_given_back
from meguri.wallets.notes import Serial, payment_key, read_note
from meguri.wallets.paper import PaperNote, paper_notes
from meguri.words.actor import Actor
from meguri.words.refusal import Refusal, declare

NOTE_NOT_TAKEN_HERE = declare(
    "note_not_taken_here",
    ja="この券({number})は、この店では受け取っていません。返せるのは、この店で読み取った券だけです。",
    en="This note ({number}) was not taken at this shop. Only notes that were scanned here can be handed back.",
)


@dataclass(frozen=True, slots=True)
class NotesBack:
    """What goes back to the customer: the notes, each good once more, and their yen."""

    notes: tuple[Serial, ...]
    yen: int


@transaction.atomic
def give_notes_back(*, shop: UUID, notes: Sequence[str], reason: str, by: Actor, at: datetime) -> NotesBack:
    """Turn round the payment of each of these notes as a whole; all of them, or none. Each can be spent once more.

    A code that is scanned twice counts once. Order: permission, the codes, the notes' payments in the order of their
    keys, each as `refund_payment`.
    Raises Refusal `not_allowed`, `notes_missing`, `notes_too_many`, `note_unreadable`, `note_mistyped`,
    `note_not_genuine`, `note_not_sold`, `note_blocked`, `note_given_back`, `note_not_taken_here`, and as
    `refund_payment`.
    """
    require(by, "till.refund", owner=shop)
    reads = {each.serial: each for each in map(read_note, notes)}
    if not reads:
        raise NOTES_MISSING.refusal(field="notes")
    if len(reads) > NOTES_MOST:
        raise NOTES_TOO_MANY.refusal(field="notes", most=NOTES_MOST, notes=len(reads))
    found = paper_notes(list(reads.values()), municipality=by.municipality)
    good = [_good(each) for each in found.values()]
    for note in sorted(good, key=lambda each: (each.booklet, each.serial.note)):
        payment = _payment(note, shop=shop, municipality=by.municipality)
        made = refund_payment(by=by, at=at, shop=shop, payment=payment, reason=reason)
        if made.replayed:  # somebody handed it back since it was looked up
            raise NOTE_GIVEN_BACK.refusal(field="notes", number=note.serial.shown)
    return NotesBack(tuple(each.serial for each in good), sum(each.face_yen for each in good))


def ways_of_delivery(
    delivery: UUID, *, shop: UUID, cash_yen: int, kept_yen: int, municipality: int
) -> tuple[WayBack, ...]:
    """How a bill that this pile of notes paid may be settled (see `ways_back`); nothing for an unknown pile."""
    row = Delivery.objects.filter(id=delivery, shop=shop, municipality=municipality, notes__gt=0).first()
    if row is None or row.yen % row.notes:
        return ()
    return ways_back(notes=row.notes, face_yen=row.yen // row.notes, cash_yen=cash_yen, kept_yen=kept_yen)


def _good(note: PaperNote | Refusal) -> PaperNote:
    if isinstance(note, Refusal):
        raise note
    return note


def _payment(note: PaperNote, *, shop: UUID, municipality: int) -> UUID:
    """The payment that the note made here and that stands."""
    place = note.booklet, note.serial.note
    back = last_given_back([place], municipality=municipality).get(place)
    number = ledger.look_up(payment_key(*place, after=back), municipality=municipality)
    made = books.posting(number, municipality=municipality) if number else None
    if made is not None and str(made.about.get("shop", "")) == str(shop):
        return made.id
    before = books.posting(back, municipality=municipality) if back else None
    if made is None and before is not None and str(before.about.get("shop", "")) == str(shop):
        raise NOTE_GIVEN_BACK.refusal(field="notes", number=note.serial.shown)
    raise NOTE_NOT_TAKEN_HERE.refusal(field="notes", number=note.serial.shown)
