"""Pure decisions about parties: may this actor do that, which code does a shop print, how old is a resident."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

import msgspec

from meguri.parties.permissions import PERMISSIONS, Permission, Scope
from meguri.words.actor import Actor, ActorRole
from meguri.words.refusal import declare


@dataclass(frozen=True, slots=True)
class Both:
    """A fact of a refusal that has a word in each language: the sentences name it `{fact:ja}` and `{fact:en}`."""

    ja: str
    en: str

    def __format__(self, language: str) -> str:
        return self.en if language == "en" else self.ja

    def __str__(self) -> str:
        return f"{self.ja} / {self.en}"


NOT_ALLOWED = declare(
    "not_allowed", status=403,
    ja="{role:ja}の役割では「{action:ja}」ことはできません。できる役割: {roles:ja}。",
    en="As a {role:en} you may not {action:en}. It takes: {roles:en}.",
)

ROLE_NAMES: dict[ActorRole, Both] = {
    ActorRole.VISITOR: Both("訪問者", "visitor"),
    ActorRole.RESIDENT: Both("利用者", "wallet holder"),
    ActorRole.CLERK: Both("店員", "shop clerk"),
    ActorRole.OWNER: Both("店主", "shop owner"),
    ActorRole.MAKER: Both("起票者", "maker"),
    ActorRole.CHECKER: Both("承認者", "checker"),
    ActorRole.ACCOUNTANT: Both("出納", "accountant"),
    ActorRole.PARTNER: Both("協賛企業", "partner company"),
    ActorRole.ANALYST: Both("分析担当", "analyst"),
    ActorRole.OPERATOR: Both("運営", "operator"),
    ActorRole.SYSTEM: Both("自動処理", "scheduled task"),
}

OFFICER_ROLES = frozenset(
    {ActorRole.MAKER, ActorRole.CHECKER, ActorRole.ACCOUNTANT, ActorRole.ANALYST, ActorRole.OPERATOR}
)
"""Roles that need a strong sign-in: a second factor or a passkey."""


WRONG_DATES_MOST = 5
"""Wrong birth dates beside a resident's register code before the code is dead."""


class Facts(msgspec.Struct, frozen=True, gc=False):
    """What an object is, as far as permission goes: its department's code, its owner, its municipality."""

    department: str = ""
    owner: UUID | None = None
    municipality: int | None = None


_NO_FACTS = Facts()


def allows(actor: Actor, action: str, *, facts: Facts = _NO_FACTS) -> bool:
    """Whether the table lets the actor do the action on an object of these facts.

    Another municipality's object is never allowed. Raises KeyError for an action that is not in the table.
    """
    scope = PERMISSIONS[action].grants.get(actor.role)
    if scope is None or facts.municipality not in (None, actor.municipality):
        return False
    if scope is Scope.OWN_DEPARTMENT:
        return bool(actor.department) and actor.department == facts.department
    if scope is Scope.OWN:
        return facts.owner is not None and facts.owner in (actor.party, actor.shop)
    return True


def require(
    by: Actor, action: str, *, department: str = "", owner: UUID | None = None, municipality: int | None = None
) -> None:
    """Raise Refusal `not_allowed` unless `by` may do the action on an object of this department and owner.

    An action of scope OWN needs `owner` (the holder's or the shop's id), one of OWN_DEPARTMENT needs `department`:
    what is not given does not match.
    """
    if allows(by, action, facts=Facts(department=department, owner=owner, municipality=municipality)):
        return
    permission = PERMISSIONS[action]
    raise NOT_ALLOWED.refusal(
        role=ROLE_NAMES[by.role], action=Both(permission.ja, permission.en), roles=_roles(permission), limit=action
    )


def _roles(permission: Permission) -> Both:
    names = [ROLE_NAMES[role] for role in permission.grants]
    return Both("、".join(name.ja for name in names), ", ".join(name.en for name in names))


def digest_of(document: Any) -> str:
    """The SHA-256 (64 hexadecimal digits) by which an approval binds a document of JSON values, or bytes."""
    if not isinstance(document, bytes):
        document = json.dumps(document, ensure_ascii=False, sort_keys=True, separators=(",", ":"), default=str).encode()
    return hashlib.sha256(document).hexdigest()


def secret_hash(secret: str) -> bytes:
    """What is kept of a random token or key of at least 128 bits: its SHA-256, 32 bytes."""
    return hashlib.sha256(secret.encode()).digest()


def shop_code(number: int) -> str:
    """Ten digits and two check digits (ISO 7064 MOD 97-10), which find every single wrong or swapped digit."""
    if not 0 <= number < 10**10:
        raise ValueError("a shop's number has at most ten digits")
    return f"{number:010d}{98 - number * 100 % 97:02d}"


def is_shop_code(code: str) -> bool:
    return len(code) == 12 and code.isascii() and code.isdecimal() and int(code) % 97 == 1


def age_on(birth_date: date, on: date) -> int:
    """Whole years of age on a day, as the law counts them.

    By the Act on Calculation of Ages (年齢計算ニ関スル法律) a year is complete at the end of the day before the
    birthday; the age in years that people and registers use changes on the birthday, and so it does here.
    """
    return on.year - birth_date.year - ((on.month, on.day) < (birth_date.month, birth_date.day))


def gaps(
    spans: Iterable[tuple[datetime, datetime | None]], *, start: datetime, end: datetime | None, least: int = 1
) -> tuple[datetime, ...]:
    """The moments in [start, end) from which fewer than `least` of the half-open spans hold; none is good.

    `end` None: for ever. A span without an end holds for ever.
    """
    held = list(spans)
    changes = {start, *(moment for span in held for moment in span if moment is not None and start < moment)}
    return tuple(
        moment for moment in sorted(changes) if (end is None or moment < end)
        and sum(begins <= moment and (ends is None or moment < ends) for begins, ends in held) < least
    )
