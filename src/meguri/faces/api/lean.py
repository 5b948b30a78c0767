"""The hot route of the tills, in front of Django: read a token, pay, answer. No session, no ORM write, no template.

`POST /api/v1/pay` with `Authorization: Bearer <token or key>` and `Idempotency-Key: <the client's own number>`.
The same number sent again is the same payment, for ever; so after a cut line the client simply asks again.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import msgspec
from django.core.exceptions import SynchronousOnlyOperation
from django.db import connection

from meguri.faces.api import lining, paying
from meguri.faces.api.auth import claims_of
from meguri.faces.api.problems import BODY_TOO_LARGE, NOT_SIGNED_IN, problem_of, require_json
from meguri.faces.entrance.refusals import AWAY, METHOD_NOT_ALLOWED, database_refusal
from meguri.faces.entrance.tokens import town_time
from meguri.programmes.vouchers import serving
from meguri.tills import operations
from meguri.tills.rules import Asked
from meguri.words.refusal import Refusal

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
Headers = dict[bytes, bytes]

PAY = "/api/v1/pay"
ROUTES = (PAY, *lining.ROUTES)
SALE_ROUTES = lining.ROUTES
"""What a process of the role `sale` answers, and no other route."""
BODY_BYTES_MAX = 4_096
DRAINED_BYTES_MAX = 1_000_000
JSON = {"Content-Type": "application/json", "Cache-Control": "no-store"}

_lookups = ThreadPoolExecutor(4, thread_name_prefix="lean")


class Gone(Exception):
    """The client left before it had said all: there is nobody to answer."""


async def app(scope: Scope, receive: Receive, send: Send) -> None:
    """Answer one request of a lean route."""
    try:
        if scope["path"] == PAY:
            status, body = await _respond(scope, receive)
            await _answer(send, status, body=body, headers=JSON)
        else:
            reply = await lining.respond(await _question(scope, receive))
            await _answer(send, reply.status, body=reply.body, headers=reply.headers)
    except Gone:
        return
    except (Refusal, *AWAY) as no:
        problem = problem_of(no if isinstance(no, Refusal) else database_refusal(no))
        await _answer(send, problem.status, body=problem.body, headers=problem.headers)


async def _question(scope: Scope, receive: Receive) -> lining.Question:
    return lining.Question(
        scope["method"], scope["path"], scope["query_string"].decode("latin-1"), dict(scope["headers"]),
        await _body(receive),
    )  # fmt: skip


async def _respond(scope: Scope, receive: Receive) -> tuple[int, bytes]:
    body = await _body(receive)
    if scope["method"] != "POST":
        raise METHOD_NOT_ALLOWED.refusal(method=scope["method"])
    asked = await _asked(dict(scope["headers"]), body)
    status, paid = paying.paid(await operations.pay_soon(asked))
    return status, msgspec.json.encode(paid)


async def _asked(headers: Headers, body: bytes) -> Asked:
    """Read the request: here when this process knows all that it names, else in a thread that may ask the database.

    Django itself forbids a query on the event loop; so the first time, and for keys and invented clocks, it says so.
    """
    try:
        return _read(headers, body)
    except SynchronousOnlyOperation:
        return await asyncio.get_running_loop().run_in_executor(_lookups, _read_in_thread, headers, body)


def _read_in_thread(headers: Headers, body: bytes) -> Asked:
    """These threads live outside Django's requests, so nobody else lets a connection go that a restart has broken."""
    try:
        return _read(headers, body)
    except AWAY:
        connection.close()
        return _read(headers, body)


def _read(headers: Headers, body: bytes) -> Asked:
    by = claims_of(_bearer(headers), scope="till.pay").actor
    require_json(headers.get(b"content-type", b"").decode("latin-1"))
    number = headers.get(b"idempotency-key", b"").decode("latin-1")
    return paying.ask(paying.read(body), by=by, at=town_time(by.municipality), request=number)


def _bearer(headers: Headers) -> str:
    scheme, _, token = headers.get(b"authorization", b"").decode("latin-1").partition(" ")
    if scheme.lower() != "bearer" or not token:
        raise NOT_SIGNED_IN.refusal()
    return token.strip()


async def _body(receive: Receive) -> bytes:
    """The whole body. What is too large is still taken in, to a point, so that the connection stays good."""
    body, size, more = b"", 0, True
    while more and size <= DRAINED_BYTES_MAX:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise Gone
        piece = bytes(message.get("body", b""))
        size += len(piece)
        body += piece if size <= BODY_BYTES_MAX else b""
        more = message.get("more_body", False)
    if size > BODY_BYTES_MAX:
        raise BODY_TOO_LARGE.refusal()
    return body


async def _answer(send: Send, status: int, *, body: bytes, headers: Mapping[str, str]) -> None:
    lines = [(name.lower().encode(), value.encode()) for name, value in headers.items()]
    length = (b"content-length", str(len(body)).encode())
    await send({"type": "http.response.start", "status": status, "headers": [*lines, length]})
    await send({"type": "http.response.body", "body": body})


async def stop() -> None:
    """Post what still waits when the server ends."""
    await asyncio.to_thread(operations.stop)
    await asyncio.to_thread(serving.stop)
