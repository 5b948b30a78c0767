"""The hot route by both its doors, the server's own interface and ASGI, and once through a real server on loopback."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Iterator
from typing import Any
from uuid import uuid4

import httpx
import pytest
from django.db import OperationalError, connection, connections
from granian.rsgi import ProtocolClosed

from meguri.faces.api import lean
from meguri.faces.api.lookups import lookups
from meguri.ledger.rules import LEDGER_BUSY
from meguri.tills import operations as tills
from meguri.words.actor import Actor, ActorRole
from tests.faces.api.conftest import DOCUMENT, Caller, keep_promise, key_for, token
from tests.town import Town

Message = dict[str, Any]


@pytest.fixture(autouse=True)
def lookups_end() -> Iterator[None]:
    """The route's own threads let go of the test's database."""
    yield
    for _ in range(8):
        lookups.submit(connections.close_all).result()


class Headers:
    def __init__(self, lines: dict[str, str]) -> None:
        self._lines = lines

    def get(self, name: str, default: str) -> str:
        return self._lines.get(name, default)


class Told:
    """A request's head as the server tells it."""

    def __init__(self, method: str, headers: dict[str, str]) -> None:
        self.method, self.headers = method, Headers(headers)


class Proto:
    """The server's other end: a body in pieces (no piece: the client left), and what was answered."""

    def __init__(self, *pieces: bytes) -> None:
        self.pieces, self.taken = pieces, 0
        self.answered: list[tuple[int, dict[str, str], bytes]] = []

    async def __call__(self) -> bytes:
        return b"".join([piece async for piece in self])

    async def __aiter__(self) -> AsyncIterator[bytes]:
        if not self.pieces:
            raise ProtocolClosed
        for piece in self.pieces:
            self.taken += len(piece)
            yield piece

    def response_bytes(self, status: int, headers: list[tuple[str, str]], body: bytes) -> None:
        self.answered.append((status, {name.lower(): value for name, value in headers}, body))


def by_rsgi(method: str, headers: dict[str, str], pieces: list[bytes]) -> tuple[int, dict[str, str], bytes]:
    length = {"content-length": str(len(pieces[0]))} if len(pieces) == 1 else {}
    told: Any = Told(method, headers | length)
    proto: Any = Proto(*pieces)
    asyncio.run(lean.pay(told, proto))
    (answered,) = proto.answered
    return answered  # type: ignore[no-any-return]


def by_asgi(method: str, headers: dict[str, str], pieces: list[bytes]) -> tuple[int, dict[str, str], bytes]:
    waiting = [{"type": "http.request", "body": p, "more_body": n < len(pieces) - 1} for n, p in enumerate(pieces)]
    lines = [(name.encode(), value.encode("latin-1")) for name, value in headers.items()]
    sent: list[Message] = []

    async def receive() -> Message:
        return waiting.pop(0)

    async def send(message: Any) -> None:
        sent.append(dict(message))

    asyncio.run(lean.app({"type": "http", "method": method, "path": lean.PAY, "headers": lines}, receive, send))
    start, end = sent
    told = {name.decode(): value.decode() for name, value in start["headers"]}
    assert told.pop("content-length") == str(len(end["body"]))
    return start["status"], told, end["body"]


