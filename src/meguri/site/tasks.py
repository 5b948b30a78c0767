"""What the installation does by itself."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta
from uuid import UUID

from meguri.ledger import queries as books
from meguri.ledger.heads import lateness
from meguri.programmes import operations, queries
from meguri.programmes.benefits import queries as benefits
from meguri.programmes.vouchers import queries as vouchers
from meguri.site.checking import faults
from meguri.site.keeping import clear_away, is_lived, place_of
from meguri.site.processes import Child
from meguri.words.actor import Actor, ActorRole

EVERY = {
    "check_everything": timedelta(days=1), "watch_log": timedelta(seconds=10), "live_dry_runs": timedelta(seconds=5),
    "tell_amendments": timedelta(minutes=1),
}  # fmt: skip
OF_ONE_MOMENT = {"check_everything"}
"""Payments go on while everything is checked: all of it is read as of one moment."""
_log = logging.getLogger(__name__)
_keepers: dict[int, Child] = {}
"""By municipality, the process that this worker started to keep its dry runs."""


def check_everything(*, municipality: int, at: datetime) -> None:
    """Run every room's checks; what is wrong rings the alarm. Nothing is mended by itself."""
    for check, sentences in faults(municipality=municipality, at=at).items():
        for sentence in sentences:
            _log.error("municipality %s: %s: %s", municipality, check, sentence)


def watch_log(*, municipality: int, at: datetime) -> None:
    """Ring the alarm while receipts wait longer for their proof than was promised.

    A rehearsed town whose clock is moved is left out: its clock jumps by hours, which says nothing about seconds.
    """
    town = books.municipality(municipality)
    if town is None or town.clock_offset:
        return
    if late := lateness(municipality=municipality, at=at):
        _log.error("municipality %s: the log is behind: a receipt has waited %s for its proof", municipality, late)


def live_dry_runs(*, municipality: int, at: datetime) -> None:
    """Start a process for the dry run that waits longest; say of one whose process is gone that it was cut."""
    under_way = queries.dry_runs_under_way(municipality)
    known = _keepers.get(municipality)
    if not under_way or is_lived(municipality) or (known is not None and not known.ended):
        return
    if operations.cut_dry_runs(by=Actor(municipality, ActorRole.SYSTEM), at=at):
        clear_away(place_of(municipality))
    waiting = next((each for each in under_way if each.state == "asked"), None)
    if waiting is not None:
        _keepers[municipality] = Child("meguri.site.dry_run", (str(municipality), str(waiting.id)), lasting=False)
        _keepers[municipality].start()


def tell_amendments(*, municipality: int, at: datetime) -> None:
    """Who holds value of a programme, or applied for it, hears of its coming amendment soon after it was approved."""
    for programme in queries.to_tell(municipality):
        awaited_by = frozenset[UUID]().union(
            *(of_kind.awaited_by(programme, municipality=municipality) for of_kind in (vouchers, benefits))
        )
        by = Actor(municipality, ActorRole.SYSTEM)
        operations.tell_amendment(programme=programme, awaited_by=awaited_by, by=by, at=at)
