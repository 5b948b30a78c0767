"""What may be done with booklets of paper notes: hand over with value in them, block what is lost, replace the rest.

A booklet is a holder like any other: its wallet holds the same lots as a phone's, expires and settles with them. A note
pays exactly its face out of its booklet, once for ever (`notes.payment_key`). A shop that gives a payment back whole
gives the note back with it, and it pays once more (`key_now`). Blocking a note uses up the key that it has now:
whoever comes second, payment or block, finds the key taken, so no note is blocked and paid, and none is lost between.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from meguri.ledger import operations as ledger
from meguri.ledger import queries as books
from meguri.ledger.queries import Lot
from meguri.ledger.rules import Account, Leg, Posting
from meguri.ledger.templates import AccountRole
from meguri.parties.rules import require
from meguri.programmes import queries as programmes
from meguri.wallets.models import Booklet, NoteBlock, PrintRun, Wallet
from meguri.wallets.notes import Serial, payment_key, split
from meguri.wallets.operations import WALLET_UNKNOWN
from meguri.wallets.print_runs import department_of
from meguri.words.actor import Actor
from meguri.words.ids import uuid7
from meguri.words.refusal import declare

BOOKLET_UNKNOWN = declare(
    "booklet_unknown", status=404,
    ja="冊子「{number}」は印刷されていません。表紙の番号をもう一度確かめてください。",
    en="No booklet “{number}” was printed. Please check the number on its cover.",
)
BOOKLET_TAKEN = declare(
    "booklet_taken",
    ja="冊子「{number}」はすでに渡してあります。別の冊子を渡してください。",
    en="The booklet “{number}” has been handed over before. Please take another one.",
)
BOOKLET_BLOCKED = declare(
    "booklet_blocked",
    ja="冊子「{number}」の券は止められています。渡さずに、別の冊子を使ってください。",
    en="Notes of the booklet “{number}” are blocked. Please do not hand it over, and take another one.",
)
BOOKLETS_DIFFER = declare(
    "booklets_differ", status=422,
    ja="渡す{yen}円分と、冊子の中身({booklets}冊で{face}円分)が合いません。冊数と種類を確かめてください。",
    en="{yen} yen are to be handed over, but {booklets} booklets hold {face} yen. Please check their number and kind.",
)
BOOKLET_EMPTY = declare(
    "booklet_empty",
    ja="冊子「{number}」には、出し直せる残りがありません。",
    en="Nothing is left in the booklet “{number}” that could be replaced.",
)
BOOKLET_UNEVEN = declare(
    "booklet_uneven",
    ja="残りの{yen}円は{face}円の券にちょうど分けられません。財布へ移してください。",
    en="What is left, {yen} yen, cannot be cut into notes of {face} yen. Please move it to a wallet.",
)


@dataclass(frozen=True, slots=True)
class Blocked:
    """What became of a note that was to be blocked: stopped now or before, or it had been paid by `paid_by` already."""

    serial: Serial
    paid_by: UUID | None


@dataclass(frozen=True, slots=True)
class Replaced:
    """What was left in a booklet and where it went (yen). `paid`: notes that had been spent before the block."""

    yen: int
    blocked: int
    paid: int


@transaction.atomic
def hand_over(*, posting: UUID, booklets: Sequence[Serial], by: Actor, at: datetime) -> int:
    """Move what a posting put into a wallet onto printed booklets, in equal parts; gives the yen. Again is the same.

    For the counter, in the transaction of the sale itself; or later, while the buyer still has it all. What an
    extension has moved to a later lot since is taken from there, and is good on paper for as long.
    Order: the booklets' rows, permission, what the posting brought, the rows, one transfer for each booklet.
    Raises Refusal `booklet_unknown`, `not_allowed`, `booklet_taken`, `booklet_blocked`, `booklets_differ`,
    `insufficient`.
    """
    rows = _locked(booklets, municipality=by.municipality)
    for row in rows:
        require(by, "paper.hand_over", department=department_of(row.run), municipality=by.municipality)
    if rows and all(row.source == posting for row in rows):
        return sum(_filled_yen(row) for row in rows)
    for row in rows:
        _require_fresh(row)
    holder, brought = _brought(posting, municipality=by.municipality)
    contents = _divided(rows, brought, municipality=by.municipality)
    for row, sections in zip(rows, contents, strict=True):
        _fill(row, sections, source=posting, by=by, at=at)
    _move(holder, rows, by=by, at=at)
    return sum(_filled_yen(row) for row in rows)


@transaction.atomic
def require_unsold(booklets: Sequence[Serial], *, by: Actor) -> None:
    """Refuse what `hand_over` would refuse of the booklets themselves, before anything is sold. Writes nothing.

    Raises Refusal `booklet_unknown`, `not_allowed`, `booklet_taken`, `booklet_blocked`.
    """
    for row in _locked(booklets, municipality=by.municipality):
        require(by, "paper.hand_over", department=department_of(row.run), municipality=by.municipality)
        _require_fresh(row)


@transaction.atomic
def block(*, serials: Sequence[Serial], because: str, by: Actor, at: datetime) -> list[Blocked]:
    """Stop notes for ever: single ones, or by a cover's number all of a booklet, sold or not. Again is the same.

    A note that was paid before stays paid; its payment is told. What a blocked note was worth stays in its booklet,
    until it is replaced or expires.
    Order: the booklets' rows, permission, then note by note the key and the row.
    Raises Refusal `booklet_unknown`, `not_allowed`.
    """
    rows = {(row.run.number, row.number): row for row in _locked(serials, municipality=by.municipality)}
    for row in rows.values():
        require(by, "paper.block", department=department_of(row.run), municipality=by.municipality)
    wanted = {(rows[each.run, each.booklet].id, note): each.of(note)
              for each in serials for note in _notes(each, rows[each.run, each.booklet])}  # fmt: skip
    by_id = {row.id: row for row in rows.values()}
    return [
        _block(by_id[booklet], serial, because=because, by=by, at=at)
        for (booklet, _), serial in sorted(wanted.items(), key=lambda each: each[0])
    ]


@transaction.atomic
def replace(
    *, booklet: Serial, because: str, by: Actor, at: datetime, onto: Serial | None = None, holder: UUID | None = None
) -> Replaced:
    """Block all of a lost booklet that is not spent, and give what is left to another booklet or into a wallet.

    On a new booklet so many notes are good as are paid for; its others are blocked, and cut off at the desk.
    Order: both rows, permission, the blocks, what is left, the new row, one transfer.
    Raises Refusal `booklet_unknown`, `not_allowed`, `wallet_unknown`, `booklet_taken`, `booklet_blocked`,
    `booklet_empty`, `booklet_uneven`, `booklets_differ`.
    """
    rows = {(row.run.number, row.number): row
            for row in _locked([booklet, *([onto] if onto else [])], municipality=by.municipality)}  # fmt: skip
    lost = rows[booklet.run, booklet.booklet]
    require(by, "paper.replace", department=department_of(lost.run), municipality=by.municipality)
    if onto is None and (holder is None or not _has_wallet(holder, municipality=by.municipality)):
        raise WALLET_UNKNOWN.refusal(field="holder")
    told = stop_notes(lost, because=because, by=by, at=at)
    left = _left(lost, at=at)
    if not left:
        raise BOOKLET_EMPTY.refusal(number=booklet.of(0).shown)
    to = holder
    if onto is not None:
        fresh = rows[onto.run, onto.booklet]
        _fill_again(fresh, lost, left=left, because=because, by=by, at=at)
        to = fresh.id
    assert to is not None  # noqa: S101 - a wallet was found, or a booklet
    lost.replaced_at = at
    lost.save(update_fields=["replaced_at"])
    transfer(left, source=lost.id, to=to, key=f"replace_booklet:{lost.id}:{uuid7(at)}", programme=lost.run.programme,
             by=by, at=at)  # fmt: skip
    paid = sum(each.paid_by is not None for each in told)
    return Replaced(yen=sum(left.values()), blocked=len(told) - paid, paid=paid)


def last_given_back(notes: Iterable[tuple[UUID, int]], *, municipality: int) -> dict[tuple[UUID, int], UUID]:
    """Of these notes (booklet and place) those whose payment a shop gave back as a whole, each with the last such one.

    Such a note pays under the key that follows from it. Whoever has read an older one is refused by the books.
    """
    found: dict[tuple[UUID, int], UUID] = {}
    keys = {note: payment_key(*note) for note in notes}
    while keys and (back := books.given_back(keys.values(), municipality=municipality)):
        fresh = {note: back[key] for note, key in keys.items() if key in back}
        keys = {note: payment_key(*note, after=payment) for note, payment in fresh.items()}
        found |= fresh
    return found


def key_now(booklet: UUID, note: int, *, municipality: int) -> str:
    """The key under which a note pays now."""
    after = last_given_back([(booklet, note)], municipality=municipality).get((booklet, note))
    return payment_key(booklet, note, after=after)


def later_lots(lots: Mapping[int, Lot], *, municipality: int) -> dict[int, list[Lot]]:
    """The lots in which what lay in each of these may lie now, soonest expiry first: an extension moves it from its lot
    to a later one of the same fund and purse kind.
    """
    kept = books.lots_of_funds({lot.fund for lot in lots.values() if lot.fund}, municipality=municipality)
    return {number: _later(lot, kept) for number, lot in lots.items()}


def _later(lot: Lot, kept: Sequence[Lot]) -> list[Lot]:
    end = lot.expires_at
    if end is None:
        return [lot]
    found = [(each.expires_at, each.id, each) for each in kept
             if (each.fund, each.purse_kind) == (lot.fund, lot.purse_kind) and each.expires_at is not None]  # fmt: skip
    return [each for ends, _, each in sorted(found, key=lambda one: one[:2]) if ends >= end]


def _has_wallet(holder: UUID, *, municipality: int) -> bool:
    return Wallet.objects.filter(id=holder, municipality=municipality).exists()


def _locked(serials: Sequence[Serial], *, municipality: int) -> list[Booklet]:
    """The booklets of these numbers, each once and in one order, held until the end."""
    rows = []
    for each in serials:
        if each.municipality != municipality:
            raise BOOKLET_UNKNOWN.refusal(field="booklets", number=each.shown)
    for run, number in sorted({(each.run, each.booklet) for each in serials}):
        row = (
            Booklet.objects.select_for_update(of=("self",)).select_related("run")
            .filter(municipality=municipality, run__number=run, run__municipality=municipality, number=number).first()
        )
        if row is None:
            raise BOOKLET_UNKNOWN.refusal(field="booklets", number=Serial(municipality, run, number).shown)
        rows.append(row)
    return rows


def cover_of(row: Booklet) -> Serial:
    """The number on a booklet's cover."""
    return Serial(row.municipality, row.run.number, row.number)


