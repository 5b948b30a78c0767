"""How long the server took: the same run that fills a town is its load test."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock
from typing import NamedTuple


class OperationTime(NamedTuple):
    """What one operation took in a run, as the caller saw it: repeated requests and their waits included."""

    operation: str
    requests: int
    seconds: float
    mean_ms: float
    median_ms: float
    p95_ms: float
    p99_ms: float
    most_ms: float


class Timings:
    """Durations by operation. Several threads may note theirs."""

    def __init__(self) -> None:
        self._seconds: dict[str, list[float]] = defaultdict(list)
        self._lock = Lock()

    @property
    def requests(self) -> int:
        """All requests so far."""
        with self._lock:
            return sum(map(len, self._seconds.values()))

    def note(self, operation: str, seconds: float) -> None:
        with self._lock:
            self._seconds[operation].append(seconds)

    @contextmanager
    def timed(self, operation: str) -> Iterator[None]:
        """Note how long the block took, also when it raised."""
        began = time.perf_counter()
        try:
            yield
        finally:
            self.note(operation, time.perf_counter() - began)

    def table(self) -> list[OperationTime]:
        """The operations, those first that took most of the time."""
        with self._lock:
            found = [_row(name, sorted(taken)) for name, taken in self._seconds.items()]
        return sorted(found, key=_dearest)


def _row(operation: str, ordered: list[float]) -> OperationTime:
    whole, count = sum(ordered), len(ordered)
    return OperationTime(
        operation=operation, requests=count, seconds=round(whole, 3), mean_ms=_ms(whole / count),
        median_ms=_ms(ordered[count // 2]), p95_ms=_ms(ordered[count * 95 // 100]),
        p99_ms=_ms(ordered[count * 99 // 100]), most_ms=_ms(ordered[-1]),
    )  # fmt: skip


def _ms(seconds: float) -> float:
    return round(seconds * 1_000, 2)


def _dearest(row: OperationTime) -> tuple[float, str]:
    return -row.seconds, row.operation
