"""What people are told about their payments, in both languages. Pure."""

from __future__ import annotations

from meguri.notices.rules import Wording
from meguri.parties.rules import Both


def refunded(yen: int, *, shop: Both, reason: str) -> Wording:
    """Who was not at the till (a parent, a person with a card) learns here that money came back, and why."""
    return Wording(
        title_ja=f"{yen:,}円が返金されました",
        title_en=f"{yen:,} yen came back",
        text_ja=f"{shop.ja}から{yen:,}円が返金され、払ったときの財布に戻りました。理由:{reason}",
        text_en=f"{shop.en} gave {yen:,} yen back, into the purses that had paid. Reason: {reason}",
    )
