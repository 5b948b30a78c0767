"""A grant that is taken back after some of it shrank or expired: that part went back already and is not asked again.

Whatever the order of granting, paying, shrinking, expiring, withdrawing and undoing: nobody owes more than they spent,
and no yen is made or lost.
"""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import date, datetime
from uuid import UUID, uuid4

import pytest
from django.db import connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from meguri.ledger import operations as books
from meguri.ledger import queries as ledger
from meguri.ledger import reclaiming
from meguri.ledger.rules import Account, Leg, Posting, Verdict
from meguri.ledger.templates import AccountRole
from meguri.programmes import operations
from meguri.words.refusal import Refusal
from tests.programmes.builders import POINT, TownHall, changed
from tests.programmes.shrinking import EARLY, FIRST, Shrunk, days, noon, shrinking
from tests.programmes.test_demurrage_machine import forgotten
from tests.programmes.vouchers.lived_town import prove_committed_books

LATE = noon(date(2026, 4, 2))
"""After the last day of spending: what is left has expired."""


def granted(town: Shrunk, holder: UUID, parts: dict[str, int], *, at: datetime = EARLY) -> UUID:
    """A grant as an action earns it: it repays what the holder owes these funds first."""
    wallet, legs = Account(holder, AccountRole.WALLET), []
    books.open_accounts([wallet], municipality=town.town)
    for code, yen in parts.items():
        fund = town.made.funds[code]
        lot = operations.open_lot(
            purse_kind=town.made.purse_kinds["points"], fund=fund, holder=holder, obtained_at=at, by=town.hall.system
        )
        own = books.fund_lot(fund, municipality=town.town)
        legs.append(Leg(Account(fund, AccountRole.FUND), wallet, yen, (own,), credit_lot=lot))
    legs += books.repayments(legs, municipality=town.town)
    posting = Posting(f"grant:{uuid4()}", "grant_points", tuple(legs), at, "test")
    return books.post(posting, municipality=town.town).posting


def withdrawn(town: Shrunk, grant: UUID, *, at: datetime, yen: int | None = None) -> Verdict:
    return books.take_back(
        grant, municipality=town.town, key=f"withdraw:{uuid4()}", at=at, by="test", about={}, yen=yen
    )


def owed(town: Shrunk, holder: UUID) -> int:
    return sum(each.yen for each in ledger.debts([holder], municipality=town.town))


def state(town: Shrunk, holder: UUID) -> tuple[int, int]:
    """What the holder has, and what they owe."""
    return town.hall.holds(holder), owed(town, holder)


@pytest.mark.django_db
def test_what_shrank_is_not_asked_again(hall: TownHall) -> None:
    town, ada = shrinking(hall, rate_bp=1_000), uuid4()
    before = town.left()
    grant = granted(town, ada, {"town": 100})
    town.shrink(noon(FIRST))
    made = withdrawn(town, grant, at=noon(FIRST))
    assert (state(town, ada), made.amount(3), town.left()) == ((0, 0), 90, before)
    assert reclaiming.newly_owed(made.posting, municipality=town.town) == 0


@pytest.mark.django_db
def test_only_what_was_spent_is_owed(hall: TownHall) -> None:
    town, ada = shrinking(hall, rate_bp=1_000), uuid4()
    grant = granted(town, ada, {"town": 100})
    town.shrink(noon(FIRST))
    town.pay(ada, 70, at=noon(FIRST))
    made = withdrawn(town, grant, at=noon(FIRST))
    assert state(town, ada) == (0, 70)
    assert reclaiming.newly_owed(made.posting, municipality=town.town) == 70


@pytest.mark.django_db
def test_another_grant_keeps_what_it_has_and_loses_what_it_lost(hall: TownHall) -> None:
    """Two grants of 100 shrink to 180. Taking one back leaves the other as if it had been alone: 90."""
    town, ada = shrinking(hall, rate_bp=1_000), uuid4()
    first, second = granted(town, ada, {"town": 100}), granted(town, ada, {"town": 100})
    town.shrink(noon(FIRST))
    withdrawn(town, first, at=noon(FIRST))
    assert state(town, ada) == (90, 0)
    withdrawn(town, second, at=noon(FIRST))
    assert state(town, ada) == (0, 0)


