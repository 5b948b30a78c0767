"""Forecasts reckoned by hand, one kind of obtaining after the other; sums over funds, caps, odds, and the budget."""

from __future__ import annotations

import re
from datetime import date
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from meguri.parties.rules import Both
from meguri.programmes.forecasting import NOTHING, Expectation, Group
from meguri.programmes.preview import UNSOURCED, Preview, preview
from meguri.programmes.shipped import templates
from meguri.programmes.terms import ProgrammeTerms, from_tree, to_tree
from meguri.programmes.validation import validate
from meguri.programmes.vocabularies import DECLARED
from meguri.words.refusal import Refusal
from tests.programmes.builders import BENEFIT, POINT, VOUCHER, changed, put

TEXT = {"ja": "県", "en": "prefecture"}
FUND = {"code": "state", "name": TEXT, "funder": "national", "fiscal_year": 2025, "source": TEXT,
        "amount_yen": 3_000_000}  # fmt: skip
LEFTOVERS = {
    "code": "rest", "name": TEXT, "units": 0, "leftovers": True, "allocation": "first_come",
    "purchase": {"first_day": date(2025, 10, 1), "last_day": date(2025, 10, 31)},
}  # fmt: skip
TOP_UP = {
    "by": "top_up", "purse": "paid", "bonus_purse": "premium", "bonus_bp": 3_000, "least_yen": 1_000, "limits": [],
    "window": {"first_day": date(2025, 10, 1), "last_day": date(2025, 10, 31)},
}  # fmt: skip


def people(count: int, age: int | None = 40) -> Group:
    return Group({"age": age, "resident": True}, count)


def ahead(terms: ProgrammeTerms, *town: Group, sources: dict[str, Both] | None = None, **guess: int) -> Preview:
    return preview(terms, residents=town, shops=[], vocabularies=DECLARED,
                   expectation=Expectation(**guess, sources=sources or {}))


def city(name: str, changes: dict[str, Any]) -> ProgrammeTerms:
    tree = to_tree(templates()[name])
    for path, value in changes.items():
        put(tree, path, value)
    return from_tree(tree)


def shared(name: str, *shares: tuple[str, int, int | None], **changes: Any) -> ProgrammeTerms:
    """A document whose granted purse two funds carry: code, share and cap of each."""
    agreement = {"code": "half", "name": TEXT, "shares": [
        {"fund": fund, "share_bp": share} | ({} if cap is None else {"cap_yen": cap}) for fund, share, cap in shares
    ]}  # fmt: skip
    funds = len(templates()[name].funds)
    return city(name, {"agreements": [agreement], f"funds.{funds}": FUND, "purses.0.funded_by": "half", **changes})


def most(seen: Preview) -> dict[str, int]:
    return {fund.fund: fund.most_yen for fund in seen.funds}


def expected(seen: Preview) -> dict[str, int]:
    return {fund.fund: fund.expected_yen for fund in seen.funds}


# --- sales -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("town", "uptake", "each", "wanted", "sold", "odds"), [
    (2_000, 10_000, 1, 2_000, 2_000, 10_000),  # exactly enough
    (2_001, 10_000, 1, 2_001, 2_000, 9_995),  # one too many: nobody is promised 100%
    (6_000, 10_000, 5, 30_000, 2_000, 666),
    (6_000, 10_000, 6, 30_000, 2_000, 666),  # more than five nobody may ask for
    (1, 9_999, 5, 0, 0, 10_000),  # a fraction of a person buys nothing
    (0, 10_000, 5, 0, 0, 10_000), (3, 10_000, 9, 15, 15, 10_000), (10**8, 10_000, 5, 5 * 10**8, 2_000, 0),
])  # fmt: skip
def test_the_odds_of_a_draw(*, town: int, uptake: int, each: int, wanted: int, sold: int, odds: int) -> None:
    seen = ahead(changed(VOUCHER, {}), people(town), uptake_bp=uptake, units_each=each)
    assert [seen.figure(code).value for code in ("wanted", "sold", "odds")] == [wanted, sold, odds]
    assert expected(seen) == {"premium": sold * 3_000, "buyers": sold * 10_000}
    assert most(seen) == {"premium": 6_000_000, "buyers": 20_000_000}


