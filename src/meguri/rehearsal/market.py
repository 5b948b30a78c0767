"""Where people shop: near, at large sellers, within opening hours; and how much they spend there."""

from __future__ import annotations

from bisect import bisect
from collections.abc import Iterable
from datetime import date, datetime
from itertools import accumulate
from random import Random
from typing import Literal

from meguri.rehearsal.figures import (
    HOLIDAY_FACTOR,
    HOUR_WEIGHTS,
    PENSION_DAY_FACTOR,
    TICKET_MAX_YEN,
    TICKET_SPREAD,
    WEEKDAY_FACTOR,
)  # fmt: skip
from meguri.rehearsal.gravity import Gravity, people_by_ward
from meguri.rehearsal.timetable import holiday, moment
from meguri.rehearsal.town import Shop, Town

Money = Literal["any", "small only", "benefit"]
"""What is to be spent: any money, money for small shops only, or a benefit, which is drawn to the neighbourhood."""


class Market:
    """The shops that accept at present, seen from each ward. Rebuilt whenever a shop joins or closes."""

    def __init__(self, town: Town, *, shops: Iterable[str], gravity: Gravity, home_tilt: float) -> None:
        self.town, self.gravity, self.home_tilt = town, gravity, home_tilt
        self.shops = [town.shops[key] for key in sorted(shops)]
        self._tables: dict[tuple[str, Money], list[float]] = {}

    def pull(self, shop: Shop, *, ward: str, money: Money) -> float:
        """How strongly a shop draws people of a ward who want to spend a kind of money."""
        if money == "small only" and not shop.small:
            return 0.0
        tilt = self.home_tilt if money == "benefit" and shop.small and shop.ward == ward else 1.0
        near = self.gravity.near(self.town.wards[ward], self.town.wards[shop.ward])
        return tilt * shop.visits * self.gravity.trades[shop.trade] * near

    def choose(self, chance: Random, *, ward: str, money: Money, on: date) -> tuple[Shop, datetime] | None:
        """A shop that is open on a day, and a time within its hours; None if three tries met closed doors."""
        table = self._table(ward, money)
        if not table or table[-1] <= 0:
            return None
        for _ in range(3):
            shop = self.shops[bisect(table, chance.random() * table[-1], hi=len(table) - 1)]
            if shop.closed_on != on.weekday():
                return shop, shopping_time(chance, shop, on=on)
        return None

    def small_home_share(self, *, money: Money) -> float:
        """The expected share of trips to small shops of the own ward, weighted by where people live."""
        share = 0.0
        for ward, count in people_by_ward(self.town).items():
            pulls = [(shop, self.pull(shop, ward=ward, money=money)) for shop in self.shops]
            home = sum(pull for shop, pull in pulls if shop.small and shop.ward == ward)
            share += count / len(self.town.residents) * home / sum(pull for _, pull in pulls)
        return share

    def _table(self, ward: str, money: Money) -> list[float]:
        if (ward, money) not in self._tables:
            pulls = (self.pull(shop, ward=ward, money=money) for shop in self.shops)
            self._tables[ward, money] = list(accumulate(pulls))
        return self._tables[ward, money]


def shopping_time(chance: Random, shop: Shop, *, on: date) -> datetime:
    """A moment within the shop's hours, by the rhythm of the day."""
    hours = [hour for hour in HOUR_WEIGHTS if shop.opens <= hour < shop.closes]
    hour = chance.choices(hours, weights=[HOUR_WEIGHTS[h] for h in hours])[0]
    return moment(on, hour, minute=chance.randrange(60), second=chance.randrange(60))


def day_factor(on: date, *, senior: bool) -> float:
    """How lively a day is: weekday, holiday, pension day."""
    factor = HOLIDAY_FACTOR if holiday(on) else WEEKDAY_FACTOR[on.weekday()]
    return factor * PENSION_DAY_FACTOR if senior and on.day == 15 and on.month % 2 == 0 else factor


def ticket(chance: Random, shop: Shop) -> int:
    """What one purchase at a shop comes to (yen)."""
    return min(TICKET_MAX_YEN, max(100, round(shop.ticket_yen * chance.lognormvariate(0, TICKET_SPREAD))))
