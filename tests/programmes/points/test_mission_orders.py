"""Whatever the order of actions, late reports, replays and withdrawals: no bonus more than was earned, no yen astray.

Beside the town lives a plain model: what was granted, day by day, and by it how often each mission is complete.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID, uuid4

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from meguri.programmes.points.models import MissionBonus
from meguri.words.actor import Actor
from meguri.words.refusal import Refusal
from tests.programmes.points.conftest import NOW, Menu
from tests.programmes.points.missions import mission, with_missions
from tests.programmes.points.test_withdrawing import debt, purse, spend_all, withdraw
from tests.programmes.vouchers.lived_town import prove_books

BUDGET = 150
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("walk"), st.integers(0, 1), st.integers(0, 6)),  # who, how many days ago
        st.tuples(st.just("ride"), st.integers(0, 1), st.integers(0, 2)),  # who, at which stop
        st.tuples(st.just("wait"), st.just(0), st.integers(1, 3)),
        st.tuples(st.just("again"), st.just(0), st.integers(0, 20)),
        st.tuples(st.just("withdraw"), st.just(0), st.integers(0, 20)),
        st.tuples(st.just("spend"), st.integers(0, 1), st.just(0)),
    ),
    min_size=4, max_size=25,
)  # fmt: skip
ROW, RALLY, THIRD = (
    mission({"by": "streak", "wanted": 3, "grace": 1}, "walk", code="row", yen=50, times=2),
    mission({"by": "places", "wanted": 2, "places": 3}, "bus", code="rally", yen=70, funded_by="extra"),
    mission({"by": "times", "wanted": 3}, "walk", "bus", code="third", yen=30, times=3),
)


@dataclass
class Naive:
    """What stands granted: by person the days walked and the rides in their order, and how often each is complete."""

    walks: set[tuple[int, int]] = field(default_factory=set)
    rides: dict[UUID, tuple[int, int, int]] = field(default_factory=dict)  # who, day, stop

    def complete(self, who: int, of: str) -> int:
        if of == "row":
            return min(2, self._rows(sorted(day for person, day in self.walks if person == who)))
        stops = {stop for person, _, stop in self.rides.values() if person == who}
        if of == "rally":
            return int(len(stops) >= 2)
        rides = sum(person == who for person, _, _ in self.rides.values())
        return min(3, (sum(person == who for person, _ in self.walks) + rides) // 3)

    def _rows(self, days: list[int]) -> int:
        """The most rows of three days within four that share no day: begin one with the first day, or do without it."""
        if len(days) < 3:
            return 0
        begun = 1 + self._rows([day for day in days if day > days[2]]) if days[2] - days[0] < 4 else 0
        return max(begun, self._rows(days[1:]))


@dataclass
class Life:
    points: Menu
    people: list[Actor]
    stops: list[UUID]
    naive: Naive = field(default_factory=Naive)
    day: int = 10
    sent: list[tuple[str, int, int, UUID]] = field(default_factory=list)
    records: dict[UUID, tuple[str, int, int]] = field(default_factory=dict)

    @property
    def at(self) -> datetime:
        return NOW + timedelta(days=self.day)

    def step(self, what: str, who: int, number: int) -> None:
        if what == "wait":
            self.day += number
        elif what in ("walk", "ride"):
            self.do(what, who, number if what == "ride" else self.day - number, uuid4())
        elif what == "spend" and purse(self.points, self.people[who]):
            spend_all(self.points, self.people[who])
        elif what == "again" and self.sent:
            self.do(*self.sent[number % len(self.sent)])
        elif what == "withdraw" and self.records:
            self.withdraw(sorted(self.records)[number % len(self.records)])

    def do(self, what: str, who: int, number: int, request: UUID) -> None:
        """`number`: the day of a walk, the stop of a ride."""
        try:
            with transaction.atomic():
                if what == "walk":
                    made = self.points.do(self.people[who], "walk", self.at, request=request,
                                          done_at=NOW + timedelta(days=number))
                else:
                    code = self.points.shown(self.stops[number], self.at)
                    made = self.points.do(self.people[who], "bus", self.at, request=request, code=code)
        except Refusal:
            return
        self.sent.append((what, who, number, request))
        if made.replayed:
            return
        self.records[made.record] = (what, who, number)
        if what == "walk":
            self.naive.walks.add((who, number))
        else:
            self.naive.rides[made.record] = (who, self.day, number)

    def withdraw(self, record: UUID) -> None:
        withdraw(self.points, _Done(record), at=self.at)  # type: ignore[arg-type]
        what, who, number = self.records.pop(record)
        if what == "walk":
            self.naive.walks.discard((who, number))
        else:
            del self.naive.rides[record]

    def check(self) -> None:
        for who, person in enumerate(self.people):
            for code, times in (("row", 2), ("rally", 1), ("third", 3)):
                standing = MissionBonus.objects.filter(resident=person.party, mission=code, state="granted").count()
                assert standing <= min(times, self.naive.complete(who, code)), code
                if code != "rally":  # whose budget may be empty, so that some bonuses wait
                    assert standing == self.naive.complete(who, code), code
        spent = sum(MissionBonus.objects.filter(mission="rally", state="granted",
                                                municipality=self.points.town.municipality)
                    .values_list("granted_yen", flat=True))  # fmt: skip
        owed = sum(debt(self.points, person) for person in self.people)
        assert 0 <= self.points.budget("extra") <= BUDGET
        assert BUDGET - self.points.budget("extra") <= spent + owed


@dataclass(frozen=True)
class _Done:
    record: UUID


@pytest.fixture
def lives(db: None) -> Iterator[None]:
    yield
    prove_books()


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(STEPS)
def test_no_order_grants_a_mission_more_often_than_it_was_completed(
    lives: None, steps: list[tuple[str, int, int]]
) -> None:
    with transaction.atomic():
        life = _life()
        for what, who, number in steps:
            life.step(what, who, number)
            life.check()
        transaction.set_rollback(True)


def _life() -> Life:
    from tests.programmes.builders import POINT, tree_of

    funds = list(tree_of(POINT, {})["funds"])
    points = with_missions(
        ROW, RALLY, THIRD, funds=[*funds, {**funds[0], "code": "extra", "amount_yen": BUDGET}],
        obtaining__limits=[{"per": "programme", "yen": 100_000}], limits={"balance_max_yen": 100_000},
    )
    stops = [points.bus_stop, points.place("bus"), points.place("bus")]
    return Life(points, [points.town.person() for _ in range(2)], stops)