def _require_fresh(row: Booklet) -> None:
    if row.handed_at is not None:
        raise BOOKLET_TAKEN.refusal(field="booklets", number=cover_of(row).shown)
    if row.blocks.exists():
        raise BOOKLET_BLOCKED.refusal(field="booklets", number=cover_of(row).shown)


def _brought(posting: UUID, *, municipality: int) -> tuple[UUID, dict[int, int]]:
    """Into whose wallet a posting brought which lots (yen); nobody's and nothing for any other posting."""
    brought: Counter[int] = Counter()
    holder = UUID(int=0)
    for entry in books.entries(posting, municipality=municipality):
        if entry.credit.role is AccountRole.WALLET and entry.debit.role is not AccountRole.WALLET:
            holder = entry.credit.owner
            brought[entry.credit_lot] += entry.amount
    return holder, dict(brought)


Contents = list[dict[str, Any]]
"""A booklet's filling by section: `notes` and `parts`, lots with their yen."""


def _divided(rows: Sequence[Booklet], brought: Mapping[int, int], *, municipality: int) -> list[Contents]:
    """What each booklet gets: every section exactly, every lot used up. Raises Refusal `booklets_differ`."""
    runs: set[PrintRun] = {row.run for row in rows}
    run = next(iter(runs), None)
    lots = books.lots(brought, municipality=municipality)
    places = {kind: place for place, section in enumerate(run.sections if run else []) for kind in section["purses"]}
    parts: list[list[tuple[int, int]]] = [[] for _ in (run.sections if run else [])]
    for lot, yen in sorted(brought.items()):
        if (place := places.get(str(lots[lot].purse_kind))) is not None:
            parts[place].append((lot, yen))
    held = [sum(yen for _, yen in section) for section in parts]
    wanted = [section["notes"] * run.face_yen * len(rows) for section in run.sections] if run else []
    if len(runs) != 1 or held != wanted or sum(held) != sum(brought.values()):
        raise BOOKLETS_DIFFER.refusal(
            field="booklets", yen=sum(brought.values()), booklets=len(rows), face=sum(wanted)
        )
    cut = [split(section, len(rows)) for section in parts]
    return [
        [{"notes": section["notes"], "parts": pieces[place]}
         for section, pieces in zip(run.sections if run else [], cut, strict=True)]
        for place in range(len(rows))
    ]  # fmt: skip


