"""Many callers, one round trip: while one batch is served, the next one gathers. No timer, so nobody waits for company.

Batches size themselves: one item when it is quiet, hundreds when it is busy. Plain threads; no I/O of its own.
"""

from __future__ import annotations

import asyncio
import threading
from collections import defaultdict, deque
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Future
from typing import Generic, TypeVar

from meguri.words.refusal import RefusalKind

Asked = TypeVar("Asked")
Answer = TypeVar("Answer")


class Gatherer(Generic[Asked, Answer]):
    """Serves what callers submit, in batches, on one thread.

    `serve` takes a batch and returns one answer per item, in order; an answer that is an exception is raised for its
    caller alone. When `serve` itself raises, every caller of the batch gets that exception. `at_end` runs last, on the
    same thread (to let its connection go).
    """

    def __init__(
        self,
        serve: Callable[[Sequence[Asked]], Sequence[Answer | Exception]],
        *,
        name: str,
        busy: RefusalKind,
        batch_max: int,
        waiting_max: int,
        at_end: Callable[[], None] | None = None,
    ) -> None:
        self._serve = serve
        self._busy = busy
        self._batch_max = batch_max
        self._waiting_max = waiting_max
        self._at_end = at_end
        self._waiting: deque[tuple[Asked, Future[Answer] | asyncio.Future[Answer]]] = deque()
        self._something = threading.Condition()
        self._closing = False
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)
        self._thread.start()

    def submit(self, asked: Asked) -> Future[Answer]:
        """Queue an item. Raises the `busy` refusal at once when too many wait: nothing has happened then."""
        answer: Future[Answer] = Future()
        self._put(asked, answer)
        return answer

    async def ask(self, asked: Asked) -> Answer:
        """The same for a caller on an event loop: all of a batch are woken by one call into the loop."""
        answer: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
        self._put(asked, answer)
        return await answer

    def close(self) -> None:
        """Serve what still waits, then end the thread."""
        with self._something:
            self._closing = True
            self._something.notify()
        self._thread.join()

    def _put(self, asked: Asked, answer: Future[Answer] | asyncio.Future[Answer]) -> None:
        with self._something:
            if len(self._waiting) >= self._waiting_max:
                raise self._busy.refusal()
            self._waiting.append((asked, answer))
            self._something.notify()

    def _run(self) -> None:
        while batch := self._gather():
            waiting = [caller for _, caller in batch]
            try:
                answered = list(zip(waiting, self._serve([asked for asked, _ in batch]), strict=True))
            except Exception as unexpected:  # noqa: BLE001 - callers must be woken, whatever happened
                answered = [(caller, unexpected) for caller in waiting]
            _wake_all(answered)
        if self._at_end is not None:
            self._at_end()

    def _gather(self) -> list[tuple[Asked, Future[Answer] | asyncio.Future[Answer]]]:
        with self._something:
            while not self._waiting and not self._closing:
                self._something.wait()
            return [self._waiting.popleft() for _ in range(min(len(self._waiting), self._batch_max))]


def _wake_all(pairs: Iterable[tuple[Future[Answer] | asyncio.Future[Answer], Answer | Exception]]) -> None:
    loops: dict[asyncio.AbstractEventLoop, list[tuple[asyncio.Future[Answer], Answer | Exception]]] = defaultdict(list)
    for waiting, answer in pairs:
        if isinstance(waiting, asyncio.Future):
            loops[waiting.get_loop()].append((waiting, answer))
        elif waiting.set_running_or_notify_cancel():
            _settle(waiting, answer)
    for loop, own in loops.items():
        if not loop.is_closed():
            loop.call_soon_threadsafe(_settle_all, own)


def _settle_all(pairs: Sequence[tuple[asyncio.Future[Answer], Answer | Exception]]) -> None:
    for waiting, answer in pairs:
        if not waiting.done():  # the caller may have gone away; what was done for it stays done
            _settle(waiting, answer)


def _settle(waiting: Future[Answer] | asyncio.Future[Answer], answer: Answer | Exception) -> None:
    if isinstance(answer, Exception):
        waiting.set_exception(answer)
    else:
        waiting.set_result(answer)
