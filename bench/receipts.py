"""From an acknowledged payment to the moment at which anybody can prove that it is in the log.

The town's worker runs as it runs in the field (a process of its own, niced); payments come at fifty a second, and then
as many at once as the door takes. A watcher keeps every head that is published and when it saw it: a payment can be
proven from the first head that covers its number. Every tenth receipt is built and verified, against the key alone.
"""

from __future__ import annotations

import asyncio
import random
import subprocess
import sys
import threading
import time
from collections.abc import Awaitable, Callable, Coroutine, Iterator
from contextlib import contextmanager
from uuid import UUID

from bench.measures import progress, tell
from bench.post import Town
from meguri.ledger import heads, log, merkle, poster, receipts
from meguri.ledger.rules import LEDGER_BUSY, Posting, Verdict
from meguri.words.gathering import Gatherer

STEADY_PER_S, STEADY_S, BURST, POLL_S, PATIENCE_S = 50, 30, 20_000, 0.02, 60.0
Answered = dict[UUID, float]
"""Every payment, and when its answer came."""
Pay = Callable[[], Coroutine[None, None, None]]


def run() -> None:
    """Print the measures of this group."""
    progress("receipts: opening the books")
    town = Town(random.randrange(10_000, 10**6))  # noqa: S311 - no secret
    with _working(), _watching(town) as seen:
        _settled(town, seen)
        for name, paying in (("proof.receipt_to_proof_s", _steady), ("proof.receipt_to_proof_burst_s", _burst)):
            progress(name)
            waits = _waits(town, asyncio.run(_paid(town, paying)), seen)
            tell(name=name, value=max(waits), unit="s", runs=_quantiles(waits))


def _quantiles(waits: list[float]) -> list[float]:
    """The median, the ninety-ninth hundredth and the longest."""
    ordered = sorted(waits)
    return [ordered[len(ordered) // 2], ordered[len(ordered) * 99 // 100], ordered[-1]]


@contextmanager
def _working() -> Iterator[None]:
    """The worker with all tasks of all rooms."""
    worker = subprocess.Popen(["nice", "-n", "5", sys.executable, "-m", "meguri.site.worker"])
    try:
        yield
    finally:
        worker.terminate()
        worker.wait()


Seen = list[tuple[int, float]]
"""The size of each published head, and when it was seen."""


@contextmanager
def _watching(town: Town) -> Iterator[Seen]:
    seen: Seen = []
    enough = threading.Event()

    def watch() -> None:
        with poster.connect_as_django() as own:
            query = "SELECT size FROM ledger.tree_head WHERE municipality_id = %s ORDER BY number DESC LIMIT 1"
            while not enough.wait(POLL_S):
                row = own.execute(query, [town.number]).fetchone()
                if row and (not seen or row[0] != seen[-1][0]):
                    seen.append((row[0], time.monotonic()))

    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        yield seen
    finally:
        enough.set()
        watcher.join()


def _settled(town: Town, seen: Seen) -> None:
    """Wait until the town's opening is in the log: its thousands of grants are no payments."""
    deadline = time.monotonic() + PATIENCE_S
    while time.monotonic() < deadline and not (seen and seen[-1][0] > len(town.holders)):
        time.sleep(POLL_S)


async def _paid(town: Town, paying: Callable[[Pay], Awaitable[None]]) -> Answered:
    own_poster = poster.Poster()
    gatherer: Gatherer[Posting, Verdict] = Gatherer(
        lambda batch: own_poster.post(batch, municipality=town.number), name="bench", busy=LEDGER_BUSY,
        batch_max=1_000, waiting_max=BURST, at_end=own_poster.close,
    )  # fmt: skip
    answered: Answered = {}

    async def one() -> None:
        made = await gatherer.ask(town.payment())
        answered[made.posting] = time.monotonic()

    await paying(one)
    gatherer.close()
    return answered


async def _steady(one: Pay) -> None:
    begun, tasks = time.monotonic(), set[asyncio.Task[None]]()
    for number in range(STEADY_PER_S * STEADY_S):
        await asyncio.sleep(max(0.0, begun + number / STEADY_PER_S - time.monotonic()))
        tasks.add(asyncio.create_task(one()))
    await asyncio.gather(*tasks)


async def _burst(one: Pay) -> None:
    await asyncio.gather(*(one() for _ in range(BURST)))


def _waits(town: Town, answered: Answered, seen: Seen) -> list[float]:
    """Seconds from each answer to the first published head that covers it. SystemExit if one is never proven."""
    deadline = time.monotonic() + PATIENCE_S
    last = max(answered, key=lambda posting: answered[posting])
    while log.number_of(last, municipality=town.number) is None and time.monotonic() < deadline:
        time.sleep(POLL_S)
    waits = []
    for place, posting in enumerate(answered):
        number = log.number_of(posting, municipality=town.number)
        while number is not None and seen[-1][0] < number and time.monotonic() < deadline:
            time.sleep(POLL_S)
        when = next((at for size, at in seen if number is not None and size >= number), None)
        if when is None:
            raise SystemExit("receipts: a payment was never proven")
        waits.append(max(0.0, when - answered[posting]))
        if place % 10 == 0:
            _verify(posting, town)
    return waits


def _verify(posting: UUID, town: Town) -> None:
    """The receipt leads to its head's root, and the head is one that the town signed."""
    found = receipts.receipt(posting, municipality=town.number, own=True)
    leaf = merkle.leaf_hash(found.content.encode())
    proof = found.inclusion
    if not merkle.proves_inclusion(leaf, proof.number - 1, size=proof.size, path=proof.path, root=found.head.root):
        raise SystemExit("receipts: a receipt does not prove its payment")
    if found.head.origin != heads.origin_of(town.number):
        raise SystemExit("receipts: a head is another town's")
