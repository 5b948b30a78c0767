"""A small set of books: one fund, one holder, one shop. Every test gets a municipality of its own."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field
from datetime import UTC, datetime
from uuid import UUID, uuid4

import pytest

from meguri.ledger import operations
from meguri.ledger.rules import Account, Leg, Limit, Posting, Verdict
from meguri.ledger.templates import AccountRole

AT = datetime(2026, 10, 1, 3, 0, tzinfo=UTC)
_numbers = itertools.count(1000)


@dataclass
class Books:
    """Tiny constructors, so that tests read like the books themselves."""

    municipality: int
    fund: UUID = field(default_factory=uuid4)
    kind: UUID = field(default_factory=uuid4)
    holder: UUID = field(default_factory=uuid4)
    shop: UUID = field(default_factory=uuid4)
    own_lot: int = 0
    lot: int = 0

    def account(self, owner: UUID, role: str) -> Account:
        return Account(owner, AccountRole(role))

    def leg(self, debit: str, credit: str, amount: int, *, lots: tuple[int, ...] = (), **more: object) -> Leg:
        owners = {"wallet": self.holder, "shop": self.shop, "payable": self.shop, "paid_out": self.shop}
        source, target = owners.get(debit, self.fund), owners.get(credit, self.fund)
        return Leg(self.account(source, debit), self.account(target, credit), amount, lots or (self.lot,), **more)  # type: ignore[arg-type]

    def posting(self, template: str, *legs: Leg, key: str = "", at: datetime = AT) -> Posting:
        return Posting(key=key or f"test:{uuid4()}", template=template, legs=legs, at=at, by="test")

    def post(self, template: str, *legs: Leg, key: str = "", at: datetime = AT) -> Verdict:
        return operations.post(self.posting(template, *legs, key=key, at=at), municipality=self.municipality)

    def appropriate(self, amount: int) -> Verdict:
        return self.post("appropriate", self.leg("appropriation", "fund", amount, lots=(self.own_lot,)))

    def grant(self, amount: int, *, limits: tuple[Limit, ...] = (), up_to: bool = False, key: str = "") -> Verdict:
        leg = self.leg("fund", "wallet", amount, lots=(self.own_lot,), credit_lot=self.lot, limits=limits, up_to=up_to)
        return self.post("grant_points", leg, key=key)

    def pay(self, amount: int, *, key: str = "") -> Verdict:
        return self.post("pay", self.leg("wallet", "shop", amount), key=key)

    def takings(self) -> int:
        """The lot in which a shop keeps what was paid from `lot`."""
        return operations.money_lot(
            municipality=self.municipality, fund=self.fund, purse_kind=self.kind, expires_at=None
        )

    def holds(self, owner: UUID, role: str) -> int:
        from meguri.ledger import queries

        found = queries.balances([owner], AccountRole(role), municipality=self.municipality)
        return sum(balance.amount for balance in found if balance.lot.unit == "money")


def open_books() -> Books:
    books = Books(municipality=next(_numbers))
    number = books.municipality
    operations.open_municipality(
        municipality=number, code=f"test-{number}", name_ja="試験町", name_en="Test Town", kind="sandbox"
    )
    roles = {
        books.fund: ("appropriation", "cash_received", "fund", "expired"),
        books.holder: ("wallet", "payable"),
        books.shop: ("shop", "payable", "paid_out"),
    }
    accounts = [books.account(owner, role) for owner, names in roles.items() for role in names]
    operations.open_accounts(accounts, municipality=number)
    books.own_lot = operations.fund_lot(books.fund, municipality=number)
    books.lot = operations.money_lot(
        municipality=number, fund=books.fund, purse_kind=books.kind, expires_at=datetime(2027, 1, 31, 15, 0, tzinfo=UTC)
    )
    return books


@pytest.fixture
def books(db: None) -> Books:
    return open_books()
