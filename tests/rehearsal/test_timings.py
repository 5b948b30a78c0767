"""How long the server took, by operation."""

from __future__ import annotations

import csv
import threading
from pathlib import Path

import pytest

from meguri.rehearsal.leavings import write_requests
from meguri.rehearsal.timings import OperationTime, Timings


def noted(**seconds: list[float]) -> Timings:
    found = Timings()
    for operation, taken in seconds.items():
        for each in taken:
            found.note(operation, each)
    return found


def test_the_dearest_operation_comes_first() -> None:
    table = noted(quick=[0.001] * 50, slow=[0.4, 0.2]).table()
    assert [row.operation for row in table] == ["slow", "quick"]
    assert (table[0].requests, table[0].seconds, table[0].mean_ms, table[0].most_ms) == (2, 0.6, 300.0, 400.0)


def test_percentiles_are_those_of_the_ordered_durations() -> None:
    (row,) = noted(pay=[ms / 1_000 for ms in reversed(range(100))]).table()
    assert (row.median_ms, row.p95_ms, row.p99_ms, row.most_ms) == (50.0, 95.0, 99.0, 99.0)


def test_a_single_request_is_its_own_percentiles() -> None:
    assert noted(draw=[0.07]).table() == [OperationTime("draw", 1, 0.07, 70.0, 70.0, 70.0, 70.0, 70.0)]


def test_a_block_that_raises_is_timed_too() -> None:
    timings = Timings()
    with pytest.raises(ValueError, match="no"), timings.timed("pay"):
        raise ValueError("no")
    assert timings.requests == 1


def test_many_threads_lose_no_request() -> None:
    timings = Timings()
    threads = [
        threading.Thread(target=lambda: [timings.note("pay", 0.01) for _ in range(500)]) for _ in range(8)
    ]  # fmt: skip
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert timings.requests == 4_000


def test_the_table_is_left_beside_the_run_and_says_that_the_town_is_invented(tmp_path: Path) -> None:
    write_requests(noted(pay=[0.02, 0.04], draw=[0.5]), tmp_path)
    label, *lines = (tmp_path / "requests.csv").read_text(encoding="utf-8").splitlines()
    assert "架空" in label
    rows = list(csv.DictReader(lines))
    assert [(row["operation"], row["requests"], row["p95_ms"]) for row in rows] == [
        ("draw", "1", "500.0"), ("pay", "2", "40.0"),
    ]  # fmt: skip


def test_a_run_that_asked_nothing_keeps_the_table_of_the_run_before(tmp_path: Path) -> None:
    write_requests(noted(pay=[0.02]), tmp_path)
    before = (tmp_path / "requests.csv").read_bytes()
    write_requests(Timings(), tmp_path)
    assert (tmp_path / "requests.csv").read_bytes() == before
