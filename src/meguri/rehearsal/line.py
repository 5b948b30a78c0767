"""Lines to a server: one kept-alive connection for each thread, as thin as the standard library makes them.

A load test must not be slower than what it loads. A connection of the standard library takes a fifth of the processor
time of a full HTTP client, and nothing here needs more: no redirects, no cookies, no compression.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from threading import Lock, local
from typing import Protocol
from urllib.parse import urlsplit

ANSWER_S_MAX = 60.0
"""A server that is silent for so long counts as gone."""


@dataclass(frozen=True, slots=True)
class Request:
    """What is sent. `path` holds the query; `content` is empty where there is no body."""

    method: str
    path: str
    headers: Mapping[str, str]
    content: bytes = b""


@dataclass(frozen=True, slots=True)
class Response:
    """What came back. `retry_after` as the server wrote it."""

    status: int
    content: bytes = b""
    retry_after: str = ""

    @property
    def ok(self) -> bool:
        return 200 <= self.status < 300


class Cut(ConnectionError):
    """The line broke before the whole answer was here; whether the request arrived is not known."""


class Line(Protocol):
    """Sends requests, from several threads."""

    def send(self, request: Request) -> Response:
        """The answer, whatever its status. Raises Cut."""
        ...

    def close(self) -> None:
        """No more is sent."""
        ...


class Sockets:
    """Lines to one server by TCP. `base_url` has no path: those of the operations are whole."""

    def __init__(self, base_url: str) -> None:
        """Raises ValueError for an address that is none. Nothing is opened before the first request."""
        address = urlsplit(base_url)
        if address.scheme not in {"http", "https"} or not address.hostname:
            raise ValueError(f"not the address of a server: {base_url}")
        self._make = HTTPSConnection if address.scheme == "https" else HTTPConnection
        self._host, self._port = address.hostname, address.port
        self._mine, self._lock = local(), Lock()
        self._all: list[HTTPConnection] = []

    def send(self, request: Request) -> Response:
        """On this thread's connection, opened when first needed and again after it broke. Raises Cut."""
        connection = self._connection()
        try:
            connection.request(
                request.method, request.path, body=request.content or None, headers=dict(request.headers)
            )
            answer = connection.getresponse()
            content = answer.read()
        except (OSError, HTTPException) as problem:
            connection.close()  # the next request opens it anew
            raise Cut(f"{type(problem).__name__}: {problem}") from problem
        return Response(answer.status, content, answer.headers.get("Retry-After", ""))

    def close(self) -> None:
        with self._lock:
            for connection in self._all:
                connection.close()

    def _connection(self) -> HTTPConnection:
        known: HTTPConnection | None = getattr(self._mine, "connection", None)
        if known is None:
            known = self._mine.connection = self._make(self._host, self._port, timeout=ANSWER_S_MAX)
            with self._lock:
                self._all.append(known)
        return known
