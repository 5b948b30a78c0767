"""What runs by itself. The sale server allots much sooner; this goes on where no such server stands."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction

from meguri.programmes.vouchers import line, opening, operations, orders
from meguri.programmes.vouchers.operations.applications import office
from meguri.words.refusal import Refusal

EVERY = {
    "allot_lines": timedelta(seconds=5), "lapse_and_move_up": timedelta(minutes=10),
    "open_rounds": timedelta(minutes=10),
}  # fmt: skip


def allot_lines(*, municipality: int, at: datetime) -> None:
    """Let every line move on by one step, and take back what was not paid in time."""
    for sale in line.lines(municipality):
        operations.allot(sale=sale, by=office(municipality), at=at)


def lapse_and_move_up(*, municipality: int, at: datetime) -> None:
    """After the deadline of a drawn sale unpaid rights lapse, and the next on its list move up."""
    for sale in orders.past_deadline(municipality, at=at):
        operations.lapse_unpaid(sale=sale, by=office(municipality), at=at)


def open_rounds(*, municipality: int, at: datetime) -> None:
    """Open what the approved document says is sold to whoever comes first: nobody has to be there on the morning.

    A round that cannot open yet (its leftovers are not known, nothing is left) is tried again the next time. One that
    is drawn waits for a person, who names the public value of its draw.
    """
    for programme, code in opening.rounds_to_open(municipality, at=at):
        try:
            with transaction.atomic():
                operations.open_sale(programme=programme, round_code=code, by=office(municipality), at=at)
        except Refusal:
            continue
