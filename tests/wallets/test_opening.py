"""Opening, stopping and going on: who may, what stays, and what a wallet says about itself meanwhile."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from django.db import IntegrityError, transaction

from meguri.ledger import operations as ledger
from meguri.ledger.rules import Account, Leg, Posting
from meguri.ledger.templates import AccountRole
from meguri.wallets import operations, queries
from meguri.wallets.models import LOST_PHONE, Wallet
from meguri.words.actor import ActorRole
from meguri.words.refusal import Refusal
from tests.town import Town, found_town

HOUR = timedelta(hours=1)


@pytest.fixture
def town(db: None) -> Town:
    return found_town()


@pytest.fixture
def empty(db: None) -> Town:
    """A town without programmes: quicker to found, and enough where no money moves."""
    return found_town(())


def code_of(act: object) -> str:
    with pytest.raises(Refusal) as no:
        act()  # type: ignore[operator]
    return no.value.code


def test_a_wallet_opened_with_many_others_receives_and_is_owed_to(town: Town) -> None:
    people = [uuid4(), uuid4()]
    operations.open_wallets(people, by=town.actor(ActorRole.MAKER, department="welfare"), at=town.at)
    town.give("points", 40, holder=people[1])
    found = queries.wallet(people[1], municipality=town.municipality, at=town.at)
    assert found is not None
    assert (found.total_yen, found.suspended_at, found.stopped_by_holder) == (40, None, False)
    kind = town.kind("bonus")
    budget = ledger.fund_lot(kind.fund_order[0], municipality=town.municipality)
    owed = Leg(Account(kind.fund_order[0], AccountRole.FUND), Account(people[0], AccountRole.PAYABLE), 5, (budget,))
    posting = Posting(key="owed", template="pay_benefit", legs=(owed,), at=town.at, by="test")
    ledger.post(posting, municipality=town.municipality)
    none = queries.wallet(people[0], municipality=town.municipality, at=town.at)
    assert none is not None
    assert none.purses == (), "what is owed by bank is no money in the wallet"


def test_opening_answers_with_the_wallet_and_keeps_the_first_day(empty: Town) -> None:
    person = uuid4()
    me = empty.actor(ActorRole.RESIDENT, party=person)
    assert operations.open_or_resume(person, by=me, at=empty.at) == person
    assert operations.open_or_resume(person, by=me, at=empty.at + HOUR) == person
    operations.open_wallets([person], by=empty.actor(ActorRole.SYSTEM), at=empty.at + 2 * HOUR)
    assert Wallet.objects.get(id=person).opened_at == empty.at


@pytest.mark.parametrize("role", list(ActorRole))
def test_who_opens_and_stops_somebody_elses_wallet(role: ActorRole, empty: Town) -> None:
    person, by = uuid4(), empty.actor(role, department="commerce")
    may_open = role in {ActorRole.MAKER, ActorRole.OPERATOR, ActorRole.SYSTEM}
    may_stop = role in {ActorRole.CHECKER, ActorRole.OPERATOR, ActorRole.SYSTEM}
    if may_open:
        operations.open_wallet(person, by=by, at=empty.at)
    else:
        assert code_of(lambda: operations.open_wallet(person, by=by, at=empty.at)) == "not_allowed"
    acts = (
        lambda: operations.suspend(empty.holder, because="suspected fraud", by=by, at=empty.at),
        lambda: operations.resume(empty.holder, by=by),
    )
    for act, stopped in zip(acts, (True, False), strict=True):
        if may_stop:
            act()
            assert queries.suspended([empty.holder], municipality=empty.municipality) == {empty.holder: stopped}
        else:
            assert code_of(act) == "not_allowed"
    assert queries.suspended([empty.holder, person], municipality=empty.municipality) == {
        empty.holder: False, **({person: False} if may_open else {}),
    }


def test_the_reason_of_a_stop_is_the_officers_and_goes_with_it(empty: Town) -> None:
    officer = empty.actor(ActorRole.CHECKER, department="commerce")
    operations.suspend(empty.holder, because="suspected fraud", by=officer, at=empty.at)
    operations.suspend(empty.holder, because="something lighter", by=officer, at=empty.at + HOUR)
    row = Wallet.objects.get(id=empty.holder)
    assert (row.suspended_because, row.suspended_at) == ("suspected fraud", empty.at), "the first reason stands"
    operations.resume(empty.holder, by=officer)
    operations.report_lost_phone(empty.holder, by=empty.resident, at=empty.at + 2 * HOUR)
    row = Wallet.objects.get(id=empty.holder)
    assert (row.suspended_because, row.suspended_at) == (LOST_PHONE, empty.at + 2 * HOUR)


def test_a_wallet_says_whose_stop_it_is(empty: Town) -> None:
    def stop() -> tuple[bool, bool]:
        found = queries.wallet(empty.holder, municipality=empty.municipality, at=empty.at)
        assert found is not None
        return found.suspended_at is not None, found.stopped_by_holder

    officer = empty.actor(ActorRole.OPERATOR)
    assert stop() == (False, False)
    operations.report_lost_phone(empty.holder, by=empty.resident, at=empty.at)
    assert stop() == (True, True)
    operations.open_or_resume(empty.holder, by=empty.resident, at=empty.at)
    assert stop() == (False, False)
    operations.suspend(empty.holder, because="suspected fraud", by=officer, at=empty.at)
    assert stop() == (True, False)


def test_stopping_one_wallet_stops_no_other(empty: Town) -> None:
    operations.report_lost_phone(empty.holder, by=empty.resident, at=empty.at)
    both = [empty.holder, empty.other]
    assert queries.suspended(both, municipality=empty.municipality) == {empty.holder: True, empty.other: False}
    assert queries.suspended([], municipality=empty.municipality) == {}


def test_only_wallets_that_cannot_pay_are_told(empty: Town) -> None:
    operations.report_lost_phone(empty.holder, by=empty.resident, at=empty.at)
    nobody, town = uuid4(), empty.municipality
    asked = [empty.holder, empty.other, nobody, empty.other, nobody]
    assert queries.not_paying(asked, municipality=town) == {empty.holder: True, nobody: False}
    assert queries.not_paying([empty.other], municipality=town) == {}
    assert queries.not_paying([], municipality=town) == {}
    elsewhere = queries.not_paying([empty.other], municipality=town + 1)
    assert elsewhere == {empty.other: False}, "another town has no such wallet"


def test_a_stop_without_a_reason_is_refused_by_the_database(empty: Town) -> None:
    with pytest.raises(IntegrityError, match="a_wallet_is_suspended_for_a_reason"), transaction.atomic():
        Wallet.objects.filter(id=empty.holder).update(suspended_at=empty.at)


def test_money_of_a_kind_that_is_no_longer_known_is_not_shown_as_something_else(town: Town) -> None:
    """Allowances and foreign lots stand on the same account; a purse is only what a programme in force explains."""
    town.give("points", 10)
    found = queries.wallet(town.holder, municipality=town.municipality, at=town.at - timedelta(days=400))
    assert found is not None
    assert (found.purses, found.expired, found.total_yen) == ((), (), 0), "before the launch nobody knows the kind"
    (move,) = queries.history(town.holder, municipality=town.municipality, at=town.at - timedelta(days=400))
    assert (move.amount_yen, move.parts) == (10, ()), "the yen are told all the same"


def test_a_refusal_at_the_wallet_tells_what_to_do_next(empty: Town) -> None:
    stranger: UUID = uuid4()
    with pytest.raises(Refusal) as no:
        operations.report_lost_phone(stranger, by=empty.actor(ActorRole.RESIDENT, party=stranger), at=empty.at)
    assert (no.value.code, no.value.kind.status) == ("wallet_unknown", 404)
    assert "開いてください" in no.value.sentence("ja")
    assert "open one first" in no.value.sentence("en")
