"""A town in the spring of 2025, its fiscal year 2024 over: the shop took 600 yen in March. Everything is invented."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from meguri.ledger import queries as books
from meguri.ledger.rules import Leg
from meguri.ledger.templates import AccountRole
from meguri.ledger.years import YearState
from meguri.programmes.models import Fund
from meguri.programmes.queries import Budget, budget_lines
from meguri.settlement import operations, queries, year_end
from meguri.settlement.queries import RunView
from meguri.settlement.years import YearView
from meguri.words.actor import Actor
from meguri.words.clock import midnight
from meguri.words.period import FiscalYear
from tests.settlement.books import SmallTown, TestProgramme, account, small_town

YEAR = FiscalYear(2024)
MARCH, APRIL, JUNE = (datetime(2025, *day, 3, tzinfo=UTC) for day in ((3, 20), (4, 7), (6, 2)))
CUTOFF = midnight(date(2025, 4, 1))
LAST = CUTOFF - timedelta(microseconds=1)


class OldYear:
    """A town whose shop took 600 yen in March; 400 of a budget of 1,000 are left."""

    def __init__(self) -> None:
        self.town: SmallTown = small_town()
        self.number = self.town.municipality
        self.programme: TestProgramme = self.town.programme()
        Fund.objects.filter(id=self.programme.fund).update(fiscal_year=YEAR.year)
        self.shop, self.person = self.town.shop(), self.town.resident()
        fund = [account(self.programme.fund, role) for role in ("appropriation", "fund")]
        self.town.post("appropriate", Leg(*fund, 1000, (self.programme.own_lot,)), at=MARCH)
        self.town.grant(self.person, self.programme, 600, at=MARCH)
        self.town.pay(self.person, self.shop, 600, self.programme, at=MARCH)
        self.first, self.second = self.town.actor(), self.town.actor()
        operations.set_paying_account(
            by=self.first, at=MARCH, payer_code="0123456789", payer_name="メグリ", bank="0005", branch="001",
            number="7654321",
        )

    def propose(self, state: YearState = "closing", *, at: datetime = APRIL, yen: int = 600, number: int = YEAR.year,
                by: Actor | None = None) -> YearView:
        asked = {"by": by or self.first, "at": at, "number": number, "state": state, "confirmed_yen": yen}
        return year_end.propose_year_end(**asked)  # type: ignore[arg-type]

    def confirm(self, state: YearState = "closing", *, at: datetime = APRIL, yen: int = 600,
                by: Actor | None = None) -> YearView:
        asked = {"by": by or self.second, "at": at, "number": YEAR.year, "state": state, "confirmed_yen": yen}
        return year_end.confirm_year_end(**asked)  # type: ignore[arg-type]

    def end(self, state: YearState, *, at: datetime, yen: int = 600) -> YearView:
        self.propose(state, at=at, yen=yen)
        return self.confirm(state, at=at, yen=yen)

    def approved(self, *, cutoff: datetime = CUTOFF, at: datetime = APRIL) -> RunView:
        run = operations.run_settlement(by=self.first, at=at, cutoff=cutoff)
        count, yen = queries.to_confirm(run.id, municipality=self.number)
        return operations.approve_payouts(
            by=self.second, at=at, run=run.id, confirmed_count=count, confirmed_yen=yen
        ).run

    def at_year_end(self, role: str) -> int:
        found = books.balances_at(
            [self.shop], AccountRole(role), municipality=self.number, effective_until=YEAR.closing_period.start
        )
        return sum(each.amount for each in found)

    def line(self) -> Budget:
        found = budget_lines(self.number, effective_until=YEAR.closing_period.start)
        return next(each.budget for each in found if each.fiscal_year == YEAR.year)
