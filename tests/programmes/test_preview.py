"""The preview: cost to each fund, peak, who is left out, and how every number was computed."""

from __future__ import annotations

import re
from datetime import date
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from meguri.parties import operations as parties
from meguri.parties.operations import ResidentEntry
from meguri.programmes import cost, queries
from meguri.programmes.preview import Expectation, Group, Preview, preview
from meguri.programmes.shipped import shipped, templates
from meguri.programmes.terms import ProgrammeTerms
from meguri.programmes.vocabularies import DECLARED
from meguri.words.predicate import Facts
from meguri.words.refusal import Refusal
from tests.programmes.builders import BENEFIT, GONE, POINT, VOUCHER, TownHall, changed

SMALL: Facts = {"trade": "58", "area": "中町", "size_class": "small", "floor_area": 40, "street": False,
                "head_office": True}
LARGE: Facts = {**SMALL, "size_class": "large"}


def group(people: int, age: int | None, *, resident: bool = True) -> Group:
    return Group(facts={"age": age, "resident": resident}, people=people)


TOWN = [group(100, 0), group(900, 10), group(4_000, 40), group(50, 40, resident=False)]


def look(terms: ProgrammeTerms, residents: list[Group] = TOWN, **expectation: int) -> Preview:
    return preview(
        terms, residents=residents, shops=[SMALL, SMALL, LARGE], vocabularies=DECLARED,
        expectation=Expectation(**expectation),
    )


def funds(seen: Preview) -> dict[str, tuple[int, int, int]]:
    return {fund.fund: (fund.budget_yen, fund.most_yen, fund.expected_yen) for fund in seen.funds}


def test_a_sale_that_is_wanted_sells_out_and_says_the_odds() -> None:
    seen = look(shipped()[VOUCHER], uptake_bp=2_000, units_each=3)
    assert seen.eligible == 5_000
    assert seen.figure("wanted").value == 3_000
    assert seen.figure("sold").value == 2_000
    assert seen.figure("odds").value == 6_666
    assert funds(seen) == {"premium": (6_000_000, 6_000_000, 6_000_000), "buyers": (20_000_000,) * 3}
    assert seen.figure("peak_outstanding").value == 26_000_000


def test_a_sale_that_nobody_wants_costs_what_is_sold() -> None:
    seen = look(shipped()[VOUCHER], uptake_bp=200, units_each=9)
    assert seen.figure("wanted").value == 500  # nobody may ask for more than five
    assert seen.figure("odds").value == 10_000
    assert funds(seen)["premium"] == (6_000_000, 6_000_000, 1_500_000)


def test_only_first_come_has_a_rush() -> None:
    first_come = changed(VOUCHER, {
        "obtaining.rounds.0.allocation": "first_come", "obtaining.rounds.0.application": GONE,
        "obtaining.rounds.0.drawn_on": GONE,
    })
    assert look(first_come, [group(110_000, 40)], uptake_bp=5_000).figure("sale_start").value == 3_666
    with pytest.raises(KeyError):
        look(shipped()[VOUCHER]).figure("sale_start")


def test_points_cost_at_most_the_ceilings_of_all_and_at_most_the_budget() -> None:
    few = look(shipped()[POINT], [group(100, 40)], uptake_bp=5_000)
    assert few.figure("ceiling_each").value == 10_000  # eleven months of 1,000 would be more
    assert funds(few) == {"town": (2_100_000, 700_000, 350_000), "sponsor": (900_000, 300_000, 150_000)}
    many = look(shipped()[POINT])
    assert funds(many)["sponsor"] == (900_000, 900_000, 900_000)
    assert funds(many)["town"] == (2_100_000, 2_100_000, 2_100_000)


def test_a_monthly_ceiling_counts_every_month_it_touches() -> None:
    monthly = changed(POINT, {"obtaining.limits": [{"per": "month", "yen": 100}, {"per": "month", "times": 1}]})
    assert look(monthly).figure("ceiling_each").value == 1_100
    daily = changed(POINT, {"obtaining.limits": [{"per": "day", "yen": 1}]})
    assert look(daily).figure("ceiling_each").value == 334


def test_points_without_a_ceiling_can_take_the_whole_budget() -> None:
    endless = changed(POINT, {"obtaining.limits": []})
    assert funds(look(endless, [group(1, 40)]))["town"] == (2_100_000, 2_100_000, 2_100_000)


def test_points_of_capped_funders_stop_at_their_caps() -> None:
    capped = changed(POINT, {"agreements.0.shares": [
        {"fund": "town", "share_bp": 7_000, "cap_yen": 70_000},
        {"fund": "sponsor", "share_bp": 3_000, "cap_yen": 30_000},
    ]})
    assert funds(look(capped))["town"][1] == 70_000


