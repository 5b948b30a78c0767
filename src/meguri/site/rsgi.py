"""The server's own interface (RSGI) in front of everything: paying takes the short way, the rest speaks ASGI.

For every request ASGI makes dictionaries and carries four messages between the server and Python; RSGI hands over one
object and takes one call. A payment costs so little that this is a large part of it; for a page it is nothing.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from importlib import import_module
from typing import Any

from granian.rsgi import HTTPProtocol, ProtocolClosed  # type: ignore[attr-defined]  # it exports without __all__
from granian.rsgi import Scope as Told

from meguri.site import asgi
from meguri.site.asgi import Application
from meguri.site.onehop import Disconnected, Message, Scope

Short = Callable[[Told, HTTPProtocol], Awaitable[None]]
"""Answers a request without any ASGI."""
_CLOSED = 403


def build(*, threads: int = asgi.THREADS) -> Front:
    """The application of one server process; sets Django up."""
    behind = asgi.build(threads=threads)
    lean: Any = import_module(asgi.LEAN)  # its tables need what Django has set up
    return Front(behind, short={} if asgi.role() == "sale" else {lean.PAY: lean.pay})


class Front:
    """An RSGI application: `short` answers its addresses, `behind` (ASGI) everything else and the process's life."""

    def __init__(self, behind: Application, *, short: Mapping[str, Short]) -> None:
        self._behind, self._short, self._life = behind, short, _Life(behind)

    def __rsgi_init__(self, loop: asyncio.AbstractEventLoop) -> None:
        loop.run_until_complete(self._life.say("lifespan.startup"))

    def __rsgi_del__(self, loop: asyncio.AbstractEventLoop) -> None:
        loop.run_until_complete(self._life.say("lifespan.shutdown"))

    def __rsgi__(self, told: Told, proto: Any) -> Awaitable[None]:
        short = self._short.get(told.path)
        return short(told, proto) if short and told.proto == "http" else self._at_length(told, proto)

    async def _at_length(self, told: Told, proto: Any) -> None:
        if told.proto != "http":  # no websockets here: live pages use server-sent events
            proto.close(_CLOSED)
            return
        talk = Talk(proto)
        with suppress(Disconnected):  # whoever left needs no answer
            await self._behind(scope_of(told), talk.receive, talk.send)


class _Life:
    """Tells the application behind that the process begins and ends, as an ASGI server does."""

    def __init__(self, application: Application) -> None:
        self._application = application
        self._living: asyncio.Task[None] | None = None

    async def say(self, what: str) -> None:
        """Say it and wait until it is done. Raises what the application raises: a failed start ends the process."""
        if self._living is None:
            self._said, self._heard = asyncio.Queue[Message](), asyncio.Queue[Message]()
            self._living = asyncio.ensure_future(self._live())
        self._said.put_nowait({"type": what})
        heard = asyncio.ensure_future(self._heard.get())
        await asyncio.wait({heard, self._living}, return_when=asyncio.FIRST_COMPLETED)
        if not heard.done():
            heard.cancel()
            self._living.result()

    async def _live(self) -> None:
        await self._application({"type": "lifespan"}, self._said.get, self._heard.put)


class Talk:
    """One request and its answer in ASGI's messages."""

    def __init__(self, proto: HTTPProtocol) -> None:
        self._proto, self._pieces, self._heard = proto, aiter(proto), False
        self._start: Message = {}
        self._stream: Any = None

    async def receive(self) -> Message:
        """The next piece of the body; after the last one, that the client has left."""
        if self._heard:
            await self._proto.client_disconnect()
            return {"type": "http.disconnect"}
        try:
            return {"type": "http.request", "body": await anext(self._pieces), "more_body": True}
        except StopAsyncIteration:
            self._heard = True
            return {"type": "http.request", "body": b"", "more_body": False}
        except ProtocolClosed:
            return {"type": "http.disconnect"}

    async def send(self, message: Message) -> None:
        """An answer in one piece goes at once, one in several as a stream. Raises Disconnected."""
        if message["type"] == "http.response.start":
            self._start = message
            return
        body, more = message.get("body", b""), message.get("more_body", False)
        try:
            if self._stream is None and not more:
                self._proto.response_bytes(self._start["status"], _lines(self._start), body)
                return
            if self._stream is None:
                self._stream = self._proto.response_stream(self._start["status"], _lines(self._start))
            if body:
                await self._stream.send_bytes(body)
        except ProtocolClosed:
            raise Disconnected from None


def _lines(start: Message) -> list[tuple[str, str]]:
    return [(name.decode("latin-1"), value.decode("latin-1")) for name, value in start["headers"]]


def scope_of(told: Told) -> Scope:
    """The request's head as ASGI has it. The server leaves out header values that are not plain ASCII."""
    headers = [(name.encode(), value.encode("latin-1")) for name, value in told.headers.items()]
    if told.authority and "host" not in told.headers:  # HTTP/2 names the host elsewhere
        headers.append((b"host", told.authority.encode()))
    return {
        "type": "http", "asgi": {"version": "3.0", "spec_version": "2.3"}, "http_version": told.http_version,
        "method": told.method, "scheme": told.scheme, "path": told.path, "raw_path": told.path.encode(),
        "query_string": told.query_string.encode(), "root_path": "", "headers": headers,
        "client": _address(told.client), "server": _address(told.server),
    }  # fmt: skip


def _address(text: str) -> tuple[str, int]:
    host, _, port = text.rpartition(":")
    return host.strip("[]"), int(port) if port.isdecimal() else 0
