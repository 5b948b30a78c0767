"""Who calls the API: a bearer token (people, for an hour) or an API key (programs, for months), each with its scopes."""

from __future__ import annotations

from django.http import HttpRequest
from ninja.security import HttpBearer

from meguri.faces.entrance.tokens import SCOPE_MISSING, TOKEN_UNREADABLE, read_claims, town_time
from meguri.parties import queries as parties
from meguri.words import clock
from meguri.words.actor import Actor

KEY_PREFIX = "meguri_"
EVERYTHING = "*"
"""The scope of a token that may do whatever its actor may do; keys of programs never carry it."""


class Bearer(HttpBearer):
    """Lets a caller in who may use `scope` (an action of the permission table); sets request.actor and request.at."""

    def __init__(self, scope: str) -> None:
        super().__init__()
        self.scope = scope

    def authenticate(self, request: HttpRequest, token: str) -> Actor:
        actor = actor_of_key(token, scope=self.scope) if token.startswith(KEY_PREFIX) else actor_of(token, scope=self.scope)
        request.actor, request.at = actor, town_time(actor.municipality)
        return actor


def actor_of(token: str, *, scope: str) -> Actor:
    """The actor of a token that carries `scope`; asks no database."""
    claims = read_claims(token)
    if scope not in claims.scopes and EVERYTHING not in claims.scopes:
        raise SCOPE_MISSING.refusal(scope=scope, limit=scope)
    return claims.actor


def actor_of_key(secret: str, *, scope: str) -> Actor:
    """The actor of a program's key that carries `scope`."""
    key = parties.api_key(secret, at=clock.now())
    if key is None:
        raise TOKEN_UNREADABLE.refusal()
    if scope not in key.scopes:
        raise SCOPE_MISSING.refusal(scope=scope, limit=scope)
    return key.actor
