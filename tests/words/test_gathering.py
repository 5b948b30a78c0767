"""Callers who come while a batch is served go together in the next one; each gets its own answer, whatever happens."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import Future
from contextlib import contextmanager
from queue import Queue

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from meguri.words.gathering import Gatherer
from meguri.words.refusal import Refusal, RefusalKind

BUSY = RefusalKind(code="test_busy", ja="混み合っています。", en="Busy.", status=503)
PATIENCE_S = 30
"""A test that waits longer has found a caller whom nobody woke."""


class Counter:
    """Doubles numbers. A batch is begun when `let` says so, and every batch is kept."""

    def __init__(self, *, gated: bool = False) -> None:
        self.batches: list[list[int]] = []
        self.begun: Queue[int] = Queue()
        self.gate: Queue[bool] | None = Queue() if gated else None
        self.threads: set[str] = set()

    def serve(self, numbers: Sequence[int]) -> list[int | Exception]:
        self.batches.append(list(numbers))
        self.threads.add(threading.current_thread().name)
        self.begun.put(len(numbers))
        if self.gate is not None:
            self.gate.get(timeout=PATIENCE_S)
        if 13 in numbers:
            raise RuntimeError("thirteen breaks the machine")
        return [ValueError(f"{number} is negative") if number < 0 else number * 2 for number in numbers]

    def let(self, batches: int = 1) -> None:
        """Let so many batches pass."""
        assert self.gate is not None
        for _ in range(batches):
            self.gate.put(True)


@contextmanager
def gathered(
    counter: Counter, *, batch_max: int = 100, waiting_max: int = 100
) -> Iterator[Gatherer[int, int]]:
    """Closed at the end, so that no test leaves a thread behind."""
    found: Gatherer[int, int] = Gatherer(
        counter.serve, name="test-gatherer", busy=BUSY, batch_max=batch_max, waiting_max=waiting_max
    )
    try:
        yield found
    finally:
        if counter.gate is not None:
            counter.let(50)
        found.close()


def answers(futures: Sequence[Future[int]]) -> list[int]:
    return [future.result(timeout=PATIENCE_S) for future in futures]


def test_one_caller_is_served_at_once() -> None:
    counter = Counter()
    with gathered(counter) as door:
        assert door.submit(21).result(timeout=PATIENCE_S) == 42
        assert door.submit(4).result(timeout=PATIENCE_S) == 8
    assert counter.batches == [[21], [4]]
    assert counter.threads == {"test-gatherer"}


def test_whoever_comes_meanwhile_goes_together_in_order_and_no_batch_is_too_large() -> None:
    counter = Counter(gated=True)
    with gathered(counter, batch_max=3) as door:
        first = door.submit(1)
        assert counter.begun.get(timeout=PATIENCE_S) == 1  # it is being served, and waits for the gate
        others = [door.submit(number) for number in range(2, 9)]
        assert not first.done()
        counter.let(4)
        assert answers([first, *others]) == [2, 4, 6, 8, 10, 12, 14, 16]
    assert counter.batches == [[1], [2, 3, 4], [5, 6, 7], [8]]


def test_an_answer_that_is_an_exception_is_its_callers_alone() -> None:
    counter = Counter(gated=True)
    with gathered(counter) as door:
        door.submit(0)
        counter.begun.get(timeout=PATIENCE_S)
        good, bad, fine = (door.submit(number) for number in (5, -5, 6))
        counter.let(2)
        assert (good.result(timeout=PATIENCE_S), fine.result(timeout=PATIENCE_S)) == (10, 12)
        with pytest.raises(ValueError, match="-5 is negative"):
            bad.result(timeout=PATIENCE_S)
    assert counter.batches == [[0], [5, -5, 6]]


def test_a_batch_that_breaks_wakes_all_its_callers_and_the_next_is_served() -> None:
    counter = Counter(gated=True)
    with gathered(counter) as door:
        door.submit(0)
        counter.begun.get(timeout=PATIENCE_S)
        broken = [door.submit(number) for number in (12, 13, 14)]
        counter.let(2)
        for future in broken:
            with pytest.raises(RuntimeError, match="thirteen"):
                future.result(timeout=PATIENCE_S)
        after = door.submit(15)
        counter.let()
        assert after.result(timeout=PATIENCE_S) == 30


def test_a_batch_that_is_answered_for_too_few_wakes_all_its_callers_too() -> None:
    """Who is left out would wait for ever, and so would everybody who comes later."""
    door: Gatherer[int, int] = Gatherer(
        lambda numbers: [] if 13 in numbers else list(numbers), name="test-gatherer", busy=BUSY, batch_max=100,
        waiting_max=100,
    )  # fmt: skip
    try:
        with pytest.raises(ValueError, match="shorter"):
            door.submit(13).result(timeout=PATIENCE_S)
        assert door.submit(1).result(timeout=PATIENCE_S) == 1
    finally:
        door.close()


def test_beyond_its_room_a_caller_is_told_at_once_and_nothing_happens() -> None:
    counter = Counter(gated=True)
    with gathered(counter, waiting_max=2) as door:
        first = door.submit(1)
        counter.begun.get(timeout=PATIENCE_S)
        waiting = [door.submit(2), door.submit(3)]
        with pytest.raises(Refusal) as caught:
            door.submit(4)
        assert (caught.value.code, caught.value.kind.status) == ("test_busy", 503)
        counter.let(2)
        assert answers([first, *waiting]) == [2, 4, 6]
        counter.let()
        assert door.submit(5).result(timeout=PATIENCE_S) == 10
    assert [number for batch in counter.batches for number in batch] == [1, 2, 3, 5]


def test_closing_serves_what_waits_and_then_lets_go_on_the_same_thread() -> None:
    counter, ended = Counter(gated=True), []
    door: Gatherer[int, int] = Gatherer(
        counter.serve, name="closing", busy=BUSY, batch_max=2, waiting_max=9,
        at_end=lambda: ended.append((threading.current_thread().name, len(counter.batches))),
    )  # fmt: skip
    futures = [door.submit(number) for number in range(5)]
    counter.let(5)
    door.close()
    assert answers(futures) == [0, 2, 4, 6, 8]
    assert ended == [("closing", len(counter.batches))]
    assert "closing" not in {thread.name for thread in threading.enumerate()}


def test_closing_waits_until_the_thread_has_let_go() -> None:
    letting_go, may_end = threading.Event(), threading.Event()

    def at_end() -> None:
        letting_go.set()
        may_end.wait(PATIENCE_S)

    door: Gatherer[int, int] = Gatherer(
        Counter().serve, name="slow to end", busy=BUSY, batch_max=2, waiting_max=9, at_end=at_end
    )
    closer = threading.Thread(target=door.close)
    closer.start()
    assert letting_go.wait(PATIENCE_S)
    closer.join(timeout=0.05)
    assert closer.is_alive(), "a connection is still being let go"
    may_end.set()
    closer.join(PATIENCE_S)
    assert not closer.is_alive()


def test_closing_with_nobody_waiting_ends_at_once() -> None:
    counter = Counter()
    with gathered(counter):
        pass
    assert counter.batches == []


def test_whoever_gave_up_is_passed_over_and_the_others_are_answered() -> None:
    counter = Counter(gated=True)
    with gathered(counter) as door:
        door.submit(0)
        counter.begun.get(timeout=PATIENCE_S)
        stays, goes, last = (door.submit(number) for number in (1, 2, 3))
        assert goes.cancel()
        counter.let(2)
        assert answers([stays, last]) == [2, 6]
        assert goes.cancelled()
    assert counter.batches[1] == [1, 2, 3], "what was asked for is done all the same"


# --- callers on an event loop -----------------------------------------------------------------------------------------


def test_callers_of_one_loop_each_get_their_answer() -> None:
    counter = Counter()

    async def crowd(door: Gatherer[int, int]) -> list[int | BaseException]:
        asked = (door.ask(number) for number in (3, -3, 4))
        return await asyncio.wait_for(asyncio.gather(*asked, return_exceptions=True), PATIENCE_S)

    with gathered(counter) as door:
        three, wrong, four = asyncio.run(crowd(door))
    assert (three, four) == (6, 8)
    assert isinstance(wrong, ValueError)


def test_on_a_loop_too_the_room_is_limited() -> None:
    counter = Counter(gated=True)

    async def crowd(door: Gatherer[int, int]) -> list[int | BaseException]:
        tasks = [asyncio.ensure_future(door.ask(number)) for number in (1, 2, 3)]
        await asyncio.sleep(0)  # each has asked once
        counter.let(3)
        return await asyncio.wait_for(asyncio.gather(*tasks, return_exceptions=True), PATIENCE_S)

    with gathered(counter, waiting_max=2) as door:
        door.submit(0)
        counter.begun.get(timeout=PATIENCE_S)
        first, second, third = asyncio.run(crowd(door))
    assert (first, second) == (2, 4)
    assert isinstance(third, Refusal)


def test_a_caller_who_left_the_loop_breaks_nothing_for_the_others() -> None:
    counter = Counter(gated=True)

    async def crowd(door: Gatherer[int, int]) -> int:
        leaving, staying = (asyncio.ensure_future(door.ask(number)) for number in (1, 2))
        await asyncio.sleep(0)
        leaving.cancel()
        counter.let(2)
        return await asyncio.wait_for(staying, PATIENCE_S)

    with gathered(counter) as door:
        door.submit(0)
        counter.begun.get(timeout=PATIENCE_S)
        assert asyncio.run(crowd(door)) == 4
        counter.let()
        assert door.submit(9).result(timeout=PATIENCE_S) == 18


def test_a_loop_that_ended_is_not_waited_for() -> None:
    counter = Counter(gated=True)

    async def gone(door: Gatherer[int, int]) -> None:
        task = asyncio.ensure_future(door.ask(1))
        await asyncio.sleep(0)
        task.cancel()

    with gathered(counter) as door:
        door.submit(0)
        counter.begun.get(timeout=PATIENCE_S)
        asyncio.run(gone(door))
        counter.let(3)
        assert door.submit(2).result(timeout=PATIENCE_S) == 4
    assert [number for batch in counter.batches for number in batch] == [0, 1, 2]


@settings(max_examples=25)
@given(st.lists(st.integers(0, 12), max_size=60), st.integers(1, 7))
def test_however_they_come_all_are_served_once_and_in_order(numbers: list[int], batch_max: int) -> None:
    counter = Counter()
    with gathered(counter, batch_max=batch_max) as door:
        futures = [door.submit(number) for number in numbers]
        assert answers(futures) == [number * 2 for number in numbers]
    assert [number for batch in counter.batches for number in batch] == numbers
    assert all(1 <= len(batch) <= batch_max for batch in counter.batches)
