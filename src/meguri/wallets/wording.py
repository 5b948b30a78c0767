"""What holders are told about their wallets, in both languages. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from meguri.notices.rules import Wording
from meguri.parties.rules import Both
from meguri.words.period import day_of


def expiring(parts: Sequence[tuple[Both, int]], *, expires_at: datetime) -> Wording:
    """So much of these purses ends with a day; it stays good to the end of that day."""
    yen, last = sum(amount for _, amount in parts), day_of(expires_at - timedelta(microseconds=1))
    purses_ja = "、".join(f"{name.ja} {amount:,}円" for name, amount in parts)
    purses_en = ", ".join(f"{name.en} {amount:,} yen" for name, amount in parts)
    return Wording(
        title_ja=f"{yen:,}円の期限は{last.month}月{last.day}日です",
        title_en=f"{yen:,} yen can be spent until {last.day} {last:%B}",
        text_ja=f"{last.year}年{last.month}月{last.day}日まで使えます:{purses_ja}。過ぎると使えなくなります。",
        text_en=f"Good until the end of {last.day} {last:%B %Y}: {purses_en}. After that it cannot be spent.",
    )
