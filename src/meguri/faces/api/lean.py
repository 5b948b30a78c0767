"""The hot route of the tills, in front of Django: read a token, pay, answer. No session, no ORM write, no template.

`pay` speaks the server's own interface (RSGI); `app` is the same for any ASGI server, and the way of the other routes.

`POST /api/v1/pay` with `Authorization: Bearer <token or key>` and `Idempotency-Key: <the client's own number>`.
The same number sent again is the same payment, for ever; so after a cut line the client simply asks again.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from functools import partial
from typing import Any

import msgspec
from granian.rsgi import HTTPProtocol, ProtocolClosed  # type: ignore[attr-defined]  # it exports without __all__
from granian.rsgi import Scope as Told

from meguri.faces.api import lining, paying
from meguri.faces.api.auth import bearer, claims_of
from meguri.faces.api.lining import Header
from meguri.faces.api.lookups import here_or_there, there
from meguri.faces.api.problems import BODY_TOO_LARGE, Problem, problem_of, require_json
from meguri.faces.entrance.refusals import AWAY, METHOD_NOT_ALLOWED, database_refusal
from meguri.faces.entrance.tokens import town_time
from meguri.programmes.vouchers import serving
from meguri.tills import operations
from meguri.tills.rules import SPLIT_CHANGED, Asked
from meguri.words.refusal import Refusal

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]

PAY = "/api/v1/pay"
ROUTES = (PAY, *lining.ROUTES)
SALE_ROUTES = lining.ROUTES
"""What a process of the role `sale` answers, and no other route."""
BODY_BYTES_MAX = 4_096
DRAINED_BYTES_MAX = 1_000_000
JSON = {"Content-Type": "application/json", "Cache-Control": "no-store"}
_JSON_LINES = list(JSON.items())


class Gone(Exception):
    """The client left before it had said all: there is nobody to answer."""


async def pay(told: Told, proto: HTTPProtocol) -> None:
    """Answer one request of `PAY` on the server's own interface."""
    header, lines = told.headers.get, _JSON_LINES
    try:
        status, body = await _respond(told.method, header, body=await _taken_in(proto, header("content-length", "")))
    except Gone:
        return
    except (Refusal, *AWAY) as no:
        problem = _problem(no)
        status, body, lines = problem.status, problem.body, list(problem.headers.items())
    proto.response_bytes(status, lines, body)


async def app(scope: Scope, receive: Receive, send: Send) -> None:
    """Answer one request of a lean route."""
    try:
        if scope["path"] == PAY:
            header = _header(dict(scope["headers"]))
            status, body = await _respond(scope["method"], header, body=await _body(receive))
            await _answer(send, status, body=body, headers=JSON)
        else:
            reply = await lining.respond(await _question(scope, receive))
            await _answer(send, reply.status, body=reply.body, headers=reply.headers)
    except Gone:
        return
    except (Refusal, *AWAY) as no:
        problem = _problem(no)
        await _answer(send, problem.status, body=problem.body, headers=problem.headers)


def _problem(no: Exception) -> Problem:
    return problem_of(no if isinstance(no, Refusal) else database_refusal(no))


def _header(headers: Mapping[bytes, bytes]) -> Header:
    return lambda name, default: headers.get(name.encode(), default.encode()).decode("latin-1")


async def _question(scope: Scope, receive: Receive) -> lining.Question:
    return lining.Question(
        scope["method"], scope["path"], scope["query_string"].decode("latin-1"), _header(dict(scope["headers"])),
        await _body(receive),
    )  # fmt: skip


async def _respond(method: str, header: Header, *, body: bytes) -> tuple[int, bytes]:
    if method != "POST":
        raise METHOD_NOT_ALLOWED.refusal(method=method)
    asked = await here_or_there(partial(_read, header, body))
    try:
        status, paid = paying.paid(await operations.pay_soon(asked))
    except Refusal as no:
        raise await there(partial(paying.shown_anew, asked, no)) if no.kind is SPLIT_CHANGED else no from None
    return status, msgspec.json.encode(paid)


def _read(header: Header, body: bytes) -> Asked:
    by = claims_of(bearer(header("authorization", "")), scope="till.pay").actor
    require_json(header("content-type", ""))
    number = header("idempotency-key", "")
    return paying.ask(paying.read(body), by=by, at=town_time(by.municipality), request=number)


async def _taken_in(proto: HTTPProtocol, length: str) -> bytes:
    """The whole body: at once if it says that it is short, else piece by piece, so that nobody fills the memory."""
    try:
        body = await proto() if length.isdecimal() and len(length) <= 4 else await _piece_by_piece(proto)
    except ProtocolClosed:
        raise Gone from None
    if len(body) > BODY_BYTES_MAX:
        raise BODY_TOO_LARGE.refusal()
    return body


async def _piece_by_piece(proto: HTTPProtocol) -> bytes:
    """What is too large is still taken in, to a point, so that the connection stays good; a little of it is kept."""
    body, size = b"", 0
    async for piece in proto:
        size += len(piece)
        body += piece[: BODY_BYTES_MAX + 1 - len(body)]
        if size > DRAINED_BYTES_MAX:
            break
    return body


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
