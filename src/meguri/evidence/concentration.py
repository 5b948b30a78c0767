"""How unevenly takings are spread over shops. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil


@dataclass(frozen=True, slots=True)
class Concentration:
    """`top_share`: the share of all yen taken by the top tenth of shops (rounded up to whole shops).

    `gini` is 0 when all take the same and nears 1 when one takes all. Receipts, not profit.
    """

    shops: int
    yen: int
    top_shops: int
    top_yen: int
    gini: float | None

    @property
    def top_share(self) -> float | None:
        return self.top_yen / self.yen if self.yen else None


def concentration(takings: Sequence[int], *, top: float = 0.1) -> Concentration:
    """Of yen taken by each shop that took anything."""
    ordered = sorted((yen for yen in takings if yen > 0), reverse=True)
    count = ceil(len(ordered) * top)
    return Concentration(len(ordered), sum(ordered), count, sum(ordered[:count]), gini(ordered))


def gini(amounts: Sequence[int]) -> float | None:
    """Mean difference over twice the mean; None without amounts."""
    ordered, total = sorted(amounts), sum(amounts)
    if not total:
        return None
    weighted = sum(rank * amount for rank, amount in enumerate(ordered, 1))
    return 2 * weighted / (len(ordered) * total) - (len(ordered) + 1) / len(ordered)
