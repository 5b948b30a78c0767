"""What a buyer owes after a withdrawn payment, brought to the counter: in parts, never too much, undone in time."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from django.db import IntegrityError, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from meguri.ledger import queries as books
from meguri.ledger.templates import AccountRole
from meguri.programmes.vouchers import checks, operations, orders
from meguri.programmes.vouchers.models import CashUp, CounterReceipt, PaymentOrder
from meguri.words.actor import Actor, ActorRole
from meguri.words.refusal import Refusal
from tests.programmes.vouchers.conftest import BUYING, Fair
from tests.programmes.vouchers.lived_town import at_once, prove_committed_books, refused
from tests.programmes.vouchers.ordered import debt, hear, in_wallet, ordered_fair, received, spend
from tests.programmes.vouchers.test_payments import PRICE, owed, won

LATER = BUYING + timedelta(days=1)


@pytest.fixture
def sale(db: None) -> Fair:
    return ordered_fair(issued_on="early")


def owing(sale: Fair, yen: int) -> tuple[Actor, PaymentOrder]:
    """A buyer whose slip was withdrawn after so much had been spent."""
    person, order = won(sale)
    hear(order, "early")
    spend(sale, person, yen, at=BUYING + timedelta(hours=3))
    hear(order, "withdrawn", at=BUYING + timedelta(hours=4))
    assert debt(person) == yen
    return person, order


def bring(sale: Fair, person: Actor, yen: int, *, by: Actor | None = None) -> UUID:
    assert person.party is not None
    return operations.take_debt(
        programme=sale.made.programme, holder=person.party, yen=yen, by=by or sale.maker, at=LATER
    )


def by_role(sale: Fair, fund: str) -> dict[str, int]:
    """A fund's yen by role, outside accounts with their sign."""
    number = sale.town.fund(sale.made, fund).id
    found: Counter[str] = Counter()
    for row in books.trial_balance(municipality=sale.town.municipality):
        if row.fund == number:
            found[row.role] += row.amount
    return dict(found)


def test_cash_ends_the_debt_and_the_books_close_exactly(sale: Fair) -> None:
    owed_in_other_towns = owed()
    person, _ = owing(sale, 26_000)
    before = received(sale)
    (known,) = orders.debts_owed("commerce", municipality=person.municipality)
    assert (known.holder, known.yen, known.programme) == (person.party, 26_000, sale.made.programme)
    assert owed() != owed_in_other_towns, "cash that nobody has"
    receipt = bring(sale, person, 26_000)
    assert debt(person) == 0
    assert received(sale) == before, "the sale had counted the buyers' cash as received already: now it is there"
    assert by_role(sale, "premium")[AccountRole.CASH_RECEIVED] == -6_000, "what a budget had given comes back to it"
    assert sale.town.fund(sale.made, "premium").budget.left_yen == 6_000_000
    assert all(sum(by_role(sale, fund).values()) == 0 for fund in ("buyers", "premium"))
    assert owed() == owed_in_other_towns
    found = orders.receipt(receipt, municipality=person.municipality)
    assert (found.kind, found.price_yen, found.till_yen, found.units, found.name) == (
        "debt", 26_000, 26_000, 0, "2025-000001",
    )  # fmt: skip
    assert orders.debts_owed("commerce", municipality=person.municipality) == ()
    assert checks.cash_moved_what_its_receipt_says(person.municipality) == []
    assert checks.payments_bought_what_they_paid_for(person.municipality) == []


def test_it_may_be_brought_in_parts_the_buyers_own_first(sale: Fair) -> None:
    owed_in_other_towns = owed()
    person, _ = owing(sale, 26_000)
    bring(sale, person, 20_000)
    assert debt(person) == 6_000
    assert owed() == owed_in_other_towns, "what was never paid came first"
    assert by_role(sale, "premium").get(AccountRole.CASH_RECEIVED, 0) == 0
    bring(sale, person, 1)
    bring(sale, person, 5_999)
    assert debt(person) == 0
    with refused("voucher_nothing_owed"):
        bring(sale, person, 1)
    names = [each.name for each in orders.receipts("commerce", municipality=person.municipality)]
    assert names == ["2025-000003", "2025-000002", "2025-000001"]


