"""Tills that take payments at a fixed rate: `python -m bench.steady HOST PORT RATE SECONDS FILE` (FILE as in load).

Open loop: a payment is due at its moment whether or not the one before was answered, and its wait is counted from then.
"""

from __future__ import annotations

import asyncio
import json
import statistics
import sys
import uuid
from pathlib import Path

from bench.load import Request, request_of
from bench.rush import Phone


async def main(asked: list[Request], *, host: str, port: int, rate: float, seconds: float) -> None:
    loop = asyncio.get_running_loop()
    idle: asyncio.Queue[Phone] = asyncio.Queue()
    for _ in range(64):
        idle.put_nowait((await loop.create_connection(Phone, host, port))[1])
    waits: list[float] = []
    refused = 0
    begun = loop.time()

    async def pay(number: int, due: float) -> None:
        nonlocal refused
        phone = await idle.get()
        before, behind = asked[number % len(asked)]
        status, _ = await phone.ask(before + uuid.uuid4().hex.encode() + behind)
        waits.append(loop.time() - due)
        refused += status != 201
        idle.put_nowait(phone)

    tasks = []
    for number in range(int(rate * seconds)):
        due = begun + number / rate
        if (ahead := due - loop.time()) > 0:
            await asyncio.sleep(ahead)
        tasks.append(asyncio.create_task(pay(number, due)))
    await asyncio.gather(*tasks)
    cut = statistics.quantiles(waits, n=100)
    told = {"p50_ms": cut[49] * 1000, "p99_ms": cut[98] * 1000, "payments": len(waits), "errors": refused}
    sys.stdout.write(json.dumps(told) + "\n")


if __name__ == "__main__":
    host, port, rate, seconds, file = sys.argv[1:6]
    lines = [json.loads(line) for line in Path(file).read_text(encoding="utf-8").splitlines()]
    requests = [request_of(line, host) for line in lines]
    asyncio.run(main(requests, host=host, port=int(port), rate=float(rate), seconds=float(seconds)))
