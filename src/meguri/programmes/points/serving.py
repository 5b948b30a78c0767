"""Recording as one server process does it: while one batch is recorded, whoever comes meanwhile makes up the next.

An agreement of funders is one row that every grant must lock; a batch locks it once. Several processes may serve one
town: limits, shares and records are kept in the database alone, under its locks.
"""

from __future__ import annotations

import threading
from collections import defaultdict
from collections.abc import Sequence
from concurrent.futures import Future, wait
from dataclasses import dataclass
from datetime import datetime

from django.db import InterfaceError, OperationalError, close_old_connections, connections

from meguri.ledger.rules import LEDGER_BUSY
from meguri.ledger.wall import name_municipality
from meguri.programmes.points.operations import Recorded, Report, record_actions
from meguri.words.gathering import Gatherer
from meguri.words.refusal import Refusal

BATCH_MAX = 500
WAITING_MAX = 4_000
"""More who come at once are asked to try again; nothing is recorded then."""


@dataclass(frozen=True, slots=True)
class Coming:
    """A report that arrives in a town at a moment of its clock."""

    report: Report
    municipality: int
    at: datetime


def record_soon(coming: Coming) -> Recorded:
    """Record it together with whatever else arrives now; for callers that write nothing else.

    Raises Refusal as `operations.record_action`, and `ledger_busy`.
    """
    return _gatherer().submit(coming).result()


def record_all_soon(coming: Sequence[Coming]) -> list[Recorded | Refusal]:
    """Many from one caller, each with an answer of its own. What nobody expected is raised when all have been tried."""
    asked = [_gatherer().submit(each) for each in coming]
    wait(asked)
    return [_answer(each) for each in asked]


def _answer(asked: Future[Recorded]) -> Recorded | Refusal:
    try:
        return asked.result()
    except Refusal as refusal:
        return refusal


def stop() -> None:
    """Record who has come, then let the thread end; the next report starts another."""
    global _recording
    with _opening:
        stopping, _recording = _recording, None
    if stopping is not None:
        stopping.close()


_recording: Gatherer[Coming, Recorded] | None = None
_opening = threading.Lock()


def _gatherer() -> Gatherer[Coming, Recorded]:
    global _recording  # noqa: PLW0603 - one per process is the design
    with _opening:
        if _recording is None:
            _recording = Gatherer(
                _serve, name="points", busy=LEDGER_BUSY, batch_max=BATCH_MAX, waiting_max=WAITING_MAX,
                at_end=connections.close_all,
            )  # fmt: skip
        return _recording


def _serve(batch: Sequence[Coming]) -> list[Recorded | Exception]:
    spots: dict[int, list[int]] = defaultdict(list)
    for spot, coming in enumerate(batch):
        spots[coming.municipality].append(spot)
    answers: dict[int, Recorded | Exception] = {}
    for municipality, own in spots.items():
        found = _record([batch[spot] for spot in own], municipality=municipality)
        answers |= zip(own, found, strict=True)
    return [answers[spot] for spot in range(len(batch))]


def _record(coming: Sequence[Coming], *, municipality: int) -> Sequence[Recorded | Exception]:
    """One town's reports. What nobody expected befalls one of them alone, not all who came with it."""
    try:
        return _together(coming, municipality=municipality)
    except Exception as unexpected:  # noqa: BLE001 - whose it is shows when each is recorded by itself
        if len(coming) == 1:
            return [unexpected]
    return [_alone(each) for each in coming]


def _together(coming: Sequence[Coming], *, municipality: int) -> Sequence[Recorded | Exception]:
    try:
        return _try(coming, municipality=municipality)
    except (OperationalError, InterfaceError):  # a restart of the database breaks the connection once
        close_old_connections()
        return _try(coming, municipality=municipality)


def _alone(coming: Coming) -> Recorded | Exception:
    try:
        (answer,) = _try([coming], municipality=coming.municipality)
    except Exception as unexpected:  # noqa: BLE001 - its caller gets it
        return unexpected
    return answer


def _try(coming: Sequence[Coming], *, municipality: int) -> Sequence[Recorded | Exception]:
    name_municipality(municipality)
    reports = [each.report for each in coming]
    return record_actions(reports, municipality=municipality, at=max(each.at for each in coming))
