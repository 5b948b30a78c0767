"""Django behind ASGI in one thread hop.

Django's stock ASGI handler changes between event loop and threads some eighteen times a request once ordinary
middlewares are there. This handler reads the body in the event loop, then runs the whole synchronous chain, and
streams the answer, in one thread of a fixed pool. The number of threads bounds the number of database connections.
"""

from __future__ import annotations

import asyncio
import contextvars
import functools
import logging
import tempfile
import threading
from collections.abc import Awaitable, Callable, Iterable, MutableMapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from typing import Any, BinaryIO, cast

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.core.handlers.asgi import ASGIRequest
from django.core.handlers.base import BaseHandler
from django.core.signals import request_finished, request_started
from django.http import FileResponse, HttpResponse, HttpResponseBase
from django.urls import set_script_prefix

from meguri.faces.api.problems import BODY_TOO_LARGE
from meguri.faces.entrance.refusals import REQUEST_UNREADABLE
from meguri.site.faults import bare

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]

_log = logging.getLogger(__name__)

CHUNK_BYTES = 65_536
"""Files are read in pieces of this size; a file that fits into one piece is sent whole."""

PIECE_WAIT_S_MAX = 120
"""A client that does not take one piece within this time holds a thread for nothing: it counts as gone."""


class Disconnected(Exception):
    """The client has gone away: people close windows."""


class OneHopHandler(BaseHandler):
    """An ASGI application for `http` scopes. `threads` requests are worked on at a time, the others wait."""

    def __init__(self, threads: int) -> None:
        super().__init__()
        self.load_middleware(is_async=False)
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="django")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request. Returns silently when the client leaves early."""
        try:
            body = await read_body(receive)
        except Disconnected:
            return
        loop = asyncio.get_running_loop()
        left = threading.Event()
        watch = asyncio.create_task(_watch(receive, left))
        answer = Answer(send=send, loop=loop, left=left)
        # A copy of the context: nothing that a request sets (language, time zone) outlives it in the thread.
        work = functools.partial(contextvars.copy_context().run, self._respond, scope, body=body, answer=answer)
        try:
            await loop.run_in_executor(self._pool, work)
        except Disconnected:
            pass
        finally:
            watch.cancel()

    def shut_down(self) -> None:
        """Wait for the running requests, then end the threads."""
        self._pool.shutdown(wait=True)

    def _respond(self, scope: Scope, *, body: BinaryIO, answer: Answer) -> None:
        """The one hop: request, view, answer, closing signals, all in this thread."""
        with closing(body):
            set_script_prefix(scope.get("root_path", "") or "/")
            request_started.send(sender=type(self), scope=scope)
            request = _request(scope, body)
            if isinstance(request, HttpResponse):  # unreadable; it never reached Django's own closing
                answer.give(request)
                request_finished.send(sender=type(self))
                return
            with closing(self._answer(request)) as response:  # closing sends request_finished
                answer.give(response)


    def _answer(self, request: ASGIRequest) -> HttpResponseBase:
        """Django's answer; a plain sentence when not even its page for faults can be made."""
        try:
            return self.get_response(request)
        except Exception:  # noqa: BLE001 - the last chance to answer at all
            _log.exception("the page for a fault could not be made")
            return HttpResponse("Internal server error", status=500, content_type="text/plain")


class Answer:
    """The way from a thread to the client: each message waits until the server has taken it."""

    def __init__(self, *, send: Send, loop: asyncio.AbstractEventLoop, left: threading.Event) -> None:
        self._send = send
        self._loop = loop
        self._left = left

    def give(self, response: HttpResponseBase) -> None:
        """Send head and body. Raises Disconnected when the client has left."""
        start = {"type": "http.response.start", "status": response.status_code, "headers": _headers(response)}
        whole = _whole(response)
        if whole is not None:
            self._pass_on(start, {"type": "http.response.body", "body": whole, "more_body": False})
            return
        self._pass_on(start)
        for piece in cast("Iterable[bytes]", response):  # Django turns an asynchronous iterator into a list here
            if piece:
                self._pass_on({"type": "http.response.body", "body": bytes(piece), "more_body": True})
        self._pass_on({"type": "http.response.body", "body": b"", "more_body": False})

    def _pass_on(self, *messages: Message) -> None:
        if self._left.is_set():
            raise Disconnected
        sent = asyncio.run_coroutine_threadsafe(self._send_all(messages), self._loop)
        try:
            sent.result(PIECE_WAIT_S_MAX)
        except TimeoutError:
            sent.cancel()
            raise Disconnected from None

    async def _send_all(self, messages: tuple[Message, ...]) -> None:
        for message in messages:
            await self._send(message)


async def read_body(receive: Receive) -> BinaryIO:
    """The request's body, in memory while small and on disk when large. Raises Disconnected."""
    size_max = settings.FILE_UPLOAD_MAX_MEMORY_SIZE
    body = tempfile.SpooledTemporaryFile(max_size=size_max, mode="w+b")  # noqa: SIM115 - the request closes it
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            body.close()
            raise Disconnected
        body.write(message.get("body", b""))
        if not message.get("more_body", False):
            body.seek(0)
            return cast("BinaryIO", body)


async def _watch(receive: Receive, left: threading.Event) -> None:
    """Note when the client leaves; a coroutine of our own, because a server's `receive()` need not be one."""
    while (await receive())["type"] != "http.disconnect":
        pass
    left.set()


def _whole(response: HttpResponseBase) -> bytes | None:
    """The content when it is at hand or a small file; None when it must be streamed."""
    if isinstance(response, HttpResponse):
        return response.content
    if isinstance(response, FileResponse):
        response.block_size = CHUNK_BYTES
        if int(response.get("Content-Length") or CHUNK_BYTES + 1) <= CHUNK_BYTES:
            return b"".join(cast("Iterable[bytes]", response))
    return None


def _request(scope: Scope, body: BinaryIO) -> ASGIRequest | HttpResponse:
    try:
        return ASGIRequest(scope, body)
    except UnicodeDecodeError:
        no = REQUEST_UNREADABLE.refusal()
    except RequestDataTooBig:
        no = BODY_TOO_LARGE.refusal()
    return bare(no, json=scope["path"].startswith("/api/"))


def _headers(response: HttpResponseBase) -> list[tuple[bytes, bytes]]:
    fields = [(name.encode("ascii"), value.encode("latin-1")) for name, value in response.items()]
    cookies = [cookie.output(header="").strip().encode("ascii") for cookie in response.cookies.values()]
    return fields + [(b"Set-Cookie", cookie) for cookie in cookies]
