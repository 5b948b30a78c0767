"""What may be asked of the vault without revealing anything: pseudonyms, logins, the log of reveals."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from meguri.vault import rules
from meguri.vault.models import Login, LookUp, RevealLog, SealedRecord
from meguri.vault.rules import Field
from meguri.vault.sealing import look_up_digest
from meguri.vault.town_key import town_keys


@dataclass(frozen=True, slots=True)
class LoginView:
    """A way in. `phone` and `email` are personal: for sending only, never for lists."""

    id: UUID
    municipality: int
    party: UUID
    email: str | None
    phone: str | None
    is_active: bool
    demo: bool
    seen: bool  # whether it was ever entered


@dataclass(frozen=True, slots=True)
class Reveal:
    """One look into the vault, for the answer to "who saw whose data"."""

    id: UUID
    subject: UUID
    fields: tuple[str, ...]
    reason: str
    role: str
    party: UUID | None
    department: str
    at: datetime


def find(field: Field, value: Any, *, municipality: int) -> tuple[UUID, ...]:
    """The subjects of whom `field` has exactly this value, spelling apart; found by HMAC, nothing is opened."""
    return next(iter(find_many(field, [value], municipality=municipality).values()), ())


NUMBER_DIGITS_MAX = 15
"""So long is a register's number at most (宛名番号 of the standardised resident register)."""


def resident_by_number(typed: str, *, municipality: int) -> UUID | None:
    """Whose number in the register this is, as people write it: in any width, with its leading zeros or without.

    The number as typed counts first. None if it is nobody's, or more than one person's.
    """
    return residents_by_numbers([typed], municipality=municipality).get(typed)


def residents_by_numbers(typed: Sequence[str], *, municipality: int) -> dict[str, UUID]:
    """`resident_by_number` for many numbers at once; without those that are nobody's, or more than one person's."""
    known = dict(find_many(Field.RESIDENT_NUMBER, list(set(typed)), municipality=municipality))
    padded = {number: _padded(number) for number in set(typed) - known.keys()}
    found = find_many(Field.RESIDENT_NUMBER, list({each for one in padded.values() for each in one}),
                      municipality=municipality)  # fmt: skip
    for number, tried in padded.items():
        known[number] = tuple(subject for each in tried for subject in found.get(each, ()))
    return {number: subjects[0] for number, subjects in known.items() if len(subjects) == 1}


def _padded(typed: str) -> list[str]:
    """The number with as many leading zeros as a register may write."""
    bare = rules.normalise(Field.RESIDENT_NUMBER, typed).lstrip("0")
    return [bare.zfill(digits) for digits in range(len(bare), NUMBER_DIGITS_MAX + 1)] if bare.isdecimal() else []


def find_many(field: Field, values: Sequence[Any], *, municipality: int) -> dict[str, tuple[UUID, ...]]:
    """`find` for many values at once; keys are the text values as given (a bank account's normalised text)."""
    keys = town_keys(municipality)
    asked: dict[bytes, list[str]] = {}
    for value in values:
        plain = rules.normalise(field, value)
        if plain:
            name = value if isinstance(value, str) else plain
            asked.setdefault(look_up_digest(field, plain, keys=keys), []).append(name)
    rows = LookUp.objects.filter(municipality=municipality, field=field, digest__in=list(asked))
    found: dict[str, list[UUID]] = {}
    for row in rows.order_by("subject"):
        for name in asked[bytes(row.digest)]:
            found.setdefault(name, []).append(row.subject)
    return {name: tuple(subjects) for name, subjects in found.items()}


def alike(subject: UUID, field: Field, *, municipality: int) -> tuple[UUID, ...]:
    """The other subjects whose field has the same value, spelling apart; nothing is opened."""
    own = LookUp.objects.filter(municipality=municipality, subject=subject, field=field).values("digest")
    rows = LookUp.objects.filter(municipality=municipality, field=field, digest__in=own).exclude(subject=subject)
    return tuple(rows.order_by("subject").values_list("subject", flat=True))


def is_forgotten(subject: UUID, *, municipality: int) -> bool:
    return SealedRecord.objects.filter(
        municipality=municipality, subject=subject, forgotten_at__isnull=False
    ).exists()


def _view(login: Login) -> LoginView:
    return LoginView(
        id=login.id, municipality=login.municipality, party=login.party, email=login.email, phone=login.phone,
        is_active=login.is_active, demo=login.demo, seen=login.last_login is not None,
    )


def login(login_id: UUID) -> LoginView | None:
    found = Login.objects.filter(id=login_id).first()
    return _view(found) if found else None


def login_of(party: UUID, *, municipality: int) -> LoginView | None:
    """The login of a pseudonym, if it has one."""
    found = Login.objects.filter(municipality=municipality, party=party).first()
    return _view(found) if found else None


def with_app(parties: Sequence[UUID], *, municipality: int) -> frozenset[UUID]:
    """Those who have come in by a login at least once, so that what lies in their wallet's inbox can reach them."""
    seen = Login.objects.filter(municipality=municipality, party__in=parties, is_active=True)
    return frozenset(seen.filter(last_login__isnull=False).values_list("party", flat=True))


def with_fields(subjects: Sequence[UUID], fields: Sequence[Field], *, municipality: int) -> frozenset[UUID]:
    """Those of whom all these fields are sealed. Nothing is opened: the look-ups say it."""
    rows = LookUp.objects.filter(municipality=municipality, subject__in=subjects)
    found = [frozenset(rows.filter(field=field).values_list("subject", flat=True)) for field in fields]
    return frozenset(subjects).intersection(*found)


def login_with_phone(phone: str, *, municipality: int) -> LoginView | None:
    number = rules.e164(phone)
    found = Login.objects.filter(municipality=municipality, phone=number).first() if number else None
    return _view(found) if found else None


def login_with_email(email: str, *, municipality: int) -> LoginView | None:
    found = Login.objects.filter(municipality=municipality, email=email.strip().lower()).first()
    return _view(found) if found else None


def demo_logins(municipality: int) -> tuple[LoginView, ...]:
    """The invented people whom anybody may be while the demo runs."""
    found = Login.objects.filter(municipality=municipality, demo=True, is_active=True).order_by("id")
    return tuple(_view(login) for login in found)


def reveals(
    *, municipality: int, subject: UUID | None = None, by: UUID | None = None, after: UUID | None = None,
    limit: int = 100,
) -> tuple[Reveal, ...]:
    """Who saw whose data, newest first: of one subject, by one person, or all; `after` is the last id seen."""
    rows = RevealLog.objects.filter(municipality=municipality)
    if subject is not None:
        rows = rows.filter(subject=subject)
    if by is not None:
        rows = rows.filter(by_party=by)
    if after is not None:
        rows = rows.filter(id__lt=after)
    return tuple(
        Reveal(
            id=row.id, subject=row.subject, fields=tuple(row.fields), reason=row.reason, role=row.by_role,
            party=row.by_party, department=row.by_department, at=row.at,
        )
        for row in rows.order_by("-id")[:limit]
    )
