"""What a trial would be: sizes, costs, and the least effect that it finds, against sums made by hand and by chance."""

from __future__ import annotations

import random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from meguri.programmes.arms_ahead import (
    FOUND,
    SURE,
    UNITS_LEAST,
    Register,
    TrialAhead,
    left_of,
    smallest_difference,
    trial_ahead,
)
from meguri.programmes.forecasting import Expectation, Figure, Forecast
from meguri.programmes.terms import ProgrammeTerms
from meguri.programmes.validation import validate
from meguri.programmes.vocabularies import DECLARED
from tests.programmes.trials import arm, points, trial, voucher

TOWN = Register(people=10_000, households=4_000, wards=5)
SHRINKING = {"demurrage": {"rate_bp": 200, "every_days": 30}}
RAISED = [{"purse": "premium", "yen": 3_500}]


def ahead(terms: ProgrammeTerms, *, eligible: int = 8_000, sold: int = 1_000, uptake: int = 5_000) -> TrialAhead:
    assert terms.trial is not None
    figures = (Figure("sold", sold, "units", None),)  # type: ignore[arg-type]
    return trial_ahead(
        terms, terms.trial, eligible=eligible, register=TOWN, expectation=Expectation(uptake_bp=uptake),
        seen=Forecast(figures=figures),
    )  # fmt: skip


def test_everybody_eligible_is_drawn_by_share() -> None:
    found = ahead(voucher(trial(arm("reminded", reminder_days=14, share_bp=5_000))))
    assert (found.units, [one.units for one in found.arms]) == (8_000, [4_000, 4_000])
    assert (found.strata, found.in_stratum) == (1, 8_000)


def test_households_are_no_more_than_there_are() -> None:
    by_household = trial(arm("reminded", reminder_days=14), per="household", strata="ward")
    found = ahead(voucher(by_household))
    assert (found.units, found.strata, found.in_stratum) == (4_000, 5, 800)
    assert ahead(voucher(by_household), eligible=300).units == 300


def test_a_reminder_is_looked_for_among_who_takes_part() -> None:
    """2.8 x root(0.5 x 0.5 x (1/2,000 + 1/2,000)) = 0.0443."""
    control, reminded = ahead(voucher(trial(arm("reminded", reminder_days=14)))).arms
    assert reminded.smallest_bp == pytest.approx(443, abs=1)
    assert "1/2,000" in reminded.smallest_how.en
    assert (control.is_control, control.smallest_bp) == (True, None)


def test_a_premium_is_looked_for_among_all_drawn_and_costs_its_difference() -> None:
    """2.8 x root(0.2 x 0.8 x (1/4,000 + 1/4,000)) = 0.0251; 1,000 units x 50 % x 500 yen."""
    _, more = ahead(voucher(trial(arm("more", premium=RAISED))), uptake=2_000).arms
    assert more.smallest_bp == pytest.approx(251, abs=1)
    assert more.extra_yen == 250_000
    assert "500 yen" in more.extra_how.en


def test_what_costs_nothing_more_says_so() -> None:
    control, reminded = ahead(voucher(trial(arm("reminded", reminder_days=14)))).arms
    assert (control.extra_yen, reminded.extra_yen) == (0, 0)
    assert reminded.extra_how.en == "no more budget"


def test_too_few_tell_nothing_and_it_is_said_how_to_mend_it() -> None:
    _, reminded = ahead(voucher(trial(arm("reminded", reminder_days=14))), eligible=30).arms
    assert reminded.smallest_bp is None
    assert "larger share" in reminded.smallest_how.en


@pytest.mark.parametrize(("rate", "left"), [(0, 10_000), (100, None), (200, None)])
def test_unspent_yen_shrink_by_the_arm_s_own_rate(rate: int, left: int | None) -> None:
    own = {"demurrage_bp": rate} if rate < 200 else {"reminder_days": 3}
    terms = points(trial(arm("other", **own)), SHRINKING)
    assert terms.trial is not None
    control, other = (left_of(terms, one) for one in terms.trial.arms)
    assert control is not None
    assert other is not None
    assert 0 < control <= other <= 10_000
    assert left in (None, other)
    assert (control == other) == (rate == 200)


def test_nothing_shrinks_where_the_terms_do_not_say_so() -> None:
    assert left_of(voucher(None), None) is None


@given(st.floats(0.01, 0.99), st.integers(UNITS_LEAST, 10**6), st.integers(UNITS_LEAST, 10**6))
def test_more_people_find_smaller_differences(share: float, one: int, other: int) -> None:
    found = smallest_difference(share, one=one, other=other)
    assert smallest_difference(share, one=2 * one, other=2 * other) == pytest.approx(found / 2**0.5)
    assert found == pytest.approx(smallest_difference(1 - share, one=one, other=other))


def test_the_smallest_difference_is_found_four_times_in_five() -> None:
    """Trials made by chance: where the difference is as large as promised, four of five show it, and where there is
    none, one in twenty does.
    """
    chance, n, p = random.Random(7), 400, 0.4
    gap = smallest_difference(p, one=n, other=n)

    def shows(difference: float) -> bool:
        shares = (p + difference / 2, p - difference / 2)
        one, other = (sum(chance.random() < share for _ in range(n)) / n for share in shares)
        pooled = (one + other) / 2
        return abs(one - other) > SURE * (2 * pooled * (1 - pooled) / n) ** 0.5

    assert sum(shows(gap) for _ in range(600)) / 600 == pytest.approx(0.8, abs=0.05)
    assert sum(shows(0) for _ in range(600)) / 600 == pytest.approx(0.05, abs=0.03)
    assert pytest.approx(2.8016, abs=1e-3) == SURE + FOUND


def said(drawn: dict[str, Any]) -> list[tuple[str, str]]:
    found = validate(points(drawn, SHRINKING | {"demurrage": {"rate_bp": 500, "every_days": 30}}), DECLARED)
    return [(each.code, each.path) for each in found if each.code.startswith(("arm", "no_control"))]


def test_shrinking_that_lot_decides_is_told_of_where_it_makes_a_difference() -> None:
    drawn_on = {"drawn_on": points(None).obtaining.window.first_day}  # type: ignore[union-attr]
    assert said(trial(arm("none", demurrage_bp=0), **drawn_on)) == [("arms_far_apart", "trial.arms.as-written")]
    assert said(trial(arm("nearly", demurrage_bp=490), **drawn_on)) == []


def test_one_arm_alone_compares_nothing() -> None:
    drawn_on = {"drawn_on": points(None).obtaining.window.first_day}  # type: ignore[union-attr]
    alone = trial(**drawn_on)
    alone["arms"][0] = {**alone["arms"][0], "share_bp": 10_000}
    assert said(alone) == [("arm_alone", "trial.arms")]


def test_no_arm_takes_value_faster_than_the_terms_promise() -> None:
    drawn_on = {"drawn_on": points(None).obtaining.window.first_day}  # type: ignore[union-attr]
    faster = trial(arm("faster", demurrage_bp=501), **drawn_on)
    assert ("arm_gives_less", "trial.arms.faster.demurrage_bp") in said(faster)
