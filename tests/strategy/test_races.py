"""Two officers edit the strategy at the same moment."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from uuid import UUID

import pytest
from django.db import connections

from meguri.strategy import operations
from meguri.strategy.models import CostLine, Goal, ProgrammeGoal
from meguri.strategy.rules import GoalEntry
from meguri.words.actor import ActorRole
from meguri.words.refusal import Refusal
from tests.settlement.books import AT, SmallTown, small_town

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def town(transactional_db: None) -> SmallTown:
    return small_town()


def at_once(works: list[Callable[[], object]]) -> list[object]:
    gate = threading.Barrier(len(works))

    def one(work: Callable[[], object]) -> object:
        gate.wait()
        try:
            return work()
        except Refusal as refusal:
            return refusal
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(works)) as pool:
        return list(pool.map(one, works))


def tree(*goals: str) -> GoalEntry:
    return GoalEntry("vision", "将来像", "Vision", children=tuple(GoalEntry(code, code, code) for code in goals))


def test_one_of_two_trees_stands_whole(town: SmallTown) -> None:
    by = town.actor(ActorRole.MAKER)
    trees = [tree("a", "b"), tree("c", "d"), tree("e", "f"), tree("g")]
    at_once([lambda each=each: operations.set_goal_tree(each, by=by, at=AT) for each in trees])  # type: ignore[misc]
    codes = set(Goal.objects.filter(municipality=town.municipality, level="goal").values_list("code", flat=True))
    assert codes in [{"a", "b"}, {"c", "d"}, {"e", "f"}, {"g"}]
    assert Goal.objects.filter(municipality=town.municipality, level="vision").count() == 1


def test_a_goal_is_never_taken_away_under_a_programme(town: SmallTown) -> None:
    by, programme = town.actor(ActorRole.MAKER), town.programme()
    operations.set_goal_tree(tree("a", "b"), by=by, at=AT)
    answers = at_once([
        lambda: operations.set_goal_tree(tree("b"), by=by, at=AT),
        lambda: operations.link_programme(programme.id, ["a"], by=by, at=AT),
    ])
    refused = [answer for answer in answers if isinstance(answer, Refusal)]
    assert [refusal.code for refusal in refused] in [["goal_in_use"], ["goal_unknown"]]
    for link in ProgrammeGoal.objects.filter(municipality=town.municipality).select_related("goal"):
        assert link.goal.code == "a"


def test_a_cost_sent_by_many_at_once_is_booked_once(town: SmallTown) -> None:
    by = town.actor(ActorRole.MAKER)

    def book(yen: int) -> UUID:
        return operations.book_cost(
            by=by, at=AT, request="invoice-5", kind="fee", amount_yen=yen, month=date(2026, 6, 1), source="invoice",
            note="No. 5", allocation="even",
        )

    answers = at_once([lambda: book(100)] * 5 + [lambda: book(200)])
    (line,) = CostLine.objects.filter(municipality=town.municipality)
    booked = [answer for answer in answers if isinstance(answer, UUID)]
    assert set(booked) == {line.id}
    assert len(booked) == (5 if line.amount_yen == 100 else 1)
    assert {answer.code for answer in answers if isinstance(answer, Refusal)} == {"cost_differs"}
