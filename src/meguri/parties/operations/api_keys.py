"""Keys of programs: few scopes, an end, a hash. A program never approves and never releases money."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from meguri.parties.models import ApiKey
from meguri.parties.operations.members import require_manager
from meguri.parties.permissions import PERMISSIONS
from meguri.parties.rules import Facts, allows, require, secret_hash
from meguri.words.actor import Actor, ActorRole
from meguri.words.ids import uuid7
from meguri.words.refusal import declare

REHEARSAL_SCOPE = "rehearsal"
"""Lets a program mint tokens for rehearsed people and move the clock, in a rehearsal's municipality only."""
LONGEST = timedelta(days=366)
ROLES_OF_PROGRAMS = frozenset(
    {ActorRole.CLERK, ActorRole.OWNER, ActorRole.MAKER, ActorRole.PARTNER, ActorRole.ANALYST, ActorRole.OPERATOR}
)

API_KEY_TOO_STRONG = declare(
    "api_key_too_strong",
    status=403,
    ja="プログラムのキーには、承認や振込の役割、または自分が持たない役割は渡せません。",
    en="A program's key cannot carry approval or payout roles, nor a role you do not hold.",
)
SCOPE_UNKNOWN = declare(
    "scope_unknown",
    status=422,
    ja="「{scope}」という権限はありません。",
    en="There is no scope “{scope}”.",
)
API_KEY_SPAN_WRONG = declare(
    "api_key_span_wrong",
    status=422,
    ja="キーの期限は、今から{most_days}日以内にしてください。",
    en="A key must end within {most_days} days from now.",
)
API_KEY_UNKNOWN = declare("api_key_unknown", status=404, ja="このキーはありません。", en="There is no such key.")


@dataclass(frozen=True, slots=True)
class IssuedKey:
    """`secret` is shown once; afterwards only its `prefix` is known."""

    id: UUID
    prefix: str
    secret: str


def issue_api_key(
    *, label: str, scopes: Sequence[str], acts_as: Actor, expires_at: datetime, by: Actor, at: datetime
) -> IssuedKey:
    """A key for a program that acts as `acts_as`, limited to `scopes` (actions of the table, or `rehearsal`).

    Raises Refusal `not_allowed`, `sponsor_manager_needed`, `api_key_too_strong`, `scope_unknown`, `api_key_span_wrong`.
    """
    require(
        by,
        "api_key.issue",
        department=acts_as.department,
        owner=acts_as.shop or acts_as.party,
        municipality=acts_as.municipality,
    )
    require_manager(by)
    _require_modest(scopes, acts_as=acts_as, by=by)
    if not at < expires_at <= at + LONGEST:
        raise API_KEY_SPAN_WRONG.refusal(field="expires_at", most_days=LONGEST.days)
    secret = f"meguri_{secrets.token_urlsafe(32)}"
    row = ApiKey.objects.create(
        id=uuid7(at),
        municipality=by.municipality,
        prefix=secret[:12],
        key_hash=secret_hash(secret),
        label=label,
        scopes=list(scopes),
        role=acts_as.role,
        party=acts_as.party,
        department=acts_as.department,
        shop=acts_as.shop,
        issued_by=by.party,
        issued_at=at,
        expires_at=expires_at,
    )
    return IssuedKey(id=row.id, prefix=row.prefix, secret=secret)


def _require_modest(scopes: Sequence[str], *, acts_as: Actor, by: Actor) -> None:
    """No approving role; a shop or company gives only its own; the rehearsal's scope only comes from the operator."""
    platform = by.role in {ActorRole.OPERATOR, ActorRole.SYSTEM}
    own_roles = {ActorRole.CLERK, ActorRole.OWNER} if by.role is ActorRole.OWNER else {by.role}
    if by.role is ActorRole.CHECKER:
        own_roles = {ActorRole.MAKER, ActorRole.ANALYST}
    if acts_as.role not in (ROLES_OF_PROGRAMS if platform else own_roles & ROLES_OF_PROGRAMS):
        raise API_KEY_TOO_STRONG.refusal()
    for scope in scopes:
        if scope == REHEARSAL_SCOPE and not platform:
            raise API_KEY_TOO_STRONG.refusal()
        if scope != REHEARSAL_SCOPE and scope not in PERMISSIONS:
            raise SCOPE_UNKNOWN.refusal(scope=scope, field="scopes")


def revoke_api_key(key: UUID, *, by: Actor, at: datetime) -> None:
    """The key stops at once. Raises Refusal `api_key_unknown`, `sponsor_manager_needed`."""
    row = ApiKey.objects.filter(id=key, municipality=by.municipality, revoked_at=None).first()
    if row is None or not allows(
        by, "api_key.revoke", facts=Facts(department=row.department, owner=row.shop or row.party)
    ):
        raise API_KEY_UNKNOWN.refusal()
    require_manager(by)
    ApiKey.objects.filter(id=key).update(revoked_at=at)
