"""What each shipped document can cost and will probably cost, and that the sums in words come to the amounts."""

from __future__ import annotations

import re
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from meguri.programmes.forecasting import NOTHING, Expectation, Forecast, Group, forecast
from meguri.programmes.parts import GrantByPayment, Sale
from meguri.programmes.preview import Preview, preview
from meguri.programmes.shipped import templates
from meguri.programmes.terms import ProgrammeTerms, from_tree, to_tree
from meguri.programmes.vocabularies import DECLARED
from meguri.words.predicate import Facts
from tests.programmes.builders import BENEFIT, POINT, VOUCHER, changed, put

PERSON: Facts = {
    "resident": True, "age": 40, "birth_date": None, "ward": "中町", "tax_class": "income", "moved_in": None,
    "resident_days": 5_000, "household_size": 2, "household_exempt": False, "children": 0,
}  # fmt: skip
SHOP: Facts = {"trade": "58", "area": "中町", "size_class": "small", "floor_area": 40, "street": True,
               "head_office": True}  # fmt: skip
FAR_SHOP: Facts = {**SHOP, "size_class": "large", "floor_area": 4_000, "street": False, "head_office": False}
TOWN = [Group({**PERSON, "age": age}, people) for age, people in ((0, 100), (10, 900), (40, 4_000), (70, 1_000))]


def foreseen(terms: ProgrammeTerms, people: list[Group] = TOWN, **expectation: int) -> Forecast:
    return forecast(terms, people, vocabularies=DECLARED, expectation=Expectation(**expectation))


def looked(terms: ProgrammeTerms, people: list[Group] = TOWN, **expectation: int) -> Preview:
    return preview(terms, residents=people, shops=[SHOP, FAR_SHOP], vocabularies=DECLARED,
                   expectation=Expectation(**expectation))


MOST: dict[str, dict[str, int]] = {
    "nagoya-2025": {"premium": 6_000_000, "buyers": 20_000_000},
    "ebina-2023": {"premium": 2_500_000, "buyers": 5_500_000},
    "nagasaki-2023": {"premium": 3_000_000, "buyers": 10_000_000},
    "katsuyama-2026": {"premium": 40_000_000},
    "setagaya-2024": {"premium": 3_000_000},
    "green-and-health-points": {"town": 2_100_000, "sponsor": 900_000},
    "child-rearing-benefit": {"benefit": 14_000_000, "bonus": 2_500_000},
}
"""What the documents can draw from each fund in this town of 6,000, reckoned by hand."""


@pytest.mark.parametrize("name", MOST)
def test_the_most_that_a_document_can_cost(name: str) -> None:
    seen = {fund.fund: fund.most_yen for fund in looked(templates()[name]).funds}
    assert seen == MOST[name]


@pytest.mark.parametrize("name", templates())
def test_every_fund_and_line_of_every_document_says_its_sum(name: str) -> None:
    seen = looked(templates()[name])
    assert len(seen.funds) == len(templates()[name].funds)
    for fund in seen.funds:
        assert 0 <= fund.expected_yen <= fund.most_yen
        assert fund.most_how != NOTHING
        for how in (fund.most_how, fund.expected_how):
            assert how.ja
            assert how.en
            assert "{" not in how.ja + how.en
    assert sum(line.most_yen for line in seen.lines) == sum(fund.most_yen for fund in seen.funds)
    assert sum(line.expected_yen for line in seen.lines) == sum(fund.expected_yen for fund in seen.funds)
    assert seen.assumptions


@pytest.mark.parametrize("name", templates())
def test_what_the_buyers_pay_is_revenue_and_nothing_else_is(name: str) -> None:
    terms = templates()[name]
    buyers = {fund.name.ja for fund in terms.funds if fund.funder == "buyers"}
    revenue = [line for line in looked(terms).lines if line.is_revenue]
    assert len(revenue) == len(buyers)
    if isinstance(terms.obtaining, Sale) and terms.scheme.budgeted_gross:
        assert all("総計予算主義" in line.how.ja for line in revenue)


def test_only_documents_with_a_first_come_round_have_a_rush() -> None:
    rushing = {name for name, terms in templates().items() if "sale_start" in {f.code for f in looked(terms).figures}}
    first_come = {
        name for name, terms in templates().items()
        if isinstance(terms.obtaining, Sale) and any(each.allocation == "first_come" for each in terms.obtaining.rounds)
    }  # fmt: skip
    assert rushing == first_come
    assert "nagasaki-2023" in rushing


