"""Whatever the order of granting, paying, refunding, shrinking, expiring and undoing: no yen comes or goes."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime
from itertools import pairwise
from uuid import UUID, uuid4

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from meguri.ledger import queries as ledger
from meguri.ledger.templates import AccountRole
from meguri.programmes import operations
from meguri.words.period import day_start
from meguri.words.refusal import Refusal
from tests.programmes.builders import TownHall
from tests.programmes.shrinking import EARLY, Shrunk, days, noon, shrinking
from tests.programmes.vouchers.lived_town import prove_committed_books

RATE = 700
PEOPLE, FUNDS = (0, 1), ("town", "sponsor")
END = noon(date(2026, 4, 2))
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("grant"), st.sampled_from(PEOPLE), st.sampled_from(FUNDS), st.integers(1, 3_000)),
        st.tuples(st.just("pay"), st.sampled_from(PEOPLE), st.just(""), st.integers(1, 3_000)),
        st.tuples(st.just("refund"), st.just(0), st.just(""), st.integers(0, 5)),
        st.tuples(st.just("wait"), st.just(0), st.just(""), st.integers(1, 70)),
        st.tuples(st.just("shrink"), st.just(0), st.just(""), st.just(0)),
        st.tuples(st.just("undo"), st.just(0), st.just(""), st.integers(0, 9)),
        st.tuples(st.just("expire"), st.just(0), st.just(""), st.just(0)),
    ),
    min_size=3, max_size=25,
)  # fmt: skip
Place = tuple[int, str]


@dataclass
class Naive:
    """Every movement of every balance with its time; the day of what is demurrage. Slow, and easy to believe."""

    moved: defaultdict[Place, list[tuple[datetime, int, date | None]]] = field(
        default_factory=lambda: defaultdict(list)
    )
    taken: dict[tuple[Place, date], int] = field(default_factory=dict)
    over: set[date] = field(default_factory=set)

    def now(self, place: Place) -> int:
        return sum(yen for _, yen, _ in self.moved[place])

    def base(self, place: Place, day: date) -> int:
        """What lay there as the day began; earlier demurrage counts before it, whenever it was caught up."""
        return sum(yen for at, yen, of in self.moved[place] if (of < day if of else at < day_start(day)))

    def shrink(self, day: date, at: datetime) -> None:
        for place in [(person, fund) for person in PEOPLE for fund in FUNDS]:
            yen = min(self.base(place, day) * RATE // 10_000, self.now(place))
            if yen > 0:
                self.moved[place].append((at, -yen, day))
                self.taken[place, day] = yen
        self.over.add(day)

    def undo(self, day: date, at: datetime) -> None:
        for place in [(person, fund) for person in PEOPLE for fund in FUNDS]:
            if yen := self.taken.pop((place, day), 0):
                self.moved[place].append((at, yen, day))


@dataclass
class Life:
    """The town lives the steps; beside it the naive model."""

    town: Shrunk
    at: datetime = EARLY
    people: tuple[UUID, ...] = field(default_factory=lambda: (uuid4(), uuid4()))
    naive: Naive = field(default_factory=Naive)
    payments: list[tuple[int, UUID, dict[str, int]]] = field(default_factory=list)

    def held(self, person: int) -> dict[str, int]:
        codes = {number: code for code, number in self.town.made.funds.items()}
        found = dict.fromkeys(FUNDS, 0)
        for each in ledger.balances([self.people[person]], AccountRole.WALLET, municipality=self.town.town):
            assert each.lot.fund is not None
            found[codes[each.lot.fund]] += each.amount
        return found

    def grant(self, person: int, fund: str, yen: int) -> None:
        self.town.grant(self.people[person], yen, at=self.at, fund=fund)
        self.naive.moved[person, fund].append((self.at, yen, None))

    def pay(self, person: int, _: str, yen: int) -> None:
        before = self.held(person)
        try:
            made = self.town.pay(self.people[person], yen, at=self.at)
        except Refusal:
            return
        after = self.held(person)
        spent = {fund: before[fund] - after[fund] for fund in FUNDS}
        for fund in FUNDS:
            self.naive.moved[person, fund].append((self.at, -spent[fund], None))
        self.payments.append((person, made.posting, spent))

    def refund(self, _: int, __: str, which: int) -> None:
        if which < len(self.payments):
            person, payment, spent = self.payments.pop(which)
            self.town.refund(payment, at=self.at)
            for fund in FUNDS:  # whole, whatever has shrunk since
                self.naive.moved[person, fund].append((self.at, spent[fund], None))

    def wait(self, _: int, __: str, span: int) -> None:
        self.at = min(self.at + days(span), END)

    def shrink(self, _: int, __: str, ___: int) -> None:
        run = self.town.shrink(self.at)
        assert not self.naive.over & set(run.days)
        assert all(earlier < later for earlier, later in pairwise(run.days))
        for day in run.days:
            self.naive.shrink(day, self.at)

    def undo(self, _: int, __: str, which: int) -> None:
        for day in sorted(self.naive.over)[which : which + 1]:
            run = self.town.undo(day, self.at)
            assert run.refused == 0
            self.naive.undo(day, self.at)

    def expire(self, _: int, __: str, ___: int) -> None:
        run = operations.expire_programme(programme=self.town.made.programme, by=self.town.hall.system, at=self.at)
        if run.postings:
            for person in PEOPLE:
                for fund in FUNDS:
                    self.naive.moved[person, fund].append((self.at, -self.naive.now((person, fund)), None))

    def holds(self) -> None:
        """The books say what the model says, and every fund's yen add up to its budget."""
        for person in PEOPLE:
            assert self.held(person) == {fund: self.naive.now((person, fund)) for fund in FUNDS}
        for fund, yen in (("town", 2_100_000), ("sponsor", 900_000)):
            budget = self.town.hall.fund(self.town.made, fund).budget
            assert budget.loaded_yen == yen
            assert min(budget.left_yen, budget.reserved_yen, budget.used_yen) >= 0


@contextmanager
def forgotten() -> Iterator[None]:
    """Each example begins in the same town."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


@pytest.mark.django_db
def test_no_order_of_steps_makes_or_loses_a_yen(hall: TownHall) -> None:
    town = shrinking(hall, rate_bp=RATE)

    @settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
    @given(STEPS)
    def lived(steps: list[tuple[str, int, str, int]]) -> None:
        with forgotten():
            life = Life(town)
            for step, person, fund, number in steps:
                getattr(life, step)(person, fund, number)
                life.holds()

    lived()


@pytest.mark.django_db(transaction=True)
def test_the_auditor_finds_the_books_sound_after_a_long_life() -> None:
    town = shrinking(TownHall().open(), rate_bp=RATE)
    life = Life(town)
    for step, person, fund, number in (
        ("grant", 0, "town", 2_900), ("grant", 1, "sponsor", 1_111), ("pay", 0, "", 700), ("wait", 0, "", 25),
        ("shrink", 0, "", 0), ("refund", 0, "", 0), ("wait", 0, "", 65), ("shrink", 0, "", 0), ("undo", 0, "", 1),
        ("pay", 1, "", 300), ("wait", 0, "", 250), ("shrink", 0, "", 0), ("expire", 0, "", 0), ("undo", 0, "", 2),
    ):  # fmt: skip
        getattr(life, step)(person, fund, number)
        life.holds()
    assert life.naive.over
    assert sum(yen for yen in life.naive.taken.values()) > 0
    prove_committed_books()
