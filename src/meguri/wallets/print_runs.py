"""Printing booklets: a maker orders a run, a checker approves it, and its file can be fetched, part by part.

Printed paper is worth nothing until a sale fills its booklet. But whoever has the file could copy notes and spend them
once they are filled: so it takes two people, and every fetching leaves a row with its reason.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from django.conf import settings
from django.db import transaction

from meguri.parties import operations as parties
from meguri.parties.rules import digest_of, require
from meguri.programmes import queries as programmes
from meguri.programmes.operations.launching import PROGRAMME_NOT_LAUNCHED
from meguri.programmes.parts import FacePart, Sale
from meguri.programmes.queries import PROGRAMME_UNKNOWN
from meguri.programmes.terms import ProgrammeTerms
from meguri.programmes.vocabularies import SHOPS
from meguri.wallets.models import Booklet, PrintedFile, PrintRun
from meguri.wallets.notes import NOTE_MOST, RUN_MOST, TOWN_MOST, Serial, link
from meguri.words import predicate
from meguri.words.actor import Actor
from meguri.words.ids import named_id, uuid7
from meguri.words.predicate import EVERYTHING
from meguri.words.refusal import declare

BOOKLETS_MOST: Final = 50_000
"""Booklets of one run: a larger edition is several runs."""
BATCH: Final = 5_000
APPROVED_AS = "paper.approve"

PRINT_RUN_UNKNOWN = declare(
    "print_run_unknown", status=404, ja="この印刷は見つかりません。", en="There is no such print run."
)
PRINT_RUN_NOT_APPROVED = declare(
    "print_run_not_approved",
    ja="この印刷はまだ承認されていません。承認者に確かめてもらってください。",
    en="This print run is not approved yet. Please have a checker look at it.",
)
PAPER_NEEDS_A_SALE = declare(
    "paper_needs_a_sale", status=422,
    ja="紙の券は、販売する商品券の事業だけで印刷できます。",
    en="Paper notes can only be printed for a programme that sells vouchers.",
)
PAPER_SHRINKS = declare(
    "paper_shrinks", status=422,
    ja="この事業の残高は使わないと減るため、額面の決まった紙の券にはできません。",
    en="What this programme gives shrinks while it is not used, so no note could bear its face.",
)
PAPER_FACE_WRONG = declare(
    "paper_face_wrong", status=422,
    ja="1冊の{yen}円を{face}円の券にちょうど分けられません(1冊は1〜{most}枚、使う単位は{unit}円)。",
    en="{yen} yen of a booklet cannot be cut into notes of {face} yen (1 to {most} notes, in steps of {unit} yen).",
)
PAPER_TOO_MANY = declare(
    "paper_too_many", status=422,
    ja="1回の印刷は1冊以上{most}冊までです(入力: {booklets}冊)。分けて起票してください。",
    en="One print run has 1 to {most} booklets (you entered {booklets}). Please order several.",
)


@dataclass(frozen=True, slots=True)
class PrintedNote:
    """What stands on one note; note 0 is the cover. `section` is its place in the run's sections."""

    serial: Serial
    link: str
    section: int


@transaction.atomic
def order_print_run(
    *, programme: UUID, face_yen: int, booklets: int, by: Actor, at: datetime, bundle: str = ""
) -> UUID:
    """Order booklets for one unit of a sale (`bundle`; empty: its own), all notes of one face, and ask for approval.

    The notes of a booklet stand in sections, one for each place of use (tranche), so that a shop refuses a note for
    the same reason as a phone. Order: programme, permission, terms, the row, the approval.
    Raises Refusal `programme_unknown`, `not_allowed`, `programme_not_launched`, `paper_needs_a_sale`, `paper_shrinks`,
    `paper_face_wrong`, `paper_too_many`.
    """
    view = programmes.programme(programme, municipality=by.municipality)
    if view is None:
        raise PROGRAMME_UNKNOWN.refusal()
    require(by, "paper.order", department=view.department, municipality=by.municipality)
    if view.state != "launched":
        raise PROGRAMME_NOT_LAUNCHED.refusal(state=view.state)
    if not 1 <= booklets <= BOOKLETS_MOST:
        raise PAPER_TOO_MANY.refusal(field="booklets", most=BOOKLETS_MOST, booklets=booklets)
    terms = programmes.terms(programme, municipality=by.municipality)
    places = _places(terms, bundle=bundle, face_yen=face_yen)
    sections = [_section(each, programme, municipality=by.municipality, face_yen=face_yen) for each in places]
    row = PrintRun(
        id=uuid7(at), municipality=by.municipality, number=_next_number(by.municipality), programme=programme,
        bundle=bundle, face_yen=face_yen, booklets=booklets, sections=sections, ordered_at=at, ordered_by=by.party,
    )
    row.key_mark = _mark(run_key(row.id, by.municipality))
    row.approval = parties.propose(
        APPROVED_AS, object_id=row.id, digest=_digest(row), department=view.department, by=by, at=at
    )
    row.save(force_insert=True)
    return row.id