@pytest.mark.django_db
def test_what_expired_is_not_asked_again(hall: TownHall) -> None:
    town, ada = shrinking(hall, rate_bp=1_000), uuid4()
    grant = granted(town, ada, {"town": 100, "sponsor": 50})
    town.pay(ada, 30, at=EARLY)
    operations.expire_programme(programme=town.made.programme, by=hall.system, at=LATE)
    withdrawn(town, grant, at=LATE)
    assert state(town, ada) == (0, 30)
    assert town.left("town") + town.left("sponsor") == 3_000_000 - 30


@pytest.mark.django_db
def test_parts_are_asked_for_until_only_what_shrank_is_left(hall: TownHall) -> None:
    town, ada = shrinking(hall, rate_bp=1_000), uuid4()
    grant = granted(town, ada, {"town": 100})
    town.shrink(noon(FIRST))
    withdrawn(town, grant, at=noon(FIRST), yen=60)
    assert state(town, ada) == (30, 0)
    withdrawn(town, grant, at=noon(FIRST), yen=35)
    assert state(town, ada) == (0, 0)
    withdrawn(town, grant, at=noon(FIRST))
    assert state(town, ada) == (0, 0)
    with pytest.raises(Refusal, match="already_reversed"):
        withdrawn(town, grant, at=noon(FIRST))


@pytest.mark.django_db
def test_undoing_the_shrinking_puts_back_only_what_is_still_ours(hall: TownHall) -> None:
    town, ada = shrinking(hall, rate_bp=1_000), uuid4()
    first, _ = granted(town, ada, {"town": 100}), granted(town, ada, {"town": 100})
    town.shrink(noon(FIRST))
    withdrawn(town, first, at=noon(FIRST))
    run = town.undo(FIRST, noon(FIRST))
    assert (run.days, run.postings, run.amount_yen, run.refused) == ((FIRST,), 1, 10, 0)
    assert state(town, ada) == (100, 0)


@pytest.mark.django_db
def test_undoing_what_was_counted_whole_gives_nothing_and_ends(hall: TownHall) -> None:
    town, ada = shrinking(hall, rate_bp=1_000), uuid4()
    grant = granted(town, ada, {"town": 100})
    town.shrink(noon(FIRST))
    withdrawn(town, grant, at=noon(FIRST))
    run = town.undo(FIRST, noon(FIRST))
    assert (run.days, run.postings, run.amount_yen, run.refused) == ((FIRST,), 1, 0, 0)
    assert state(town, ada) == (0, 0)
    assert town.undo(FIRST, noon(FIRST)).postings == 0


@pytest.mark.django_db
def test_undone_shrinking_is_taken_out_of_the_wallet(hall: TownHall) -> None:
    town, ada = shrinking(hall, rate_bp=1_000), uuid4()
    grant = granted(town, ada, {"town": 100})
    town.shrink(noon(FIRST))
    town.undo(FIRST, noon(FIRST))
    made = withdrawn(town, grant, at=noon(FIRST))
    assert (state(town, ada), made.amount(2)) == ((0, 0), 100)


@pytest.mark.django_db
def test_an_expiry_that_is_undone_does_not_put_back_what_was_counted(hall: TownHall) -> None:
    town, ada = shrinking(hall), uuid4()
    first, _ = granted(town, ada, {"town": 100}), granted(town, ada, {"town": 50})
    operations.expire_programme(programme=town.made.programme, by=hall.system, at=LATE)
    withdrawn(town, first, at=LATE)
    run = operations.undo_expiry(programme=town.made.programme, run_at=LATE, by=hall.system, at=LATE)
    assert (run.postings, run.granted_yen, run.refused, state(town, ada)) == (1, 50, 0, (50, 0))
    again = operations.undo_expiry(programme=town.made.programme, run_at=LATE, by=hall.system, at=LATE)
    assert again.postings == again.refused == 0


