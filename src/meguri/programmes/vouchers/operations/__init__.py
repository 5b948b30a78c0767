"""What may be done with voucher sales: open, apply, withdraw, close, draw, buy, let unpaid rights lapse."""

from meguri.programmes.vouchers.operations.applications import Applied, apply, withdraw_application
from meguri.programmes.vouchers.operations.drawing import close_applications, draw_lottery
from meguri.programmes.vouchers.operations.purchases import (
    Purchased,
    buy_at_once,
    lapse_unpaid,
    purchase,
    sell_at_counter,
)
from meguri.programmes.vouchers.operations.sales import open_sale

__all__ = [
    "Applied", "Purchased", "apply", "buy_at_once", "close_applications", "draw_lottery", "lapse_unpaid", "open_sale",
    "purchase", "sell_at_counter", "withdraw_application",
]