@transaction.atomic
def approve_print_run(run: UUID, *, by: Actor, at: datetime) -> None:
    """The checker's yes: the booklets now exist, each with its number, still unsold.

    Raises Refusal `print_run_unknown`, and as `parties.approve`.
    """
    row = _locked(run, by)
    parties.approve(row.approval, _digest(row), by=by, at=at)
    row.approved_at = at
    row.save(update_fields=["approved_at"])
    numbers = range(1, row.booklets + 1)
    printed = (
        Booklet(id=booklet_id(run, number), municipality=row.municipality, run=row, number=number)
        for number in numbers
    )
    Booklet.objects.bulk_create(printed, batch_size=BATCH)


@transaction.atomic
def close_print_run(run: UUID, *, by: Actor, at: datetime, reason: str = "") -> None:
    """The maker takes the order back, or (with a reason) the checker sends it back: nothing is printed.

    Raises Refusal `print_run_unknown`, and as `parties.reject` and `parties.withdraw`.
    """
    row = _locked(run, by)
    if reason:
        parties.reject(row.approval, by=by, at=at, note=reason)
    else:
        parties.withdraw(row.approval, by=by, at=at)
    row.delete()


@transaction.atomic
def print_notes(
    run: UUID, *, first: int, last: int, form: str, because: str, by: Actor, at: datetime
) -> Iterator[list[PrintedNote]]:
    """The booklets `first` to `last` for the printer, each as its cover and its notes. The fetching is kept for ever.

    Raises Refusal `print_run_unknown`, `not_allowed`, `print_run_not_approved`.
    """
    row = found_run(run, municipality=by.municipality)
    require(by, "paper.print", department=department_of(row), municipality=row.municipality)
    if row.approved_at is None:
        raise PRINT_RUN_NOT_APPROVED.refusal()
    first, last = max(first, 1), min(last, row.booklets)
    PrintedFile.objects.create(
        id=uuid7(at), municipality=row.municipality, run=row, first=first, last=last, form=form, printed_at=at,
        printed_by=by.party, because=because[:200],
    )
    return printed_booklets(row, first=first, last=last)


def printed_booklets(row: PrintRun, *, first: int, last: int) -> Iterator[list[PrintedNote]]:
    """What stands on these booklets; for the doors that ask the permission and keep the fetching."""
    key = key_of(row)
    return (_printed(Serial(row.municipality, row.number, number), row, key=key) for number in range(first, last + 1))


def _printed(cover: Serial, row: PrintRun, *, key: bytes) -> list[PrintedNote]:
    places = [place for place, section in enumerate(row.sections) for _ in range(section["notes"])]
    serials = [cover, *(cover.of(note) for note in range(1, len(places) + 1))]
    return [
        PrintedNote(each, link(each, host=settings.OFFICIAL_HOST, key=key), place)
        for each, place in zip(serials, [0, *places], strict=True)
    ]


def booklet_id(run: UUID, number: int) -> UUID:
    """The pseudonym of a booklet as a holder."""
    return named_id(f"booklet:{run}:{number}")


def run_key(run: UUID, municipality: int) -> bytes:
    """The key of a run's secrets: out of the town's own root key, so that no table and no copy of one holds it."""
    root = bytes.fromhex(settings.VAULT_KEY)
    return hmac.new(root, f"meguri paper notes 1\0{municipality}:{run}".encode(), hashlib.sha256).digest()


def key_of(row: PrintRun) -> bytes:
    """The key of this run. RuntimeError when VAULT_KEY is not the one it was ordered under: no note is called false
    because a setting is.
    """
    key = run_key(row.id, row.municipality)
    if _mark(key) != bytes(row.key_mark):
        raise RuntimeError(f"print run {row.id}: VAULT_KEY is not the key under which its notes were ordered")
    return key


