"""Who takes buyers' money for the town, behind one small interface: start a payment, read what its notices say.

A provider never decides anything: it says what it heard, signed, and `operations.payments` judges it.
"""

from meguri.programmes.vouchers.providers.card import CardProvider
from meguri.programmes.vouchers.providers.choosing import agency_of, final_days, named_provider, provider_for
from meguri.programmes.vouchers.providers.interface import (
    NOTICE_UNREADABLE,
    PROVIDER_UNKNOWN,
    PROVIDER_UNREACHABLE,
    NoticeKind,
    Provider,
    Started,
    Told,
    Wanted,
)
from meguri.programmes.vouchers.providers.invented import InventedProvider
from meguri.programmes.vouchers.providers.signing import SIGNATURE_OLD, SIGNATURE_WRONG
from meguri.programmes.vouchers.providers.slip import SlipProvider

__all__ = [
    "NOTICE_UNREADABLE", "PROVIDER_UNKNOWN", "PROVIDER_UNREACHABLE", "SIGNATURE_OLD", "SIGNATURE_WRONG",
    "CardProvider", "InventedProvider", "NoticeKind", "Provider", "SlipProvider", "Started", "Told", "Wanted",
    "agency_of", "final_days", "named_provider", "provider_for",
]
