"""The invented people and shops of a dry run, and a document taken down for few of them."""

from __future__ import annotations

from collections import Counter
from datetime import date

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from meguri.dry_runs.people import SHOPS, SHOPS_MOST, WARD, commuters_of, people_of, shops_like
from meguri.dry_runs.scaling import scaled
from meguri.parties.rules import age_on
from meguri.programmes import cost, validation
from meguri.programmes.dry_run import ShopLike, TownLike, Wanted
from meguri.programmes.parts import GrantByAction, Sale
from meguri.programmes.shipped import templates
from meguri.programmes.vocabularies import DECLARED

ON = date(2025, 9, 1)


NOBODY = TownLike()


def asked(seed: int = 7, *, people: int = 200, town: TownLike = NOBODY) -> Wanted:
    return Wanted(document={}, seed=seed, people=people, town=town)


def test_so_many_people_as_asked_live_in_households_with_a_guardian_for_every_child() -> None:
    people = people_of(asked(), on=ON)
    assert len(people) == len({each.id for each in people}) == 200
    homes = {each.id: each.household for each in people}
    ages = {each.id: age_on(each.born, ON) for each in people}
    for each in people:
        assert homes[each.guardian] == each.household
        assert ages[each.guardian] >= 18
        assert (each.guardian == each.id) == (ages[each.id] >= 18)
        assert each.moved_in >= each.born
    assert 20 < sum(age < 18 for age in ages.values()) < 50


def test_the_same_seed_makes_the_same_people_and_another_seed_others() -> None:
    first, again, other = (people_of(asked(seed), on=ON) for seed in (7, 7, 8))
    assert first == again
    assert {each.id for each in first}.isdisjoint(each.id for each in other)


def test_they_live_in_the_wards_of_the_town_as_its_people_do() -> None:
    wards = Counter(each.ward for each in people_of(asked(town=TownLike(wards={"東": 900, "西": 100})), on=ON))
    assert set(wards) == {"東", "西"}
    assert wards["東"] > 2 * wards["西"]
    assert {each.ward for each in people_of(asked(), on=ON)} == {WARD}


def test_some_came_after_the_day_and_some_had_left_before_it() -> None:
    people = people_of(asked(people=400), on=ON)
    assert any(each.moved_in > ON for each in people)
    assert any(each.moved_out and each.moved_out <= ON for each in people)
    assert sum(each.moved_in > ON or each.moved_out is not None for each in people) < 60


def test_the_shops_are_the_towns_own_or_the_usual_ones() -> None:
    own = tuple(
        ShopLike(trade="58", area=f"{n}", size_class="small", floor_area=n, head_office=True) for n in range(40)
    )
    assert shops_like(TownLike(), seed=7) == list(SHOPS)
    assert shops_like(TownLike(shops=own[:3]), seed=7) == list(own[:3])
    drawn = shops_like(TownLike(shops=own), seed=7)
    assert len(drawn) == SHOPS_MOST
    assert set(drawn) < set(own)
    assert drawn == shops_like(TownLike(shops=own), seed=7) != shops_like(TownLike(shops=own), seed=8)


@pytest.mark.parametrize("name", sorted(templates()))
@given(people=st.integers(40, 400), population=st.integers(1, 3_000_000))
def test_a_document_for_few_is_as_sound_as_the_whole_and_never_promises_more_than_its_budget(
    name: str, people: int, population: int
) -> None:
    whole = templates()[name]
    fewer = scaled(whole, people=people, population=population)
    wrong = [each for each in validation.validate(fewer, DECLARED) if each.is_error]
    assert wrong == []
    promised = cost.promised(fewer)
    assert all(promised.get(fund.code, 0) <= fund.amount_yen for fund in fewer.funds if fund.amount_yen)
    if population <= people:
        assert fewer is whole


def test_what_belongs_to_one_person_stays_as_it_is() -> None:
    whole = templates()["nagoya-2025"]
    fewer = scaled(whole, people=200, population=2_000_000)
    assert isinstance(whole.obtaining, Sale)
    assert isinstance(fewer.obtaining, Sale)
    assert fewer.obtaining.rounds[0].units == 1, "at least one unit is sold"
    assert (fewer.obtaining.unit_price_yen, fewer.obtaining.max_units, fewer.obtaining.face) == (
        whole.obtaining.unit_price_yen, whole.obtaining.max_units, whole.obtaining.face
    )
    assert fewer.funds[0].amount_yen == whole.funds[0].amount_yen // 2_000
    assert msgspec.structs.replace(fewer, obtaining=whole.obtaining, funds=whole.funds) == whole


def test_goals_and_the_caps_of_funders_shrink_with_the_town() -> None:
    whole = templates()["green-and-health-points"]
    fewer = scaled(whole, people=200, population=20_000)
    assert isinstance(fewer.obtaining, GrantByAction)
    assert [each.amount_yen for each in fewer.funds] == [21_000, 9_000]
    assert [share.cap_yen for share in fewer.agreements[0].shares] == [None, 9_000]
    assert fewer.obtaining.actions[0].goal == 400
    assert fewer.obtaining.limits == whole.obtaining.limits  # type: ignore[union-attr]


def test_who_comes_in_by_work_or_study_is_no_resident_and_the_same_each_time() -> None:
    found = commuters_of(asked(people=200), on=ON)
    assert found == commuters_of(asked(people=200), on=ON)
    assert len(found) == 20
    assert {each.comes_to for each in found} == {"work", "study"}
    assert {each.shown for each in found} == {True, False}
    assert {each.ward for each in found} == {""}
    assert all(each.guardian == each.id for each in found)
    assert len(commuters_of(asked(people=10), on=ON)) == 6
