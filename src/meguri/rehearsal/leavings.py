"""What a lived town leaves beside the run: the truth, and tables that a department could have collected.

Every file says on its first line, or in its first field, that the town is invented.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from meguri.rehearsal.documents import ONLY
from meguri.rehearsal.happenings import SpendingRow
from meguri.rehearsal.life import Life
from meguri.rehearsal.names import words
from meguri.rehearsal.rules import FIRST_COME
from meguri.rehearsal.shop_sales import ShopWeek, shop_sales
from meguri.rehearsal.timings import OperationTime, Timings
from meguri.rehearsal.truth import truth

Rows = Iterable[Iterable[object]]


def write_all(life: Life, folder: Path) -> dict[str, Any]:
    """Write `truth.json` and the tables; gives the content of `truth.json`."""
    folder.mkdir(parents=True, exist_ok=True)
    told = truth(life.panel, extra=_planted_elsewhere(life))
    (folder / "truth.json").write_text(json.dumps(told, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
    for name, (head, rows) in _tables(life).items():
        _write(folder / f"{name}.csv", rows, head=head)
    return told


def write_requests(timings: Timings, folder: Path) -> None:
    """Write `requests.csv`: how long each operation of the API took in this start. Nothing when nothing was asked."""
    if timings.requests:
        _write(folder / "requests.csv", timings.table(), head=OperationTime._fields)


def _write(path: Path, rows: Rows, *, head: tuple[str, ...]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        file.write(f"# {words()['label_ja']}\n")
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(head)
        writer.writerows(rows)


def _tables(life: Life) -> dict[str, tuple[tuple[str, ...], Rows]]:
    """Name of a table -> its head and rows."""
    sales = shop_sales(life.town, table=life.table, effects=life.story.effects, seed=life.story.seed)
    outcomes = (
        (o.household, life.table.monday(o.week), round(o.untreated, 2), round(o.added, 2), o.inside_yen)
        for o in life.panel.outcomes
    )
    homes = (
        (home.key, home.ward, len(home.members), home.assessed_income_yen, home.tax_class,
         sum(life.hall.entitled.get(home.head, {}).values()))
        for home in life.town.households.values()
    )
    return {
        "household_spending": (SpendingRow._fields, life.panel.reported),
        "outcomes": (("household", "week", "untreated_yen", "added_yen", "inside_yen"), outcomes),
        "households": (("household", "ward", "members", "assessed_income_yen", "tax_class", "benefit_yen"), homes),
        "activity": (("resident", "ward", "week", "walk_days", "clean_ups"), _activity(life)),
        "shop_sales": (ShopWeek._fields, sales),
    }


def _planted_elsewhere(life: Life) -> dict[str, Any]:
    """Effects that are planted in the drawn order of wards and in the choice of shops."""
    market = life.market
    return {
        "points_from_week": {life.town.wards[ward].name: week for ward, week in life.plan.waves.items()},
        "small_shops_of_own_ward": {
            "any_money": round(market.small_home_share(money="any"), 4),
            "benefit": round(market.small_home_share(money="benefit"), 4),
        },
        "units_on_sale": life.hall.scale.units,
        "units_asked": life.plan.units_asked,
        "first_come": _first_come(life),
        "children_entitled": life.hall.scale.children,
        "benefit_yen": life.hall.scale.benefit_yen,
    }


def _first_come(life: Life) -> dict[str, Any]:
    """What is known of the sale to whoever came first. The order of those who came was drawn by lot."""
    came = [each for each in life.plan.comings if each.round == ONLY]
    bought = [each for each in came if f"bought:{FIRST_COME}:{ONLY}:{each.who}" in life.known.ids]
    return {
        "drawn_by_lot": "the moment of coming", "on": life.table.first_come_on.isoformat(),
        "units_on_sale": life.hall.scale.first_come, "units_asked": life.plan.units_in_line(ONLY),
        "people": len(came), "buyers": len(bought), "asleep": sum(each.sleeps for each in came),
    }  # fmt: skip


def _activity(life: Life) -> Iterable[tuple[object, ...]]:
    """Every wallet holder's weeks, those without any deed included."""
    for week in range(life.table.weeks):
        done = life.habits.activity[week]
        for key in sorted(life.known.open):
            yield key, life.town.residents[key].ward, week, done.walk_days[key], done.clean_ups[key]
