"""What an ended programme owes, paid in cash at the counter: once, exact by lot, and never beside a bank transfer."""

from __future__ import annotations

import threading
import time
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import IntegrityError, transaction

from meguri.evidence.flows import Flow, figures
from meguri.ledger import queries as books
from meguri.ledger.templates import AccountRole
from meguri.programmes.operations import Launched
from meguri.programmes.vouchers import checks, operations, orders
from meguri.settlement import cash
from meguri.settlement import operations as settlement
from meguri.settlement.cash import OwedInCash, PaidBack
from meguri.settlement.checks import reconcile
from meguri.settlement.payouts import unspoken_for
from meguri.settlement.queries import RunView
from meguri.words.actor import Actor, ActorRole
from meguri.words.refusal import Refusal
from tests.programmes.builders import TownHall
from tests.programmes.test_winding_up import OVER, bought, close, launched, owed, undo, wind_up
from tests.programmes.vouchers.lived_town import at_once, prove_committed_books, refused

NOW = OVER + timedelta(days=1)


@pytest.fixture
def hall(db: None) -> TownHall:
    return TownHall().open()


def ended(hall: TownHall, *holders: UUID, unspent_paid: str = "refunded") -> Launched:
    """A programme wound up, of which each of these holders had one unit: 10,000 yen of their own are owed."""
    made = launched(hall, unspent_paid)
    for each in holders:
        bought(hall, made, each)
    close(hall, made)
    wind_up(hall, made)
    return made


def clerk(hall: TownHall) -> Actor:
    return Actor(hall.municipality, ActorRole.MAKER, uuid4(), "commerce")


def pay(hall: TownHall, made: Launched, holder: UUID, *, by: Actor | None = None) -> PaidBack:
    """As the desk does it: the money and its receipt in one transaction."""
    who: dict[str, Any] = {"holder": holder, "programme": made.programme, "by": by or clerk(hall), "at": NOW}
    with transaction.atomic():
        paid = cash.pay_in_cash(**who)
        operations.write_paid_back(posting=paid.posting, yen=paid.yen, **who)
    return paid


def free(hall: TownHall, made: Launched, holder: UUID) -> OwedInCash:
    return cash.owed_in_cash(holder, programme=made.programme, municipality=hall.municipality, at=NOW)


def run(hall: TownHall) -> RunView:
    accountant = Actor(hall.municipality, ActorRole.ACCOUNTANT, uuid4(), "accounting")
    return settlement.run_settlement(by=accountant, at=NOW, cutoff=NOW - timedelta(hours=1))


def cash_received(hall: TownHall, made: Launched) -> int:
    rows = books.trial_balance(municipality=hall.municipality)
    return -sum(r.amount for r in rows if r.fund == made.funds["buyers"] and r.role == AccountRole.CASH_RECEIVED)


@pytest.mark.django_db
def test_it_is_paid_once_with_a_receipt_and_the_books_close(hall: TownHall) -> None:
    ada, bob = uuid4(), uuid4()
    made = ended(hall, ada, bob)
    assert free(hall, made, ada) == OwedInCash(10_000, 0)
    assert cash_received(hall, made) == 20_000
    paid = pay(hall, made, ada)
    assert paid.yen == 10_000
    assert (owed(hall, ada), owed(hall, bob), cash_received(hall, made)) == (0, 10_000, 10_000)
    with refused("nothing_to_pay_back"):
        pay(hall, made, ada)
    (given,) = orders.receipts("commerce", municipality=hall.municipality)
    assert (given.kind, given.price_yen, given.till_yen, given.name) == ("back", 10_000, -10_000, "2025-000001")
    assert checks.cash_moved_what_its_receipt_says(hall.municipality) == []
    assert reconcile(hall.municipality) == []


@pytest.mark.django_db
def test_the_till_is_counted_below_its_float(hall: TownHall) -> None:
    ada, by = uuid4(), clerk(hall)
    assert by.party is not None
    made = ended(hall, ada)
    pay(hall, made, ada, by=by)
    assert orders.uncounted_yen(by.party, department="commerce", municipality=hall.municipality) == -10_000
    with refused("voucher_counted_unreadable"):
        operations.cash_up(counted_yen=-10_001, reason="?", by=by, at=NOW)
    with refused("voucher_difference_unexplained") as caught:
        operations.cash_up(counted_yen=0, reason="", by=by, at=NOW)
    assert caught.value.facts["difference"] == 10_000
    operations.cash_up(counted_yen=-10_000, reason="", by=by, at=NOW)
    (up,) = orders.cash_ups("commerce", municipality=hall.municipality)
    assert (up.sold_yen, up.debts_yen, up.paid_back_yen, up.counted_yen, up.difference_yen) == (
        0, 0, 10_000, -10_000, 0,
    )  # fmt: skip


