"""A small load generator of our own, run as a separate, niced process: keep-alive connections, one request each.

`python -m bench.load HOST PORT CONNECTIONS SECONDS FILE`: FILE holds requests (one JSON object a line: path, headers,
body), used round and round, each with a fresh Idempotency-Key. Prints requests per second and the latencies' quantiles.
"""

from __future__ import annotations

import asyncio
import itertools
import json
import os
import statistics
import sys
import time
from pathlib import Path


async def main(asked: list[dict[str, object]], *, host: str, port: int, connections: int, seconds: float) -> None:
    turns = itertools.cycle(asked)
    end = time.monotonic() + seconds
    waits: list[float] = []
    statuses: dict[int, int] = {}
    await asyncio.gather(
        *(_caller(host, port, end=end, turns=turns, waits=waits, statuses=statuses) for _ in range(connections))
    )
    quantiles = statistics.quantiles(waits, n=100) if len(waits) > 2 else [0.0] * 99
    told = {"per_s": len(waits) / seconds, "p50_ms": quantiles[49] * 1000, "p99_ms": quantiles[98] * 1000}
    sys.stdout.write(json.dumps(told | {"statuses": statuses}) + "\n")


async def _caller(
    host: str,
    port: int,
    *,
    end: float,
    turns: itertools.cycle[dict[str, object]],
    waits: list[float],
    statuses: dict[int, int],
) -> None:
    reader, writer = await asyncio.open_connection(host, port)
    while (begun := time.monotonic()) < end:
        writer.write(_request(next(turns), host))
        status = await _answer(reader)
        waits.append(time.monotonic() - begun)
        statuses[status] = statuses.get(status, 0) + 1
    writer.close()


_numbers = itertools.count()


def _request(asked: dict[str, object], host: str) -> bytes:
    body = json.dumps(asked["body"]).encode()
    headers = {
        "Host": host, "Content-Type": "application/json", "Content-Length": str(len(body)),
        "Idempotency-Key": f"{os.getpid()}-{next(_numbers)}", **asked["headers"],  # type: ignore[dict-item]
    }  # fmt: skip
    head = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    return f"POST {asked['path']} HTTP/1.1\r\n{head}\r\n".encode() + body


async def _answer(reader: asyncio.StreamReader) -> int:
    head = (await reader.readuntil(b"\r\n\r\n")).lower()
    length = next((int(line[15:]) for line in head.split(b"\r\n") if line.startswith(b"content-length:")), 0)
    if length:
        await reader.readexactly(length)
    return int(head[9:12])


if __name__ == "__main__":
    os.nice(5)
    host, port, connections, seconds, file = sys.argv[1:6]
    asked = [json.loads(line) for line in Path(file).read_text(encoding="utf-8").splitlines()]
    asyncio.run(main(asked, host=host, port=int(port), connections=int(connections), seconds=float(seconds)))
