"""Which grant's yen went back by themselves, against a purse in which every single yen has a name."""

from __future__ import annotations

from collections import Counter
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from meguri.ledger.layers import Layer, Movement, counted, went_back
from meguri.ledger.rules import Account
from meguri.ledger.templates import AccountRole

HOLDER, FUND, SHOP = uuid4(), uuid4(), uuid4()
WALLET, BUDGET = Account(HOLDER, AccountRole.WALLET), Account(FUND, AccountRole.FUND)
TILL, HELD = Account(SHOP, AccountRole.SHOP), Account(uuid4(), AccountRole.HELD)
LOT, LATER = 7, 8


def number(small: int) -> UUID:
    return UUID(int=small)


class Purse:
    """Writes what happens, one posting after the other, each with one entry."""

    def __init__(self) -> None:
        self.history: list[Movement] = []

    def move(self, template: str, debit: Account, credit: Account, yen: int, *, lots: tuple[int, int] = (LOT, LOT),
             undoes: int | None = None) -> int:  # fmt: skip
        own = len(self.history) + 1
        taken = number(undoes) if undoes else None
        self.history.append(Movement(number(own), 1, template, taken, debit, lots[0], credit, lots[1], yen))
        return own

    def grant(self, yen: int) -> int:
        return self.move("grant_points", BUDGET, WALLET, yen)

    def pay(self, yen: int, *, lot: int = LOT) -> int:
        return self.move("pay", WALLET, TILL, yen, lots=(lot, 1))

    def shrink(self, yen: int, *, lot: int = LOT) -> int:
        return self.move("demurrage", WALLET, BUDGET, yen, lots=(lot, 2))

    def undo(self, shrinking: int, yen: int) -> int:
        return self.move("undo_demurrage", BUDGET, WALLET, yen, undoes=shrinking)

    def withdraw(self, grant: int, yen: int) -> int:
        return self.move("withdraw_points", WALLET, BUDGET, yen, undoes=grant)

    def gone(self, grant: int) -> dict[int, int]:
        found = went_back(self.history, wallet=WALLET)[layer(grant)]
        return {shrinking.int: yen for (shrinking, _), yen in found.items() if yen}


def layer(grant: int) -> Layer:
    return number(grant), 1


@pytest.fixture
def purse() -> Purse:
    return Purse()


def test_what_shrinks_leaves_every_grant_in_proportion(purse: Purse) -> None:
    first, second = purse.grant(300), purse.grant(100)
    shrinking = purse.shrink(41)
    assert (purse.gone(first), purse.gone(second)) == ({shrinking: 31}, {shrinking: 10})


def test_a_later_grant_did_not_shrink_before_it_came(purse: Purse) -> None:
    first = purse.grant(100)
    purse.shrink(10)
    second = purse.grant(100)
    assert (sum(purse.gone(first).values()), purse.gone(second)) == (10, {})


def test_the_oldest_is_spent_first_and_what_is_spent_no_longer_shrinks(purse: Purse) -> None:
    first, second = purse.grant(100), purse.grant(100)
    purse.pay(100)
    shrinking = purse.shrink(10)
    assert (purse.gone(first), purse.gone(second)) == ({}, {shrinking: 10})


def test_what_was_spent_last_comes_back_first_and_shrinks_again(purse: Purse) -> None:
    first, second = purse.grant(100), purse.grant(100)
    purse.pay(150)
    purse.move("refund_payment", TILL, WALLET, 60, lots=(1, LOT))
    shrinking = purse.shrink(110)  # all of it: the second's 100, and 10 of the first's
    assert (purse.gone(first), purse.gone(second)) == ({shrinking: 10}, {shrinking: 100})


def test_money_on_hold_comes_back_as_what_it_was(purse: Purse) -> None:
    first = purse.grant(100)
    purse.move("hold", WALLET, HELD, 100)
    purse.move("void_hold", HELD, WALLET, 100)
    shrinking = purse.shrink(10)
    assert purse.gone(first) == {shrinking: 10}


def test_what_moves_to_a_longer_life_stays_its_own(purse: Purse) -> None:
    first, second = purse.grant(100), purse.grant(100)
    purse.move("extend", WALLET, WALLET, 150, lots=(LOT, LATER))
    early, late = purse.shrink(5), purse.shrink(15, lot=LATER)
    assert (purse.gone(first), purse.gone(second)) == ({late: 10}, {early: 5, late: 5})


