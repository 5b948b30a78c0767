"""Strategy: the goal tree, the programmes hung on it, and what each month cost."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from ninja import Router, Schema

from meguri.faces.api.auth import Bearer, IdempotencyKey
from meguri.faces.entrance.requests import TownRequest
from meguri.strategy import operations
from meguri.strategy.rules import GoalEntry

router = Router()


class GoalRow(Schema):
    """A node: the vision has goals, a goal has indicators (figures that evidence computes, with a target)."""

    code: str
    name_ja: str
    name_en: str
    department: str = ""
    indicator: str = ""
    target: float | None = None
    reach_by: date | None = None
    children: tuple[GoalRow, ...] = ()


class LinkAsked(Schema):
    programme: UUID
    goals: list[str]


class CostAsked(Schema):
    """Without `programme` the cost is shared by the key `allocation`: even, delivered or people."""

    kind: str
    amount_yen: int
    month: date
    source: str
    note: str
    programme: UUID | None = None
    allocation: str = ""


class CostGiven(Schema):
    cost: UUID


class Done(Schema):
    done: bool = True


@router.post("/strategy/goals", operation_id="strategy_set_goals", response=Done, auth=Bearer("strategy.edit"))
def set_goals(request: TownRequest, asked: GoalRow) -> Done:
    """Write the whole tree, from the vision down."""
    operations.set_goal_tree(_entry(asked), by=request.actor, at=request.at)
    return Done()


def _entry(row: GoalRow) -> GoalEntry:
    return GoalEntry(**row.dict(exclude={"children"}), children=tuple(_entry(each) for each in row.children))


@router.post("/strategy/links", operation_id="strategy_link", response=Done, auth=Bearer("strategy.edit"))
def link(request: TownRequest, asked: LinkAsked) -> Done:
    """Hang a programme on these goals and on no others."""
    operations.link_programme(asked.programme, asked.goals, by=request.actor, at=request.at)
    return Done()


@router.post("/strategy/costs", operation_id="strategy_book_cost", response=CostGiven, auth=Bearer("strategy.edit"))
def book_cost(request: TownRequest, asked: CostAsked, *, idempotency_key: IdempotencyKey) -> CostGiven:
    """Book what something cost in a month; the same request is the same line."""
    made = operations.book_cost(by=request.actor, at=request.at, request=idempotency_key, **asked.dict())
    return CostGiven(cost=made)
