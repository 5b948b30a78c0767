"""A small load generator of our own, run as a separate, niced process: keep-alive connections, one request each.

`python -m bench.load HOST PORT CONNECTIONS SECONDS FILE`: FILE holds requests (one JSON object a line: path, headers,
body), used round and round, each with a fresh Idempotency-Key. Prints requests per second and the latencies' quantiles.
It shares the machine with what it measures, so it does as little as it can.
"""

from __future__ import annotations

import asyncio
import itertools
import json
import os
import statistics
import sys
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import cast

Request = tuple[bytes, bytes]
"""What stands before the Idempotency-Key, and what behind it."""


class Told:
    """What all callers have seen, and when they stop."""

    def __init__(self, requests: list[Request], *, seconds: float) -> None:
        self.turns: Iterator[Request] = itertools.cycle(requests)
        self.numbers = itertools.count()
        self.end = time.monotonic() + seconds
        self.waits: list[float] = []
        self.statuses: Counter[int] = Counter()


class Caller(asyncio.Protocol):
    """One connection: asks, waits for the whole answer, asks again."""

    def __init__(self, told: Told) -> None:
        self._told, self._come, self._begun = told, b"", 0.0
        self.done: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)
        self._ask()

    def data_received(self, data: bytes) -> None:
        self._come += data
        head, found, body = self._come.partition(b"\r\n\r\n")
        if not found or len(body) < length_of(head):
            return
        self._told.waits.append(time.monotonic() - self._begun)
        self._told.statuses[int(head[9:12])] += 1
        self._come = b""
        self._ask()

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - asyncio calls it so
        if not self.done.done():
            self.done.set_result(None)

    def _ask(self) -> None:
        self._begun = time.monotonic()
        if self._begun >= self._told.end:
            self._transport.close()
            return
        before, behind = next(self._told.turns)
        self._transport.write(b"%b%d-%d%b" % (before, os.getpid(), next(self._told.numbers), behind))


def length_of(head: bytes) -> int:
    at = head.lower().find(b"content-length:")
    return int(head[at + 15 :].split(b"\r\n", 1)[0]) if at >= 0 else 0


async def main(asked: list[dict[str, object]], *, host: str, port: int, connections: int, seconds: float) -> None:
    told = Told([request_of(each, host) for each in asked], seconds=seconds)
    loop = asyncio.get_running_loop()
    callers = [(await loop.create_connection(lambda: Caller(told), host, port))[1] for _ in range(connections)]
    await asyncio.gather(*(caller.done for caller in callers))
    quantiles = statistics.quantiles(told.waits, n=100) if len(told.waits) > 2 else [0.0] * 99
    said = {"per_s": len(told.waits) / seconds, "p50_ms": quantiles[49] * 1000, "p99_ms": quantiles[98] * 1000}
    sys.stdout.write(json.dumps(said | {"statuses": told.statuses}) + "\n")


def request_of(asked: dict[str, object], host: str) -> Request:
    body = json.dumps(asked["body"]).encode()
    headers = {
        "Host": host, "Content-Type": "application/json", "Content-Length": str(len(body)),
        **cast("dict[str, str]", asked["headers"]),
    }  # fmt: skip
    head = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    before = f"POST {asked['path']} HTTP/1.1\r\n{head}Idempotency-Key: "
    return before.encode(), b"\r\n\r\n" + body


if __name__ == "__main__":
    os.nice(5)
    host, port, connections, seconds, file = sys.argv[1:6]
    asked = [json.loads(line) for line in Path(file).read_text(encoding="utf-8").splitlines()]
    asyncio.run(main(asked, host=host, port=int(port), connections=int(connections), seconds=float(seconds)))
