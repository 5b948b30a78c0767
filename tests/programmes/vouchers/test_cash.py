"""Cash at the counter: numbered receipts without a gap, and a till that is counted as it is."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import IntegrityError, transaction

from meguri.programmes.vouchers import operations, orders
from meguri.programmes.vouchers.models import CashUp, CounterReceipt
from meguri.words.actor import Actor, ActorRole
from tests.programmes.vouchers.conftest import BUYING, Fair, fair
from tests.programmes.vouchers.lived_town import at_once, moment, refused
from tests.programmes.vouchers.test_life import FIRST_COME


@pytest.fixture
def counter(db: None) -> Fair:
    """A sale at the counter, first come, first served."""
    return first_come()


def first_come() -> Fair:
    round_ = {**FIRST_COME["obtaining__rounds__0"], "units": 20}
    return fair(obtaining__rounds__0=round_).open()


def sell(counter: Fair, *, units: int = 1, by: Actor | None = None, at: object = BUYING) -> operations.Purchased:
    buyer = counter.town.person().party
    return operations.buy_at_once(
        sale=counter.sale, units=units, by=by or counter.maker, at=at, resident=buyer,  # type: ignore[arg-type]
    )  # fmt: skip


def test_every_sale_in_cash_has_a_receipt(counter: Fair) -> None:
    made = sell(counter, units=2)
    given = orders.receipt_of(made.application, municipality=counter.town.municipality)
    assert given is not None
    assert (given.name, given.units, given.price_yen, given.face_yen, given.granted_yen) == (
        "2025-000001", 2, 20_000, 26_000, 6_000,
    )  # fmt: skip
    assert orders.receipt(given.id, municipality=counter.town.municipality) == given
    with refused("voucher_receipt_unknown"):
        orders.receipt(made.posting, municipality=counter.town.municipality)


def test_by_phone_there_is_no_receipt_of_the_counter(counter: Fair) -> None:
    person = counter.town.person()
    made = operations.buy_at_once(sale=counter.sale, units=1, by=person, at=BUYING)
    assert orders.receipt_of(made.application, municipality=person.municipality) is None


def test_the_till_is_counted_and_a_difference_is_recorded_with_its_reason(counter: Fair) -> None:
    town, maker, other = counter.town, counter.maker, counter.town.officer("operator", "commerce")
    for _ in range(3):
        sell(counter)
    sell(counter, by=other)
    assert maker.party is not None
    assert orders.uncounted_yen(maker.party, department="commerce", municipality=town.municipality) == 30_000
    with refused("voucher_difference_unexplained") as caught:
        operations.cash_up(counted_yen=29_500, reason=" ", by=maker, at=BUYING)
    assert caught.value.facts["difference"] == -500
    operations.cash_up(counted_yen=29_500, reason="500円玉が1枚足りない", by=maker, at=BUYING)
    (up,) = orders.cash_ups("commerce", municipality=town.municipality)
    assert (up.receipts, up.sold_yen, up.counted_yen, up.difference_yen) == (3, 30_000, 29_500, -500)
    with refused("voucher_no_cash_taken"):
        operations.cash_up(counted_yen=0, reason="", by=maker, at=BUYING)
    assert len(orders.receipts("commerce", municipality=town.municipality, uncounted=True)) == 1, "the other clerk's"
    sell(counter, at=BUYING + timedelta(days=1))
    operations.cash_up(counted_yen=10_000, reason="", by=maker, at=BUYING + timedelta(days=1))
    assert len(orders.cash_ups("", municipality=town.municipality)) == 2
    assert orders.cash_ups("welfare", municipality=town.municipality) == ()


def test_who_may_not_sell_may_not_cash_up(counter: Fair) -> None:
    for by in (counter.checker, counter.town.person(), counter.town.officer("accountant", "accounting")):
        with refused("not_allowed"):
            operations.cash_up(counted_yen=0, reason="", by=by, at=BUYING)
    sell(counter)
    for wrong in (-1, 10**11):
        with refused("voucher_counted_unreadable"):
            operations.cash_up(counted_yen=wrong, reason="?", by=counter.maker, at=BUYING)


def test_numbers_begin_anew_with_the_fiscal_year_and_have_no_gap(counter: Fair) -> None:
    for _ in range(3):
        sell(counter)
    names = [each.name for each in orders.receipts("commerce", municipality=counter.town.municipality)]
    assert names == ["2025-000003", "2025-000002", "2025-000001"]
    with refused("voucher_too_late"):
        sell(counter, at=moment(4, 2, year=2026))
    assert CounterReceipt.objects.count() == 3, "a sale that failed used no number"


@pytest.mark.django_db(transaction=True)
def test_clerks_at_once_get_different_numbers_and_a_double_press_counts_once(transactional_db: None) -> None:
    counter = first_come()
    town = counter.town.municipality
    clerks = [Actor(town, ActorRole.OPERATOR, uuid4(), "commerce") for _ in range(6)]
    buyers = [counter.town.person().party for _ in clerks]

    def selling(clerk: Actor, buyer: object) -> object:
        return operations.buy_at_once(
            sale=counter.sale, units=1, by=clerk, at=BUYING, resident=buyer,  # type: ignore[arg-type]
        )  # fmt: skip

    at_once(*[lambda c=c, b=b: selling(c, b) for c, b in zip(clerks, buyers, strict=True)])  # type: ignore[misc]
    assert sorted(CounterReceipt.objects.values_list("number", flat=True)) == [1, 2, 3, 4, 5, 6]
    answers = at_once(
        *[lambda: operations.cash_up(counted_yen=10_000, reason="", by=clerks[0], at=BUYING) for _ in range(4)]
    )
    assert sum(not isinstance(answer, Exception) for answer in answers) == 1
    assert CashUp.objects.count() == 1


def test_the_table_keeps_the_sum(counter: Fair) -> None:
    sell(counter)
    operations.cash_up(counted_yen=10_000, reason="", by=counter.maker, at=BUYING)
    for wrong in ({"difference_yen": 1}, {"counted_yen": 9_000}, {"counted_yen": 9_000, "difference_yen": -1_000},
                  {"receipts": 0}):  # fmt: skip
        with pytest.raises(IntegrityError), transaction.atomic():
            CashUp.objects.update(**wrong)
    with pytest.raises(IntegrityError), transaction.atomic():
        CounterReceipt.objects.update(face_yen=1)
