"""Which grant's yen have gone back to their fund by themselves: shrunk, expired, wound up. Pure.

Yen of a lot have no names; so a purse is read as layers, one for each grant, the oldest below. What is spent leaves
from below, and what was spent last comes back first. What shrinks leaves every layer in proportion; what expires is all
of it. Whoever takes a grant back asks for what its layer has not given back already: nobody owes more than they spent.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from uuid import UUID

from meguri.ledger.rules import Account
from meguri.ledger.templates import AccountRole
from meguri.words.yen import divide

BY_THEMSELVES = ("demurrage", "expire", "wind_up")
"""Templates by which yen go back to their fund though nobody spent them and nobody was wrong."""

Layer = tuple[UUID, int]
"""An entry that brought yen into a wallet, by its posting and number; or one by which yen left by themselves."""

_BOUGHT = {AccountRole.FUND, AccountRole.CASH_RECEIVED}


@dataclass(frozen=True, slots=True)
class Movement:
    """One entry on a wallet, of one fund and purse kind. `undoes`: the posting that its posting takes back."""

    posting: UUID
    entry_no: int
    template: str
    undoes: UUID | None
    debit: Account
    debit_lot: int
    credit: Account
    credit_lot: int
    amount: int

    @property
    def number(self) -> Layer:
        return self.posting, self.entry_no


def went_back(movements: Iterable[Movement], *, wallet: Account) -> Mapping[Layer, Counter[Layer]]:
    """For each layer what of it left by itself and was not given back since, by the entry by which it left."""
    purse = _Purse(wallet)
    for each in movements:
        purse.move(each)
    found: defaultdict[Layer, Counter[Layer]] = defaultdict(Counter)
    for entry, layers in purse.left.items():
        for layer, yen in layers.items():
            found[layer][entry] += yen
    return found


def counted(yen: int, *, left: int, back: int) -> int:
    """How many of `yen` that are taken of a grant had gone back by themselves: of `left` that may still be taken, those
    that did, `back` in all, come last.
    """
    return max(0, yen + back - left) - max(0, back - left)


@dataclass
class _Purse:
    """The layers by lot, oldest first; what was spent, last on top; and what left by itself, by its entry."""

    wallet: Account
    lies: defaultdict[int, Counter[Layer]] = field(default_factory=lambda: defaultdict(Counter))
    spent: defaultdict[int, list[tuple[Layer, int]]] = field(default_factory=lambda: defaultdict(list))
    left: dict[Layer, Counter[Layer]] = field(default_factory=dict)
    taken_back: set[UUID] = field(default_factory=set)

    def move(self, each: Movement) -> None:
        if each.template in BY_THEMSELVES:
            self._leaves(each)
        elif each.debit == self.wallet == each.credit:
            for layer, yen in self._take(each):
                self.lies[each.credit_lot][layer] += yen
        elif each.credit == self.wallet:
            self._arrives(each)
        else:
            taken = self._take(each)
            if each.credit.role in _BOUGHT:
                self.taken_back |= {each.undoes} if each.undoes else set()
            else:
                self.spent[each.debit_lot] += taken

    def _leaves(self, each: Movement) -> None:
        layers = self.lies[each.debit_lot]
        yen = min(each.amount, layers.total())
        if yen:
            parts = Counter(dict(zip(layers, divide(yen, list(layers.values())), strict=True)))
            layers.subtract(parts)
            self.left[each.number] = parts

    def _arrives(self, each: Movement) -> None:
        before = [number for number in self.left if number[0] == each.undoes]
        if before:
            self._returns(each, before)
        elif each.debit.role in _BOUGHT:
            self.lies[each.credit_lot][each.number] += each.amount
        else:
            self._unspent(each)

    def _returns(self, each: Movement, before: list[Layer]) -> None:
        """What left by itself is put back; what was counted for a grant that was taken back stays away longest."""
        yen = each.amount
        for number in before:
            for layer in sorted(self.left[number], key=lambda layer: layer[0] in self.taken_back):
                part = min(yen, self.left[number][layer])
                self.left[number][layer] -= part
                self.lies[each.credit_lot][layer] += part
                yen -= part

    def _unspent(self, each: Movement) -> None:
        """What was spent last comes back first; what was never seen to leave is a layer of its own."""
        yen, spent = each.amount, self.spent[each.credit_lot]
        while yen and spent:
            layer, amount = spent.pop()
            part = min(yen, amount)
            self.lies[each.credit_lot][layer] += part
            yen -= part
            if amount > part:
                spent.append((layer, amount - part))
        if yen:
            self.lies[each.credit_lot][each.number] += yen

    def _take(self, each: Movement) -> list[tuple[Layer, int]]:
        """From below; a grant that is taken back, or repays a debt at once, gives of its own layer first."""
        yen, layers, taken = each.amount, self.lies[each.debit_lot], []
        for layer in sorted(layers, key=lambda layer: layer[0] not in (each.undoes, each.posting)):
            part = min(yen, layers[layer])
            if part:
                layers[layer] -= part
                taken.append((layer, part))
                yen -= part
        return taken
