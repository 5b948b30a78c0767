"""Several officers press at once, on a real server. First with the turn taken away, to see that the race is there."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from uuid import UUID

import pytest
from django.db import connections

from meguri.settlement import checks, operations, payouts, queries
from meguri.settlement.models import Payout, SettlementStatement
from meguri.settlement.queries import OrderView, RunView
from meguri.words.refusal import Refusal
from tests.settlement.books import AT, DAY, SmallTown, small_town

pytestmark = pytest.mark.django_db(transaction=True)
CUTOFF = AT + 7 * DAY
LATER = CUTOFF + timedelta(hours=5)


@pytest.fixture
def town(transactional_db: None) -> SmallTown:
    made = small_town()
    programme, person = made.programme(), made.resident()
    made.grant(person, programme, 100_000)
    for _ in range(12):
        made.pay(person, made.shop(), 1000, programme, at=AT + DAY)
    operations.set_paying_account(
        by=made.actor(), at=AT, payer_code="0123456789", payer_name="メグリチヨウ", bank="0005", branch="001",
        number="7654321",
    )
    return made


def at_once(works: list[Callable[[], object]]) -> list[object]:
    """Each piece of work on a connection of its own, released together; a refusal is an answer."""
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


def running(town: SmallTown, cutoff: datetime) -> Callable[[], object]:
    by = town.actor()
    return lambda: operations.run_settlement(by=by, at=LATER + DAY, cutoff=cutoff)


def approving(town: SmallTown, run: UUID) -> Callable[[], object]:
    by = town.actor()
    return lambda: operations.approve_payouts(by=by, at=LATER, run=run, confirmed_count=12, confirmed_yen=12_000)


def handing_over(town: SmallTown, run: UUID) -> Callable[[], object]:
    by = town.actor()
    return lambda: operations.mark_sent(by=by, at=LATER, run=run)


def withdrawing(town: SmallTown, run: UUID) -> Callable[[], object]:
    by = town.actor()
    return lambda: operations.withdraw_file(by=by, at=LATER, run=run, reason="振込日を過ぎた")


def planned_yen(town: SmallTown) -> int:
    return sum(Payout.objects.filter(municipality=town.municipality).values_list("amount_yen", flat=True))


def test_the_alarm_rings_when_nobody_waits_for_a_turn(town: SmallTown, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(operations, "take_turn", lambda _: None)
    real = payouts.unspoken_for

    def slow(municipality: int) -> object:
        found = real(municipality)
        time.sleep(0.5)  # stands for a busy server
        return found

    operations.run_settlement(by=town.actor(), at=LATER, cutoff=CUTOFF)
    (run,) = queries.runs(town.municipality)
    approving(town, run.id)()
    withdrawing(town, run.id)()  # nothing speaks for the yen now
    monkeypatch.setattr(payouts, "unspoken_for", slow)
    at_once([running(town, CUTOFF + timedelta(hours=hours)) for hours in range(1, 5)])
    assert planned_yen(town) > 2 * 12_000


def test_two_runs_at_once_give_each_yen_once(town: SmallTown) -> None:
    answers = at_once([running(town, CUTOFF) for _ in range(4)])
    assert len({answer.id for answer in answers if isinstance(answer, RunView)}) == 1
    assert SettlementStatement.objects.filter(municipality=town.municipality).count() == 12
    assert (planned_yen(town), sum(town.holds(shop, "payable") for shop in town.shops)) == (12_000, 12_000)
    assert checks.reconcile(town.municipality) == []


def test_runs_with_different_cutoffs_give_each_yen_once(town: SmallTown) -> None:
    answers = at_once([running(town, CUTOFF + timedelta(hours=hours)) for hours in range(4)])
    assert sum(answer.takings_yen for answer in answers if isinstance(answer, RunView)) == 12_000
    assert (planned_yen(town), sum(town.holds(shop, "payable") for shop in town.shops)) == (12_000, 12_000)
    assert checks.reconcile(town.municipality) == []


def test_two_approvals_at_once_pay_once(town: SmallTown) -> None:
    run = operations.run_settlement(by=town.actor(), at=LATER, cutoff=CUTOFF)
    answers = at_once([approving(town, run.id) for _ in range(4)])
    assert sum(isinstance(answer, OrderView) for answer in answers) == 1
    assert {answer.code for answer in answers if isinstance(answer, Refusal)} == {"settlement_not_ready"}
    assert sum(town.holds(shop, "payable") for shop in town.shops) == 12_000
    answers = at_once([handing_over(town, run.id) for _ in range(4)])
    assert {answer.code for answer in answers if isinstance(answer, Refusal)} == {"settlement_not_ready"}
    assert sum(town.holds(shop, "paid_out") for shop in town.shops) == 12_000
    assert checks.reconcile(town.municipality) == []


def test_a_file_is_handed_over_or_withdrawn_and_never_both(town: SmallTown) -> None:
    run = operations.run_settlement(by=town.actor(), at=LATER, cutoff=CUTOFF)
    approving(town, run.id)()
    at_once([handing_over(town, run.id), withdrawing(town, run.id), running(town, CUTOFF + DAY)])
    state = {each.id: each.state for each in queries.runs(town.municipality)}[run.id]
    paid = sum(town.holds(shop, "paid_out") for shop in town.shops)
    assert (state, paid) in {("sent", 12_000), ("withdrawn", 0)}
    operations.run_settlement(by=town.actor(), at=LATER + 2 * DAY, cutoff=CUTOFF + 2 * DAY)
    waiting = Payout.objects.filter(municipality=town.municipality, state="payable")
    assert sum(waiting.values_list("amount_yen", flat=True)) == 12_000 - paid
    assert checks.reconcile(town.municipality) == []


def test_a_run_beside_an_approval_plans_nothing_twice(town: SmallTown) -> None:
    run = operations.run_settlement(by=town.actor(), at=LATER, cutoff=CUTOFF)
    at_once([approving(town, run.id), running(town, CUTOFF + timedelta(hours=1)), running(town, CUTOFF + DAY)])
    assert planned_yen(town) == 12_000
    assert queries.runs(town.municipality)[0].payouts_count == 0
    assert checks.reconcile(town.municipality) == []
