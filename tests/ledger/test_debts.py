"""Points taken back: from the wallet what it has, the rest a debt that later grants repay first. Fund by fund."""

from __future__ import annotations

from uuid import UUID, uuid4

import pytest

from meguri.ledger import operations, queries
from meguri.ledger.rules import Account, Leg, Limit, Verdict
from meguri.ledger.templates import AccountRole
from tests.ledger.conftest import AT, Books
from tests.ledger.test_operations import refused
from tests.ledger.test_refunds import prove_the_books


class Club:
    """Grants of one holder, carried by two funds."""

    def __init__(self, books: Books) -> None:
        self.books = books
        self.funds = (books.fund, uuid4())
        number = books.municipality
        roles = ("appropriation", "fund", "cash_received")
        operations.open_accounts([Account(self.funds[1], AccountRole(role)) for role in roles], municipality=number)
        self.lots = (books.lot, self.lot(self.funds[1]))
        for fund in self.funds:
            own = operations.fund_lot(fund, municipality=number)
            source, budget = (Account(fund, AccountRole(role)) for role in ("appropriation", "fund"))
            books.post("appropriate", Leg(source, budget, 1000, (own,)))

    def lot(self, fund: UUID) -> int:
        return operations.money_lot(
            municipality=self.books.municipality, fund=fund, purse_kind=self.books.kind, expires_at=None
        )

    def grant(self, first: int, second: int = 0, *, limits: tuple[Limit, ...] = ()) -> Verdict:
        wallet = self.books.account(self.books.holder, "wallet")
        legs = [
            Leg(Account(fund, AccountRole.FUND), wallet, yen, (operations.fund_lot(fund, municipality=self.number),),
                credit_lot=lot, limits=limits)
            for fund, lot, yen in zip(self.funds, self.lots, (first, second), strict=True) if yen
        ]  # fmt: skip
        return self.books.post("grant_points", *legs, *operations.repayments(legs, municipality=self.number))

    @property
    def number(self) -> int:
        return self.books.municipality

    def spend(self, yen: int) -> Verdict:
        return self.books.post("pay", self.books.leg("wallet", "shop", yen, lots=self.lots))

    def take_back(self, grant: UUID, yen: int | None = None, *, key: str = "") -> Verdict:
        return operations.take_back(
            grant, municipality=self.number, key=key or f"withdraw:{uuid4()}", at=AT, by="test", about={}, yen=yen
        )

    def wallet(self) -> list[int]:
        account = self.books.account(self.books.holder, "wallet")
        return [queries.balance(account, lot=lot, municipality=self.number) for lot in self.lots]

    def debts(self) -> list[int]:
        owed = {debt.fund: debt.yen for debt in queries.debts([self.books.holder], municipality=self.number)}
        return [owed.get(fund, 0) for fund in self.funds]

    def budgets(self) -> list[int]:
        return [self.books.holds(fund, "fund") for fund in self.funds]


@pytest.fixture
def club(books: Books) -> Club:
    return Club(books)


def test_points_that_are_still_there_come_back_and_nothing_is_owed(club: Club) -> None:
    grant = club.grant(60, 40).posting
    back = club.take_back(grant)
    assert (club.wallet(), club.debts(), club.budgets()) == ([0, 0], [0, 0], [1000, 1000])
    assert sum(each.amount for each in back.taken) == 100
    prove_the_books()


def test_points_that_were_spent_become_a_debt_to_their_fund(club: Club) -> None:
    grant = club.grant(60, 40).posting
    club.spend(70)  # all of the first fund, 10 of the second
    back = club.take_back(grant)
    assert (club.wallet(), club.debts(), club.budgets()) == ([0, 0], [60, 10], [940, 990])
    assert [(each.debit_lot, each.amount) for each in back.taken] == [(club.lots[1], 30)]
    prove_the_books()


def test_later_grants_repay_the_debt_before_they_arrive(club: Club) -> None:
    grant = club.grant(60, 40).posting
    club.spend(100)
    club.take_back(grant)
    assert club.debts() == [60, 40]
    club.grant(25)
    assert (club.wallet(), club.debts(), club.budgets()) == ([0, 0], [35, 40], [940, 960])
    club.grant(50, 10)
    assert (club.wallet(), club.debts(), club.budgets()) == ([15, 0], [0, 30], [925, 960])
    club.grant(5)  # a debt to one fund is not repaid with the money of another
    assert (club.wallet(), club.debts()) == ([20, 0], [0, 30])
    prove_the_books()