@pytest.mark.parametrize("yen", [0, -1, 9_001, 10**12])
def test_never_more_than_is_owed(sale: Fair, yen: int) -> None:
    person, _ = owing(sale, 9_000)
    with refused("voucher_owed_less") as caught:
        bring(sale, person, yen)
    assert caught.value.facts["available"] == 9_000
    assert debt(person) == 9_000
    assert not CounterReceipt.objects.exists(), "a refusal uses no number"


def test_only_the_counter_of_this_department_takes_it(sale: Fair) -> None:
    person, _ = owing(sale, 9_000)
    town = sale.town
    for by in (person, sale.checker, town.officer("maker", "welfare"), town.officer("accountant", "accounting")):
        with refused("not_allowed"):
            bring(sale, person, 100, by=by)
    bring(sale, person, 100, by=town.officer("operator", "commerce"))


def test_it_is_in_the_day_s_cash_up(sale: Fair) -> None:
    person, _ = owing(sale, 9_000)
    maker = sale.maker
    assert maker.party is not None
    bring(sale, person, 4_000)
    due = {"department": "commerce", "municipality": person.municipality}
    assert orders.uncounted_yen(maker.party, **due) == 4_000  # type: ignore[arg-type]
    with refused("voucher_difference_unexplained") as caught:
        operations.cash_up(counted_yen=3_000, reason="", by=maker, at=LATER)
    assert caught.value.facts["difference"] == -1_000
    operations.cash_up(counted_yen=4_000, reason="", by=maker, at=LATER)
    (up,) = orders.cash_ups("commerce", municipality=person.municipality)
    assert (up.receipts, up.sold_yen, up.debts_yen, up.paid_back_yen, up.difference_yen) == (1, 0, 4_000, 0, 0)
    assert orders.uncounted_yen(maker.party, **due) == 0  # type: ignore[arg-type]


def test_a_mistake_is_undone_before_the_till_is_counted(sale: Fair) -> None:
    owed_in_other_towns = owed()
    person, _ = owing(sale, 26_000)
    receipt = bring(sale, person, 22_000)
    with refused("voucher_cash_reason_missing"):
        operations.undo_cash(receipt=receipt, because=" ", by=sale.maker, at=LATER)
    for _ in range(2):
        operations.undo_cash(receipt=receipt, because="別の人の分だった", by=sale.maker, at=LATER)
    assert debt(person) == 26_000
    assert by_role(sale, "premium").get(AccountRole.CASH_RECEIVED, 0) == 0
    assert owed() != owed_in_other_towns
    found = orders.receipt(receipt, municipality=person.municipality)
    assert (found.till_yen, found.undone_because) == (0, "別の人の分だった")
    with refused("voucher_no_cash_taken"):
        operations.cash_up(counted_yen=0, reason="", by=sale.maker, at=LATER)
    bring(sale, person, 26_000)
    assert debt(person) == 0
    names = [each.name for each in orders.receipts("commerce", municipality=person.municipality)]
    assert names == ["2025-000002", "2025-000001"], "what was undone keeps its number"


def test_what_was_counted_or_taken_by_another_stays(sale: Fair) -> None:
    person, _ = owing(sale, 9_000)
    receipt = bring(sale, person, 1_000)
    with refused("voucher_cash_stands"):
        operations.undo_cash(receipt=receipt, because="?", by=sale.town.officer("operator", "commerce"), at=LATER)
    operations.cash_up(counted_yen=1_000, reason="", by=sale.maker, at=LATER)
    with refused("voucher_cash_counted"):
        operations.undo_cash(receipt=receipt, because="?", by=sale.maker, at=LATER)
    with refused("voucher_receipt_unknown"):
        operations.undo_cash(receipt=sale.sale, because="?", by=sale.maker, at=LATER)