def say(
    body: object, *, by: Actor | str | None = None, key: str = "1", method: str = "POST", pieces: int = 1,
    door: Any = by_rsgi,
) -> tuple[int, dict[str, str], dict[str, Any]]:  # fmt: skip
    """One request: status, headers, answer. `body`: bytes, or what becomes JSON."""
    content = body if isinstance(body, bytes) else json.dumps(body, default=str).encode()
    step = max(1, -(-len(content) // pieces))
    parts = [content[start : start + step] for start in range(0, len(content), step)] or [b""]
    headers = {"idempotency-key": key} if key else {}
    if by is not None:
        headers["authorization"] = f"Bearer {token(by) if isinstance(by, Actor) else by}"
    status, told, said = door(method, headers, parts)
    assert told["cache-control"] == "no-store"
    answer = json.loads(said)
    if status >= 400:
        assert told["content-type"] == "application/problem+json"
        assert DOCUMENT["components"]["schemas"]["Problem"]["required"] == list(answer)
        assert answer["status"] == status
        keep_promise(method, lean.PAY, answer["code"])
    return status, told, answer


@pytest.fixture
def rich(caller: Caller) -> Caller:
    caller.town.give("points", 1_000)
    return caller


def test_a_till_takes_a_payment_once(rich: Caller, town: Town) -> None:
    body = {"amount_yen": "１２０円", "code": rich.code()}
    status, told, made = say(body, by=town.at_small_shop, pieces=3)
    assert (status, made["status"], made["amount_yen"]) == (201, "paid", 120)
    assert told["content-type"] == "application/json"
    assert sum(part["yen"] for part in made["taken"]) == 120
    assert say(body, by=town.at_small_shop) == (200, *say(body, by=town.at_small_shop)[1:])
    assert rich.call("wallet_purses", by=town.resident)["total_yen"] == 880


def test_a_phone_pays_at_a_shop(rich: Caller, town: Town, rehearsal_key: str) -> None:
    code = _shop_code(town)
    status, _, made = say({"amount_yen": 30, "shop_code": code}, by=town.resident)
    assert (status, made["shop"]) == (201, str(town.small_shop))
    assert (
        say({"amount_yen": 30, "shop_code": f"https://evil.example/m/{code}"}, by=town.resident)[2]["code"]
        == "code_foreign"
    )


def _shop_code(town: Town) -> str:
    from meguri.parties.queries import shop

    found = shop(town.small_shop, municipality=town.municipality)
    assert found is not None
    return found.code


def test_a_shops_program_pays_with_its_key(rich: Caller, town: Town) -> None:
    till = Actor(town.municipality, ActorRole.CLERK, uuid4(), shop=town.small_shop)
    body = {"amount_yen": 10, "code": rich.code()}
    assert say(body, by=key_for(town, till, scopes=["till.pay"]))[0] == 201
    assert say(body, by=key_for(town, till, scopes=["till.day"]))[2]["code"] == "scope_missing"


@pytest.mark.parametrize(("body", "more", "code"), [
    ({"amount_yen": 0}, {}, "amount_out_of_range"), ({"amount_yen": -1}, {}, "amount_out_of_range"),
    ({"amount_yen": 10**9}, {}, "amount_out_of_range"), ({"amount_yen": "千"}, {}, "amount_unreadable"),
    ({"amount_yen": 1.5}, {}, "malformed_request"), ({"amount_yen": True}, {}, "malformed_request"),
    ({"amount_yen": 1, "tip": 1}, {}, "malformed_request"), ({}, {}, "malformed_request"),
    (b"", {}, "malformed_request"), (b"{", {}, "malformed_request"), (b'"\xff"', {}, "malformed_request"),
    (b'{"amount_yen": 1, "code": "\\ud800"}', {}, "malformed_request"),
    ({"amount_yen": 1}, {"key": ""}, "no_idempotency_key"),
    ({"amount_yen": 1}, {"key": "x" * 101}, "no_idempotency_key"),
    ({"amount_yen": 1}, {"key": "a\x00b"}, "no_idempotency_key"),
    (b"x" * 5_000, {}, "body_too_large"), (b"x" * 5_000, {"pieces": 9}, "body_too_large"),
    ({"amount_yen": 1}, {"method": "GET"}, "method_not_allowed"), ({"amount_yen": 1}, {"by": None}, "not_signed_in"),
    ({"amount_yen": 1}, {"by": "x"}, "token_unreadable"), ({"amount_yen": 1}, {"by": "meguri_x"}, "key_unknown"),
])  # fmt: skip
def test_what_the_route_refuses(rich: Caller, body: object, more: dict[str, Any], code: str) -> None:
    if isinstance(body, dict):
        body = body | {"code": rich.code()}
    status, told, no = say(body, **({"by": rich.town.at_small_shop} | more))
    assert no["code"] == code, no
    assert (told.get("allow") == "POST") == (status == 405)
    assert rich.call("wallet_purses", by=rich.town.resident)["total_yen"] == 1_000


def test_both_doors_are_one(rich: Caller, town: Town) -> None:
    """What one made, the other finds made; and both refuse in the same words, however the body comes."""
    body = {"amount_yen": 10, "code": rich.code()}
    status, told, made = say(body, by=town.at_small_shop, door=by_asgi)
    assert (status, made["status"]) == (201, "paid")
    assert say(body, by=town.at_small_shop) == (200, told, made | {"status": "paid_before"})
    for wrong in ({"body": b"{"}, {"body": b"x" * 5_000}, {"body": b"x" * 5_000, "pieces": 9}, {"method": "PUT"}):
        asked = {"body": body, "by": town.at_small_shop} | wrong
        assert say(**asked) == say(**asked, door=by_asgi)


def test_a_client_that_leaves_is_not_answered() -> None:
    async def receive() -> Message:
        return {"type": "http.disconnect"}

    async def send(message: Any) -> None:
        raise AssertionError(message)

    asyncio.run(lean.app({"type": "http", "method": "POST", "path": lean.PAY, "headers": []}, receive, send))
    for headers in ({}, {"content-length": "12"}):
        told: Any = Told("POST", headers)
        proto: Any = Proto()
        asyncio.run(lean.pay(told, proto))
        assert proto.answered == []


@pytest.mark.parametrize("length", ["", "50000000", "²", "-1"])
def test_nobody_fills_the_memory(length: str) -> None:
    """A body that is long, or does not say how long it is, is taken in to a point and not kept."""
    told: Any = Told("POST", {"content-length": length})
    proto: Any = Proto(*[b"x" * 50_000] * 1_000)
    asyncio.run(lean.pay(told, proto))
    assert proto.answered[0][0] == 413
    assert lean.DRAINED_BYTES_MAX < proto.taken <= lean.DRAINED_BYTES_MAX + 50_000


def test_a_busy_ledger_says_when_to_come_back(rich: Caller, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_: object) -> None:
        raise LEDGER_BUSY.refusal()

    monkeypatch.setattr(tills, "pay_soon", full)
    status, told, no = say({"amount_yen": 1, "code": rich.code()}, by=rich.town.at_small_shop)
    assert (status, told["retry-after"], no["code"]) == (503, "2", "ledger_busy")


def test_a_lost_database_is_an_outage_and_not_a_fault(rich: Caller, monkeypatch: pytest.MonkeyPatch) -> None:
    def lost(_: object) -> None:
        raise OperationalError("the server closed the connection")

    body = {"amount_yen": 1, "code": rich.code()}
    with monkeypatch.context() as patched:
        patched.setattr(tills, "pay_soon", lost)
        status, told, no = say(body, by=rich.town.at_small_shop)
        assert (status, told["retry-after"], no["code"]) == (503, "2", "ledger_unreachable")
    assert say(body, by=rich.town.at_small_shop)[0] == 201


def test_a_broken_connection_of_the_routes_threads_is_replaced(rich: Caller) -> None:
    """They live outside Django's requests, so nothing else would ever notice."""
    body = {"amount_yen": 1, "code": rich.code()}
    assert say(body, by=rich.town.at_small_shop)[0] == 201
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity "
            "WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
        assert cursor.fetchone()[0] > 0
    assert say(body, by=rich.town.at_small_shop)[0] == 200


# --- a real server ---------------------------------------------------------------------------------------------------


def test_through_a_real_server(served: httpx.Client, rich: Caller, town: Town) -> None:
    headers = {"Authorization": f"Bearer {token(town.at_small_shop)}", "Idempotency-Key": "1"}
    body = {"amount_yen": 10, "code": rich.code()}
    made = served.post("/api/v1/pay", json=body, headers=headers)
    assert (made.status_code, made.json()["amount_yen"]) == (201, 10)
    assert served.post("/api/v1/pay", json=body, headers=headers).status_code == 200
    assert served.get("/api/v1/pay").status_code == 405
    large = served.post("/api/v1/pay", content=b"x" * 100_000, headers=headers)
    assert (large.status_code, large.json()["code"]) == (413, "body_too_large")
    assert served.get("/api/v1/till/day", headers=headers).json()["payments"] == 1
    assert served.get("/api/v1/wallet/purses").json()["code"] == "not_signed_in"


def test_a_payment_can_be_looked_up_on_a_real_server(served: httpx.Client, rich: Caller, town: Town) -> None:
    headers = {"Authorization": f"Bearer {token(town.at_small_shop)}"}
    paid = rich.pay(10)["payment"]
    assert served.get(f"/api/v1/payments/{paid}", headers=headers).json()["amount_yen"] == 10
