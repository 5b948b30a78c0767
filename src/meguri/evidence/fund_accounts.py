"""A fund's own account of a span of time: what lay in it, what came, what went, what is left. Pure.

Only the fund is told of, never what people did with the yen that it gave: an account of each day would show a single
person's payments, a grant shows none.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from meguri.evidence.flows import COMES_BACK, LEAVES, Flow

FUND = "fund"


@dataclass(frozen=True, slots=True)
class FundAccount:
    """Yen: opening + deposited - returned - granted + withdrawn + lapsed = closing.

    `deposited_yen` came from the payer and `returned_yen` went back to it; `granted_yen` went to residents,
    `withdrawn_yen` came back because a grant was taken back or repaid, `lapsed_yen` because it was not used in time.
    """

    opening_yen: int = 0
    deposited_yen: int = 0
    returned_yen: int = 0
    granted_yen: int = 0
    withdrawn_yen: int = 0
    lapsed_yen: int = 0

    @property
    def closing_yen(self) -> int:
        came = self.deposited_yen + self.withdrawn_yen + self.lapsed_yen
        return self.opening_yen + came - self.returned_yen - self.granted_yen


def fund_accounts(begin: Iterable[Flow], end: Iterable[Flow]) -> dict[UUID, FundAccount]:
    """The account of each fund between two moments; `begin` and `end` hold all that was moved before them."""
    before, after = _sums(begin), _sums(end)
    found = {}
    for fund in {fund for fund, _ in after}:
        moved = {name: after[fund, name] - before[fund, name] for name in _SIGNS}
        opening = sum(sign * before[fund, name] for name, sign in _SIGNS.items())
        found[fund] = FundAccount(opening_yen=opening, **moved)
    return found


_SIGNS = {"deposited_yen": 1, "returned_yen": -1, "granted_yen": -1, "withdrawn_yen": 1, "lapsed_yen": 1}


def _sums(flows: Iterable[Flow]) -> Counter[tuple[UUID, str]]:
    sums: Counter[tuple[UUID, str]] = Counter()
    for flow in flows:
        if flow.source != flow.target and FUND in (flow.source, flow.target):
            name, sign = _named(flow)
            sums[flow.fund, name] += sign * flow.yen
    return sums


def _named(flow: Flow) -> tuple[str, int]:
    """The line in which a movement of the fund stands, and whether it adds to that line or takes from it."""
    if flow.target == FUND:
        if flow.template in LEAVES:
            return "lapsed_yen", 1
        return ("withdrawn_yen" if flow.source in ("wallet", "held") else "deposited_yen"), 1
    if flow.template in COMES_BACK:
        return "lapsed_yen", -1
    return ("granted_yen" if flow.target in ("wallet", "held", "payable") else "returned_yen"), 1
