"""What may be done in strategy: write the goal tree, hang programmes on it, book what things cost."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID

from django.db import connection, transaction

from meguri.evidence.meanings import MEANINGS
from meguri.parties.rules import require
from meguri.programmes import queries as programmes
from meguri.strategy.models import AllocationKey, CostKind, CostLine, CostSource, Goal, Level, ProgrammeGoal
from meguri.strategy.rules import (
    COST_DIFFERS,
    COST_UNKNOWN,
    GOAL_IN_USE,
    GOAL_TREE_WRONG,
    GOAL_UNKNOWN,
    GOALS_MISSING,
    GoalEntry,
    Placed,
    check_month,
    check_tree,
    placed,
    wrong_cost,
)
from meguri.words.actor import Actor
from meguri.words.clock import day
from meguri.words.ids import uuid7
from meguri.words.yen import AMOUNT_OUT_OF_RANGE

COST_MOST_YEN = 100_000_000_000

_TURN = 0x57BA7E  # names the goal tree among the advisory locks of the database


def _take_turn(municipality: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [_TURN, municipality])


@transaction.atomic
def set_goal_tree(tree: GoalEntry, *, by: Actor, at: datetime) -> None:
    """Write the whole tree; nodes keep their identity by code (the vision always), so programmes stay where they hang.

    Order: wait for the turn, judge the tree, refuse to take away a goal with programmes, write parents before
    children, take away what is gone, children first.
    Raises Refusal: not_allowed, goal_tree_wrong, goal_in_use.
    """
    require(by, "strategy.edit", department=by.department)
    _take_turn(by.municipality)
    nodes = list(placed(tree))
    check_tree(nodes, indicators=frozenset(MEANINGS))
    rows = list(Goal.objects.filter(municipality=by.municipality))
    if any(row.code == tree.code and row.level != Level.VISION for row in rows):
        raise GOAL_TREE_WRONG.refusal(field=f"{tree.code}.level", code=tree.code, item="level")
    kept = {tree.code if row.level == Level.VISION else row.code: row for row in rows}
    gone = [kept[code] for code in kept.keys() - {node.entry.code for node in nodes}]
    used = ProgrammeGoal.objects.filter(goal__in=gone).select_related("goal").first()
    if used is not None:
        raise GOAL_IN_USE.refusal(code=used.goal.code)
    for node in nodes:
        kept[node.entry.code] = _write(node, kept, by=by, at=at)
    for level in (Level.INDICATOR, Level.GOAL):
        Goal.objects.filter(id__in=[row.id for row in gone if row.level == level]).delete()


def _write(node: Placed, kept: dict[str, Goal], *, by: Actor, at: datetime) -> Goal:
    """A code stays on its level: what hangs on a goal would make no sense on an indicator."""
    entry = node.entry
    row = kept.get(entry.code) or Goal(id=uuid7(at), municipality=by.municipality, level=node.level)
    if row.level != node.level:
        raise GOAL_TREE_WRONG.refusal(field=f"{entry.code}.level", code=entry.code, item="level")
    row.code = entry.code
    row.parent, row.level, row.place = kept.get(node.parent), node.level, node.place
    row.name_ja, row.name_en, row.department = entry.name_ja.strip(), entry.name_en.strip(), entry.department
    row.indicator, row.target, row.reach_by = entry.indicator, entry.target, entry.reach_by
    row.changed_by, row.changed_at = by.party, at
    row.save()
    return row


@transaction.atomic
def link_programme(programme: UUID, goals: Sequence[str], *, by: Actor, at: datetime) -> None:
    """Hang a programme on these goals (codes) and on no others.

    Raises Refusal: not_allowed, programme_unknown, goals_missing, goal_unknown.
    """
    require(by, "strategy.edit", department=by.department)
    _take_turn(by.municipality)
    if programmes.programme(programme, municipality=by.municipality) is None:
        raise programmes.PROGRAMME_UNKNOWN.refusal()
    if not goals:
        raise GOALS_MISSING.refusal(field="goals")
    found = {
        row.code: row
        for row in Goal.objects.filter(municipality=by.municipality, level=Level.GOAL, code__in=list(goals))
    }
    for code in goals:
        if code not in found:
            raise GOAL_UNKNOWN.refusal(field="goals", code=code)
    ProgrammeGoal.objects.filter(municipality=by.municipality, programme=programme).exclude(
        goal__in=list(found.values())
    ).delete()
    ProgrammeGoal.objects.bulk_create(
        [
            ProgrammeGoal(
                id=uuid7(at), municipality=by.municipality, programme=programme, goal=goal, linked_by=by.party,
                linked_at=at,
            )
            for goal in found.values()
        ],
        ignore_conflicts=True,
    )


@transaction.atomic
def book_cost(
    *, by: Actor, at: datetime, request: str, kind: str, amount_yen: int, month: date, source: str, note: str,
    programme: UUID | None = None, allocation: str = "",
) -> UUID:
    """Book what something cost in a month (its first day); without `programme` it is shared by the key `allocation`.

    The same request with the same contents is the same line.
    Raises Refusal: not_allowed, cost_wrong, cost_month_outside, amount_out_of_range, programme_unknown, cost_differs.
    """
    require(by, "strategy.edit", department=by.department)
    _judge(kind=kind, month=month, source=source, note=note, is_shared=programme is None, allocation=allocation)
    check_month(month, today=day(at))
    if not 1 <= amount_yen <= COST_MOST_YEN:
        raise AMOUNT_OUT_OF_RANGE.refusal(field="amount_yen", amount=amount_yen, least=1, most=COST_MOST_YEN)
    if programme is not None and programmes.programme(programme, municipality=by.municipality) is None:
        raise programmes.PROGRAMME_UNKNOWN.refusal(field="programme")
    contents = {
        "programme": programme, "allocation": allocation, "kind": kind, "amount_yen": amount_yen, "month": month,
        "source": source, "note": note.strip(),
    }
    row, _ = CostLine.objects.get_or_create(
        municipality=by.municipality, request=request,
        defaults={"id": uuid7(at), "booked_by": by.party, "booked_at": at, **contents},
    )
    if any(getattr(row, name) != value for name, value in contents.items()):
        raise COST_DIFFERS.refusal(field="request")
    return row.id


def _judge(*, kind: str, month: date, source: str, note: str, is_shared: bool, allocation: str) -> None:
    wrong = {
        "kind": kind not in CostKind.values,
        "month": month.day != 1,
        "source": source not in CostSource.values,
        "note": not note.strip() or len(note) > 400,
        "allocation": allocation not in (AllocationKey.values if is_shared else [""]),
    }
    for item, is_wrong in wrong.items():
        if is_wrong:
            raise wrong_cost(item)


@transaction.atomic
def withdraw_cost(line: UUID, *, reason: str, by: Actor, at: datetime) -> None:
    """Take a wrong line back; it stays in the table with the reason and counts no more.

    Raises Refusal: not_allowed, cost_unknown, cost_wrong.
    """
    require(by, "strategy.edit", department=by.department)
    if not reason.strip():
        raise wrong_cost("reason")
    row = (
        CostLine.objects.select_for_update()
        .filter(id=line, municipality=by.municipality, withdrawn_at__isnull=True).first()
    )
    if row is None:
        raise COST_UNKNOWN.refusal()
    row.withdrawn_at, row.withdrawn_because = at, reason.strip()[:400]
    row.save(update_fields=["withdrawn_at", "withdrawn_because"])
