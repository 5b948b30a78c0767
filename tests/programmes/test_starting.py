"""An amendment that rules later: what passed when it was approved takes from nobody at its start."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from meguri.programmes.amendments import Standing
from meguri.programmes.parts import Sale
from meguri.programmes.promises import takings
from meguri.programmes.starting import SHOWN_AHEAD, changed_rounds, covers, takings_at, until_start
from meguri.programmes.terms import ProgrammeTerms
from meguri.programmes.timing import first_issue, last_good_day, last_issue
from meguri.programmes.vocabularies import SHOPS
from meguri.words.clock import midnight
from meguri.words.predicate import All, Compare, Facts, Not, Operator, Predicate, holds, parse
from meguri.words.predicate import Any as Either
from tests.programmes.amendment_changes import changed_at, takings_of
from tests.programmes.builders import POINT, VOUCHER, changed
from tests.programmes.test_amendment_laws import DOCUMENTS, NAMES, SEEDS, some_gifts

DAY = timedelta(days=1)
NEW_YEAR = midnight(date(2026, 1, 1))
SMALL, LARGE = (Compare("size_class", Operator.EQUAL, size) for size in ("small", "large"))
ROOMY = Compare("floor_area", Operator.MORE, 1_000)


def codes(before: ProgrammeTerms, after: ProgrammeTerms, *, start: datetime, **stands: Any) -> list[tuple[str, str]]:
    found = takings_at(before, after, standing=Standing(**stands), start=start)
    return [(each.code, each.path) for each in found]


def some_shops(chosen: random.Random) -> list[Facts]:
    return [
        {"trade": chosen.choice(["56", "58"]), "area": chosen.choice(["中町", "港"]), "street": chosen.random() < 0.5,
         "size_class": chosen.choice(["small", "large", "street"]), "head_office": chosen.random() < 0.5,
         "floor_area": chosen.choice([50, 999, 1_000, 1_001, 3_000])}
        for _ in range(6)
    ]  # fmt: skip


def reached(before: ProgrammeTerms, chosen: random.Random, *, start: datetime) -> Standing:
    """What may stand by the start: value obtained on some day before it, rounds opened in their time, shops joined."""
    last = start.astimezone(NEW_YEAR.tzinfo).date() - DAY
    issued = first_issue(before) <= last and chosen.random() < 0.8
    on = min(last, last_issue(before)) - chosen.randrange(40) * DAY
    good = last_good_day(before, issued=max(on, first_issue(before))) if issued else None
    rounds = before.obtaining.rounds if isinstance(before.obtaining, Sale) else ()
    opened = [each.code for each in rounds if (each.application or each.purchase).first_day - SHOWN_AHEAD <= last]
    amounts = {fund.code: fund.amount_yen for fund in before.funds}
    granted = {
        (each.code, share.fund): chosen.randrange(min(share.cap_yen or 10**9, amounts[share.fund] or 10**9) + 1)
        for each in before.agreements for share in each.shares
    }  # fmt: skip
    return Standing(
        left_yen=dict.fromkeys(amounts, 10**9), granted_yen=granted if issued else {}, issued=issued,
        held_until=None if good is None else midnight(good + DAY), shops=some_shops(chosen),
        opened=frozenset(code for code in opened if chosen.random() < 0.8),
    )  # fmt: skip


@settings(max_examples=250, deadline=None)
@given(NAMES, SEEDS, st.integers(1, 10**6), st.integers(-200, 300))
def test_what_was_approved_ahead_takes_nothing_at_its_start_whatever_happens_until_then(
    name: str, seed: int, more: int, days: int
) -> None:
    before, chosen = DOCUMENTS[name], random.Random(seed)
    start = midnight(first_issue(before) + days * DAY)
    now = replace(Standing(), left_yen={fund.code: 10**9 for fund in before.funds}, shops=some_shops(chosen))
    then = [reached(before, chosen, start=start) for _ in range(4)]
    for way in chosen.sample(list(takings_of(before)), 6):
        for changes in (way.changes, some_gifts(name, more=more, seed=seed) | way.changes):
            after = changed_at(before, changes)
            if takings_at(before, after, standing=now, start=start) == ():
                assert [takings(before, after, standing=each) for each in then] == [()] * 4, (way, start)


@settings(max_examples=100, deadline=None)
@given(NAMES, SEEDS, st.integers(1, 10**6), st.integers(-200, 300))
def test_what_only_gives_may_begin_on_any_day_before_value_ends(name: str, seed: int, more: int, days: int) -> None:
    before, start = DOCUMENTS[name], midnight(first_issue(DOCUMENTS[name]) + days * DAY)
    after = changed_at(before, some_gifts(name, more=more, seed=seed))
    found = takings_at(before, after, standing=Standing(left_yen={}), start=start)
    assert {each.code for each in found} <= {"extended_too_late", "round_opened", "stands_as_launched"}
    assert all(each.path.startswith(("obtaining.", "eligibility", "expiry")) for each in found)


def test_without_a_start_it_is_judged_by_what_stands_now() -> None:
    before = DOCUMENTS[VOUCHER]
    after = changed(VOUCHER, {"limits.payment_max_yen": 1_000})
    assert takings_at(before, after, standing=Standing(), start=None) == ()
    assert codes(before, after, start=NEW_YEAR) == [("lowered", "limits.payment_max_yen")]


def test_nothing_can_have_been_obtained_before_the_first_day_of_it() -> None:
    later = {"obtaining.window.first_day": date(2025, 10, 1)}
    before, after = changed(POINT, later), changed(POINT, later | {"refunds.shop_claims_until": date(2026, 4, 29)})
    assert codes(before, after, start=midnight(date(2025, 10, 1))) == []
    assert codes(before, after, start=midnight(date(2025, 10, 2))) == [("ends_earlier", "refunds.shop_claims_until")]


def test_a_round_that_will_have_opened_by_then_stands() -> None:
    """Its applications begin on 26 July; it is shown to people seven days before, and then they count on its terms."""
    before, after = DOCUMENTS[VOUCHER], changed(VOUCHER, {"obtaining.rounds.0.units": 1_500})
    assert codes(before, after, start=midnight(date(2025, 7, 19))) == []
    assert codes(before, after, start=midnight(date(2025, 7, 20))) == [("round_opened", "obtaining.rounds.first")]
    lower = changed(VOUCHER, {"limits.payment_max_yen": 1_000})
    assert codes(before, lower, start=midnight(date(2025, 7, 19))) == []
    assert codes(before, lower, start=midnight(date(2025, 7, 20))) == [("lowered", "limits.payment_max_yen")]


def test_shares_and_caps_are_judged_as_if_all_had_been_used() -> None:
    before = DOCUMENTS[POINT]
    shares = changed(POINT, {"agreements.0.shares.0.share_bp": 6_000, "agreements.0.shares.1.share_bp": 4_000})
    assert codes(before, shares, start=NEW_YEAR) == [("shares_in_use", "agreements.together.shares")]
    capped = changed(POINT, {"agreements.0.shares.1.cap_yen": 899_999})
    assert codes(before, capped, start=NEW_YEAR) == [("lowered", "agreements.together.shares.sponsor.cap_yen")]
    more = changed(POINT, {"agreements.0.shares.1.cap_yen": 950_000})
    assert codes(before, more, start=NEW_YEAR) == []


def test_what_is_obtained_on_the_way_is_good_as_long_as_it_was_promised() -> None:
    before, sooner = DOCUMENTS[POINT], changed(POINT, {"expiry.last_day": date(2026, 3, 30)})
    assert codes(before, sooner, start=NEW_YEAR) == [("expires_earlier", "expiry.last_day")]
    assert until_start(before, Standing(), start=NEW_YEAR).held_until == midnight(date(2026, 4, 1))


@pytest.mark.parametrize(("start", "found"), [
    (date(2026, 3, 31), []), (date(2026, 4, 1), [("extended_too_late", "expiry.last_day")]),
])  # fmt: skip
def test_a_longer_life_begins_while_there_is_something_to_live_longer(
    start: date, found: list[tuple[str, str]]
) -> None:
    after = changed(POINT, {"expiry.last_day": date(2026, 5, 31), "spending.window.last_day": date(2026, 5, 31)})
    assert codes(DOCUMENTS[POINT], after, start=midnight(start)) == found


def test_a_shop_that_joins_on_the_way_is_not_lost_at_the_start() -> None:
    """No shop of the town is lost today, for there is none of that kind; there may be one by then."""
    where = {"kind": "all", "of": [
        {"kind": "compare", "field": "size_class", "op": "!=", "value": "large"},
        {"kind": "compare", "field": "area", "op": "!=", "value": "港"}]}  # fmt: skip
    after = changed(POINT, {"purses.0.where": where})
    shops = [{"size_class": "small", "area": "中町"}]
    assert codes(DOCUMENTS[POINT], after, start=NEW_YEAR, shops=shops) == [
        ("may_be_spent_in_fewer_shops", "purses.points.where")
    ]


def test_rounds_that_an_approved_amendment_changes_are_named() -> None:
    before = DOCUMENTS[VOUCHER]
    assert changed_rounds(before, changed(VOUCHER, {"obtaining.rounds.0.units": 2_100})) == {"first"}
    assert changed_rounds(before, changed(VOUCHER, {"obtaining.unit_price_yen": 9_000})) == {"first"}
    assert changed_rounds(before, changed(VOUCHER, {"name.ja": "別の名"})) == frozenset()
    assert changed_rounds(before, DOCUMENTS[POINT]) == frozenset()


# --- which conditions leave in every shop ----------------------------------------------------------------------------


@pytest.mark.parametrize(("narrow", "wide", "answer"), [
    (SMALL, All(()), True), (All(()), SMALL, False), (SMALL, Either((SMALL, ROOMY)), True),
    (Not(LARGE), Either((SMALL, Compare("size_class", Operator.EQUAL, "street"))), True),
    (Not(SMALL), LARGE, False), (ROOMY, Compare("floor_area", Operator.AT_LEAST, 1_001), True),
    (ROOMY, Compare("floor_area", Operator.AT_LEAST, 1_002), False), (SMALL, SMALL, True),
    (SMALL, All((SMALL, Compare("street", Operator.EQUAL, True))), False),
    (Compare("area", Operator.IN, ("中町", "港")), Compare("area", Operator.IN, ("港", "中町", "山手")), True),
    (Compare("area", Operator.UNEQUAL, "港"), Compare("area", Operator.EQUAL, "中町"), False),
])  # fmt: skip
def test_whether_one_condition_admits_all_that_another_does(narrow: Predicate, wide: Predicate, answer: object) -> None:
    assert covers(wide, narrow) is answer


COMPARED = st.one_of(
    st.builds(Compare, st.just("size_class"), st.sampled_from([Operator.EQUAL, Operator.UNEQUAL]),
              st.sampled_from(["small", "large", "street"])),
    st.builds(Compare, st.just("area"), st.sampled_from([Operator.EQUAL, Operator.UNEQUAL]),
              st.sampled_from(["中町", "港"])),
    st.builds(Compare, st.just("floor_area"), st.sampled_from([Operator.LESS, Operator.AT_LEAST, Operator.EQUAL]),
              st.sampled_from([999, 1_000, 1_001])),
    st.builds(Compare, st.just("street"), st.just(Operator.EQUAL), st.booleans()),
)  # fmt: skip
CONDITIONS = st.recursive(
    COMPARED,
    lambda parts: st.one_of(
        st.builds(Not, parts), st.builds(All, st.lists(parts, min_size=1, max_size=3).map(tuple)),
        st.builds(Either, st.lists(parts, min_size=1, max_size=3).map(tuple)),
    ), max_leaves=5,
)  # fmt: skip


@settings(max_examples=300, deadline=None)
@given(CONDITIONS, CONDITIONS, SEEDS)
def test_where_all_are_admitted_no_shop_is_lost(narrow: Predicate, wide: Predicate, seed: int) -> None:
    old, new = parse(narrow, SHOPS), parse(wide, SHOPS)
    if covers(wide, narrow):
        assert all(holds(new, shop) for shop in some_shops(random.Random(seed)) * 3 if holds(old, shop))
    assert covers(Either((wide, narrow)), narrow)


def test_conditions_that_tell_too_many_kinds_apart_are_not_guessed_at() -> None:
    areas = [Compare("area", Operator.IN, tuple(f"{one}{two}" for two in range(20))) for one in range(20)]
    sizes = [Compare("floor_area", Operator.IN, tuple(range(100, 400, 4)))]
    assert covers(Either((*areas, *sizes, LARGE)), All((*areas, *sizes, LARGE))) is False


def test_the_start_is_named_in_the_words_of_japan() -> None:
    after = changed(POINT, {"expiry.last_day": date(2026, 5, 31), "spending.window.last_day": date(2026, 5, 31)})
    start = datetime(2026, 4, 30, 15, tzinfo=UTC)
    (found,) = takings_at(DOCUMENTS[POINT], after, standing=Standing(), start=start)
    assert "施行(2026-05-01)" in found.sentence("ja")
    assert "2026-03-31" in found.sentence("en")
