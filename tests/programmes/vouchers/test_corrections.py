"""Cash at the counter that was a mistake: undone on its day, put right by two later, counted once."""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime, timedelta
from uuid import UUID, uuid4

import pytest
from django.db import IntegrityError, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from meguri.ledger import operations as ledger
from meguri.ledger import queries as ledger_queries
from meguri.ledger.rules import Account, Leg, Posting
from meguri.ledger.templates import AccountRole
from meguri.programmes.vouchers import checks, operations, orders
from meguri.programmes.vouchers.models import Application, CashUp, CounterReceipt
from meguri.programmes.vouchers.operations import corrections
from meguri.programmes.vouchers.operations.corrections import correction_asked
from meguri.words.actor import Actor, ActorRole
from meguri.words.refusal import Refusal
from tests.programmes.vouchers.conftest import BUYING, Fair
from tests.programmes.vouchers.lived_town import at_once, prove_committed_books, refused
from tests.programmes.vouchers.ordered import hear, in_wallet, ordered, ordered_fair, received, spend
from tests.programmes.vouchers.test_cash import first_come, sell
from tests.programmes.vouchers.test_debts_at_the_desk import LATER, bring, debt, owing

HOUR = timedelta(hours=1)
TOMORROW = BUYING + timedelta(days=1)


@pytest.fixture
def counter(db: None) -> Fair:
    return first_come()


def undo(
    counter: Fair, receipt: UUID, *, by: Actor | None = None, because: str = "別の人の分", at: datetime = BUYING + HOUR
) -> None:
    operations.undo_cash(receipt=receipt, because=because, by=by or counter.maker, at=at)


def ask(counter: Fair, receipt: UUID, *, by: Actor | None = None, because: str = "金額がちがった") -> UUID:
    return operations.propose_correction(receipt=receipt, because=because, by=by or counter.maker, at=TOMORROW)


def approve(counter: Fair, receipt: UUID, *, by: Actor | None = None) -> UUID:
    return operations.approve_correction(receipt=receipt, by=by or counter.checker, at=TOMORROW + HOUR)


def given_for(made: operations.Purchased, counter: Fair) -> UUID:
    found = orders.receipt_of(made.application, municipality=counter.town.municipality)
    assert found is not None
    return found.id


def due(counter: Fair) -> int:
    assert counter.maker.party is not None
    return orders.uncounted_yen(counter.maker.party, department="commerce", municipality=counter.town.municipality)


def sound(counter: Fair) -> None:
    number = counter.town.municipality
    assert checks.cash_moved_what_its_receipt_says(number) == []
    assert checks.payments_bought_what_they_paid_for(number) == []
    assert checks.buyers_paid_the_price(number) == []
    assert checks.sold_units_left_the_stock(number) == []


# --- a sale ----------------------------------------------------------------------------------------------------------


def test_a_sale_to_the_wrong_person_never_happened(counter: Fair) -> None:
    made = sell(counter, units=2)
    row = Application.objects.get(id=made.application)
    buyer = Actor(counter.town.municipality, ActorRole.RESIDENT, row.resident)
    receipt = given_for(made, counter)
    assert (in_wallet(counter, buyer), received(counter), due(counter)) == (26_000, 20_000, 20_000)
    for _ in range(2):
        undo(counter, receipt)
    row.refresh_from_db()
    assert (in_wallet(counter, buyer), received(counter), due(counter)) == (0, 0, 0)
    assert (row.state, row.posting, row.units_bought) == ("won", None, 0)
    found = orders.receipt(receipt, municipality=counter.town.municipality)
    assert (found.till_yen, found.undone_because, found.name) == (0, "別の人の分", "2025-000001")
    assert counter.town.topics(buyer)[-1] == "voucher.sale_undone"
    with refused("voucher_no_cash_taken"):
        operations.cash_up(counted_yen=0, reason="", by=counter.maker, at=BUYING + HOUR)
    sound(counter)
    again = operations.sell_at_counter(application=row.id, by=counter.maker, at=BUYING + 2 * HOUR, units=1)
    assert (in_wallet(counter, buyer), received(counter), due(counter), again.units) == (13_000, 10_000, 10_000, 1)
    sound(counter)


