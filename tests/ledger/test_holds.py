"""Promised, captured, given back: every step once, never more than was promised, and time ends it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import IntegrityError, connection, transaction

from meguri.ledger import operations, queries
from meguri.ledger.holds import Hold
from meguri.ledger.rules import Account, Verdict
from meguri.ledger.templates import AccountRole
from tests.ledger.conftest import AT, Books, open_books
from tests.ledger.test_operations import refused
from tests.ledger.test_races import at_once
from tests.ledger.test_refunds import answer, prove_the_books

UNTIL = AT + timedelta(days=7)
ENDS = datetime(2026, 10, 3, tzinfo=UTC)


class Desk:
    """A holder with 100 yen in a lot that expires on 3 October and 200 in one that does not."""

    def __init__(self, books: Books) -> None:
        self.books = books
        make = operations.money_lot
        self.lots = tuple(
            make(municipality=self.number, fund=books.fund, purse_kind=books.kind, expires_at=ends)
            for ends in (ENDS, None)
        )
        books.appropriate(1000)
        for lot, yen in zip(self.lots, (100, 200), strict=True):
            leg = books.leg("fund", "wallet", yen, lots=(books.own_lot,), credit_lot=lot)
            books.post("grant_points", leg)

    @property
    def number(self) -> int:
        return self.books.municipality

    def hold(self, yen: int, **more: Any) -> Hold:
        wanted: dict[str, Any] = {
            "holder": self.books.holder, "lots": self.lots, "until": UNTIL, "municipality": self.number,
            "key": f"hold:{uuid4()}", "at": AT, "by": "test", "about": {"shop": str(self.books.shop)},
        }  # fmt: skip
        return operations.hold(**wanted | {"yen": yen} | more)

    def capture(self, hold: UUID, yen: int | None = None, **more: Any) -> Verdict:
        wanted: dict[str, Any] = {
            "shop": self.books.shop, "municipality": self.number, "key": f"capture:{uuid4()}", "at": AT, "by": "test",
            "about": {},
        }  # fmt: skip
        return operations.capture(hold, **wanted | {"yen": yen} | more)

    def void(self, hold: UUID, at: datetime = AT) -> Verdict:
        return operations.void_hold(hold, municipality=self.number, at=at, by="test", about={})

    def wallet(self) -> list[int]:
        account = self.books.account(self.books.holder, "wallet")
        return [queries.balance(account, lot=lot, municipality=self.number) for lot in self.lots]

    def shop(self) -> int:
        return self.books.holds(self.books.shop, "shop")

    def promised(self, at: datetime = AT) -> list[int]:
        return [each.yen for each in queries.open_holds(self.books.holder, municipality=self.number, at=at)]


@pytest.fixture
def desk(books: Books) -> Desk:
    return Desk(books)


def test_a_hold_leaves_the_wallet_and_reaches_the_shop_when_captured(desk: Desk) -> None:
    hold = desk.hold(150)
    assert (desk.wallet(), desk.shop(), desk.promised()) == ([0, 150], 0, [150])
    assert hold.left_yen == ((desk.lots[0], 100), (desk.lots[1], 50))
    desk.capture(hold.id)
    assert (desk.wallet(), desk.shop(), desk.promised()) == ([0, 150], 150, [])
    prove_the_books()


def test_a_partial_capture_gives_the_rest_back_to_its_lots(desk: Desk) -> None:
    hold = desk.hold(150)
    desk.capture(hold.id, 120)
    assert (desk.wallet(), desk.shop(), desk.promised()) == ([0, 180], 120, [])
    with refused("hold_ended"):
        desk.capture(hold.id, 1)
    prove_the_books()


def test_several_captures_of_one_hold(desk: Desk) -> None:
    hold = desk.hold(150).id
    desk.capture(hold, 60, give_back_rest=False)
    assert desk.promised() == [90]
    with refused("capture_exceeds_hold") as caught:
        desk.capture(hold, 91)
    assert caught.value.facts == {"available": 90, "wanted": 91}
    desk.capture(hold, 10, give_back_rest=False)
    desk.void(hold)
    assert (desk.wallet(), desk.shop()) == ([30, 200], 70)
    prove_the_books()


def test_each_step_asked_for_again_is_done_once(desk: Desk) -> None:
    first, again = (desk.hold(150, key="hold:1") for _ in range(2))
    assert first == again
    assert desk.promised() == [150]
    made = desk.capture(first.id, 40, key="capture:1", give_back_rest=False)
    repeated = desk.capture(first.id, 40, key="capture:1", give_back_rest=False)
    assert repeated.replayed
    assert (repeated.posting, repeated.taken) == (made.posting, made.taken)
    voided = desk.void(first.id)
    assert desk.void(first.id).posting == voided.posting
    assert desk.capture(first.id, 40, key="capture:1", at=UNTIL + timedelta(days=1)).posting == made.posting
    with refused("key_reused"):
        desk.capture(first.id, 41, key="capture:1")
    assert (desk.wallet(), desk.shop()) == ([60, 200], 40)


def test_a_voided_hold_pays_nothing_and_a_captured_one_gives_nothing_back(desk: Desk) -> None:
    hold = desk.hold(150).id
    desk.void(hold)
    assert desk.wallet() == [100, 200]
    with refused("hold_ended"):
        desk.capture(hold, 1)
    other = desk.hold(150).id
    desk.capture(other)
    with refused("hold_ended"):
        desk.void(other)
    with refused("hold_unknown"):
        desk.void(uuid4())


def test_money_on_hold_pays_nothing_else(desk: Desk) -> None:
    desk.hold(250)
    with refused("insufficient"):
        desk.books.post("pay", desk.books.leg("wallet", "shop", 51, lots=desk.lots))
    with refused("insufficient"):
        desk.hold(51)


def test_time_voids_a_hold_even_before_its_money_is_given_back(desk: Desk) -> None:
    hold = desk.hold(150)
    assert not hold.is_void(UNTIL - timedelta(seconds=1))
    assert hold.is_void(UNTIL)
    assert desk.promised(UNTIL) == []
    with refused("hold_ended"):
        desk.capture(hold.id, at=UNTIL)
    assert desk.wallet() == [0, 150]
    early = operations.void_overdue_holds(municipality=desk.number, at=UNTIL - timedelta(seconds=1))
    runs = [operations.void_overdue_holds(municipality=desk.number, at=UNTIL) for _ in range(2)]
    assert (early, runs) == (0, [1, 0])
    assert desk.wallet() == [100, 200]
    prove_the_books()


def test_overdue_holds_are_given_back_in_chunks_and_for_one_holder(desk: Desk) -> None:
    for _ in range(5):
        desk.hold(10)
    asked = {"municipality": desk.number, "at": UNTIL}
    assert operations.void_overdue_holds(**asked, holder=uuid4()) == 0  # type: ignore[arg-type]
    assert [operations.void_overdue_holds(**asked, limit=2) for _ in range(4)] == [2, 2, 1, 0]  # type: ignore[arg-type]
    assert desk.wallet() == [100, 200]


def test_what_is_on_hold_may_be_captured_after_its_lot_has_expired(desk: Desk) -> None:
    hold = desk.hold(100).id
    late = ENDS + timedelta(days=1)
    with refused("insufficient"):
        desk.books.post("pay", desk.books.leg("wallet", "shop", 201, lots=desk.lots), at=late)
    desk.capture(hold, 70, at=late)
    assert desk.shop() == 70
    assert desk.wallet() == [30, 200]  # the rest lies in the expired lot, where the expiry run finds it
    desk.books.post("expire", desk.books.leg("wallet", "fund", 30, lots=desk.lots[:1]), at=late)
    assert desk.wallet() == [0, 200]
    prove_the_books()


def test_an_expired_lot_cannot_be_put_on_hold(desk: Desk) -> None:
    late = ENDS + timedelta(days=1)
    hold = desk.hold(150, at=late, until=late + timedelta(days=1))
    assert hold.left_yen == ((desk.lots[1], 150),)


@pytest.mark.parametrize("until", [AT, AT - timedelta(days=1), AT + timedelta(days=14, seconds=1)])
def test_a_hold_is_short_and_ends_in_the_future(desk: Desk, until: datetime) -> None:
    with refused("hold_time_wrong"):
        desk.hold(10, until=until)
    assert desk.wallet() == [100, 200]


def test_the_database_refuses_a_hold_that_ends_before_it_was_made(desk: Desk) -> None:
    hold = desk.hold(10)
    named = pytest.raises(IntegrityError, match="a hold ends after it was made")
    with named, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("UPDATE ledger.hold SET until = made_at WHERE id = %s", [hold.id])


def test_a_captured_payment_is_refunded_to_the_wallet(desk: Desk) -> None:
    paid = desk.capture(desk.hold(150).id, 120).posting
    wallet = Account(desk.books.holder, AccountRole.WALLET)
    for yen in (30, None):
        operations.reverse_part(
            paid, municipality=desk.number, template="refund_payment", key=f"back:{uuid4()}", at=AT, by="test",
            about={}, yen=yen, to=wallet,
        )  # fmt: skip
    assert (desk.wallet(), desk.shop()) == ([100, 200], 0)
    prove_the_books()


@pytest.mark.django_db(transaction=True)
def test_captures_and_time_out_at_once_share_what_was_promised() -> None:
    desk = Desk(open_books())
    hold = desk.hold(200).id

    def act(index: int) -> Verdict | str | int:
        if index == 20:
            return answer(lambda: desk.void(hold))
        return answer(lambda: desk.capture(hold, 7, give_back_rest=False))

    told = at_once(act, times=40)
    assert {each for each in told if isinstance(each, str)} <= {"capture_exceeds_hold", "hold_ended"}
    assert desk.shop() <= 200
    assert desk.shop() % 7 == 0
    assert desk.shop() + sum(desk.wallet()) + sum(desk.promised()) == 300
    prove_the_books()
