"""A programme whose points shrink by one percent every thirty days, and people who pay with them."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from uuid import UUID, uuid4

from meguri.ledger import operations as books
from meguri.ledger import queries as ledger
from meguri.ledger.rules import Account, Leg, Posting, Verdict
from meguri.ledger.templates import AccountRole
from meguri.programmes import operations
from meguri.programmes.operations import DemurrageRun, Launched
from tests.programmes.builders import POINT, TownHall, changed

FIRST, SECOND = date(2025, 7, 31), date(2025, 8, 30)
"""The first two demurrage days after the hall's launch on 1 July: 30 days each from 2 April."""
EARLY = datetime(2025, 7, 10, 3, tzinfo=UTC)


def noon(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, 3, tzinfo=UTC)


@dataclass
class Shrunk:
    """The hall, its launched programme, and what is done in it."""

    hall: TownHall
    made: Launched
    shop: Account = field(default_factory=lambda: Account(uuid4(), AccountRole.SHOP))

    def grant(self, holder: UUID, yen: int, *, at: datetime = EARLY, fund: str = "town") -> None:
        self.hall.grant(self.made, "points", {fund: yen}, holder=holder, at=at)

    def pay(self, holder: UUID, yen: int, *, at: datetime) -> Verdict:
        books.open_accounts([self.shop], municipality=self.town)
        held = ledger.balances([holder], AccountRole.WALLET, municipality=self.town)
        lots = tuple(each.lot.id for each in held)
        leg = Leg(Account(holder, AccountRole.WALLET), self.shop, yen, lots)
        return books.post(Posting(f"pay:{uuid4()}", "pay", (leg,), at, "test"), municipality=self.town)

    def refund(self, payment: UUID, *, at: datetime) -> None:
        books.reverse_part(
            payment, municipality=self.town, template="refund_payment", key=f"refund:{uuid4()}", at=at, by="test",
            about={},
        )

    def shrink(self, at: datetime) -> DemurrageRun:
        return operations.shrink_programme(programme=self.made.programme, by=self.hall.system, at=at)

    def undo(self, day: date, at: datetime) -> DemurrageRun:
        return operations.undo_demurrage(programme=self.made.programme, day=day, by=self.hall.system, at=at)

    def left(self, fund: str = "town") -> int:
        return self.hall.fund(self.made, fund).budget.left_yen

    @property
    def town(self) -> int:
        return self.hall.municipality


def shrinking(hall: TownHall, *, every_days: int = 30, rate_bp: int = 100) -> Shrunk:
    spending = {"first_day": date(2025, 4, 2), "last_day": date(2026, 3, 31)}
    terms = changed(
        POINT, {"demurrage": {"every_days": every_days, "rate_bp": rate_bp}, "spending.window": spending,
                "obtaining.window": {"first_day": date(2025, 4, 2), "last_day": date(2026, 2, 28)}},
    )  # fmt: skip
    return Shrunk(hall, hall.launch(terms))


def days(count: int) -> timedelta:
    return timedelta(days=count)