@pytest.mark.django_db
def test_a_fund_that_gave_its_budget_back_can_be_asked_again(hall: TownHall) -> None:
    """What is refused for want of budget is not decided: its key stays open."""
    town, ada = shrinking(hall, rate_bp=1_000), uuid4()
    first, _ = granted(town, ada, {"town": 100}), granted(town, ada, {"town": 100})
    town.shrink(noon(FIRST))
    withdrawn(town, first, at=noon(FIRST))
    fund = town.made.funds["town"]
    own = (books.fund_lot(fund, municipality=town.town),)
    away = Leg(Account(fund, AccountRole.FUND), Account(fund, AccountRole.APPROPRIATION), town.left(), own)
    gone = books.post(Posting("away", "return_appropriation", (away,), noon(FIRST), "test"), municipality=town.town)
    run = town.undo(FIRST, noon(FIRST))
    assert (run.postings, run.refused, state(town, ada)) == (0, 1, (90, 0))
    assert gone.amount(1) > 0
    back = Leg(Account(fund, AccountRole.APPROPRIATION), Account(fund, AccountRole.FUND), 10, own)
    books.post(Posting("back", "appropriate", (back,), noon(FIRST), "test"), municipality=town.town)
    run = town.undo(FIRST, noon(FIRST))
    assert (run.postings, run.amount_yen, state(town, ada)) == (1, 10, (100, 0))


FUNDS = ("town", "sponsor")
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("grant"), st.integers(1, 400)), st.tuples(st.just("grant"), st.integers(1, 400)),
        st.tuples(st.just("pay"), st.integers(1, 400)), st.tuples(st.just("wait"), st.integers(20, 70)),
        st.tuples(st.just("shrink"), st.just(0)), st.tuples(st.just("undo"), st.integers(0, 4)),
        st.tuples(st.just("withdraw"), st.integers(0, 7)), st.tuples(st.just("withdraw"), st.integers(0, 7)),
        st.tuples(st.just("expire"), st.just(0)),
    ),
    min_size=4, max_size=22,
)  # fmt: skip