def test_a_sale_that_was_spent_in_part_stands(counter: Fair) -> None:
    made = sell(counter)
    buyer = Actor(counter.town.municipality, ActorRole.RESIDENT, Application.objects.get(id=made.application).resident)
    spend(counter, buyer, 1, at=BUYING + timedelta(minutes=1))
    with refused("voucher_sale_spent") as caught:
        undo(counter, given_for(made, counter))
    assert (caught.value.facts["face"], caught.value.facts["back"]) == (13_000, 12_999)
    assert (in_wallet(counter, buyer), received(counter), due(counter), debt(buyer)) == (12_999, 10_000, 10_000, 0)
    sound(counter)
    with refused("voucher_sale_spent"):
        ask(counter, given_for(made, counter))
    assert correction_asked(given_for(made, counter), municipality=buyer.municipality) is None
    sound(counter)


def pass_on(counter: Fair, yen: int, *, to: Actor, source: Actor, **about: str) -> None:
    """Somebody else's value of the same lot comes into the wallet, as a person's transfer or as one's own paper."""
    assert source.party is not None
    assert to.party is not None
    number = counter.town.municipality
    held = ledger_queries.balances([source.party], AccountRole.WALLET, municipality=number)
    ends = Account(source.party, AccountRole.WALLET), Account(to.party, AccountRole.WALLET)
    legs = (Leg(*ends, yen, tuple(each.lot.id for each in held if each.amount)),)
    ledger.post(
        Posting(f"transfer:{uuid4()}", "transfer", legs, BUYING + timedelta(minutes=2), "test", about),
        municipality=number,
    )


def two_buyers(counter: Fair) -> tuple[Actor, UUID, Actor]:
    """A buyer and the receipt of the sale; somebody else who bought as much."""
    first, second = sell(counter), sell(counter)
    one, other = (
        Actor(counter.town.municipality, ActorRole.RESIDENT, Application.objects.get(id=each.application).resident)
        for each in (first, second)
    )
    return one, given_for(first, counter), other


def test_what_others_passed_on_never_becomes_cash(counter: Fair) -> None:
    """The way round: spend what was bought, receive as much of the same lot, have the purchase undone for cash."""
    buyer, receipt, other = two_buyers(counter)
    spend(counter, buyer, 3_000, at=BUYING + timedelta(minutes=1))
    pass_on(counter, 3_000, to=buyer, source=other)
    assert in_wallet(counter, buyer) == 13_000, "the sum looks whole"
    with refused("voucher_sale_received") as caught:
        undo(counter, receipt)
    assert (caught.value.facts["face"], caught.value.facts["own"], caught.value.limit) == (13_000, 10_000, "received")
    with refused("voucher_sale_received"):
        ask(counter, receipt)
    assert (in_wallet(counter, buyer), received(counter)) == (13_000, 20_000), "nobody got cash"
    sound(counter)


def test_who_received_and_still_has_all_that_was_bought_gets_the_price_back(counter: Fair) -> None:
    buyer, receipt, other = two_buyers(counter)
    pass_on(counter, 3_000, to=buyer, source=other)
    undo(counter, receipt)
    assert in_wallet(counter, buyer) == 3_000, "what was received stays value"


def test_one_s_own_paper_brought_back_is_not_somebody_else_s(counter: Fair) -> None:
    buyer, receipt, other = two_buyers(counter)
    pass_on(counter, 3_000, to=other, source=buyer, channel="paper")
    pass_on(counter, 3_000, to=buyer, source=other, channel="paper")
    undo(counter, receipt)
    assert in_wallet(counter, buyer) == 0


def test_the_hole_is_there_without_the_rule(counter: Fair, monkeypatch: pytest.MonkeyPatch) -> None:
    """The control: without it, somebody else's value leaves as cash."""
    monkeypatch.setattr(corrections, "_require_own", lambda *_, **__: None)
    buyer, receipt, other = two_buyers(counter)
    spend(counter, buyer, 3_000, at=BUYING + timedelta(minutes=1))
    pass_on(counter, 3_000, to=buyer, source=other)
    undo(counter, receipt)
    assert (in_wallet(counter, buyer), received(counter)) == (0, 10_000)


def test_who_may_undo_what_and_until_when(counter: Fair) -> None:
    receipt = given_for(sell(counter), counter)
    other = counter.town.officer("operator", "commerce")
    for by, code in ((counter.checker, "not_allowed"), (other, "voucher_cash_stands")):
        with refused(code):
            undo(counter, receipt, by=by)
    with refused("voucher_cash_reason_missing"):
        undo(counter, receipt, because=" ")
    with refused("voucher_receipt_unknown"):
        undo(counter, uuid4())
    with refused("voucher_cash_of_another_day") as caught:
        undo(counter, receipt, at=TOMORROW)
    assert "2025-10-10" in caught.value.sentence("ja")
    operations.cash_up(counted_yen=10_000, reason="", by=counter.maker, at=BUYING)
    with refused("voucher_cash_counted"):
        undo(counter, receipt)


