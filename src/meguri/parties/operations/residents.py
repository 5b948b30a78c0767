"""Residents come from the register, many at once, as often as the file is sent."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db import connection, transaction

from meguri.parties.models import Household, Resident, TaxClass
from meguri.parties.rules import Both, require
from meguri.vault.operations import ToSeal, seal_many
from meguri.vault.queries import find_many
from meguri.vault.rules import Field, normalise
from meguri.words.actor import Actor
from meguri.words.clock import day
from meguri.words.ids import uuid7
from meguri.words.refusal import declare

RESIDENT_ROW_WRONG = declare(
    "resident_row_wrong", status=422,
    ja="{row}行目: {what:ja}「{value}」は正しくありません。直してからもう一度取り込んでください。"
       "何も登録していません。",
    en="Row {row}: {what:en} “{value}” is not right. Please mend it and import again. Nothing was registered.",
)
ROW_NAMES = {
    "birth_date": Both("生年月日", "the date of birth"), "moved_in": Both("転入日", "the day of moving in"),
    "moved_out": Both("転出日", "the day of moving out"), "tax_class": Both("課税区分", "the tax class"),
    "ward": Both("地区", "the ward"), "number": Both("宛名番号", "the register number"),
    "household_number": Both("世帯番号", "the household number"),
}
"""What a person calls the parts of a row."""
RESIDENT_TWICE = declare(
    "resident_twice", status=422,
    ja="{row}行目の宛名番号は同じファイルの前の行にもあります。何も登録していません。",
    en="Row {row}: this register number stands in an earlier row of the file too. Nothing was registered.",
)
_REGISTER_LOCK = 0x4D52  # any fixed number: one import of residents at a time in a municipality


@dataclass(frozen=True, slots=True)
class ResidentEntry:
    """One row of the register. `number` and `household_number` are the register's own; `sealed` goes into the vault.

    `moved_out` is the first day on which the person is no resident any more. `id` only for invented people.
    """

    birth_date: date
    ward: str
    moved_in: date
    household_number: str
    number: str = ""
    tax_class: str = TaxClass.INCOME
    moved_out: date | None = None
    shielded: bool = False
    sealed: Mapping[Field, Any] = field(default_factory=dict)
    id: UUID | None = None


@transaction.atomic
def register_residents(entries: Sequence[ResidentEntry], *, by: Actor, at: datetime) -> list[UUID]:
    """Register or update residents; the answer has the pseudonym of each entry, in order.

    Order: judge every row, lock the register, find known people and households by HMAC of their numbers, write the
    facts, seal the personal fields. The same file sent twice changes nothing; one wrong row refuses the whole file.
    Raises Refusal `not_allowed`, `resident_row_wrong`, `resident_twice`.
    """
    require(by, "party.register_resident")
    _judge(entries, at)
    _lock_register(by.municipality)
    households = _households(entries, by=by, at=at)
    known = find_many(Field.RESIDENT_NUMBER, [e.number for e in entries if e.number], municipality=by.municipality)
    people = [known[e.number][0] if e.number in known else e.id or uuid7(at) for e in entries]
    rows = [
        Resident(
            id=person, municipality=by.municipality, household_id=households[entry.household_number],
            birth_date=entry.birth_date, ward=entry.ward, tax_class=entry.tax_class, moved_in=entry.moved_in,
            moved_out=entry.moved_out, shielded=entry.shielded, registered_at=at,
        )
        for person, entry in zip(people, entries, strict=True)
    ]
    Resident.objects.bulk_create(
        rows, batch_size=2000, update_conflicts=True, unique_fields=["id"],
        update_fields=["household", "birth_date", "ward", "tax_class", "moved_in", "moved_out", "shielded"],
    )
    seal_many(_to_seal(people, entries), by=by, at=at)
    return people


def _judge(entries: Sequence[ResidentEntry], at: datetime) -> None:
    numbers: set[str] = set()
    for row, entry in enumerate(entries, start=1):
        wrong = _wrong_field(entry, day(at))
        if wrong:
            raise RESIDENT_ROW_WRONG.refusal(
                row=row, field=wrong, what=ROW_NAMES[wrong], value=str(getattr(entry, wrong))
            )
        number = normalise(Field.RESIDENT_NUMBER, entry.number)  # as the vault compares: １２ and 12 are one person
        if number and number in numbers:
            raise RESIDENT_TWICE.refusal(row=row)
        numbers.add(number)


def _wrong_field(entry: ResidentEntry, today: date) -> str:
    """The name of the first field that cannot be true; empty if all can."""
    if not date(1880, 1, 1) <= entry.birth_date <= today:
        return "birth_date"
    if entry.moved_in < entry.birth_date:
        return "moved_in"
    if entry.moved_out is not None and entry.moved_out < entry.moved_in:
        return "moved_out"
    if entry.tax_class not in TaxClass.values:
        return "tax_class"
    if not entry.ward.strip():
        return "ward"
    if entry.number and not normalise(Field.RESIDENT_NUMBER, entry.number):
        return "number"
    return "" if normalise(Field.HOUSEHOLD_NUMBER, entry.household_number) else "household_number"


def _lock_register(municipality: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [_REGISTER_LOCK, municipality])


def _households(entries: Sequence[ResidentEntry], *, by: Actor, at: datetime) -> dict[str, UUID]:
    """The household of each register number; unknown ones are made. Spellings of one number are one household."""
    plain = {entry.household_number: normalise(Field.HOUSEHOLD_NUMBER, entry.household_number) for entry in entries}
    found = find_many(Field.HOUSEHOLD_NUMBER, list(plain), municipality=by.municipality)
    ids = {plain[number]: households[0] for number, households in found.items()}
    fresh = {plain[number]: number for number in reversed(plain) if plain[number] not in ids}  # sealed as first written
    ids |= {number: uuid7(at) for number in fresh}
    Household.objects.bulk_create(
        [Household(id=ids[number], municipality=by.municipality, registered_at=at) for number in fresh], batch_size=5000
    )
    written = [ToSeal(ids[number], {Field.HOUSEHOLD_NUMBER: text}) for number, text in fresh.items()]
    seal_many(written, by=by, at=at)
    return {number: ids[plain[number]] for number in plain}


def _to_seal(people: Sequence[UUID], entries: Sequence[ResidentEntry]) -> list[ToSeal]:
    wanted = []
    for person, entry in zip(people, entries, strict=True):
        fields = dict(entry.sealed) | ({Field.RESIDENT_NUMBER: entry.number} if entry.number else {})
        if fields:
            wanted.append(ToSeal(person, fields))
    return wanted
