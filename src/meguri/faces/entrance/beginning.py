"""Before a request is answered: what was approved to rule from now on rules."""

from __future__ import annotations

import logging
from datetime import datetime

from meguri.programmes import operations

_log = logging.getLogger(__name__)


def begin_what_is_due(municipality: int, *, at: datetime) -> None:
    """Let amendments begin whose start has come: whoever asks first after the moment finds the new terms.

    A fault in one programme's document must not keep a whole town from its pages: it rings the alarm, and the worker
    tries again.
    """
    try:
        operations.begin_amendments(municipality=municipality, at=at)
    except Exception:  # noqa: BLE001 - see above
        _log.exception("municipality %s: an amendment whose start has come did not begin", municipality)
