"""What a lived town leaves beside the run: the truth, and tables that a department could have collected.

Every file says on its first line, or in its first field, that the town is invented.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from meguri.rehearsal.happenings import SpendingRow
from meguri.rehearsal.life import Life
from meguri.rehearsal.shop_sales import shop_sales
from meguri.rehearsal.truth import truth


def write_all(life: Life, folder: Path) -> dict[str, Any]:
    """Write `truth.json` and the tables; gives the content of `truth.json`."""
    folder.mkdir(parents=True, exist_ok=True)
    told = truth(life.panel, extra=_planted_elsewhere(life))
    (folder / "truth.json").write_text(json.dumps(told, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
    label = life.town.label
    _table(folder / "outcomes.csv", label, ("household", "week", "untreated_yen", "added_yen", "wallet_yen"), (
        (o.household, life.table.monday(o.week), round(o.untreated, 2), round(o.added, 2), o.wallet_yen)
        for o in life.panel.outcomes
    ))  # fmt: skip
    _table(folder / "household_spending.csv", label, SpendingRow._fields, life.panel.reported)
    _table(folder / "households.csv", label, ("household", "ward", "members", "assessed_income_yen", "tax_class"), (
        (home.key, home.ward, len(home.members), home.assessed_income_yen, home.tax_class)
        for home in life.town.households.values()
    ))  # fmt: skip
    _table(folder / "activity.csv", label, ("resident", "ward", "week", "walk_days", "clean_ups"), _activity(life))
    sales = shop_sales(life.town, table=life.table, effects=life.story.effects, seed=life.story.seed)
    _table(folder / "shop_sales.csv", label, ("shop", "week", "accepts", "yen"), sales)
    return told


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
    }


def _activity(life: Life) -> Iterable[tuple[object, ...]]:
    """Every wallet holder's weeks, those without any deed included."""
    for week in range(life.table.weeks):
        done = life.habits.activity[week]
        for key in sorted(life.known.open):
            yield key, life.town.residents[key].ward, week, done.walk_days[key], done.clean_ups[key]


def _table(path: Path, label: str, head: tuple[str, ...], rows: Iterable[Iterable[object]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        file.write(f"# {label}\n")
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(head)
        writer.writerows(rows)
