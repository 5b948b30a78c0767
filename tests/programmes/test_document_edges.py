"""A document at its edges: which agreement pays, the last yen of a budget, the last byte of a file; and its preview,
recounted person by person.
"""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from meguri.programmes import cost
from meguri.programmes.preview import Expectation, Group, Preview, preview
from meguri.programmes.sharing import WHOLE
from meguri.programmes.shipped import shipped
from meguri.programmes.terms import SIZE_BYTES_MAX, ProgrammeTerms, read_terms, write_terms
from meguri.programmes.validation import validate
from meguri.programmes.vocabularies import DECLARED
from tests.programmes.builders import BENEFIT, GONE, POINT, VOUCHER, changed
from tests.programmes.test_findings import ROUND, TOP_UP
from tests.programmes.vouchers.lived_town import refused

TEXT = {"ja": "国", "en": "state"}
STATE = {
    "code": "state", "name": TEXT, "funder": "national", "fiscal_year": 2025, "source": TEXT, "amount_yen": 3_000_000,
    "grant_rate_bp": 5_000,
}  # fmt: skip


def errors(terms: ProgrammeTerms) -> list[tuple[str, str]]:
    return [(finding.code, finding.path) for finding in validate(terms, DECLARED) if finding.is_error]


def agreement(code: str, **shares: int) -> dict[str, Any]:
    listed = [{"fund": fund, "share_bp": share} for fund, share in shares.items()]
    return {"code": code, "name": TEXT, "shares": listed}


def shared(funded_by: str) -> ProgrammeTerms:
    """The voucher with two agreements and two funds for its premium."""
    return changed(VOUCHER, {
        "agreements": [agreement("third", premium=6_667, state=3_333), agreement("half", state=5_000, premium=5_000)],
        "funds.2": STATE, "purses.0.funded_by": funded_by,
    })  # fmt: skip


@pytest.mark.parametrize(
    ("funded_by", "funds", "parts"),
    [
        ("third", ("premium", "state"), {"premium": 667, "state": 333}),
        ("half", ("state", "premium"), {"state": 500, "premium": 500}),
        ("premium", ("premium",), {"premium": 1_000}),
        ("state", ("state",), {"state": 1_000}),
    ],
)
def test_a_purse_is_paid_by_the_agreement_that_it_names(
    funded_by: str, funds: tuple[str, ...], parts: dict[str, int]
) -> None:
    terms = shared(funded_by)
    assert cost.funds_of(terms, funded_by) == funds
    assert cost.divide_among_funds(terms, funded_by=funded_by, yen=1_000) == parts
    assert sum(share.share_bp for share in cost.share_states(terms, funded_by)) == WHOLE


def test_a_fund_may_promise_its_last_yen_and_none_beyond() -> None:
    assert errors(changed(VOUCHER, {"funds.0.amount_yen": 6_000_000})) == []
    assert errors(changed(VOUCHER, {"funds.0.amount_yen": 5_999_999})) == [
        ("budget_too_small", "funds.premium.amount_yen")
    ]
    assert errors(shared("half")) == []  # 3,000,000 each
    short = changed(VOUCHER, {
        "agreements": [agreement("half", state=5_000, premium=5_000)], "purses.0.funded_by": "half",
        "funds.2": {**STATE, "amount_yen": 2_999_999},
    })  # fmt: skip
    assert errors(short) == [("budget_too_small", "funds.state.amount_yen")]


def test_a_fund_that_nobody_draws_on_may_be_empty() -> None:
    assert errors(changed(VOUCHER, {"funds.2": {**STATE, "amount_yen": 0}})) == []


def test_rounds_of_a_sale_have_a_code_each() -> None:
    assert ("code_twice", "obtaining") in errors(changed(VOUCHER, {"obtaining.rounds": [ROUND, ROUND]}))
    assert errors(changed(VOUCHER, {"obtaining.rounds": [ROUND, {**ROUND, "code": "second"}]})) == []


def test_a_top_up_names_purses_of_the_document() -> None:
    assert ("unknown_code", "obtaining.purse") in errors(changed(VOUCHER, {"obtaining": {**TOP_UP, "purse": "gold"}}))


def padded(size: int) -> bytes:
    """The shipped voucher, filled up with a comment."""
    content = write_terms(shipped()[VOUCHER])
    return content + b"#" + b"x" * (size - len(content) - 1)


def test_a_document_may_be_as_large_as_the_limit() -> None:
    assert read_terms(padded(SIZE_BYTES_MAX)) == shipped()[VOUCHER]
    with refused("terms_too_large") as caught:
        read_terms(padded(SIZE_BYTES_MAX + 1))
    assert caught.value.facts == {"size": SIZE_BYTES_MAX + 1, "most": SIZE_BYTES_MAX}


def test_a_document_as_json_is_indented_for_people() -> None:
    text = write_terms(shipped()[POINT], "json").decode()
    assert text.startswith('{\n  "code": "')
    assert "\n    " in text
    assert read_terms(text.encode(), "json") == shipped()[POINT]


