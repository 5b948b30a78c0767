"""A programme's budget as a bar that adds up: left + reserved + used + spent (+ expired) = loaded."""

from __future__ import annotations

from collections.abc import Iterable

from meguri.faces.design.charts import MoneyPart
from meguri.programmes.queries import Budget, FundView
from meguri.words.refusal import Language

_PARTS = (
    ("spent_yen", "支払い済み", "Paid out", ""),
    ("used_yen", "使われた(未払い)", "Used, not yet paid out", "sum"),
    ("reserved_yen", "財布の中", "In wallets", "rest"),
    ("expired_yen", "失効した購入分", "Expired paid part", "gold"),
    ("left_yen", "残り", "Left", "left"),
)
"""The parts in the order in which money moves, most settled first; the first takes the programme's own hue."""


def whole_budget(funds: Iterable[FundView]) -> Budget:
    """Several funds' yen together."""
    sums = dict.fromkeys((name for name, *_ in _PARTS), 0)
    for fund in funds:
        for name in sums:
            sums[name] += getattr(fund.budget, name)
    return Budget(**sums)


def parts_of(budget: Budget, *, family: str, language: Language, url: str = "") -> list[MoneyPart]:
    """The bar's parts; a part without yen is left out, but something always stands there."""
    parts = [
        MoneyPart(ja if language == "ja" else en, getattr(budget, name), hue or family, url)
        for name, ja, en, hue in _PARTS
    ]
    return [part for part in parts if part.amount] or parts[-1:]
