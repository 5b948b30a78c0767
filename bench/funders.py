"""A month's statements of fifty funders over a million grants, which went through the door like every other.

One reading of the books gives all of them. What each statement says lies in the fund and in wallets is compared with
the books' own trial balance, so a statement that is quick and wrong ends the measure.
"""

from __future__ import annotations

import os
import random
import statistics
import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

from bench.measures import progress, tell
from meguri.evidence import queries as evidence
from meguri.evidence.flows import MoneyFigures
from meguri.faces.partner.months import Row, rows_of, total_of
from meguri.ledger import operations, queries
from meguri.ledger.rules import Account, Leg, Posting, Verdict
from meguri.ledger.templates import AccountRole as Role

FUNDERS, GRANTS, SMALL = 50, int(os.environ.get("MEGURI_BENCH_GRANTS", "1000000")), 10
HOLDERS, BATCH, LOADED_YEN, ROUNDS = 5_000, 1_000, 10**10, 3


@dataclass
class Funders:
    """Books with so many funds, each with a lot of its own in everybody's wallet."""

    number: int
    funds: list[UUID]
    holders: list[UUID]
    own: list[int]
    lots: list[int]
    at: datetime

    def grant(self, many: int) -> None:
        """So many grants of 1 to 100 yen, by turns from each fund."""
        for start in range(0, many, BATCH):
            part = [self._grant(place % len(self.funds)) for place in range(start, min(start + BATCH, many))]
            answers = operations.post_batch(part, municipality=self.number)
            if not all(isinstance(each, Verdict) for each in answers):
                raise SystemExit("funders: a grant was refused")

    def _grant(self, place: int) -> Posting:
        fund, wallet = Account(self.funds[place], Role.FUND), Account(random.choice(self.holders), Role.WALLET)  # noqa: S311 - no secret
        yen = random.randint(1, 100)  # noqa: S311 - no secret
        leg = Leg(fund, wallet, yen, (self.own[place],), credit_lot=self.lots[place])
        return Posting(str(uuid4()), "grant_points", (leg,), self.at, "bench")

    def statements(self) -> dict[UUID, tuple[Row, ...]]:
        """Every fund's month: from before anything was, to now."""
        begin = evidence.money_by_fund(self.number, until=self.at - timedelta(days=1))
        end = evidence.money_by_fund(self.number, until=self.at + timedelta(days=1))
        return {
            fund: rows_of(begin.get(fund, MoneyFigures()), end.get(fund, MoneyFigures())) for fund in self.funds
        }

    def wrong(self, told: dict[UUID, tuple[Row, ...]]) -> list[UUID]:
        """The funds whose statement is not what the trial balance says."""
        held: dict[tuple[UUID, Role], int] = {}
        for row in queries.trial_balance(municipality=self.number):
            if row.fund is not None:
                held[row.fund, row.role] = row.amount
        return [
            fund for fund, rows in told.items()
            if [row.end_yen for row in rows[:2]] != [held.get((fund, Role.FUND), 0), held.get((fund, Role.WALLET), 0)]
            or total_of(rows).end_yen != LOADED_YEN
        ]  # fmt: skip


def opened(number: int, *, funders: int, holders: int) -> Funders:
    """The books, each fund loaded."""
    operations.open_municipality(
        municipality=number, code=f"bench-{number}", name_ja="計測町", name_en="Bench Town", kind="sandbox"
    )
    at, funds, people = datetime.now(UTC), [uuid4() for _ in range(funders)], [uuid4() for _ in range(holders)]
    accounts = [Account(fund, role) for fund in funds for role in (Role.APPROPRIATION, Role.FUND)]
    operations.open_accounts([*accounts, *(Account(who, Role.WALLET) for who in people)], municipality=number)
    own = [operations.fund_lot(fund, municipality=number) for fund in funds]
    lots = [
        operations.money_lot(municipality=number, fund=fund, purse_kind=uuid4(), expires_at=at + timedelta(days=90))
        for fund in funds
    ]
    for fund, lot in zip(funds, own, strict=True):
        leg = Leg(Account(fund, Role.APPROPRIATION), Account(fund, Role.FUND), LOADED_YEN, (lot,))
        operations.post(Posting(str(uuid4()), "appropriate", (leg,), at, "bench"), municipality=number)
    return Funders(number, funds, people, own, lots, at)


def run() -> None:
    """Print the measures of this group."""
    base = _timed(GRANTS // SMALL)
    value = _timed(GRANTS)
    tell(
        name=f"statements.{FUNDERS}_funders_s", value=statistics.median(value), unit="s", runs=value,
        ratio=statistics.median(value) / statistics.median(base),
        against=f"a tenth of the {GRANTS:,} grants: {statistics.median(base):.2f} s",
    )  # fmt: skip


def _timed(grants: int) -> list[float]:
    progress(f"statements: {grants:,} grants of {FUNDERS} funders")
    town = opened(random.randrange(10_000, 10**6), funders=FUNDERS, holders=HOLDERS)  # noqa: S311 - no secret
    town.grant(grants)
    waits = []
    for _ in range(ROUNDS):
        begun = time.perf_counter()
        told = town.statements()
        waits.append(time.perf_counter() - begun)
        if wrong := town.wrong(told):
            raise SystemExit(f"funders: the statements of {wrong} are not what the books say")
    return waits