def test_two_kinds_of_books_by_hand() -> None:
    """Ebina: 1,000 × (4,000 + 1,000) and 1,000 × (1,500 + 1,500); 300 of 1,000 come, and each wants one of both."""
    seen = ahead(templates()["ebina-2023"], people(1_000), uptake_bp=3_000, units_each=1)
    assert (seen.figure("wanted").value, seen.figure("odds").value) == (600, 10_000)
    assert expected(seen) == {"premium": 750_000, "buyers": 1_650_000}
    assert seen.figure("peak_outstanding").value == 8_000_000


def test_a_sale_of_nothing_but_leftovers_owes_nothing_and_divides_by_nothing() -> None:
    seen = ahead(changed(VOUCHER, {"obtaining.rounds.0": LEFTOVERS}), people(100), uptake_bp=10_000, units_each=1)
    assert [seen.figure(code).value for code in ("wanted", "sold", "odds")] == [100, 0, 0]
    assert most(seen) == expected(seen) == {"premium": 0, "buyers": 0}
    assert {fund.most_how for fund in seen.funds} == {NOTHING}


def test_a_cap_moves_the_rest_to_the_next_funder() -> None:
    """2,000 × 3,000 yen, half each; the state stops at 1,000,000, and the town carries the other five."""
    seen = ahead(shared(VOUCHER, ("premium", 5_000, None), ("state", 5_000, 1_000_000)), people(1_000))
    assert most(seen) == {"premium": 5_000_000, "buyers": 20_000_000, "state": 1_000_000}
    assert "負担割合 50%(上限 1,000,000円)" in {fund.fund: fund for fund in seen.funds}["state"].most_how.ja
    assert sum(line.most_yen for line in seen.lines if not line.is_revenue) == 6_000_000


@given(units=st.integers(1, 10**4), premium=st.integers(1, 10**4), town=st.integers(0, 10**8),
       state=st.integers(0, 10**8), share=st.integers(1, 9_999), cap=st.none() | st.integers(0, 10**7))
@settings(deadline=None)
def test_no_sale_owes_more_than_a_budget_holds_without_a_finding(
    *, units: int, premium: int, town: int, state: int, share: int, cap: int | None
) -> None:
    """Either the launch is forbidden, or each fund can pay every unit that is on sale; and together they pay all."""
    terms = shared(
        VOUCHER, ("premium", share, None), ("state", 10_000 - share, cap),
        **{"obtaining.rounds.0.units": units, "obtaining.face.0.yen": premium, "funds.0.amount_yen": town,
           "funds.2.amount_yen": state, "obtaining.face.0.purse": "premium", "obtaining.face.1.purse": "paid",
           "obtaining.face.1.yen": 10_000},
    )  # fmt: skip
    seen = ahead(terms, people(100))
    short = {fund.fund for fund in seen.funds if fund.fund != "buyers" and fund.most_yen > fund.budget_yen}
    named = {finding.path for finding in validate(terms, DECLARED) if finding.code == "budget_too_small"}
    assert {path.split(".")[1] for path in named} == short
    assert most(seen)["premium"] + most(seen)["state"] == units * premium
    assert cap is None or most(seen)["state"] <= cap


# --- codes, points, rewards ------------------------------------------------------------------------------------------


def test_letters_by_hand() -> None:
    """Katsuyama: who is 19 to 64 gets a letter of 10,000 yen; a third of 1,001 is 333 people."""
    seen = ahead(templates()["katsuyama-2026"], people(1_000, 19), people(1, 64), people(50, 65), people(50, 18),
                 uptake_bp=3_333)
    assert (seen.eligible, seen.population) == (1_001, 1_101)
    assert (seen.figure("letters").value, seen.figure("takers").value) == (1_001, 333)
    assert (most(seen), expected(seen)) == ({"premium": 10_010_000}, {"premium": 3_330_000})
    assert seen.figure("codes_worth").value == seen.figure("peak_outstanding").value == 10_010_000


