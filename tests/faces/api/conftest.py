"""The small town behind its API: callers with tokens and keys, operations called by their names.

Paying works on threads of its own, so the town is committed.
"""

from __future__ import annotations

import json
import os
import re
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import httpx
import pytest
from django.conf import settings
from django.db import connection
from django.http import HttpResponse
from django.test import Client

from meguri.faces.api.document import may_answer
from meguri.faces.api.interface import api as ninja
from meguri.faces.entrance.tokens import EVERYTHING, mint_token
from meguri.ledger.operations import set_clock_offset
from meguri.parties.operations import issue_api_key
from meguri.parties.operations.api_keys import REHEARSAL_SCOPE
from meguri.rehearsal.client import Operation, operations
from meguri.tills import operations as tills
from meguri.words.actor import Actor, ActorRole
from meguri.words.clock import now
from tests.town import Town, found_town

DOCUMENT: Mapping[str, Any] = json.loads(json.dumps(ninja.get_openapi_schema(path_prefix="/api/v1/"), default=str))
OPERATIONS: dict[str, Operation] = operations(DOCUMENT)
PROMISED: dict[str, tuple[str, ...]] = {
    each["operationId"]: may_answer(each) for path in DOCUMENT["paths"].values() for each in path.values()
}
NOBODYS = {"address_unknown", "method_not_allowed"}
"""Refusals of an address or a method that belongs to no operation."""


def keep_promise(method: str, path: str, code: str) -> None:
    """Fails the test when an operation has answered a refusal that its document does not name."""
    if code in NOBODYS:
        return
    (name,) = [
        name for name, known in OPERATIONS.items()
        if known.method == method.lower() and re.fullmatch(re.sub(r"\{\w+\}", "[^/]+", known.path), path)
    ]  # fmt: skip
    assert code in PROMISED[name], f"{name} answered {code}, which may_refuse.py does not promise"


class KeptToItsWord(Client):
    """Django's test client, with an eye on every refusal of the API that passes."""

    def request(self, **request: Any) -> Any:
        answer = super().request(**request)
        if answer.get("Content-Type") == "application/problem+json":
            keep_promise(request["REQUEST_METHOD"], request["PATH_INFO"], json.loads(answer.content)["code"])
        return answer


def token(actor: Actor, *scopes: str) -> str:
    return mint_token(actor, scopes=scopes or [EVERYTHING], seconds=600)


@dataclass
class Caller:
    """Calls the API as whoever it is told. `heard`: the first success of each operation, by its status; `notes`: what a
    scanner reads off the paper notes of a booklet.
    """

    town: Town
    http: Client = field(default_factory=KeptToItsWord)
    heard: dict[str, dict[str, Any]] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)

    def ask(
        self, operation: str, body: Mapping[str, Any] | None = None, *, by: Actor | str = "", key: str = ""
    ) -> HttpResponse:
        """The raw answer. `by`: an actor (gets a token with every scope) or a token or key."""
        known, values = OPERATIONS[operation], dict(body or {})
        path = known.path.format(**{name: values.pop(name) for name in known.in_path})
        headers = {"Authorization": f"Bearer {token(by) if isinstance(by, Actor) else by}"} if by else {}
        if key:
            headers["Idempotency-Key"] = key
        if known.method == "get":
            answer: Any = self.http.get(path, values, headers=headers)
        else:
            content = json.dumps(values, default=str)
            answer = self.http.post(path, content, content_type="application/json", headers=headers)
        if answer.status_code < 300:
            self.heard.setdefault(operation, {}).setdefault(str(answer.status_code), json.loads(answer.content))
        given: HttpResponse = answer
        return given

    def call(
        self, operation: str, body: Mapping[str, Any] | None = None, *, by: Actor | str = "", key: str = ""
    ) -> Any:
        """The decoded answer; anything but success fails the test."""
        answer = self.ask(operation, body, by=by, key=key)
        assert answer.status_code in (200, 201), (operation, answer.status_code, answer.content.decode())
        return json.loads(answer.content)

    def refused(
        self, operation: str, body: Mapping[str, Any] | None = None, *, by: Actor | str = "", key: str = ""
    ) -> dict[str, Any]:
        return problem(self.ask(operation, body, by=by, key=key))

    def code(self) -> str:
        """The digits that the holder's phone shows now."""
        return str(self.call("codes_mint", by=self.town.resident)["code"])

    def pay(self, yen: int, *, key: str = "") -> Any:
        body = {"code": self.code(), "amount_yen": yen}
        return self.call("payments_pay", body, by=self.town.at_small_shop, key=key or str(uuid4()))


def problem(answer: Any) -> dict[str, Any]:
    """The problem details of a refused request; their form is checked here, for every refusal of these tests."""
    assert 400 <= answer.status_code < 600, (answer.status_code, answer.content[:300])
    assert answer["Content-Type"] == "application/problem+json"
    told: dict[str, Any] = json.loads(answer.content)
    wanted = DOCUMENT["components"]["schemas"]["Problem"]["required"]
    assert set(wanted) <= told.keys()
    assert told["status"] == answer.status_code
    assert told["title"]
    assert told["title_en"]
    assert told["title"] != told["title_en"]
    return told


def set_clock(town: Town, at: datetime) -> None:
    set_clock_offset(municipality=town.municipality, offset=at - now())


def key_for(town: Town, acts_as: Actor, *, scopes: Sequence[str], lasts: timedelta = timedelta(days=1)) -> str:
    """A program's key, given out by the system a day ago."""
    at = now() - timedelta(days=1)
    return issue_api_key(
        label="test", scopes=scopes, acts_as=acts_as, expires_at=at + timedelta(days=1) + lasts,
        by=town.actor(ActorRole.SYSTEM), at=at,
    ).secret  # fmt: skip


@pytest.fixture
def town(transactional_db: None) -> Iterator[Town]:
    found = found_town()
    set_clock(found, found.at)
    yield found
    tills.stop()


@pytest.fixture
def caller(town: Town) -> Caller:
    return Caller(town)


@pytest.fixture
def rehearsal_key(town: Town) -> str:
    return key_for(town, Actor(town.municipality, ActorRole.OPERATOR), scopes=[REHEARSAL_SCOPE])


@pytest.fixture
def served(town: Town) -> Iterator[httpx.Client]:
    """`meguri.site.server` on loopback, with the test's own database."""
    known = connection.settings_dict
    dsn = f"postgresql://{known['USER']}@/{known['NAME']}?host={known['HOST']}"
    with socket.socket() as trial:
        trial.bind(("127.0.0.1", 0))
        port = trial.getsockname()[1]
    surroundings = {
        **os.environ, "DATABASE_URL": dsn, "MEGURI_SECRET_KEY": settings.SECRET_KEY,
        "MEGURI_OFFICIAL_HOST": settings.OFFICIAL_HOST,
        "MEGURI_MUNICIPALITY": str(town.municipality),
    }  # fmt: skip
    server = subprocess.Popen([sys.executable, "-m", "meguri.site.server", "--port", str(port)], env=surroundings)
    with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=10) as client:
        try:
            _wait(client)
            yield client
        finally:
            server.terminate()
            server.wait(20)


def _wait(client: httpx.Client) -> None:
    for _ in range(600):
        try:
            if client.get("/healthz").status_code == 200:
                return
        except httpx.TransportError:
            time.sleep(0.1)
    raise AssertionError("the server does not answer")
