"""Many callers, one round trip: while one batch is served, the next one gathers. No timer, so nobody waits for company.

Batches size themselves: one item when it is quiet, hundreds when it is busy. Plain threads; no I/O of its own.
"""

from __future__ import annotations

import asyncio
import threading
from abc import ABC, abstractmethod
from collections import defaultdict, deque
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Future
from typing import Generic, TypeVar

from meguri.words.refusal import RefusalKind

Asked = TypeVar("Asked")
Ready = TypeVar("Ready")
Answer = TypeVar("Answer")
_Caller = Future[Answer] | asyncio.Future[Answer]


class _Room(ABC, Generic[Asked, Answer]):
    """Where callers wait, and the thread that takes them in batches to `_work`."""

    def __init__(
        self, *, name: str, busy: RefusalKind, batch_max: int, waiting_max: int, at_end: Callable[[], None] | None
    ) -> None:
        self._busy = busy
        self._batch_max = batch_max
        self._waiting_max = waiting_max
        self._at_end = at_end
        self._waiting: deque[tuple[Asked, _Caller[Answer]]] = deque()
        self._lock = threading.Lock()
        self._something = threading.Condition(self._lock)
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
        with self._lock:
            self._closing = True
            self._something.notify()
        self._thread.join()

    def _put(self, asked: Asked, answer: _Caller[Answer]) -> None:
        with self._lock:
            if self._inside() >= self._waiting_max:
                raise self._busy.refusal()
            self._waiting.append((asked, answer))
            if self._is_due():
                self._something.notify()

    def _inside(self) -> int:
        """How many are not being served yet."""
        return len(self._waiting)

    def _is_due(self) -> bool:
        """Whether those who wait are taken now."""
        return bool(self._waiting)

    def _run(self) -> None:
        while batch := self._gather():
            self._work(batch)
        if self._at_end is not None:
            self._at_end()

    def _gather(self) -> list[tuple[Asked, _Caller[Answer]]]:
        with self._lock:
            while not self._is_due() and not self._closing:
                self._something.wait()
            return [self._waiting.popleft() for _ in range(min(len(self._waiting), self._batch_max))]

    @abstractmethod
    def _work(self, batch: Sequence[tuple[Asked, _Caller[Answer]]]) -> None:
        """Answer every caller of a batch, on the room's thread."""


class Gatherer(_Room[Asked, Answer]):
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
        super().__init__(name=name, busy=busy, batch_max=batch_max, waiting_max=waiting_max, at_end=at_end)

    def _work(self, batch: Sequence[tuple[Asked, _Caller[Answer]]]) -> None:
        _wake_all(_done(batch, self._serve))


class Relay(_Room[Asked, Answer], Generic[Asked, Ready, Answer]):
    """A gatherer of two threads: when it is busy, one prepares the next batch while the other serves the one before.

    `prepare` gives for each item, in order, what `serve` needs of it, or an exception, which is the answer at once.
    Fewer than `enough` are not worth a second thread: who prepared them serves them; and while the other one serves,
    they are left to gather further, for they would be served no sooner. So `serve` is called by either thread, but
    never by both at a time. Each thread has an end of its own in `at_ends`, the preparing one first.
    """

    def __init__(
        self,
        prepare: Callable[[Sequence[Asked]], Sequence[Ready | Exception]],
        serve: Callable[[Sequence[Ready]], Sequence[Answer | Exception]],
        *,
        name: str,
        busy: RefusalKind,
        batch_max: int,
        waiting_max: int,
        enough: int,
        at_ends: tuple[Callable[[], None], Callable[[], None]],
    ) -> None:
        self._prepare, self._serve, self._enough = prepare, serve, enough
        first_end, last_end = at_ends
        self._second = _Second(
            serve, name=f"{name} second", busy=busy, batch_max=batch_max, waiting_max=waiting_max, at_end=last_end,
            at_rest=self._look_again,
        )  # fmt: skip
        super().__init__(name=name, busy=busy, batch_max=batch_max, waiting_max=waiting_max, at_end=first_end)

    def close(self) -> None:
        """Serve what still waits, then end both threads."""
        super().close()
        self._second.close()

    def _inside(self) -> int:
        return len(self._waiting) + self._second.inside()

    def _is_due(self) -> bool:
        if self._second.rests:
            return bool(self._waiting)
        return len(self._waiting) >= self._enough and self._second.inside() < self._batch_max

    def _work(self, batch: Sequence[tuple[Asked, _Caller[Answer]]]) -> None:
        refused: list[tuple[_Caller[Answer], Exception]] = []
        ready: list[tuple[Ready, _Caller[Answer]]] = []
        for caller, found in _done(batch, self._prepare):
            if isinstance(found, Exception):
                refused.append((caller, found))
            else:
                ready.append((found, caller))
        _wake_all(refused)
        if len(ready) >= self._enough or not self._second.rests:
            self._second.take_over(ready)
        elif ready:
            _wake_all(_done(ready, self._serve))

    def _look_again(self) -> None:
        """Nothing is being served any more: whoever waits need not wait for company."""
        with self._lock:
            if self._is_due():
                self._something.notify()


class _Second(Gatherer[Ready, Answer]):
    """The serving thread of a relay. `rests`: it has nothing to do; `at_rest` is called when that begins."""

    def __init__(
        self,
        serve: Callable[[Sequence[Ready]], Sequence[Answer | Exception]],
        *,
        name: str,
        busy: RefusalKind,
        batch_max: int,
        waiting_max: int,
        at_end: Callable[[], None],
        at_rest: Callable[[], None],
    ) -> None:
        self.rests, self._at_rest = True, at_rest
        super().__init__(
            serve, name=name, busy=busy, batch_max=batch_max, waiting_max=waiting_max, at_end=at_end
        )

    def inside(self) -> int:
        """How many wait to be served."""
        return len(self._waiting)

    def take_over(self, ready: Iterable[tuple[Ready, _Caller[Answer]]]) -> None:
        """Let these wait here; they have their room already."""
        with self._lock:
            self._waiting.extend(ready)
            self.rests = self.rests and not self._waiting
            self._something.notify()

    def _gather(self) -> list[tuple[Ready, _Caller[Answer]]]:
        with self._lock:
            before, self.rests = self.rests, not self._waiting
        if self.rests and not before:
            self._at_rest()
        return super()._gather()


def _done(
    batch: Sequence[tuple[Asked, _Caller[Answer]]], work: Callable[[Sequence[Asked]], Sequence[Ready | Exception]]
) -> list[tuple[_Caller[Answer], Ready | Exception]]:
    """Each caller with what the work gave for it; with what the work raised, if it did."""
    callers = [caller for _, caller in batch]
    try:
        return list(zip(callers, work([asked for asked, _ in batch]), strict=True))
    except Exception as unexpected:  # noqa: BLE001 - callers must be woken, whatever happened
        return [(caller, unexpected) for caller in callers]


def _wake_all(pairs: Iterable[tuple[_Caller[Answer], Answer | Exception]]) -> None:
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


def _settle(waiting: _Caller[Answer], answer: Answer | Exception) -> None:
    if isinstance(answer, Exception):
        waiting.set_exception(answer)
    else:
        waiting.set_result(answer)