def _fill(row: Booklet, sections: Contents, *, source: UUID, by: Actor, at: datetime) -> None:
    row.filled, row.source, row.handed_at, row.handed_by = sections, source, at, by.party
    row.save(update_fields=["filled", "source", "handed_at", "handed_by"])
    Wallet.objects.get_or_create(id=row.id, defaults={"municipality": row.municipality, "opened_at": at})
    ledger.open_accounts([Account(row.id, AccountRole.WALLET)], municipality=row.municipality)


def _move(holder: UUID, rows: Sequence[Booklet], *, by: Actor, at: datetime) -> None:
    for row in rows:
        lots = lots_of(row)
        later = later_lots(books.lots(lots, municipality=row.municipality), municipality=row.municipality)
        transfer(lots, later=later, source=holder, to=row.id, key=f"fill_booklet:{row.id}",
                 programme=row.run.programme, by=by, at=at)  # fmt: skip


def transfer(
    lots: Mapping[int, int], *, source: UUID, to: UUID, key: str, programme: UUID, by: Actor, at: datetime,
    later: Mapping[int, Sequence[Lot]] | None = None,
) -> None:
    """Move these yen, each out of its lot, or where `later` is told out of whichever it lies in by now."""
    ends = Account(source, AccountRole.WALLET), Account(to, AccountRole.WALLET)
    legs = tuple(
        Leg(*ends, yen, tuple(each.id for each in later[lot]) if later else (lot,)) for lot, yen in sorted(lots.items())
    )
    about = {"programme": str(programme), "channel": "paper"}
    ledger.post(
        Posting(key, "transfer", legs, at, str(by.party or by.role), about), municipality=by.municipality
    )


