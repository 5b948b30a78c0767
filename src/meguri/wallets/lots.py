"""The lots behind one purse of a wallet, in the order in which something is taken out of it."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from meguri.ledger import queries as books
from meguri.ledger.rules import INSUFFICIENT
from meguri.ledger.templates import AccountRole
from meguri.programmes.rules import PurseKindView


def lots_of(
    holder: UUID, kind: PurseKindView, *, expires_at: datetime | None, amount_yen: int, municipality: int
) -> list[int]:
    """The lots of one purse, in the order of the terms' funds. Raises Refusal `insufficient`."""
    held = [
        each for each in books.balances([holder], AccountRole.WALLET, municipality=municipality)
        if (each.lot.purse_kind, each.lot.expires_at) == (kind.id, expires_at) and each.amount > 0
    ]  # fmt: skip
    available = sum(each.amount for each in held)
    if available < amount_yen:
        raise INSUFFICIENT.refusal(field="amount_yen", available=available, wanted=amount_yen)
    order = kind.fund_order
    held.sort(key=lambda each: (order.index(each.lot.fund) if each.lot.fund in order else len(order), each.lot.id))
    return [each.lot.id for each in held]
