"""A partner's program, written from the Standard Webhooks specification alone: it imports nothing of ours.

It verifies every request, handles each id once, and can be told to go down, to answer badly or to be slow.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

TOLERANCE_S = 300


class Receiver:
    """A server on loopback. `answers`: statuses to give, one a request, then 204. `wait_s`: how slow it is."""

    def __init__(self) -> None:
        self.secrets: list[str] = []
        self.answers: list[int] = []
        self.wait_s = 0.0
        self.drips = False
        self.requests: list[tuple[str, int]] = []
        self.handled: dict[str, dict[str, Any]] = {}
        self.forged = 0
        self.port = 0
        self._server: ThreadingHTTPServer | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/hook?from=town"

    def up(self) -> Receiver:
        """Listen; after `down` at the same port again."""
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                receiver._take(self)

            def log_message(self, *args: Any) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", self.port), Handler)
        self._server.daemon_threads = True
        self.port = self._server.server_address[1]
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        return self

    def down(self) -> None:
        if self._server is not None:
            self._server.shutdown()
            self._server.server_close()
            self._server = None

    def numbers(self) -> list[int]:
        """The numbers of what was handled, in the order of arriving."""
        return [each["number"] for each in self.handled.values()]

    def _take(self, request: BaseHTTPRequestHandler) -> None:
        body = request.rfile.read(int(request.headers["content-length"]))
        time.sleep(self.wait_s)
        if self.drips:
            drip(request)
            return
        status = self.answers.pop(0) if self.answers else 204
        event = request.headers["webhook-id"]
        if not verifies(dict(request.headers.items()), body, self.secrets):
            self.forged += 1
            status = 401
        self.requests.append((event, status))
        if 200 <= status < 300:
            self.handled.setdefault(event, json.loads(body))
        request.send_response(status)
        if status == 302:
            request.send_header("location", "http://127.0.0.1:1/elsewhere")
        request.send_header("content-length", "0")
        request.end_headers()


def drip(request: BaseHTTPRequestHandler) -> None:
    """An answer that never ends and is never silent for long."""
    try:
        request.wfile.write(b"HTTP/1.1 200 OK\r\nx-long: ")
        for _ in range(200):
            request.wfile.write(b"x")
            request.wfile.flush()
            time.sleep(0.05)
    except OSError:
        return


def verifies(headers: dict[str, str], body: bytes, secrets: list[str]) -> bool:
    """By the specification: constant-time, any of several signatures, and no older or newer than five minutes."""
    plain = {name.lower(): value for name, value in headers.items()}
    event, seconds = plain["webhook-id"], plain["webhook-timestamp"]
    if abs(time.time() - int(seconds)) > TOLERANCE_S:
        return False
    signed = f"{event}.{seconds}.".encode() + body
    right = [
        base64.b64encode(hmac.new(base64.b64decode(each[len("whsec_") :]), signed, hashlib.sha256).digest())
        for each in secrets
    ]
    given = [part[3:].encode() for part in plain["webhook-signature"].split(" ") if part.startswith("v1,")]
    return any(hmac.compare_digest(one, other) for one in right for other in given)
