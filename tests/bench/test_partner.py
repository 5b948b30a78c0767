"""The small form of the partner's measures: what they count is what the books hold, and a wrong figure ends them."""

from __future__ import annotations

from itertools import islice

import pytest

from bench import funders, partner
from meguri.programmes.points import serving

pytestmark = pytest.mark.django_db(transaction=True)


def test_deeds_come_by_file_and_by_api_and_each_is_granted_once() -> None:
    place = partner.founded(90_101, people=3, budget=10_000, yen=10)
    deeds = place.deeds()
    first, second = list(islice(deeds, 2)), list(islice(deeds, 2))
    assert partner.by_file(place, first) == 2
    assert partner.by_api(place, second) == 2
    assert partner.by_api(place, first) == 2, "sent again they are answered, and granted no second time"
    assert (place.granted(), place.left()) == (40, 9_960)
    serving.stop()


def test_a_budget_is_spent_to_the_last_yen_and_not_one_more() -> None:
    place = partner.founded(90_102, people=24, budget=1_000, yen=100, evidence="device")
    assert partner.attacked(place, threads=4) == (10, 14)
    assert (place.granted(), place.left()) == (1_000, 0)
    serving.stop()


def test_statements_of_all_funders_are_what_the_books_say() -> None:
    town = funders.opened(90_103, funders=3, holders=4)
    town.grant(30)
    told = town.statements()
    assert town.wrong(told) == []
    first, (left, *others) = town.funds[0], told[town.funds[0]]
    assert left.went_yen > 0
    told[first] = (funders.Row(left.ja, left.en, left.begin_yen, left.came_yen, left.went_yen - 1), *others)
    assert town.wrong(told) == [first], "the control: a yen that is missing ends the measure"