def test_a_right_whose_time_is_over_lapses_with_the_undoing(db: None) -> None:
    sale = ordered_fair()
    person = sale.town.person()
    made = operations.sell_at_counter(application=sale.won(person, 2).application, by=sale.maker, at=BUYING)
    receipt = given_for(made, sale)
    ask(sale, receipt)
    over = Application.objects.get(id=made.application).sale.purchase_until
    operations.approve_correction(receipt=receipt, by=sale.checker, at=over)
    assert Application.objects.get(id=made.application).state == "lapsed"
    assert (in_wallet(sale, person), received(sale)) == (0, 0)
    sound(sale)


# --- afterwards, by two ----------------------------------------------------------------------------------------------


def test_counted_cash_is_corrected_by_two_and_counted_again(counter: Fair) -> None:
    made, kept = sell(counter), sell(counter)
    receipt = given_for(made, counter)
    operations.cash_up(counted_yen=20_000, reason="", by=counter.maker, at=BUYING)
    first = ask(counter, receipt)
    assert ask(counter, receipt) == first
    town = counter.town.municipality
    asked = correction_asked(receipt, municipality=town)
    assert asked is not None
    assert asked.note == "金額がちがった"
    with refused("not_allowed"):
        approve(counter, receipt, by=counter.maker)
    with refused("not_allowed"):
        approve(counter, receipt, by=counter.town.officer("checker", "welfare"))
    fix = orders.receipt(approve(counter, receipt), municipality=town)
    assert (fix.kind, fix.corrects, fix.price_yen, fix.till_yen, fix.clerk) == (
        "fix", receipt, 10_000, -10_000, counter.maker.party,
    )  # fmt: skip
    old = orders.receipt(receipt, municipality=town)
    assert (old.corrected_by, old.till_yen, old.undone_at) == (fix.id, 10_000, None), "what was counted stays"
    assert (received(counter), due(counter)) == (10_000, -10_000)
    sound(counter)
    for act in (lambda: ask(counter, receipt), lambda: approve(counter, receipt)):
        with refused("voucher_cash_put_right"):
            act()
    with refused("voucher_cash_stands"):
        ask(counter, fix.id)
    with refused("voucher_cash_stands"):
        undo(counter, fix.id)
    with refused("voucher_difference_unexplained"):
        operations.cash_up(counted_yen=0, reason="", by=counter.maker, at=TOMORROW)
    operations.cash_up(counted_yen=-10_000, reason="", by=counter.maker, at=TOMORROW)
    up = orders.cash_ups("commerce", municipality=town)[0]
    assert (up.receipts, up.sold_yen, up.corrected_yen, up.difference_yen) == (1, 0, -10_000, 0)
    assert kept.price_yen == received(counter)


def test_a_debt_taken_by_mistake_is_owed_again_after_its_correction(db: None) -> None:
    sale = ordered_fair(issued_on="early")
    person, _ = owing(sale, 9_000)
    receipt = bring(sale, person, 4_000)
    operations.cash_up(counted_yen=4_000, reason="", by=sale.maker, at=LATER)
    ask(sale, receipt)
    approve(sale, receipt)
    assert (debt(person), due(sale)) == (9_000, -4_000)
    assert checks.cash_moved_what_its_receipt_says(person.municipality) == []


def test_a_request_is_sent_back_and_may_be_made_anew(counter: Fair) -> None:
    receipt = given_for(sell(counter), counter)
    with refused("approval_unknown"):
        approve(counter, receipt)
    ask(counter, receipt)
    with refused("voucher_cash_reason_missing"):
        operations.reject_correction(receipt=receipt, because="", by=counter.checker, at=TOMORROW)
    operations.reject_correction(receipt=receipt, because="正しい", by=counter.checker, at=TOMORROW)
    assert correction_asked(receipt, municipality=counter.town.municipality) is None
    ask(counter, receipt)
    approve(counter, receipt)
    assert received(counter) == 0


def test_what_was_undone_meanwhile_is_not_corrected_as_well(counter: Fair) -> None:
    receipt = given_for(sell(counter), counter)
    operations.propose_correction(receipt=receipt, because="誤り", by=counter.maker, at=BUYING)
    undo(counter, receipt)
    with refused("voucher_cash_put_right"):
        approve(counter, receipt)
    assert received(counter) == 0
    sound(counter)


