"""Every finding has a document that shows it, and a sound document shows none."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from meguri.programmes import fairness, findings, timing
from meguri.programmes.findings import Finding, declare_error, declare_lint, found
from meguri.programmes.shipped import shipped
from meguri.programmes.terms import ProgrammeTerms
from meguri.programmes.validation import validate
from meguri.programmes.vocabularies import DECLARED
from tests.programmes.builders import BENEFIT, GONE, POINT, VOUCHER, changed

TEXT = {"ja": "名", "en": "name"}
RENT = {"kind": "compare", "field": "rent", "op": "<", "value": 3}
ROUND = {
    "code": "first", "name": TEXT, "units": 10, "allocation": "first_come",
    "purchase": {"first_day": date(2025, 10, 1), "last_day": date(2025, 10, 31)},
}  # fmt: skip
TOP_UP = {
    "by": "top_up", "purse": "paid", "bonus_purse": "premium", "bonus_bp": 3_000, "least_yen": 1_000,
    "limits": [{"per": "month", "yen": 10_000}],
    "window": {"first_day": date(2025, 10, 1), "last_day": date(2025, 10, 31)},
}  # fmt: skip
BUNDLE = {
    "code": "small", "name": TEXT, "price_yen": 1_500, "max_units": 2,
    "face": [{"purse": "paid", "yen": 1_500}, {"purse": "premium", "yen": 1_500}],
}  # fmt: skip
LEFT = {**ROUND, "code": "second", "units": 0, "leftovers": True}
PRIVATE = {"scheme.issuer_kind": "committee"}
EXPIRES_2026_05 = {"kind": "on", "last_day": date(2026, 5, 31)}


def span(first: str, last: str) -> dict[str, date]:
    return {"first_day": date.fromisoformat(first), "last_day": date.fromisoformat(last)}


BY_CODE = {"by": "code", "entering": span("2025-10-01", "2025-10-31"), "face": [{"purse": "premium", "yen": 10_000}]}
REWARD = {
    "by": "payment", "purse": "points", "window": span("2025-10-01", "2025-10-31"),
    "limits": [{"per": "month", "yen": 1_000}],
    "rates": [{"code": "all", "name": TEXT, "rate_bp": 500, "where": {"kind": "all", "of": []}}],
}  # fmt: skip
GIVEN = {"obtaining": BY_CODE, "scheme.psa_basis": "not_prepaid", "purses.1": GONE, "funds.1": GONE, "sources": []}
"""The voucher given away by code."""

ALONE = {"code": "control", "name": TEXT, "share_bp": 10_000}
REMINDED = {"code": "reminded", "name": TEXT, "share_bp": 5_000, "reminder_days": 14}


def drawn(*arms: dict[str, Any]) -> dict[str, Any]:
    """A trial of a control and these arms."""
    control = {"code": "control", "name": TEXT, "share_bp": 5_000}
    return {"trial": {"arms": [control, *arms], "drawn_on": date(2025, 7, 26), "public_value": TEXT, "reason": TEXT}}


CASES: list[tuple[str, str, dict[str, Any], str]] = [
    # code, document, changes, path of the finding
    ("arm_alone", VOUCHER, {"trial": {**drawn()["trial"], "arms": [ALONE]}}, "trial.arms"),
    ("arm_twice", VOUCHER, drawn({**REMINDED, "code": "control"}), "trial.arms"),
    ("arm_shares_not_whole", VOUCHER, drawn(REMINDED, REMINDED), "trial.arms"),
    ("no_control_arm", VOUCHER, drawn({"code": "same", "name": TEXT, "share_bp": 5_000}), "trial.arms"),
    ("arms_alike", VOUCHER, drawn({**REMINDED, "share_bp": 2_500}, {**REMINDED, "code": "b", "share_bp": 2_500}),
     "trial.arms.b"),
    ("arm_gives_less", VOUCHER, {**drawn({**REMINDED, "premium": [{"purse": "premium", "yen": 1}]}),
                                 "obtaining.paper_or_electronic": False}, "trial.arms.reminded.premium"),
    ("arm_does_not_fit", VOUCHER, drawn({**REMINDED, "demurrage_bp": 0}), "trial.arms.reminded.demurrage_bp"),
    ("statutory_benefit_is_not_drawn", BENEFIT, {**drawn(REMINDED), "obtaining.statutory": True}, "trial"),
    ("household_drawn_apart", VOUCHER, {**drawn(REMINDED), "obtaining.per": "household"}, "trial.per"),
    ("reminder_spills_over", VOUCHER, drawn(REMINDED), "trial.per"),
    ("payment_way_missing", VOUCHER, {"obtaining.payment": {"ways": []}}, "obtaining.payment.ways"),
    ("payment_way_missing", VOUCHER, {"obtaining.payment": {"ways": ["slip", "slip"]}}, "obtaining.payment.ways"),
    ("results_disagree", VOUCHER, {"origin.results": {
        "counted_on": date(2026, 4, 1), "issued_yen": 3, "spent_yen": 1, "expired_yen": 1, "unspent_yen": 0,
    }}, "origin.results"),
    ("waiting_list_undrawn", VOUCHER, {"obtaining.waiting_list": {"days_to_pay": 5}, "obtaining.rounds.0": ROUND},
     "obtaining.waiting_list"),
    ("waiting_list_without_time", VOUCHER,
     {"obtaining.waiting_list": {"days_to_pay": 90}, "obtaining.rounds.0.purchase": span("2025-10-01", "2025-11-30")},
     "obtaining.waiting_list"),
    ("waiting_list_without_time", VOUCHER,
     {"obtaining.waiting_list": {"days_to_pay": 5, "last_day": date(2025, 11, 5)}}, "obtaining.waiting_list"),
    ("code_twice", VOUCHER, {"funds.1.code": "premium"}, "funds"),
    ("code_twice", VOUCHER, {"purses.1.code": "premium"}, "purses"),
    ("code_twice", VOUCHER, {"indicators.1.code": "additional-spending"}, "indicators"),
    ("code_twice", POINT, {"obtaining.actions.1.code": "walk"}, "obtaining"),
    ("code_twice", POINT, {"agreements.0.code": "town"}, "funds"),
    ("code_twice", POINT, {"agreements.0.shares.1.fund": "town"}, "agreements.together.shares"),
    ("unknown_code", VOUCHER, {"purses.0.funded_by": "nobody"}, "purses.premium.funded_by"),
    ("unknown_code", VOUCHER, {"obtaining.face.0.purse": "gold"}, "obtaining.face[0].purse"),
    ("unknown_code", VOUCHER, {"goals.0.indicator": "joy"}, "goals[0].indicator"),
    ("unknown_code", POINT, {"agreements.0.shares.0.fund": "moon"}, "agreements.together.shares"),
    ("unknown_code", POINT, {"obtaining.purse": "gold"}, "obtaining.purse"),
    ("unknown_code", POINT, {"obtaining.actions.4.funded_by": "moon"}, "obtaining.actions.check-up.funded_by"),
    ("evidence_does_not_fit", POINT, {"obtaining.actions.2.steps": 5_000}, "obtaining.actions.bus.steps"),
    ("evidence_does_not_fit", POINT, {"obtaining.actions.1.spot_check_bp": 100},
     "obtaining.actions.my-bottle.spot_check_bp"),
    ("code_twice", POINT, {"obtaining.missions.0.code": "walk"}, "obtaining"),
    ("unknown_code", POINT, {"obtaining.missions.0.funded_by": "moon"}, "obtaining.missions.bus-rally.funded_by"),
    ("unknown_code", POINT, {"obtaining.missions.0.actions": ["fly"]}, "obtaining.missions.bus-rally.actions"),
    ("mission_without_actions", POINT, {"obtaining.missions.0.actions": []}, "obtaining.missions.bus-rally.actions"),
    ("rally_places_missing", POINT, {"obtaining.missions.0.counting.wanted": 6},
     "obtaining.missions.bus-rally.counting.wanted"),
    ("rally_without_places", POINT, {"obtaining.missions.0.actions": ["walk"]},
     "obtaining.missions.bus-rally.actions"),
    ("mission_outside", POINT, {"obtaining.missions.0.window": span("2025-04-01", "2026-03-01")},
     "obtaining.missions.bus-rally.window"),
    ("window_reversed", POINT, {"obtaining.missions.0.window": span("2025-08-02", "2025-08-01")},
     "obtaining.missions.bus-rally.window"),
    ("mission_once_only", POINT, {"obtaining.missions.0.counting": {"by": "first"}, "obtaining.missions.0.times": 2},
     "obtaining.missions.bus-rally.times"),
    ("mission_unreachable", POINT, {"obtaining.missions.1.counting": {"by": "streak", "wanted": 8},
                                    "obtaining.missions.1.window": span("2025-06-01", "2025-06-07")},
     "obtaining.missions.walking-weeks.counting"),
    ("mission_unreachable", POINT, {"obtaining.missions.1.window": span("2025-06-02", "2025-06-15")},
     "obtaining.missions.walking-weeks.counting"),
    ("mission_unreachable", POINT, {"obtaining.missions.0.actions": ["check-up"],
                                    "obtaining.missions.0.counting": {"by": "times", "wanted": 2}},
     "obtaining.missions.bus-rally.counting"),
    ("mission_unreachable", POINT, {"obtaining.missions.0.counting": {"by": "comeback", "days": 333}},
     "obtaining.missions.bus-rally.counting"),
    ("bonus_above_limit", POINT, {"obtaining.missions.0.yen": 1_001}, "obtaining.missions.bus-rally.yen"),
    ("unknown_code", BENEFIT, {"obtaining.funded_by": "moon"}, "obtaining.funded_by"),
    ("unknown_code", BENEFIT, {"obtaining.choices.1.bonus_purse": "gold"}, "obtaining.choices[1]"),
    ("unknown_code", VOUCHER, {"obtaining": {**TOP_UP, "bonus_purse": "gold"}}, "obtaining.bonus_purse"),
    ("unknown_source", VOUCHER, {"sources.0.value": "no.such.place"}, "sources"),
    ("unknown_source", VOUCHER, {"sources.0.source": "both a source and a reason"}, "sources"),
    ("unknown_source", VOUCHER, {"sources.0.assumed": GONE}, "sources"),
    ("shares_not_whole", POINT, {"agreements.0.shares.0.share_bp": 6_999}, "agreements.together.shares"),
    ("window_reversed", VOUCHER, {"spending.window": span("2026-02-01", "2025-10-01")}, "spending.window"),
    ("window_reversed", VOUCHER, {"obtaining.rounds.0.application": span("2025-08-02", "2025-08-01")},
     "obtaining.rounds.first.application"),
    ("window_reversed", POINT, {"obtaining.actions.0.window": span("2025-08-02", "2025-08-01")},
     "obtaining.actions.walk.window"),
    ("window_reversed", BENEFIT, {"obtaining.choosing": span("2025-10-02", "2025-10-01")}, "obtaining.choosing"),
    ("window_reversed", VOUCHER, {"obtaining": {**TOP_UP, "window": span("2025-10-02", "2025-10-01")}},
     "obtaining.window"),
    ("out_of_order", VOUCHER, {"expiry.last_day": date(2026, 1, 30)}, "expiry.last_day"),
    ("out_of_order", VOUCHER, {"refunds.shop_claims_until": date(2026, 1, 30)}, "refunds.shop_claims_until"),
    ("out_of_order", VOUCHER, {"obtaining.rounds.0.drawn_on": date(2025, 8, 16)}, "obtaining.rounds.first.drawn_on"),
    ("out_of_order", VOUCHER, {"obtaining.rounds.0.drawn_on": date(2025, 10, 2)}, "obtaining.rounds.first.purchase"),
    ("out_of_order", VOUCHER, {"obtaining.rounds.0.purchase": span("2025-10-01", "2026-02-01")},
     "obtaining.rounds.first.purchase"),
    ("out_of_order", BENEFIT, {"obtaining.paid_on": date(2025, 10, 30)}, "obtaining.paid_on"),
    ("out_of_order", BENEFIT, {"obtaining.paid_on": date(2026, 4, 1)}, "obtaining.paid_on"),
    ("out_of_order", POINT, {"obtaining.window": span("2025-04-01", "2026-04-01")}, "obtaining.window"),
    ("round_incomplete", VOUCHER, {"obtaining.rounds.0.application": GONE}, "obtaining.rounds.first"),
    ("round_incomplete", VOUCHER, {"obtaining.rounds.0.drawn_on": GONE}, "obtaining.rounds.first"),
    ("round_incomplete", VOUCHER, {"obtaining.rounds.0.allocation": "first_come"}, "obtaining.rounds.first"),
    ("round_incomplete", VOUCHER, {"obtaining.rounds.0": {**ROUND, "allocation": "even_share"}},
     "obtaining.rounds.first"),
    ("family_differs", VOUCHER, {"family": "point"}, "family"),
    ("paid_part_is_not_the_price", VOUCHER, {"obtaining.face.0.yen": 9_000}, "obtaining.face"),
    ("funder_does_not_fit", VOUCHER, {"purses.0.funded_by": "buyers"}, "purses.premium.funded_by"),
    ("funder_does_not_fit", VOUCHER, {"purses.1.funded_by": "premium"}, "purses.paid.funded_by"),
    ("funder_does_not_fit", POINT, {"funds.0.funder": "buyers"}, "purses.points.funded_by"),
    ("condition_unreadable", VOUCHER, {"eligibility.who": RENT}, "eligibility.who.field"),
    ("condition_unreadable", VOUCHER, {"obtaining.rounds.0.who": RENT}, "obtaining.rounds.first.who.field"),
    ("condition_unreadable", VOUCHER, {"purses.0.where": RENT}, "purses.premium.where.field"),
    ("condition_unreadable", BENEFIT, {"obtaining.amounts.0.when": RENT}, "obtaining.amounts[0].when.field"),
    ("condition_unreadable", POINT, {"purses.0.where.value": "huge"}, "purses.points.where.value"),
    ("limit_unclear", POINT, {"obtaining.limits.0": {"per": "day"}}, "obtaining.limits[0]"),
    ("limit_unclear", POINT, {"obtaining.actions.0.limits.0.yen": 10}, "obtaining.actions.walk.limits"),
    ("limit_unclear", VOUCHER, {"obtaining": {**TOP_UP, "limits": [{"per": "day"}]}}, "obtaining.limits[0]"),
    ("choice_incomplete", BENEFIT, {"obtaining.choices.1.purse": GONE}, "obtaining.choices[1]"),
    ("choice_incomplete", BENEFIT, {"obtaining.choices.1.bonus_purse": GONE}, "obtaining.choices[1]"),
    ("choice_incomplete", BENEFIT, {"obtaining.choices.0.bonus_yen": 1}, "obtaining.choices[0]"),
    ("choice_incomplete", BENEFIT, {"obtaining.choices.0.purse": "benefit"}, "obtaining.choices[0]"),
    ("choice_incomplete", BENEFIT, {"obtaining.choices": [{"receipt": "bank"}], "obtaining.otherwise": "local_money"},
     "obtaining.otherwise"),
    ("choice_incomplete", BENEFIT, {"obtaining.choices.2": {"receipt": "bank"}}, "obtaining.otherwise"),
    ("budget_too_small", VOUCHER, {"obtaining.rounds.0.units": 2_001}, "funds.premium.amount_yen"),
    ("budget_too_small", VOUCHER, {"agreements": [
        {"code": "short", "name": TEXT, "shares": [{"fund": "premium", "share_bp": 10_000, "cap_yen": 5_999_999}]},
    ], "purses.0.funded_by": "short"}, "agreements"),
    ("unknown_code", VOUCHER, {"obtaining": {**BY_CODE, "face": [{"purse": "gold", "yen": 1}]}},
     "obtaining.face[0].purse"),
    ("window_reversed", VOUCHER, {"obtaining": {**BY_CODE, "entering": span("2025-10-02", "2025-10-01")}},
     "obtaining.entering"),
    ("out_of_order", VOUCHER, {"obtaining": {**BY_CODE, "entering": span("2025-10-01", "2026-02-01")}},
     "obtaining.entering"),
    ("family_differs", POINT, {"obtaining": BY_CODE}, "family"),
    ("family_differs", VOUCHER, {"obtaining": {**REWARD, "purse": "premium"}}, "family"),
    ("unknown_code", POINT, {"obtaining": {**REWARD, "purse": "gold"}}, "obtaining.purse"),
    ("code_twice", POINT, {"obtaining": {**REWARD, "rates": REWARD["rates"] * 2}}, "obtaining"),
    ("condition_unreadable", POINT, {"obtaining": {**REWARD, "rates": [{**REWARD["rates"][0], "where": RENT}]}},
     "obtaining.rates.all.where.field"),
    ("limit_unclear", POINT, {"obtaining": {**REWARD, "limits": [{"per": "day"}]}}, "obtaining.limits[0]"),
    ("no_personal_limit", POINT, {"obtaining": {**REWARD, "limits": []}}, "obtaining.limits"),
    ("window_reversed", POINT, {"obtaining": {**REWARD, "window": span("2025-10-02", "2025-10-01")}},
     "obtaining.window"),
    ("out_of_order", POINT, {"obtaining": {**REWARD, "window": span("2025-10-01", "2026-04-01")}},
     "obtaining.window"),
    ("not_carried_out", POINT, {"obtaining": {**REWARD, "limits": [{"per": "day", "times": 3}]}},
     "obtaining.limits.times"),
    ("not_carried_out", VOUCHER, {"limits.balance_max_yen": 100_000}, "limits.balance_max_yen"),
    ("not_carried_out", VOUCHER, {"spending.spend_unit_yen": 500}, "spending.spend_unit_yen"),
    ("not_carried_out", VOUCHER, {"refunds.payment_refund": False}, "refunds.payment_refund"),
    ("not_carried_out", POINT, {"refunds.purchase_cancel_days": 8}, "refunds.purchase_cancel_days"),
    ("no_payment_limit", VOUCHER, {**GIVEN, "limits.payment_max_yen": GONE}, "limits.payment_max_yen"),
    ("round_without_units", VOUCHER, {"obtaining.rounds.0.units": 0}, "obtaining.rounds.first.units"),
    ("round_without_units", VOUCHER, {"obtaining.rounds.0.units": 0, "obtaining.rounds.0.leftovers": True},
     "obtaining.rounds.first.units"),
    ("round_without_units", VOUCHER,
     {"obtaining.bundles": [BUNDLE], "obtaining.rounds.1": {**LEFT, "bundle": "small"}},
     "obtaining.rounds.second.units"),
    ("code_twice", VOUCHER, {"obtaining.bundles": [BUNDLE, BUNDLE]}, "obtaining.bundles"),
    ("unknown_code", VOUCHER, {"obtaining.rounds.0.bundle": "gold"}, "obtaining.rounds.first.bundle"),
    ("unknown_code", VOUCHER, {"obtaining.bundles": [{**BUNDLE, "face": [{"purse": "gold", "yen": 1_500}]}]},
     "obtaining.bundles.small.face"),
    ("paid_part_is_not_the_price", VOUCHER, {"obtaining.bundles": [{**BUNDLE, "price_yen": 1_400}]},
     "obtaining.bundles.small.face"),
    ("demurrage_of_paid_value", POINT,
     {"purses.0.part": "paid", "demurrage": {"every_days": 30, "rate_bp": 100}}, "demurrage"),
    ("demurrage_rate", POINT, {"demurrage": {"every_days": 30, "rate_bp": 10_001}}, "demurrage.rate_bp"),
    ("not_carried_out", VOUCHER, {"obtaining": TOP_UP}, "obtaining.by"),
    ("not_carried_out", VOUCHER, {"expiry": {"kind": "after", "months": 3, "basis": "last_use"}}, "expiry.basis"),
    ("not_a_public_issuer", VOUCHER, PRIVATE, "scheme.psa_basis"),
    ("longer_than_six_months", VOUCHER,
     {**PRIVATE, "scheme.psa_basis": "short_term", "expiry": EXPIRES_2026_05}, "expiry"),
    ("longer_than_six_months", VOUCHER,
     {**PRIVATE, "scheme.psa_basis": "short_term", "expiry": {"kind": "never"}}, "expiry"),
    ("longer_than_six_months", VOUCHER,
     {**PRIVATE, "scheme.psa_basis": "short_term", "expiry": {"kind": "after", "months": 6}}, "expiry"),
    ("paid_for_but_not_prepaid", VOUCHER, {"scheme.psa_basis": "not_prepaid"}, "scheme.psa_basis"),
    ("statutory_benefit_is_cash", BENEFIT, {"obtaining.statutory": True}, "obtaining.choices[1]"),
    ("sponsor_money_without_form", POINT, {"funds.1.money_form": GONE}, "funds.sponsor.money_form"),
    ("spent_after_the_year", VOUCHER, {"funds.0.fiscal_year": 2024}, "funds.premium.fiscal_year"),
    ("spent_after_the_year", POINT, {"spending.window.last_day": date(2026, 4, 1), "expiry.last_day": date(2026, 4, 1)},
     "funds.town.fiscal_year"),
    ("resolved_after_the_year", VOUCHER,
     {"funds.0.carry_over": {"kind": "debt_burden", "resolved_on": date(2026, 4, 1)}},
     "funds.premium.carry_over.resolved_on"),
    ("carried_too_far", VOUCHER,
     {"funds.0.fiscal_year": 2023, "funds.0.carry_over": {"kind": "carried_forward", "resolved_on": date(2024, 3, 20)}},
     "funds.premium.carry_over"),
    ("carried_too_far", VOUCHER,
     {"funds.0.fiscal_year": 2023, "funds.0.carry_over": {"kind": "unavoidable", "resolved_on": date(2024, 3, 20)}},
     "funds.premium.carry_over"),
    ("claimed_after_closing", VOUCHER, {"refunds.shop_claims_until": date(2026, 6, 1)}, "refunds.shop_claims_until"),
    ("registration_needed", VOUCHER, {**PRIVATE, "scheme.psa_basis": "third_party"}, "scheme.psa_basis"),
    ("budgeted_net", VOUCHER, {"scheme.budgeted_gross": False}, "scheme.budgeted_gross"),
    ("never_ends", VOUCHER, {"expiry": {"kind": "never"}}, "expiry"),
    ("no_payment_limit", VOUCHER, {"limits.payment_max_yen": GONE}, "limits.payment_max_yen"),
    ("audited_goods_allowed", VOUCHER, {"spending.excluded": []}, "spending.excluded"),
    ("caps_cannot_be_checked", VOUCHER, {"obtaining.rounds.0.outsiders": True}, "obtaining.rounds.first.outsiders"),
    ("no_personal_limit", POINT, {"obtaining.limits": []}, "obtaining.limits"),
    ("local_money_for_cash", BENEFIT, {"obtaining.choices.1.purse": "bonus"}, "obtaining.choices[1].purse"),
    ("condition_unreadable", VOUCHER, {"gifts": {"who": RENT}}, "gifts.who.field"),
    ("gifts_shrink", POINT, {"gifts": {}, "demurrage": {"every_days": 30, "rate_bp": 100}}, "gifts"),
    ("gift_steps_uneven", VOUCHER, {"gifts": {"step_yen": 500, "most_yen": 1_200}}, "gifts.most_yen"),
    ("gifts_collect", VOUCHER, {"gifts": {}}, "gifts"),
    ("gifts_and_cash", VOUCHER, {"gifts": {}, "refunds.unspent_paid": "refunded"}, "refunds.unspent_paid"),
    ("gifts_and_cash", VOUCHER, {"limits.transfer_max_yen": 1_000, "refunds.unspent_paid": "refunded"},
     "refunds.unspent_paid"),
    ("effect_not_told_apart", VOUCHER, {"evaluation.design": "before_after"}, "evaluation.design"),
]


def judged(terms: ProgrammeTerms) -> list[Finding]:
    return list(validate(terms, DECLARED))


@pytest.mark.parametrize(("code", "name", "changes", "path"), CASES, ids=[f"{c[0]}-{c[3]}" for c in CASES])
def test_the_finding_is_made_at_its_place(code: str, name: str, changes: dict[str, Any], path: str) -> None:
    found = [finding for finding in judged(changed(name, changes)) if finding.code == code]
    assert path in [finding.path for finding in found]
    for finding in found:
        for sentence in (finding.sentence("ja"), finding.sentence("en")):
            assert sentence
            assert "{" not in sentence


def test_every_kind_of_finding_has_a_case() -> None:
    elsewhere = {fairness.ARMS_FAR_APART.code}  # of value that shrinks: `test_arms_ahead.py`
    elsewhere |= {timing.IS_OVER.code, timing.WINDOW_PASSED.code}  # of a day of launch: `test_timing.py`
    elsewhere |= {kind.code for kind in findings.catalogue() if kind.code.startswith("campaign")}  # `test_campaigns.py`
    assert {kind.code for kind in findings.catalogue()} - elsewhere == {case[0] for case in CASES}


@pytest.mark.parametrize("name", [VOUCHER, POINT, BENEFIT])
def test_a_shipped_document_gives_no_reason_for_complaint(name: str) -> None:
    assert judged(shipped()[name]) == []


def test_errors_come_first_and_lints_forbid_nothing() -> None:
    both = judged(changed(VOUCHER, {"expiry": {"kind": "never"}, "obtaining.rounds.0.units": 9_999}))
    assert [finding.is_error for finding in both] == sorted((finding.is_error for finding in both), reverse=True)
    assert {finding.code for finding in both if not finding.is_error} == {"never_ends"}


SOUND: list[tuple[str, dict[str, Any]]] = [
    (VOUCHER, {"obtaining.rounds.0": ROUND}),
    (VOUCHER, GIVEN),
    (POINT, {"obtaining": REWARD, "sources": [], "limits.balance_max_yen": GONE}),
    (VOUCHER, {"obtaining.rounds.1": LEFT}),  # sells what the first leaves
    (VOUCHER, {"obtaining.rounds.1": {**LEFT, "units": 0, "bundle": "small"}, "obtaining.rounds.0.bundle": "small",
               "obtaining.bundles": [BUNDLE]}),
    (VOUCHER, {"funds.0.fiscal_year": 2024,
               "funds.0.carry_over": {"kind": "carried_forward", "resolved_on": date(2025, 3, 20)}}),
    (VOUCHER, {"funds.0.fiscal_year": 2023,
               "funds.0.carry_over": {"kind": "debt_burden", "resolved_on": date(2024, 3, 20)}}),
    (VOUCHER, {"funds.0.fiscal_year": 2022,
               "funds.0.carry_over": {"kind": "reserve_fund", "resolved_on": date(2022, 9, 20)}}),
    (VOUCHER, {"funds.1.fiscal_year": 2024}),  # buyers' money belongs to no year's budget
    (VOUCHER, {**PRIVATE, "scheme.psa_basis": "short_term"}),  # four months from the first purchase
    (VOUCHER, {**PRIVATE, "scheme.psa_basis": "short_term",
               "expiry": {"kind": "after", "months": 6, "to_the_day": True},
               "spending.window.last_day": date(2026, 3, 15)}),
    (BENEFIT, {"obtaining.statutory": True, "obtaining.choices": [{"receipt": "bank"}]}),
    (BENEFIT, {"obtaining.choices.1.bonus_yen": 0, "obtaining.choices.1.bonus_purse": GONE}),
    (POINT, {"agreements.0.shares": [{"fund": "sponsor", "share_bp": 10_000}]}),
]


@pytest.mark.parametrize(("name", "changes"), SOUND)
def test_lawful_neighbours_of_the_mistakes_are_not_refused(name: str, changes: dict[str, Any]) -> None:
    assert [finding.sentence("en") for finding in judged(changed(name, changes)) if finding.is_error] == []


def test_shops_may_claim_until_the_books_close() -> None:
    closing = changed(VOUCHER, {"refunds.shop_claims_until": date(2026, 5, 31)})
    assert [finding.code for finding in judged(closing)] == []


def test_money_is_not_judged_before_codes_are_sound() -> None:
    found = judged(changed(VOUCHER, {"purses.0.code": "gold", "obtaining.rounds.0.units": 9_999}))
    assert "budget_too_small" not in {finding.code for finding in found}
    assert "unknown_code" in {finding.code for finding in found}


def test_the_sentence_of_a_condition_is_given_in_both_languages() -> None:
    (finding,) = judged(changed(VOUCHER, {"purses.0.where": RENT}))
    assert "rent" in finding.sentence("ja")
    assert "does not exist" in finding.sentence("en")
    assert "does not exist" not in finding.sentence("ja")


def test_notes_of_law_name_their_text() -> None:
    (finding,) = [each for each in judged(changed(VOUCHER, PRIVATE)) if each.code == "not_a_public_issuer"]
    assert finding.law == "資金決済法 4条3号"


def test_numbers_in_sentences_carry_separators() -> None:
    (finding,) = judged(changed(VOUCHER, {"obtaining.rounds.0.units": 3_000}))
    assert finding.sentence("en").startswith("The fund “premium” holds 6,000,000 yen, but 9,000,000 yen are promised.")


@pytest.mark.parametrize("declare", [declare_error, declare_lint])
def test_a_kind_is_declared_once_and_says_the_same_in_both_languages(declare: Callable[..., Any]) -> None:
    with pytest.raises(ValueError, match="declared twice"):
        declare("code_twice", ja="二度", en="twice")
    with pytest.raises(ValueError, match="differ in facts"):
        declare("brand_new", ja="{one}", en="{two}")


def test_a_finding_without_its_facts_is_a_mistake_of_the_program() -> None:
    kind = next(kind for kind in findings.catalogue() if kind.code == "code_twice")
    with pytest.raises(KeyError, match="name"):
        found(kind, "funds")
