"""What became of each arm of a trial: who was drawn into it, took part, spent, let lapse; and does the draw hold. Pure.

Everybody who was drawn counts, also who never took part (intention to treat): lot made the arms alike, and anything
else would let people choose theirs.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from math import sqrt
from uuid import UUID

from meguri.evidence.lottery import Estimate

WHOLE = 10_000
_Z = 1.959964


@dataclass(frozen=True, slots=True)
class ArmRow:
    """One arm in one stratum: sums only. `took_up`: units that received anything; `payers`: that paid in a shop."""

    programme: UUID
    arm: str
    stratum: str
    units: int
    people: int
    took_up: int
    payers: int
    received_yen: int
    spent_yen: int
    lapsed_yen: int


@dataclass(frozen=True, slots=True)
class ArmFigures:
    """An arm of all strata together. `share_bp` as the terms say; `fair_units` is that share of all units.

    `more`: how much more of its units took up than of the control's, in 1/100 %, with its interval; None for the
    control itself and while an arm is empty.
    """

    arm: str
    share_bp: int
    units: int
    fair_units: float
    people: int
    took_up: int
    payers: int
    received_yen: int
    spent_yen: int
    lapsed_yen: int
    more: Estimate | None

    @property
    def take_up_bp(self) -> int:
        """Units that received anything, of all that were drawn."""
        return self.took_up * WHOLE // self.units if self.units else 0

    @property
    def spent_each_yen(self) -> int:
        """Of every unit that was drawn."""
        return self.spent_yen // self.units if self.units else 0

    @property
    def lapsed_each_yen(self) -> int:
        """Of every unit that was drawn."""
        return self.lapsed_yen // self.units if self.units else 0


def arm_figures(
    rows: Iterable[ArmRow], *, programme: UUID, shares: Mapping[str, int], control: str
) -> tuple[ArmFigures, ...]:
    """The arms in the order of the terms (`shares`); empty while nothing is drawn."""
    own = [row for row in rows if row.programme == programme]
    units = sum(row.units for row in own)
    if not units:
        return ()
    sums = {arm: _sum([row for row in own if row.arm == arm], programme=programme, arm=arm) for arm in shares}
    return tuple(
        ArmFigures(
            arm=arm, share_bp=share, units=sums[arm].units, fair_units=units * share / WHOLE, people=sums[arm].people,
            took_up=sums[arm].took_up, payers=sums[arm].payers, received_yen=sums[arm].received_yen,
            spent_yen=sums[arm].spent_yen, lapsed_yen=sums[arm].lapsed_yen,
            more=None if arm == control else _more(sums[arm], sums[control]),
        )
        for arm, share in shares.items()
    )  # fmt: skip


def _sum(rows: list[ArmRow], *, programme: UUID, arm: str) -> ArmRow:
    return ArmRow(
        programme, arm, "", units=sum(row.units for row in rows), people=sum(row.people for row in rows),
        took_up=sum(row.took_up for row in rows), payers=sum(row.payers for row in rows),
        received_yen=sum(row.received_yen for row in rows), spent_yen=sum(row.spent_yen for row in rows),
        lapsed_yen=sum(row.lapsed_yen for row in rows),
    )


def _more(one: ArmRow, control: ArmRow) -> Estimate | None:
    """The difference of two shares by Agresti and Caffo: one success and one failure more on each side.

    Shares of what was drawn as one: people of one household are alike and count once.
    """
    if not one.units or not control.units:
        return None
    shares = [(row.took_up + 1) / (row.units + 2) for row in (one, control)]
    spread = sqrt(sum(p * (1 - p) / (row.units + 2) for p, row in zip(shares, (one, control), strict=True)))
    middle, half = shares[0] - shares[1], _Z * spread
    value = one.took_up / one.units - control.took_up / control.units
    return Estimate(value, middle - half, middle + half).times(WHOLE)
