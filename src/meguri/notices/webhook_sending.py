"""One HTTP request to a partner's program: to an address that was looked at, within seconds, nothing followed."""

from __future__ import annotations

import socket
import ssl
import threading
import time
from contextlib import suppress
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException
from typing import Final
from urllib.parse import SplitResult

from meguri.notices.webhook_rules import WEBHOOK_ADDRESS_INSIDE, Signed, allowed_addresses

WITHIN_S: Final = 5.0
"""A receiver answers within this, name look-up apart; it is to keep the event and to work later."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What the receiver said. `status` None: nothing, and `fault` says why."""

    status: int | None
    fault: str
    milliseconds: int

    @property
    def is_good(self) -> bool:
        return self.status is not None and 200 <= self.status < 300


def addresses_of(where: SplitResult, *, loopback: bool) -> tuple[str, ...]:
    """The addresses that may be connected to. Raises Refusal `webhook_address_inside` if there is none."""
    host = where.hostname or ""
    try:
        found = [str(each[4][0]) for each in socket.getaddrinfo(host, port_of(where), type=socket.SOCK_STREAM)]
    except (OSError, UnicodeError):
        found = []
    allowed = allowed_addresses(found, loopback=loopback) if found else ()
    if not allowed:
        raise WEBHOOK_ADDRESS_INSIDE.refusal(field="url", host=host[:80])
    return allowed


def port_of(where: SplitResult) -> int:
    return where.port or (443 if where.scheme == "https" else 80)


class _Connection(HTTPConnection):
    """Connects to the address that was looked at, not to whatever the name leads to a moment later."""

    def __init__(self, where: SplitResult, *, address: str) -> None:
        super().__init__(where.hostname or "", port_of(where), timeout=WITHIN_S)
        self._address, self._tls = address, where.scheme == "https"
        self.is_cut = False

    def connect(self) -> None:
        self.sock = socket.create_connection((self._address, self.port), self.timeout)
        if self._tls:
            self.sock = ssl.create_default_context().wrap_socket(self.sock, server_hostname=self.host)

    def cut(self) -> None:
        """From another thread: whatever is waited for ends now."""
        self.is_cut = True
        if self.sock is not None:
            with suppress(OSError):
                self.sock.shutdown(socket.SHUT_RDWR)


def post(where: SplitResult, body: bytes, *, headers: Signed, loopback: bool) -> Answer:
    """Send an event. No redirect is followed, nothing of the answer but its status is used. Raises no network error.

    A receiver that drips its answer byte by byte is cut off as one that is silent. Raises `webhook_address_inside`.
    """
    address = addresses_of(where, loopback=loopback)[0]
    connection, begun = _Connection(where, address=address), time.monotonic()
    cut = threading.Timer(WITHIN_S, connection.cut)
    cut.start()
    try:
        connection.request("POST", _target(where), body=body, headers={
            "Content-Type": "application/json", "User-Agent": "Meguri-Webhooks/1", "webhook-id": headers.id,
            "webhook-timestamp": headers.timestamp, "webhook-signature": headers.signature, "Connection": "close",
        })  # fmt: skip
        status, fault = connection.getresponse().status, ""
    except (OSError, HTTPException, ValueError, AttributeError) as wrong:  # the last: it was cut off under our hands
        status, fault = None, f"{type(wrong).__name__}: {wrong}"[:200]
    finally:
        cut.cancel()
        connection.close()
    if connection.is_cut:  # half an answer is none
        status, fault = None, f"no whole answer within {WITHIN_S} s"
    return Answer(status, fault, round((time.monotonic() - begun) * 1000))


def _target(where: SplitResult) -> str:
    return (where.path or "/") + (f"?{where.query}" if where.query else "")
