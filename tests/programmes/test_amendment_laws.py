"""What holds of every amendment of every document: all shipped ones, the cities' own, and those made for a rule."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from functools import cache
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import to_builtins

from meguri.programmes.amendments import Standing, extends, is_promised
from meguri.programmes.promises import takings
from meguri.programmes.shipped import templates
from meguri.programmes.terms import ProgrammeTerms
from tests.programmes.amendment_changes import (
    DAY,
    EVERYWHERE,
    NAME,
    Taking,
    changed_at,
    everything,
    gifts_of,
    takings_of,
)
from tests.programmes.builders import BENEFIT, POINT
from tests.programmes.test_amendments import BEFORE

DOCUMENTS: dict[str, ProgrammeTerms] = {**templates(), **BEFORE}
NAMES = st.sampled_from(sorted(DOCUMENTS))
MORE = st.integers(1, 10**6)
SEEDS = st.integers(0, 2**32)


@cache
def ways(name: str) -> tuple[Taking, ...]:
    return tuple(takings_of(DOCUMENTS[name]))


def places(before: ProgrammeTerms, after: ProgrammeTerms, standing: Standing) -> set[tuple[str, str]]:
    return {(each.code, each.path) for each in takings(before, after, standing=standing)}


def some_gifts(name: str, *, more: int, seed: int) -> dict[str, Any]:
    """A part of all gifts, in the document's order: a new line of a list stays the one after the last."""
    chosen = random.Random(seed)
    return {path: value for path, value in gifts_of(DOCUMENTS[name], more).items() if chosen.random() < 0.6}


@pytest.mark.parametrize("name", sorted(DOCUMENTS))
def test_an_amendment_that_changes_nothing_takes_nothing_whatever_stands(name: str) -> None:
    terms = DOCUMENTS[name]
    for standing in (Standing(), everything(terms), replace(everything(terms), left_yen={}, opened=frozenset())):
        assert takings(terms, changed_at(terms, {}), standing=standing) == ()


@pytest.mark.parametrize("name", sorted(DOCUMENTS))
def test_each_place_of_each_document_that_can_take_is_found_there_and_said(name: str) -> None:
    terms, standing = DOCUMENTS[name], everything(DOCUMENTS[name])
    assert len(ways(name)) >= 30
    for way in ways(name):
        found = takings(terms, changed_at(terms, way.changes), standing=standing)
        assert (way.code, way.path) in {(each.code, each.path) for each in found}, (way, found)
        assert len({(each.code, each.path) for each in found}) == len(found)  # each said once
        assert not [each for each in found if "{" in each.sentence("ja") + each.sentence("en")]


@settings(max_examples=120, deadline=None)
@given(NAMES, MORE, SEEDS)
def test_what_gives_more_is_never_refused_whatever_else_it_gives(name: str, more: int, seed: int) -> None:
    before = DOCUMENTS[name]
    after = changed_at(before, some_gifts(name, more=more, seed=seed))
    assert takings(before, after, standing=everything(before)) == ()


@settings(max_examples=150, deadline=None)
@given(NAMES, MORE, SEEDS)
def test_no_gift_hides_or_excuses_what_is_taken_beside_it(name: str, more: int, seed: int) -> None:
    """A sly amendment buries one line that takes among many that give: the answer is the same as without them."""
    before, way = DOCUMENTS[name], random.Random(seed).choice(ways(name))
    alone = places(before, changed_at(before, way.changes), everything(before))
    hidden = changed_at(before, some_gifts(name, more=more, seed=seed) | way.changes)
    assert places(before, hidden, everything(before)) == alone
    assert (way.code, way.path) in alone


@settings(max_examples=150, deadline=None)
@given(NAMES, SEEDS, st.sets(st.sampled_from(["issued", "opened"])), st.integers(0, 10**7), st.integers(-40, 40))
def test_the_more_stands_against_an_amendment_the_more_it_takes(
    name: str, seed: int, stands: set[str], left: int, days: int
) -> None:
    issued, opened = "issued" in stands, "opened" in stands
    before, full, chosen = DOCUMENTS[name], everything(DOCUMENTS[name]), random.Random(seed)
    held = datetime(2025, 12, 31, 15, tzinfo=UTC) + timedelta(days=days) if issued else None
    less = Standing(
        left_yen={fund.code: left for fund in before.funds}, shops=full.shops[: chosen.randrange(5)], held_until=held,
        issued=issued, opened=full.opened if opened else frozenset(),
        granted_yen={key: yen // 2 for key, yen in full.granted_yen.items()} if issued else {},
    )  # fmt: skip
    for way in chosen.sample(ways(name), 8):
        after = changed_at(before, way.changes)
        assert places(before, after, less) <= places(before, after, full)


@settings(deadline=None)
@given(NAMES, MORE, SEEDS)
def test_what_was_given_can_be_taken_back_only_where_the_rules_name_a_way(name: str, more: int, seed: int) -> None:
    """The way back from a gift never goes unseen where it lowers a day or a yen that somebody relies on."""
    before, gifts = DOCUMENTS[name], some_gifts(name, more=more, seed=seed)
    after = changed_at(before, gifts)
    back = {path for _, path in places(after, before, everything(after))}
    relied = {"spending.window.last_day", "refunds.shop_claims_until", "limits.payment_max_yen", "expiry.last_day"}
    assert relied & set(gifts) <= back


# --- exactly at the edge ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("left", "less", "free"), [
    (500, 500, True), (500, 501, False), (0, 0, True), (0, 1, False), (-300, 1, False),
])  # fmt: skip
def test_a_budget_goes_down_by_what_is_left_and_not_by_a_yen_more(left: int, less: int, free: bool) -> None:  # noqa: FBT001
    before = DOCUMENTS[POINT]
    after = changed_at(before, {"funds.0.amount_yen": before.funds[0].amount_yen - less})
    found = takings(before, after, standing=Standing(left_yen={"town": left}))
    assert [each.path for each in found] == ([] if free else ["funds.town.amount_yen"])