def lots_of(row: Booklet) -> dict[int, int]:
    """What the first filling put into a booklet: by lot, yen."""
    lots: Counter[int] = Counter()
    for section in row.filled or []:
        lots.update(dict(section["parts"]))
    return dict(lots)


def _filled_yen(row: Booklet) -> int:
    return sum(lots_of(row).values())


def _note_count(row: Booklet) -> int:
    return sum(int(section["notes"]) for section in row.run.sections)


def _notes(serial: Serial, row: Booklet) -> list[int]:
    """The note that a number means; all of the booklet for its cover."""
    count = _note_count(row)
    if serial.note > count:
        raise BOOKLET_UNKNOWN.refusal(field="booklets", number=serial.shown)
    return [serial.note] if serial.note else list(range(1, count + 1))


def stop_notes(row: Booklet, *, because: str, by: Actor, at: datetime) -> list[Blocked]:
    """Block every note of a booklet that is held until the end; what was paid before is told."""
    cover = cover_of(row)
    return [_block(row, cover.of(note), because=because, by=by, at=at) for note in _notes(cover, row)]


def _block(row: Booklet, serial: Serial, *, because: str, by: Actor, at: datetime) -> Blocked:
    key = key_now(row.id, serial.note, municipality=row.municipality)
    paid_by = ledger.look_up(key, municipality=row.municipality, close=True)
    if paid_by is None:
        fresh = NoteBlock(
            id=uuid7(at), municipality=row.municipality, booklet=row, note=serial.note, blocked_at=at,
            blocked_by=by.party, because=because[:200],
        )
        NoteBlock.objects.bulk_create([fresh], ignore_conflicts=True)  # one that stands keeps its day and reason
    return Blocked(serial, paid_by)


def _left(row: Booklet, *, at: datetime) -> dict[int, int]:
    """What a booklet still holds and could be spent: by lot, yen."""
    rules = programmes.rules_in_force(row.municipality, at)
    held = books.balances([row.id], AccountRole.WALLET, municipality=row.municipality)
    return {
        each.lot.id: each.amount for each in held
        if each.lot.purse_kind in rules.purse_kinds and (each.lot.expires_at is None or at < each.lot.expires_at)
    }


def _fill_again(
    fresh: Booklet, lost: Booklet, *, left: Mapping[int, int], because: str, by: Actor, at: datetime
) -> None:
    """Fill a new booklet with what was left of another of its kind; the notes beyond that are blocked."""
    _require_fresh(fresh)
    old, new = lost.run, fresh.run
    if (old.programme, old.bundle, old.face_yen, old.sections) != (
        new.programme, new.bundle, new.face_yen, new.sections
    ):
        raise BOOKLETS_DIFFER.refusal(field="booklets", yen=sum(left.values()), booklets=1, face=0)
    lots = books.lots(left, municipality=fresh.municipality)
    contents: Contents = []
    first = 1
    for section in new.sections:
        parts = [(lot, yen) for lot, yen in sorted(left.items()) if str(lots[lot].purse_kind) in section["purses"]]
        yen = sum(part for _, part in parts)
        good = yen // new.face_yen
        if yen % new.face_yen or good > section["notes"]:
            raise BOOKLET_UNEVEN.refusal(yen=sum(left.values()), face=new.face_yen)
        contents.append({"notes": good, "parts": parts})
        for note in range(first + good, first + section["notes"]):
            _block(fresh, cover_of(fresh).of(note), because=because, by=by, at=at)
        first += section["notes"]
    _fill(fresh, contents, source=lost.id, by=by, at=at)

