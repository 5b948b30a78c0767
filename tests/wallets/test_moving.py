"""Whoever joined the register takes along what they held, to the yen and in its lots, and what comes later follows."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from django.db import IntegrityError, connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from meguri.ledger import operations as ledger
from meguri.ledger import queries as books
from meguri.ledger.rules import Account, Leg, Posting
from meguri.ledger.templates import AccountRole
from meguri.programmes import queries as programmes
from meguri.wallets import operations, queries, tasks
from meguri.wallets.models import Wallet
from meguri.wallets.moving import bring_late, move_wallet
from meguri.words.actor import ActorRole
from meguri.words.refusal import Refusal
from tests.town import Town, found_town


@pytest.fixture
def town(db: None) -> Town:
    return found_town()


def purses(town: Town) -> list[str]:
    """A purse of each family that can be filled straight from its fund."""
    rules = programmes.rules_in_force(town.municipality, town.at)
    return [kind.code for kind in rules.purse_kinds.values()]


def lots(town: Town, who: UUID) -> dict[int, int]:
    held = books.balances([who], AccountRole.WALLET, municipality=town.municipality)
    return {each.lot.id: each.amount for each in held}


def moves(town: Town, *, to: UUID, at: object = None) -> int:
    return move_wallet(town.holder, to=to, by=town.resident, at=at or town.at)  # type: ignore[arg-type]


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(yen=st.lists(st.integers(0, 50_000), min_size=3, max_size=3))
def test_all_of_it_moves_in_its_own_lots_and_no_yen_more(yen: list[int], town: Town) -> None:
    me, new = town.actor(ActorRole.RESIDENT), uuid4()
    assert me.party is not None
    operations.open_wallet(me.party, by=me, at=town.at)
    for code, amount in zip(purses(town), yen, strict=False):
        if amount:
            town.give(code, amount, holder=me.party)
    before, sums = lots(town, me.party), books.trial_balance(municipality=town.municipality)
    assert move_wallet(me.party, to=new, by=me, at=town.at) == sum(before.values()) == sum(yen)
    assert lots(town, me.party) == {}
    assert lots(town, new) == before
    assert books.trial_balance(municipality=town.municipality) == sums


def test_who_has_no_wallet_moves_nothing_and_opens_none(town: Town) -> None:
    me = town.actor(ActorRole.RESIDENT)
    assert me.party is not None
    new = uuid4()
    assert move_wallet(me.party, to=new, by=me, at=town.at) == 0
    assert not Wallet.objects.filter(id=new).exists()


def test_an_empty_wallet_moves_too_so_that_later_value_follows(town: Town) -> None:
    new = uuid4()
    assert moves(town, to=new) == 0
    town.give("points", 300)
    assert lots(town, new) == {}
    tasks.follow_holders(municipality=town.municipality, at=town.at)
    assert sum(lots(town, new).values()) == 300
    assert lots(town, town.holder) == {}


def test_what_comes_late_follows_once_and_twice(town: Town) -> None:
    new, by = uuid4(), town.actor(ActorRole.SYSTEM)
    town.give("points", 500)
    moves(town, to=new)
    assert bring_late(by=by, at=town.at) == 0
    for turn in (1, 2):
        town.give("points", 40)
        assert bring_late(by=by, at=town.at + timedelta(minutes=turn)) == 1
        assert sum(lots(town, new).values()) == 500 + 40 * turn
    assert sum(lots(town, town.other).values()) == 0, "nobody else's wallet moves"


def test_what_has_expired_stays_where_it_expires(town: Town) -> None:
    town.give("points", 500)
    (held,) = books.balances([town.holder], AccountRole.WALLET, municipality=town.municipality)
    assert held.lot.expires_at is not None
    assert moves(town, to=uuid4(), at=held.lot.expires_at) == 0
    assert bring_late(by=town.actor(ActorRole.SYSTEM), at=held.lot.expires_at) == 0
    assert sum(lots(town, town.holder).values()) == 500


def test_a_stopped_wallet_does_not_move(town: Town) -> None:
    operations.report_lost_phone(town.holder, by=town.resident, at=town.at)
    with pytest.raises(Refusal, match="wallet_suspended"):
        moves(town, to=uuid4())


@pytest.mark.parametrize("role", [AccountRole.DEBT, AccountRole.PAYABLE])
def test_who_owes_or_is_owed_settles_that_first(role: AccountRole, town: Town) -> None:
    town.give("points", 500)
    fund = town.kind("points").fund_order[0]
    if role is AccountRole.DEBT:
        lot = ledger.debt_lot(fund, municipality=town.municipality)
        leg, template = Leg(Account(town.holder, AccountRole.ALLOTMENT), Account(town.holder, role), 70, (lot,)), None
    else:
        (held,) = books.balances([town.holder], AccountRole.WALLET, municipality=town.municipality)
        leg = Leg(Account(town.holder, AccountRole.WALLET), Account(town.holder, role), 70, (held.lot.id,))
        template = "wind_up"
    ledger.open_accounts([leg.debit, leg.credit], municipality=town.municipality)
    posting = Posting(f"owes:{uuid4()}", template or "withdraw_points", (leg,), town.at, "test")
    ledger.post(posting, municipality=town.municipality)
    with pytest.raises(Refusal) as no:
        moves(town, to=uuid4())
    assert (no.value.code, no.value.facts["yen"]) == ("wallet_owes", 70)
    assert not Wallet.objects.filter(moved_to__isnull=False).exists()


def test_only_the_holder_and_the_town_s_tasks_move_a_wallet(town: Town) -> None:
    for by in (town.actor(ActorRole.RESIDENT), town.actor(ActorRole.OPERATOR), town.actor(ActorRole.CHECKER)):
        with pytest.raises(Refusal, match="not_allowed"):
            move_wallet(town.holder, to=uuid4(), by=by, at=town.at)
        with pytest.raises(Refusal, match="not_allowed"):
            bring_late(by=by, at=town.at)


def test_a_wallet_does_not_move_to_itself(town: Town) -> None:
    with pytest.raises(IntegrityError, match="a_wallet_moves_to_another_one"), transaction.atomic():
        Wallet.objects.filter(id=town.holder).update(moved_to=town.holder)


def test_the_history_says_where_it_came_from(town: Town) -> None:
    new = uuid4()
    town.give("points", 500)
    moves(town, to=new)
    (came,) = queries.history(new, municipality=town.municipality, at=town.at)
    assert (came.template, came.amount_yen) == ("move_wallet", 500)


@pytest.mark.django_db(transaction=True)
def test_two_workers_bring_late_value_once() -> None:
    town, new = found_town(), uuid4()
    moves(town, to=new)
    town.give("points", 300)
    by = town.actor(ActorRole.SYSTEM)

    def turn(number: int) -> int:
        try:
            return bring_late(by=by, at=town.at + timedelta(seconds=number))
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(turn, range(4)))
    assert sum(lots(town, new).values()) == 300
    assert len(queries.history(new, municipality=town.municipality, at=town.at)) == 1