def test_a_benefit_counts_people_by_the_first_row_that_applies() -> None:
    seen = look(shipped()[BENEFIT], local_money_bp=4_000)
    assert seen.eligible == 1_000
    assert seen.figure("entitled").value == 1_000
    assert seen.figure("benefit").value == 100 * 50_000 + 900 * 10_000
    assert funds(seen) == {
        "benefit": (8_000_000, 14_000_000, 14_000_000),  # the budget of the invented town would not do
        "bonus": (1_500_000, 2_500_000, 1_000_000),
    }


def test_a_benefit_without_a_bonus_costs_the_benefit() -> None:
    bare = changed(BENEFIT, {"obtaining.choices.1.bonus_yen": 0, "obtaining.choices.1.bonus_purse": GONE})
    assert funds(look(bare))["bonus"][1:] == (0, 0)


def test_whoever_is_left_out_is_counted_with_the_reason() -> None:
    seen = look(shipped()[POINT])
    reasons = {left.reason.en: left.people for left in seen.left_out}
    assert reasons == {"age is below 18 years": 1_000, "the person is not registered as a resident": 50}
    assert [left.people for left in seen.left_out] == [1_000, 50]
    assert "年齢" in seen.left_out[0].reason.ja
    assert seen.population == 5_050


def test_an_unknown_fact_leaves_out_and_says_so() -> None:
    seen = look(shipped()[POINT], [group(3, None), group(2, 30)])
    assert seen.eligible == 2
    assert [(left.reason.en, left.people) for left in seen.left_out] == [("age is not known", 3)]


def test_a_purse_says_in_how_many_shops_it_can_be_spent() -> None:
    assert [(each.purse, each.accepting, each.shops) for each in look(shipped()[POINT]).purses] == [("points", 2, 3)]
    assert [each.accepting for each in look(shipped()[VOUCHER]).purses] == [3, 3]


@pytest.mark.parametrize("name", [VOUCHER, POINT, BENEFIT])
def test_every_number_says_how_it_was_computed(name: str) -> None:
    for figure in look(shipped()[name]).figures:
        assert figure.how.ja
        assert figure.how.en
        assert figure.unit in {"yen", "people", "units", "per_second", "bp"}


def test_an_empty_town_costs_nothing_but_what_a_sale_promises() -> None:
    assert {fund.expected_yen for name in (VOUCHER, POINT, BENEFIT) for fund in look(shipped()[name], []).funds} == {0}
    assert look(shipped()[VOUCHER], []).funds[0].most_yen == 6_000_000


@given(st.integers(1, 2_000), st.integers(0, 10_000), st.integers(1, 5))
@settings(max_examples=50, deadline=None)
def test_more_is_never_expected_than_is_promised(people: int, uptake: int, each: int) -> None:
    for name in (VOUCHER, POINT, BENEFIT):
        seen = look(shipped()[name], [group(people, 40), group(people, 3)], uptake_bp=uptake, units_each=each)
        assert all(fund.expected_yen <= fund.most_yen for fund in seen.funds)


def test_what_a_sale_promises_is_divided_among_its_funders() -> None:
    text = {"ja": "国", "en": "state"}
    half: dict[str, Any] = {
        "agreements": [{"code": "half", "name": text, "shares": [
            {"fund": "premium", "share_bp": 5_000}, {"fund": "state", "share_bp": 5_000},
        ]}],
        "funds.2": {"code": "state", "name": text, "funder": "national", "fiscal_year": 2025, "source": text,
                    "amount_yen": 3_000_000, "grant_rate_bp": 5_000},
        "purses.0.funded_by": "half",
    }
    assert cost.promised(changed(VOUCHER, half)) == {"premium": 3_000_000, "state": 3_000_000, "buyers": 20_000_000}


def test_the_premium_rate_is_the_granted_part_over_the_price() -> None:
    assert cost.premium_rate_bp(shipped()[VOUCHER]) == 3_000
    assert cost.premium_rate_bp(shipped()[POINT]) is None
    free = changed(VOUCHER, {"obtaining.unit_price_yen": 0, "obtaining.face": [{"purse": "premium", "yen": 3_000}]})
    assert cost.premium_rate_bp(free) is None


# --- a document before its launch, for the people of the register ----------------------------------------------------


def register(hall: TownHall, *born: date) -> None:
    entries = [
        ResidentEntry(birth_date=day, ward="中町", moved_in=max(day, date(2000, 4, 1)), household_number=f"H{number}",
                      number=str(number))
        for number, day in enumerate(born)
    ]
    parties.register_residents(entries, by=hall.system, at=hall.at)


