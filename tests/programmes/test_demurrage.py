"""Granted value shrinks on its days: which days, by how much, once, late, broken, in a race, and undone."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from typing import Any
from uuid import uuid4

import pytest
from django.db import OperationalError, connection
from hypothesis import given
from hypothesis import strategies as st

from meguri.ledger import operations as books
from meguri.ledger.rules import Account, Leg, Posting
from meguri.ledger.templates import AccountRole
from meguri.programmes import operations, queries
from meguri.programmes.demurrage import by_fund, days_come, demurrage_days, loss_yen, next_day
from meguri.programmes.models import ValueRun
from meguri.programmes.operations.demurrage import DemurrageRun
from meguri.programmes.parts import Demurrage
from meguri.programmes.queries import Shrink
from meguri.programmes.shipped import shipped
from meguri.programmes.validation import validate
from meguri.programmes.vocabularies import DECLARED
from meguri.words.period import Period, day_start
from tests.programmes.builders import BENEFIT, POINT, VOUCHER, TownHall, changed
from tests.programmes.shrinking import EARLY, FIRST, SECOND, Shrunk, days, noon, shrinking
from tests.programmes.test_budgets import refused

MONTHLY = Demurrage(every_days=30, rate_bp=100)
SPENDING = Period.of_days(date(2025, 4, 1), date(2025, 6, 29))


def test_the_days_begin_after_the_first_span_and_end_with_spending() -> None:
    assert list(demurrage_days(MONTHLY, SPENDING)) == [date(2025, 5, 1), date(2025, 5, 31)]
    begun = day_start(date(2025, 5, 1))
    assert days_come(MONTHLY, SPENDING, at=begun) == (date(2025, 5, 1),)
    assert next_day(MONTHLY, SPENDING, at=begun) == date(2025, 5, 31)
    assert days_come(MONTHLY, SPENDING, at=begun - days(1)) == ()
    assert next_day(MONTHLY, SPENDING, at=day_start(date(2025, 5, 31))) is None


@given(st.integers(0, 10**9), st.integers(1, 10_000))
def test_a_loss_is_a_floor_between_nothing_and_all(balance: int, rate: int) -> None:
    lost = loss_yen(balance, rate_bp=rate)
    assert 0 <= lost <= balance
    assert lost * 10_000 <= balance * rate < (lost + 1) * 10_000
    assert (lost >= 1) == (balance * rate >= 10_000)


def test_small_change_stays_whole_and_a_share_of_more_than_all_is_all() -> None:
    assert [loss_yen(yen, rate_bp=100) for yen in (0, 99, 100, 1_200, 1_299)] == [0, 0, 1, 12, 12]
    assert loss_yen(50, rate_bp=20_000) == 50


def test_a_holder_with_two_lots_of_a_fund_counts_once() -> None:
    fund, holder, other, kind = uuid4(), uuid4(), uuid4(), uuid4()
    told = by_fund([
        Shrink(holder, 1, fund, kind, 500, 5), Shrink(holder, 2, fund, kind, 300, 3),
        Shrink(other, 1, fund, kind, 100, 1),
    ])  # fmt: skip
    (one,) = told
    assert (one.fund, one.amount_yen, one.holders, one.least_yen, one.most_yen) == (fund, 9, 2, 1, 8)


@pytest.mark.parametrize(("name", "demurrage", "codes"), [
    (POINT, {"every_days": 30, "rate_bp": 500}, set()),
    (VOUCHER, {"every_days": 30, "rate_bp": 500}, set()),  # its premium may shrink; what was paid does not
    (POINT, {"every_days": 30, "rate_bp": 0}, {"demurrage_rate"}),
    (POINT, {"every_days": 30, "rate_bp": 10_001}, {"demurrage_rate"}),
])  # fmt: skip
def test_what_may_shrink_and_how_fast(name: str, demurrage: dict[str, int], codes: set[str]) -> None:
    found = {each.code for each in validate(changed(name, {"demurrage": demurrage}), DECLARED) if each.is_error}
    assert found == codes


@pytest.mark.django_db
def test_every_balance_loses_its_share_to_its_fund_once(hall: TownHall) -> None:
    town = shrinking(hall)
    ada, ben, cyn = uuid4(), uuid4(), uuid4()
    town.grant(ada, 1_299)
    town.grant(ben, 99)
    town.grant(cyn, 1_000, at=noon(FIRST))  # came on the day itself: it lay nowhere as the day began
    before = town.left()
    preview = queries.shrinking(town.made.programme, FIRST, rate_bp=100, municipality=town.town)
    assert [(each.holder, each.base_yen, each.amount_yen) for each in preview] == [(ada, 1_299, 12)]
    run = town.shrink(noon(FIRST))
    assert run == DemurrageRun(days=(FIRST,), postings=1, amount_yen=12)
    assert [hall.holds(each) for each in (ada, ben, cyn)] == [1_287, 99, 1_000]
    assert town.left() == before + 12
    assert town.shrink(noon(FIRST) + days(1)) == DemurrageRun()  # nothing for the same day again
    assert ValueRun.objects.get(programme=town.made.programme).rate_bp == 100


@pytest.mark.django_db
def test_days_before_the_launch_and_programmes_without_demurrage_take_nothing(hall: TownHall) -> None:
    town = shrinking(hall)
    town.grant(uuid4(), 1_000)
    assert town.shrink(EARLY) == DemurrageRun()
    plain = hall.launch(changed(POINT, {"code": "plain"}))
    run = operations.shrink_programme(programme=plain.programme, by=hall.system, at=noon(SECOND))
    assert run == DemurrageRun()


@pytest.mark.django_db
def test_what_was_paid_for_stays_whole(hall: TownHall) -> None:
    made = hall.launch(changed(BENEFIT, {"demurrage": {"every_days": 10, "rate_bp": 1_000}}))
    holder, at = uuid4(), noon(date(2025, 11, 12))
    hall.grant(made, "benefit", {"benefit": 10_000}, holder=holder, at=at)
    hall.grant(made, "bonus", {"bonus": 2_500}, holder=holder, at=at)
    run = operations.shrink_programme(programme=made.programme, by=hall.system, at=noon(date(2025, 11, 21)))
    assert (run.postings, run.amount_yen, hall.holds(holder)) == (1, 250, 12_250)


@pytest.mark.django_db
def test_a_late_run_takes_what_a_run_in_time_would_have_taken(hall: TownHall) -> None:
    """Two towns live the same summer. One runs on each day, the other once, at the end."""
    left = []
    for late in (False, True):
        town, ada = shrinking(hall, every_days=30) if not late else shrinking(TownHall().open()), uuid4()
        town.grant(ada, 10_000)
        if not late:
            town.shrink(noon(FIRST))
        town.pay(ada, 3_000, at=noon(FIRST) + days(3))
        town.grant(ada, 500, at=noon(FIRST) + days(4))
        run = town.shrink(noon(SECOND))
        assert run.days == ((FIRST, SECOND) if late else (SECOND,))
        left.append(town.hall.holds(ada))
    assert left == [7_500 - 100 - 74] * 2


@pytest.mark.django_db
def test_a_late_run_takes_no_more_than_there_is(hall: TownHall) -> None:
    town, ada, ben = shrinking(hall), uuid4(), uuid4()
    town.grant(ada, 10_000)
    town.grant(ben, 10_000)
    town.pay(ada, 9_960, at=noon(FIRST))
    town.pay(ben, 10_000, at=noon(FIRST))
    run = town.shrink(noon(FIRST) + days(1))
    assert (run.postings, run.amount_yen, run.refused) == (1, 40, 0)
    assert (hall.holds(ada), hall.holds(ben)) == (0, 0)


@pytest.mark.django_db
def test_a_refund_after_the_day_puts_back_what_was_paid_whole(hall: TownHall) -> None:
    town, ada = shrinking(hall), uuid4()
    town.grant(ada, 10_000)
    paid = town.pay(ada, 4_000, at=EARLY + days(1))
    town.shrink(noon(FIRST))
    assert hall.holds(ada) == 6_000 - 60
    town.refund(paid.posting, at=noon(FIRST) + days(1))
    assert hall.holds(ada) == 10_000 - 60
    town.shrink(noon(SECOND))
    assert hall.holds(ada) == 9_940 - 99  # from then on it shrinks like all else


@pytest.mark.django_db
def test_a_day_is_undone_yen_for_yen_and_stays_undone(hall: TownHall, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("meguri.programmes.operations.demurrage.BATCH", 2)
    town, holders = shrinking(hall), [uuid4() for _ in range(5)]
    for holder in holders:
        town.grant(holder, 1_000)
    before = town.left()
    run = town.shrink(noon(FIRST))
    assert (run.postings, run.amount_yen) == (5, 50)
    back = town.undo(FIRST, noon(FIRST) + days(1))
    assert (back.postings, back.amount_yen, back.days) == (5, 50, (FIRST,))
    assert town.undo(FIRST, noon(FIRST) + days(1)).postings == 0
    assert [hall.holds(holder) for holder in holders] == [1_000] * 5
    assert town.left() == before
    again = town.shrink(noon(SECOND))
    assert again == DemurrageRun(days=(SECOND,), postings=5, amount_yen=50)  # the first day is over, undone


@pytest.mark.django_db
def test_budget_that_is_gone_cannot_be_given_back(hall: TownHall) -> None:
    town, ada = shrinking(hall), uuid4()
    town.grant(ada, 1_000)
    town.shrink(noon(FIRST))
    fund = Account(town.made.funds["town"], AccountRole.FUND)
    lot = books.fund_lot(fund.owner, municipality=town.town)
    leg = Leg(fund, Account(fund.owner, AccountRole.APPROPRIATION), town.left(), (lot,))
    books.post(Posting("all", "return_appropriation", (leg,), noon(FIRST), "test"), municipality=town.town)
    back = town.undo(FIRST, noon(FIRST) + days(1))
    assert (back.postings, back.refused, back.days, hall.holds(ada)) == (0, 1, (), 990)


@pytest.mark.django_db
def test_only_the_system_shrinks_and_undoes_by_itself(hall: TownHall) -> None:
    town = shrinking(hall)
    checker = hall.officer("checker", "planning")
    with refused("not_allowed"):
        operations.shrink_programme(programme=town.made.programme, by=checker, at=noon(FIRST))
    with refused("not_allowed"):
        operations.undo_demurrage(programme=town.made.programme, day=FIRST, by=checker, at=noon(FIRST))
    with refused("value_run_unknown"):
        town.undo(FIRST, noon(FIRST))
    with refused("programme_unknown"):
        operations.shrink_programme(programme=uuid4(), by=hall.system, at=noon(FIRST))


@pytest.mark.django_db
def test_a_holder_sees_what_leaves_next(hall: TownHall) -> None:
    town, ada = shrinking(hall), uuid4()
    assert queries.shrinks_next(ada, municipality=town.town, at=EARLY) == ()
    town.grant(ada, 700)
    town.grant(ada, 350, fund="sponsor")
    (ahead,) = queries.shrinks_next(ada, municipality=town.town, at=EARLY)
    assert (ahead.day, ahead.base_yen, ahead.amount_yen) == (FIRST, 1_050, 7 + 3)  # each fund's money by itself
    assert ahead.purse_kind.code == "points"
    (later,) = queries.shrinks_next(ada, municipality=town.town, at=noon(FIRST))
    assert later.day == SECOND
    assert queries.shrinks_next(ada, municipality=town.town, at=noon(date(2026, 3, 30))) == ()


@pytest.mark.django_db
def test_what_expires_by_the_day_does_not_shrink(hall: TownHall) -> None:
    terms = changed(POINT, {"demurrage": {"every_days": 30, "rate_bp": 100},
                            "expiry": {"kind": "after", "months": 1}})  # fmt: skip
    town, ada = Shrunk(hall, hall.launch(terms)), uuid4()
    town.grant(ada, 1_000)  # good to the end of August
    at = noon(date(2025, 9, 29))
    assert queries.shrinks_next(ada, municipality=town.town, at=noon(date(2025, 8, 30))) == ()
    assert town.shrink(at).amount_yen == 10 + 9  # 30 July and 29 August; by 28 September it had expired


@pytest.mark.django_db(transaction=True)
def test_a_run_that_breaks_keeps_its_batches_and_is_finished_by_the_next(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("meguri.programmes.operations.demurrage.BATCH", 2)
    town, holders = shrinking(TownHall().open()), [uuid4() for _ in range(5)]
    for holder in holders:
        town.grant(holder, 1_000)
    whole, calls = books.post_batch, []

    def breaks(postings: list[Posting], **more: int) -> object:
        calls.append(len(postings))
        if len(calls) == 2:
            raise OperationalError("the server went away")
        return whole(postings, **more)

    monkeypatch.setattr(books, "post_batch", breaks)
    with pytest.raises(OperationalError):
        town.shrink(noon(FIRST))
    assert sum(town.hall.holds(holder) for holder in holders) == 5_000 - 20
    town.pay(holders[-1], 900, at=noon(FIRST) + days(1))  # spent since: what the day asked for does not change
    run = town.shrink(noon(FIRST) + days(2))
    assert (run.postings, run.amount_yen, run.days) == (3, 30, (FIRST,))


def race(town: Shrunk, monkeypatch: pytest.MonkeyPatch) -> list[DemurrageRun]:
    """Two runs find the same balances, and only then do both of them post."""
    both, found = threading.Barrier(2), queries.shrinking

    def together(*asked: Any, **more: Any) -> list[Shrink]:
        batch = found(*asked, **more)
        if batch:
            both.wait(timeout=20)
        return batch

    def run(_: int) -> DemurrageRun:
        try:
            return town.shrink(noon(FIRST))
        finally:
            connection.close()

    monkeypatch.setattr(queries, "shrinking", together)
    with ThreadPoolExecutor(2) as pool:
        return list(pool.map(run, range(2)))


@pytest.mark.django_db(transaction=True)
def test_two_runs_at_once_take_once(monkeypatch: pytest.MonkeyPatch) -> None:
    town, holders = shrinking(TownHall().open()), [uuid4() for _ in range(3)]
    for holder in holders:
        town.grant(holder, 1_000)
    runs = race(town, monkeypatch)
    assert [town.hall.holds(holder) for holder in holders] == [990] * 3
    assert sorted((run.postings, run.amount_yen) for run in runs) == [(0, 0), (3, 30)]


@pytest.mark.django_db(transaction=True)
def test_without_its_permanent_key_two_runs_would_take_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    """The alarm: it is the key that keeps the runs apart, and nothing else."""

    def fresh(_: Shrink, __: ValueRun) -> str:
        return f"demurrage:{uuid4()}"

    monkeypatch.setattr("meguri.programmes.operations.demurrage._key", fresh)
    town, holder = shrinking(TownHall().open()), uuid4()
    town.grant(holder, 1_000)
    race(town, monkeypatch)
    assert town.hall.holds(holder) == 980


def test_no_shipped_document_shrinks() -> None:
    """Demurrage is a town's decision; none of the documents that follow a published programme has it."""
    assert all(terms.demurrage is None for terms in shipped().values())