def found_run(run: UUID, *, municipality: int) -> PrintRun:
    """Raises Refusal `print_run_unknown`."""
    row = PrintRun.objects.filter(id=run, municipality=municipality).first()
    if row is None:
        raise PRINT_RUN_UNKNOWN.refusal()
    return row


def department_of(row: PrintRun) -> str:
    """Whose programme the run prints for."""
    view = programmes.programme(row.programme, municipality=row.municipality)
    return view.department if view else ""


def _locked(run: UUID, by: Actor) -> PrintRun:
    row = PrintRun.objects.select_for_update().filter(id=run, municipality=by.municipality).first()
    if row is None:
        raise PRINT_RUN_UNKNOWN.refusal()
    return row


def _next_number(municipality: int) -> int:
    """The town's next number of a run. Two orders at one moment: the second fails on the number's uniqueness."""
    last = PrintRun.objects.filter(municipality=municipality).order_by("-number").first()
    number = last.number + 1 if last else 1
    if number > RUN_MOST or municipality > TOWN_MOST:
        raise ValueError(f"no room in a note's number for town {municipality}, run {number}")
    return number


def _mark(key: bytes) -> bytes:
    return hashlib.sha256(b"mark\0" + key).digest()[:8]


def _digest(row: PrintRun) -> str:
    return digest_of({
        "run": row.number, "programme": str(row.programme), "bundle": row.bundle, "face_yen": row.face_yen,
        "booklets": row.booklets, "sections": row.sections,
    })  # fmt: skip


def _places(terms: ProgrammeTerms, *, bundle: str, face_yen: int) -> list[dict[str, Any]]:
    """What a unit is made of, by place of use, in the order of the terms' purses: yen of which purses."""
    if terms.demurrage is not None:
        raise PAPER_SHRINKS.refusal()
    face = {part.purse: part.yen for part in _face(terms, bundle)}
    by_place: dict[str, dict[str, Any]] = {}
    for purse in (each for each in terms.purses if each.code in face):
        place = by_place.setdefault(repr(purse.where), {"where": purse.where, "purses": [], "yen": 0})
        place["purses"].append(purse.code)
        place["yen"] += face[purse.code]
    for place in by_place.values():
        _require_whole(terms, yen=place["yen"], face_yen=face_yen)
    if sum(place["yen"] for place in by_place.values()) // max(face_yen, 1) > NOTE_MOST:
        _require_whole(terms, yen=sum(face.values()), face_yen=0)
    return list(by_place.values())


def _face(terms: ProgrammeTerms, bundle: str) -> tuple[FacePart, ...]:
    sale = terms.obtaining
    if not isinstance(sale, Sale):
        raise PAPER_NEEDS_A_SALE.refusal()
    faces = {"": sale.face} | {each.code: each.face for each in sale.bundles}
    if not faces.get(bundle):
        raise PAPER_NEEDS_A_SALE.refusal(field="bundle")
    return faces[bundle]


def _require_whole(terms: ProgrammeTerms, *, yen: int, face_yen: int) -> None:
    unit = terms.spending.spend_unit_yen
    most = terms.limits.payment_max_yen
    if face_yen < 1 or yen % face_yen or face_yen % unit or (most is not None and face_yen > most):
        raise PAPER_FACE_WRONG.refusal(field="face_yen", yen=yen, face=face_yen, most=NOTE_MOST, unit=unit)


def _section(place: dict[str, Any], programme: UUID, *, municipality: int, face_yen: int) -> dict[str, Any]:
    kinds = [programmes.purse_kind(programme, code, municipality=municipality) for code in place["purses"]]
    named = _named(predicate.parse(place["where"], SHOPS))
    return {"purses": [str(kind.id) for kind in kinds if kind], "notes": place["yen"] // face_yen, **named}


def _named(where: predicate.Rule) -> dict[str, str]:
    """Where the notes of a section may be spent, as they say it themselves."""
    if where.predicate == EVERYTHING:
        return {"ja": "すべての取扱店", "en": "every shop that takes notes"}
    return {"ja": predicate.sentence(where, "ja"), "en": predicate.sentence(where, "en")}
