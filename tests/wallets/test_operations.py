"""A wallet from opening to loss: what it holds, what it may pass on, and that stopping it is the holder's right."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest

from meguri.ledger import queries as books
from meguri.ledger.rules import Account
from meguri.ledger.templates import AccountRole
from meguri.wallets import operations, queries
from meguri.words.actor import ActorRole
from meguri.words.refusal import Refusal
from tests.town import Town, found_town


def refused(code: str) -> pytest.RaisesExc[Refusal]:
    return pytest.RaisesExc(Refusal, check=lambda refusal: refusal.code == code)


@pytest.fixture
def town(db: None) -> Town:
    return found_town()


def seen(town: Town) -> queries.WalletView:
    found = queries.wallet(town.holder, municipality=town.municipality, at=town.at)
    assert found is not None
    return found


def test_opening_twice_is_opening_once(town: Town) -> None:
    newcomer = uuid4()
    person = town.actor(ActorRole.RESIDENT, party=newcomer)
    assert queries.wallet(newcomer, municipality=town.municipality, at=town.at) is None
    assert operations.open_wallet(newcomer, by=person, at=town.at) == newcomer
    operations.open_wallet(newcomer, by=person, at=town.at + timedelta(days=1))
    assert queries.suspended([newcomer, uuid4()], municipality=town.municipality) == {newcomer: False}


def test_nobody_opens_another_ones_wallet(town: Town) -> None:
    with refused("not_allowed"):
        operations.open_wallet(uuid4(), by=town.resident, at=town.at)


def test_many_are_opened_for_a_register(town: Town) -> None:
    people = [uuid4() for _ in range(30)]
    operations.open_wallets(people, by=town.actor(ActorRole.OPERATOR), at=town.at)
    operations.open_wallets(people, by=town.actor(ActorRole.OPERATOR), at=town.at)
    assert len(queries.suspended(people, municipality=town.municipality)) == 30
    with refused("not_allowed"):
        operations.open_wallets(people, by=town.resident, at=town.at)


def test_purses_are_told_apart_by_kind_and_expiry(town: Town) -> None:
    town.give("premium", 3000)
    town.give("points", 120)
    town.give("bonus", 2500)
    found = seen(town)
    assert found.total_yen == 5620
    assert {family: found.family_yen(family) for family in ("voucher", "point", "benefit")} == {
        "voucher": 3000, "point": 120, "benefit": 2500,
    }  # fmt: skip
    ends = [purse.expires_at for purse in found.purses]
    assert ends == sorted(ends, key=lambda end: end or town.at + timedelta(days=9999))


def test_paid_and_granted_value_are_never_one_purse(town: Town) -> None:
    """Guideline I-2-1(3) to the Payment Services Act: managed and displayed apart."""
    town.give("premium", 3000)
    town.give("paid", 10_000)
    assert {(purse.kind.part, purse.amount_yen) for purse in seen(town).purses} == {("granted", 3000), ("paid", 10_000)}


def test_expired_value_is_listed_apart_and_not_counted(town: Town) -> None:
    town.give("premium", 3000)
    town.at = town.at + timedelta(days=120)
    found = seen(town)
    assert found.total_yen == 0
    assert [purse.amount_yen for purse in found.expired] == [3000]
    assert found.purses == ()


def test_value_that_cannot_be_spent_yet_is_shown_but_not_counted(town: Town) -> None:
    town.give("bonus", 2500)
    town.at = town.at - timedelta(days=20)
    found = seen(town)
    assert [(purse.amount_yen, purse.spendable) for purse in found.purses] == [(2500, False)]
    assert found.total_yen == 0


def test_history_pages_by_a_stable_cursor(town: Town) -> None:
    for yen in range(1, 8):
        town.give("points", yen)
    first = queries.history(town.holder, municipality=town.municipality, at=town.at, limit=3)
    town.give("points", 100)  # arrives between two pages
    second = queries.history(
        town.holder, municipality=town.municipality, at=town.at, limit=3, after=first[-1].posting
    )
    assert [move.amount_yen for move in (*first, *second)] == [7, 6, 5, 4, 3, 2]
    assert all(move.parts[0][0].family == "point" for move in first)


def test_vouchers_and_benefits_cannot_be_passed_on(town: Town) -> None:
    town.give("premium", 3000)
    with refused("transfer_not_permitted") as caught:
        operations.transfer(
            by=town.resident, at=town.at, holder=town.holder, receiver=town.other, amount_yen=100, request="t1"
        )
    assert caught.value.facts["available"] == 0
    assert seen(town).total_yen == 3000


def test_a_transfer_to_oneself_or_to_nobody_is_refused(town: Town) -> None:
    asked = {"by": town.resident, "at": town.at, "holder": town.holder, "amount_yen": 1, "request": "t2"}
    with refused("transfer_to_oneself"):
        operations.transfer(receiver=town.holder, **asked)  # type: ignore[arg-type]
    with refused("wallet_unknown"):
        operations.transfer(receiver=uuid4(), **asked)  # type: ignore[arg-type]
    with refused("not_allowed"):
        operations.transfer(receiver=town.holder, **{**asked, "holder": town.other})  # type: ignore[arg-type]


def test_a_holder_stops_the_own_wallet_and_goes_on_with_a_new_phone(town: Town) -> None:
    operations.report_lost_phone(town.holder, by=town.resident, at=town.at)
    assert seen(town).suspended_at == town.at
    operations.open_or_resume(town.holder, by=town.resident, at=town.at)
    assert seen(town).suspended_at is None


def test_what_an_officer_stopped_the_holder_cannot_lift(town: Town) -> None:
    officer = town.actor(ActorRole.CHECKER, department="commerce")
    operations.suspend(town.holder, because="suspected fraud", by=officer, at=town.at)
    operations.open_or_resume(town.holder, by=town.resident, at=town.at)
    assert seen(town).suspended_at is not None
    with refused("not_allowed"):
        operations.resume(town.holder, by=town.resident)
    operations.resume(town.holder, by=officer)
    assert seen(town).suspended_at is None


def test_the_towns_stop_takes_the_place_of_a_lost_phone(town: Town) -> None:
    operations.report_lost_phone(town.holder, by=town.resident, at=town.at)
    officer = town.actor(ActorRole.CHECKER, department="commerce")
    operations.suspend(town.holder, because="suspected fraud", by=officer, at=town.at + timedelta(hours=1))
    assert seen(town).suspended_at == town.at
    assert not seen(town).stopped_by_holder
    operations.open_or_resume(town.holder, by=town.resident, at=town.at + timedelta(hours=2))
    assert seen(town).suspended_at is not None


def test_a_stopped_wallet_can_still_receive(town: Town) -> None:
    operations.report_lost_phone(town.holder, by=town.resident, at=town.at)
    town.give("points", 50)
    account = Account(town.holder, AccountRole.WALLET)
    assert sum(
        books.balance(account, lot=balance.lot.id, municipality=town.municipality)
        for balance in books.balances([town.holder], AccountRole.WALLET, municipality=town.municipality)
    ) == 50  # fmt: skip


# --- walls and edges -----------------------------------------------------------------------------------------------


def test_who_has_no_wallet_can_neither_stop_nor_pass_on(town: Town) -> None:
    newcomer = uuid4()
    person = town.actor(ActorRole.RESIDENT, party=newcomer)
    with refused("wallet_unknown"):
        operations.report_lost_phone(newcomer, by=person, at=town.at)
    with refused("wallet_unknown"):
        operations.transfer(
            by=person, at=town.at, holder=newcomer, receiver=town.other, amount_yen=1, request="t"
        )
    with refused("wallet_unknown"):
        operations.resume(newcomer, by=town.actor(ActorRole.CHECKER, department="commerce"))


def test_nobody_stops_another_ones_wallet(town: Town) -> None:
    neighbour = town.actor(ActorRole.RESIDENT, party=town.other)
    for act in (
        lambda: operations.report_lost_phone(town.holder, by=neighbour, at=town.at),
        lambda: operations.suspend(town.holder, because="spite", by=neighbour, at=town.at),
        lambda: operations.open_or_resume(town.holder, by=neighbour, at=town.at),
    ):
        with refused("not_allowed"):
            act()
    assert seen(town).suspended_at is None


def test_stopping_twice_keeps_the_first_moment_and_the_graver_reason(town: Town) -> None:
    officer = town.actor(ActorRole.CHECKER, department="commerce")
    operations.suspend(town.holder, because="suspected fraud", by=officer, at=town.at)
    operations.report_lost_phone(town.holder, by=town.resident, at=town.at + timedelta(hours=1))
    assert seen(town).suspended_at == town.at
    operations.open_or_resume(town.holder, by=town.resident, at=town.at + timedelta(hours=2))
    assert seen(town).suspended_at == town.at, "reporting a lost phone does not turn the town's stop into one's own"


def test_a_stopped_wallet_passes_nothing_on(town: Town) -> None:
    town.give("points", 500)
    operations.report_lost_phone(town.holder, by=town.resident, at=town.at)
    with refused("wallet_suspended"):
        operations.transfer(
            by=town.resident, at=town.at, holder=town.holder, receiver=town.other, amount_yen=1, request="t"
        )


def test_another_town_knows_no_wallet_of_this_one(town: Town) -> None:
    elsewhere = found_town()
    town.give("points", 500)
    assert queries.wallet(town.holder, municipality=elsewhere.municipality, at=town.at) is None
    assert queries.suspended([town.holder], municipality=elsewhere.municipality) == {}
    assert queries.history(town.holder, municipality=elsewhere.municipality, at=town.at) == ()
    stranger = elsewhere.actor(ActorRole.CHECKER, department="commerce")
    with refused("wallet_unknown"):
        operations.suspend(town.holder, because="by mistake", by=stranger, at=town.at)
    assert seen(town).suspended_at is None


@pytest.mark.parametrize("yen", [1, 7, 999])
def test_a_purse_is_one_however_often_it_was_filled(town: Town, yen: int) -> None:
    for _ in range(3):
        town.give("points", yen)
    assert [(purse.kind.family, purse.amount_yen) for purse in seen(town).purses] == [("point", 3 * yen)]
    moved = queries.history(town.holder, municipality=town.municipality, at=town.at)
    assert [move.amount_yen for move in moved] == [yen] * 3
    assert sum(move.amount_yen for move in moved) == seen(town).total_yen


def test_the_total_is_what_its_spendable_purses_say(town: Town) -> None:
    """On every day of a year: nothing is counted twice, nothing both held and expired."""
    for code, yen in (("premium", 3000), ("points", 120), ("bonus", 2500), ("paid", 10_000)):
        town.give(code, yen)
    for days in range(-30, 330, 30):
        found = queries.wallet(town.holder, municipality=town.municipality, at=town.at + timedelta(days=days))
        assert found is not None
        assert sum(purse.amount_yen for purse in (*found.purses, *found.expired)) == 15_620
        assert found.total_yen == sum(purse.amount_yen for purse in found.purses if purse.spendable)
        assert not {(purse.kind.id, purse.expires_at) for purse in found.purses} & {
            (purse.kind.id, purse.expires_at) for purse in found.expired
        }
        assert all(purse.expires_at is not None and purse.expires_at <= found.at for purse in found.expired)
