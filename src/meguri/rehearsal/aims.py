"""What the town hall wants and what its work costs: goal tree, links and monthly lines of `data/strategy.toml`."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from datetime import date
from functools import cache
from importlib.resources import files
from typing import Any

from meguri.rehearsal.happenings import BooksCost, Happening, LinksProgramme, SetsGoals
from meguri.rehearsal.timetable import moment


@cache
def aims() -> dict[str, Any]:
    """The content of `data/strategy.toml`."""
    found: dict[str, Any] = tomllib.loads(
        (files("meguri.rehearsal") / "data" / "strategy.toml").read_text(encoding="utf-8")
    )
    return found


def goal_tree(*, reach_by: date) -> dict[str, Any]:
    """The tree as the server takes it: the vision, its goals, their indicators."""
    children = [_goal(goal, reach_by=reach_by) for goal in aims()["goals"]]
    return {**aims()["vision"], "children": children}


def declared(today: date, *, reach_by: date) -> Iterator[Happening]:
    """The tree, and the programmes hung on it, on the day they are launched."""
    yield SetsGoals(at=moment(today, 9, minute=20), key="goals", tree=goal_tree(reach_by=reach_by))
    for minute, (programme, goals) in enumerate(aims()["links"].items(), start=21):
        at = moment(today, 9, minute=minute)
        yield LinksProgramme(at=at, key=f"link:{programme}", programme=programme, goals=tuple(goals))


def monthly_costs(today: date, *, residents: int, children: int, is_first: bool) -> Iterator[Happening]:
    """The lines of the month in which a day lies."""
    for number, cost in enumerate(aims()["costs"]):
        more = residents * cost.get("yen_per_resident", 0) + children * cost.get("yen_per_child", 0)
        if cost["yen"] + more and (is_first or not cost.get("first_month_only")):
            yield BooksCost(
                at=moment(today, 9, minute=30 + number), key=f"cost:{today:%Y-%m}:{number}", kind=cost["kind"],
                amount_yen=cost["yen"] + more, month=today.replace(day=1), source=cost["source"],
                note=cost["note_ja"], programme=cost.get("programme", ""), allocation=cost.get("allocation", ""),
            )  # fmt: skip


def books_costs_on(today: date, *, start: date) -> bool:
    """Costs are booked as the programmes start, and on the first of each month after that."""
    return today == start or (today.day == 1 and today > start)


def _goal(goal: dict[str, Any], *, reach_by: date) -> dict[str, Any]:
    indicators = [
        {**each, "department": goal["department"], "reach_by": reach_by.isoformat()} for each in goal["indicators"]
    ]
    return {name: goal[name] for name in ("code", "name_ja", "name_en", "department")} | {"children": indicators}
