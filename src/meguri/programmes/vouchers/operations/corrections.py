"""Cash at the counter that was a mistake: undone by its clerk on the same day, before the till is counted; afterwards
put right by two officers, with a receipt of its own that the next cash-up counts. Both turn the posting round, once.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from uuid import UUID

from django.db import transaction

from meguri.ledger import operations as books
from meguri.ledger import queries as entries
from meguri.ledger.templates import AccountRole
from meguri.notices.operations import send
from meguri.parties import operations as parties
from meguri.parties import queries as asked
from meguri.parties.operations.approvals import APPROVAL_UNKNOWN
from meguri.parties.queries import ApprovalView
from meguri.parties.rules import digest_of, require
from meguri.programmes.vouchers import rules, wording
from meguri.programmes.vouchers.models import Application, ApplicationState, CounterReceipt, ReceiptKind
from meguri.programmes.vouchers.offer import find_offer
from meguri.programmes.vouchers.operations.applications import locked_application, office
from meguri.programmes.vouchers.operations.receipts import fresh_receipt
from meguri.programmes.vouchers.operations.withdrawing import withdraw_purchase
from meguri.words.actor import Actor
from meguri.words.period import day_of
from meguri.words.refusal import declare

CORRECTED_BY = "voucher.correct_cash"
"""The permission of whoever approves a correction."""
UNDONE_BY = {ReceiptKind.DEBT: "undo_repay_purchase", ReceiptKind.PAID_BACK: "undo_pay_back_cash"}
"""How a posting is turned round, by the kind of its receipt; a sale is withdrawn as a whole."""

CASH_STANDS = declare(
    "voucher_cash_stands",
    ja="この領収書は取り消せません。取り消せるのは、自分が窓口で扱った現金だけです。ほかは訂正を起票してください。",
    en="This receipt cannot be undone: only cash that you took or paid yourself can. Please ask for a correction.",
)
CASH_COUNTED = declare(
    "voucher_cash_counted",
    ja="締めたあとの現金は取り消せません。この画面で訂正を起票し、承認を受けてください。",
    en="Cash that has been counted cannot be undone. Please ask here for a correction, which another officer approves.",
)
CASH_OF_ANOTHER_DAY = declare(
    "voucher_cash_of_another_day",
    ja="取り消せるのは当日のうちだけです({day}の領収書)。この画面で訂正を起票し、承認を受けてください。",
    en="Cash can be undone on its own day only (this is of {day}). Please ask here for a correction.",
)
CASH_PUT_RIGHT = declare(
    "voucher_cash_put_right",
    ja="この領収書は、すでに取り消したか訂正したものです。", en="This receipt has been undone or corrected already.",
)
CASH_REASON_MISSING = declare(
    "voucher_cash_reason_missing", status=422,
    ja="取り消す理由を書いてください。", en="Please write why it is undone.",
)
SALE_SPENT = declare(
    "voucher_sale_spent",
    ja="この販売で渡した{face}円分のうち、{back}円分しか財布に残っていません。使われた分があるので、取り消せません。",
    en="Only {back} of the {face} yen of this sale are left in the wallet. Some was spent, so it cannot be undone.",
)
SALE_RECEIVED = declare(
    "voucher_sale_received",
    ja="この販売の{face}円分のうち、自分で買った分として残っているのは{own}円です。ほかの人から受け取った分は、現金になりません。",
    en="Of the {face} yen of this sale, {own} yen are left of what was bought. What came from other people never "
       "becomes cash.",
)  # fmt: skip


@transaction.atomic
def undo_cash(*, receipt: UUID, because: str, by: Actor, at: datetime) -> None:
    """Undo what the clerk took or paid by mistake, on its day and before the till is counted: it never happened.

    A sale is undone while all that it brought is still in the wallet; the right to buy is there again. The receipt
    keeps its number. Again is the same. Order: the receipt's row (a cash-up waits for it), permission, state, the
    posting turned round, the row.
    Raises Refusal `voucher_receipt_unknown`, `not_allowed`, `voucher_cash_stands`, `voucher_cash_counted`,
    `voucher_cash_put_right`, `voucher_cash_of_another_day`, `voucher_cash_reason_missing`, `voucher_sale_spent`,
    `voucher_sale_received`, `insufficient` (the budget has spent it since).
    """
    row = _locked(receipt, by)
    require(by, "voucher.sell_at_counter", department=row.department, municipality=by.municipality)
    if row.kind == ReceiptKind.CORRECTION or row.clerk != by.party:
        raise CASH_STANDS.refusal()
    if row.undone_at is not None:
        return
    if row.cash_up_id is not None:
        raise CASH_COUNTED.refusal()
    if _is_corrected(row):
        raise CASH_PUT_RIGHT.refusal()
    if day_of(row.sold_at) != day_of(at):
        raise CASH_OF_ANOTHER_DAY.refusal(day=day_of(row.sold_at).isoformat())
    row.undone_because = _reason(because)
    row.undoing, row.undone_at = _turn_round(row, key=f"undo_cash:{row.id}", by=by, at=at), at
    row.save(update_fields=["undoing", "undone_at", "undone_because"])


@transaction.atomic
def propose_correction(
    *, receipt: UUID, because: str, by: Actor, at: datetime, paper_back: Callable[[], object] = lambda: None
) -> UUID:
    """Ask that cash be put right which can no longer be undone; gives the approval's id. What could not be put right
    now is refused to who asks, not first to who approves: it is tried, with `paper_back` for what was handed over as
    paper, in the order in which it will be done, and all of that is forgotten again.

    Raises Refusal `voucher_receipt_unknown`, `not_allowed`, `voucher_cash_put_right`, `voucher_cash_stands`,
    `voucher_cash_reason_missing`, `voucher_sale_spent`, `approval_open`, and as `paper_back`.
    """
    with transaction.atomic():
        paper_back()
        row = _locked(receipt, by)
        require(by, "voucher.sell_at_counter", department=row.department, municipality=by.municipality)
        _require_correctable(row)
        reason = _reason(because)
        _turn_round(row, key=f"correct_cash:{row.id}", by=by, at=at)
        transaction.set_rollback(True)
    _require_correctable(_locked(receipt, by))
    return parties.propose(
        CORRECTED_BY, object_id=row.id, digest=_digest(row), department=row.department, by=by, at=at, note=reason
    )


@transaction.atomic
def approve_correction(*, receipt: UUID, by: Actor, at: datetime) -> UUID:
    """Put it right: the posting is turned round, and whoever asked has a receipt for the cash that they move now.

    Gives that receipt's id; the next cash-up of its clerk counts it. Order: the receipt's row, its state, the approval,
    the number, the posting, the new row.
    Raises Refusal `voucher_receipt_unknown`, `voucher_cash_put_right`, `voucher_cash_stands`, `voucher_sale_spent`, and
    as `parties.operations.approve`.
    """
    row = _locked(receipt, by)
    _require_correctable(row)
    made = parties.approve(_open_request(row), _digest(row), by=by, at=at)
    assert made.made_by is not None  # noqa: S101 - an officer asked
    fresh = fresh_receipt(department=row.department, by=by, at=at)
    fresh.clerk, fresh.kind, fresh.corrects, fresh.price_yen = made.made_by, ReceiptKind.CORRECTION, row, row.price_yen
    sold = row.application
    fresh.programme, fresh.holder = (sold.sale.programme, sold.resident) if sold else (row.programme, row.holder)
    fresh.posting = _turn_round(row, key=f"correct_cash:{row.id}", by=by, at=at)
    fresh.save(force_insert=True)
    return fresh.id


@transaction.atomic
def reject_correction(*, receipt: UUID, because: str, by: Actor, at: datetime) -> None:
    """The checker finds the cash right as it was. Raises Refusal as `approve_correction`."""
    row = _locked(receipt, by)
    parties.reject(_open_request(row), by=by, at=at, note=_reason(because))


def correction_asked(receipt: UUID, *, municipality: int) -> ApprovalView | None:
    """The open request to correct a receipt, with its reason."""
    found = asked.approvals(municipality=municipality, object_id=receipt)
    return next((each for each in found if each.action == CORRECTED_BY and not each.outcome), None)


def _open_request(row: CounterReceipt) -> UUID:
    found = correction_asked(row.id, municipality=row.municipality)
    if found is None:
        raise APPROVAL_UNKNOWN.refusal()
    return found.id


def _locked(receipt: UUID, by: Actor) -> CounterReceipt:
    found = CounterReceipt.objects.select_for_update().filter(id=receipt, municipality=by.municipality).first()
    if found is None:
        raise rules.RECEIPT_UNKNOWN.refusal()
    return found


def _is_corrected(row: CounterReceipt) -> bool:
    return CounterReceipt.objects.filter(corrects=row).exists()


def _require_correctable(row: CounterReceipt) -> None:
    if row.kind == ReceiptKind.CORRECTION:
        raise CASH_STANDS.refusal()
    if row.undone_at is not None or _is_corrected(row):
        raise CASH_PUT_RIGHT.refusal()


def _digest(row: CounterReceipt) -> str:
    """What the approval binds: this receipt of this posting."""
    return digest_of([str(row.id), row.kind, str(row.posting), row.price_yen])


def _reason(text: str) -> str:
    if not text.strip():
        raise CASH_REASON_MISSING.refusal(field="reason")
    return text.strip()[:300]


def _turn_round(row: CounterReceipt, *, key: str, by: Actor, at: datetime) -> UUID:
    """The posting that takes the receipt's own back; gives its id."""
    if row.kind != ReceiptKind.SALE:
        return books.reverse(
            row.posting, municipality=row.municipality, template=UNDONE_BY[ReceiptKind(row.kind)], key=key, at=at,
            by=str(by.party), about={"programme": str(row.programme)},
        ).posting  # fmt: skip
    assert row.application_id is not None  # noqa: S101 - kept by a constraint of the table
    sold = locked_application(row.application_id, by)
    if sold.state != ApplicationState.PURCHASED or sold.posting != row.posting:
        raise CASH_PUT_RIGHT.refusal()
    return _withdraw_sale(row, sold, by=by, at=at)


