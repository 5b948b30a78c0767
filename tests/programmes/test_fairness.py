"""Trials that would be unfair or tell nothing are refused before the launch, each with what and where."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from meguri.programmes.findings import Finding
from meguri.programmes.terms import ProgrammeTerms, from_tree
from meguri.programmes.validation import validate
from meguri.programmes.vocabularies import DECLARED
from tests.programmes.builders import BENEFIT, tree_of
from tests.programmes.trials import arm, points, trial, voucher

LATER = {"kind": "on", "last_day": date(2026, 2, 28)}
SOONER = {"kind": "on", "last_day": date(2025, 12, 31)}
UNTIL_FEBRUARY = {"spending.window.last_day": date(2026, 2, 28)}
RAISED = {"purse": "premium", "yen": 3_500}


def errors(terms: ProgrammeTerms) -> list[Finding]:
    return [each for each in validate(terms, DECLARED) if each.is_error]


def wrong(terms: ProgrammeTerms) -> list[tuple[str, str]]:
    return [(each.code, each.path) for each in errors(terms)]


SOUND: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "a reminder": (trial(arm("reminded", reminder_days=14)), {}),
    "no reminder": (trial(arm("silent", reminder_days=0)), {}),
    "a later day": (trial(arm("longer", expiry=LATER)), UNTIL_FEBRUARY),
    "a larger premium": (trial(arm("more", premium=[RAISED])), {}),
    "by household in wards": (trial(arm("reminded", reminder_days=3), per="household", strata="ward"), {}),
    "both at once": (
        trial(arm("both", share_bp=2_500, reminder_days=14, premium=[RAISED]), arm("one", share_bp=2_500,
              reminder_days=14)), {},
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", SOUND)
def test_a_sound_trial_may_be_launched(name: str) -> None:
    drawn, changes = SOUND[name]
    assert errors(voucher(drawn, changes)) == []


def test_points_that_cost_nothing_may_end_sooner_in_an_arm() -> None:
    drawn = trial(arm("sooner", expiry={"kind": "on", "last_day": date(2026, 3, 15)}), drawn_on=date(2025, 4, 1))
    assert errors(points(drawn)) == []


UNSOUND: dict[str, tuple[dict[str, Any], dict[str, Any], tuple[str, str]]] = {
    "shares of less than the whole": (
        trial(arm("reminded", share_bp=4_000, reminder_days=3)), {}, ("arm_shares_not_whole", "trial.arms"),
    ),
    "no control": (
        trial(arms=[arm("a", reminder_days=3), arm("b", reminder_days=14)]), {},
        ("no_control_arm", "trial.arms"),
    ),
    "the same code twice": (
        trial(arm("as-written", reminder_days=3)), {}, ("arm_twice", "trial.arms"),
    ),
    "drawn after the first can apply": (
        trial(arm("reminded", reminder_days=3), drawn_on=date(2025, 7, 27)), {}, ("out_of_order", "trial.drawn_on"),
    ),
    "a household split by a ceiling of the household": (
        trial(arm("reminded", reminder_days=3)), {"obtaining.per": "household"},
        ("household_drawn_apart", "trial.per"),
    ),
    "less premium than announced": (
        trial(arm("less", premium=[{"purse": "premium", "yen": 2_999}])), {},
        ("arm_gives_less", "trial.arms.less.premium"),
    ),
    "a shorter life of what people pay for": (
        trial(arm("sooner", expiry=SOONER)), {}, ("arm_gives_less", "trial.arms.sooner.expiry"),
    ),
    "a later day on which nothing can be spent any more": (
        trial(arm("longer", expiry=LATER)), {}, ("arms_alike", "trial.arms.longer"),
    ),
    "a premium on what people pay": (
        trial(arm("gift", premium=[{"purse": "paid", "yen": 11_000}])), {},
        ("arm_does_not_fit", "trial.arms.gift.premium"),
    ),
    "a premium for a purse that is nowhere": (
        trial(arm("gift", premium=[{"purse": "golden", "yen": 11_000}])), {},
        ("arm_does_not_fit", "trial.arms.gift.premium"),
    ),
    "a premium twice": (
        trial(arm("gift", premium=[RAISED, RAISED])), {}, ("arm_does_not_fit", "trial.arms.gift.premium"),
    ),
    "another kind of expiry": (
        trial(arm("longer", expiry={"kind": "after", "months": 8})), {},
        ("arm_does_not_fit", "trial.arms.longer.expiry"),
    ),
    "demurrage where there is none": (
        trial(arm("shrinking", demurrage_bp=100)), {}, ("arm_does_not_fit", "trial.arms.shrinking.demurrage_bp"),
    ),
    "a premium on printed notes": (
        trial(arm("more", premium=[RAISED])), {"obtaining.paper_or_electronic": True},
        ("arm_does_not_fit", "trial.arms.more.premium"),
    ),
    "a reminder of what never ends": (
        trial(arm("reminded", reminder_days=3)), {"expiry": {"kind": "never"}},
        ("arm_does_not_fit", "trial.arms.reminded.reminder_days"),
    ),
    "a budget for the control alone": (
        trial(arm("more", premium=[{"purse": "premium", "yen": 7_000}])), {},
        ("budget_too_small", "funds.premium.amount_yen"),
    ),
    "a year that ends before the longest arm": (
        trial(arm("longer", expiry={"kind": "on", "last_day": date(2026, 4, 30)})),
        {"spending.window.last_day": date(2026, 4, 30), "refunds.shop_claims_until": date(2026, 5, 20)},
        ("spent_after_the_year", "funds.premium.fiscal_year"),
    ),
    "the six months of another issuer": (
        trial(arm("longer", expiry=LATER)),
        {**UNTIL_FEBRUARY, "scheme.issuer_kind": "chamber", "scheme.psa_basis": "short_term",
         "expiry.last_day": date(2026, 1, 25)},
        ("longer_than_six_months", "trial.arms.longer.expiry"),
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", UNSOUND)
def test_an_unsound_trial_is_refused_with_what_and_where(name: str) -> None:
    drawn, changes, expected = UNSOUND[name]
    found = errors(voucher(drawn, changes))
    assert expected in [(each.code, each.path) for each in found]
    for each in found:  # every sentence can be said in both languages
        assert each.sentence("ja") != each.sentence("en")


def test_without_its_trial_each_of_these_documents_is_sound() -> None:
    """So the trial alone is to blame, but where the document itself was bent to it."""
    bent = {"the six months of another issuer", "a year that ends before the longest arm",
            "a later day on which nothing can be spent any more", "a reminder of what never ends"}  # fmt: skip
    for name, (_, changes, _) in UNSOUND.items():
        if name not in bent and "expiry" not in changes:
            assert wrong(voucher(None, changes)) == [], name


def test_two_arms_under_which_the_same_happens_tell_nothing() -> None:
    drawn = trial(arm("one", share_bp=2_500, reminder_days=3), arm("other", share_bp=2_500, reminder_days=3))
    (finding,) = errors(voucher(drawn))
    assert finding.path == "trial.arms.other"
    assert "群 one" in finding.sentence("ja")
    assert "arm other" in finding.sentence("en")


def test_a_benefit_by_national_law_is_never_drawn() -> None:
    tree = tree_of(BENEFIT, {})
    paid = tree["obtaining"]["choosing"]["first_day"]
    own = {**tree, "sources": [], "trial": trial(arm("reminded", reminder_days=14), drawn_on=paid, per="household")}
    assert wrong(from_tree(own)) == []  # the town's own may be
    apart = {**own, "trial": {**own["trial"], "per": "resident"}}  # a parent receives for a child
    assert wrong(from_tree(apart)) == [("household_drawn_apart", "trial.per")]
    statutory = {**own, "obtaining": {**tree["obtaining"], "statutory": True}}
    found = errors(from_tree(statutory))
    assert ("statutory_benefit_is_not_drawn", "trial") in [(each.code, each.path) for each in found]
    (law,) = {each.law for each in found if each.code == "statutory_benefit_is_not_drawn"}
    assert "地方自治法 10条" in law


def test_reminding_one_of_a_family_is_noted_but_allowed() -> None:
    lints = [each for each in validate(voucher(trial(arm("reminded", reminder_days=3))), DECLARED) if not each.is_error]
    assert ("reminder_spills_over", "trial.per") in [(each.code, each.path) for each in lints]
    together = voucher(trial(arm("reminded", reminder_days=3), per="household"))
    assert "reminder_spills_over" not in [each.code for each in validate(together, DECLARED)]


def test_value_that_shrinks_may_shrink_less_in_an_arm_but_never_more() -> None:
    shrinking = {"demurrage": {"every_days": 30, "rate_bp": 500}}
    for rate, expected in ((0, []), (200, []), (501, [("arm_gives_less", "trial.arms.other.demurrage_bp")]),
                           (500, [("arms_alike", "trial.arms.other")])):  # fmt: skip
        assert wrong(voucher(trial(arm("other", demurrage_bp=rate)), shrinking)) == expected, rate


def test_the_expiry_of_the_control_must_leave_time_to_buy() -> None:
    early = {**UNTIL_FEBRUARY, "expiry.last_day": date(2025, 10, 30)}
    assert ("out_of_order", "expiry.last_day") in wrong(voucher(trial(arm("longer", expiry=LATER)), early))


def test_what_is_said_of_an_arm_may_carry_a_source() -> None:
    noted = {"sources": [{"value": "trial.arms.reminded.reminder_days", "assumed": "二週間あれば買い物に行ける。"}]}
    assert wrong(voucher(trial(arm("reminded", reminder_days=14)), noted)) == []
