"""Value that the terms let pass from hand to hand: how much at once, of which purses, and once however often asked."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any
from uuid import uuid4

import msgspec
import pytest
from django.db import connection
from hypothesis import given
from hypothesis import strategies as st

from meguri.ledger.queries import Balance
from meguri.ledger.rules import Verdict
from meguri.programmes.shipped import shipped
from meguri.wallets import operations, queries
from meguri.wallets.operations import _most_at_once
from meguri.words.actor import ActorRole
from meguri.words.refusal import Refusal
from tests.town import Town, found_town

MOST = {"voucher": 0, "point": 300, "benefit": 2_000}
"""What the terms of this town let pass at once, by family."""


def generous() -> Town:
    """A town whose points and benefits may pass from person to person."""
    change = msgspec.structs.replace
    return found_town(
        change(terms, limits=change(terms.limits, transfer_max_yen=MOST[terms.family])) for terms in shipped().values()
    )


@pytest.fixture
def town(db: None) -> Town:
    return generous()


def pass_on(town: Town, yen: int, *, request: str = "", **other: Any) -> Verdict:
    asked = {"holder": town.holder, "receiver": town.other, "by": town.resident, "at": town.at, **other}
    return operations.transfer(amount_yen=yen, request=request or str(uuid4()), **asked)


def holds(town: Town, who: Any) -> dict[str, int]:
    found = queries.wallet(who, municipality=town.municipality, at=town.at)
    assert found is not None
    return {purse.kind.family: purse.amount_yen for purse in found.purses}


def refused(yen: int, town: Town, **other: Any) -> Refusal:
    with pytest.raises(Refusal) as no:
        pass_on(town, yen, **other)
    return no.value


def test_what_is_passed_on_is_the_same_money_in_another_wallet(town: Town) -> None:
    town.give("points", 500)
    before = queries.wallet(town.holder, municipality=town.municipality, at=town.at)
    made = pass_on(town, 300)
    assert not made.replayed
    assert (holds(town, town.holder), holds(town, town.other)) == ({"point": 200}, {"point": 300})
    after = queries.wallet(town.other, municipality=town.municipality, at=town.at)
    assert before is not None
    assert after is not None
    assert [(purse.kind, purse.expires_at) for purse in after.purses] == [
        (purse.kind, purse.expires_at) for purse in before.purses
    ]
    (gone,) = (move for move in queries.history(town.holder, municipality=town.municipality, at=town.at, limit=1))
    (came,) = queries.history(town.other, municipality=town.municipality, at=town.at)
    assert (gone.amount_yen, came.amount_yen, gone.template, gone.posting) == (-300, 300, "transfer", came.posting)


def test_a_transfer_sent_again_is_the_same_transfer(town: Town) -> None:
    """The phone did not hear the answer; meanwhile nothing is left that could be sent, or the money has run out."""
    town.give("points", 300)
    made = pass_on(town, 300, request="r1")
    for at in (town.at, town.at + timedelta(minutes=1), town.at + timedelta(days=400)):
        again = pass_on(town, 300, request="r1", at=at)
        assert (again.posting, again.replayed) == (made.posting, True)
    assert holds(town, town.other) == {"point": 300}
    assert refused(200, town, request="r1").code == "key_reused"
    assert refused(300, town, request="r2").code == "transfer_not_permitted"


def test_two_holders_may_use_the_same_number(town: Town) -> None:
    town.give("points", 100)
    town.give("points", 100, holder=town.other)
    first = pass_on(town, 60, request="r1")
    neighbour = town.actor(ActorRole.RESIDENT, party=town.other)
    back = pass_on(town, 20, request="r1", holder=town.other, receiver=town.holder, by=neighbour)
    assert first.posting != back.posting
    assert (holds(town, town.holder), holds(town, town.other)) == ({"point": 60}, {"point": 140})


@pytest.mark.parametrize(("yen", "may"), [(1, True), (300, True), (301, False)])
def test_the_terms_say_how_much_may_pass_at_once(*, yen: int, may: bool, town: Town) -> None:
    town.give("points", 1_000)
    if may:
        pass_on(town, yen)
        assert holds(town, town.other) == {"point": yen}
        return
    no = refused(yen, town)
    assert (no.code, no.field, no.facts["available"]) == ("transfer_not_permitted", "amount_yen", 300)
    assert "300円まで" in no.sentence("ja")
    assert "at most 300 yen" in no.sentence("en")
    assert holds(town, town.other) == {}


def test_a_larger_transfer_takes_only_purses_that_allow_all_of_it(town: Town) -> None:
    for code, yen in (("points", 200), ("bonus", 1_500), ("premium", 3_000)):
        town.give(code, yen)
    assert refused(1_501, town).facts["available"] == 1_500
    pass_on(town, 1_500)
    assert holds(town, town.other) == {"benefit": 1_500}, "points go along only up to 300 yen at once"
    assert holds(town, town.holder) == {"point": 200, "voucher": 3_000}
    assert refused(201, town).facts["available"] == 200


def test_two_purses_that_both_allow_it_go_together(town: Town) -> None:
    town.give("points", 200)
    town.give("bonus", 80)
    pass_on(town, 270)
    assert sum(holds(town, town.other).values()) == 270
    assert set(holds(town, town.other)) == {"point", "benefit"}


def test_money_that_is_not_good_now_is_not_passed_on(town: Town) -> None:
    town.give("bonus", 500)
    assert refused(100, town, at=town.at - timedelta(days=20)).facts["available"] == 0
    assert refused(100, town, at=town.at + timedelta(days=200)).facts["available"] == 0
    assert holds(town, town.holder) == {"benefit": 500}


@pytest.mark.parametrize("yen", [0, -1, -300])
def test_nobody_sends_nothing_or_takes_by_sending(yen: int, town: Town) -> None:
    town.give("points", 300)
    town.give("points", 300, holder=town.other)
    assert refused(yen, town).code == "amount_not_positive"
    assert holds(town, town.holder) == holds(town, town.other) == {"point": 300}


def test_who_receives_must_have_a_wallet_in_this_town_which_may_be_stopped(town: Town) -> None:
    town.give("points", 300)
    elsewhere = uuid4()
    operations.open_wallet(elsewhere, by=found_town(()).actor(ActorRole.SYSTEM), at=town.at)
    for receiver in (elsewhere, uuid4()):
        no = refused(100, town, receiver=receiver)
        assert (no.code, no.field) == ("wallet_unknown", "receiver")
    no = refused(100, town, receiver=town.holder)
    assert (no.code, no.field, no.kind.status) == ("transfer_to_oneself", "receiver", 422)
    operations.report_lost_phone(town.other, by=town.actor(ActorRole.RESIDENT, party=town.other), at=town.at)
    pass_on(town, 100)
    assert holds(town, town.other) == {"point": 100}, "a stopped wallet receives"


def test_only_the_holder_sends(town: Town) -> None:
    town.give("points", 300)
    for role in ActorRole:
        if role is not ActorRole.RESIDENT:
            by = town.actor(role, party=town.holder, department="commerce", shop=town.holder)
            assert refused(100, town, by=by).code == "not_allowed", role
    assert refused(100, town, by=town.actor(ActorRole.RESIDENT, party=town.other)).code == "not_allowed"
    assert holds(town, town.other) == {}


@given(st.lists(st.tuples(st.integers(1, 900), st.integers(0, 900)), max_size=6))
def test_the_most_that_passes_at_once_is_the_largest_amount_that_finds_enough(purses: list[tuple[int, int]]) -> None:
    """Against trying every amount: yen held and most at once, purse by purse."""
    def goes(yen: int) -> bool:
        return sum(held for held, most in purses if yen <= most) >= yen

    passable = [(Balance(None, None, held), most) for held, most in purses]  # type: ignore[arg-type]
    assert _most_at_once(passable) == max(filter(goes, range(901)), default=0)


@pytest.mark.django_db(transaction=True)
def test_two_transfers_at_once_never_pass_on_more_than_there_is() -> None:
    town = generous()
    town.give("points", 300)

    def send(_: int) -> str:
        try:
            pass_on(town, 200)
        except Refusal as no:
            return no.code
        finally:
            connection.close()
        return "sent"

    with ThreadPoolExecutor(4) as pool:
        outcomes: list[str] = list(pool.map(send, range(4)))
    assert sorted(outcomes) == ["sent", *["transfer_not_permitted"] * 3], "the wallet's lock comes before the look"
    assert (holds(town, town.holder), holds(town, town.other)) == ({"point": 100}, {"point": 200})
