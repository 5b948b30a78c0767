"""All sales of every shop by week, whatever was paid with: those that accept gain, their neighbours lose a little.

These rows are written beside the run. They are made of the planted effects alone, not of single payments.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from math import exp
from typing import NamedTuple

from meguri.rehearsal.chance import dice
from meguri.rehearsal.figures import DECEMBER_FACTOR
from meguri.rehearsal.timetable import Timetable
from meguri.rehearsal.town import Shop, Town
from meguri.rehearsal.truth import BASELINE_WEEKS, Effects

LOCAL_SHARE = 0.6
"""Of what households spend, the part that stays in the town. guess."""
SALES_NOISE = 0.08
"""Spread (log) of one shop's weeks. guess."""


class ShopWeek(NamedTuple):
    """`accepts`: whether the shop took the wallet's money in that week."""

    shop: str
    week: date
    accepts: bool
    yen: int


def shop_sales(town: Town, *, table: Timetable, effects: Effects, seed: int) -> Iterator[ShopWeek]:
    """Every shop's weeks, the baseline included."""
    yen = {shop.key: shop.visits * shop.ticket_yen for shop in town.shops.values()}
    local = LOCAL_SHARE * sum(home.weekly_yen for home in town.households.values()) / sum(yen.values())
    for week in range(-BASELINE_WEEKS, table.weeks):
        monday = table.monday(week)
        season = DECEMBER_FACTOR if monday.month == 12 else 1.0
        for shop in town.shops.values():
            noise = exp(dice(seed, "sales", shop.key, week).gauss(0, SALES_NOISE) - SALES_NOISE**2 / 2)
            level = yen[shop.key] * local * season * (1 + effect_on(shop, town=town, week=week, effects=effects))
            yield ShopWeek(shop.key, monday, accepts(shop, week), round(level * noise))


def accepts(shop: Shop, week: int) -> bool:
    """Whether a shop takes the wallet's money in a week."""
    return week >= 0 and shop.accepts_from_week is not None and week >= shop.accepts_from_week


def effect_on(shop: Shop, *, town: Town, week: int, effects: Effects) -> float:
    """The planted effect on a shop's sales in a week, as a share of them."""
    if accepts(shop, week):
        return effects.shop_gain
    rings = {town.wards[shop.ward].steps_to(town.wards[s.ward]) for s in town.shops.values() if accepts(s, week)}
    if 0 in rings:
        return effects.displaced_same_ward
    return effects.displaced_next_ward if 1 in rings else 0.0
