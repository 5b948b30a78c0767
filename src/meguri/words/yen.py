"""Yen: whole yen as `int`, always. Divisions never lose one; what people type, also a count, is read kindly."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from meguri.words.refusal import declare

YEN_MAX = 1_000_000
"""The largest amount a person may type where a field says nothing else (yen): what one payment may be."""
COUNT_MAX = 10_000_000
"""The largest count a person may type where a field says nothing else."""
DIGITS_MAX = 30
"""So many digits of what was typed are shown again."""

AMOUNT_MISSING = declare(
    "amount_missing",
    status=422,
    ja="金額を入力してください。",
    en="Please enter an amount.",
)
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
COUNT_MISSING = declare(
    "count_missing",
    status=422,
    ja="数を入力してください(単位: {unit:ja})。",
    en="Please enter a number ({unit:en}).",
)
COUNT_UNREADABLE = declare(
    "count_unreadable",
    status=422,
    ja="「{text}」は数として読めません。12 のように数字で入力してください。",
    en="“{text}” cannot be read as a number. Please type digits, for example 12.",
)
COUNT_OUT_OF_RANGE = declare(
    "count_out_of_range",
    status=422,
    ja="{least}{unit:ja}以上{most}{unit:ja}以下で入力してください(入力: {amount}{unit:ja})。",
    en="Please enter a number from {least} to {most} {unit:en} (you entered {amount}).",
)


@dataclass(frozen=True, slots=True)
class Unit:
    """What is counted, in each language; sentences name it `{unit:ja}` and `{unit:en}`."""

    ja: str
    en: str

    def __format__(self, language: str) -> str:
        return self.en if language == "en" else self.ja

    def __str__(self) -> str:
        return f"{self.ja} / {self.en}"


YEN = Unit("円", "yen")
UNITS = {
    "count": Unit("件", "entries"), "units": Unit("口", "units"), "people": Unit("人", "people"),
    "area": Unit("㎡", "m²"), "days": Unit("日", "days"), "pieces": Unit("枚", "pieces"),
    "booklets": Unit("冊", "booklets"),
}  # fmt: skip
"""Units by the last word of a field's name, as fields are named here (`confirmed_count`); any other field is yen."""


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


def parse_yen(text: str, *, field: str = "amount_yen", least: int = 1, most: int | None = None) -> int:
    """Read a number as people type it: full-width digits, separators, 円 and ¥, and the field's own unit are accepted.

    What is counted is told by the field's name (`UNITS`), else it is yen; `most` is by itself `YEN_MAX` or `COUNT_MAX`.
    Raises Refusal `amount_missing`, `amount_unreadable` or `amount_out_of_range`, or the same of `count_`, naming
    `field`.
    """
    unit = UNITS.get(field.rpartition("_")[2], YEN)
    counts = unit is not YEN
    plain = unicodedata.normalize("NFKC", text).strip()
    if counts:
        plain = plain.removesuffix(unicodedata.normalize("NFKC", unit.ja))
    plain = re.sub(r"[\s,、，]" if counts else r"[\s,、，円¥￥]|yen$", "", plain)
    if not plain:
        raise (COUNT_MISSING if counts else AMOUNT_MISSING).refusal(field=field, unit=unit)
    if not re.fullmatch(r"[+-]?[0-9]+", plain):
        raise (COUNT_UNREADABLE if counts else AMOUNT_UNREADABLE).refusal(field=field, text=text[:40])
    amount = int(re.sub(r"^([+-]?)0+(?=[0-9])", r"\1", plain)[:DIGITS_MAX])  # cut only what is too large anyway
    if most is None:
        most = COUNT_MAX if counts else YEN_MAX
    if not least <= amount <= most:
        kind = COUNT_OUT_OF_RANGE if counts else AMOUNT_OUT_OF_RANGE
        raise kind.refusal(field=field, amount=amount, least=least, most=most, unit=unit)
    return amount


def show_yen(amount: int, language: str = "ja") -> str:
    """`1,280円` in Japanese, `¥1,280` in English; minus as a true minus sign."""
    sign = "−" if amount < 0 else ""
    return f"{sign}{abs(amount):,}円" if language == "ja" else f"{sign}¥{abs(amount):,}"
