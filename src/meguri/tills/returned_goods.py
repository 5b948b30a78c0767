"""Goods that come back after a bill was paid with paper notes: how many notes go back, and what of it in cash. Pure.

A note is one piece: no change was given on it, so none is given back of it. What the customer keeps is paid anew in
thought: with as many of the notes as fit, and the rest in cash.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class WayBack:
    """One way to settle: whole notes that go back, cash that the shop gives (below zero: gets), and what the customer
    forgoes because no change is given (yen).
    """

    notes: int
    cash_yen: int
    forgone_yen: int


def ways_back(*, notes: int, face_yen: int, cash_yen: int, kept_yen: int) -> tuple[WayBack, ...]:
    """The ways to settle a bill that was paid with `notes` of one face and some cash, when goods worth `kept_yen` stay.

    The first gives back as many notes as can be; where the customer must add cash for that, the other asks for none.
    In each the notes, the cash and what is forgone add up to what was paid and is not kept. Nothing where goods worth
    more than was paid would stay.
    """
    if not 0 <= kept_yen <= notes * face_yen + cash_yen:
        return ()
    return tuple(_ways(notes=notes, face_yen=face_yen, cash_yen=cash_yen, kept_yen=kept_yen))


def _ways(*, notes: int, face_yen: int, cash_yen: int, kept_yen: int) -> Iterator[WayBack]:
    stay = min(kept_yen // face_yen, notes)
    cash = cash_yen - (kept_yen - stay * face_yen)
    yield WayBack(notes - stay, cash, 0)
    if cash < 0:  # one note more stays, so that nobody has to add cash
        yield WayBack(notes - stay - 1, cash_yen, (stay + 1) * face_yen - kept_yen)
