"""What the tables of payments and of cash refuse by name, and who may do what with them."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest
from django.db import IntegrityError, transaction
from django.db.models import CheckConstraint, F

from meguri.parties.permissions import PERMISSIONS, Scope
from meguri.programmes.parts import PaymentWay
from meguri.programmes.vouchers import operations, orders
from meguri.programmes.vouchers.models import CashUp, CounterReceipt, PaymentNotice, PaymentOrder
from meguri.words.actor import Actor, ActorRole
from tests.programmes.vouchers.conftest import BUYING, OVER, Fair
from tests.programmes.vouchers.lived_town import refused
from tests.programmes.vouchers.lived_town import told as refusal_told
from tests.programmes.vouchers.ordered import hear, ordered, ordered_fair, told

GOES_BACK = {"posting": None, "because_ja": "期限後", "because_en": "late"}
WALLS = [
    (PaymentOrder, "an_order_names_yen_and_units", {"amount_yen": 0}),
    (PaymentOrder, "an_order_names_yen_and_units", {"units": 0}),
    (PaymentOrder, "a_barcode_is_of_a_slip_that_a_till_takes", {"barcode": "91"}),
    (PaymentOrder, "an_order_keeps_what_the_terms_said", {"issued_on": "never"}),
    (PaymentOrder, "an_order_keeps_what_the_terms_said", {"late": "perhaps"}),
    (PaymentOrder, "a_paid_order_has_its_final_notice_and_its_purchase", {"final_at": None}),
    (PaymentOrder, "a_paid_order_has_its_final_notice_and_its_purchase", {"posting": None}),
    (PaymentOrder, "money_that_goes_back_has_come_and_bought_nothing", {"state": "to_refund", "posting": None}),
    (PaymentOrder, "money_that_goes_back_has_come_and_bought_nothing",
     {**GOES_BACK, "state": "to_refund", "final_at": None}),
    (PaymentOrder, "a_refund_has_an_officer_and_a_time", {**GOES_BACK, "state": "refunded"}),
    (PaymentOrder, "a_refund_has_an_officer_and_a_time", {"refunded_at": OVER, "refunded_by": uuid4()}),
    (PaymentOrder, "only_a_payment_that_stands_has_a_purchase", {"state": "withdrawn"}),
    (PaymentNotice, "a_notice_says_a_known_thing", {"kind": "maybe"}),
    (PaymentNotice, "a_notice_of_ours_has_its_order", {"order": None}),
    (PaymentNotice, "whoever_looks_into_a_notice_says_what_was_done", {"note": "何もない"}),
    (PaymentNotice, "whoever_looks_into_a_notice_says_what_was_done",
     {"outcome": "wrong_amount", "looked_at": OVER, "looked_by": uuid4()}),
    (CashUp, "a_cash_up_says_its_difference", {"counted_yen": 9_000}),
    (CashUp, "a_difference_in_the_till_has_a_reason", {"counted_yen": 19_000, "difference_yen": -1_000}),
    (CashUp, "a_cash_up_covers_a_sale", {"receipts": 0}),
    (CounterReceipt, "a_receipt_has_a_number_and_gives_at_least_its_price", {"face_yen": 1}),
    (CounterReceipt, "a_receipt_has_a_number_and_gives_at_least_its_price", {"number": 0}),
    (CounterReceipt, "a_receipt_says_whose_cash_it_was", {"holder": uuid4()}),
    (CounterReceipt, "cash_that_was_undone_says_why_and_is_never_counted", {"undone_at": OVER}),
    (CounterReceipt, "a_correction_names_what_it_puts_right", {"corrects": F("id")}),
]  # fmt: skip


@pytest.fixture
def paid(db: None) -> Fair:
    """One winner has paid by slip, another in cash, and the clerk has cashed up."""
    sale = ordered_fair()
    first, second = sale.town.person(), sale.town.person()
    rows = {sale.apply(person, 2).application: person for person in (first, second)}
    sale.draw()
    (one, other), people = list(rows), list(rows.values())
    hear(ordered(sale, people[0], one), "final")
    operations.sell_at_counter(application=other, by=sale.maker, at=BUYING)
    operations.cash_up(counted_yen=20_000, reason="", by=sale.maker, at=BUYING)
    return sale


@pytest.mark.parametrize(("table", "name", "values"), WALLS, ids=[f"{name}-{'-'.join(v)}" for _, name, v in WALLS])
def test_the_tables_refuse_by_name(paid: Fair, table: type[Any], *, name: str, values: dict[str, object]) -> None:
    rows = table.objects.filter(municipality=paid.town.municipality)
    with pytest.raises(IntegrityError, match=name), transaction.atomic():
        rows.update(**values)


def test_every_wall_is_tried() -> None:
    checks = {
        constraint.name
        for table in (PaymentOrder, PaymentNotice, CashUp, CounterReceipt)
        for constraint in table._meta.constraints
        if isinstance(constraint, CheckConstraint)
    }
    assert checks == {name for _, name, _ in WALLS}


@pytest.mark.parametrize("role", list(ActorRole))
def test_who_may_do_what_is_the_table_and_nothing_else(paid: Fair, role: ActorRole) -> None:
    order = PaymentOrder.objects.get()
    owner = order.application.resident
    attempts = {
        "voucher.purchase": lambda by: operations.open_order(
            application=order.application_id, way=PaymentWay.SLIP, by=by, at=BUYING
        ),
        "voucher.take_payment": lambda by: operations.take_notice(
            told(order, "final"), provider="test", by=by, at=BUYING
        ),
        "voucher.mend_payment": lambda by: operations.record_refund(order=order.id, note="返した", by=by, at=OVER),
    }
    for department, party in (("commerce", uuid4()), ("welfare", uuid4()), ("", owner)):
        actor = Actor(paid.town.municipality, role, party, department)
        for name, attempt in attempts.items():
            scope = PERMISSIONS[name].grants.get(role)
            may = {Scope.ANY: True, Scope.OWN: party == owner, Scope.OWN_DEPARTMENT: department == "commerce",
                   None: False}[scope]  # fmt: skip
            with transaction.atomic():
                assert (refusal_told(attempt, actor) != "not_allowed") is may, (name, actor)
                transaction.set_rollback(True)


def test_another_town_sees_nothing(paid: Fair) -> None:
    other, order, receipt = paid.town.municipality + 500, PaymentOrder.objects.get(), CounterReceipt.objects.get()
    with refused("payment_order_unknown"):
        orders.order(order.id, municipality=other)
    with refused("voucher_receipt_unknown"):
        orders.receipt(receipt.id, municipality=other)
    assert orders.orders_of(order.application_id, municipality=other) == ()
    assert orders.receipts("", municipality=other) == orders.cash_ups("", municipality=other) == ()
    assert orders.department_orders("commerce", municipality=other) == ()
    assert len(orders.department_orders("commerce", municipality=paid.town.municipality, state="paid")) == 1
    after = orders.department_orders("commerce", municipality=paid.town.municipality, after=order.id)
    assert after == ()
    elsewhere = Actor(other, ActorRole.SYSTEM)
    answer = operations.take_notice(told(order, "final"), provider="test", by=elsewhere, at=BUYING)
    assert answer.outcome == "unknown_order"