def test_the_office_looks_ahead_with_the_towns_own_register_and_shops(hall: TownHall) -> None:
    register(hall, date(1980, 5, 5), date(1990, 5, 5), date(2015, 5, 5), date(2025, 5, 5))
    hall.shop("small")
    hall.shop("large")
    points = queries.look_ahead(shipped()[POINT], municipality=hall.municipality)
    assert (points.population, points.eligible) == (4, 2)
    assert [(left.reason.en, left.people) for left in points.left_out] == [
        ("age is below 18 years", 2),
        ("the person is not registered as a resident", 1),  # born after the eligibility date
    ]
    assert [(each.accepting, each.shops) for each in points.purses] == [(1, 2)]
    benefit = queries.look_ahead(shipped()[BENEFIT], municipality=hall.municipality)
    assert benefit.figure("benefit").value == 60_000
    voucher = queries.look_ahead(
        shipped()[VOUCHER], municipality=hall.municipality, expectation=Expectation(uptake_bp=10_000, units_each=5)
    )
    assert voucher.figure("wanted").value == 20


def test_while_somebody_types_people_are_not_counted_anew(hall: TownHall) -> None:
    """Figures follow the document at once; the register is asked again a little later, or for another day."""
    register(hall, date(1980, 5, 5))
    first = queries.look_ahead(shipped()[VOUCHER], municipality=hall.municipality, kept=True)
    entry = ResidentEntry(birth_date=date(1990, 1, 1), ward="中町", moved_in=date(2000, 4, 1), household_number="H9",
                          number="9")
    parties.register_residents([entry], by=hall.system, at=hall.at)
    dearer = changed(VOUCHER, {"obtaining.face.1.yen": 4_000})
    again = queries.look_ahead(dearer, municipality=hall.municipality, kept=True)
    assert (first.eligible, again.eligible) == (1, 1)
    assert again.funds[0].most_yen == 8_000_000
    assert queries.look_ahead(dearer, municipality=hall.municipality).eligible == 2
    other_day = changed(VOUCHER, {"eligibility.on": date(2025, 7, 2)})
    assert queries.look_ahead(other_day, municipality=hall.municipality, kept=True).eligible == 2


# --- how it was reckoned ---------------------------------------------------------------------------------------------


def sums(terms: ProgrammeTerms, **expectation: int) -> dict[str, tuple[str, str]]:
    """By fund: the words of the most and of what is expected."""
    return {fund.fund: (fund.most_how.ja, fund.expected_how.ja) for fund in look(terms, **expectation).funds}


def test_a_sale_s_cost_is_units_times_yen() -> None:
    assert sums(shipped()[VOUCHER], uptake_bp=200, units_each=1) == {
        "premium": ("抽選販売 2,000口 × 3,000円", "最大 6,000,000円 × 売れる 100口 ÷ 発行 2,000口"),
        "buyers": ("抽選販売 2,000口 × 10,000円", "最大 20,000,000円 × 売れる 100口 ÷ 発行 2,000口"),
    }


def test_shared_points_name_the_share_and_the_smaller_of_two() -> None:
    (town, _), (sponsor, likely) = sums(shipped()[POINT], uptake_bp=1_000).values()
    assert town == "(対象 4,000人 × 1人の上限 10,000円 と、予算 3,000,000円の少ないほう) × 負担割合 70%"
    assert sponsor.endswith("× 負担割合 30%(上限 900,000円)")
    assert likely.startswith("(参加 400人 × 1人の上限 10,000円")
    endless = changed(POINT, {"obtaining.limits": []})
    assert "予算の全額" in sums(endless)["town"][0]
    assert "予算の全額" in look(endless).figure("ceiling_each").how.ja
    assert "のうち最も少ない額" in look(shipped()[POINT]).figure("ceiling_each").how.ja


def test_campaigns_cost_the_least_of_budget_caps_and_ceilings_by_payer() -> None:
    terms = templates()["shopping-campaigns"]
    found = sums(terms, uptake_bp=100)
    assert found["town"][0] == (
        "予算 1,000,000円、対象 5,050人 × 1人の上限 12,000円 のうち最も少ない額 + (予算 1,300,000円、"
        "キャンペーンの上限の合計 400,000円、対象 5,050人 × 1人の上限 12,000円 のうち最も少ない額) × 負担割合 70%"
    )
    assert "参加 50人 × 1人の上限 12,000円" in found["sponsor"][1]
    most = {fund.fund: fund.most_yen for fund in look(terms).funds}
    assert most == {"town": 1_000_000, "sponsor": 120_000}, "no fund promises more than it has"
    few = {fund.fund: fund.expected_yen for fund in look(terms, uptake_bp=10).funds}
    assert few == {"town": 60_000 + 42_000, "sponsor": 18_000}, "five people, at most 12,000 yen each by each payer"


