"""The people of a sale start, as a niced process of its own: `python -m bench.rush HOST PORT SALE SECONDS FILE`.

FILE holds a token a line, one for each person. Half of the people come within the first minute, most of those in its
first seconds, the others until SECONDS have passed. Each presses twice, then looks at the line a few times, then asks
for their own place. Prints requests a second and the quantiles of the answers' times, counted from the moment at which
somebody pressed, so that waiting for a free connection counts too.
"""

from __future__ import annotations

import asyncio
import json
import os
import random
import statistics
import sys
import time
from collections import Counter
from pathlib import Path
from typing import cast

from bench.load import length_of

CONNECTIONS, TOWN = 400, 77
Request = tuple[str, str, bytes]
"""What it is (come, look, own), its path, and the token for `come`."""


class Crowd:
    """When each request is due, and what came of it."""

    def __init__(self) -> None:
        self.due: asyncio.Queue[tuple[float, Request] | None] = asyncio.Queue()
        self.waits: dict[str, list[float]] = {"come": [], "look": [], "own": []}
        self.statuses: Counter[str] = Counter()


class Phone(asyncio.Protocol):
    """One connection: takes the next request that is due, waits for the whole answer."""

    def __init__(self) -> None:
        self._come, self._answer, self._lost = b"", asyncio.get_running_loop().create_future(), False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        self._come += data
        head, found, body = self._come.partition(b"\r\n\r\n")
        if found and len(body) >= length_of(head):
            self._come = b""
            self._answer.set_result((int(head[9:12]), body))

    def connection_lost(self, exc: Exception | None) -> None:
        self._lost = True
        if not self._answer.done():
            self._answer.set_exception(exc or ConnectionResetError())

    async def ask(self, text: bytes) -> tuple[int, bytes]:
        if self._lost:
            raise ConnectionResetError
        self._answer = asyncio.get_running_loop().create_future()
        self._transport.write(text)
        return cast("tuple[int, bytes]", await self._answer)


async def work(crowd: Crowd, *, host: str, port: int) -> None:
    loop = asyncio.get_running_loop()
    _, phone = await loop.create_connection(Phone, host, port)
    while (next_due := await crowd.due.get()) is not None:
        due, (kind, path, token) = next_due
        try:
            status, body = await phone.ask(text_of(kind, path, token=token))
        except ConnectionError:  # told as it is, and the phone connects anew
            crowd.statuses[f"{kind} cut"] += 1
            _, phone = await loop.create_connection(Phone, host, port)
            continue
        crowd.waits[kind].append(time.monotonic() - due)
        crowd.statuses[f"{kind} {status}"] += 1
        if kind == "come" and status == 201:
            ticket = json.loads(body)["ticket"]
            later = loop.time() + random.uniform(3, 12)  # noqa: S311
            loop.call_at(later, crowd.due.put_nowait, (later, ("own", f"{path}/place?ticket={ticket}", b"")))


def text_of(kind: str, path: str, *, token: bytes) -> bytes:
    if kind != "come":
        return f"GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode()
    head = f"POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 11\r\n"
    return head.encode() + b"Authorization: Bearer " + token + b'\r\n\r\n{"units":1}'


def presses(people: int, *, seconds: float) -> list[float]:
    """When each person comes: half in the first minute and most of those at once, the others evenly until the end."""
    chance = random.Random(7)  # noqa: S311
    early = [min(60.0, chance.expovariate(1 / 12)) for _ in range(people // 2)]
    return early + [chance.uniform(60.0, max(61.0, seconds)) for _ in range(people - people // 2)]


async def main(tokens: list[bytes], *, host: str, port: int, sale: str, seconds: float) -> None:
    crowd, loop, path = Crowd(), asyncio.get_running_loop(), f"/api/v1/line/{sale}"
    state = f"{path}?town={TOWN}"
    workers = [asyncio.create_task(work(crowd, host=host, port=port)) for _ in range(CONNECTIONS)]
    begun = loop.time() + 0.5
    moments: list[tuple[float, Request]] = []
    for press, token in zip(presses(len(tokens), seconds=seconds), tokens, strict=True):
        moments += [(press, ("look", state, b"")), (press + 0.5, ("come", path, token))]
        moments += [(press + 0.7, ("come", path, token))]  # a double click
        moments += [(press + wait, ("look", state, b"")) for wait in (2.0, 5.0, 9.0, 14.0)]
    for moment, request in sorted(moments, key=lambda each: each[0]):
        if moment > seconds:
            break
        if (ahead := begun + moment - loop.time()) > 0.002:
            await asyncio.sleep(ahead)
        crowd.due.put_nowait((begun + moment, request))
    for _ in workers:
        crowd.due.put_nowait(None)
    await asyncio.gather(*workers)
    told = {kind: quantiles(waits) for kind, waits in crowd.waits.items()}
    asked = sum(len(waits) for waits in crowd.waits.values())
    sys.stdout.write(json.dumps({"per_s": asked / seconds, "statuses": crowd.statuses, **told}) + "\n")


def quantiles(waits: list[float]) -> dict[str, float]:
    if len(waits) < 3:
        return {"p50_ms": 0.0, "p99_ms": 0.0}
    cut = statistics.quantiles(waits, n=100)
    return {"p50_ms": cut[49] * 1000, "p99_ms": cut[98] * 1000}


if __name__ == "__main__":
    os.nice(10)
    host, port, sale, seconds, file = sys.argv[1:6]
    tokens = Path(file).read_bytes().split()
    asyncio.run(main(tokens, host=host, port=int(port), sale=sale, seconds=float(seconds)))
