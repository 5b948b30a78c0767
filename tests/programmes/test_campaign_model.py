"""The decision and the trial against a reckoning of our own: any document, any payments."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from meguri.programmes.campaign_terms import GrantByCampaign
from meguri.programmes.campaign_trial import as_live, tried_on
from meguri.programmes.campaigns import Bought, LiveCampaign, Person, candidates, decide, payment_facts
from meguri.programmes.terms import ProgrammeTerms
from meguri.programmes.validation import validate
from meguri.programmes.vocabularies import DECLARED
from tests.programmes.campaign_reckoning import Bill, Ledger, Written, bills, documents, promised, tree_of
from tests.programmes.campaigning import LAST, campaigns

SHOPS = {"small": UUID(int=101), "large": UUID(int=102)}
HALF_PAST = datetime(2025, 11, 10, 0, 30, tzinfo=UTC)
"""A Monday, half past nine in Japan."""


def terms_of(written: list[Written], **said: Any) -> ProgrammeTerms:
    return campaigns(*(tree_of(each) for each in written), **said)


def in_their_days(terms: ProgrammeTerms) -> list[LiveCampaign]:
    """As `as_live`, but each within its own window."""
    assert isinstance(terms.obtaining, GrantByCampaign)
    return [replace(live, terms=own) for live, own in zip(as_live(terms), terms.obtaining.campaigns, strict=True)]


def bought(bill: Bill) -> Bought:
    facts = {
        "shop": bill.shop, "size_class": bill.shop, "trade": "58", "area": "minato", "floor_area": 80, "street": False,
        "head_office": True, **payment_facts(amount_yen=bill.yen, at=bill.at, channel="merchant_code"),
    }  # fmt: skip
    return Bought(UUID(int=bill.who), SHOPS[bill.shop], bill.at, bill.yen, bill.paid, facts)


def person(bill: Bill) -> Person:
    return Person({} if bill.age is None else {"age": bill.age}, UUID(int=1_000 + bill.household))


def wishes(live: list[LiveCampaign], bill: Bill) -> dict[str, int]:
    one = bought(bill)
    open_now = candidates(live, one.facts, at=one.at)
    return {wish.campaign.code: wish.yen for wish in decide(open_now, one, person=person(bill)).wishes}


@settings(max_examples=80, deadline=None)
@given(written=documents(), some=st.lists(bills(), min_size=1, max_size=6))
def test_the_decision_is_what_plain_reckoning_says(written: list[Written], some: list[Bill]) -> None:
    live = in_their_days(terms_of(written))
    for bill in some:
        assert wishes(live, bill) == promised(written, bill), bill


@settings(max_examples=60, deadline=None)
@given(written=documents(), some=st.lists(bills(), max_size=12), fund=st.integers(1, 1_000),
       above=st.lists(st.tuples(st.sampled_from(["day", "month", "programme"]), st.integers(1, 200)), max_size=2,
                      unique_by=lambda limit: limit[0]))  # fmt: skip
def test_the_trial_counts_as_plain_reckoning_counts(
    written: list[Written], some: list[Bill], fund: int, above: list[tuple[str, int]]
) -> None:
    """People are judged by the same day whatever they pay: here each has one age."""
    ages = {bill.who: bill.age for bill in reversed(some)}
    some = [replace(bill, age=ages[bill.who], household=bill.who % 2) for bill in some]
    terms = terms_of(
        written, limits=[{"per": per, "yen": yen} for per, yen in above], changes={"funds.0.amount_yen": fund}
    )
    ledger = Ledger(written, above=above, fund=fund)
    came = [ledger.pay(bill, always_open=True) for bill in some]
    people = {UUID(int=bill.who): person(bill) for bill in some}
    tried = tried_on(terms, [bought(bill) for bill in some], people=people)
    assert {each.code: each.yen for each in tried.campaigns} == {each.code: ledger.given[each.code] for each in written}
    assert tried.yen == sum(tried.funds.values()) == sum(sum(each.values()) for each in came)
    assert tried.payments == sum(any(each.values()) for each in came)
    assert tried.cut_yen == sum(sum(promised(written, bill, always_open=True).values()) for bill in some) - tried.yen
    assert {each.code: each.payments for each in tried.campaigns} == {
        one.code: sum(each.get(one.code, 0) > 0 for each in came) for one in written
    }


@settings(max_examples=25, deadline=None)
@given(written=documents())
def test_whatever_the_strategies_write_is_sound(written: list[Written]) -> None:
    """Else the tests above would prove something about documents that nobody can launch."""
    found = [each for each in validate(terms_of(written), DECLARED) if each.is_error]
    assert [each.code for each in found] == []


# --- edges by hand: the model could be wrong in the same way ----------------------------------------------------------


def only(one: Written, bill: Bill) -> int | None:
    return wishes(in_their_days(terms_of([one])), bill).get(one.code)


RATE = ((1, None, "rate_bp", 700),)


@pytest.mark.parametrize(("yen", "came"), [
    (1, None), (14, None), (15, 1), (28, 1), (29, 2), (999, 69), (1_000, 70), (10_000_000, 700_000),
])  # fmt: skip
def test_a_rate_is_rounded_down(yen: int, came: int | None) -> None:
    assert only(Written("c", RATE), Bill(1, "small", HALF_PAST, yen, yen)) == came


def test_one_yen_whole_rates_and_a_cap_at_the_edge() -> None:
    whole = Written("c", ((1, None, "rate_bp", 10_000),))
    assert only(whole, Bill(1, "small", HALF_PAST, 1, 1)) == 1
    assert only(whole, Bill(1, "small", HALF_PAST, 1, 0)) is None, "paid with points only"
    at_the_cap = replace(whole, most=1_000)
    came = [only(at_the_cap, Bill(1, "small", HALF_PAST, yen, yen)) for yen in (999, 1_000, 1_001)]
    assert came == [999, 1_000, 1_000]
    one_yen = Written("c", ((1, 2, "yen", 1),))
    assert [only(one_yen, Bill(1, "small", HALF_PAST, yen, yen)) for yen in (1, 2)] == [1, None]


def test_bands_meet_without_a_gap_and_a_gap_gives_nothing() -> None:
    meeting = Written("c", ((100, 200, "yen", 1), (200, 300, "yen", 2), (400, None, "yen", 4)))
    came = [only(meeting, Bill(1, "small", HALF_PAST, yen, yen)) for yen in (99, 100, 199, 200, 299, 300, 399, 400)]
    assert came == [None, 1, 1, 2, 2, None, None, 4]


def test_a_band_asks_for_what_counts_and_a_condition_for_the_whole_amount() -> None:
    mixed = Bill(1, "small", HALF_PAST, 1_000, 400)
    assert only(Written("c", ((500, None, "yen", 5),)), mixed) is None
    assert only(Written("c", ((500, None, "yen", 5),), counted_all=True), mixed) == 5
    assert only(Written("c", ((400, None, "yen", 5),), least=1_000), mixed) == 5


@pytest.mark.parametrize(("at", "came"), [
    (datetime(2025, 11, 9, 14, 59, 59, 999_999, tzinfo=UTC), None),
    (datetime(2025, 11, 9, 15, 0, tzinfo=UTC), 70),
    (datetime(2025, 11, 10, 14, 59, 59, tzinfo=UTC), 70),
    (datetime(2025, 11, 10, 15, 0, tzinfo=UTC), None),
])  # fmt: skip
def test_monday_is_mondays_in_japan(at: datetime, came: int | None) -> None:
    assert only(Written("c", RATE, weekdays=("mon",)), Bill(1, "small", at, 1_000, 1_000)) == came


@pytest.mark.parametrize(("at", "came"), [
    (datetime(2025, 11, 10, 23, 59, 59, tzinfo=UTC), None),
    (datetime(2025, 11, 11, 0, 0, tzinfo=UTC), 70),
    (datetime(2025, 11, 11, 1, 59, 59, tzinfo=UTC), 70),
    (datetime(2025, 11, 11, 2, 0, tzinfo=UTC), None),
])  # fmt: skip
def test_nine_to_eleven_is_by_the_clock_of_japan(at: datetime, came: int | None) -> None:
    assert only(Written("c", RATE, hours=(9, 11)), Bill(1, "small", at, 1_000, 1_000)) == came


def test_the_last_day_of_january_ends_at_midnight_in_japan() -> None:
    one = Written("c", RATE, first=date(2026, 1, 31), last=LAST)
    moments = [datetime(2026, 1, 30, 14, 59, tzinfo=UTC), datetime(2026, 1, 30, 15, 0, tzinfo=UTC),
               datetime(2026, 1, 31, 14, 59, tzinfo=UTC), datetime(2026, 1, 31, 15, 0, tzinfo=UTC)]  # fmt: skip
    assert [only(one, Bill(1, "small", at, 1_000, 1_000)) for at in moments] == [None, 70, 70, None]


STACKS, ALONE = Written("stacks", RATE), Written("alone", RATE, exclusive=True)


@pytest.mark.parametrize(("order", "came"), [
    ([STACKS, ALONE], ["stacks", "alone"]),
    ([ALONE, STACKS], ["alone"]),
    ([replace(ALONE, least=5_000), STACKS], ["stacks"]),
    ([replace(ALONE, bands=((2_000, None, "yen", 9),)), STACKS], ["stacks"]),
    ([replace(ALONE, older=65), STACKS], ["stacks"]),
    ([replace(ALONE, bands=((1, None, "rate_bp", 1),)), STACKS], ["stacks"]),
    ([ALONE, replace(ALONE, code="second"), STACKS], ["alone"]),
])  # fmt: skip
def test_exclusive_before_and_behind_the_others(order: list[Written], came: list[str]) -> None:
    bill = Bill(1, "small", HALF_PAST, 1_000, 1_000)
    assert list(wishes(in_their_days(terms_of(order)), bill)) == came
