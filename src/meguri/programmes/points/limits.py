"""Ceilings as the books keep them: one lot each, shared by all; what a person has used is that person's balance."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from meguri.ledger import operations as books
from meguri.ledger import queries as balances
from meguri.ledger.rules import Account
from meguri.ledger.templates import AccountRole
from meguri.programmes.points.rules import Ceiling


def lot_of(ceiling: Ceiling, *, municipality: int) -> int:
    """A ceiling in yen opens itself on first touch; times are allotted, as a leg of yen cannot draw on them."""
    if ceiling.unit == "yen":
        return books.allowance_lot(
            municipality=municipality, allowed=ceiling.allowed, unit="yen", opening=ceiling.most
        )
    return books.allowance_lot(municipality=municipality, allowed=ceiling.allowed, unit="piece")


def left_of(ceilings: Sequence[Ceiling], resident: UUID, *, municipality: int) -> dict[UUID, int]:
    """What a person may still draw on each ceiling, by what it allows."""
    used = Account(resident, AccountRole.USED)
    return {
        each.allowed: each.most
        - balances.balance(used, lot=lot_of(each, municipality=municipality), municipality=municipality)
        for each in ceilings
    }
