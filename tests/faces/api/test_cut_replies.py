"""Replies that are cut on their way from a real server: what was paid is paid once, and what became of it is told."""

from __future__ import annotations

import select
import socket
import threading
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

import httpx
import pytest

from meguri.parties.queries import shop as shop_of
from tests.faces.api.conftest import Caller, token
from tests.town import Town

ANSWER, REQUEST = "answer", "request"


@dataclass
class Proxy:
    """Carries bytes to a server and back. `cuts` names what is swallowed next: an answer, or a request that never
    arrives; then the line is cut. None: it is carried.
    """

    server: int
    cuts: list[str | None] = field(default_factory=list)
    cut: int = 0

    def __post_init__(self) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        self._listener.close()

    def _accept(self) -> None:
        with suppress(OSError):  # the listener was closed
            while True:
                client, _ = self._listener.accept()
                threading.Thread(target=self._carry, args=(client,), daemon=True).start()

    def _carry(self, client: socket.socket) -> None:
        swallowed = self.cuts.pop(0) if self.cuts else None
        with client, suppress(OSError), socket.create_connection(("127.0.0.1", self.server)) as server:
            while True:
                ready, _, _ = select.select([client, server], [], [])
                for end in ready:
                    told = end.recv(65_536)
                    if not told or swallowed == (REQUEST if end is client else ANSWER):
                        self.cut += bool(told)
                        return
                    (server if end is client else client).sendall(told)


@dataclass
class Phone:
    """A resident's phone on a bad line: every request goes by a connection of its own."""

    proxy: Proxy
    town: Town
    shop_code: str

    def ask(self, method: str, path: str, *, key: str, yen: int = 0) -> httpx.Response | None:
        """The answer; None where the line was cut."""
        bearer = f"Bearer {token(self.town.resident)}"
        headers = {"Authorization": bearer, "Idempotency-Key": key, "Connection": "close"}
        body = {"amount_yen": yen, "shop_code": self.shop_code} if yen else None
        try:
            return httpx.request(
                method, f"http://127.0.0.1:{self.proxy.port}/api/v1/{path}", json=body, headers=headers, timeout=10
            )
        except httpx.TransportError:
            return None

    def pay(self, yen: int, *, key: str) -> httpx.Response | None:
        return self.ask("POST", "pay", key=key, yen=yen)

    def outcome(self, key: str) -> str:
        answer = self.ask("GET", "pay/outcome", key=key)
        return str(answer.json()["state"]) if answer is not None else ""

    def end(self, key: str) -> str:
        answer = self.ask("POST", "pay/end", key=key)
        return str(answer.json()["state"]) if answer is not None else ""


@pytest.fixture
def phone(served: httpx.Client, caller: Caller, town: Town) -> Iterator[Phone]:
    town.give("points", 1_000)
    found = shop_of(town.small_shop, municipality=town.municipality)
    assert found is not None
    proxy = Proxy(served.base_url.port or 0)
    yield Phone(proxy, town, found.code)
    proxy.close()


def takings(caller: Caller) -> tuple[int, int]:
    day = caller.call("till_day", by=caller.town.at_small_shop)
    return day["payments"], day["paid_yen"]


def test_what_was_paid_before_the_cut_is_paid_once(phone: Phone, caller: Caller) -> None:
    phone.proxy.cuts = [ANSWER]
    assert phone.pay(10, key="one") is None
    assert phone.outcome("one") == "paid"
    again = phone.pay(10, key="one")
    assert again is not None
    assert (again.status_code, again.json()["status"]) == (200, "paid_before")
    assert (phone.end("one"), takings(caller)) == ("paid", (1, 10))

    # a number belongs to who asked under it: the shop's till cannot end, or look at, what a phone asks
    till: Any = {"by": caller.town.at_small_shop, "key": "one"}
    assert caller.call("payments_outcome", **till)["state"] == "unknown"
    assert caller.call("payments_end", **till)["state"] == "ended"
    assert phone.outcome("one") == "paid"

    # the control: who takes a new number for every try pays twice, so the line was cut after the payment
    phone.proxy.cuts = [ANSWER]
    assert phone.pay(10, key=str(uuid4())) is None
    assert phone.pay(10, key=str(uuid4())) is not None
    assert takings(caller) == (3, 30)


def test_what_never_arrived_is_ended_and_many_cuts_lose_nothing(phone: Phone, caller: Caller) -> None:
    phone.proxy.cuts = [REQUEST]
    assert phone.pay(10, key="slow") is None
    assert phone.outcome("slow") == "unknown"
    assert phone.end("slow") == phone.end("slow") == "ended"
    late = phone.pay(10, key="slow")
    assert late is not None
    assert (late.status_code, late.json()["code"]) == (409, "key_closed")
    assert takings(caller) == (0, 0)

    phone.proxy.cut, phone.proxy.cuts = 0, [(None, ANSWER, REQUEST)[number % 3] for number in range(30)]
    told = 0
    for number in range(20):
        while (answer := phone.pay(1, key=f"many-{number}")) is None:
            pass
        told += answer.json()["amount_yen"]
    assert phone.proxy.cut >= 15
    assert takings(caller) == (20, told) == (20, 20)
