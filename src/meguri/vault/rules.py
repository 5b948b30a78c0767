"""What may be sealed, how it is compared, and who may see which field. Pure."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from enum import StrEnum
from typing import Any
from uuid import UUID

import phonenumbers

from meguri.words.actor import Actor, ActorRole

REASON_LEAST = 4
"""The shortest reason that is taken for one (characters)."""
REASON_MOST = 400
REVEAL_MOST = 1000
"""More subjects at once need an approval by a second person."""


class Field(StrEnum):
    """What may be known of a person or shop. `bank_account` is a mapping, all others are text."""

    NAME = "name"
    KANA = "kana"
    ADDRESS = "address"
    PHONE = "phone"
    EMAIL = "email"
    BANK_ACCOUNT = "bank_account"
    RESIDENT_NUMBER = "resident_number"  # the register's own number (宛名番号); never the individual number (個人番号)
    HOUSEHOLD_NUMBER = "household_number"
    WORKPLACE = "workplace"  # as the person who works there named it (勤め先)
    SCHOOL = "school"
    PHOTO = "photo"  # sealed by itself (`vault.photos`), never among the others; stands in the log of reveals


BANK_ACCOUNT_PARTS = ("bank", "branch", "kind", "number", "holder_kana")

_REGISTER = frozenset({Field.RESIDENT_NUMBER, Field.HOUSEHOLD_NUMBER})
_ALL = frozenset(Field)
_DESK = _ALL - _REGISTER

VISIBLE: dict[ActorRole, frozenset[Field]] = {
    ActorRole.MAKER: _DESK,
    ActorRole.CHECKER: _ALL,
    ActorRole.ACCOUNTANT: frozenset({Field.NAME, Field.KANA, Field.BANK_ACCOUNT}),
    ActorRole.OPERATOR: frozenset(
        {Field.NAME, Field.KANA, Field.PHONE, Field.EMAIL, Field.WORKPLACE, Field.SCHOOL}
    ),
    ActorRole.SYSTEM: _DESK - {Field.PHOTO},
}
"""Which fields a role may see of anybody, always with a reason and logged. Residents and owners see their own."""


def is_own(by: Actor, subject: UUID) -> bool:
    return by.role in {ActorRole.RESIDENT, ActorRole.OWNER} and subject in {by.party, by.shop}


def hidden_fields(fields: Iterable[Field], *, by: Actor, subject: UUID) -> frozenset[Field]:
    """Those of `fields` that the actor may not see of the subject."""
    visible = _DESK if is_own(by, subject) else VISIBLE.get(by.role, frozenset())
    return frozenset(fields) - visible


def may_seal(by: Actor, subject: UUID) -> bool:
    """Officers who prepare or approve, the operator, tasks, and people for themselves may write into the vault."""
    writers = {ActorRole.MAKER, ActorRole.CHECKER, ActorRole.OPERATOR, ActorRole.SYSTEM}
    return by.role in writers or is_own(by, subject)


def is_reason(reason: str) -> bool:
    return REASON_LEAST <= len(reason.strip()) <= REASON_MOST


def normalise(field: Field, value: Any) -> str:
    """The form in which two spellings of one value are equal; empty if there is nothing to compare.

    Raises ValueError for a bank account with unknown parts.
    """
    if field is Field.BANK_ACCOUNT:
        if set(value) - set(BANK_ACCOUNT_PARTS):
            raise ValueError(f"a bank account has the parts {BANK_ACCOUNT_PARTS}")
        return "|".join(_plain(str(value.get(part, ""))) for part in BANK_ACCOUNT_PARTS[:4])
    if field is Field.PHONE:
        return e164(value) or re.sub(r"\D", "", _plain(value))
    return _plain(value)


def _plain(text: str) -> str:
    folded = unicodedata.normalize("NFKC", text).casefold()
    return re.sub(r"[\s‐-―ーｰ−-]+", "", _katakana(folded))


def _katakana(text: str) -> str:
    return "".join(chr(ord(c) + 0x60) if "ぁ" <= c <= "ゖ" else c for c in text)


def e164(text: str) -> str | None:
    """A Japanese or international phone number as people write it, as +81…; none if it is no possible number."""
    try:
        number = phonenumbers.parse(unicodedata.normalize("NFKC", text), "JP")
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_possible_number(number):
        return None
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