def test_the_premium_rate_is_rounded_down_to_a_hundredth_of_a_percent() -> None:
    odd = changed(VOUCHER, {"obtaining.unit_price_yen": 9_000, "obtaining.face.0": {"purse": "paid", "yen": 9_000}})
    assert cost.premium_rate_bp(odd) == 3_333
    none = changed(VOUCHER, {"obtaining.face": [{"purse": "paid", "yen": 10_000}]})
    assert cost.premium_rate_bp(none) == 0


# --- the preview, person by person ------------------------------------------------------------------------------------

groups = st.lists(
    st.builds(
        lambda age, people, resident: Group(facts={"age": age, "resident": resident}, people=people),
        st.integers(0, 90), st.integers(1, 400), st.booleans(),
    ), max_size=8,
)  # fmt: skip


def look(terms: ProgrammeTerms, residents: list[Group], **expected: int) -> Preview:
    return preview(
        terms, residents=residents, shops=[], vocabularies=DECLARED, expectation=Expectation(**expected)
    )


@settings(max_examples=40)
@given(groups, st.integers(0, 10_000), st.integers(1, 9))
def test_a_sale_recounted(residents: list[Group], uptake: int, each: int) -> None:
    seen = look(shipped()[VOUCHER], residents, uptake_bp=uptake, units_each=each)
    eligible = sum(group.people for group in residents if group.facts["resident"])
    wanted = eligible * uptake // 10_000 * min(each, 5)
    sold = min(2_000, wanted)
    assert (seen.eligible, seen.figure("wanted").value, seen.figure("sold").value) == (eligible, wanted, sold)
    assert seen.figure("odds").value == (10_000 if wanted <= 2_000 else 20_000_000 // wanted)
    assert {fund.fund: fund.expected_yen for fund in seen.funds} == {"premium": 3_000 * sold, "buyers": 10_000 * sold}
    assert seen.figure("peak_outstanding").value == 26_000_000


@settings(max_examples=40)
@given(groups, st.integers(0, 10_000))
def test_a_benefit_recounted(residents: list[Group], local: int) -> None:
    seen = look(shipped()[BENEFIT], residents, local_money_bp=local)
    children: Counter[int] = Counter()
    for group in residents:
        age = group.facts["age"]
        assert isinstance(age, int)
        if group.facts["resident"] and age < 18:
            children[50_000 if age < 1 else 10_000] += group.people
    people, total = children.total(), sum(yen * count for yen, count in children.items())
    assert (seen.figure("entitled").value, seen.figure("benefit").value) == (people, total)
    most = {fund.fund: (fund.most_yen, fund.expected_yen) for fund in seen.funds}
    assert most == {"benefit": (total, total), "bonus": (people * 2_500, people * local // 10_000 * 2_500)}


@settings(max_examples=40)
@given(groups, st.integers(0, 10_000))
def test_points_recounted(residents: list[Group], uptake: int) -> None:
    seen = look(shipped()[POINT], residents, uptake_bp=uptake)
    adults = sum(
        group.people for group in residents if group.facts["resident"] and int(str(group.facts["age"])) >= 18
    )
    most, expected = (min(3_000_000, people * 10_000) for people in (adults, adults * uptake // 10_000))
    assert sum(fund.most_yen for fund in seen.funds) == most == seen.figure("peak_outstanding").value
    assert sum(fund.expected_yen for fund in seen.funds) == expected
    assert {fund.fund: fund.most_yen for fund in seen.funds} == {"town": most * 7 // 10, "sponsor": most * 3 // 10}


@settings(max_examples=40)
@given(groups)
def test_whoever_is_left_out_is_counted_under_each_reason(residents: list[Group]) -> None:
    seen = look(shipped()[POINT], residents)
    reasons = {left.reason.en: left.people for left in seen.left_out}
    young = sum(group.people for group in residents if int(str(group.facts["age"])) < 18)
    away = sum(group.people for group in residents if not group.facts["resident"])
    wanted = {"age is below 18 years": young, "the person is not registered as a resident": away}
    assert reasons == {reason: people for reason, people in wanted.items() if people}
    assert [left.people for left in seen.left_out] == sorted(reasons.values(), reverse=True)
    assert seen.population == sum(group.people for group in residents)


def test_a_rush_is_of_half_the_buyers_in_a_minute() -> None:
    first_come = changed(VOUCHER, {
        "obtaining.rounds.0.allocation": "first_come", "obtaining.rounds.0.application": GONE,
        "obtaining.rounds.0.drawn_on": GONE,
    })  # fmt: skip
    crowd = [Group(facts={"age": 40, "resident": True}, people=3_000)]
    rush = look(first_come, crowd, uptake_bp=10_000).figure("sale_start")
    assert (rush.value, rush.unit) == (3_000 // 2 * 8 // 60, "per_second")
    assert "3,000" in rush.how.ja
    assert "half of 3,000" in rush.how.en
