"""The plain model of the refund algebra: dictionaries of yen, and what each step should do to them. No database."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field

Spot = tuple[str, int]
"""Whose purse, and which lot (by its place)."""


@dataclass
class Moved:
    """What a payment or a grant moved, in its order: (lot, yen), and how much of each is left to take back."""

    who: str
    parts: list[tuple[int, int]]
    left: list[int] = field(default_factory=list)
    whole: bool = False  # reversed as a whole
    opened: bool = False  # a part was taken back

    def __post_init__(self) -> None:
        self.left = [yen for _, yen in self.parts]


class Town:
    """Holders' purses, budgets, takings, holds and debts. `fund_of` says which fund a lot belongs to."""

    def __init__(self, *, fund_of: list[int], kind_of: list[int]) -> None:
        self.fund_of, self.kind_of = fund_of, kind_of
        kinds = list(zip(fund_of, kind_of, strict=True))
        self.till = [kinds.index(kind) for kind in kinds]  # a shop keeps fund and kind, whatever the expiry was
        self.wallet: Counter[Spot] = Counter()
        self.budget: Counter[int] = Counter()
        self.cash: Counter[int] = Counter()
        self.shop: Counter[int] = Counter()
        self.settled: Counter[int] = Counter()
        self.debt: Counter[tuple[str, int]] = Counter()
        self.holds: dict[str, Counter[int]] = defaultdict(Counter)

    def take(self, who: str, yen: int, lots: Iterable[int]) -> list[tuple[int, int]] | None:
        """Take yen from a purse, lot by lot; nothing when there is not enough."""
        lots = list(lots)
        if sum(self.wallet[who, lot] for lot in lots) < yen:
            return None
        parts = []
        for lot in lots:
            part = min(yen, self.wallet[who, lot])
            if part:
                self.wallet[who, lot] -= part
                parts.append((lot, part))
                yen -= part
        return parts

    def grant(self, who: str, lot: int, yen: int) -> bool:
        fund = self.fund_of[lot]
        if self.budget[fund] < yen:
            return False
        back = min(yen, self.debt[who, fund])
        self.budget[fund] -= yen - back
        self.debt[who, fund] -= back
        self.wallet[who, lot] += yen - back
        return True

    def pay(self, who: str, yen: int, lots: Iterable[int]) -> Moved | None:
        parts = self.take(who, yen, lots)
        if parts is None:
            return None
        for lot, part in parts:
            self.shop[self.till[lot]] += part
        return Moved(who, parts)

    def refund(self, payment: Moved, yen: int) -> str:
        """Give back what was taken last first; says why not, if not."""
        if payment.whole or not sum(payment.left):
            return "already_reversed"
        if yen > sum(payment.left):
            return "refund_exceeds_payment"
        shares = dict[int, int]()
        for place in reversed(range(len(payment.parts))):
            shares[place] = min(yen, payment.left[place])
            yen -= shares[place]
        needed = Counter[int]()
        for place, part in shares.items():
            needed[self.till[payment.parts[place][0]]] += part
        if any(self.shop[till] < part for till, part in needed.items()):
            return "insufficient"
        for place, part in shares.items():
            lot = payment.parts[place][0]
            payment.left[place] -= part
            self.shop[self.till[lot]] -= part
            self.wallet[payment.who, lot] += part
        payment.opened = True
        return ""

    def reverse(self, payment: Moved) -> str:
        if payment.whole:
            return "already_reversed"
        if payment.opened:
            return "reversed_in_part"
        answer = self.refund(payment, sum(payment.left))
        payment.whole = not answer
        return answer

    def take_back(self, grant: Moved, yen: int) -> str:
        """The holder owes all of it, and gives what the purse has: the granted lot first, then others of its kind."""
        if not sum(grant.left):
            return "already_reversed"
        if yen > grant.left[0]:
            return "refund_exceeds_payment"
        grant.left[0] -= yen
        (lot, _), who = grant.parts[0], grant.who
        fund = self.fund_of[lot]
        self.debt[who, fund] += yen
        same = [x for x in range(len(self.fund_of))
                if (self.fund_of[x], self.kind_of[x]) == (fund, self.kind_of[lot]) and x != lot]  # fmt: skip
        for source in (lot, *same):
            part = min(yen, self.wallet[who, source])
            self.wallet[who, source] -= part
            self.budget[fund] += part
            self.debt[who, fund] -= part
            yen -= part
        return ""

    def yen_of(self, fund: int) -> int:
        """All yen of a fund that lie anywhere in town, what has entered and not left."""
        mine = [lot for lot, owner in enumerate(self.fund_of) if owner == fund]
        purses = sum(yen for (_, lot), yen in self.wallet.items() if lot in mine)
        held = sum(yen for hold in self.holds.values() for lot, yen in hold.items() if lot in mine)
        return self.budget[fund] + purses + held + sum(self.shop[lot] + self.settled[lot] for lot in mine)
