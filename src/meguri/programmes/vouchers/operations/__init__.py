"""What may be done with voucher sales: open, apply, withdraw, close, draw, stand in line, pay, buy, let rights lapse;
and with the codes that letters bring.
"""

from meguri.programmes.vouchers.operations.applications import Applied, apply, withdraw_application
from meguri.programmes.vouchers.operations.codes import CodeEntered, Letter, awaiting_codes, enter_code, issue_codes
from meguri.programmes.vouchers.operations.corrections import (
    approve_correction,
    propose_correction,
    reject_correction,
    undo_cash,
)
from meguri.programmes.vouchers.operations.debts import take_debt
from meguri.programmes.vouchers.operations.drawing import close_applications, draw_lottery
from meguri.programmes.vouchers.operations.issuing import Purchased
from meguri.programmes.vouchers.operations.lapsing import lapse_unpaid
from meguri.programmes.vouchers.operations.lining import Placed, Wish, allot, line_up
from meguri.programmes.vouchers.operations.ordering import look_into, open_order, prepare_payment, record_refund
from meguri.programmes.vouchers.operations.payments import NoticeTaken, hear, take_notice
from meguri.programmes.vouchers.operations.piles import (
    PILE_MOST,
    LineAnswer,
    LineState,
    PaperWish,
    apply_pile,
    try_pile,
)
from meguri.programmes.vouchers.operations.pretending import tell_as_provider
from meguri.programmes.vouchers.operations.purchases import buy_at_once, purchase, sell_at_counter
from meguri.programmes.vouchers.operations.receipts import cash_up, write_paid_back
from meguri.programmes.vouchers.operations.sales import open_sale

__all__ = [
    "PILE_MOST", "Applied", "CodeEntered", "Letter", "LineAnswer", "LineState", "NoticeTaken", "PaperWish",
    "Placed", "Purchased", "Wish", "allot", "apply", "apply_pile", "approve_correction", "awaiting_codes",
    "buy_at_once", "cash_up", "close_applications", "draw_lottery", "enter_code", "hear", "issue_codes",
    "lapse_unpaid", "line_up", "look_into", "open_order", "open_sale", "prepare_payment", "propose_correction",
    "purchase", "record_refund", "reject_correction", "sell_at_counter", "take_debt", "take_notice",
    "tell_as_provider", "try_pile", "undo_cash", "withdraw_application", "write_paid_back",
]
