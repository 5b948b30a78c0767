"""The short form of the crowd's drill, with its control."""

from __future__ import annotations

import random
from uuid import uuid4

import pytest
from drill.crowded import MOST, Got

from drill import crowded, crowding

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_crowd_of_processes_gets_what_there_is_and_not_a_yen_more() -> None:
    found = crowded.contend(crowded.arena(81_001, there=2_000), tries=800, seed=5)
    assert [each.prize for each in found] == ["budget", "stock", "right", "ceiling"]
    assert all(each.well for each in found), found


def test_without_lock_and_constraint_the_crowd_gets_too_much() -> None:
    """The control: if it got no more than there was of every prize, the crowd would be none."""
    too_much = crowded.overspent(81_002, tries=800, seed=5)
    assert set(too_much) == {"budget", "stock", "right", "ceiling"}
    assert all(more > 0 for more in too_much.values()), too_much


@pytest.mark.parametrize(
    ("got", "left", "well"),
    [(100, 0, True), (92, 8, True), (101, 0, False), (101, -1, False), (99, 0, False), (91, 9, False), (80, 20, False)],
)
def test_it_is_well_when_all_of_it_was_given_and_no_more(got: int, left: int, *, well: bool) -> None:
    assert Got("budget", 100, got, left).well is well


def test_a_try_asks_for_a_part_for_one_of_the_holders() -> None:
    holders = (str(uuid4()), str(uuid4()))
    fund, limit = (str(uuid4()), "fund"), (str(uuid4()), "allowance", 3)
    prize = crowding.Prize("budget", "grant_points", fund, "wallet", (1,), 2, limit, holders, MOST)
    legs = [prize.leg(random.Random(seed)) for seed in range(200)]
    assert {leg.amount for leg in legs} == set(range(1, MOST + 1))
    assert {str(leg.credit.owner) for leg in legs} == set(holders)
    assert {(leg.lots, leg.credit_lot, leg.limits[0].lot) for leg in legs} == {((1,), 2, 3)}
