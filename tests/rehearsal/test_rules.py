"""What the town's people read in the documents, and that documents of another make are named."""

from __future__ import annotations

import tomllib
from dataclasses import replace
from typing import Any

import pytest
import tomli_w
from hypothesis import given
from hypothesis import strategies as st

from meguri.rehearsal.rules import BENEFIT, FIRST_COME, POINT, VOUCHER, Deed, read_rules
from tests.rehearsal.conftest import RULES, TEMPLATES


def changed(family: str, *path: str | int, value: Any) -> dict[str, str]:
    """The shipped documents, with one value of one of them changed (None: taken out)."""
    tree: Any = tomllib.loads(TEMPLATES[family])
    place = tree
    for step in path[:-1]:
        place = place[step]
    if value is None:
        del place[path[-1]]
    else:
        place[path[-1]] = value
    return {**TEMPLATES, family: tomli_w.dumps(tree)}


def test_each_department_runs_its_family() -> None:
    assert RULES.departments == {VOUCHER: "commerce", POINT: "planning", BENEFIT: "welfare", FIRST_COME: "commerce"}
    assert set(RULES.families.values()) == {VOUCHER, POINT, BENEFIT}
    assert RULES.families[RULES.points_purse] == POINT
    assert RULES.families[RULES.benefit_purse] == RULES.families[RULES.bonus_purse] == BENEFIT
    assert {RULES.families[purse] for purse in RULES.face} == {VOUCHER}


def test_a_unit_of_the_voucher_is_worth_more_than_it_costs() -> None:
    price = tomllib.loads(TEMPLATES[VOUCHER])["obtaining"]["unit_price_yen"]
    assert sum(RULES.face.values()) == 13_000
    assert price == 10_000
    assert RULES.units_most == 5


def test_what_is_sold_first_come_is_read_apart() -> None:
    assert RULES.first_come.face == {"common": 2_000, "common-premium": 600, "small": 2_000, "small-premium": 600}
    assert (RULES.first_come.price_yen, RULES.first_come.most) == (4_000, 10)
    assert not RULES.first_come.face.keys() & RULES.face.keys()
    assert {RULES.families[purse] for purse in RULES.first_come.face} == {VOUCHER}


def test_only_purses_that_large_shops_refuse_are_for_small_ones() -> None:
    of_the_line = {"small", "small-premium"}
    assert RULES.small_only == {RULES.points_purse} | of_the_line
    nowhere = {"kind": "compare", "field": "size_class", "op": "==", "value": "large"}
    assert read_rules(changed(POINT, "purses", 0, "where", value=nowhere)).small_only == of_the_line
    other = {"kind": "compare", "field": "area", "op": "!=", "value": "large"}
    assert read_rules(changed(POINT, "purses", 0, "where", value=other)).small_only == of_the_line


@pytest.mark.parametrize(
    ("evidence", "waits"),
    [
        ("device", False), ("place_code", False), ("self_report", False), ("partner_confirms", True),
        ("staff_confirms", True),
    ],
)  # fmt: skip
def test_what_others_confirm_is_waited_for(evidence: str, *, waits: bool) -> None:
    assert Deed(10, evidence).waits == waits


def test_deeds_are_read_with_their_yen_and_evidence() -> None:
    actions = tomllib.loads(TEMPLATES[POINT])["obtaining"]["actions"]
    assert RULES.deeds == {each["code"]: Deed(each["yen"], each["evidence"], each.get("steps")) for each in actions}


@given(st.lists(st.tuples(st.integers(1, 30), st.integers(1, 10**6)), min_size=1, max_size=5), st.integers(0, 40))
def test_the_first_row_that_fits_decides_and_whoever_is_too_old_gets_nothing(
    rows: list[tuple[int, int]], age: int
) -> None:
    found = replace(RULES, amounts=tuple(rows))
    fitting = [yen for below, yen in rows if age < below]
    assert found.benefit_yen(age) == (fitting[0] if fitting else 0)
    assert (found.benefit_yen(age) > 0) == (age < found.child_until)


def test_an_age_is_counted_below_the_line_only() -> None:
    found = replace(RULES, amounts=((3, 50_000), (18, 10_000)))
    assert [found.benefit_yen(age) for age in (0, 2, 3, 17, 18)] == [50_000, 50_000, 10_000, 10_000, 0]
    assert found.child_until == 18


def test_a_benefit_without_a_bonus_puts_none_into_the_benefits_own_purse() -> None:
    choice = {"receipt": "local_money", "purse": "benefit"}
    found = read_rules(changed(BENEFIT, "obtaining", "choices", value=[{"receipt": "bank"}, choice]))
    assert (found.benefit_purse, found.bonus_purse, found.bonus_yen) == ("benefit", "benefit", 0)
    assert (RULES.bonus_purse, RULES.bonus_yen) == ("bonus", 2_500)


def test_points_are_paid_by_the_departments_own_fund() -> None:
    funds = {fund["code"]: fund["funder"] for fund in tomllib.loads(TEMPLATES[POINT])["funds"]}
    assert funds[RULES.points_fund] == "department"


@pytest.mark.parametrize(
    "documents",
    [
        changed(BENEFIT, "obtaining", "choices", value=[{"receipt": "bank"}]),
        changed(POINT, "funds", 0, "funder", value="national"),
        changed(BENEFIT, "obtaining", "amounts", 0, "when", "field", value="ward"),
        changed(BENEFIT, "obtaining", "amounts", 0, "when", "op", value="<="),
    ],
    ids=["no local money", "no fund of its own", "by ward", "by another comparison"],
)
def test_a_document_of_another_make_is_named(documents: dict[str, str]) -> None:
    with pytest.raises(ValueError, match=r"local money|own fund|by age"):
        read_rules(documents)


@pytest.mark.parametrize("family", [VOUCHER, POINT, BENEFIT])
def test_all_three_documents_are_needed(family: str) -> None:
    with pytest.raises(KeyError, match=family):
        read_rules({name: text for name, text in TEMPLATES.items() if name != family})