def test_takers_are_the_eligible_times_the_share() -> None:
    (takers, *_) = foreseen(templates()[VOUCHER], uptake_bp=1_234).figures
    assert (takers.code, takers.value, takers.unit) == ("takers", 740, "people")
    assert takers.how.ja == "対象 6,000人 × 参加する割合 12.34%"
    assert takers.how.en == "6,000 eligible × 12.34% who take part"


def test_bundles_are_asked_for_one_by_one() -> None:
    """Whoever comes to Ebina may buy two common books and two for small shops."""
    wanted = looked(templates()["ebina-2023"], uptake_bp=10_000, units_each=9).figure("wanted")
    assert wanted.value == 6_000 * 4
    assert "6,000人 × 4口" in wanted.how.ja


def test_a_reward_s_ceiling_is_months_times_yen() -> None:
    terms = templates()["setagaya-2024"]
    assert isinstance(terms.obtaining, GrantByPayment)
    seen = looked(terms)
    assert seen.figure("ceiling_each").value == 20_000
    assert seen.figure("ceiling_each").how.ja == "10,000円 × 2か月"
    assert seen.figure("ceiling_each").how.en == "10,000 yen × 2 months"


def test_nobody_in_a_row_is_said_so() -> None:
    seen = looked(templates()[BENEFIT], [Group({**PERSON, "age": 40}, 7)])
    assert seen.figure("benefit").how.ja == "当てはまる人がいない"
    assert seen.figure("benefit").how.en == "nobody fits a row"


def test_daily_limits_count_days() -> None:
    daily = changed(POINT, {"obtaining.limits": [{"per": "day", "yen": 2}]})
    assert looked(daily).figure("ceiling_each").how.ja == "2円 × 334日"


def test_shops_that_a_purse_leaves_out_are_counted() -> None:
    reach = {each.purse: (each.accepting, each.shops) for each in looked(templates()["ebina-2023"]).purses}
    assert reach == {"small-premium": (1, 2), "small": (1, 2), "common-premium": (2, 2), "common": (2, 2)}


AMOUNTS = re.compile(r"([\d,]+)[口人] × ([\d,]+)円")


def total(words: str) -> int:
    """The sum that words of the form 2,000口 × 3,000円 + … come to."""
    return sum(int(one.replace(",", "")) * int(other.replace(",", "")) for one, other in AMOUNTS.findall(words))


@given(
    units=st.integers(1, 10**6), premium=st.integers(1, 10**5), price=st.integers(1, 10**5),
    people=st.integers(0, 10**6), uptake=st.integers(0, 10_000),
)
@settings(deadline=None)
def test_whatever_a_sale_says_its_words_come_to_its_amount(
    units: int, premium: int, price: int, people: int, uptake: int
) -> None:
    changes: dict[str, Any] = {
        "obtaining.rounds.0.units": units, "obtaining.unit_price_yen": price, "obtaining.face.0.yen": price,
        "obtaining.face.1.yen": premium,
    }  # fmt: skip
    tree = to_tree(templates()[VOUCHER])
    for path, value in changes.items():
        put(tree, path, value)
    seen = looked(from_tree(tree), [Group(PERSON, people)], uptake_bp=uptake)
    for fund in seen.funds:
        assert total(fund.most_how.ja) == fund.most_yen
        assert fund.expected_yen <= fund.most_yen
    assert seen.figure("peak_outstanding").value == units * (premium + price)
    assert seen.figure("sold").value <= min(units, seen.figure("wanted").value)


@given(st.lists(st.tuples(st.integers(0, 17), st.integers(1, 10**5)), max_size=6), st.integers(0, 10_000))
@settings(max_examples=40, deadline=None)
def test_whatever_a_benefit_says_its_words_come_to_its_amount(people: list[tuple[int, int]], share: int) -> None:
    groups = [Group({**PERSON, "age": age}, count) for age, count in people]
    seen = {fund.fund: fund for fund in looked(templates()[BENEFIT], groups, local_money_bp=share).funds}
    assert total(seen["benefit"].most_how.ja) == seen["benefit"].most_yen
    children = sum(count for _, count in people)
    assert seen["bonus"].most_yen == children * 2_500
    assert seen["bonus"].expected_yen == children * share // 10_000 * 2_500