def test_a_grant_that_repaid_a_debt_can_itself_be_taken_back(club: Club) -> None:
    first = club.grant(60).posting
    club.spend(60)
    club.take_back(first)
    second = club.grant(100).posting
    assert (club.wallet(), club.debts(), club.budgets()) == ([40, 0], [0, 0], [900, 1000])
    club.take_back(second)
    assert (club.wallet(), club.debts(), club.budgets()) == ([0, 0], [60, 0], [940, 1000])


def test_a_grant_taken_back_in_parts_is_never_taken_twice(club: Club) -> None:
    grant = club.grant(60, 40).posting
    club.take_back(grant, 10)
    assert club.wallet() == [54, 36]
    club.take_back(grant, 89)
    with refused("refund_exceeds_payment"):
        club.take_back(grant, 2)
    club.take_back(grant)
    with refused("already_reversed"):
        club.take_back(grant)
    assert (club.wallet(), club.budgets(), club.debts()) == ([0, 0], [1000, 1000], [0, 0])


def test_other_points_of_the_same_fund_and_kind_are_taken_before_a_debt_arises(club: Club) -> None:
    grant = club.grant(60).posting
    club.spend(60)
    other = club.lot(club.funds[0])  # the same kind, without expiry
    wallet = club.books.account(club.books.holder, "wallet")
    own = operations.fund_lot(club.funds[0], municipality=club.number)
    club.books.post(
        "grant_points", Leg(Account(club.funds[0], AccountRole.FUND), wallet, 50, (own,), credit_lot=other)
    )
    club.take_back(grant)
    assert (queries.balance(wallet, lot=other, municipality=club.number), club.debts()) == (0, [10, 0])


def test_the_same_taking_back_asked_for_again_is_done_once(club: Club) -> None:
    grant = club.grant(60).posting
    club.spend(50)
    first = club.take_back(grant, key="withdraw:1")
    again = club.take_back(grant, key="withdraw:1")
    assert again.replayed
    assert (again.posting, again.taken) == (first.posting, first.taken)
    assert club.debts() == [50, 0]


def test_ceilings_that_a_grant_used_are_free_again_when_it_is_taken_back_whole(club: Club) -> None:
    lot = operations.allowance_lot(municipality=club.number, allowed=uuid4(), unit="yen", opening=80)
    ceiling = club.books.account(club.books.holder, "allowance")
    grants = [club.grant(30, limits=(Limit(ceiling, lot),)).posting for _ in range(2)]
    assert queries.balance(ceiling, lot=lot, municipality=club.number) == 20
    club.take_back(grants[0])
    assert queries.balance(ceiling, lot=lot, municipality=club.number) == 50
    club.take_back(grants[1], 30 - 1)
    club.take_back(grants[1])
    assert queries.balance(ceiling, lot=lot, municipality=club.number) == 50  # parts leave the ceiling as it is
    prove_the_books()


def test_a_debt_is_repaid_in_cash_or_forgiven_but_never_more_than_is_owed(club: Club) -> None:
    grant = club.grant(60).posting
    club.spend(60)
    club.take_back(grant)
    asked = {"holder": club.books.holder, "fund": club.funds[0], "municipality": club.number, "at": AT, "by": "test"}
    operations.repay_debt(**asked, yen=20, key="repay:1", about={})  # type: ignore[arg-type]
    assert (club.debts(), club.budgets()[0]) == ([40, 0], 960)
    with refused("limit_reached"):
        operations.repay_debt(**asked, yen=41, key="repay:2", about={})  # type: ignore[arg-type]
    operations.forgive_debt(**asked, yen=40, key="forgive:1", about={"decision": "債権放棄"})  # type: ignore[arg-type]
    assert (club.debts(), club.budgets()[0]) == ([0, 0], 960)
    with refused("insufficient"):
        operations.forgive_debt(**asked, yen=1, key="forgive:2", about={})  # type: ignore[arg-type]
    prove_the_books()


def test_a_wallet_never_falls_below_zero_whatever_is_taken_back(club: Club) -> None:
    grants = [club.grant(30, 20).posting for _ in range(4)]
    club.spend(150)
    for grant in grants:
        club.take_back(grant)
    assert club.wallet() == [0, 0]
    assert club.debts() == [120, 30]
    assert club.budgets() == [1000 - 120, 1000 - 30]
