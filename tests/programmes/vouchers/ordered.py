"""A sale whose winners may pay by slip and by card, and the notices that a provider would send."""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import count
from typing import Any
from uuid import UUID, uuid4

from meguri.ledger import operations as ledger
from meguri.ledger import queries as books
from meguri.ledger.rules import Account, Leg, Posting
from meguri.ledger.templates import AccountRole
from meguri.programmes.parts import PaymentWay
from meguri.programmes.vouchers import operations, orders
from meguri.programmes.vouchers.models import PaymentOrder
from meguri.programmes.vouchers.operations.applications import office
from meguri.programmes.vouchers.orders import OrderView
from meguri.programmes.vouchers.providers import NoticeKind, Told
from meguri.words.actor import Actor
from tests.programmes.vouchers.conftest import BUYING, Fair, fair

_numbers = count(1)


def payment(**said: Any) -> dict[str, Any]:
    """The document's part on payment, with every way offered."""
    return {"ways": ["counter", "slip", "card"], **said}


def ordered_fair(*, units: int = 10, waiting: dict[str, Any] | None = None, **said: Any) -> Fair:
    changes: dict[str, Any] = {"obtaining__rounds__0__units": units, "obtaining__payment": payment(**said)}
    if waiting is not None:
        changes["obtaining__waiting_list"] = waiting
    return fair(**changes).open()


def ordered(sale: Fair, person: Actor, application: UUID, *, way: str = "slip", at: datetime = BUYING) -> PaymentOrder:
    number = operations.open_order(application=application, way=PaymentWay(way), by=person, at=at)
    return PaymentOrder.objects.get(id=number)


def told(order: PaymentOrder, kind: str, **other: Any) -> Told:
    """A notice for an order; `number` makes it the very same one."""
    facts = {
        "number": f"notice-{next(_numbers)}", "kind": NoticeKind(kind), "reference": order.reference,
        "payment": order.reference, "amount_yen": order.amount_yen, "currency": "JPY",
        "paid_at": BUYING + timedelta(hours=1),
    }  # fmt: skip
    return Told(**{**facts, **other})


def hear(order: PaymentOrder, kind: str, *, at: datetime | None = None, **other: Any) -> operations.NoticeTaken:
    """The notice comes in."""
    return operations.take_notice(
        told(order, kind, **other), provider=order.provider, by=office(order.municipality),
        at=at or BUYING + timedelta(hours=2),
    )  # fmt: skip


def view(order: PaymentOrder) -> OrderView:
    return orders.order(order.id, municipality=order.municipality)


def spend(sale: Fair, person: Actor, yen: int, *, at: datetime) -> int:
    """Pay a shop from whatever the wallet holds; gives what it had."""
    assert person.party is not None
    wallet = Account(person.party, AccountRole.WALLET)
    held = books.balances([person.party], AccountRole.WALLET, municipality=sale.town.municipality)
    lots = tuple(each.lot.id for each in held if each.amount)
    had = min(yen, sum(each.amount for each in held))
    if not had:
        return 0
    till = Account(SHOP, AccountRole.SHOP)
    ledger.open_accounts([till], municipality=sale.town.municipality)
    leg = Leg(wallet, till, had, lots)
    posting = Posting(key=f"pay:{uuid4()}", template="pay", legs=(leg,), at=at, by="test", about={"shop": str(SHOP)})
    ledger.post(posting, municipality=sale.town.municipality)
    return had


SHOP = uuid4()


def in_wallet(sale: Fair, person: Actor) -> int:
    return sum(sale.town.held(person).values())


def debt(person: Actor) -> int:
    assert person.party is not None
    return sum(each.yen for each in books.debts([person.party], municipality=person.municipality))


def received(sale: Fair) -> int:
    """The buyers' cash in the books (yen), over all their lots."""
    fund = sale.town.fund(sale.made, "buyers").id
    rows = books.trial_balance(municipality=sale.town.municipality)
    return -sum(row.amount for row in rows if row.fund == fund and row.role == AccountRole.CASH_RECEIVED)
