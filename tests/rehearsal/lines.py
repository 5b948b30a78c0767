"""Lines to servers that exist only in a test."""

from __future__ import annotations

from collections.abc import Callable
from http.client import responses
from io import BytesIO
from typing import Any
from urllib.parse import unquote

from meguri.rehearsal.line import Cut, Request, Response

Answering = Callable[[Request], Response]


class Told:
    """Answers as it was told, without any server."""

    def __init__(self, answering: Answering) -> None:
        self._answering = answering
        self.closed = False

    def send(self, request: Request) -> Response:
        return self._answering(request)

    def close(self) -> None:
        self.closed = True


class ToApp:
    """A line to a WSGI app that may be cut: `cut` says of each request's number whether its answer gets lost."""

    def __init__(self, app: Any, *, cut: Callable[[int], bool] = lambda _: False) -> None:
        self._app, self._cut, self.requests = app, cut, 0

    def send(self, request: Request) -> Response:
        self.requests += 1
        number = self.requests
        reply = self._answer(request)
        if self._cut(number):
            raise Cut("cut")
        return reply

    def close(self) -> None:
        pass

    def _answer(self, request: Request) -> Response:
        path, _, query = request.path.partition("?")
        environ: dict[str, Any] = {
            "REQUEST_METHOD": request.method, "PATH_INFO": unquote(path), "QUERY_STRING": query, "SCRIPT_NAME": "",
            "SERVER_NAME": "town", "SERVER_PORT": "80", "SERVER_PROTOCOL": "HTTP/1.1", "wsgi.url_scheme": "http",
            "wsgi.version": (1, 0), "wsgi.input": BytesIO(request.content), "wsgi.errors": BytesIO(),
            "wsgi.multithread": True, "wsgi.multiprocess": False, "wsgi.run_once": False,
            "CONTENT_LENGTH": str(len(request.content)),
        }  # fmt: skip
        environ |= {f"HTTP_{name.upper().replace('-', '_')}": text for name, text in request.headers.items()}
        environ["CONTENT_TYPE"] = request.headers.get("Content-Type", "")
        said: dict[str, Any] = {}

        def start(status: str, headers: list[tuple[str, str]], _problem: Any = None) -> None:
            said["status"], said["headers"] = int(status.partition(" ")[0]), {k.lower(): v for k, v in headers}

        content = b"".join(self._app(environ, start))
        assert said["status"] in responses
        return Response(said["status"], content, said["headers"].get("retry-after", ""))
