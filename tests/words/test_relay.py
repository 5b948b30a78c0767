"""One thread prepares while another serves: nobody is lost, passed over or served out of turn between the two."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import Future
from contextlib import contextmanager
from queue import Empty, Queue

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from meguri.words.gathering import Relay
from meguri.words.refusal import Refusal, RefusalKind

BUSY = RefusalKind(code="test_busy", ja="混み合っています。", en="Busy.", status=503)
PATIENCE_S = 30
"""A test that waits longer has found a caller whom nobody woke."""


class Kitchen:
    """Writes a number down, then doubles what is written; each step begins when `let` says so, if it is gated."""

    def __init__(self, *, gated: bool = False) -> None:
        self.prepared: list[list[int]] = []
        self.served: list[list[str]] = []
        self.preparing: Queue[int] = Queue()
        self.serving: Queue[int] = Queue()
        self.gate: Queue[bool] | None = Queue() if gated else None
        self.threads: list[str] = []
        self.ended: list[str] = []
        self.together = 0
        self._alone = threading.Lock()

    def prepare(self, numbers: Sequence[int]) -> list[str | Exception]:
        self.prepared.append(list(numbers))
        self.threads.append(threading.current_thread().name)
        self.preparing.put(len(numbers))
        if 13 in numbers:
            raise RuntimeError("thirteen cannot be written")
        return [ValueError(f"{number} is negative") if number < 0 else str(number) for number in numbers]

    def serve(self, written: Sequence[str]) -> list[int | Exception]:
        if not self._alone.acquire(blocking=False):
            self.together += 1
            return []
        try:
            return self._served(written)
        finally:
            self._alone.release()

    def _served(self, written: Sequence[str]) -> list[int | Exception]:
        self.served.append(list(written))
        self.threads.append(threading.current_thread().name)
        self.serving.put(len(written))
        if self.gate is not None:
            self.gate.get(timeout=PATIENCE_S)
        if "66" in written:
            raise RuntimeError("sixty-six breaks the machine")
        return [LookupError("seven is missing") if text == "7" else 2 * int(text) for text in written]

    def let(self, batches: int = 1) -> None:
        """Let so many batches be served."""
        assert self.gate is not None
        for _ in range(batches):
            self.gate.put(True)

    def end(self) -> None:
        self.ended.append(threading.current_thread().name)


@contextmanager
def relayed(
    kitchen: Kitchen, *, enough: int = 3, batch_max: int = 100, waiting_max: int = 100
) -> Iterator[Relay[int, str, int]]:
    """Closed at the end, so that no test leaves a thread behind."""
    found: Relay[int, str, int] = Relay(
        kitchen.prepare, kitchen.serve, name="kitchen", busy=BUSY, batch_max=batch_max, waiting_max=waiting_max,
        enough=enough, at_ends=(kitchen.end, kitchen.end),
    )  # fmt: skip
    try:
        yield found
    finally:
        if kitchen.gate is not None:
            kitchen.let(50)
        found.close()


def answers(futures: Sequence[Future[int]]) -> list[int]:
    return [future.result(timeout=PATIENCE_S) for future in futures]


def begun(steps: Queue[int]) -> int:
    """How many are in the batch that begins next."""
    return steps.get(timeout=PATIENCE_S)


def keep_busy(door: Relay[int, str, int], kitchen: Kitchen, *, enough: int = 3) -> list[Future[int]]:
    """So many come while the first thread serves one alone that the second one gets them, and stands at the gate."""
    first = door.submit(20)
    assert (begun(kitchen.preparing), begun(kitchen.serving)) == (1, 1)
    others = [door.submit(20) for _ in range(enough)]
    kitchen.let()
    assert answers([first]) == [40]
    assert (begun(kitchen.preparing), begun(kitchen.serving)) == (enough, enough)
    return others


def test_one_caller_is_served_at_once_and_by_one_thread() -> None:
    kitchen = Kitchen()
    with relayed(kitchen) as door:
        assert door.submit(21).result(timeout=PATIENCE_S) == 42
        assert door.submit(4).result(timeout=PATIENCE_S) == 8
    assert kitchen.prepared == [[21], [4]]
    assert kitchen.threads == ["kitchen"] * 4


def test_the_next_batch_is_prepared_while_many_are_served() -> None:
    kitchen = Kitchen(gated=True)
    with relayed(kitchen) as door:
        before = keep_busy(door, kitchen)
        others = [door.submit(number) for number in (2, 3, 4)]
        assert begun(kitchen.preparing) == 3, "prepared while those before are still being served"
        assert not any(future.done() for future in before)
        kitchen.let(2)
        assert answers([*before, *others]) == [40, 40, 40, 4, 6, 8]
    assert kitchen.served == [["20"], ["20"] * 3, ["2", "3", "4"]]
    assert kitchen.threads[2:5] == ["kitchen", "kitchen second", "kitchen"]


def test_few_are_left_to_gather_while_many_are_served_and_taken_as_soon_as_that_is_done() -> None:
    kitchen = Kitchen(gated=True)
    with relayed(kitchen) as door:
        before = keep_busy(door, kitchen)
        few = [door.submit(number) for number in (2, 3)]
        with pytest.raises(Empty):
            kitchen.preparing.get(timeout=0.05)
        kitchen.let()
        assert answers(before) == [40] * 3
        assert begun(kitchen.serving) == 2, "nothing was prepared, so the end of the batch wakes the others"
        kitchen.let()
        assert answers(few) == [4, 6]
    assert kitchen.prepared == [[20], [20] * 3, [2, 3]]


def test_what_was_prepared_in_several_batches_is_served_in_one_and_in_order() -> None:
    kitchen = Kitchen(gated=True)
    with relayed(kitchen) as door:
        futures = keep_busy(door, kitchen)
        for three in ((2, 3, 4), (5, 6, 8)):
            futures += [door.submit(number) for number in three]
            assert begun(kitchen.preparing) == 3
        handed_over(door, 6)
        kitchen.let(2)
        assert answers(futures) == [40, 40, 40, 4, 6, 8, 10, 12, 16]
    assert kitchen.served[2:] == [["2", "3", "4", "5", "6", "8"]]


def handed_over(door: Relay[int, str, int], items: int) -> None:
    """Wait until so many stand before the second thread: between the two a batch is nowhere for a moment."""
    while door._second.inside() < items:
        threading.Event().wait(0.001)


def test_what_preparing_refuses_is_answered_before_the_batch_in_front_is_done() -> None:
    kitchen = Kitchen(gated=True)
    with relayed(kitchen) as door:
        before = keep_busy(door, kitchen)
        good, bad, fine = (door.submit(number) for number in (5, -5, 6))
        with pytest.raises(ValueError, match="-5 is negative"):
            bad.result(timeout=PATIENCE_S)
        assert not any(future.done() for future in before)
        kitchen.let(2)
        assert answers([*before, good, fine]) == [40, 40, 40, 10, 12]
    assert kitchen.served[2:] == [["5", "6"]]


@pytest.mark.parametrize("many", [1, 5])
def test_a_batch_of_which_nothing_is_left_to_serve_stops_nobody(many: int) -> None:
    kitchen = Kitchen()
    with relayed(kitchen) as door:
        for _ in range(20):
            for future in [door.submit(-1) for _ in range(many)]:
                with pytest.raises(ValueError, match="negative"):
                    future.result(timeout=PATIENCE_S)
        assert door.submit(1).result(timeout=PATIENCE_S) == 2
    assert kitchen.served == [["1"]]


@pytest.mark.parametrize(("number", "said"), [(13, "thirteen"), (66, "sixty-six")])
@pytest.mark.parametrize("busy", [True, False])
def test_a_batch_that_breaks_in_either_step_wakes_all_its_callers_and_the_next_is_served(
    *, number: int, said: str, busy: bool
) -> None:
    kitchen = Kitchen(gated=True)
    with relayed(kitchen) as door:
        if busy:
            keep_busy(door, kitchen)
        broken = [door.submit(each) for each in ((12, number, 14) if busy else (number,))]
        kitchen.let(3)
        for future in broken:
            with pytest.raises(RuntimeError, match=said):
                future.result(timeout=PATIENCE_S)
        assert door.submit(15).result(timeout=PATIENCE_S) == 30


@pytest.mark.parametrize("busy", [True, False])
def test_what_serving_refuses_is_its_callers_alone(*, busy: bool) -> None:
    kitchen = Kitchen(gated=True)
    with relayed(kitchen) as door:
        if busy:
            keep_busy(door, kitchen)
        six, seven, eight = (door.submit(number) for number in (6, 7, 8))
        kitchen.let(4)
        assert answers([six, eight]) == [12, 16]
        with pytest.raises(LookupError, match="missing"):
            seven.result(timeout=PATIENCE_S)


def test_whoever_is_prepared_still_takes_room_until_served() -> None:
    kitchen = Kitchen(gated=True)
    with relayed(kitchen, enough=2, waiting_max=3) as door:
        inside = keep_busy(door, kitchen, enough=2)
        inside += [door.submit(2), door.submit(3)]
        handed_over(door, 2)
        inside.append(door.submit(4))
        with pytest.raises(Refusal) as caught:
            door.submit(5)
        assert caught.value.code == "test_busy"
        kitchen.let(3)
        assert answers(inside) == [40, 40, 4, 6, 8]


def test_no_more_is_prepared_than_one_batch_can_serve() -> None:
    kitchen = Kitchen(gated=True)
    with relayed(kitchen, enough=2, batch_max=2) as door:
        futures = keep_busy(door, kitchen, enough=2)
        futures += [door.submit(number) for number in (2, 3)]
        assert begun(kitchen.preparing) == 2
        handed_over(door, 2)
        futures += [door.submit(number) for number in (4, 5, 6, 8)]
        with pytest.raises(Empty):  # those who come later wait where they can still be refused
            kitchen.preparing.get(timeout=0.05)
        kitchen.let(6)
        assert answers(futures) == [40, 40, 4, 6, 8, 10, 12, 16]
    assert all(len(batch) <= 2 for batch in kitchen.served)


def test_closing_serves_what_waits_in_both_places_and_each_thread_lets_go_of_its_own() -> None:
    kitchen = Kitchen(gated=True)
    with relayed(kitchen, enough=2, batch_max=2) as door:
        futures = keep_busy(door, kitchen, enough=2) + [door.submit(number) for number in (0, 1, 2, 3, 4)]
        kitchen.let(10)
    assert answers(futures) == [40, 40, 0, 2, 4, 6, 8]
    assert kitchen.ended == ["kitchen", "kitchen second"]
    assert not {"kitchen", "kitchen second"} & {thread.name for thread in threading.enumerate()}


def test_callers_of_one_loop_each_get_their_answer() -> None:
    kitchen = Kitchen()

    async def crowd(door: Relay[int, str, int]) -> list[int | BaseException]:
        asked = (door.ask(number) for number in (3, -3, 7, 4))
        return await asyncio.wait_for(asyncio.gather(*asked, return_exceptions=True), PATIENCE_S)

    with relayed(kitchen) as door:
        three, wrong, missing, four = asyncio.run(crowd(door))
    assert (three, four) == (6, 8)
    assert isinstance(wrong, ValueError)
    assert isinstance(missing, LookupError)


@settings(max_examples=25, deadline=None)
@given(st.lists(st.integers(20, 60), max_size=80), st.integers(1, 7), st.integers(1, 9))
def test_however_they_come_all_are_served_once_and_in_order(numbers: list[int], batch_max: int, enough: int) -> None:
    kitchen = Kitchen()
    with relayed(kitchen, batch_max=batch_max, enough=enough) as door:
        futures = [door.submit(number) for number in numbers]
        assert answers(futures) == [number * 2 for number in numbers]
    assert [number for batch in kitchen.prepared for number in batch] == numbers
    assert [text for batch in kitchen.served for text in batch] == [str(number) for number in numbers]
    assert all(1 <= len(batch) <= batch_max for batch in (*kitchen.prepared, *kitchen.served))
    assert kitchen.together == 0, "both threads served at a time"


def test_many_threads_at_once_lose_nobody() -> None:
    """Both threads rest and wake again and again; a wake-up that is lost would leave a caller waiting."""
    kitchen, wrong = Kitchen(), list[int]()
    with relayed(kitchen, enough=4) as door:

        def come(first: int) -> None:
            for number in range(first, first + 300):
                if door.submit(number).result(timeout=PATIENCE_S) != number * 2:
                    wrong.append(number)

        threads = [threading.Thread(target=come, args=(1_000 * (place + 1),)) for place in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(2 * PATIENCE_S)
        assert not any(thread.is_alive() for thread in threads)
    assert wrong == []
    assert kitchen.together == 0, "both threads served at a time"
    assert set(kitchen.threads) == {"kitchen", "kitchen second"}
    assert sum(map(len, kitchen.served)) == 2_400