def test_who_brought_some_and_buys_after_all_owes_only_the_rest(sale: Fair) -> None:
    person, order = owing(sale, 9_000)
    bring(sale, person, 4_000)
    hear(order, "final", at=LATER)
    assert debt(person) == 0
    assert in_wallet(sale, person) == 26_000 - 5_000
    assert received(sale) == PRICE + 4_000, "twice paid: by slip, and in cash what the slip pays for as well"


@pytest.mark.django_db
def test_whatever_is_brought_and_undone_the_yen_add_up() -> None:
    sale = ordered_fair(issued_on="early")
    person, _ = owing(sale, 26_000)

    @settings(max_examples=30, deadline=None, suppress_health_check=list(HealthCheck))
    @given(st.lists(st.tuples(st.booleans(), st.integers(1, 9_000)), min_size=1, max_size=10))
    def brought(steps: list[tuple[bool, int]]) -> None:
        with transaction.atomic():
            standing: list[tuple[UUID, int]] = []
            for undoes, yen in steps:
                left = 26_000 - sum(each for _, each in standing)
                if undoes and standing:
                    receipt, _ = standing.pop(yen % len(standing))
                    operations.undo_cash(receipt=receipt, because="誤り", by=sale.maker, at=LATER)
                elif yen <= left:
                    standing.append((bring(sale, person, yen), yen))
                else:
                    with pytest.raises(Refusal):
                        bring(sale, person, yen)
                total = sum(each for _, each in standing)
                assert debt(person) == 26_000 - total
                assert -by_role(sale, "premium").get(AccountRole.CASH_RECEIVED, 0) >= 0
                assert all(sum(by_role(sale, fund).values()) == 0 for fund in ("buyers", "premium"))
            assert checks.cash_moved_what_its_receipt_says(person.municipality) == []
            transaction.set_rollback(True)

    brought()


@pytest.mark.django_db(transaction=True)
def test_two_clerks_at_once_never_take_more_than_is_owed() -> None:
    sale = ordered_fair(issued_on="early")
    person, _ = owing(sale, 9_000)
    clerks = [Actor(person.municipality, ActorRole.OPERATOR, uuid4(), "commerce") for _ in range(4)]
    answers = at_once(*[lambda by=by: bring(sale, person, 4_000, by=by) for by in clerks])
    taken = [each for each in answers if isinstance(each, UUID)]
    assert len(taken) == 2
    assert {each.kind.code for each in answers if isinstance(each, Refusal)} == {"voucher_owed_less"}
    assert debt(person) == 1_000
    undone = at_once(
        lambda: operations.undo_cash(receipt=taken[0], because="誤り", by=_clerk(taken[0], clerks), at=LATER),
        lambda: operations.cash_up(counted_yen=4_000, reason="", by=_clerk(taken[0], clerks), at=LATER),
    )
    row = CounterReceipt.objects.get(id=taken[0])
    assert (row.undone_at is None) != (row.cash_up_id is None), "counted or undone, never both"
    assert sum(isinstance(each, Refusal) for each in undone) == 1
    prove_committed_books()


def _clerk(receipt: UUID, clerks: list[Actor]) -> Actor:
    clerk = CounterReceipt.objects.get(id=receipt).clerk
    return next(each for each in clerks if each.party == clerk)


def test_the_tables_keep_it(sale: Fair) -> None:
    person, _ = owing(sale, 9_000)
    receipt = bring(sale, person, 1_000)
    rows = CounterReceipt.objects.filter(id=receipt)
    for wrong in ({"price_yen": 0}, {"units": 1}, {"holder": None}, {"kind": "sale"}, {"undone_at": LATER},
                  {"undone_because": "?"}):  # fmt: skip
        with pytest.raises(IntegrityError), transaction.atomic():
            rows.update(**wrong)
    operations.cash_up(counted_yen=1_000, reason="", by=sale.maker, at=LATER)
    for wrong in ({"debts_yen": 0}, {"paid_back_yen": 1}, {"counted_yen": 999}):
        with pytest.raises(IntegrityError), transaction.atomic():
            CashUp.objects.update(**wrong)
