"""What the office has made unasked for by any page: large print files, of booklets or of letters."""

from __future__ import annotations

from datetime import datetime, timedelta

from meguri.faces.office.print_making import make_next_part
from meguri.wallets.print_tries import Try, count_try, next_try

EVERY = {"make_print_files": timedelta(seconds=20)}
_counted: dict[int, Try] = {}
"""By municipality, the try that this process counted and has not begun: another process's may have killed it."""


def make_print_files(*, municipality: int, at: datetime) -> bool:
    """Count a try of the next part, or make the part whose try was counted: two turns, so two transactions.

    Gives whether there is more to do at once; after a part that failed there is not: what failed for a moment may heal.
    """
    counted = _counted.pop(municipality, None)
    if counted is not None and counted == next_try(municipality):
        return make_next_part(municipality, at=at)
    fresh = count_try(municipality, at=at)
    if fresh is not None:
        _counted[municipality] = fresh
    return fresh is not None
