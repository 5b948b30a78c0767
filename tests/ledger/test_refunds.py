"""Taking back in parts: never more than was moved, to the lots it came from, whole or in parts but never both."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import connection
from msgspec.structs import replace

from meguri.ledger import audit, operations, queries, refunds
from meguri.ledger.refunds import Refundable
from meguri.ledger.rules import Account, Verdict
from meguri.ledger.templates import AccountRole
from meguri.words.refusal import Refusal
from tests.ledger.conftest import AT, Books, open_books
from tests.ledger.test_operations import refused
from tests.ledger.test_races import at_once

ENDS = datetime(2026, 10, 15, tzinfo=UTC)
LATE = datetime(2026, 10, 20, tzinfo=UTC)


class Shelf:
    """A holder with 500 yen in three lots of two funds, and a payment of 450 of them: 100 + 200 + 150."""

    def __init__(self, books: Books) -> None:
        self.books = books
        self.second_fund = uuid4()
        number = books.municipality
        owners = [Account(self.second_fund, AccountRole(role)) for role in ("appropriation", "fund", "expired")]
        operations.open_accounts(owners, municipality=number)
        make = operations.money_lot
        self.lots = (
            make(municipality=number, fund=books.fund, purse_kind=books.kind, expires_at=ENDS),
            make(municipality=number, fund=self.second_fund, purse_kind=uuid4(), expires_at=None),
            make(municipality=number, fund=books.fund, purse_kind=uuid4(), expires_at=None),
        )
        for fund, lot, yen in zip((books.fund, self.second_fund, books.fund), self.lots, (100, 200, 200), strict=True):
            self.load(fund, lot=lot, yen=yen)
        legs = books.leg("wallet", "shop", 450, lots=self.lots)
        self.payment = books.post("pay", legs, key="pay:1").posting

    def load(self, fund: UUID, *, lot: int, yen: int) -> None:
        own = operations.fund_lot(fund, municipality=self.books.municipality)
        source, budget = (Account(fund, AccountRole(role)) for role in ("appropriation", "fund"))
        wallet = self.books.account(self.books.holder, "wallet")
        leg = self.books.leg("fund", "wallet", yen, lots=(own,))
        self.books.post("appropriate", type(leg)(source, budget, yen, (own,)))
        self.books.post("grant_points", type(leg)(budget, wallet, yen, (own,), credit_lot=lot))

    def back(self, yen: int | None = None, *, key: str = "", at: datetime = AT, of: UUID | None = None) -> Verdict:
        return operations.reverse_part(
            of or self.payment, municipality=self.books.municipality, template="refund_payment",
            key=key or f"refund:{uuid4()}", at=at, by="test", about={"reason": "返品"}, yen=yen,
        )  # fmt: skip

    def whole(self, *, key: str = "") -> Verdict:
        return operations.reverse(
            self.payment, municipality=self.books.municipality, template="refund_payment",
            key=key or f"refund:{uuid4()}", at=AT, by="test", about={},
        )  # fmt: skip

    def wallet(self) -> list[int]:
        account = self.books.account(self.books.holder, "wallet")
        return [queries.balance(account, lot=lot, municipality=self.books.municipality) for lot in self.lots]

    def left(self) -> list[int]:
        return [each.left for each in queries.refundable(self.payment, municipality=self.books.municipality)]


def prove_the_books() -> None:
    with connection.cursor() as cursor:
        for claim in audit.CLAIMS:
            cursor.execute(claim.offenders)
            assert cursor.fetchall() == [], claim.en


@pytest.fixture
def shelf(books: Books) -> Shelf:
    return Shelf(books)


def test_what_was_spent_last_comes_back_first_to_its_own_lot(shelf: Shelf) -> None:
    assert (shelf.wallet(), shelf.left()) == ([0, 0, 50], [100, 200, 150])
    shelf.back(170)
    assert (shelf.wallet(), shelf.left()) == ([0, 20, 200], [100, 180, 0])
    shelf.back(1)
    shelf.back(200)
    assert (shelf.wallet(), shelf.left()) == ([21, 200, 200], [79, 0, 0])
    assert shelf.books.holds(shelf.books.shop, "shop") == 79
    prove_the_books()


def test_the_parts_never_add_up_to_more_than_was_paid(shelf: Shelf) -> None:
    shelf.back(449)
    with refused("refund_exceeds_payment") as caught:
        shelf.back(2)
    assert caught.value.facts == {"available": 1, "wanted": 2}
    assert "あと1円" in caught.value.sentence("ja")
    shelf.back()
    with refused("already_reversed"):
        shelf.back()
    with refused("already_reversed"):
        shelf.back(1)
    assert shelf.wallet() == [100, 200, 200]
    prove_the_books()


def test_whole_or_in_parts_but_never_both(shelf: Shelf) -> None:
    shelf.back(50)
    with refused("reversed_in_part"):
        shelf.whole()
    assert shelf.books.holds(shelf.books.shop, "shop") == 400


def test_after_a_whole_reversal_no_part_is_left(shelf: Shelf) -> None:
    shelf.whole()
    for yen in (1, None):
        with refused("already_reversed"):
            shelf.back(yen)
    with refused("already_reversed"):
        shelf.whole()
    assert shelf.wallet() == [100, 200, 200]


def test_the_opening_itself_refuses_when_the_whole_was_reversed_unseen(
    shelf: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What a reader saw before the whole was reversed helps nobody: the books' key decides."""
    seen = queries.refundable(shelf.payment, municipality=shelf.books.municipality)
    shelf.whole()
    monkeypatch.setattr(queries, "refundable", lambda *_, **__: seen)
    with refused("already_reversed"):
        shelf.back(10)
    assert shelf.wallet() == [100, 200, 200]


