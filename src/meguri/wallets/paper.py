"""What may be asked about print runs, booklets and their notes."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from typing import Any
from uuid import UUID

from django.db.models import Count, Q

from meguri.ledger import operations as ledger
from meguri.ledger import queries as books
from meguri.ledger.templates import AccountRole
from meguri.parties.rules import Both
from meguri.programmes import queries as programmes
from meguri.programmes.parts import ExpiresOn
from meguri.wallets.booklets import BOOKLET_UNKNOWN, cover_of, key_now
from meguri.wallets.models import Booklet, NoteBlock, PrintedFile, PrintRun
from meguri.wallets.notes import (
    NOTE_BLOCKED,
    NOTE_NOT_GENUINE,
    NOTE_NOT_SOLD,
    NoteRead,
    Serial,
    is_genuine,
    split,
)
from meguri.wallets.print_runs import key_of
from meguri.words.clock import JST
from meguri.words.refusal import Refusal


@dataclass(frozen=True, slots=True)
class PaperNote:
    """A good note: whose booklet, and what it pays by lot (yen); together its face."""

    serial: Serial
    booklet: UUID
    programme: UUID
    parts: tuple[tuple[int, int], ...]

    @property
    def face_yen(self) -> int:
        return sum(yen for _, yen in self.parts)


@dataclass(frozen=True, slots=True)
class RunView:
    """A print run. `sections`: where its notes may be spent, and how many of a booklet's notes each has.

    `expires_on` is the last day that stands on the notes; None where it counts from the day of the sale.
    """

    id: UUID
    number: int
    programme: UUID
    name: Both
    department: str
    bundle: str
    face_yen: int
    booklets: int
    sections: tuple[tuple[Both, int], ...]
    expires_on: date | None
    approval: UUID
    ordered_at: datetime
    approved_at: datetime | None

    @property
    def notes_each(self) -> int:
        return sum(notes for _, notes in self.sections)

    @property
    def booklet_yen(self) -> int:
        return self.notes_each * self.face_yen


@dataclass(frozen=True, slots=True)
class RunCounts:
    """How many booklets of a run are unsold, handed over (of these: replaced), and have a blocked note."""

    unsold: int
    handed: int
    replaced: int
    blocked: int


@dataclass(frozen=True, slots=True)
class BookletRow:
    """A booklet in a list."""

    id: UUID
    cover: Serial
    handed_at: datetime | None
    replaced_at: datetime | None
    blocked_notes: int

    @property
    def state(self) -> str:
        if self.replaced_at:
            return "replaced"
        if self.blocked_notes:
            return "blocked"
        return "handed" if self.handed_at else "unsold"


@dataclass(frozen=True, slots=True)
class NoteState:
    """What became of one note: open, paid (at a shop), blocked, or unsold. `told` is the reason of a block."""

    serial: Serial
    state: str
    at: datetime | None = None
    shop: UUID | None = None
    payment: UUID | None = None
    told: str = ""


@dataclass(frozen=True, slots=True)
class BookletView:
    """A booklet with its notes; `left_yen` is what its wallet holds now."""

    row: BookletRow
    run: RunView
    notes: tuple[NoteState, ...]
    left_yen: int


@dataclass(frozen=True, slots=True)
class PaperOwner:
    """A booklet that holds value: its cover, and the posting of the purchase that it comes from."""

    cover: Serial
    purchase: UUID


@dataclass(frozen=True, slots=True)
class FetchedFile:
    """One fetching of a print file."""

    first: int
    last: int
    form: str
    at: datetime
    by: UUID | None
    because: str


def moment(at: datetime) -> Both:
    """A moment in Japan, for a sentence."""
    there = at.astimezone(JST)
    return Both(f"{there.month}月{there.day}日 {there:%H:%M}", f"{there.day} {there:%B}, {there:%H:%M}")


def paper_notes(reads: Iterable[NoteRead], *, municipality: int) -> dict[NoteRead, PaperNote | Refusal]:
    """What each note pays, or why it cannot: not the town's, not sold, blocked. Whether it was paid the books know.

    By what was read, not by the number: a false code beside the true one of the same note is judged for itself.
    """
    wanted = list(reads)
    serials = {each.serial for each in wanted}
    found = _booklets(serials, municipality=municipality)
    blocks = _blocks(found.values())
    return {each: _judged(each, found.get(_place(each.serial)), blocks=blocks) for each in wanted}


def _place(serial: Serial) -> tuple[int, int, int]:
    return serial.municipality, serial.run, serial.booklet


def _booklets(serials: Iterable[Serial], *, municipality: int) -> dict[tuple[int, int, int], Booklet]:
    runs, numbers = {each.run for each in serials}, {each.booklet for each in serials}
    rows = Booklet.objects.filter(
        municipality=municipality, run__municipality=municipality, run__number__in=runs, number__in=numbers
    )
    return {(municipality, row.run.number, row.number): row for row in rows.select_related("run")}


def _blocks(rows: Iterable[Booklet]) -> Mapping[tuple[UUID, int], NoteBlock]:
    found = NoteBlock.objects.filter(booklet__in=[row.id for row in rows])
    return {(each.booklet_id, each.note): each for each in found}


def _judged(
    read: NoteRead, row: Booklet | None, *, blocks: Mapping[tuple[UUID, int], NoteBlock]
) -> PaperNote | Refusal:
    serial = read.serial
    if row is None or not serial.note or not is_genuine(read, key_of(row.run)):
        return NOTE_NOT_GENUINE.refusal(field="note", number=serial.shown)
    blocked = blocks.get((row.id, serial.note))
    if blocked is not None:
        return NOTE_BLOCKED.refusal(
            field="note", number=serial.shown, when=moment(blocked.blocked_at), because=blocked.because
        )
    parts = _parts(row, serial.note)
    if not parts:
        kind = NOTE_NOT_SOLD if row.handed_at is None else NOTE_NOT_GENUINE
        return kind.refusal(field="note", number=serial.shown)
    return PaperNote(serial, row.id, row.run.programme, parts)


def _parts(row: Booklet, note: int) -> tuple[tuple[int, int], ...]:
    """What a note pays of each lot: its section's filling, cut by its place there; nothing for a note beyond it."""
    first = 1
    for section, filled in zip(row.run.sections, row.filled or [], strict=False):
        if first <= note < first + section["notes"]:
            place, good = note - first, filled["notes"]
            lots = tuple((int(lot), int(yen)) for lot, yen in filled["parts"])
            return _cut(lots, good)[place] if place < good else ()
        first += section["notes"]
    return ()


