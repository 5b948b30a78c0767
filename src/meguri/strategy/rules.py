"""What makes a goal tree sound, and how shared costs are divided. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from meguri.words.refusal import declare
from meguri.words.yen import divide

LEVELS = ("vision", "goal", "indicator")
CODE = re.compile(r"[a-z][a-z0-9_-]{0,39}")

GOAL_TREE_WRONG = declare(
    "goal_tree_wrong", status=422,
    ja="目標の木の「{code}」を直してください({item})。木は、将来像・目標・指標の三段です。",
    en="Please mend “{code}” in the goal tree ({item}). A tree has three levels: vision, goal, indicator.",
)
GOAL_IN_USE = declare(
    "goal_in_use",
    ja="目標「{code}」には事業が結びついています。先に事業を別の目標へ移してください。",
    en="Programmes hang on the goal “{code}”. Please move them to another goal first.",
)
GOAL_UNKNOWN = declare(
    "goal_unknown", status=404, ja="目標「{code}」は見つかりません。", en="There is no goal “{code}”."
)
GOALS_MISSING = declare(
    "goals_missing", status=422,
    ja="事業には目標が一つ以上必要です。", en="A programme needs at least one goal.",
)
COST_WRONG = declare(
    "cost_wrong", status=422,
    ja="費用の{item}を直してください(入力: {value})。",
    en="Please mend the cost's {item} (you entered: {value}).",
)
COST_DIFFERS = declare(
    "cost_differs",
    ja="この受付番号の費用は、別の内容で記録されています。番号を変えてください。",
    en="A cost of this request number is booked with other contents. Please use another number.",
)
COST_UNKNOWN = declare(
    "cost_unknown", status=404,
    ja="この費用は見つからないか、取り消し済みです。", en="There is no such cost, or it was withdrawn.",
)


@dataclass(frozen=True, slots=True)
class GoalEntry:
    """A node as it is written. `indicator` (a code of evidence) and `target` stand on indicators only."""

    code: str
    name_ja: str
    name_en: str
    department: str = ""
    indicator: str = ""
    target: float | None = None
    reach_by: date | None = None
    children: tuple[GoalEntry, ...] = ()


@dataclass(frozen=True, slots=True)
class Placed:
    """A node with its level, its parent's code and its place among its siblings."""

    entry: GoalEntry
    level: str
    parent: str
    place: int


def placed(tree: GoalEntry) -> Iterator[Placed]:
    """All nodes, parents before children. Raises Refusal `goal_tree_wrong` for a fourth level."""
    yield from _placed(tree, depth=0, parent="", place=0)


def _placed(entry: GoalEntry, *, depth: int, parent: str, place: int) -> Iterator[Placed]:
    if depth >= len(LEVELS):
        raise GOAL_TREE_WRONG.refusal(field=entry.code, code=entry.code, item="level")
    yield Placed(entry, LEVELS[depth], parent, place)
    for number, child in enumerate(entry.children):
        yield from _placed(child, depth=depth + 1, parent=entry.code, place=number)


def check_tree(nodes: Sequence[Placed], *, indicators: frozenset[str]) -> None:
    """Raise Refusal `goal_tree_wrong` for the first unsound node. `indicators`: the codes that evidence can compute."""
    seen: set[str] = set()
    for node in nodes:
        entry = node.entry
        is_indicator = node.level == "indicator"
        wrong = {
            "code": not CODE.fullmatch(entry.code) or entry.code in seen,
            "name_ja": not entry.name_ja.strip(),
            "name_en": not entry.name_en.strip(),
            "indicator": (entry.indicator not in indicators) if is_indicator else bool(entry.indicator),
            "target": entry.target is not None and not is_indicator,
        }
        for item, is_wrong in wrong.items():
            if is_wrong:
                raise GOAL_TREE_WRONG.refusal(field=f"{entry.code}.{item}", code=entry.code, item=item)
        seen.add(entry.code)


def allocate(amount_yen: int, weights: Mapping[UUID, int]) -> dict[UUID, int]:
    """Divide a shared cost by weights (yen delivered, people, or all the same); the parts add up exactly.

    Weights that are all zero (nothing delivered yet) divide it evenly; without programmes nothing is divided.
    """
    owners = sorted(weights)
    if not owners:
        return {}
    shares = [max(0, weights[owner]) for owner in owners]
    return dict(zip(owners, divide(amount_yen, shares if any(shares) else [1] * len(owners)), strict=True))
