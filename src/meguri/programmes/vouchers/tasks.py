"""What runs by itself. The sale server allots much sooner; this goes on where no such server stands."""

from __future__ import annotations

from datetime import datetime, timedelta

from meguri.programmes.vouchers import line, operations, orders
from meguri.programmes.vouchers.operations.applications import office

EVERY = {"allot_lines": timedelta(seconds=5), "lapse_and_move_up": timedelta(minutes=10)}


def allot_lines(*, municipality: int, at: datetime) -> None:
    """Let every line move on by one step, and take back what was not paid in time."""
    for sale in line.lines(municipality):
        operations.allot(sale=sale, by=office(municipality), at=at)


def lapse_and_move_up(*, municipality: int, at: datetime) -> None:
    """After the deadline of a drawn sale unpaid rights lapse, and the next on its list move up."""
    for sale in orders.past_deadline(municipality, at=at):
        operations.lapse_unpaid(sale=sale, by=office(municipality), at=at)