@lru_cache(maxsize=10_000)
def _cut(parts: tuple[tuple[int, int], ...], notes: int) -> tuple[tuple[tuple[int, int], ...], ...]:
    return tuple(tuple(piece) for piece in split(parts, notes))


def print_runs(municipality: int, *, department: str) -> tuple[RunView, ...]:
    """The runs of a department's programmes, newest first."""
    views = {each.id: each for each in programmes.programmes(municipality) if each.department == department}
    rows = PrintRun.objects.filter(municipality=municipality, programme__in=views).order_by("-number")
    return tuple(_run(row) for row in rows)


def print_run(run: UUID, *, municipality: int) -> RunView | None:
    """One run, or None."""
    row = PrintRun.objects.filter(id=run, municipality=municipality).first()
    return _run(row) if row else None


def _run(row: PrintRun) -> RunView:
    view = programmes.programme(row.programme, municipality=row.municipality)
    assert view is not None  # noqa: S101 - a run was ordered for a programme, and none is ever taken away
    terms = programmes.terms(row.programme, municipality=row.municipality)
    last = min(terms.spending.window.last_day, terms.expiry.last_day) if isinstance(terms.expiry, ExpiresOn) else None
    return RunView(
        id=row.id, number=row.number, programme=row.programme, name=Both(view.name_ja, view.name_en),
        department=view.department, bundle=row.bundle, face_yen=row.face_yen, booklets=row.booklets,
        sections=tuple((Both(each["ja"], each["en"]), int(each["notes"])) for each in row.sections), expires_on=last,
        approval=row.approval, ordered_at=row.ordered_at, approved_at=row.approved_at,
    )  # fmt: skip


def counts(run: UUID, *, municipality: int) -> RunCounts:
    """How a run's booklets stand."""
    rows = Booklet.objects.filter(run=run, municipality=municipality)
    told = rows.aggregate(
        unsold=Count("id", filter=Q(handed_at=None)), handed=Count("id", filter=Q(handed_at__isnull=False)),
        replaced=Count("id", filter=Q(replaced_at__isnull=False)),
    )
    blocked = NoteBlock.objects.filter(booklet__run=run, municipality=municipality).values("booklet").distinct().count()
    return RunCounts(**told, blocked=blocked)