@pytest.mark.django_db
def test_what_a_transfer_speaks_for_is_not_paid_in_cash(hall: TownHall) -> None:
    ada, bob = uuid4(), uuid4()
    made = ended(hall, ada, bob)
    pay(hall, made, bob)
    planned = run(hall)
    assert (planned.payouts_count, planned.payouts_yen) == (1, 10_000), "what was paid in cash is in no transfer"
    assert free(hall, made, ada) == OwedInCash(0, 10_000)
    with refused("on_its_way_by_bank") as caught:
        pay(hall, made, ada)
    assert caught.value.facts["yen"] == 10_000
    assert reconcile(hall.municipality) == []


@pytest.mark.django_db
def test_nothing_else_that_is_owed_is_paid_at_this_counter(hall: TownHall) -> None:
    ada = uuid4()
    made = ended(hall, ada, unspent_paid="kept")
    with refused("nothing_to_pay_back"):
        pay(hall, made, ada)
    with refused("programme_unknown"):
        cash.pay_in_cash(holder=ada, programme=uuid4(), by=clerk(hall), at=NOW)


@pytest.mark.django_db
def test_who_may_not_pays_nothing(hall: TownHall) -> None:
    ada = uuid4()
    made = ended(hall, ada)
    for role, department in (
        (ActorRole.CHECKER, "commerce"), (ActorRole.MAKER, "welfare"), (ActorRole.ACCOUNTANT, "accounting"),
        (ActorRole.RESIDENT, ""),
    ):  # fmt: skip
        with refused("not_allowed"):
            pay(hall, made, ada, by=Actor(hall.municipality, role, uuid4(), department))
    assert owed(hall, ada) == 10_000


@pytest.mark.django_db
def test_undoing_the_winding_up_leaves_what_was_paid_in_cash(hall: TownHall) -> None:
    ada = uuid4()
    made = ended(hall, ada)
    pay(hall, made, ada)
    undo(hall, made, at=NOW)
    assert (hall.holds(ada), owed(hall, ada)) == (3_000, 0), "the premium is back, the paid part is not there twice"


@pytest.mark.django_db
def test_a_posting_has_one_receipt(hall: TownHall) -> None:
    ada, by = uuid4(), clerk(hall)
    made = ended(hall, ada)
    paid = pay(hall, made, ada, by=by)
    with pytest.raises(IntegrityError), transaction.atomic():
        operations.write_paid_back(
            programme=made.programme, holder=ada, posting=paid.posting, yen=paid.yen, by=by, at=NOW
        )


@pytest.mark.django_db
def test_paid_back_to_the_wrong_person_is_undone_and_owed_again(hall: TownHall) -> None:
    ada, by = uuid4(), clerk(hall)
    made = ended(hall, ada)
    pay(hall, made, ada, by=by)
    (given,) = orders.receipts("commerce", municipality=hall.municipality)
    with refused("voucher_cash_stands"):
        operations.undo_cash(receipt=given.id, because="?", by=clerk(hall), at=NOW)
    for _ in range(2):
        operations.undo_cash(receipt=given.id, because="別の方だった", by=by, at=NOW + timedelta(hours=1))
    assert free(hall, made, ada) == OwedInCash(10_000, 0)
    assert cash_received(hall, made) == 10_000
    assert by.party is not None
    assert orders.uncounted_yen(by.party, department="commerce", municipality=hall.municipality) == 0
    assert checks.cash_moved_what_its_receipt_says(hall.municipality) == []
    assert reconcile(hall.municipality) == []
    assert run(hall).payouts_yen == 10_000, "by bank as well as in cash: it is owed as it was"
    with refused("on_its_way_by_bank"):
        pay(hall, made, ada, by=by)


@pytest.mark.django_db
def test_a_counted_pay_back_is_corrected_by_two_and_the_till_gains_it(hall: TownHall) -> None:
    ada, by = uuid4(), clerk(hall)
    made = ended(hall, ada)
    pay(hall, made, ada, by=by)
    operations.cash_up(counted_yen=-10_000, reason="", by=by, at=NOW)
    (given,) = orders.receipts("commerce", municipality=hall.municipality)
    later = NOW + timedelta(days=1)
    operations.propose_correction(receipt=given.id, because="別の方だった", by=by, at=later)
    checker = Actor(hall.municipality, ActorRole.CHECKER, uuid4(), "commerce")
    operations.approve_correction(receipt=given.id, by=checker, at=later)
    assert free(hall, made, ada) == OwedInCash(10_000, 0)
    assert by.party is not None
    assert orders.uncounted_yen(by.party, department="commerce", municipality=hall.municipality) == 10_000
    operations.cash_up(counted_yen=10_000, reason="", by=by, at=later)
    up = orders.cash_ups("commerce", municipality=hall.municipality)[0]
    assert (up.corrected_yen, up.difference_yen) == (10_000, 0)
    assert checks.cash_moved_what_its_receipt_says(hall.municipality) == []