def test_letters_of_two_capped_funders_are_refused_beyond_both_caps() -> None:
    terms = shared("katsuyama-2026", ("premium", 5_000, 2_000_000), ("state", 5_000, 1_000_000))
    assert most(ahead(terms, people(300))) == {"premium": 2_000_000, "state": 1_000_000}
    with pytest.raises(Refusal) as caught:
        ahead(terms, people(301))
    assert caught.value.code == "shares_exhausted"
    assert caught.value.facts["available"] == 3_000_000


def test_a_budget_that_points_never_reach_is_not_counted() -> None:
    """A fund beside the agreement must not make its funders seem to owe more than they have."""
    beside = changed(POINT, {"funds.2": {**FUND, "amount_yen": 5_000_000}})
    seen = ahead(beside, people(4_000))
    assert most(seen) == {"town": 2_100_000, "sponsor": 900_000, "state": 0}
    assert "予算 3,000,000円" in seen.funds[0].most_how.ja
    assert seen.funds[2].most_how == NOTHING
    assert ahead(changed(POINT, {"obtaining.limits": [], "funds.2": FUND}), people(1)).figure(
        "ceiling_each").value == 3_000_000


@pytest.mark.parametrize(("first", "last", "limits", "ceiling"), [
    ("2025-04-01", "2025-04-01", [("day", 7), ("month", 9)], 7), ("2026-01-31", "2026-02-01", [("month", 9)], 18),
    ("2026-01-31", "2026-02-01", [("day", 9)], 18), ("2025-12-31", "2026-01-01", [("month", 9), ("programme", 10)], 10),
    ("2025-04-01", "2026-02-28", [("day", 30), ("programme", 10_020)], 10_020),
    ("2024-02-01", "2024-02-29", [("day", 1)], 29), ("2025-04-01", "2026-04-01", [("month", 1)], 13),
])  # fmt: skip
def test_a_ceiling_by_hand(first: str, last: str, limits: list[tuple[str, int]], ceiling: int) -> None:
    """Begun months count whole: who comes on the 31st and on the 1st earns two months' worth."""
    terms = changed(POINT, {
        "obtaining.window": {"first_day": date.fromisoformat(first), "last_day": date.fromisoformat(last)},
        "obtaining.limits": [{"per": per, "yen": yen} for per, yen in limits],
    })
    assert ahead(terms, people(1)).figure("ceiling_each").value == ceiling


@given(count=st.integers(0, 10**6), uptake=st.integers(0, 10_000), share=st.integers(1, 9_999),
       caps=st.tuples(st.none() | st.integers(0, 10**7), st.none() | st.integers(0, 10**7)),
       budget=st.integers(0, 10**7))
@settings(deadline=None)
def test_points_are_divided_without_rest_within_budget_ceilings_and_caps(
    count: int, uptake: int, share: int, caps: tuple[int | None, int | None], budget: int
) -> None:
    shares = [{"fund": fund, "share_bp": part} | ({} if cap is None else {"cap_yen": cap})
              for fund, part, cap in (("town", share, caps[0]), ("sponsor", 10_000 - share, caps[1]))]
    seen = ahead(changed(POINT, {"agreements.0.shares": shares, "funds.0.amount_yen": budget}), people(count),
                 uptake_bp=uptake)
    room = 10**12 if None in caps else sum(cap or 0 for cap in caps)
    for given_yen, takers in ((most(seen), count), (expected(seen), count * uptake // 10_000)):
        assert sum(given_yen.values()) == min(budget + 900_000, takers * 10_000, room)
        assert all(cap is None or yen <= cap for cap, yen in zip(caps, given_yen.values(), strict=True))
    assert seen.figure("peak_outstanding").value == sum(most(seen).values())


def test_a_reward_by_hand() -> None:
    """Setagaya: two months of 10,000; 60 of 120 people earn 1,200,000, all of them would empty the budget at 150."""
    terms = templates()["setagaya-2024"]
    assert most(ahead(terms, people(120))) == {"premium": 2_400_000}
    assert expected(ahead(terms, people(120))) == {"premium": 1_200_000}
    assert most(ahead(terms, people(150))) == most(ahead(terms, people(151))) == {"premium": 3_000_000}


def test_a_top_up_is_not_carried_out_and_forecasts_nothing() -> None:
    seen = ahead(changed(VOUCHER, {"obtaining": TOP_UP, "sources": []}), people(10))
    assert set(most(seen).values()) == {0}
    assert [(figure.code, figure.value) for figure in seen.figures] == [("peak_outstanding", 0)]


# --- benefits --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("town", "share", "benefit", "bonus"), [
    ([(1, 0)], 10_000, 50_000, 2_500), ([(1, 0)], 9_999, 50_000, 0), ([(1, 17), (1, 18)], 10_000, 10_000, 2_500),
    ([(3, 0), (7, 1)], 3_333, 220_000, 7_500), ([(2, None)], 10_000, 0, 0), ([], 10_000, 0, 0),
])  # fmt: skip
def test_a_benefit_by_hand(town: list[tuple[int, int | None]], share: int, benefit: int, bonus: int) -> None:
    seen = ahead(templates()[BENEFIT], *(people(*each) for each in town), local_money_bp=share)
    assert expected(seen) == {"benefit": benefit, "bonus": bonus}