def test_a_part_asked_for_twice_is_given_once(shelf: Shelf) -> None:
    first = shelf.back(170, key="refund:a")
    shelf.back(100)
    again = shelf.back(170, key="refund:a")  # its legs would be others by now: what is left has changed
    assert again.replayed
    assert (again.posting, again.taken) == (first.posting, first.taken)
    with refused("key_reused"):
        shelf.back(171, key="refund:a")
    assert shelf.books.holds(shelf.books.shop, "shop") == 180


def test_a_settled_payment_cannot_be_given_back_from_takings_that_are_gone(shelf: Shelf) -> None:
    takings = [each.credit_lot for each in queries.refundable(shelf.payment, municipality=shelf.books.municipality)]
    shelf.books.post("settle", shelf.books.leg("shop", "payable", 450, lots=tuple(takings)))
    with refused("insufficient"):
        shelf.back(10)
    assert shelf.left() == [100, 200, 150]
    with refused("insufficient"):  # and not "reversed in part": the refused part left nothing behind
        shelf.whole()


def test_money_comes_back_to_an_expired_lot_where_the_expiry_run_finds_it(shelf: Shelf) -> None:
    shelf.back(450, at=LATE)
    assert shelf.wallet() == [100, 200, 200]
    with refused("insufficient"):  # the first lot expired on 15 October: it pays nothing
        shelf.books.post("pay", shelf.books.leg("wallet", "shop", 401, lots=shelf.lots), at=LATE)
    shelf.books.post("expire", shelf.books.leg("wallet", "fund", 100, lots=shelf.lots[:1]), at=LATE)
    assert shelf.wallet() == [0, 200, 200]


def test_a_refund_knows_what_it_takes_back(shelf: Shelf) -> None:
    made = [shelf.back(10).posting, shelf.back(20).posting]
    number = shelf.books.municipality
    assert queries.undone_parts(shelf.payment, municipality=number) == made
    lines = queries.statement(shelf.books.account(shelf.books.shop, "shop"), municipality=number, limit=2)
    assert {line.takes_back for line in lines} == {shelf.payment}
    assert queries.refundable(uuid4(), municipality=number) == []
    with refused("already_reversed"):
        shelf.back(1, of=uuid4())


def entry(number: int, left: int) -> Refundable:
    account = Account(UUID(int=1), AccountRole.FUND)
    return Refundable(UUID(int=2), number, account, 1, account, 2, left, left)


def test_a_grant_comes_back_in_the_proportion_of_its_funders() -> None:
    entries = [entry(1, 50), entry(2, 30), entry(3, 20)]
    assert [yen for _, yen in refunds.in_shares(entries, 10)] == [5, 3, 2]
    assert [yen for _, yen in refunds.in_shares(entries, 99)] == [49, 30, 20]
    assert [yen for _, yen in refunds.in_shares(entries, 1)] == [1]
    for yen in range(1, 101):
        shares = refunds.in_shares(entries, yen)
        assert sum(part for _, part in shares) == yen
        assert all(0 < part <= each.left for each, part in shares)


