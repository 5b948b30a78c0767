"""Points taken back after they were spent: a debt that is seen, and that later grants repay before they arrive. Pure.

A debt is a balance of the holder in the role `debt`, one for each fund, in yen; it is no money, and no purse ever falls
below zero. Taking points back is always the same two legs: the holder owes all of it (allotment -> debt), and gives at
once what the wallet still has (wallet -> fund, `up_to`, drawing on the debt as its limit). What had gone back by itself
(shrunk, expired) stands between the two as given back (debt -> used). A later grant carries the last leg too. So owed,
given and repaid are decided in one locked step, fund by fund.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from uuid import UUID

from meguri.ledger.refunds import Refundable
from meguri.ledger.rules import Account, Leg, Limit
from meguri.ledger.templates import AccountRole


def owing(holder: UUID) -> Account:
    """The account of what a holder has to give back."""
    return Account(holder, AccountRole.DEBT)


def owed(each: Refundable, yen: int, *, debt_lot: int, allowance_lot: int) -> Leg:
    """The holder who was granted `each` owes `yen` of it to its fund; never more than was granted."""
    holder = each.credit.owner
    return Leg(
        Account(holder, AccountRole.ALLOTMENT), owing(holder), yen, (debt_lot,),
        limits=(Limit(each.allowance, allowance_lot),),
    )  # fmt: skip


def counted(way: Refundable, yen: int, *, holder: UUID, debt_lot: int, allowance_lot: int) -> Leg:
    """What went back by itself, by the entry `way`, is owed no more; and no undoing of that entry puts it back."""
    return Leg(
        owing(holder), Account(holder, AccountRole.USED), yen, (debt_lot,),
        limits=(Limit(way.allowance, allowance_lot),),
    )  # fmt: skip


def repaid(holder: UUID, *, to: Account, yen: int, lots: Sequence[int], debt_lot: int) -> Leg:
    """What the wallet gives back in these lots to where it came from: up to `yen`, and never more than is owed."""
    return Leg(
        Account(holder, AccountRole.WALLET), to, yen, tuple(lots), up_to=True,
        limits=(Limit(owing(holder), debt_lot),),
    )  # fmt: skip


def repaying(legs: Iterable[Leg], *, debt_lots: Mapping[tuple[UUID, UUID], int]) -> tuple[Leg, ...]:
    """What these legs of a grant repay before the rest stays in the wallet; `debt_lots` by holder and fund."""
    return tuple(
        repaid(leg.credit.owner, to=leg.debit, yen=leg.amount, lots=(leg.credit_lot,),
               debt_lot=debt_lots[leg.credit.owner, leg.debit.owner])
        for leg in legs
        if leg.credit_lot and (leg.credit.owner, leg.debit.owner) in debt_lots
    )  # fmt: skip
