"""Payers who come from outside: a generator in a process of its own, niced, and the way in that serves it.

`python -m bench.arrivals SOCKET RATE SECONDS` sends numbers down an inherited socket and takes them back as answers.
With a rate, a number is due at its moment whatever the answers do, and its wait is counted from then (open loop); with
`callers=N` as rate, so many callers each ask again once they are answered (closed loop). It prints what they waited.
A number is all that travels: what is measured is the way through the books, not the reading and writing of requests.
"""

from __future__ import annotations

import array
import asyncio
import json
import os
import select
import socket
import statistics
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

MOST = 1 << 16
"""Bytes read at once; numbers of four bytes."""
NICE = 5
"""How far behind the books the generator stands when both want the machine."""


@dataclass(frozen=True, slots=True)
class Waited:
    """What payers waited, in milliseconds, and how many were served in a second."""

    per_s: float
    p50_ms: float
    p99_ms: float
    max_ms: float


def serve(ask: Callable[[], Awaitable[object]], *, rate: str, seconds: float) -> Waited:
    """Let payers come, and answer each by one `ask` on an event loop, in a task of its own, as the lean routes do."""
    here, there = socket.socketpair()
    command = [sys.executable, "-m", "bench.arrivals", str(there.fileno()), rate, str(seconds)]
    with here, there, subprocess.Popen(command, pass_fds=[there.fileno()], stdout=subprocess.PIPE) as generator:
        there.close()  # else nobody would see the other side hang up
        try:
            asyncio.run(_answer(here, ask))
        finally:
            here.close()
            told = generator.communicate()[0]
    return Waited(**json.loads(told))


async def _answer(here: socket.socket, ask: Callable[[], Awaitable[object]]) -> None:
    """Until the generator hangs up. What `ask` raises ends the measure: a refusal is no payment."""
    loop, over, done = asyncio.get_running_loop(), asyncio.Event(), array.array("I")
    here.setblocking(False)

    async def one(number: int) -> None:
        await ask()
        done.append(number)
        if len(done) == 1:
            loop.call_soon(send)  # together with all others of its batch

    def send() -> None:
        here.sendall(done.tobytes())
        del done[:]

    def receive() -> None:
        come = here.recv(MOST)
        for number in array.array("I", come):
            tasks.create_task(one(number))
        if not come:
            over.set()
            loop.remove_reader(here)

    async with asyncio.TaskGroup() as tasks:
        loop.add_reader(here, receive)
        await over.wait()


class _Payers:
    """The generator's side: who is due, and what each waited."""

    def __init__(self, there: socket.socket) -> None:
        self._there, self.waits, self._due = there, list[float](), dict[int, float]()
        self._sent = 0

    def come(self, moments: list[float]) -> None:
        """So many payers come; each is due at its moment."""
        numbers = array.array("I", range(self._sent, self._sent + len(moments)))
        self._due.update(zip(numbers, moments, strict=True))
        self._sent += len(moments)
        self._there.sendall(numbers.tobytes())

    def answers(self, patience: float) -> int:
        """Wait for answers, but no longer than this many seconds; how many came."""
        if not select.select([self._there], [], [], max(patience, 0.0))[0]:
            return 0
        if not (read := self._there.recv(MOST)):
            raise SystemExit("the books hung up")
        come = array.array("I", read)
        now = time.monotonic()
        self.waits += [now - self._due.pop(number) for number in come]
        return len(come)


def open_loop(payers: _Payers, *, rate: float, seconds: float) -> None:
    begun, total, sent = time.monotonic(), int(rate * seconds), 0
    while len(payers.waits) < total:
        due = min(total, int((time.monotonic() - begun) * rate) + 1)
        if due > sent:
            payers.come([begun + number / rate for number in range(sent, due)])
            sent = due
        payers.answers(begun + sent / rate - time.monotonic() if sent < total else 1.0)


def closed_loop(payers: _Payers, *, callers: int, seconds: float) -> None:
    end = (now := time.monotonic()) + seconds
    payers.come([now] * callers)
    waiting = callers
    while waiting:
        came = payers.answers(1.0)
        waiting -= came
        if came and (now := time.monotonic()) < end:
            payers.come([now] * came)
            waiting += came


def main(*, fileno: int, rate: str, seconds: float) -> None:
    os.nice(NICE)
    with socket.socket(fileno=fileno) as there:
        payers = _Payers(there)
        begun = time.monotonic()
        if rate.startswith("callers="):
            closed_loop(payers, callers=int(rate.removeprefix("callers=")), seconds=seconds)
        else:
            open_loop(payers, rate=float(rate), seconds=seconds)
        lasted = time.monotonic() - begun
    cut = statistics.quantiles(payers.waits, n=100)
    told = {
        "per_s": len(payers.waits) / lasted, "p50_ms": cut[49] * 1000, "p99_ms": cut[98] * 1000,
        "max_ms": max(payers.waits) * 1000,
    }  # fmt: skip
    sys.stdout.write(json.dumps(told))


if __name__ == "__main__":
    main(fileno=int(sys.argv[1]), rate=sys.argv[2], seconds=float(sys.argv[3]))
