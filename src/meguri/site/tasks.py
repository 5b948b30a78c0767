"""What the installation does by itself."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta

from meguri.ledger.heads import lateness
from meguri.site.checking import faults

EVERY = {"check_everything": timedelta(days=1), "watch_log": timedelta(seconds=10)}
_log = logging.getLogger(__name__)


def check_everything(*, municipality: int, at: datetime) -> None:
    """Run every room's checks; what is wrong rings the alarm. Nothing is mended by itself."""
    for check, sentences in faults(municipality=municipality, at=at).items():
        for sentence in sentences:
            _log.error("municipality %s: %s: %s", municipality, check, sentence)


def watch_log(*, municipality: int, at: datetime) -> None:
    """Ring the alarm while receipts wait longer for their proof than was promised."""
    if late := lateness(municipality=municipality, at=at):
        _log.error("municipality %s: the log is behind: a receipt has waited %s for its proof", municipality, late)
