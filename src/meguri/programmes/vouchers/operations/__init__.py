"""What may be done with voucher sales: open, apply, withdraw, close, draw, stand in line, buy, let rights lapse; and
with the codes that letters bring.
"""

from meguri.programmes.vouchers.operations.applications import Applied, apply, withdraw_application
from meguri.programmes.vouchers.operations.codes import CodeEntered, Letter, enter_code, issue_codes
from meguri.programmes.vouchers.operations.drawing import close_applications, draw_lottery
from meguri.programmes.vouchers.operations.lining import Placed, Wish, allot, line_up
from meguri.programmes.vouchers.operations.purchases import (
    Purchased,
    buy_at_once,
    lapse_unpaid,
    purchase,
    sell_at_counter,
)
from meguri.programmes.vouchers.operations.sales import open_sale

__all__ = [
    "Applied", "CodeEntered", "Letter", "Placed", "Purchased", "Wish", "allot", "apply", "buy_at_once",
    "close_applications", "draw_lottery", "enter_code", "issue_codes", "lapse_unpaid", "line_up", "open_sale",
    "purchase", "sell_at_counter", "withdraw_application",
]
