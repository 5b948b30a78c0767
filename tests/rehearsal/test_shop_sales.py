from __future__ import annotations

from dataclasses import replace
from math import log
from statistics import mean

import pytest

from meguri.rehearsal.shop_sales import accepts, effect_on, shop_sales
from meguri.rehearsal.timetable import timetable
from meguri.rehearsal.town import Shop, Town
from meguri.rehearsal.truth import BASELINE_WEEKS, EFFECTS
from tests.rehearsal.conftest import START

TABLE = timetable(START, weeks=8)


def test_every_shop_has_every_week(small_town: Town) -> None:
    rows = list(shop_sales(small_town, table=TABLE, effects=EFFECTS, seed=7))
    assert len(rows) == len(small_town.shops) * (8 + BASELINE_WEEKS)
    assert all(row.yen > 0 for row in rows)
    assert rows == list(shop_sales(small_town, table=TABLE, effects=EFFECTS, seed=7))


def test_a_shop_accepts_from_its_week_on(small_town: Town) -> None:
    shop = next(iter(small_town.shops.values()))
    assert [accepts(replace(shop, accepts_from_week=2), week) for week in (-1, 0, 1, 2, 3)] == [False] * 3 + [True] * 2
    assert not accepts(replace(shop, accepts_from_week=None), 30)


def test_a_shop_gains_or_loses_by_its_ring(small_town: Town) -> None:
    centre = Shop(
        key="a", merchant="m", name="", name_en="", trade="books", jsic_middle="60", ward="w01", address="",
        size="small", floor_m2=50, visits=1, ticket_yen=1_000, opens=9, closes=18, closed_on=None, accepts_from_week=0,
    )  # fmt: skip
    beside = replace(centre, key="b", accepts_from_week=None)
    ring = replace(beside, key="c", ward="w02")
    town = replace(small_town, shops={"a": centre, "b": beside, "c": ring})
    found = [effect_on(shop, town=town, week=1, effects=EFFECTS) for shop in (centre, beside, ring)]
    assert found == [EFFECTS.shop_gain, EFFECTS.displaced_same_ward, EFFECTS.displaced_next_ward]
    assert effect_on(beside, town=town, week=-1, effects=EFFECTS) == 0


def test_the_gain_can_be_found_in_the_rows(large_town: Town) -> None:
    """Before and after, shops that join at once against those that never do: gain less displacement."""
    rows = list(shop_sales(large_town, table=TABLE, effects=EFFECTS, seed=3))
    change = {}
    for week in (0, None):
        keys = {s.key for s in large_town.shops.values() if s.accepts_from_week == week}
        logs = {
            after: [log(r.yen) for r in rows if r.shop in keys and (r.week >= START) == after]
            for after in (False, True)
        }
        change[week] = mean(logs[True]) - mean(logs[False])
    assert change[0] - change[None] == pytest.approx(0.06, abs=0.015)
