"""The snapshot against a plain model of it, for any history and any moment: to the yen and to the person."""

from __future__ import annotations

from collections import Counter
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from meguri.evidence import checks, queries
from meguri.evidence.places import DIMENSIONS
from meguri.evidence.public import public_places, public_weeks
from meguri.evidence.snapshot import Snapshot, take
from tests.evidence.life import STEPS, Life
from tests.evidence.naive import Naive
from tests.settlement.books import AT, DAY, EXPIRES, SmallTown

MOMENTS = st.sampled_from([AT + 2 * DAY, AT + 5 * DAY, EXPIRES + 400 * DAY])


def same(seen: Snapshot, model: Naive) -> None:
    for by in DIMENSIONS:
        rows = seen.places(by)
        assert {(row.programme, row.place): row.yen for row in rows if row.yen and not row.in_all} == model.spent_by(by)
        told = {("all" if row.in_all else row.programme, row.place): row.holders for row in rows if row.holders}
        assert told == model.visitors(by)
    weeks = {(row.programme, row.week): (row.yen, row.people, row.shops, row.largest_shop_yen) for row in seen.payers}
    assert weeks == model.weeks()
    reach: dict[UUID | str | None, tuple[int, int]] = {
        "all" if row.in_all else row.programme: (row.receivers, row.payers) for row in seen.reach
    }
    assert reach == model.reach()
    lay: Counter[Any] = Counter()
    for one in seen.stretches:
        lay[one.programme, one.fate, one.days] += one.yen
    assert dict(lay) == model.lay()


class AnyHistory(TestCase):
    @settings(max_examples=40, deadline=None)
    @given(STEPS, MOMENTS)
    def test_the_snapshot_is_what_a_plain_reading_of_the_books_gives(
        self, steps: list[tuple[str, int, int, int]], until: datetime
    ) -> None:
        life = Life()
        for step in steps:
            life.step(*step)
        town = life.town.municipality
        same(take(town, until=until), Naive(town, until=until))

    @settings(max_examples=30, deadline=None)
    @given(STEPS)
    def test_public_tables_are_parts_of_the_books_and_their_sums_are_the_programmes(
        self, steps: list[tuple[str, int, int, int]]
    ) -> None:
        life = Life()
        for step in steps:
            life.step(*step)
        seen = take(life.town.municipality)
        money = queries.money_by_programme(life.town.municipality)
        for by in DIMENSIONS[:3]:
            found = public_places(seen, by=by)
            assert found.town.yen == sum(one.spent_yen for one in money.values())
            assert found.town.open_cells == ()  # three people can hide nowhere
            for programme in life.programmes:
                assert found.of(programme.id).yen == money[programme.id].spent_yen
        for programme in life.programmes:
            assert public_weeks(seen, programme=programme.id).yen == money[programme.id].spent_yen
        assert checks.evidence_matches_the_books(life.town.municipality) == []


def test_the_model_can_tell(town: SmallTown) -> None:
    """The plain model is right about a day that can be reckoned in the head, and sees a wrong snapshot."""
    programme, person, shop = town.programme(), town.resident(), town.shop()
    town.grant(person, programme, 100)
    town.pay(person, shop, 30, programme, at=AT + 3 * DAY)
    model = Naive(town.municipality, until=AT + 10 * DAY)
    assert model.spent_by("area") == {(programme.id, "minato"): 30}
    assert model.lay() == {(programme.id, "spent", 3): 30, (programme.id, "open", 10): 70}
    assert model.weeks() == {(programme.id, date(2026, 6, 1)): (30, 1, 1, 30)}
    assert model.reach() == {programme.id: (1, 1), "all": (1, 1)}
    same(take(town.municipality, until=AT + 10 * DAY), model)
    town.pay(person, shop, 1, programme, at=AT + 4 * DAY)
    with pytest.raises(AssertionError):
        same(take(town.municipality, until=AT + 10 * DAY), model)


def test_a_purse_that_is_filled_and_emptied_again_and_again(town: SmallTown) -> None:
    programme, person, shop = town.programme(), town.resident(), town.shop()
    for number in range(12):
        town.grant(person, programme, 10 + number, at=AT + number * DAY)
        town.pay(person, shop, 7 + number % 5, programme, at=AT + number * DAY + timedelta(hours=number % 4))
    until = AT + 20 * DAY
    same(take(town.municipality, until=until), Naive(town.municipality, until=until))
