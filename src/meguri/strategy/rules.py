"""What makes a goal tree sound, and how shared costs are divided. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from meguri.parties.rules import Both
from meguri.words.refusal import Refusal, declare
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
    ja="費用の「{item:ja}」を確かめてください。{how:ja}。", en="Please check the cost's {item:en}: {how:en}.",
)
COST_MONTH_OUTSIDE = declare(
    "cost_month_outside", status=422,
    ja="{month:ja}の費用は記録できません。{first:ja}から{last:ja}までの月にしてください。",
    en="A cost of {month:en} cannot be booked. Please give a month from {first:en} to {last:en}.",
)
_CHOOSE = Both("選択肢から選んでください", "please choose one of those offered")
COST_ITEMS = {
    "kind": (Both("何の費用", "kind"), _CHOOSE),
    "month": (Both("月", "month"), Both("その月の1日を書いてください", "please give the month's first day")),
    "source": (Both("確かさ", "source"), _CHOOSE),
    "note": (
        Both("説明", "note"),
        Both("何の費用かを400文字以内で書いてください", "please say what it was for, in at most 400 characters"),
    ),
    "allocation": (
        Both("分け方", "division"),
        Both("共通の費用だけ、分け方を選んでください", "please choose one for a shared cost and for no other"),
    ),
    "reason": (
        Both("取り消す理由", "reason"), Both("理由を書いてください。記録に残ります", "please give it; it is kept"),
    ),
}
"""What may be wrong with a cost, as people call it, and how to mend it."""
MONTHS_BACK, MONTHS_AHEAD = 120, 12
"""Accounts are compared over ten years at most; a contract may be booked up to a year ahead."""
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


def wrong_cost(field: str) -> Refusal:
    """The refusal for one field of a cost (a key of COST_ITEMS)."""
    named, how = COST_ITEMS[field]
    return COST_WRONG.refusal(field=field, item=named, how=how)


def check_month(month: date, *, today: date) -> None:
    """Raise Refusal `cost_month_outside` for a month so far away that it must be a slip of the pen."""
    first, last = _moved(today, -MONTHS_BACK), _moved(today, MONTHS_AHEAD)
    if not first <= month <= last:
        raise COST_MONTH_OUTSIDE.refusal(
            field="month", month=_said_month(month), first=_said_month(first), last=_said_month(last)
        )


def _moved(on: date, months: int) -> date:
    years, month = divmod(on.month - 1 + months, 12)
    return date(on.year + years, month + 1, 1)


def _said_month(on: date) -> Both:
    return Both(f"{on.year}年{on.month}月", f"{on:%B} {on.year}")


def allocate(amount_yen: int, weights: Mapping[UUID, int]) -> dict[UUID, int]:
    """Divide a shared cost by weights (yen delivered, people, or all the same); the parts add up exactly.

    Weights that are all zero (nothing delivered yet) divide it evenly; without programmes nothing is divided.
    """
    owners = sorted(weights)
    if not owners:
        return {}
    shares = [max(0, weights[owner]) for owner in owners]
    return dict(zip(owners, divide(amount_yen, shares if any(shares) else [1] * len(owners)), strict=True))
