"""Two times: what counted by when, as known when. Sums by day, present, partial or absent, never change an answer."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest
from django.db import connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from meguri.ledger import operations, queries
from meguri.ledger.rules import Account, Leg, Posting
from meguri.ledger.templates import AccountRole
from tests.ledger.conftest import Books, open_books

DAYS_BACK = 30
DAY = timedelta(days=1)
HOUR = timedelta(hours=1)


@dataclass(frozen=True)
class Moved:
    """One posting of the plain list."""

    holder: UUID
    yen: int
    effective: datetime
    recorded: datetime
    posting: UUID


class Clocked:
    """Books whose clock can be moved: it starts thirty days ago and only goes forward."""

    def __init__(self) -> None:
        self.books: Books = open_books()
        self.holders = [self.books.holder, uuid4()]
        self.back = DAYS_BACK * DAY
        self.turn()
        operations.open_accounts(
            [Account(self.holders[1], AccountRole.WALLET)], municipality=self.books.municipality
        )
        self.moved: list[Moved] = []

    @property
    def number(self) -> int:
        return self.books.municipality

    def turn(self, by: timedelta = timedelta(0)) -> None:
        """Move the clock without forgetting the sums, as time does."""
        self.back = max(self.back - by, timedelta(0))
        with connection.cursor() as cursor:
            cursor.execute("UPDATE ledger.municipality SET clock_offset = %s WHERE id = %s", [-self.back, self.number])

    def now(self) -> datetime:
        return datetime.now(UTC) - self.back

    def move(self, who: int, yen: int, *, late: timedelta) -> None:
        """Appropriation straight into a purse is no template: a sale for cash is."""
        wallet = Account(self.holders[who], AccountRole.WALLET)
        cash = Account(self.books.fund, AccountRole.CASH_RECEIVED)
        leg = Leg(cash, wallet, yen, (self.books.lot,))
        posting = Posting(f"sell:{uuid4()}", "sell_voucher", (leg,), self.now() - late, "test")
        made = operations.post(posting, municipality=self.number)
        self.moved.append(Moved(wallet.owner, yen, posting.at, made.recorded_at, made.posting))

    def sum(self, most: int) -> int:
        return operations.sum_days(municipality=self.number, most=most)

    def expected(self, who: int, until: datetime | None, known: datetime | None) -> list[Moved]:
        far = datetime.max.replace(tzinfo=UTC)
        return [
            each for each in self.moved
            if each.holder == self.holders[who] and each.effective < (until or far) and each.recorded <= (known or far)
        ]  # fmt: skip

    def ask(self, who: int, until: datetime | None, known: datetime | None) -> None:
        """Balance, statement and trial balance are those of the plain list."""
        expected = self.expected(who, until, known)
        times = {"effective_until": until, "known_at": known}
        found = queries.balances_at([self.holders[who]], AccountRole.WALLET, municipality=self.number, **times)
        assert sum(each.amount for each in found) == sum(each.yen for each in expected)
        wallet = Account(self.holders[who], AccountRole.WALLET)
        lines = queries.statement(wallet, municipality=self.number, limit=1000, **times)
        assert [line.posting for line in lines] == sorted((each.posting for each in expected), reverse=True)
        trial = queries.trial_balance_at(municipality=self.number, **times)
        assert sum(row.amount for row in trial) == 0
        purses = [row.amount for row in trial if row.role is AccountRole.WALLET]
        everybody = [each for both in (0, 1) for each in self.expected(both, until, known)]
        assert sum(purses) == sum(each.yen for each in everybody)

    def wrong(self) -> list[object]:
        with connection.cursor() as cursor:
            cursor.execute("SELECT * FROM ledger.wrong_day_sums(%s)", [self.number])
            return list(cursor.fetchall())


STEP = st.one_of(
    st.tuples(st.just("move"), st.integers(0, 1), st.integers(1, 99), st.integers(0, 24 * 12)),
    st.tuples(st.just("turn"), st.integers(1, 60), st.just(0), st.just(0)),
    st.tuples(st.just("sum"), st.integers(1, 40), st.just(0), st.just(0)),
    st.tuples(st.just("ask"), st.integers(0, 1), st.integers(-2, DAYS_BACK * 24), st.integers(-2, DAYS_BACK * 24)),
)


@pytest.mark.usefixtures("db")
@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(steps=st.lists(STEP, min_size=5, max_size=40))
def test_any_moment_as_known_at_any_moment_is_what_a_plain_list_says(steps: list[tuple[str, int, int, int]]) -> None:
    clocked = Clocked()
    for step, first, second, third in steps:
        if step == "move":
            clocked.move(first, second, late=third * HOUR)
        elif step == "turn":
            clocked.turn(first * HOUR)
        elif step == "sum":
            clocked.sum(first)
        else:
            now = datetime.now(UTC)
            for until, known in ((second, third), (second, -1), (-1, third)):
                clocked.ask(
                    first, None if until < 0 else now - until * HOUR, None if known < 0 else now - known * HOUR
                )
    clocked.turn(DAYS_BACK * DAY)
    while clocked.sum(31):
        pass
    for who in (0, 1):
        clocked.ask(who, None, None)
        clocked.ask(who, datetime.now(UTC) - 10 * DAY, datetime.now(UTC) - 5 * DAY)
    assert clocked.wrong() == []


@pytest.fixture
def clocked(db: None) -> Clocked:
    return Clocked()


def test_a_payment_that_arrives_late_counts_for_its_day_but_was_not_known_then(clocked: Clocked) -> None:
    clocked.move(0, 100, late=timedelta(0))
    clocked.turn(5 * DAY)
    clocked.move(0, 40, late=4 * DAY)
    evening = clocked.now() - 3 * DAY
    wallet = [clocked.holders[0]]

    def held(**times: datetime) -> int:
        found = queries.balances_at(wallet, AccountRole.WALLET, municipality=clocked.number, **times)
        return sum(each.amount for each in found)

    for _ in range(2):
        assert held(effective_until=evening) == 140
        assert held(effective_until=evening, known_at=evening) == 100
        assert held(known_at=evening) == 100
        assert held() == 140
        clocked.turn(3 * DAY)
        assert clocked.sum(31) >= 3


def test_days_are_summed_once_each_and_only_when_they_are_over(clocked: Clocked) -> None:
    assert clocked.sum(31) == 0  # nothing is recorded yet
    clocked.move(0, 100, late=timedelta(0))
    assert clocked.sum(31) == 0  # the day is not over
    clocked.turn(3 * DAY)
    assert clocked.sum(1) == 1
    assert [clocked.sum(31) for _ in range(2)][1] == 0
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM ledger.day_sum WHERE municipality_id = %s", [clocked.number])
        assert cursor.fetchone()[0] == 2  # the purse, and the cash that it came from


def test_the_check_finds_a_sum_that_somebody_changed(clocked: Clocked) -> None:
    clocked.move(0, 100, late=timedelta(0))
    clocked.turn(3 * DAY)
    clocked.sum(31)
    assert clocked.wrong() == []
    with connection.cursor() as cursor:
        cursor.execute("UPDATE ledger.day_sum SET amount = amount + 1 WHERE municipality_id = %s", [clocked.number])
    assert len(clocked.wrong()) == 2


def test_turning_an_invented_clock_back_forgets_the_sums(clocked: Clocked) -> None:
    clocked.move(0, 100, late=timedelta(0))
    clocked.turn(3 * DAY)
    clocked.sum(31)
    operations.set_clock_offset(municipality=clocked.number, offset=-DAYS_BACK * DAY)
    clocked.back = DAYS_BACK * DAY
    clocked.move(0, 10, late=timedelta(0))
    clocked.ask(0, None, None)
    clocked.ask(0, datetime.now(UTC), clocked.now() + HOUR)
    assert clocked.wrong() == []