def test_a_day_is_too_early_only_while_something_is_good_after_its_last_moment_in_japan() -> None:
    before = DOCUMENTS[POINT]
    last = before.spending.window.last_day - DAY
    after = changed_at(before, {"spending.window.last_day": last, "expiry.last_day": last})
    midnight = datetime(last.year, last.month, last.day, 15, tzinfo=UTC)  # 24:00 in Japan
    assert takings(before, after, standing=Standing(issued=True, held_until=midnight)) == ()
    late = takings(before, after, standing=Standing(issued=True, held_until=midnight + timedelta(microseconds=1)))
    assert {each.code for each in late} == {"ends_earlier", "expires_earlier"}


def test_points_that_never_expire_are_held_although_no_lot_names_a_day() -> None:
    before = changed_at(DOCUMENTS[POINT], {"expiry": {"kind": "never"}})
    after = changed_at(before, {"spending.window.last_day": before.spending.window.last_day - DAY})
    assert takings(before, after, standing=Standing()) == ()
    found = takings(before, after, standing=Standing(issued=True, held_until=None))
    assert [(each.code, each.path) for each in found] == [("ends_earlier", "spending.window.last_day")]


def test_a_ceiling_of_one_action_stands_once_it_is_drawn_on_and_a_monthly_one_begins_anew() -> None:
    limits = [{"per": "programme", "yen": 3_000}, {"per": "month", "yen": 500}]
    before = changed_at(DOCUMENTS[POINT], {"obtaining.actions.0.limits": limits})
    path = "obtaining.actions.walk.limits"
    for yen in (2_999, 3_001):
        after = changed_at(before, {"obtaining.actions.0.limits.0.yen": yen})
        assert takings(before, after, standing=Standing()) == ()
        found = takings(before, after, standing=Standing(issued=True))
        assert [(each.code, each.path) for each in found] == [("ceiling_drawn_on", path)]
    monthly = changed_at(before, {"obtaining.actions.0.limits.1.yen": 100})
    assert takings(before, monthly, standing=Standing(issued=True)) == ()


def test_a_list_and_a_code_are_promises_before_a_single_yen_exists() -> None:
    promised = {name for name, terms in DOCUMENTS.items() if is_promised(terms, Standing())}
    assert promised == {"child-rearing-benefit", "katsuyama-2026", "code"}
    assert all(is_promised(terms, Standing(issued=True)) for terms in DOCUMENTS.values())
    opened = Standing(opened=frozenset({"first"}))
    assert all(is_promised(terms, opened) for terms in DOCUMENTS.values())


# --- slyer than a number ---------------------------------------------------------------------------------------------


def rates(*order: int) -> list[Any]:
    return [DOCUMENTS["setagaya-2024"].obtaining.rates[place] for place in order]  # type: ignore[union-attr]


@pytest.mark.parametrize(("order", "taken"), [
    ((1, 0, 2, 3), "obtaining.rates.street.rate_bp"),  # a small shop of the street: 20 % before, 15 % now
    ((0, 1, 3, 2), "obtaining.rates.convenience.rate_bp"),  # every convenience store is a large shop: nothing at all
])  # fmt: skip
def test_of_several_rates_the_first_counts_so_a_lower_one_may_not_come_before(
    order: tuple[int, ...], taken: str
) -> None:
    before = DOCUMENTS["setagaya-2024"]
    found = takings(before, changed_at(before, {"obtaining.rates": _trees(rates(*order))}), standing=Standing())
    assert [(each.code, each.path) for each in found] == [("lowered", taken)]


@pytest.mark.parametrize(("bp", "taken"), [(1, 3), (1_500, 1), (2_000, 0), (9_000, 0)])
def test_a_new_rate_before_the_others_must_be_as_high_as_each_that_it_shadows(bp: int, taken: int) -> None:
    before = DOCUMENTS["setagaya-2024"]
    fresh = {"code": "fresh", "name": NAME, "rate_bp": bp, "where": EVERYWHERE}
    after = changed_at(before, {"obtaining.rates": [fresh, *_trees(rates(0, 1, 2, 3))]})
    assert len(takings(before, after, standing=Standing())) == taken


def _trees(parts: list[Any]) -> list[Any]:
    return [to_builtins(part, builtin_types=(date,)) for part in parts]


def test_a_first_bonus_may_come_and_its_purse_stands_from_then_on() -> None:
    before = changed_at(DOCUMENTS[BENEFIT], {"obtaining.choices.1": {"receipt": "local_money", "purse": "benefit"}})
    with_bonus = DOCUMENTS[BENEFIT]
    assert takings(before, with_bonus, standing=everything(before)) == ()
    assert places(with_bonus, before, everything(before)) == {
        ("lowered", "obtaining.choices.local_money.bonus_yen"),
        ("stands_as_launched", "obtaining.choices.local_money.bonus_purse"),
    }


@pytest.mark.parametrize("name", sorted(DOCUMENTS))
def test_only_a_common_last_day_moved_on_extends_and_by_exactly_that_day(name: str) -> None:
    before = DOCUMENTS[name]
    gifts = gifts_of(before, 9)
    day = gifts.get("expiry.last_day")
    assert extends(before, changed_at(before, gifts)) == day
    assert extends(before, before) is None
    assert extends(changed_at(before, gifts), before) is None
