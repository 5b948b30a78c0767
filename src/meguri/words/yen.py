"""Yen: whole yen as `int`, always. Divisions never lose one; what people type is read kindly."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

from meguri.words.refusal import declare

YEN_MAX = 100_000_000
"""The largest amount a person may type in one field (yen)."""

AMOUNT_UNREADABLE = declare(
    "amount_unreadable",
    status=422,
    ja="「{text}」は金額として読めません。1280 のように数字で入力してください。",
    en="“{text}” cannot be read as an amount. Please type digits, for example 1280.",
)
AMOUNT_OUT_OF_RANGE = declare(
    "amount_out_of_range",
    status=422,
    ja="金額は{least}円以上{most}円以下で入力してください(入力: {amount}円)。",
    en="Please enter an amount from {least} to {most} yen (you entered {amount}).",
)


def divide(total: int, weights: Sequence[int]) -> list[int]:
    """Split `total` yen in proportion to `weights`, by largest remainder; the parts add up to `total` exactly.

    Ties go to the earlier weight. Raises ValueError for a negative total or weight, or weights without a sum.
    """
    whole = sum(weights)
    if total < 0 or whole <= 0 or min(weights) < 0:
        raise ValueError(f"cannot divide {total} by {list(weights)}")
    parts = [total * weight // whole for weight in weights]
    remainders = [total * weight % whole for weight in weights]
    for index in sorted(range(len(weights)), key=lambda i: -remainders[i])[: total - sum(parts)]:
        parts[index] += 1
    return parts


def parse_yen(text: str, *, field: str = "amount_yen", least: int = 1, most: int = YEN_MAX) -> int:
    """Read an amount as people type it: full-width digits, separators, 円 and ¥ are accepted.

    Raises Refusal `amount_unreadable` or `amount_out_of_range`, naming `field`.
    """
    plain = re.sub(r"[\s,、，円¥￥]", "", unicodedata.normalize("NFKC", text)).removesuffix("yen")
    if not re.fullmatch(r"[+-]?[0-9]{1,15}", plain):
        raise AMOUNT_UNREADABLE.refusal(field=field, text=text[:40])
    amount = int(plain)
    if not least <= amount <= most:
        raise AMOUNT_OUT_OF_RANGE.refusal(field=field, amount=amount, least=least, most=most)
    return amount


def show_yen(amount: int, language: str = "ja") -> str:
    """`1,280円` in Japanese, `¥1,280` in English; minus as a true minus sign."""
    sign = "−" if amount < 0 else ""
    return f"{sign}{abs(amount):,}円" if language == "ja" else f"{sign}¥{abs(amount):,}"
