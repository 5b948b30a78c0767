"""What a payment earns: the decision, the document's checks, its sentences, and the trial by the same decision."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from meguri.programmes import findings
from meguri.programmes.amendments import Standing
from meguri.programmes.campaign_trial import as_live, tried_on
from meguri.programmes.campaigns import (
    Bought,
    Person,
    candidates,
    decide,
    left_after,
    payment_facts,
    stop_words,
)
from meguri.programmes.promises import takings
from meguri.programmes.shipped import templates
from meguri.programmes.terms import ProgrammeTerms, digest, read_terms, write_terms
from meguri.programmes.texts import TextKind, draft
from meguri.programmes.validation import validate
from meguri.programmes.vocabularies import CAMPAIGNS, DECLARED, PAYMENTS
from meguri.words import predicate
from tests.programmes.campaigning import FIRST, campaign, campaigns, compare

MONDAY_NINE = datetime(2025, 11, 10, 0, 0, tzinfo=UTC)
SHOP: dict[str, Any] = {
    "shop": "0001", "trade": "58", "area": "中町", "size_class": "small", "floor_area": 80, "street": False,
    "head_office": True,
}  # fmt: skip
RESIDENT: dict[str, Any] = {
    "resident": True, "age": 40, "birth_date": datetime(1985, 1, 1, tzinfo=UTC).date(), "ward": "minato",
    "tax_class": "income", "moved_in": datetime(2000, 1, 1, tzinfo=UTC).date(), "resident_days": 9_000,
    "household_size": 3, "household_exempt": False, "children": 1, "works_in_town": False, "studies_in_town": False,
}  # fmt: skip
AT_HOME = Person(RESIDENT, UUID(int=7))


def bought(yen: int = 1_000, *, paid: int | None = None, at: datetime = MONDAY_NINE, **shop: Any) -> Bought:
    facts = {**SHOP, **shop, **payment_facts(amount_yen=yen, at=at, channel="merchant_code")}
    return Bought(UUID(int=1), UUID(int=2), at, yen, yen if paid is None else paid, facts)


def earned(terms: ProgrammeTerms, one: Bought, person: Person = AT_HOME) -> dict[str, int]:
    live = candidates(as_live(terms), one.facts, at=one.at)
    return {wish.campaign.code: wish.yen for wish in decide(live, one, person=person).wishes}


def codes(terms: ProgrammeTerms) -> set[str]:
    return {finding.code for finding in validate(terms, DECLARED)}


# --- the decision ----------------------------------------------------------------------------------------------------


def test_a_rate_is_rounded_down_and_bounded_for_one_payment() -> None:
    terms = campaigns(campaign("five", most_yen=60))
    assert earned(terms, bought(999)) == {"five": 49}
    assert earned(terms, bought(1_300)) == {"five": 60}
    assert earned(terms, bought(19)) == {}, "less than a yen is nothing"


def test_bands_decide_by_the_amount_that_counts() -> None:
    bands = [{"from_yen": 500, "below_yen": 1_000, "yen": 10}, {"from_yen": 1_000, "rate_bp": 1_000}]
    terms = campaigns(campaign("banded", bands=bands))
    assert [earned(terms, bought(yen)).get("banded") for yen in (499, 500, 999, 1_000, 2_345)] == [
        None, 10, 10, 100, 234,
    ]  # fmt: skip
    assert earned(terms, bought(2_000, paid=600)) == {"banded": 10}, "points do not earn points"
    everything = campaigns(campaign("banded", bands=bands, counted="all"))
    assert earned(everything, bought(2_000, paid=0)) == {"banded": 200}


def test_all_that_stack_give_and_an_exclusive_one_that_gives_ends_the_list() -> None:
    one, two, three = campaign("one"), campaign("two", stacking="exclusive"), campaign("three")
    assert earned(campaigns(one, two, three), bought()) == {"one": 50, "two": 50}
    assert earned(campaigns(three, one, two), bought()) == {"three": 50, "one": 50, "two": 50}
    silent = campaign("two", stacking="exclusive", when=compare("amount", 5_000, ">="))
    assert earned(campaigns(one, silent, three), bought()) == {"one": 50, "three": 50}, "it does not apply"


def test_other_programmes_have_lists_of_their_own() -> None:
    mine, yours = as_live(campaigns(campaign("mine", stacking="exclusive"))), as_live(campaigns(campaign("yours")))
    other = tuple(replace(each, programme=uuid4()) for each in yours)
    found = decide([*mine, *other], bought(), person=AT_HOME)
    assert [wish.campaign.code for wish in found.wishes] == ["mine", "yours"]


@pytest.mark.parametrize(("when", "one", "applies"), [
    (compare("weekday", ["mon", "tue"], "in"), bought(), True),
    (compare("weekday", ["sat", "sun"], "in"), bought(), False),
    (compare("hour", 9), bought(), True),
    (compare("hour", 9, "<"), bought(), False),
    (compare("month_day", [10, 20], "in"), bought(), True),
    (compare("amount", 1_000, ">="), bought(999), False),
    (compare("shop", ["0001", "0002"], "in"), bought(), True),
    (compare("shop", ["0001", "0002"], "in"), bought(shop="0003"), False),
    ({"kind": "not", "of": compare("shop", "0001")}, bought(), False),
    (compare("size_class", "large"), bought(), False),
    (compare("area", "中町"), bought(), True),
    (compare("age", 65, ">="), bought(), False),
    (compare("children", 1, ">="), bought(), True),
    (compare("channel", "holder_code"), bought(), False),
])  # fmt: skip
def test_conditions_speak_of_payment_shop_and_person(when: dict[str, Any], one: Bought, applies: object) -> None:
    assert bool(earned(campaigns(campaign("if", when=when)), one)) is applies


def test_a_fact_that_nobody_knows_means_no_and_is_named() -> None:
    terms = campaigns(campaign("young", when=compare("age", 30, "<=")), campaign("all"))
    decision = decide(as_live(terms), bought(), person=Person({}))
    assert [wish.campaign.code for wish in decision.wishes] == ["all"]
    (unknown,) = decision.unknown
    assert (unknown.campaign.code, [each.name for each in unknown.fields]) == ("young", ["age"])
    households = campaigns(campaign("home", limits=[{"of": "household", "per": "day", "yen": 100}]))
    assert decide(as_live(households), bought(), person=Person({})).unknown
    assert decide(as_live(households), bought(), person=AT_HOME).wishes


def test_what_shop_and_payment_say_sorts_out_before_anybody_is_asked() -> None:
    here, there = compare("shop", "0001"), compare("shop", "0009")
    young = {"kind": "all", "of": [there, compare("age", 30, "<=")]}
    either = {"kind": "any", "of": [there, compare("age", 30, "<=")]}
    live = as_live(campaigns(campaign("a", when=here), campaign("b", when=young), campaign("c", when=either)))
    assert [each.code for each in candidates(live, bought().facts, at=MONDAY_NINE)] == ["a", "c"]
    assert [each.asks_people for each in live] == [False, True, True]


@given(facts=st.fixed_dictionaries({}, optional={
    "amount": st.integers(1, 3), "hour": st.integers(0, 2), "age": st.integers(0, 2)}))  # fmt: skip
def test_nothing_is_ruled_out_that_could_still_hold(facts: dict[str, int]) -> None:
    tree = {"kind": "any", "of": [
        {"kind": "all", "of": [compare("amount", 2), {"kind": "not", "of": compare("hour", 1)}]},
        {"kind": "all", "of": [compare("age", 1, ">="), compare("hour", 2)]},
    ]}  # fmt: skip
    rule = predicate.parse(tree, CAMPAIGNS)
    whole = [
        {"amount": a, "hour": h, "age": g} | facts for a in (1, 2, 3) for h in (0, 1, 2) for g in (0, 1, 2)
    ]  # fmt: skip
    assert predicate.is_ruled_out(rule, facts) is not any(predicate.holds(rule, each) for each in whole)


def test_outside_its_days_a_campaign_gives_nothing() -> None:
    (live,) = as_live(campaigns(campaign("five")))
    shut = replace(live, terms=campaigns(campaign("five")).obtaining.campaigns[0])  # type: ignore[union-attr]
    before = bought(at=datetime(2025, 9, 30, 14, 59, tzinfo=UTC))
    first = bought(at=datetime(2025, 9, 30, 15, 0, tzinfo=UTC))
    after = bought(at=datetime(2026, 1, 31, 15, 0, tzinfo=UTC))
    assert [bool(candidates([shut], each.facts, at=each.at)) for each in (before, first, after)] == [False, True, False]


@given(granted=st.integers(0, 10**6), amount=st.integers(1, 10**6), data=st.data())
def test_points_follow_a_refund_in_proportion(granted: int, amount: int, data: st.DataObject) -> None:
    parts = sorted(data.draw(st.lists(st.integers(0, amount), max_size=5)))
    kept = [left_after(granted, amount_yen=amount, refunded_yen=part) for part in parts]
    assert kept == sorted(kept, reverse=True)
    assert left_after(granted, amount_yen=amount, refunded_yen=0) == granted
    assert left_after(granted, amount_yen=amount, refunded_yen=amount) == 0


def test_what_stopped_it_is_said_in_both_languages() -> None:
    (live,) = as_live(campaigns(campaign("five")))
    assert "予算" in stop_words(live.name, None).ja
    assert "budget" in stop_words(live.name, None).en


# --- the document ----------------------------------------------------------------------------------------------------


def test_the_example_is_sound_and_goes_round() -> None:
    terms = templates()["shopping-campaigns"]
    assert [finding.code for finding in validate(terms, DECLARED) if finding.is_error] == []
    assert digest(read_terms(write_terms(terms))) == digest(terms)
    assert digest(read_terms(write_terms(terms, "json"), "json")) == digest(terms)


ODD: list[tuple[dict[str, Any], str]] = [
    ({"bands": [{"rate_bp": 10_001}]}, "campaign_rate_above_whole"),
    ({"bands": [{"yen": 100}]}, "campaign_yen_above_payment"),
    ({"bands": [{"rate_bp": 100, "yen": 1}]}, "campaign_band_unclear"),
    ({"bands": [{}]}, "campaign_band_unclear"),
    ({"bands": []}, "campaign_without_bands"),
    ({"bands": [{"from_yen": 1, "below_yen": 600, "rate_bp": 1}, {"from_yen": 599, "rate_bp": 2}]},
     "campaign_bands_overlap"),
    ({"bands": [{"rate_bp": 1}, {"from_yen": 500, "rate_bp": 2}]}, "campaign_bands_overlap"),
    ({"bands": [{"from_yen": 500, "below_yen": 500, "rate_bp": 2}]}, "campaign_band_empty"),
    ({"window": {"first_day": "2025-09-30", "last_day": "2025-10-31"}}, "campaign_outside_window"),
    ({"limits": [{"per": "day", "yen": 100}, {"per": "day", "yen": 70}]}, "campaign_limit_twice"),
    ({"when": compare("shoe_size", 27)}, "condition_unreadable"),
    ({"when": compare("weekday", "someday")}, "condition_unreadable"),
    ({"purse": "nowhere"}, "unknown_code"),
    ({"funded_by": "nobody"}, "unknown_code"),
]


@pytest.mark.parametrize(("said", "code"), ODD)
def test_what_cannot_be_is_said_at_its_place(said: dict[str, Any], code: str) -> None:
    changes = {}
    if isinstance(window := said.get("window"), dict):
        window = {name: datetime.fromisoformat(day).date() for name, day in window.items()}  # type: ignore[arg-type]
        changes = {"window": window}
    found = [each for each in validate(campaigns(campaign("odd", **(said | changes))), DECLARED) if each.code == code]
    assert found
    assert found[0].path.startswith("obtaining.campaigns")
    assert found[0].sentence("ja") != found[0].sentence("en")


def test_every_kind_of_finding_about_campaigns_has_a_case() -> None:
    cased = {case[1] for case in ODD} | {
        "campaigns_missing", "campaigns_too_many", "campaign_paid_purse", "campaign_never_asked",
        "campaign_without_ceiling",
    }  # fmt: skip
    assert {kind.code for kind in findings.catalogue() if kind.code.startswith("campaign")} <= cased


def test_what_concerns_the_whole_list_is_said_too() -> None:
    assert "campaigns_too_many" in codes(campaigns(*(campaign(f"c{number}") for number in range(201))))
    assert "campaign_paid_purse" in codes(campaigns(campaign("one"), changes={"purses.0.part": "paid"}))


def test_a_document_without_campaigns_or_with_one_code_twice_is_refused() -> None:
    assert "campaigns_missing" in codes(campaigns())
    assert "code_twice" in codes(campaigns(campaign("same"), campaign("same")))


def test_what_nobody_may_mean_is_pointed_out() -> None:
    hidden = campaigns(campaign("first", stacking="exclusive", bands=[{"yen": 1}]), campaign("second"))
    assert {"campaign_never_asked", "campaign_without_ceiling"} <= codes(hidden)
    bounded = campaigns(campaign("one", limits=[{"per": "day", "yen": 100}]))
    assert "campaign_without_ceiling" not in codes(bounded)


def test_an_amendment_may_add_and_prolong_but_not_take() -> None:

    before = campaigns(campaign("one"), campaign("two"))
    last = {"first_day": FIRST, "last_day": FIRST + timedelta(days=30)}
    for after, codes_wanted in (
        (campaigns(campaign("one"), campaign("two"), campaign("three", stacking="exclusive")), set()),
        (campaigns(campaign("one")), {"still_needed"}),
        (campaigns(campaign("two"), campaign("one")), {"stands_as_launched"}),
        (campaigns(campaign("new", stacking="exclusive"), campaign("one"), campaign("two")), {"stands_as_launched"}),
        (campaigns(campaign("one", bands=[{"rate_bp": 400}]), campaign("two")), {"stands_as_launched"}),
        (campaigns(campaign("one", window=last), campaign("two")), {"ends_earlier"}),
    ):
        assert {each.code for each in takings(before, after, standing=Standing())} == codes_wanted


def test_people_and_the_ordinance_are_told_what_it_gives_and_when() -> None:
    texts = [draft(templates()["shopping-campaigns"], kind) for kind in TextKind]
    japanese = "".join(sentence.plain("ja") for text in texts for sentence in text.sentences())
    english = " ".join(sentence.plain("en") for text in texts for sentence in text.sentences())
    for said in ("朝の商店街5%", "支払1回につき200円まで", "1人1日300円", "1世帯1日150円", "割合に応じて付与を取"):
        assert said in japanese
    for said in ("Mornings in small shops", "300 yen a person a day", "taken back in proportion"):
        assert said in english


def test_every_declared_fact_of_a_payment_is_filled_in() -> None:
    filled = {*payment_facts(amount_yen=1, at=MONDAY_NINE, channel="holder_code"), "shop"}
    assert set(PAYMENTS.names) == filled


# --- the trial -------------------------------------------------------------------------------------------------------


def test_the_trial_counts_ceilings_and_budgets_payment_by_payment() -> None:
    terms = campaigns(
        campaign("five", limits=[{"per": "day", "yen": 80}], funded_by="together"),
        campaign("one", bands=[{"rate_bp": 100}], limits=[{"of": "campaign", "per": "programme", "yen": 15}]),
        changes={"funds.0.amount_yen": 100, "funds.1.amount_yen": 1_000},
    )
    other = replace(bought(), holder=UUID(int=9))
    tried = tried_on(terms, [bought(), bought(), other, bought(10)], people={})
    by_code = {each.code: (each.payments, each.yen, each.cut_yen) for each in tried.campaigns}
    assert by_code["five"] == (3, 121, 29), "20 by the ceiling of a day, 9 as the town has 29 left"
    assert by_code["one"] == (2, 15, 15), "its own cap"
    assert sum(tried.funds.values()) == tried.yen
    assert tried.funds["town"] == 100, "its budget, to the last yen"
    assert (tried.looked_at, tried.people, tried.shops) == (4, 2, 1)


AREAS = ("中町", "山手", "浜")


@given(
    bills=st.lists(st.tuples(st.sampled_from(AREAS), st.integers(20, 5_000), st.integers(0, 2)), max_size=30),
    part=st.integers(1, 400), cap=st.integers(1, 900),
)  # fmt: skip
def test_no_area_gets_a_yen_more_than_its_part_and_none_less_than_plain_reckoning(
    bills: list[tuple[str, int, int]], part: int, cap: int
) -> None:
    terms = campaigns(campaign("five", limits=[
        {"of": "area", "per": "programme", "yen": part}, {"of": "campaign", "per": "programme", "yen": cap},
    ]))  # fmt: skip
    had = dict.fromkeys(AREAS, 0)
    for area, yen, _ in bills:
        had[area] += min(yen * 500 // 10_000, part - had[area], cap - sum(had.values()))
    walked = [replace(bought(yen, area=area), holder=UUID(int=who + 1)) for area, yen, who in bills]
    for area in AREAS:
        alone = tried_on(terms, [one for one in walked if one.facts["area"] == area], people={}).yen
        assert had[area] <= alone <= min(part, cap)
    assert tried_on(terms, walked, people={}).yen == sum(had.values()) <= cap
