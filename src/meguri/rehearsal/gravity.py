"""How far people go: a decay per tile, and a pull per trade, solved so that the town keeps its two known shares.

Known are the share of trips that stay in the own ward, and each trade's share of the yen spent. Both follow from where
shops happen to lie, so they are solved for, not set.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from math import exp

from meguri.rehearsal.figures import OWN_WARD_SHARE
from meguri.rehearsal.streets import trades
from meguri.rehearsal.town import Shop, Town, Ward

ROUNDS = 14
"""Rounds of moving half-way to one share, then to the other; after them the third digit no longer moves."""


@dataclass(frozen=True, slots=True)
class Gravity:
    """`decay` per tile (natural log), `trades` multiplies the visits of a trade's shops."""

    decay: float
    trades: dict[str, float]

    def near(self, here: Ward, there: Ward) -> float:
        """The part of the pull that is left at a distance."""
        return exp(-self.decay * here.steps_to(there))


def people_by_ward(town: Town) -> dict[str, int]:
    """Residents by ward, wards without any included."""
    counted = Counter(resident.ward for resident in town.residents.values())
    return {ward: counted[ward] for ward in town.wards}


def solve(town: Town, *, shops: Iterable[str], own_share: float = OWN_WARD_SHARE) -> Gravity:
    """The gravity with which the given shops meet both shares, as nearly as their places allow."""
    field = _Field(town, [town.shops[key] for key in sorted(shops)])
    gravity = Gravity(0.0, dict.fromkeys(trades(), 1.0))
    for _ in range(ROUNDS):
        gravity = Gravity((gravity.decay + field.decay(gravity, own_share=own_share)) / 2, gravity.trades)
        gravity = Gravity(gravity.decay, field.raked(gravity))
    return gravity


def own_ward_share(town: Town, *, shops: Iterable[str], gravity: Gravity) -> float:
    """The expected share of trips that stay in the own ward."""
    return _Field(town, [town.shops[key] for key in sorted(shops)]).own_share(gravity)


def trade_yen_shares(town: Town, *, shops: Iterable[str], gravity: Gravity) -> dict[str, float]:
    """Each trade's expected share of yen."""
    return _Field(town, [town.shops[key] for key in sorted(shops)]).yen_shares(gravity)


class _Field:
    """Visits summed by ward and trade: small enough to try many gravities."""

    def __init__(self, town: Town, shops: list[Shop]) -> None:
        self.town = town
        self.people = people_by_ward(town)
        self.visits: dict[tuple[str, str], float] = {}
        for shop in shops:
            place = shop.ward, shop.trade
            self.visits[place] = self.visits.get(place, 0.0) + shop.visits
        self.trades = sorted({trade for _, trade in self.visits})

    def trips(self, gravity: Gravity) -> dict[tuple[str, str, str], float]:
        """Expected share of all trips by (home, shop's ward, trade)."""
        found: dict[tuple[str, str, str], float] = {}
        for home, count in self.people.items():
            near = {ward: gravity.near(self.town.wards[home], tile) for ward, tile in self.town.wards.items()}
            pulls = {place: v * near[place[0]] * gravity.trades[place[1]] for place, v in self.visits.items()}
            whole = sum(pulls.values()) * len(self.town.residents)
            found.update({(home, *place): count * pull / whole for place, pull in pulls.items()})
        return found

    def own_share(self, gravity: Gravity) -> float:
        return sum(share for (home, ward, _), share in self.trips(gravity).items() if home == ward)

    def decay(self, gravity: Gravity, *, own_share: float) -> float:
        """By bisection; at the ends of the range when the share is out of reach."""
        low, high = 0.0, 4.0
        for _ in range(16):
            middle = (low + high) / 2
            nearer = self.own_share(Gravity(middle, gravity.trades)) < own_share
            low, high = (middle, high) if nearer else (low, middle)
        return (low + high) / 2

    def yen_shares(self, gravity: Gravity) -> dict[str, float]:
        yen = dict.fromkeys(self.trades, 0.0)
        for (_, _, trade), share in self.trips(gravity).items():
            yen[trade] += share * trades()[trade].ticket
        whole = sum(yen.values())
        return {trade: part / whole for trade, part in yen.items()}

    def raked(self, gravity: Gravity) -> dict[str, float]:
        """The pulls moved half-way toward the trades' known shares of yen, among the trades present."""
        wanted = {trade: trades()[trade].yen for trade in self.trades}
        whole, found = sum(wanted.values()), self.yen_shares(gravity)
        return gravity.trades | {
            trade: gravity.trades[trade] * (wanted[trade] / whole / found[trade]) ** 0.5 for trade in self.trades
        }
