"""The line as one server process keeps it: who comes is placed in batches, the line moves on by itself, and how it
stands is known without asking the database for each person.

Several processes may serve one sale: places and units are given in the database alone, under its locks.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from django.db import InterfaceError, OperationalError, close_old_connections, connections

from meguri.ledger import queries as balances
from meguri.ledger.wall import name_municipality
from meguri.programmes.vouchers import line, operations
from meguri.programmes.vouchers.line import LineView
from meguri.programmes.vouchers.operations import Placed, Wish
from meguri.programmes.vouchers.operations.applications import office
from meguri.programmes.vouchers.rules import LINE_BUSY
from meguri.words.clock import now
from meguri.words.gathering import Gatherer
from meguri.words.refusal import Refusal

BATCH_MAX = 500
WAITING_MAX = 20_000
"""More who come at once are asked to try again; none has a place then."""
MOVES_EVERY_S = 0.25
"""How often the line moves on while somebody waits, and how old its public state may be."""
ABSENT_S, ABSENT_MAX = 2.0, 10_000
"""How long, and for how many addresses, it is remembered that there is no line."""
FORGOTTEN_AFTER_S = 120.0
"""A line that nobody has asked for in so long is not looked at any more."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Line:
    """Which line: of which sale, in which town."""

    municipality: int
    sale: UUID


@dataclass(frozen=True, slots=True)
class Coming:
    """Somebody who comes to a line at a moment of the town's clock."""

    line: Line
    wish: Wish
    at: datetime


@dataclass(slots=True)
class _Known:
    view: LineView
    asked_at: float  # monotonic seconds


class Serving:
    """One process's share in all lines: a thread that gives places, and one that moves the lines on."""

    def __init__(self) -> None:
        self._known: dict[Line, _Known] = {}
        self._given: dict[tuple[Line, UUID | None], Placed] = {}
        self._absent: dict[Line, tuple[float, Refusal]] = {}
        self._stopping = threading.Event()
        self._places = Gatherer(
            self._serve, name="line", busy=LINE_BUSY, batch_max=BATCH_MAX, waiting_max=WAITING_MAX,
            at_end=connections.close_all,
        )  # fmt: skip
        self._mover = threading.Thread(target=self._move, name="line moves", daemon=True)
        self._mover.start()

    async def come(self, coming: Coming) -> Placed:
        """Take a place. Who was given one here before is answered at once, however often they ask.

        Raises Refusal as `operations.line_up`, and `voucher_line_busy`.
        """
        mine = (coming.line, coming.wish.by.party)
        given = self._given.get(mine)
        if given is None:
            placed = await self._places.ask(coming)
            self._given[mine] = replace(placed, is_new=False)
            return placed
        return given

    def known(self, wanted: Line) -> LineView | None:
        """How the line stood a moment ago, without asking anybody; None where it has not been looked at yet."""
        found = self._known.get(wanted)
        if found is None:
            return None
        found.asked_at = time.monotonic()
        return found.view

    def look(self, wanted: Line) -> LineView:
        """How the line stands, from the database; from now on this process keeps it in sight. Raises as `line.line`."""
        self._refuse_again(wanted)
        name_municipality(wanted.municipality)
        try:
            view = line.line(wanted.sale, municipality=wanted.municipality)
        except Refusal as refusal:
            self._absent[wanted] = (time.monotonic(), refusal)
            raise
        self._known[wanted] = _Known(view, time.monotonic())
        return view

    def _refuse_again(self, wanted: Line) -> None:
        """Who asks a thousand times for a line that is not there asks the database a few times only."""
        if len(self._absent) > ABSENT_MAX:
            self._absent.clear()
        looked_at, refusal = self._absent.get(wanted, (0.0, None))
        if refusal is not None and time.monotonic() - looked_at < ABSENT_S:
            raise refusal

    def stop(self) -> None:
        """Place who has come, then let the threads end."""
        self._places.close()
        self._stopping.set()
        self._mover.join()

    def _serve(self, batch: Sequence[Coming]) -> list[Placed | Exception]:
        answers: dict[int, Placed | Exception] = {}
        for wanted in {coming.line for coming in batch}:
            spots = [spot for spot, coming in enumerate(batch) if coming.line == wanted]
            answers |= dict(zip(spots, _place(wanted, [batch[spot] for spot in spots]), strict=True))
        return [answers[spot] for spot in range(len(batch))]

    def _move(self) -> None:
        while not self._stopping.wait(MOVES_EVERY_S):
            for wanted in self._in_sight():
                try:
                    self._move_one(wanted)
                except (OperationalError, InterfaceError):  # the database restarts: the next turn finds it again
                    close_old_connections()
                except Refusal as refusal:
                    _log.info("line of sale %s: %s", wanted.sale, refusal)
                    self._known.pop(wanted, None)
        connections.close_all()

    def _in_sight(self) -> list[Line]:
        oldest = time.monotonic() - FORGOTTEN_AFTER_S
        for wanted in [each for each, known in list(self._known.items()) if known.asked_at < oldest]:
            self._known.pop(wanted, None)
            for mine in [mine for mine in list(self._given) if mine[0] == wanted]:
                self._given.pop(mine, None)
        return list(self._known)

    def _move_one(self, wanted: Line) -> None:
        name_municipality(wanted.municipality)
        town = balances.municipality(wanted.municipality)
        at = now(town.clock_offset) if town else now()
        view = line.line(wanted.sale, municipality=wanted.municipality)
        if view.last > view.served or view.reserved:
            while operations.allot(sale=wanted.sale, by=office(wanted.municipality), at=at):
                pass
            view = line.line(wanted.sale, municipality=wanted.municipality)
        found = self._known.get(wanted)
        if found is not None:
            found.view = view


def _place(wanted: Line, coming: Sequence[Coming]) -> list[Placed | Exception]:
    for last_try in (False, True):
        try:
            name_municipality(wanted.municipality)
            return list(operations.line_up(
                [each.wish for each in coming], sale=wanted.sale, municipality=wanted.municipality,
                at=max(each.at for each in coming),
            ))  # fmt: skip
        except Refusal as refusal:  # of the line itself: the same for all
            return [refusal for _ in coming]
        except (OperationalError, InterfaceError):  # a restart of the database breaks the connection once
            close_old_connections()
            if last_try:
                raise
    return []


_serving: Serving | None = None
_opening = threading.Lock()


def serving() -> Serving:
    """The one of this process; it starts with the first call."""
    global _serving  # noqa: PLW0603 - one per process is the design
    with _opening:
        if _serving is None:
            _serving = Serving()
        return _serving


def stop() -> None:
    """End it, if it ever started."""
    global _serving
    with _opening:
        stopping, _serving = _serving, None
    if stopping is not None:
        stopping.stop()