@pytest.mark.django_db(transaction=True)
def test_undone_twice_counted_and_settled_at_once_a_pay_back_is_one_of_them() -> None:
    hall = TownHall().open()
    ada, by = uuid4(), clerk(hall)
    made = ended(hall, ada)
    pay(hall, made, ada, by=by)
    (given,) = orders.receipts("commerce", municipality=hall.municipality)

    def undo_it() -> None:
        operations.undo_cash(receipt=given.id, because="誤り", by=by, at=NOW)

    at_once(
        undo_it, undo_it, lambda: operations.cash_up(counted_yen=-10_000, reason="", by=by, at=NOW), lambda: run(hall)
    )
    after = orders.receipt(given.id, municipality=hall.municipality)
    assert (after.undone_at is None) != (after.cash_up is None), "undone or counted"
    found = free(hall, made, ada)
    assert found.yen + found.on_its_way_yen == (10_000 if after.undone_at else 0)
    assert reconcile(hall.municipality) == []
    prove_committed_books()


def test_evidence_counts_it_as_money_that_went_back() -> None:
    """Paid in, wound up to be owed, paid back: in the end nothing was received, nothing is left, nothing is due."""
    steps = [
        ("cash_received", "wallet", "sell_voucher"), ("wallet", "payable", "wind_up"),
        ("payable", "cash_received", "pay_back_cash"),
    ]  # fmt: skip
    made = figures(Flow(uuid4(), None, source, target, template, 10_000) for source, target, template in steps)
    assert (made.paid_in_yen, made.to_bank_yen, made.unspent_yen, made.waiting_yen, made.left_yen) == (0, 0, 0, 0, 0)
    undone = ("cash_received", "payable", "undo_pay_back_cash")
    back, never = (figures(Flow(uuid4(), None, *each, 10_000) for each in way) for way in ([*steps, undone], steps[:2]))
    assert back == never, "as if it had not been paid back"


@pytest.mark.django_db(transaction=True)
def test_two_clerks_and_a_settlement_at_once_pay_it_once() -> None:
    hall = TownHall().open()
    holders = [uuid4() for _ in range(4)]
    made = ended(hall, *holders)
    before = cash_received(hall, made)
    for number, holder in enumerate(holders[:3]):
        works = [lambda h=holder: pay(hall, made, h) for _ in range(3)]
        answers = at_once(*works, *([lambda: run(hall)] if number == 2 else []))
        paid = [each for each in answers if isinstance(each, PaidBack)]
        codes = {each.kind.code for each in answers if isinstance(each, Refusal)}
        assert len(paid) <= 1
        assert codes <= {"nothing_to_pay_back", "on_its_way_by_bank"}
        found = free(hall, made, holder)
        assert len(paid) * 10_000 + found.on_its_way_yen + found.yen == 10_000
    receipts = orders.receipts("commerce", municipality=hall.municipality)
    assert before - cash_received(hall, made) == sum(each.price_yen for each in receipts)
    assert free(hall, made, holders[3]).on_its_way_yen == 10_000
    assert reconcile(hall.municipality) == []
    prove_committed_books()


@pytest.mark.django_db(transaction=True)
def test_the_alarm_rings_where_nobody_waits_for_the_turn(monkeypatch: pytest.MonkeyPatch) -> None:
    """The control: without the turn, a run that is being made plans a transfer for yen that a clerk pays in cash."""
    hall = TownHall().open()
    ada = uuid4()
    made = ended(hall, ada)
    read = threading.Event()
    free_of = unspoken_for

    def slowly(municipality: int) -> Any:
        found = free_of(municipality)
        read.set()
        time.sleep(1.5)
        return found

    monkeypatch.setattr(cash, "unspoken_for", slowly)
    monkeypatch.setattr(cash, "take_turn", lambda _: None)

    def plan() -> RunView:
        read.wait()
        return run(hall)

    paid, planned = at_once(lambda: pay(hall, made, ada), plan)
    assert isinstance(paid, PaidBack)
    assert isinstance(planned, RunView)
    assert planned.payouts_yen == 10_000, "both speak for the same yen"
    assert reconcile(hall.municipality) != [], "and the check says so; the books would refuse to pay it out"
