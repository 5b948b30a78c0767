"""What may be done with benefits: import a list, have it decided by two, let people choose, pay each once."""

from meguri.programmes.benefits.operations.choosing import choose_receipt
from meguri.programmes.benefits.operations.deciding import decide, propose_list, send_back_list, withdraw_list
from meguri.programmes.benefits.operations.importing import Imported, import_list
from meguri.programmes.benefits.operations.paying import Disbursed, disburse

__all__ = [
    "Disbursed", "Imported", "choose_receipt", "decide", "disburse", "import_list", "propose_list", "send_back_list",
    "withdraw_list",
]
