"""What a buyer owes after a payment was withdrawn, taken in cash at the counter.

The value was spent, so the shops have it. What was owed to the buyers' own fund is cash that the sale counted as
received and that never came: now it has come, and no money moves in the books. What was owed to a budget comes back to
it. Both make the debt smaller by the same yen, in one posting.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction

from meguri.ledger import operations as books
from meguri.ledger import queries as balances
from meguri.ledger.debts import owing
from meguri.ledger.rules import INSUFFICIENT, LIMIT_REACHED, Account, Leg, Limit, Posting
from meguri.ledger.templates import AccountRole
from meguri.parties.rules import require
from meguri.programmes import queries as programmes
from meguri.programmes.parts import Funder
from meguri.programmes.vouchers import rules
from meguri.programmes.vouchers.models import ReceiptKind
from meguri.programmes.vouchers.offer import find_offer
from meguri.programmes.vouchers.operations.receipts import fresh_receipt
from meguri.words.actor import Actor
from meguri.words.refusal import Refusal


@dataclass(frozen=True, slots=True)
class _Owed:
    """What is owed to one fund, in yen; `lot` counts it."""

    fund: UUID
    yen: int
    lot: int
    is_buyers: bool


@transaction.atomic
def take_debt(*, programme: UUID, holder: UUID, yen: int, by: Actor, at: datetime) -> UUID:
    """Take cash for what a holder owes to a programme's funds, in whole or in part; gives the receipt's id.

    What never came for the vouchers themselves is repaid first, then each budget in the order of the terms. The
    funders' shares stand as they were: the value was granted and spent. Order: permission, the receipt's number (who
    comes second finds what the first left), what is owed, one posting, the receipt.
    Raises Refusal `programme_unknown`, `not_allowed`, `voucher_nothing_owed`, `voucher_owed_less`.
    """
    offer = find_offer(programme, municipality=by.municipality)
    require(by, "voucher.sell_at_counter", department=offer.department, municipality=by.municipality)
    receipt = fresh_receipt(department=offer.department, by=by, at=at)
    owed = _owed(holder, programme=programme, municipality=by.municipality)
    most = sum(each.yen for each in owed)
    if not most:
        raise rules.NOTHING_OWED.refusal()
    if not 1 <= yen <= most:
        raise rules.OWED_LESS.refusal(field="amount_yen", available=most, wanted=yen)
    posting = Posting(
        key=f"repay_purchase:{receipt.id}", template="repay_purchase", at=at, by=str(by.party),
        legs=tuple(_legs(holder, owed, yen=yen, municipality=by.municipality)), about={"programme": str(programme)},
    )  # fmt: skip
    try:
        receipt.posting = books.post(posting, municipality=by.municipality).posting
    except Refusal as refusal:
        if refusal.kind in (INSUFFICIENT, LIMIT_REACHED):  # a purchase has repaid some at this very moment
            raise rules.OWED_LESS.refusal(
                field="amount_yen", available=refusal.facts["available"], wanted=yen
            ) from refusal
        raise
    receipt.kind, receipt.programme, receipt.holder, receipt.price_yen = ReceiptKind.DEBT, programme, holder, yen
    receipt.save(force_insert=True)
    return receipt.id


def _owed(holder: UUID, *, programme: UUID, municipality: int) -> list[_Owed]:
    """What is owed to the funds of a programme, the buyers' own first, then in the order of the terms."""
    funds = programmes.funds(municipality, programme=programme)
    found = {each.fund: each for each in balances.debts([holder], municipality=municipality)}
    owed = [
        _Owed(fund.id, found[fund.id].yen, found[fund.id].lot, fund.funder == Funder.BUYERS)
        for fund in funds if fund.id in found and found[fund.id].yen
    ]  # fmt: skip
    return sorted(owed, key=lambda each: not each.is_buyers)


def _legs(holder: UUID, owed: Iterable[_Owed], *, yen: int, municipality: int) -> Iterable[Leg]:
    for each in owed:
        part = min(each.yen, yen)
        yen -= part
        if not part:
            continue
        if each.is_buyers:
            yield Leg(owing(holder), Account(holder, AccountRole.USED), part, (each.lot,))
            continue
        till = Account(each.fund, AccountRole.CASH_RECEIVED)
        books.open_accounts([till], municipality=municipality)
        own = books.fund_lot(each.fund, municipality=municipality)
        yield Leg(till, Account(each.fund, AccountRole.FUND), part, (own,), limits=(Limit(owing(holder), each.lot),))
