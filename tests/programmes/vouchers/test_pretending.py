"""The invented shop and card of an invented town: what they tell comes in like any provider's word, once."""

from __future__ import annotations

from datetime import timedelta

import pytest

from meguri.programmes.vouchers import operations, orders
from meguri.programmes.vouchers.models import PaymentNotice, PaymentOrder
from meguri.programmes.vouchers.operations.applications import office
from meguri.programmes.vouchers.providers import NoticeKind
from meguri.words.actor import Actor
from meguri.words.clock import now
from tests.programmes.vouchers.conftest import BUYING, Fair
from tests.programmes.vouchers.lived_town import refused
from tests.programmes.vouchers.ordered import ordered, ordered_fair


@pytest.fixture
def sale(db: None) -> Fair:
    return ordered_fair(issued_on="early")


def order_of(sale: Fair) -> tuple[Actor, PaymentOrder]:
    person = sale.town.person()
    return person, ordered(sale, person, sale.won(person).application)


def tell(order: PaymentOrder, kind: str, *, by: Actor | None = None) -> None:
    operations.tell_as_provider(
        order=order.id, kind=NoticeKind(kind), by=by or office(order.municipality), at=BUYING + timedelta(hours=1),
        now=now(),
    )  # fmt: skip


def test_early_then_withdrawn(sale: Fair) -> None:
    _, order = order_of(sale)
    tell(order, "early")
    seen = orders.order(order.id, municipality=order.municipality)
    assert (seen.state, seen.served) == ("early", True)
    tell(order, "withdrawn")
    seen = orders.order(order.id, municipality=order.municipality)
    assert (seen.state, seen.served) == ("withdrawn", False)


def test_what_was_said_is_not_said_again(sale: Fair) -> None:
    _, order = order_of(sale)
    for kind in ("early", "early", "final", "final", "early"):
        tell(order, kind)
    assert PaymentNotice.objects.filter(order=order).count() == 2


def test_only_the_town_itself_may_let_it_speak(sale: Fair) -> None:
    person, order = order_of(sale)
    with refused("not_allowed"):
        tell(order, "final", by=person)
    assert not PaymentNotice.objects.filter(order=order).exists()


def test_a_real_provider_s_order_is_not_pretended(sale: Fair) -> None:
    _, order = order_of(sale)
    PaymentOrder.objects.filter(id=order.id).update(provider="slip")
    with refused("payment_provider_unknown"):
        tell(order, "final")


def test_nothing_is_pretended_in_a_real_town(sale: Fair, monkeypatch: pytest.MonkeyPatch) -> None:
    _, order = order_of(sale)
    monkeypatch.setattr("meguri.programmes.vouchers.operations.pretending.is_invented", lambda _: False)
    with refused("payment_provider_unknown"):
        tell(order, "final")