def test_what_was_undone_is_gone_no_more(purse: Purse) -> None:
    first, second = purse.grant(100), purse.grant(100)
    shrinking = purse.shrink(20)
    purse.undo(shrinking, 20)
    assert (purse.gone(first), purse.gone(second)) == ({}, {})
    assert purse.gone(first) == {}
    again = purse.shrink(200)
    assert (purse.gone(first), purse.gone(second)) == ({again: 100}, {again: 100})


def test_what_was_counted_for_a_withdrawn_grant_is_not_put_back(purse: Purse) -> None:
    first, second = purse.grant(100), purse.grant(100)
    shrinking = purse.shrink(20)
    purse.withdraw(first, 90)
    purse.undo(shrinking, 10)  # the other ten were counted
    assert (purse.gone(first), purse.gone(second)) == ({shrinking: 10}, {})
    assert purse.gone(second) == {}
    last = purse.shrink(100)
    assert purse.gone(second) == {last: 100}


def test_a_withdrawn_grant_gives_of_its_own_first(purse: Purse) -> None:
    first, second, third = purse.grant(100), purse.grant(100), purse.grant(100)
    purse.withdraw(third, 100)
    shrinking = purse.shrink(20)
    assert (purse.gone(first), purse.gone(second), purse.gone(third)) == ({shrinking: 10}, {shrinking: 10}, {})


def test_what_never_was_seen_to_come_shrinks_from_nobody(purse: Purse) -> None:
    """A gift is a layer of its own; and more than lies there cannot be anybody's."""
    first = purse.grant(50)
    purse.move("transfer", Account(uuid4(), AccountRole.WALLET), WALLET, 50)
    shrinking = purse.shrink(130)
    assert purse.gone(first) == {shrinking: 50}
    assert went_back(purse.history, wallet=WALLET).keys() == {layer(1), layer(2)}


@pytest.mark.parametrize(("yen", "left", "back", "expected"), [
    (100, 100, 0, 0), (100, 100, 30, 30), (70, 100, 30, 0), (80, 100, 30, 10), (30, 30, 30, 30), (10, 20, 30, 10),
])  # fmt: skip
def test_what_went_back_by_itself_is_counted_last(yen: int, left: int, back: int, expected: int) -> None:
    assert counted(yen, left=left, back=back) == expected


@given(st.integers(1, 500), st.integers(0, 500), st.lists(st.integers(1, 200)))
def test_the_parts_of_a_grant_count_no_more_and_no_less_than_went_back(whole: int, back: int, parts: list[int]) -> None:
    back, left, sum_ = min(back, whole), whole, 0
    for part in [min(part, whole) for part in parts] + [whole]:
        take = min(part, left)
        own = counted(take, left=left, back=back)
        assert 0 <= own <= take
        left, sum_ = left - take, sum_ + own
    assert (left, sum_) == (0, back)


STEPS = st.lists(st.tuples(st.sampled_from(["grant", "pay", "all", "refund"]), st.integers(1, 60)), max_size=40)


@given(STEPS)
def test_named_yen_go_where_the_layers_say(steps: list[tuple[str, int]]) -> None:
    """Every yen is a grant's name in a list. `all`: the whole lot leaves, so no proportion can be doubted."""
    purse, lies, spent = Purse(), list[int](), list[int]()
    gone: Counter[int] = Counter()
    for step, yen in steps:
        if step == "grant":
            lies += [purse.grant(yen)] * yen
        elif step == "pay" and len(lies) >= yen:
            purse.pay(yen)
            spent, lies = spent + lies[:yen], lies[yen:]
        elif step == "refund" and len(spent) >= yen:
            purse.move("refund_payment", TILL, WALLET, yen, lots=(1, LOT))
            spent, back = spent[:-yen], spent[-yen:]
            lies = sorted(lies + back)  # a grant lies where it lay: by the time it came
        elif step == "all" and lies:
            purse.shrink(len(lies))
            gone += Counter(lies)
            lies = []
    found = went_back(purse.history, wallet=WALLET)
    assert {key[0].int: ways.total() for key, ways in found.items() if ways.total()} == dict(gone)