def test_a_benefit_s_cost_is_people_by_row_and_who_chooses_local_money() -> None:
    found = sums(shipped()[BENEFIT], local_money_bp=4_000)
    assert found["benefit"][0] == "100人 × 50,000円 + 900人 × 10,000円"
    assert found["bonus"] == (
        "全員 1,000人が地域のお金を選んだとき × 2,500円", "選ぶ 400人(40%) × 2,500円",
    )


def test_a_code_s_cost_is_everybody_times_its_worth() -> None:
    assert sums(templates()["katsuyama-2026"], uptake_bp=2_500)["premium"] == (
        "対象 4,000人 × 10,000円", "参加 1,000人 × 10,000円",
    )
    assert look(templates()["katsuyama-2026"]).figure("letters").value == 4_000


def test_the_words_of_a_sum_give_the_sum() -> None:
    """For every template whose units are sold: what the words say, reckoned, is the amount beside them."""
    for name, terms in templates().items():
        if terms.family != "voucher" or terms.agreements:
            continue
        for fund in look(terms).funds:
            parts = re.findall(r"([\d,]+)[口人] × ([\d,]+)円", fund.most_how.ja)
            numbers = [int(a.replace(",", "")) * int(b.replace(",", "")) for a, b in parts]
            assert sum(numbers) == fund.most_yen, (name, fund.most_how.ja)


def test_funds_of_one_budget_line_are_added_up() -> None:
    text = {"ja": "町", "en": "town"}
    line = {"account": "一般会計", "kan": "商工費", "kou": "商工費", "moku": "商工振興費", "setsu": "委託料"}
    both = changed(VOUCHER, {
        "agreements": [{"code": "half", "name": text, "shares": [
            {"fund": "premium", "share_bp": 5_000}, {"fund": "own", "share_bp": 5_000, "cap_yen": 3_000_000},
        ]}],
        "funds.0.budget_line": line,
        "funds.2": {"code": "own", "name": text, "funder": "department", "fiscal_year": 2025, "source": text,
                    "amount_yen": 3_000_000, "budget_line": line},
        "purses.0.funded_by": "half",
    })  # fmt: skip
    spent, revenue = look(both).lines
    assert (spent.most_yen, spent.is_revenue) == (6_000_000, False)
    assert spent.name.ja == "一般会計 商工費・商工費・商工振興費・委託料"
    assert spent.how.ja == "商品券プレミアム分 3,000,000円 + 町 3,000,000円"
    assert (revenue.most_yen, revenue.is_revenue) == (20_000_000, True)
    assert "上限 3,000,000円" in look(both).funds[2].most_how.ja
    net = changed(VOUCHER, {"scheme.budgeted_gross": False, "funds.0.budget_line": GONE})
    bare, outside = look(net).lines
    assert "予算科目の記載なし" in bare.name.ja
    assert "町の歳入にならない" in outside.how.ja


def test_each_kind_names_what_it_takes_for_granted() -> None:
    assumed = {name: [each.code for each in look(shipped()[name]).assumptions] for name in (VOUCHER, POINT, BENEFIT)}
    assert assumed == {VOUCHER: ["uptake_bp", "units_each"], POINT: ["uptake_bp"], BENEFIT: ["local_money_bp"]}
    for each in look(shipped()[VOUCHER]).assumptions:
        assert each.source.ja
        assert each.source.en


def test_people_are_counted_as_of_the_eligibility_date(hall: TownHall) -> None:
    register(hall, date(2007, 4, 1), date(2007, 4, 2))
    assert queries.look_ahead(shipped()[POINT], municipality=hall.municipality).eligible == 1


def test_a_document_without_conditions_takes_everybody(hall: TownHall) -> None:
    register(hall, date(1980, 5, 5), date(2025, 5, 5))
    everybody = changed(VOUCHER, {"eligibility.who": {"kind": "all", "of": []}})
    assert queries.look_ahead(everybody, municipality=hall.municipality).eligible == 2


def test_a_town_without_people_is_no_mistake(hall: TownHall) -> None:
    everybody = changed(VOUCHER, {"eligibility.who": {"kind": "all", "of": []}})
    assert queries.look_ahead(everybody, municipality=hall.municipality).population == 0


def test_an_undeclared_fact_never_reaches_the_database(hall: TownHall) -> None:
    crafted = {"kind": "compare", "field": 'age" FROM resident; --', "op": ">", "value": 1}
    with pytest.raises(Refusal) as caught:
        queries.look_ahead(changed(VOUCHER, {"eligibility.who": crafted}), municipality=hall.municipality)
    assert caught.value.code == "predicate_unknown_field"


def test_the_office_asks_for_findings_in_one_place() -> None:
    assert queries.findings(shipped()[VOUCHER]) == ()
    assert [finding.code for finding in queries.findings(changed(VOUCHER, {"family": "point"}))] == ["family_differs"]
