"""Expiry in bulk: in chunks that stand by themselves, and undone as a whole when the run was wrong."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from django.db import OperationalError, connection

from meguri.ledger import door
from meguri.ledger import operations as books
from meguri.ledger.rules import Account, Leg, Posting
from meguri.ledger.templates import AccountRole
from meguri.programmes import operations, queries
from meguri.programmes.queries import Budget
from meguri.programmes.shipped import shipped
from tests.programmes.builders import BENEFIT, POINT, TownHall
from tests.programmes.test_budgets import refused

AFTER = datetime(2026, 4, 1, 0, 0, tzinfo=UTC)
LATER = AFTER + timedelta(days=2)


@pytest.mark.django_db
def test_a_wrong_run_is_undone_yen_for_yen_and_once(hall: TownHall, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("meguri.programmes.operations.expiry.BATCH", 2)
    made = hall.launch(shipped()[BENEFIT])
    holders = [uuid4() for _ in range(3)]
    for holder in holders:
        hall.grant(made, "benefit", {"benefit": 10_000}, holder=holder, at=hall.at)
        hall.grant(made, "bonus", {"bonus": 2_500}, holder=holder, at=hall.at)
    lapsed = queries.lapsed(made.programme, municipality=hall.municipality, at=AFTER)
    before = [hall.fund(made, fund).budget for fund in ("benefit", "bonus")]
    run = operations.expire_programme(programme=made.programme, by=hall.system, at=AFTER)
    asked = {"programme": made.programme, "run_at": AFTER, "by": hall.system}
    assert operations.undo_expiry(**asked, at=LATER) == run  # type: ignore[arg-type]
    assert operations.undo_expiry(**asked, at=LATER).postings == 0  # type: ignore[arg-type]
    assert [hall.holds(holder) for holder in holders] == [12_500] * 3
    assert [hall.fund(made, fund).budget for fund in ("benefit", "bonus")] == before
    again = queries.lapsed(made.programme, municipality=hall.municipality, at=AFTER)
    assert again == lapsed  # the same lots, found by the next run
    second = operations.expire_programme(programme=made.programme, by=hall.system, at=LATER)
    assert (second.postings, second.granted_yen, second.paid_yen) == (run.postings, run.granted_yen, run.paid_yen)


@pytest.mark.django_db
def test_budget_that_is_gone_cannot_be_given_back(hall: TownHall) -> None:
    made = hall.launch(shipped()[POINT])
    holder = uuid4()
    hall.grant(made, "points", {"town": 7, "sponsor": 3}, holder=holder, at=hall.at)
    operations.expire_programme(programme=made.programme, by=hall.system, at=AFTER)
    fund = made.funds["sponsor"]
    outside, inside = Account(fund, AccountRole.APPROPRIATION), Account(fund, AccountRole.FUND)
    lot = books.fund_lot(fund, municipality=hall.municipality)
    leg = Leg(inside, outside, 900_000, (lot,))
    books.post(
        Posting("all-of-it", "return_appropriation", (leg,), LATER, "test"), municipality=hall.municipality
    )
    run = operations.undo_expiry(programme=made.programme, run_at=AFTER, by=hall.system, at=LATER)
    assert (run.postings, run.granted_yen, run.refused) == (1, 7, 1)
    assert hall.holds(holder) == 7


@pytest.mark.django_db
def test_only_the_system_undoes_and_only_that_run(hall: TownHall) -> None:
    made = hall.launch(shipped()[POINT])
    holder = uuid4()
    hall.grant(made, "points", {"town": 7}, holder=holder, at=hall.at)
    operations.expire_programme(programme=made.programme, by=hall.system, at=AFTER)
    with refused("not_allowed"):
        operations.undo_expiry(
            programme=made.programme, run_at=AFTER, by=hall.officer("checker", "planning"), at=LATER
        )
    other = AFTER + timedelta(seconds=1)
    assert operations.undo_expiry(programme=made.programme, run_at=other, by=hall.system, at=LATER).postings == 0
    assert hall.holds(holder) == 0


@pytest.mark.django_db(transaction=True)
def test_a_run_that_breaks_keeps_its_chunks_and_is_finished_by_the_next(monkeypatch: pytest.MonkeyPatch) -> None:
    hall = TownHall().open()
    monkeypatch.setattr("meguri.programmes.operations.expiry.BATCH", 2)
    made = hall.launch(shipped()[POINT])
    holders = [uuid4() for _ in range(5)]
    for holder in holders:
        hall.grant(made, "points", {"town": 5}, holder=holder, at=hall.at)
    calls: list[str] = []

    def breaks(execute: Callable[..., object], statement: str, *more: object) -> object:
        if statement == door.POST:
            calls.append(statement)
            if len(calls) == 2:
                raise OperationalError("the server went away")
        return execute(statement, *more)

    with pytest.raises(OperationalError), connection.execute_wrapper(breaks):
        operations.expire_programme(programme=made.programme, by=hall.system, at=AFTER)
    assert sum(hall.holds(holder) for holder in holders) == 15
    run = operations.expire_programme(programme=made.programme, by=hall.system, at=AFTER)
    assert (run.postings, run.granted_yen) == (3, 15)
    assert hall.fund(made, "town").budget == Budget(left_yen=2_100_000)
