"""The goal tree as a document: what officers read and write in the same words as a programme's TOML."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from datetime import date
from typing import Any

import tomli_w

from meguri.programmes import misreadings
from meguri.strategy.queries import GoalNode
from meguri.strategy.rules import GOAL_TREE_WRONG, GoalEntry

LISTS = {"vision": "goals", "goal": "indicators"}
"""Under which name a level's children stand in the document."""

EXAMPLE = """code = "vision"
name_ja = "お金が町をめぐり、だれもが町に加わる"
name_en = "Money goes round the town, and everybody takes part"

[[goals]]
code = "shops"
name_ja = "町の店で使われる"
name_en = "Spent at the town's shops"
department = "commerce"

[[goals.indicators]]
code = "small-shops"
name_ja = "中小店・商店街での使用"
name_en = "Spent at small and street shops"
indicator = "small_shop_share"
target = 0.5
reach_by = 2027-03-31
"""


def written(tree: GoalNode | None) -> str:
    """The tree as TOML; an example for a town that has none yet."""
    return tomli_w.dumps(_plain(tree)) if tree else EXAMPLE


def read(text: str) -> GoalEntry:
    """The tree of a document. Raises Refusal `goal_tree_wrong`, or a misreading that names the line."""
    try:
        return _entry(tomllib.loads(text))
    except tomllib.TOMLDecodeError as problem:
        raise misreadings.of_syntax(problem, form="toml") from None


def _plain(node: GoalNode) -> dict[str, Any]:
    facts = {
        "code": node.code, "name_ja": node.name_ja, "name_en": node.name_en, "department": node.department or None,
        "indicator": node.indicator or None, "target": node.target, "reach_by": node.reach_by,
    }  # fmt: skip
    below = {LISTS[node.level]: [_plain(child) for child in node.children]} if node.children else {}
    return {name: value for name, value in facts.items() if value is not None} | below


def _entry(table: Mapping[str, Any]) -> GoalEntry:
    """A table of the document; the operation judges what it says, this only its types."""
    code = str(table.get("code", ""))
    below = table.get("goals", table.get("indicators", []))
    wanted: dict[str, type | tuple[type, ...]] = {
        "name_ja": str, "name_en": str, "department": str, "indicator": str, "target": (int, float), "reach_by": date,
    }  # fmt: skip
    for name, kind in wanted.items():
        if name in table and not isinstance(table[name], kind):
            raise GOAL_TREE_WRONG.refusal(field="tree", code=code, item=name)
    if not isinstance(below, list) or not all(isinstance(each, dict) for each in below):
        raise GOAL_TREE_WRONG.refusal(field="tree", code=code, item="goals")
    facts = {name: table[name] for name in wanted if name in table}
    return GoalEntry(code=code, children=tuple(_entry(each) for each in below), **_whole(facts))


def _whole(facts: dict[str, Any]) -> dict[str, Any]:
    return {"name_ja": "", "name_en": ""} | facts
