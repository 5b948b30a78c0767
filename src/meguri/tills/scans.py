"""The scans of one counting, each judged alone: is it a note, does this shop take it, was it paid, and if so where."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from meguri.ledger import operations as ledger
from meguri.ledger import queries as books
from meguri.ledger.queries import Lot, PostingView
from meguri.ledger.rules import INSUFFICIENT, KEY_CLOSED, UNKNOWN_LOT, Account, Leg, Posting, Verdict
from meguri.ledger.templates import AccountRole
from meguri.parties import queries as parties
from meguri.parties.rules import OFFICER_ROLES, Both
from meguri.programmes import queries as programmes
from meguri.programmes.rules import spend_order
from meguri.programmes.vocabularies import SHOPS, known
from meguri.tills.rules import SHOP_NOT_ACCEPTING, SHOP_NOT_REGISTERED
from meguri.wallets.booklets import last_given_back, later_lots
from meguri.wallets.notes import NOTE_BLOCKED, NoteRead, Serial, payment_key, read_note
from meguri.wallets.paper import PaperNote, moment, paper_notes
from meguri.words import predicate
from meguri.words.actor import Actor
from meguri.words.predicate import Facts
from meguri.words.refusal import Refusal, declare

CHANNEL: Final = "paper"
"""How the payments of notes are told apart from all others (`about` of the posting)."""

NOTE_PAID_BEFORE = declare(
    "note_paid_before",
    ja="この券({number})は{when:ja}に{where:ja}で使われています。もう使えません。",
    en="This note ({number}) was spent at {where:en} on {when:en}. It cannot be spent again.",
)
NOTE_GIVEN_BACK = declare(
    "note_given_back",
    ja="この券({number})の支払いは返金しました。券をお客さまに返してください。また使うときは、新しい会計で読み取ってください。",
    en="The payment with this note ({number}) was given back. Please give the note back, too; to spend it again, scan "
       "it in a new bill.",
)
NOTE_EXPIRED = declare(
    "note_expired",
    ja="この券({number})は使える期間ではありません({when:ja})。",
    en="This note ({number}) is not good now ({when:en}).",
)
NOTE_NOT_HERE = declare(
    "note_not_here",
    ja="この券({number})はこの店では使えません({reasons:ja})。",
    en="This note ({number}) cannot be spent at this shop ({reasons:en}).",
)
NOTE_EMPTY = declare(
    "note_empty",
    ja="この券({number})の冊子の残りは、ほかの冊子か財布に移されています。事務局へご連絡ください。",
    en="What was left in the booklet of this note ({number}) has been moved. Please call the office.",
)

@dataclass(frozen=True, slots=True)
class NoteVerdict:
    """What became of one scan: `counted` now, `again` (counted in this delivery before), or `refused` and why."""

    text: str
    state: str
    serial: Serial | None = None
    yen: int = 0
    payment: UUID | None = None
    refusal: Refusal | None = None


class AtShop:
    """Where notes are counted for a shop: what it accepts now, and in whose words it hears of other shops."""

    def __init__(self, shop: UUID, *, by: Actor, at: datetime) -> None:
        self.shop, self.by, self.at, self.municipality = shop, by, at, by.municipality
        facts = parties.shop_facts([shop], municipality=self.municipality).get(shop)
        if facts is None:
            raise SHOP_NOT_REGISTERED.refusal(field="shop")
        if not facts.open:
            view = parties.shop(shop, municipality=self.municipality)
            raise SHOP_NOT_ACCEPTING.refusal(field="shop", shop=view.name_ja if view else "")
        self._facts: Facts = known(facts, SHOPS)
        self._rules = programmes.rules_in_force(self.municipality, at)

    def accepted(self, lots: Mapping[int, Lot]) -> frozenset[int]:
        return frozenset(spend_order(lots.values(), rules=self._rules, shop_facts=self._facts, at=self.at))

    def objection(self, note: PaperNote, lot: Lot) -> Refusal:
        """Why this shop cannot take a note whose value lies in this lot: not in time, or not here."""
        kind = self._rules.purse_kinds.get(lot.purse_kind) if lot.purse_kind else None
        if kind is not None and self.at in kind.spending and (lot.expires_at is None or self.at < lot.expires_at):
            reasons = [predicate.why_not(kind.restriction, self._facts, language=each) for each in ("ja", "en")]
            both = Both("、".join(reasons[0]), ", ".join(reasons[1]))
            return NOTE_NOT_HERE.refusal(field="note", number=note.serial.shown, reasons=both)
        ends = [each for each in (lot.expires_at, kind.spending.end if kind else None) if each is not None]
        when = moment(min(ends)) if ends else Both("期間外", "out of its time")
        return NOTE_EXPIRED.refusal(
            field="note", number=note.serial.shown, when=Both(f"{when.ja}まで", f"until {when.en}")
        )

    def where(self, posting: PostingView) -> Both:
        """Another shop's name is the office's to know."""
        other = str(posting.about.get("shop", ""))
        if other == str(self.shop):
            return Both("この店", "this shop")
        view = parties.shop(UUID(other), municipality=self.municipality) if other else None
        if view is not None and self.by.role in OFFICER_ROLES:
            return Both(f"「{view.name_ja}」", f"“{view.name_en}”")
        return Both("ほかの店", "another shop")


class Scans:
    """The scans of one request, each with its note or its no."""

    def __init__(self, texts: Sequence[str], *, till: AtShop, delivery: UUID) -> None:
        self._till, self._delivery, self._texts = till, delivery, texts
        self._reads = [_read(text) for text in texts]
        good = [read for read in self._reads if isinstance(read, NoteRead)]
        self._found = paper_notes(good, municipality=till.municipality)
        self._lots = books.lots(
            {lot for note in self._found.values() if isinstance(note, PaperNote) for lot, _ in note.parts},
            municipality=till.municipality,
        )
        later = later_lots(self._lots, municipality=till.municipality)
        accepted = till.accepted({each.id: each for several in later.values() for each in several})
        self._drawn = {
            number: tuple(each.id for each in several if each.id in accepted) for number, several in later.items()
        }
        self._refused: dict[NoteRead, Refusal] = {}
        self._notes: dict[Serial, PaperNote] = {}
        for read, note in self._found.items():
            if isinstance(note, Refusal):
                self._refused[read] = note
            elif all(self._drawn[lot] for lot, _ in note.parts):
                self._notes[read.serial] = note
            else:
                self._refused[read] = till.objection(note, later[note.parts[0][0]][-1])
        self._back = self._given_back()

    def _given_back(self) -> dict[tuple[UUID, int], UUID]:
        """The last payments that were given back, by note. In the delivery that such a payment was part of it stays so:
        the same scan sent again over a bad line pays nothing.
        """
        notes = {read: note for read, note in self._found.items() if isinstance(note, PaperNote)}
        places = {(note.booklet, note.serial.note) for note in notes.values()}
        back = last_given_back(places, municipality=self._till.municipality)
        made = {place: books.posting(payment, municipality=self._till.municipality) for place, payment in back.items()}
        here = {place for place, each in made.items() if each and each.about.get("delivery") == str(self._delivery)}
        for read, note in notes.items():
            if (note.booklet, note.serial.note) in here:
                self._refused[read] = _given_back(note.serial)
                self._notes.pop(note.serial, None)
        return back

    def _key(self, note: PaperNote) -> str:
        place = note.booklet, note.serial.note
        return payment_key(*place, after=self._back.get(place))

    def payable_yen(self) -> int:
        """The faces of all notes that would pay, as far as can be told before the books are asked."""
        return sum(note.face_yen for note in self._notes.values())

    def paid(self) -> list[NoteVerdict]:
        """Send what is good to the books, in the order of the keys: two deliveries that share notes never wait for
        each other crosswise. One verdict for each scan, in their order.
        """
        postings = {serial: self._posting(note) for serial, note in self._notes.items()}
        ordered = sorted(postings, key=lambda serial: postings[serial].key)
        answers = ledger.post_batch([postings[each] for each in ordered], municipality=self._till.municipality)
        told = dict(zip(ordered, answers, strict=True))
        seen: set[Serial] = set()
        return [
            self._verdict(text, read, told=told, seen=seen)
            for text, read in zip(self._texts, self._reads, strict=True)
        ]

    def _posting(self, note: PaperNote) -> Posting:
        ends = Account(note.booklet, AccountRole.WALLET), Account(self._till.shop, AccountRole.SHOP)
        by = self._till.by
        return Posting(
            key=self._key(note), template="pay",
            legs=tuple(Leg(*ends, yen, self._drawn[lot]) for lot, yen in note.parts), at=self._till.at,
            by=f"{by.role}:{by.party}",
            about={"shop": str(self._till.shop), "channel": CHANNEL, "delivery": str(self._delivery),
                   "note": note.serial.digits},
        )  # fmt: skip

    def _verdict(
        self, text: str, read: NoteRead | Refusal, *, told: Mapping[Serial, Verdict | Refusal], seen: set[Serial]
    ) -> NoteVerdict:
        shown = text.strip()[:80]
        if isinstance(read, Refusal):
            return NoteVerdict(shown, "refused", refusal=read)
        refused = self._refused.get(read)
        answer = told[read.serial] if refused is None else refused
        if isinstance(answer, Refusal):
            return self._no(shown, read, refused=answer, seen=seen)
        twice = read.serial in seen
        seen.add(read.serial)
        return self._made(shown, read.serial, answer=answer, twice=twice)

    def _made(self, shown: str, serial: Serial, *, answer: Verdict, twice: bool) -> NoteVerdict:
        yen = self._notes[serial].face_yen
        if not answer.replayed:
            return NoteVerdict(shown, "again" if twice else "counted", serial, 0 if twice else yen, answer.posting)
        made = books.posting(answer.posting, municipality=self._till.municipality)
        if made is not None and made.reversed_by:
            return NoteVerdict(shown, "refused", serial, refusal=_given_back(serial))
        return NoteVerdict(shown, "again", serial, 0 if twice else yen, answer.posting)

    def _no(self, shown: str, read: NoteRead, *, refused: Refusal, seen: set[Serial]) -> NoteVerdict:
        """A refusal in the words of the street; a note that was paid before is told so, whatever else it is."""
        note, serial = self._found[read], read.serial
        made = self._paid_before(note) if isinstance(note, PaperNote) else None
        if made is not None and made.about.get("delivery") == str(self._delivery) and not made.reversed_by:
            yen = 0 if serial in seen else _face(note)  # it has expired since it was counted
            seen.add(serial)
            return NoteVerdict(shown, "again", serial, yen, made.id)
        if made is not None:
            refused = self._spent(serial, made)
        elif refused.kind is KEY_CLOSED:  # blocked a moment ago
            refused = self._blocked_now(read)
        elif refused.kind in (INSUFFICIENT, UNKNOWN_LOT) and isinstance(note, PaperNote):
            refused = self._nothing_left(note)
        return NoteVerdict(shown, "refused", serial, refusal=refused)

    def _nothing_left(self, note: PaperNote) -> Refusal:
        """Its time is over and nothing moved to a later lot, or it lies in another booklet."""
        lot = self._lots[note.parts[0][0]]
        if lot.expires_at is not None and lot.expires_at <= self._till.at:
            return self._till.objection(note, lot)
        return NOTE_EMPTY.refusal(field="note", number=note.serial.shown)

    def _spent(self, serial: Serial, made: PostingView) -> Refusal:
        if made.reversed_by:
            return _given_back(serial)
        when, where = moment(made.effective_at), self._till.where(made)
        return NOTE_PAID_BEFORE.refusal(field="note", number=serial.shown, when=when, where=where)

    def _paid_before(self, note: PaperNote) -> PostingView | None:
        number = ledger.look_up(self._key(note), municipality=self._till.municipality)
        return books.posting(number, municipality=self._till.municipality) if number else None

    def _blocked_now(self, read: NoteRead) -> Refusal:
        """The block's own words, which this transaction may see by now."""
        again = paper_notes([read], municipality=self._till.municipality)[read]
        if isinstance(again, Refusal):
            return again
        when = moment(self._till.at)
        return NOTE_BLOCKED.refusal(field="note", number=read.serial.shown, when=when, because="—")


def _read(text: str) -> NoteRead | Refusal:
    try:
        return read_note(text)
    except Refusal as misread:
        return misread


def _given_back(serial: Serial) -> Refusal:
    return NOTE_GIVEN_BACK.refusal(field="note", number=serial.shown)


def _face(note: PaperNote | Refusal) -> int:
    return note.face_yen if isinstance(note, PaperNote) else 0