def booklets(
    run: UUID, *, municipality: int, state: str = "", after: int = 0, limit: int = 50
) -> tuple[BookletRow, ...]:
    """A run's booklets in the order of their numbers: all, or those of one state; `after` is the last number seen."""
    rows = Booklet.objects.filter(run=run, municipality=municipality, number__gt=after).select_related("run")
    rows = rows.annotate(blocked_notes=Count("blocks")).order_by("number")
    wanted: dict[str, dict[str, Any]] = {
        "unsold": {"handed_at": None, "blocked_notes": 0}, "blocked": {"blocked_notes__gt": 0, "replaced_at": None},
        "handed": {"handed_at__isnull": False, "blocked_notes": 0}, "replaced": {"replaced_at__isnull": False},
    }  # fmt: skip
    return tuple(_row(row, row.blocked_notes) for row in rows.filter(**wanted.get(state, {}))[:limit])


def _row(row: Booklet, blocked_notes: int) -> BookletRow:
    return BookletRow(row.id, cover_of(row), row.handed_at, row.replaced_at, blocked_notes)


def booklet(number: UUID, *, municipality: int) -> BookletView:
    """A booklet and what became of each of its notes. Raises Refusal `booklet_unknown`."""
    row = Booklet.objects.filter(id=number, municipality=municipality).select_related("run").first()
    if row is None:
        raise BOOKLET_UNKNOWN.refusal(number=str(number)[-6:])
    run, blocks = _run(row.run), _blocks([row])
    held = books.balances([row.id], AccountRole.WALLET, municipality=municipality)
    notes = tuple(_state(row, note, block=blocks.get((row.id, note))) for note in range(1, run.notes_each + 1))
    return BookletView(_row(row, len(blocks)), run, notes, sum(each.amount for each in held))


def booklet_of(serial: Serial, *, municipality: int) -> UUID:
    """The booklet of a number. Raises Refusal `booklet_unknown`."""
    row = _booklets([serial], municipality=municipality).get(_place(serial))
    if row is None:
        raise BOOKLET_UNKNOWN.refusal(field="booklets", number=serial.shown)
    return row.id


def _state(row: Booklet, note: int, *, block: NoteBlock | None) -> NoteState:
    serial = cover_of(row).of(note)
    if block is not None:
        return NoteState(serial, "blocked", block.blocked_at, told=block.because)
    if row.handed_at is None:
        return NoteState(serial, "unsold")
    number = ledger.look_up(key_now(row.id, note, municipality=row.municipality), municipality=row.municipality)
    made = books.posting(number, municipality=row.municipality) if number else None
    if made is None:
        return NoteState(serial, "open")
    return NoteState(serial, "paid", made.effective_at, shop=UUID(str(made.about["shop"])), payment=made.id)


def files(run: UUID, *, municipality: int) -> Sequence[FetchedFile]:
    """Who fetched the print file, newest first."""
    rows = PrintedFile.objects.filter(run=run, municipality=municipality).order_by("-id")
    return tuple(FetchedFile(r.first, r.last, r.form, r.printed_at, r.printed_by, r.because) for r in rows)


def sold_by(owners: Collection[UUID], *, municipality: int) -> dict[UUID, PaperOwner]:
    """Of these owners of wallets the booklets of paper, each with its cover and the purchase that filled it first.

    A booklet that replaced another one goes back to the purchase of the first.
    """
    rows = Booklet.objects.filter(municipality=municipality, handed_at__isnull=False).select_related("run")
    found, known = {}, dict[UUID, Booklet]()
    wanted = list(owners)
    while wanted:
        fresh = {row.id: row for row in rows.filter(id__in=wanted)}
        known |= fresh
        wanted = [row.source for row in fresh.values() if row.source is not None and row.source not in known]
    for owner in owners:
        row = known.get(owner)
        while row is not None and row.source in known:
            row = known[row.source]
        if row is not None and row.source is not None:
            found[owner] = PaperOwner(cover_of(known[owner]), row.source)
    return found


def handed_as_paper(posting: UUID, *, municipality: int) -> int:
    """As how many booklets a purchase was handed over; none where it went to a wallet."""
    return Booklet.objects.filter(municipality=municipality, source=posting).count()
