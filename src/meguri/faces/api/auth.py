"""Who calls the API: a bearer token (people, an hour) or an API key (programs, months), each with its scopes."""

from __future__ import annotations

from functools import lru_cache
from typing import cast

from django.http import HttpRequest
from ninja import HeaderEx, P
from ninja.security import HttpBearer

from meguri.faces.api.problems import NOT_SIGNED_IN, REQUEST_NUMBER_MAX
from meguri.faces.entrance.beginning import begin_what_is_due
from meguri.faces.entrance.operations import KEY_UNKNOWN
from meguri.faces.entrance.requests import TownRequest
from meguri.faces.entrance.tokens import EVERYTHING, SCOPE_MISSING, Claims, read_claims, town_time
from meguri.ledger.wall import name_municipality
from meguri.parties import queries as parties
from meguri.parties.permissions import PERMISSIONS
from meguri.parties.rules import require
from meguri.words import clock

KEY_PREFIX = "meguri_"
IdempotencyKey = HeaderEx[str, P(alias="Idempotency-Key", min_length=1, max_length=REQUEST_NUMBER_MAX)]
"""The client's own number of a request, under which it is the same request when sent again."""
IdempotencyKeyOfPart = HeaderEx[str, P(alias="Idempotency-Key", max_length=REQUEST_NUMBER_MAX)]
"""The same where a request of the whole needs none."""


class ApiRequest(TownRequest):
    """A request that `Bearer` let in: `actor` and `at` are the token's, not the session's."""

    auth: Claims


class Bearer(HttpBearer):
    """Lets a caller in who may use `scope` (an action of the permission table).

    Sets request.actor, request.at (the town's time) and, as ninja does with what is returned, request.auth: the claims.
    """

    def __init__(self, scope: str) -> None:
        super().__init__()
        self.scope = scope

    def authenticate(self, request: HttpRequest, token: str) -> Claims:
        claims = claims_of(token, scope=self.scope)
        known = cast("ApiRequest", request)
        known.actor = claims.actor
        if claims.actor.municipality != known.municipality or known.town is None:  # else it is named, and its time told
            name_municipality(claims.actor.municipality)
            known.at = town_time(claims.actor.municipality)
            begin_what_is_due(claims.actor.municipality, at=known.at)
        return claims


def bearer(authorization: str) -> str:
    """The token or key of an Authorization header. Raises Refusal `not_signed_in`."""
    scheme, _, token = authorization.partition(" ")
    if scheme.lower() != "bearer" or not token:
        raise NOT_SIGNED_IN.refusal()
    return token.strip()


def claims_of(token: str, *, scope: str) -> Claims:
    """What a token (no database is asked) or a program's key says, if it carries `scope` and its role may do that.

    The role counts here because a token with every scope, or a key with a careless one, opens no more than its actor
    may do; on which objects, the operations and queries decide.
    Raises Refusal `token_unreadable`, `token_expired`, `key_unknown`, `scope_missing`, `not_allowed`.
    """
    if token.startswith(KEY_PREFIX):
        claims = _claims_of_key(token)
        _require_scope(claims, scope)
    else:
        claims = read_claims(token)
        _require_scope_of_token(token, scope)
    return claims


@lru_cache(maxsize=10_000)
def _require_scope_of_token(token: str, scope: str) -> None:
    """A token that was read says the same for ever, and so does the table: what passed once passes again."""
    _require_scope(read_claims(token), scope)


def _require_scope(claims: Claims, scope: str) -> None:
    if not claims.scopes & {scope, EVERYTHING}:
        raise SCOPE_MISSING.refusal(scope=scope, limit=scope)
    if scope in PERMISSIONS:
        actor = claims.actor
        require(actor, scope, department=actor.department, owner=actor.shop or actor.party)


def _claims_of_key(secret: str) -> Claims:
    """A key ends in real time, also in a town whose clock is elsewhere."""
    key = parties.api_key(secret, at=clock.now())
    if key is None:
        raise KEY_UNKNOWN.refusal()
    return Claims(actor=key.actor, scopes=frozenset(key.scopes), expires_at=key.expires_at)
