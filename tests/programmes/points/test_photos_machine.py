"""Whatever the order of sending, sending again, looking, yes, no, asking, taking back and withdrawing: no photo grants
twice, and no limit is passed.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID, uuid4

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from meguri.programmes.points import operations
from meguri.programmes.points.models import ActionPhoto, ActionRecord
from meguri.programmes.points.operations import reviewing
from meguri.vault.models import SealedPhoto
from meguri.words.actor import Actor
from meguri.words.refusal import Refusal
from tests.programmes.points.conftest import NOW
from tests.programmes.points.photo_town import PhotoTown, photo_town
from tests.programmes.vouchers.lived_town import prove_books

TIMES, MONTH_YEN, YEN = 3, 50, 20
LIMITS = [{"per": "day", "times": 2}, {"per": "month", "times": TIMES}]
KINDS = ("send", "replay", "another", "yes", "no", "again", "back", "withdraw", "wait", "tidy")
STEPS = st.lists(st.tuples(st.sampled_from(KINDS), st.integers(0, 1), st.integers(0, 5)), min_size=4, max_size=24)


@dataclass
class Life:
    """The town lives the steps; beside it every request that was ever made, and who made it."""

    town: PhotoTown
    people: tuple[Actor, Actor]
    at: datetime = NOW
    sent: list[tuple[int, UUID, int, UUID]] = field(default_factory=list)  # who, request, seed, record
    answers: Counter[str] = field(default_factory=Counter)

    def step(self, kind: str, person: int, number: int) -> None:
        before = self.granted()
        try:
            with transaction.atomic():
                self.do(kind, person, number)
            self.answers[kind] += 1
        except Refusal as no:
            self.answers[no.code] += 1
            assert self.granted() == before, "what is refused changes nothing"
        self.check()

    def do(self, kind: str, person: int, number: int) -> None:
        if kind == "send":
            request, seed = uuid4(), len(self.sent) % 12
            made = self.town.send(self.people[person], seed, at=self.at, request=request)
            self.sent.append((person, request, seed, made.record))
        elif kind == "wait":
            self.at += timedelta(days=number)
        elif kind == "tidy":
            reviewing.drop_old_photos(municipality=self.town.town, at=self.at)
            reviewing.end_unanswered(municipality=self.town.town, at=self.at)
        elif self.sent:
            self.of_one(kind, number % len(self.sent))

    def of_one(self, kind: str, number: int) -> None:
        who, request, seed, record = self.sent[number]
        acts: dict[str, Callable[[], object]] = {
            "replay": lambda: self.town.send(self.people[who], seed, at=self.at, request=request),
            "another": lambda: self.town.another(self.people[who], record, 12 + seed, at=self.at),
            "yes": lambda: self.town.yes(record, at=self.at), "no": lambda: self.town.no(record, at=self.at),
            "again": lambda: self.town.again(record, at=self.at),
            "back": lambda: operations.take_back_photo(record=record, by=self.people[who], at=self.at),
            "withdraw": lambda: operations.withdraw_action(
                record=record, reason="誤り", by=self.town.points.checker, at=self.at
            ),
        }  # fmt: skip
        acts[kind]()

    def granted(self) -> dict[UUID, tuple[str, int]]:
        return {row.id: (row.state, row.granted_yen) for row in ActionRecord.objects.all()}

    def check(self) -> None:
        rows = list(ActionRecord.objects.all())
        assert {row.id for row in rows} == {record for *_, record in self.sent}, "a request is one deed"
        for person in self.people:
            good = [row for row in rows if row.resident == person.party and row.state == "granted"]
            held = sum(self.town.points.town.held(person).values())
            assert held == sum(row.granted_yen for row in good)
            assert all(row.granted_yen <= YEN for row in good)
            assert max(Counter(row.day for row in good).values(), default=0) <= 2
            for month in {row.day.month for row in good}:
                own = [row.granted_yen for row in good if row.day.month == month]
                assert (sum(own) <= MONTH_YEN, len(own) <= TIMES) == (True, True)
        for row in rows:
            answers = [photo.answer for photo in ActionPhoto.objects.filter(record=row).order_by("id")]
            assert (row.state in {"granted", "withdrawn"}) == (answers[-1] == "yes")
            assert answers.count("") <= (row.state == "held")
            assert set(answers[:-1]) <= {"again"}
        kept = set(ActionPhoto.objects.filter(dropped_at=None).values_list("id", flat=True))
        assert set(SealedPhoto.objects.values_list("id", flat=True)) == kept


@pytest.fixture
def lived(db: None) -> Life:
    changes = {"obtaining__actions__6__limits": LIMITS, "obtaining__limits": [{"per": "month", "yen": MONTH_YEN}]}
    town = photo_town(**changes)
    return Life(town, (town.points.town.person(), town.points.town.person()))


def live(lived: Life, steps: list[tuple[str, int, int]]) -> Counter[str]:
    """One life of the steps, taken back afterwards."""
    with transaction.atomic():
        life = Life(lived.town, lived.people)
        for step in steps:
            life.step(*step)
        prove_books()
        transaction.set_rollback(True)
    return life.answers


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=STEPS)
def test_no_order_of_steps_grants_twice_or_beyond_the_limits(lived: Life, steps: list[tuple[str, int, int]]) -> None:
    live(lived, steps)


def test_the_steps_reach_every_answer(lived: Life) -> None:
    """The control: the steps are not refused one and all, and the limits do bite."""
    steps = [("send", 0, 0), ("replay", 0, 0), ("again", 0, 0), ("another", 0, 0), ("yes", 0, 0), ("replay", 0, 0),
             ("yes", 0, 0), ("send", 0, 0), ("no", 0, 1), ("send", 0, 0), ("yes", 0, 2), ("wait", 0, 1),
             ("send", 0, 0), ("yes", 0, 3), ("send", 0, 0), ("withdraw", 0, 0), ("send", 0, 0), ("back", 0, 4),
             ("withdraw", 0, 0), ("send", 1, 0), ("again", 1, 5), ("wait", 0, 5), ("wait", 0, 5), ("wait", 0, 5),
             ("tidy", 0, 0)]  # fmt: skip
    answers = live(lived, steps)
    assert answers["yes"] == 4, "one of them says it again"
    assert (answers["send"], answers["replay"], answers["another"]) == (6, 2, 1)
    assert (answers["again"], answers["no"], answers["back"], answers["withdraw"]) == (2, 1, 1, 2)
    assert answers["action_ceiling_reached"] == 1
