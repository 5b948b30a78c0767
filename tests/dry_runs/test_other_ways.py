"""The other ways in which value comes into being, lived: codes by letter, points for payments, rounds of leftovers."""

from __future__ import annotations

from copy import deepcopy
from datetime import date
from typing import Any

import pytest

from meguri.dry_runs.rewarding import paid_value
from meguri.programmes.dry_run import DayLived
from meguri.programmes.parts import GrantByPayment
from meguri.programmes.shipped import templates
from meguri.programmes.terms import ProgrammeTerms, from_tree, to_tree
from meguri.programmes.validation import validate
from meguri.programmes.vocabularies import DECLARED
from tests.dry_runs.short import codes, on, peak, short, told, wanted
from tests.programmes.builders import VOUCHER, put

pytestmark = pytest.mark.usefixtures("books")

CHANGES: dict[str, dict[str, Any]] = {
    "katsuyama-2026": {
        "obtaining.entering.last_day": date(2026, 3, 3), "spending.window.last_day": date(2026, 3, 10),
        "expiry.last_day": date(2026, 3, 10), "refunds.shop_claims_until": date(2026, 3, 13),
    },
    "setagaya-2024": {
        "obtaining.window.last_day": date(2024, 2, 10), "spending.window.last_day": date(2024, 2, 20),
        "refunds.shop_claims_until": date(2024, 2, 26),
    },
    "shopping-campaigns": {
        "obtaining.window.last_day": date(2025, 10, 10), "spending.window.last_day": date(2025, 10, 20),
        **{f"obtaining.campaigns.{place}.window.last_day": date(2025, 10, 10) for place in range(3)},
        "expiry.last_day": date(2025, 10, 20), "refunds.shop_claims_until": date(2025, 10, 26),
    },
    "nagasaki-2023": {
        "obtaining.rounds.0.units": 30, "obtaining.rounds.1.units": 4,
        "obtaining.rounds.0.application.last_day": date(2023, 9, 3), "obtaining.rounds.0.drawn_on": date(2023, 9, 5),
        "obtaining.rounds.0.purchase": {"first_day": date(2023, 9, 6), "last_day": date(2023, 9, 8)},
        "obtaining.rounds.1.application": {"first_day": date(2023, 9, 10), "last_day": date(2023, 9, 12)},
        "obtaining.rounds.1.drawn_on": date(2023, 9, 13),
        "obtaining.rounds.1.purchase": {"first_day": date(2023, 9, 14), "last_day": date(2023, 9, 16)},
        "obtaining.rounds.2.purchase": {"first_day": date(2023, 9, 18), "last_day": date(2023, 9, 20)},
        "spending.window": {"first_day": date(2023, 9, 6), "last_day": date(2023, 9, 26)},
        "expiry.last_day": date(2023, 9, 26), "refunds.shop_claims_until": date(2023, 9, 29),
    },
}  # fmt: skip


def quick(name: str) -> ProgrammeTerms:
    """A city's template with few days."""
    tree: Any = to_tree(templates()[name])
    for path, value in CHANGES[name].items():
        put(tree, path, deepcopy(value))
    return from_tree(tree)


def met(days: list[DayLived]) -> set[str]:
    return {each.code for day in days for each in day.met}


def test_codes_go_to_everybody_eligible_and_load_ten_thousand_once() -> None:
    days, ending = told(wanted(quick("katsuyama-2026")))
    eve, last = on(days, 2, 23).counts, days[-1].counts
    assert eve["letters"] == last["letters"] > 20
    assert 0 < last["codes_entered"] <= eve["letters"] // 2
    # only this document gives 10,000 yen for a code
    (fund,) = {each.code for day in days for each in day.funds}
    assert peak(days, fund) == 10_000 * last["codes_entered"]
    assert {"voucher_code_unknown", "voucher_code_expired"} & met(days), "some mistype, some come too late"
    assert {each.en for each in ending.compared} >= {"Letters", "People who take part"}
    assert any("手紙" in each.ja for each in on(days, 2, 23).due)


def test_payments_with_own_money_earn_by_class_of_shop_from_the_next_night_on() -> None:
    days, _ = told(wanted(quick("setagaya-2024"), people=40))
    assert on(days, 1, 31).counts["served"] > 0, "people charge money on the eve"
    assert on(days, 2, 1).payments > 0
    assert on(days, 2, 1).counts["rewarded"] == 0, "the night rewards the day before"
    assert days[-1].counts["rewarded"] > 0
    spent = sum(day.paid_yen for day in days if day.day <= date(2024, 2, 10))
    # only this document rewards 20, 15 and 10 per cent
    assert 0 < peak(days, "premium") <= spent * 20 // 100
    after = [day.counts["rewarded"] for day in days if day.day > date(2024, 2, 12)]
    assert len(set(after)) == 1


def test_campaigns_give_with_the_payment_itself() -> None:
    days, ending = told(wanted(quick("shopping-campaigns"), people=40))
    assert sum(day.payments for day in days) > 0
    assert peak(days, "town") > 0
    assert not [each for each in ending.surprises if each.is_wrong]


def test_what_a_round_did_not_sell_is_sold_by_the_next_and_the_last_is_first_come() -> None:
    days, ending = told(wanted(quick("nagasaki-2023")))
    assert not [each for each in ending.surprises if each.is_wrong], "every round could be opened, drawn and ended"
    lapsed = on(days, 9, 9).counts["units_lapsed"]
    assert lapsed > 0
    second = on(days, 9, 10).counts
    assert second["units_left"] == lapsed + 4, "the second round has what the first left, and its own four"
    assert second["applications"] > second["applicants"] or second["applicants"] <= 60
    last = days[-1].counts
    assert last["units_bought"] + last["units_left"] == 34
    # only this document puts 1,500 yen on top of 5,000
    assert peak(days, "premium") == 1_500 * last["units_bought"]
    assert "units_unsold" in codes(ending) or last["units_left"] == 0


@pytest.mark.parametrize("department", ["commerce", "planning"])
def test_the_money_that_people_pay_with_is_a_sound_document_of_the_same_department(department: str) -> None:
    terms = quick("setagaya-2024")
    assert isinstance(terms.obtaining, GrantByPayment)
    own = paid_value(terms.obtaining, department=department, until=terms.obtaining.window.last_day)
    assert own.department == department
    assert not [each for each in validate(own, DECLARED) if each.is_error]


@pytest.mark.usefixtures("books")
def test_workers_and_students_come_where_the_terms_mean_them_and_who_showed_no_proof_reads_what_to_bring() -> None:
    here = {"kind": "any", "of": [
        {"kind": "compare", "field": field, "op": "==", "value": True}
        for field in ("resident", "works_in_town", "studies_in_town")
    ]}  # fmt: skip
    days, ending = told(wanted(short(VOUCHER, eligibility__who=here)))
    reached = {each.en: each for each in ending.reached}
    assert reached["all the eligible"].eligible > 60, "residents and those who came in"
    met = {met.code for day in days for met in day.met}
    assert "commuter_unconfirmed" in met
    assert not [each for each in ending.surprises if each.is_wrong]