def test_what_is_left_is_shared_and_not_what_once_was() -> None:
    """A funder that has its whole part back already is asked for nothing more."""
    whole, rest = entry(1, 0), entry(2, 30)
    paid = [dataclasses.replace(each, amount=50) for each in (whole, rest)]
    assert [(each.entry_no, yen) for each, yen in refunds.in_shares(paid, 20)] == [(2, 20)]


def answer(ask: Callable[[], Verdict]) -> Verdict | str:
    try:
        return ask()
    except Refusal as refusal:
        return refusal.code


@pytest.mark.django_db(transaction=True)
def test_forty_refunds_at_once_give_back_what_was_paid_and_no_more() -> None:
    shelf = Shelf(open_books())
    told = at_once(lambda _: answer(lambda: shelf.back(30)), times=40)
    made = [each for each in told if isinstance(each, Verdict)]
    assert len(made) == 15  # 15 x 30 = 450
    assert {each for each in told if isinstance(each, str)} <= {"refund_exceeds_payment", "already_reversed"}
    assert (shelf.left(), shelf.wallet()) == ([0, 0, 0], [100, 200, 200])
    assert shelf.books.holds(shelf.books.shop, "shop") == 0
    prove_the_books()


@pytest.mark.django_db(transaction=True)
def test_without_the_limit_the_same_race_gives_back_too_much(monkeypatch: pytest.MonkeyPatch) -> None:
    """The control: what everybody read beforehand is no limit. Another sale leaves the till enough to lose."""
    shelf = Shelf(open_books())
    shelf.load(shelf.second_fund, lot=shelf.lots[1], yen=1000)
    shelf.books.post("pay", shelf.books.leg("wallet", "shop", 1000, lots=shelf.lots[1:2]))
    seen = queries.refundable(shelf.payment, municipality=shelf.books.municipality)
    limited = refunds.turned_round

    def unlimited(*given: Any, **more: Any) -> tuple[Any, ...]:
        return tuple(replace(leg, limits=()) for leg in limited(*given, **more))

    monkeypatch.setattr(queries, "refundable", lambda *_, **__: seen[1:2])
    monkeypatch.setattr(refunds, "turned_round", unlimited)
    told = at_once(lambda _: answer(lambda: shelf.back(100)), times=8)
    assert sum(isinstance(each, Verdict) for each in told) == 8  # 800 yen of an entry of 200
    monkeypatch.setattr(refunds, "turned_round", limited)
    told = at_once(lambda _: answer(lambda: shelf.back(100)), times=8)
    made = sum(isinstance(each, Verdict) for each in told)
    assert made == 2  # with its limit, the entry of 200 gives 200, though the reading is still the stale one


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("turn", range(4))
def test_first_parts_and_whole_reversals_race_for_one_key(turn: int) -> None:
    shelf = Shelf(open_books())
    ways: list[Callable[[], Verdict]] = [shelf.whole, lambda: shelf.back(450), lambda: shelf.back(100)]
    told: list[Any] = at_once(lambda index: answer(ways[(index + turn) % 3]), times=24)
    given = sum(each.amount(leg) for each in told if isinstance(each, Verdict) for leg in range(1, 4))
    assert given <= 450
    assert shelf.books.holds(shelf.books.shop, "shop") == 450 - given
    assert shelf.books.holds(shelf.books.holder, "wallet") == 50 + given
    prove_the_books()


@pytest.mark.django_db(transaction=True)
def test_one_request_sent_forty_times_at_once_is_one_refund() -> None:
    shelf = Shelf(open_books())
    told = at_once(lambda _: answer(lambda: shelf.back(170, key="refund:once")), times=40)
    assert len({each.posting for each in told if isinstance(each, Verdict)}) == 1
    assert all(isinstance(each, Verdict) for each in told)
    assert shelf.books.holds(shelf.books.shop, "shop") == 280


def test_effects_keep_their_moments(shelf: Shelf) -> None:
    later = AT + timedelta(days=3)
    made = queries.posting(shelf.back(5, at=later).posting, municipality=shelf.books.municipality)
    assert made is not None
    assert made.effective_at == later
    assert (made.about["reason"], made.about["asked_yen"]) == ("返品", 5)
