"""What is due, read straight from the books: by shop, lot, fund and cutoff."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID, uuid4

from meguri.ledger import operations as ledger
from meguri.settlement.rules import Activity, Due
from meguri.settlement.takings import payables, shops_among, takings
from tests.settlement.books import AT, DAY, SmallTown, account, leg, small_town

CUTOFF = AT + 7 * DAY


def due_yen(town: SmallTown, cutoff: object = CUTOFF) -> dict[UUID, int]:
    return {due.owner: due.yen for due, _ in takings(town.municipality, cutoff=cutoff)}  # type: ignore[arg-type]


def only(town: SmallTown) -> tuple[Due, Activity]:
    (found,) = takings(town.municipality, cutoff=CUTOFF)
    return found


def test_the_cutoff_itself_is_not_before_the_cutoff(town: SmallTown) -> None:
    programme, shop, person = town.programme(), town.shop(), town.resident()
    town.grant(person, programme, 100)
    town.pay(person, shop, 1, programme, at=CUTOFF - timedelta(microseconds=1))
    town.pay(person, shop, 2, programme, at=CUTOFF)
    town.pay(person, shop, 4, programme, at=CUTOFF + DAY)
    assert due_yen(town) == {shop: 1}
    assert due_yen(town, CUTOFF + DAY) == {shop: 3}
    assert due_yen(town, CUTOFF + 2 * DAY) == {shop: 7}
    assert due_yen(town, AT) == {}


def test_lots_stay_apart_and_lose_their_expiry(town: SmallTown) -> None:
    voucher, points = town.programme("voucher"), town.programme("point")
    shop, person = town.shop(), town.resident()
    town.grant(person, voucher, 100)
    town.grant(person, points, 100)
    town.pay(person, shop, 150, voucher, points, at=AT + DAY)
    due, activity = only(town)
    assert {(lot.fund, lot.purse_kind, lot.yen) for lot in due.lots} == {
        (voucher.fund, voucher.kind, 100), (points.fund, points.kind, 50),
    }
    assert not {lot.lot for lot in due.lots} & {voucher.lot, points.lot}
    assert activity == Activity(payments=1, payments_yen=150, refunds=0)  # one payment, although of two lots


def test_a_refund_of_a_later_payment_takes_nothing_from_earlier_takings(town: SmallTown) -> None:
    programme, shop, person = town.programme(), town.shop(), town.resident()
    town.grant(person, programme, 1000)
    town.pay(person, shop, 100, programme, at=AT + DAY)
    late = town.pay(person, shop, 30, programme, at=CUTOFF + DAY)
    town.refund(late, at=CUTOFF + 2 * DAY)
    due, activity = only(town)
    assert (due.yen, activity) == (100, Activity(1, 100, 0))


def test_a_later_refund_of_an_earlier_payment_is_taken_from_it(town: SmallTown) -> None:
    programme, shop, person = town.programme(), town.shop(), town.resident()
    town.grant(person, programme, 1000)
    early = town.pay(person, shop, 100, programme, at=AT + DAY)
    town.pay(person, shop, 40, programme, at=AT + DAY)
    town.pay(person, shop, 5, programme, at=CUTOFF + DAY)
    town.refund(early, at=CUTOFF + 2 * DAY)
    due, activity = only(town)
    assert (due.yen, activity) == (40, Activity(2, 140, 1))


def test_a_later_refund_in_part_belongs_to_its_payment_too(town: SmallTown) -> None:
    programme, shop, person = town.programme(), town.shop(), town.resident()
    town.grant(person, programme, 1000)
    early = town.pay(person, shop, 100, programme, at=AT + DAY)
    town.pay(person, shop, 5, programme, at=CUTOFF + DAY)
    for yen in (30, 20):
        ledger.reverse_part(
            early.posting, municipality=town.municipality, template="refund_payment", key=f"refund:{uuid4()}",
            at=CUTOFF + 2 * DAY, by="test", about={}, yen=yen,
        )  # fmt: skip
    due, activity = only(town)
    assert (due.yen, activity) == (50, Activity(1, 100, 2))


def test_never_more_than_the_balance(town: SmallTown) -> None:
    """A refund that names no payment is dated by itself; if it leaves less than was due, only that is due."""
    programme, shop, person = town.programme(), town.shop(), town.resident()
    town.grant(person, programme, 1000)
    town.pay(person, shop, 100, programme, at=AT + DAY)
    takings_lot = only(town)[0].lots[0].lot
    back = leg(account(shop, "shop"), account(person, "wallet"), 70, takings_lot, credit_lot=programme.lot)
    town.post("refund_payment", back, at=CUTOFF + DAY)
    assert due_yen(town) == {shop: 30}


def test_what_was_settled_is_not_due_again(town: SmallTown) -> None:
    programme, shop, person = town.programme(), town.shop(), town.resident()
    town.grant(person, programme, 1000)
    town.pay(person, shop, 100, programme, at=AT + DAY)
    lot = only(town)[0].lots[0].lot
    town.post("settle", leg(account(shop, "shop"), account(shop, "payable"), 60, lot), at=CUTOFF + DAY)
    due, activity = only(town)
    assert (due.yen, activity) == (40, Activity(1, 100, 0))  # a settlement is no refund


def test_other_towns_are_not_seen(town: SmallTown) -> None:
    other = small_town()
    programme, shop, person = other.programme(), other.shop(), other.resident()
    other.grant(person, programme, 1000)
    other.pay(person, shop, 100, programme, at=AT + DAY)
    other.benefit_to_bank(person, programme, 9)
    assert takings(town.municipality, cutoff=CUTOFF) == ()
    assert payables(town.municipality) == ()
    assert shops_among([shop], municipality=town.municipality) == frozenset()


def test_payables_of_everybody(town: SmallTown) -> None:
    programme, shop, person = town.programme("benefit"), town.shop(), town.resident()
    town.benefit_to_bank(person, programme, 500)
    town.benefit_to_bank(person, programme, 20)
    town.grant(person, programme, 100)
    town.pay(person, shop, 70, programme)
    (lot,) = only(town)[0].lots
    town.post("settle", leg(account(shop, "shop"), account(shop, "payable"), 70, lot.lot), at=CUTOFF)
    found = {due.owner: due for due in payables(town.municipality)}
    assert {owner: due.yen for owner, due in found.items()} == {person: 520, shop: 70}
    assert [lot.purse_kind for lot in found[person].lots] == [None]  # it never lay in a purse
    assert [lot.purse_kind for lot in found[shop].lots] == [programme.kind]


def test_shops_are_known_by_their_takings_account(town: SmallTown) -> None:
    shop, person, stranger = town.shop(), town.resident(), uuid4()
    ledger.open_accounts([account(stranger, "payable")], municipality=town.municipality)
    assert shops_among([shop, person, stranger], municipality=town.municipality) == {shop}
