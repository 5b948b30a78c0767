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
    number: int = 0  # of a grant: its name on each of its yen
    gone: int = 0  # of a grant: what expired of it and is not counted yet

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
        self.grants: list[Moved] = []
        self.names: dict[Spot, list[int]] = defaultdict(list)  # whose grant each yen of a purse is, oldest first
        self.out: dict[Spot, list[int]] = defaultdict(list)  # and each that was spent, last on top

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
                self.out[who, lot] += self._unnamed(who, lot, part)
                parts.append((lot, part))
                yen -= part
        return parts

    def give(self, who: str, lot: int, yen: int) -> None:
        """What was spent, or promised, comes back: what went last comes first, and lies where it lay."""
        self.wallet[who, lot] += yen
        back = [self.out[who, lot].pop() for _ in range(min(yen, len(self.out[who, lot])))]
        self.names[who, lot] = sorted(self.names[who, lot] + back)

    def expire(self, who: str, lot: int) -> int:
        """All of a purse's lot goes back to the fund; each grant knows what of it went. Gives the yen."""
        yen, self.wallet[who, lot] = self.wallet[who, lot], 0
        for name in self._unnamed(who, lot, yen):
            self.grants[name].gone += 1
        self.budget[self.fund_of[lot]] += yen
        return yen

    def _unnamed(self, who: str, lot: int, yen: int, *, first: int = -1) -> list[int]:
        """The names of yen that leave a purse: the oldest, but those of one grant before them."""
        kept = sorted(self.names[who, lot], key=lambda name: (name != first, name))
        self.names[who, lot] = sorted(kept[yen:])
        return kept[:yen]

    def grant(self, who: str, lot: int, yen: int) -> Moved | None:
        fund = self.fund_of[lot]
        if self.budget[fund] < yen:
            return None
        made = Moved(who, [(lot, yen)], number=len(self.grants))
        self.grants.append(made)
        self.names[who, lot] += [made.number] * yen
        back = min(yen, self.debt[who, fund])
        self.budget[fund] -= yen - back
        self.debt[who, fund] -= back
        self.wallet[who, lot] += yen - back
        self._unnamed(who, lot, back, first=made.number)
        return made

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
            self.give(payment.who, lot, part)
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
        """The holder owes all of it but what expired, which is asked for last, and gives what the purse has.

        The granted lot gives first, then others of its kind.
        """
        if not sum(grant.left):
            return "already_reversed"
        if yen > grant.left[0]:
            return "refund_exceeds_payment"
        asked_of_gone = max(0, yen - max(0, grant.left[0] - grant.gone))
        grant.left[0] -= yen
        grant.gone -= asked_of_gone
        yen -= asked_of_gone
        (lot, _), who = grant.parts[0], grant.who
        fund = self.fund_of[lot]
        self.debt[who, fund] += yen
        same = [x for x in range(len(self.fund_of))
                if (self.fund_of[x], self.kind_of[x]) == (fund, self.kind_of[lot]) and x != lot]  # fmt: skip
        for source in (lot, *same):
            part = min(yen, self.wallet[who, source])
            self.wallet[who, source] -= part
            self._unnamed(who, source, part, first=grant.number)
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