def _require_own(row: CounterReceipt, sold: Application, *, posting: UUID) -> None:
    """What came from other people never becomes cash: all of it is still there once the sale's value is gone.

    Read after the posting, which locked the balances: a gift that is taken at this moment comes before or after.
    Raises Refusal `voucher_sale_received`.
    """
    lots = {entry.debit_lot for entry in entries.entries(posting, municipality=row.municipality)
            if entry.debit.owner == sold.resident}  # fmt: skip
    came = entries.received(sold.resident, lots, municipality=row.municipality)
    held = entries.balances([sold.resident], AccountRole.WALLET, municipality=row.municipality)
    left = sum(each.amount for each in held if each.lot.id in lots)
    if left < came:
        raise SALE_RECEIVED.refusal(face=row.face_yen, own=max(row.face_yen - (came - left), 0), limit="received")


def _withdraw_sale(row: CounterReceipt, sold: Application, *, by: Actor, at: datetime) -> UUID:
    """Whole or not at all: what the buyer gets back is the whole price. They are told."""
    offer = find_offer(sold.sale.programme, municipality=row.municipality)
    made = withdraw_purchase(sold, offer=offer, by=by, at=at)
    if made.back_yen != row.face_yen:
        raise SALE_SPENT.refusal(face=row.face_yen, back=made.back_yen)
    _require_own(row, sold, posting=made.posting)
    words = wording.sale_undone(sold.number, programme=offer.name, yen=row.price_yen, face_yen=row.face_yen)
    send(sold.resident, words, channel="in_app", topic="voucher.sale_undone", by=office(row.municipality), at=at)
    return made.posting