@dataclass
class Life:
    """One holder, two funds; what each fund's money was spent for is all that may ever be owed to it."""

    town: Shrunk
    holder: UUID = field(default_factory=uuid4)
    at: datetime = EARLY
    grants: list[UUID] = field(default_factory=list)
    spent: Counter[str] = field(default_factory=Counter)
    shrunk: list[date] = field(default_factory=list)
    expired_at: list[datetime] = field(default_factory=list)

    def has(self) -> Counter[str]:
        codes = {number: code for code, number in self.town.made.funds.items()}
        held = ledger.balances([self.holder], AccountRole.WALLET, municipality=self.town.town)
        return Counter({codes[each.lot.fund]: each.amount for each in held if each.lot.fund})

    def owes(self) -> Counter[str]:
        codes = {number: code for code, number in self.town.made.funds.items()}
        found = ledger.debts([self.holder], municipality=self.town.town)
        return Counter({codes[each.fund]: each.yen for each in found})

    def grant(self, yen: int) -> None:
        """Points of this month; those of the last day of spending expire with it."""
        if self.at < LATE:
            parts = {"town": yen - yen // 3, "sponsor": yen // 3} if yen > 2 else {"town": yen}
            self.grants.append(granted(self.town, self.holder, parts, at=self.at))

    def pay(self, yen: int) -> None:
        before = self.has()
        try:
            self.town.pay(self.holder, yen, at=self.at)
        except Refusal:
            return
        self.spent += before - self.has()

    def wait(self, span: int) -> None:
        self.at = min(self.at + days(span), LATE)

    def shrink(self, _: int) -> None:
        self.shrunk += self.town.shrink(self.at).days

    def undo(self, which: int) -> None:
        """A demurrage day, or an expiry run."""
        if which < len(self.shrunk):
            assert self.town.undo(self.shrunk[which], self.at).refused == 0
        elif self.expired_at:
            run = operations.undo_expiry(
                programme=self.town.made.programme, run_at=self.expired_at.pop(), by=self.town.hall.system, at=self.at
            )
            assert run.refused == 0

    def withdraw(self, which: int) -> None:
        if which < len(self.grants):
            withdrawn(self.town, self.grants.pop(which), at=self.at)

    def expire(self, _: int) -> None:
        run = operations.expire_programme(programme=self.town.made.programme, by=self.town.hall.system, at=self.at)
        self.expired_at += [self.at] * bool(run.postings)

    def holds(self) -> None:
        owes = self.owes()
        for code, yen in (("town", 2_100_000), ("sponsor", 900_000)):
            budget = self.town.hall.fund(self.town.made, code).budget
            assert budget.loaded_yen == yen == budget.left_yen + self.has()[code] + self.spent[code]
            assert owes[code] <= self.spent[code]

    def ends(self) -> None:
        """Every grant is withdrawn: the wallet is empty, and owed is exactly what was spent."""
        while self.grants:
            self.withdraw(0)
            self.holds()
        assert self.has().total() == 0
        assert self.owes() == self.spent


@pytest.mark.django_db
def test_nobody_ever_owes_more_than_they_spent(hall: TownHall) -> None:
    town = shrinking(hall, rate_bp=1_300)

    @settings(deadline=None, suppress_health_check=list(HealthCheck))
    @given(STEPS)
    def lived(steps: list[tuple[str, int]]) -> None:
        with forgotten():
            life = Life(town)
            for step, number in steps:
                getattr(life, step)(number)
                life.holds()
            life.ends()

    lived()


def _meeting(town: Shrunk, first: Callable[[], object], second: Callable[[], object]) -> None:
    """Both at once, each on a connection of its own."""
    gate = threading.Barrier(2)

    def alone(step: Callable[[], object]) -> None:
        try:
            gate.wait(10)
            step()
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        for done in [pool.submit(alone, step) for step in (first, second)]:
            done.result()


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("way", ["shrink", "undo"])
def test_withdrawing_and_shrinking_meet_and_nothing_is_asked_twice(way: str) -> None:
    """Whoever comes first: all of the grant is back, nothing is owed, and nothing stays in the wallet."""
    town = shrinking(TownHall().open(), rate_bp=1_000)
    before = town.left()
    for turn in range(8):
        ada, at = uuid4(), noon(FIRST) + days(30 * turn)
        grant = granted(town, ada, {"town": 100}, at=at - days(2))
        if way == "shrink":
            _meeting(town, lambda: town.shrink(at), lambda: withdrawn(town, grant, at=at))  # noqa: B023
        else:
            (day,) = town.shrink(at).days
            _meeting(town, lambda: town.undo(day, at), lambda: withdrawn(town, grant, at=at))  # noqa: B023
        assert (state(town, ada), town.left()) == ((0, 0), before)
    prove_committed_books()


@pytest.mark.django_db
def test_a_withdrawal_that_saw_too_little_looks_again(hall: TownHall, monkeypatch: pytest.MonkeyPatch) -> None:
    """What shrinks after the look and before the posting is seen behind it; without that look it would be owed."""
    town, at = shrinking(hall, rate_bp=1_000), noon(FIRST)
    looked = reclaiming.gone_back

    def late(*given: object, **more: object) -> object:
        found = looked(*given, **more)  # type: ignore[arg-type]
        town.shrink(at)
        return found

    for watchful in (False, True):
        with forgotten():
            ada = uuid4()
            grant = granted(town, ada, {"town": 100})
            monkeypatch.setattr(reclaiming, "gone_back", late)
            if not watchful:
                monkeypatch.setattr(books._Part, "is_as_it_was", lambda *_, **__: True)
            withdrawn(town, grant, at=at)
            monkeypatch.undo()
            assert owed(town, ada) == (0 if watchful else 10)


@pytest.mark.django_db
def test_only_what_went_to_the_same_fund_is_counted(hall: TownHall) -> None:
    """A lot that never shrank: nothing is counted, all as before."""
    made = hall.launch(changed(POINT, {"code": "plain"}))
    town, ada = Shrunk(hall, made), uuid4()
    grant = granted(town, ada, {"town": 100})
    town.pay(ada, 40, at=EARLY)
    parts = ledger.refundable(grant, municipality=town.town)
    assert reclaiming.gone_back(parts, municipality=town.town) == {1: []}
    withdrawn(town, grant, at=EARLY)
    assert state(town, ada) == (0, 40)