def test_the_first_row_that_applies_decides() -> None:
    rows = [{"name": TEXT, "yen": yen, "when": {"kind": "compare", "field": "age", "op": "<", "value": age}}
            for yen, age in ((1, 18), (70_000, 3))]
    greedy = changed(BENEFIT, {"obtaining.amounts": rows})
    assert ahead(greedy, people(5, 0)).figure("benefit").value == 5


def test_a_fund_that_pays_benefit_and_bonus_says_both_sums() -> None:
    one = changed(BENEFIT, {"purses.0.funded_by": "benefit"})
    fund = ahead(one, people(100, 0), people(900, 10), local_money_bp=4_000).funds[0]
    assert (fund.most_yen, fund.expected_yen) == (14_000_000 + 2_500_000, 14_000_000 + 1_000_000)
    for how, yen in ((fund.most_how, fund.most_yen), (fund.expected_how, fund.expected_yen)):
        sums = re.findall(r"([\d,]+)人[^×+]* × ([\d,]+)円", how.ja)
        assert sum(int(a.replace(",", "")) * int(b.replace(",", "")) for a, b in sums) == yen, how.ja
    assert fund.most_how.en == ("100 people × 50,000 yen + 900 people × 10,000 yen + "
                                "all 1,000 people choose local money × 2,500 yen")


# --- what a preview rests on -----------------------------------------------------------------------------------------


def test_a_sourced_guess_names_its_source_and_the_others_their_lack_of_one() -> None:
    last = Both("2024年の実績", "as in 2024")
    both = ahead(templates()[VOUCHER], people(1), uptake_bp=1_700, sources={"uptake_bp": last}).assumptions
    assert [(each.code, each.value, each.unit, each.source) for each in both] == [
        ("uptake_bp", 1_700, "bp", last), ("units_each", 3, "units", UNSOURCED),
    ]


@given(st.lists(st.tuples(st.integers(0, 99) | st.none(), st.booleans(), st.integers(1, 10**6)), max_size=8))
@settings(max_examples=50, deadline=None)
def test_who_is_left_out_has_a_reason_and_nobody_else(town: list[tuple[int | None, bool, int]]) -> None:
    """Points ask for residence and 18 years: people outside are counted under each condition that they fail."""
    groups = [Group({"age": age, "resident": resident}, count) for age, resident, count in town]
    seen = ahead(templates()[POINT], *groups)
    outside = sum(count for age, resident, count in town if age is None or age < 18 or not resident)
    assert seen.population - seen.eligible == outside
    assert all(0 < left.people <= outside for left in seen.left_out)
    assert sum(left.people for left in seen.left_out) >= outside
    young = sum(count for age, _, count in town if age is not None and age < 18)
    assert sum(left.people for left in seen.left_out if "18" in left.reason.en) == young
