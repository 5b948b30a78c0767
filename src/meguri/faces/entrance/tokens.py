"""Short-lived signed tokens for programs and for the lean routes: who acts, with which scopes, until when.

They carry all that is needed, so reading one asks no database. They are signed (HMAC-SHA256, Django's secret key), not
encrypted: nothing personal is in them. A token cannot be called back; therefore it lives for minutes.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any
from uuid import UUID

from django.core.signing import BadSignature, Signer

from meguri.ledger.queries import municipality as town_of
from meguri.words.actor import Actor, ActorRole
from meguri.words.clock import now
from meguri.words.refusal import declare

SALT = "meguri.token/1"
SECONDS_MOST = 3600
EVERYTHING = "*"
"""The scope of a token that may do whatever its actor may do. No program's key carries it."""

TOKEN_UNREADABLE = declare(
    "token_unreadable", status=401,
    ja="サインインの情報を確かめられませんでした。もう一度サインインしてください。",
    en="Your sign-in could not be verified. Please sign in again.",
)
TOKEN_EXPIRED = declare(
    "token_expired", status=401,
    ja="サインインの期限が切れました。もう一度サインインしてください。",
    en="Your sign-in has expired. Please sign in again.",
)
SCOPE_MISSING = declare(
    "scope_missing", status=403,
    ja="このトークンには「{scope}」の権限がありません。", en="This token does not carry the scope “{scope}”.",
)
TOWN_UNKNOWN = declare(
    "town_unknown", status=404, ja="この自治体は登録されていません。", en="There is no such municipality here."
)


@dataclass(frozen=True, slots=True)
class Claims:
    """What a token says. `expires_at` is real time, also in a rehearsed town whose clock is elsewhere."""

    actor: Actor
    scopes: frozenset[str]
    expires_at: datetime


def mint_token(actor: Actor, *, scopes: Iterable[str], seconds: int, at: datetime | None = None) -> str:
    """A token for `actor` that ends after `seconds` (1 to 3,600) of real time (`at`: now).

    Raises ValueError for a length of life outside the bounds.
    """
    if not 0 < seconds <= SECONDS_MOST:
        raise ValueError(f"a token lives 1 to {SECONDS_MOST} seconds, not {seconds}")
    expires = int((at or now()).timestamp()) + seconds
    content = [
        actor.municipality, str(actor.role), _text(actor.party), actor.department, _text(actor.shop), sorted(scopes),
        expires, secrets.token_urlsafe(6),  # two tokens of one second differ
    ]
    return Signer(salt=SALT).sign_object(content)


def _text(number: UUID | None) -> str:
    return number.hex if number else ""


def read_claims(token: str, *, at: datetime | None = None) -> Claims:
    """What a token says, if it was signed here and still holds. Raises Refusal `token_unreadable`, `token_expired`."""
    claims = _signed(token)
    if (at or now()) >= claims.expires_at:
        raise TOKEN_EXPIRED.refusal()
    return claims


@lru_cache(maxsize=10_000)
def _signed(token: str) -> Claims:
    """A signature that was good once stays good; only the time has to be looked at again."""
    try:
        content: Any = Signer(salt=SALT).unsign_object(token)
        municipality, role, party, department, shop, scopes, expires, _ = content
        actor = Actor(municipality, ActorRole(role), _uuid(party), department, _uuid(shop))
    except (BadSignature, ValueError, TypeError) as exc:
        raise TOKEN_UNREADABLE.refusal() from exc
    return Claims(actor=actor, scopes=frozenset(scopes), expires_at=datetime.fromtimestamp(expires, UTC))


def _uuid(text: str) -> UUID | None:
    return UUID(hex=text) if text else None


def read_token(token: str, *, scope: str = "", at: datetime | None = None) -> Actor:
    """The actor of a token that carries `scope`, or every scope.

    Raises Refusal `scope_missing` and those of `read_claims`.
    """
    claims = read_claims(token, at=at)
    if scope and not claims.scopes & {scope, EVERYTHING}:
        raise SCOPE_MISSING.refusal(scope=scope, limit=scope)
    return claims.actor


_real_towns: set[int] = set()
"""Municipalities known to be real: by constraint their clock is never shifted, so nothing need be asked again."""


def town_offset(municipality: int) -> timedelta:
    """How far a municipality's clock is shifted. Raises Refusal `town_unknown`."""
    if municipality in _real_towns:
        return timedelta(0)
    town = town_of(municipality)
    if town is None:
        raise TOWN_UNKNOWN.refusal()
    if town.kind == "real":
        _real_towns.add(municipality)
    return town.clock_offset


def town_time(municipality: int) -> datetime:
    """The present moment (aware, UTC) by the municipality's clock. Raises Refusal `town_unknown`."""
    return now(town_offset(municipality))
