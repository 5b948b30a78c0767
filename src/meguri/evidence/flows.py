"""A fund's yen from budget to bank, out of the sums of its movements. Pure; adds up to the books' trial balance."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, fields
from datetime import date
from uuid import UUID

LEAVES, COMES_BACK = {"expire", "demurrage", "wind_up"}, {"undo_expire", "undo_demurrage", "undo_wind_up"}
"""The templates by which value leaves wallets unspent, and those that undo it."""


@dataclass(frozen=True, slots=True)
class Flow:
    """Yen that one template moved from one role to another, of one fund, in one week (its Monday in Japan)."""

    fund: UUID
    programme: UUID | None
    source: str
    target: str
    template: str
    yen: int
    week: date = date.min


@dataclass(frozen=True, slots=True)
class MoneyFigures:
    """Yen, each net of what was taken back. One fund's, or the sum of several.

    budget_yen (appropriated) + paid_in_yen (by buyers)
      = left_yen + unspent_yen (in wallets) + spent_yen + to_bank_yen + kept_yen (expired paid part).
    issued_yen - spent_yen - lapsed_yen = unspent_yen; lapsed_yen = returned_yen (back to the fund) + kept_yen.
    spent_yen + to_bank_yen = waiting_yen (in tills or owed) + banked_yen.
    """

    budget_yen: int = 0
    paid_in_yen: int = 0
    issued_yen: int = 0
    to_bank_yen: int = 0  # benefits paid to bank accounts without passing a wallet
    spent_yen: int = 0
    returned_yen: int = 0
    kept_yen: int = 0
    banked_yen: int = 0

    @property
    def lapsed_yen(self) -> int:
        return self.returned_yen + self.kept_yen

    @property
    def unspent_yen(self) -> int:
        return self.issued_yen - self.spent_yen - self.lapsed_yen

    @property
    def left_yen(self) -> int:
        return self.budget_yen + self.paid_in_yen - self.issued_yen - self.to_bank_yen + self.returned_yen

    @property
    def waiting_yen(self) -> int:
        return self.spent_yen + self.to_bank_yen - self.banked_yen

    @property
    def received_yen(self) -> int:
        """What came to people: into wallets, or by bank."""
        return self.issued_yen + self.to_bank_yen

    @property
    def delivered_yen(self) -> int:
        """What reached its purpose: spent in shops, or sent to people's bank accounts."""
        return self.spent_yen + self.to_bank_yen

    def __add__(self, other: MoneyFigures) -> MoneyFigures:
        names = [field.name for field in fields(self)]
        return MoneyFigures(**{name: getattr(self, name) + getattr(other, name) for name in names})


def figures(flows: Iterable[Flow]) -> MoneyFigures:
    """Add the flows up."""
    sums = dict.fromkeys((field.name for field in fields(MoneyFigures)), 0)
    for flow in flows:
        for name, sign in _counted(flow):
            sums[name] += sign * flow.yen
    return MoneyFigures(**sums)


def _counted(flow: Flow) -> Iterable[tuple[str, int]]:
    """The figures that a flow goes into, with its sign."""
    source, target = ("wallet" if role == "held" else role for role in (flow.source, flow.target))  # not spent yet
    if {source, target} == {"wallet", "payable"}:  # paid back at the end of a programme, by bank
        yield from _SIGNS[source, target]
    elif flow.template in LEAVES:
        yield ("returned_yen" if target == "fund" else "kept_yen"), 1
    elif flow.template in COMES_BACK:
        yield ("returned_yen" if source == "fund" else "kept_yen"), -1
    else:
        yield from _SIGNS.get((source, target), ())


def _both_ways(source: str, target: str, *names: str) -> dict[tuple[str, str], tuple[tuple[str, int], ...]]:
    return {
        (source, target): tuple((name, 1) for name in names), (target, source): tuple((name, -1) for name in names),
    }


_SIGNS = {
    **_both_ways("appropriation", "fund", "budget_yen"),
    **_both_ways("fund", "wallet", "issued_yen"),
    **_both_ways("cash_received", "wallet", "issued_yen", "paid_in_yen"),
    **_both_ways("cash_received", "fund", "paid_in_yen"),
    **_both_ways("cash_received", "payable", "to_bank_yen", "paid_in_yen"),
    **_both_ways("fund", "payable", "to_bank_yen"),
    **_both_ways("wallet", "shop", "spent_yen"),
    **_both_ways("payable", "paid_out", "banked_yen"),
    ("wallet", "payable"): (("issued_yen", -1), ("to_bank_yen", 1)),
    ("payable", "wallet"): (("issued_yen", 1), ("to_bank_yen", -1)),
}


@dataclass(frozen=True, slots=True)
class WeekRow:
    """A programme's week. Net of what was taken back, so a week may be below zero."""

    week: date
    programme: UUID | None
    issued_yen: int
    spent_yen: int
    lapsed_yen: int
    banked_yen: int


def by_week(flows: Iterable[Flow]) -> tuple[WeekRow, ...]:
    """One row a week and programme in which anything moved, in order of time."""
    found: dict[tuple[date, UUID | None], list[Flow]] = {}
    for flow in flows:
        found.setdefault((flow.week, flow.programme), []).append(flow)
    return tuple(
        WeekRow(week, programme, money.issued_yen, money.spent_yen, money.lapsed_yen, money.banked_yen)
        for (week, programme), of_week in sorted(found.items(), key=lambda item: (item[0][0], str(item[0][1])))
        for money in [figures(of_week)]
    )


def by_fund(flows: Iterable[Flow]) -> dict[UUID, MoneyFigures]:
    found: dict[UUID, list[Flow]] = {}
    for flow in flows:
        found.setdefault(flow.fund, []).append(flow)
    return {fund: figures(of_fund) for fund, of_fund in found.items()}


def by_programme(flows: Iterable[Flow]) -> dict[UUID | None, MoneyFigures]:
    """Funds that belong to no programme stand under None."""
    found: dict[UUID | None, list[Flow]] = {}
    for flow in flows:
        found.setdefault(flow.programme, []).append(flow)
    return {programme: figures(of_programme) for programme, of_programme in found.items()}
