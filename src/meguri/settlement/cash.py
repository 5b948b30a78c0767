"""What a programme that was wound up owes to a holder, paid in cash at a counter instead of by bank transfer.

Settlement knows which yen a transfer speaks for already; so it is asked here, with its turn taken. A run that is made
at this moment comes before or after, and what was paid in cash is in no transfer: the books would not pay it twice
either, for what is owed is a balance.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction

from meguri.ledger import operations as ledger
from meguri.ledger.rules import Account, Leg, Posting
from meguri.ledger.templates import AccountRole
from meguri.parties.rules import require
from meguri.programmes import queries as programmes
from meguri.settlement.operations import take_turn
from meguri.settlement.payouts import unspoken_for
from meguri.settlement.rules import Due, LotYen
from meguri.settlement.takings import payables
from meguri.words.actor import Actor
from meguri.words.ids import uuid7
from meguri.words.refusal import declare

NOTHING_TO_PAY_BACK = declare(
    "nothing_to_pay_back",
    ja="この方に現金で払い戻す分はありません。", en="Nothing is owed to this holder that could be paid in cash.",
)
ON_ITS_WAY_BY_BANK = declare(
    "on_its_way_by_bank",
    ja="{yen}円は口座への振込の手続きに入っています。現金では渡せません。急ぐときは、会計担当が振込を取り下げてから渡してください。",
    en="{yen} yen are in a bank transfer under way and cannot be paid in cash. If it cannot wait, accounting withdraws "
       "the transfer first.",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class OwedInCash:
    """What a programme owes to a holder: `yen` that may be paid in cash, and those that are on their way by bank."""

    yen: int
    on_its_way_yen: int


@dataclass(frozen=True, slots=True)
class PaidBack:
    posting: UUID
    yen: int


def owed_in_cash(holder: UUID, *, programme: UUID, municipality: int, at: datetime) -> OwedInCash:
    """What is owed to a holder of a programme's unspent paid value, as it is now."""
    kinds = _kinds(programme, municipality=municipality, at=at)
    free = sum(lot.yen for lot in _of(unspoken_for(municipality), holder, kinds=kinds))
    return OwedInCash(free, sum(lot.yen for lot in _of(payables(municipality), holder, kinds=kinds)) - free)


@transaction.atomic
def pay_in_cash(*, holder: UUID, programme: UUID, by: Actor, at: datetime) -> PaidBack:
    """Pay all that a programme owes to a holder and no transfer speaks for, in the transaction that writes its receipt.

    Order: permission, the turn (a second clerk, or a run that is being made, comes before or after), what is free, one
    posting exact by lot.
    Raises Refusal `programme_unknown`, `not_allowed`, `nothing_to_pay_back`, `on_its_way_by_bank`.
    """
    view = programmes.programme(programme, municipality=by.municipality)
    if view is None:
        raise programmes.PROGRAMME_UNKNOWN.refusal()
    require(by, "settlement.pay_in_cash", department=view.department, municipality=by.municipality)
    take_turn(by.municipality)
    kinds = _kinds(programme, municipality=by.municipality, at=at)
    lots = _of(unspoken_for(by.municipality), holder, kinds=kinds)
    if not lots:
        waiting = sum(lot.yen for lot in _of(payables(by.municipality), holder, kinds=kinds))
        raise ON_ITS_WAY_BY_BANK.refusal(yen=waiting) if waiting else NOTHING_TO_PAY_BACK.refusal()
    source = Account(holder, AccountRole.PAYABLE)
    legs = tuple(Leg(source, Account(lot.fund, AccountRole.CASH_RECEIVED), lot.yen, (lot.lot,)) for lot in lots)
    ledger.open_accounts([leg.credit for leg in legs], municipality=by.municipality)
    posting = Posting(
        key=f"pay_back_cash:{uuid7(at)}", template="pay_back_cash", legs=legs, at=at, by=str(by.party or by.role),
        about={"programme": str(programme), "channel": "counter"},
    )  # fmt: skip
    made = ledger.post(posting, municipality=by.municipality)
    return PaidBack(made.posting, sum(lot.yen for lot in lots))


def _kinds(programme: UUID, *, municipality: int, at: datetime) -> set[UUID]:
    found = programmes.rules_in_force(municipality, at).purse_kinds.values()
    return {each.id for each in found if each.programme == programme}


def _of(dues: Iterable[Due], holder: UUID, *, kinds: set[UUID]) -> tuple[LotYen, ...]:
    """The lots of a holder that are of these purse kinds; a benefit for the bank is of none."""
    return tuple(lot for due in dues if due.owner == holder for lot in due.lots if lot.purse_kind in kinds)
