"""Many callers, one round trip: while one batch is served, the next one gathers. No timer, so nobody waits for company.

Batches size themselves: one item when it is quiet, hundreds when it is busy. Plain threads; no I/O of its own.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Sequence
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
        self._waiting: deque[tuple[Asked, Future[Answer]]] = deque()
        self._something = threading.Condition()
        self._closing = False
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)
        self._thread.start()

    def submit(self, asked: Asked) -> Future[Answer]:
        """Queue an item. Raises the `busy` refusal at once when too many wait: nothing has happened then."""
        answer: Future[Answer] = Future()
        with self._something:
            if len(self._waiting) >= self._waiting_max:
                raise self._busy.refusal()
            self._waiting.append((asked, answer))
            self._something.notify()
        return answer

    def close(self) -> None:
        """Serve what still waits, then end the thread."""
        with self._something:
            self._closing = True
            self._something.notify()
        self._thread.join()

    def _run(self) -> None:
        while batch := self._gather():
            try:
                answers = self._serve([asked for asked, _ in batch])
            except Exception as unexpected:  # noqa: BLE001 - callers must be woken, whatever happened
                answers = [unexpected for _ in batch]
            for (_, waiting), answer in zip(batch, answers, strict=True):
                _wake(waiting, answer)
        if self._at_end is not None:
            self._at_end()

    def _gather(self) -> list[tuple[Asked, Future[Answer]]]:
        with self._something:
            while not self._waiting and not self._closing:
                self._something.wait()
            return [self._waiting.popleft() for _ in range(min(len(self._waiting), self._batch_max))]


def _wake(waiting: Future[Answer], answer: Answer | Exception) -> None:
    if not waiting.set_running_or_notify_cancel():
        return  # the caller went away; what was done for it stays done
    if isinstance(answer, Exception):
        waiting.set_exception(answer)
    else:
        waiting.set_result(answer)
