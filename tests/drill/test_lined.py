"""The short form of the drill of the city's shape, with its controls."""

from __future__ import annotations

from dataclasses import replace
from itertools import count
from typing import Any

import pytest

from drill import lined
from meguri.programmes import queries
from meguri.programmes.queries import BudgetLine

pytestmark = pytest.mark.django_db
NUMBERS = count(92_000)


@pytest.mark.parametrize("seed", [5, 6])
def test_every_line_and_every_sum_of_lines_says_what_was_moved(seed: int) -> None:
    told = lined.drilled(next(NUMBERS), seed=seed, postings=1_500, funds=8, agreements=4)
    assert told["well"], told["wrong"]
    assert int(str(told["postings"])) >= 1_500
    assert int(str(told["lines"])) > 4


def slip(lines: tuple[BudgetLine, ...]) -> tuple[BudgetLine, ...]:
    """A yen of the first line is told in the second: the total is right, the shape is not."""
    first, second, *others = lines
    less = replace(first.budget, left_yen=first.budget.left_yen - 1)
    more = replace(second.budget, left_yen=second.budget.left_yen + 1)
    return (replace(first, budget=less), replace(second, budget=more), *others)


def misplace(lines: tuple[BudgetLine, ...]) -> tuple[BudgetLine, ...]:
    """A yen that was spent is told as used: what was loaded is right, its place is not."""
    first, *others = lines
    budget = replace(first.budget, used_yen=first.budget.used_yen + 1, spent_yen=first.budget.spent_yen - 1)
    return (replace(first, budget=budget), *others)


def drop(lines: tuple[BudgetLine, ...]) -> tuple[BudgetLine, ...]:
    return lines[1:]


@pytest.mark.parametrize("fault", [slip, misplace, drop])
def test_a_statement_that_is_wrong_in_one_yen_is_told(fault: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """The controls."""
    shared = lined.Shared(next(NUMBERS), seed=7)
    shared.live(600)
    assert list(lined.wrong(shared)) == []
    honest = queries.budget_lines
    monkeypatch.setattr(queries, "budget_lines", lambda *who, **when: fault(honest(*who, **when)))
    assert list(lined.wrong(shared))