def test_a_slip_paid_after_an_undone_sale_is_no_second_purchase(db: None) -> None:
    sale = ordered_fair(issued_on="early")
    person = sale.town.person()
    application = sale.won(person, 2).application
    receipt = given_for(operations.sell_at_counter(application=application, by=sale.maker, at=BUYING), sale)
    undo(sale, receipt)
    hear(ordered(sale, person, application, at=BUYING + HOUR), "final")
    assert (in_wallet(sale, person), received(sale)) == (26_000, 20_000)
    with refused("voucher_cash_put_right"):
        ask(sale, receipt)
    sound(sale)


# --- at once, and in whatever order ----------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_undone_twice_and_counted_at_once_it_is_one_of_them() -> None:
    counter = first_come()
    for _ in range(4):
        receipt = given_for(sell(counter), counter)
        answers = at_once(
            lambda r=receipt: undo(counter, r), lambda r=receipt: undo(counter, r),
            lambda: operations.cash_up(counted_yen=10_000, reason="", by=counter.maker, at=BUYING),
        )  # type: ignore[misc]
        row = CounterReceipt.objects.get(id=receipt)
        assert (row.undone_at is None) != (row.cash_up_id is None), "counted or undone, never both"
        codes = {each.kind.code for each in answers if isinstance(each, Refusal)}
        assert codes <= {"voucher_cash_counted", "voucher_no_cash_taken"}
    standing = CounterReceipt.objects.filter(undone_at__isnull=True).count()
    assert received(counter) == 10_000 * standing == sum(up.sold_yen for up in CashUp.objects.all())
    prove_committed_books()


@pytest.mark.django_db(transaction=True)
def test_two_checkers_at_once_correct_it_once() -> None:
    counter = first_come()
    receipt = given_for(sell(counter), counter)
    operations.cash_up(counted_yen=10_000, reason="", by=counter.maker, at=BUYING)
    ask(counter, receipt)
    checkers = [Actor(counter.town.municipality, ActorRole.CHECKER, uuid4(), "commerce") for _ in range(4)]
    answers = at_once(*[lambda by=by: approve(counter, receipt, by=by) for by in checkers])  # type: ignore[misc]
    assert sum(isinstance(each, UUID) for each in answers) == 1
    assert CounterReceipt.objects.filter(kind="fix").count() == 1
    assert received(counter) == 0
    prove_committed_books()


@pytest.mark.django_db
def test_whatever_is_sold_undone_corrected_and_counted_till_and_books_agree() -> None:
    counter = first_come()

    @settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
    @given(st.lists(st.tuples(st.sampled_from(["sell", "undo", "correct", "count"]), st.integers(0, 9)), max_size=9))
    def lived(steps: list[tuple[str, int]]) -> None:
        with transaction.atomic():
            given: list[UUID] = []
            for step, which in steps:
                _step(counter, step, given=given, which=which)
                counted = sum(up.counted_yen for up in CashUp.objects.all())
                assert received(counter) == counted + due(counter), "every yen of cash is in the books, once"
            sound(counter)
            transaction.set_rollback(True)

    lived()


def _step(counter: Fair, step: str, *, given: list[UUID], which: int) -> None:
    if step == "sell":
        given.append(given_for(sell(counter, units=1 + which % 2), counter))
    elif step == "count":
        if CounterReceipt.objects.filter(cash_up__isnull=True, undone_at__isnull=True).exists():
            operations.cash_up(counted_yen=due(counter), reason="", by=counter.maker, at=BUYING)
    elif given:
        receipt = given[which % len(given)]
        with suppress(Refusal), transaction.atomic():
            if step == "undo":
                undo(counter, receipt)
            else:
                ask(counter, receipt)
                approve(counter, receipt)


def test_the_tables_keep_it(counter: Fair) -> None:
    receipt = given_for(sell(counter), counter)
    operations.cash_up(counted_yen=10_000, reason="", by=counter.maker, at=BUYING)
    ask(counter, receipt)
    fix = approve(counter, receipt)
    rows = CounterReceipt.objects.filter(id=fix)
    undone = {"undone_at": TOMORROW, "undoing": uuid4(), "undone_because": "?"}
    for wrong in ({"corrects": None}, {"kind": "back"}, undone, {"price_yen": 0}):
        with pytest.raises(IntegrityError), transaction.atomic():
            rows.update(**wrong)
    with pytest.raises(IntegrityError), transaction.atomic():
        CashUp.objects.update(corrected_yen=1)
