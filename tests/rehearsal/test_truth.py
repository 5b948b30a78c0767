"""What was planted is what the panel holds."""

from __future__ import annotations

import json
import math
from collections import defaultdict
from dataclasses import asdict, replace
from datetime import timedelta
from typing import Any

import numpy as np
import pytest

from meguri.rehearsal.happenings import SpendingRow, UploadsSpending
from meguri.rehearsal.knowledge import Paid, Taken
from meguri.rehearsal.life import story
from meguri.rehearsal.paper_hall import live_on_paper
from meguri.rehearsal.timetable import moment, timetable
from meguri.rehearsal.town import Resident, Town
from meguri.rehearsal.truth import BASELINE_WEEKS, EFFECTS, Effects, SpendingPanel, truth
from tests.rehearsal.conftest import START, TEMPLATES, Lived

TABLE = timetable(START, weeks=16)


def panel(town: Town, *, applicants: set[str] | None = None) -> SpendingPanel:
    return SpendingPanel(town, table=TABLE, effects=EFFECTS, applicants=applicants or set(), seed=7)


def paid(who: str, yen: int, *, family: str = "voucher", kind: str = "paid") -> Paid:
    return Paid("k", moment(START, 12), who, "s0001", (Taken(kind, family, yen),))


def person(town: Town, *, exempt: bool, old: bool) -> Resident:
    return next(
        r for r in town.adults()
        if (town.household_of(r.key).tax_class == "exempt") == exempt and (r.age(START) >= 75) == old
    )  # fmt: skip


# --- the panel -------------------------------------------------------------------------------------------------------


def test_every_household_has_every_week_once(small_life: Lived) -> None:
    rows = [row for happening in small_life.stream if isinstance(happening, UploadsSpending) for row in happening.rows]
    assert len(rows) == len(small_life.town.households) * (BASELINE_WEEKS + 5)
    assert len({(row.household, row.week) for row in rows}) == len(rows)
    assert rows == small_life.life.panel.reported


def test_inside_and_outside_make_the_total(small_life: Lived) -> None:
    for row in small_life.life.panel.reported:
        assert row.total_yen == row.inside_yen + row.outside_yen
        assert row.outside_yen >= 0


def test_the_wallet_s_part_is_what_was_paid(large_life: Lived) -> None:
    inside = sum(row.inside_yen for row in large_life.life.panel.reported)
    left = sum(large_life.life.panel.given_back.values())  # refunds that no lived week could hold
    assert inside + left == sum(payment.yen for payment in large_life.life.known.paid)
    assert -1_000 < left <= 0


def test_reported_totals_are_both_outcomes_together(large_life: Lived) -> None:
    exact = sum(outcome.untreated + outcome.added for outcome in large_life.life.panel.outcomes)
    told = sum(row.total_yen for row in large_life.life.panel.reported)
    assert told == pytest.approx(exact, rel=1e-6)


def test_the_baseline_knows_no_wallet(small_life: Lived) -> None:
    first = [row for row in small_life.life.panel.reported if row.week < START]
    assert {row.inside_yen for row in first} == {0}
    assert {(START - row.week).days // 7 for row in first} == set(range(1, BASELINE_WEEKS + 1))
    assert all(outcome.added == 0 for outcome in small_life.life.panel.outcomes if outcome.week < 0)


def test_a_week_never_holds_less_than_the_wallet_shows(small_town: Town) -> None:
    """A payment far above a household's week is carried on, and the sum stays true."""
    mine, who = panel(small_town), next(small_town.adults())
    rows = [mine.rows(0, paid=[paid(who.key, 2_000_000)])] + [mine.rows(week, paid=[]) for week in range(1, 40)]
    of_home = [row for week in rows for row in week if row.household == who.household]
    assert of_home[0].outside_yen == 0
    exact = sum(o.untreated + o.added for o in mine.outcomes if o.household == who.household)
    assert sum(row.total_yen for row in of_home) == pytest.approx(exact, abs=2)


def test_no_week_is_reported_below_nothing(small_town: Town) -> None:
    """A refund of an earlier week's payment is subtracted where there is something, so that the sums stay true."""
    mine, who = panel(small_town), next(iter(small_town.residents.values()))
    weeks = [[paid(who.key, 5_000)], [paid(who.key, 300), paid(who.key, -5_000)], [paid(who.key, 1_000)],
             [paid(who.key, 6_000)]]  # fmt: skip
    rows = [row for week, payments in enumerate(weeks) for row in mine.rows(week, paid=payments)]
    inside = [row.inside_yen for row in rows if row.household == who.household]
    assert inside == [5_000, 0, 0, 2_300]
    assert sum(inside) == sum(payment.yen for payments in weeks for payment in payments)
    assert all(min(row.inside_yen, row.outside_yen) >= 0 for row in rows)


def test_the_same_seed_gives_the_same_weeks(small_town: Town) -> None:
    assert panel(small_town).rows(3, paid=[]) == panel(small_town).rows(3, paid=[])


# --- effects ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("exempt", "old", "effect"), [(False, False, 0.22), (True, False, 0.37), (False, True, 0.17), (True, True, 0.32)]
)
def test_a_voucher_yen_adds_what_was_planted(*, exempt: bool, old: bool, effect: float, large_town: Town) -> None:
    assert panel(large_town).mpc(person(large_town, exempt=exempt, old=old).key) == pytest.approx(effect)


def test_a_part_of_the_extra_is_missing_within_twelve_weeks(small_town: Town) -> None:
    mine, who = panel(small_town), person(small_town, exempt=False, old=False)
    mine.rows(0, paid=[paid(who.key, 10_000)])
    for week in range(1, 16):
        mine.rows(week, paid=[])
    added = [o.added for o in mine.outcomes if o.household == who.household]
    assert added[0] == pytest.approx(2_200)
    assert added[1:13] == pytest.approx([-0.3 * 2_200 / 12] * 12)
    assert added[13:] == [0, 0, 0]
    assert sum(added) == pytest.approx(0.7 * 2_200)


def test_points_and_benefits_have_effects_of_their_own(small_town: Town) -> None:
    mine, who = panel(small_town), next(small_town.adults())
    mine.rows(0, paid=[paid(who.key, 1_000, family="point"), paid(who.key, 1_000, family="benefit")])
    assert mine.outcomes[0].added == pytest.approx(100 + 300)


def test_a_refund_takes_its_effect_back(small_town: Town) -> None:
    mine, who = panel(small_town), next(small_town.adults())
    mine.rows(0, paid=[paid(who.key, 5_000), paid(who.key, -5_000)])
    assert mine.outcomes[0].added == pytest.approx(0)
    assert mine.voucher_yen == 0


def test_money_in_the_bank_is_spent_over_four_weeks(small_town: Town) -> None:
    mine, home = panel(small_town), next(iter(small_town.households))
    mine.receive_in_bank(home, week=0, amount_yen=30_000)
    added = [next(o.added for o in mine.outcomes[-len(small_town.households):] if o.household == home)
             for week in range(5) if mine.rows(week, paid=[])]  # fmt: skip
    assert added == pytest.approx([2_640, 1_980, 1_320, 660, 0])


def test_applicants_wait_for_the_sale_and_catch_up(small_town: Town) -> None:
    who = next(small_town.adults())
    home = small_town.household_of(who.key)
    plain, waiting = panel(small_town), panel(small_town, applicants={who.key})
    ratios = [waiting.untreated(home, week=w) / plain.untreated(home, week=w) for w in range(-3, 6)]
    sale = TABLE.sale_week
    wanted = [0.96 if -2 <= w - sale < 0 else 1.04 if 0 <= w - sale < 2 else 1.0 for w in range(-3, 6)]
    assert ratios == pytest.approx(wanted)
    assert 0.96 in wanted
    assert sum(wanted) == pytest.approx(9)


def test_growing_households_apply_more_often(large_life: Lived) -> None:
    town, plan = large_life.town, large_life.life.plan
    joined = [key for key, p in plan.people.items() if p.joins and p.joins < moment(START + timedelta(days=3), 0)]
    applied = [town.household_of(key).growth_rank for key in joined if plan.people[key].applies]
    others = [town.household_of(key).growth_rank for key in joined if not plan.people[key].applies]
    assert np.mean(applied) - np.mean(others) > 0.2


def test_december_is_dearer(small_town: Town) -> None:
    mine = panel(small_town)
    homes = list(small_town.households.values())
    november = sum(mine.untreated(home, week=6) for home in homes)
    december = sum(mine.untreated(home, week=9) for home in homes)
    assert december / november == pytest.approx(1.12, abs=0.04)


# --- evidence can find it --------------------------------------------------------------------------------------------


def lottery(story: Lived) -> dict[str, Any]:
    """Per household of applicants: units asked and won, voucher yen, and the change of weekly spending (arrays)."""
    town, known, table = story.town, story.life.known, story.life.table
    place = {key: i for i, key in enumerate(town.households)}
    found = {name: np.zeros(len(place)) for name in ("asked", "won", "voucher", "before", "after")}
    for who, units in known.applied.items():
        found["asked"][place[town.residents[who].household]] += units
        found["won"][place[town.residents[who].household]] += units * (who in (known.won or ()))
    for payment in known.paid:
        yen = sum(part.yen for part in payment.taken if part.family == "voucher")
        found["voucher"][place[town.residents[payment.who].household]] += yen
    for row in story.life.panel.reported:
        week = table.week(row.week)
        if week < table.sale_week - 2 or week >= table.sale_week:
            found["before" if week < 0 else "after"][place[row.household]] += row.total_yen
    found["weeks"] = np.array([BASELINE_WEEKS - 2 + table.sale_week, table.weeks - table.sale_week])
    return found


def instrumented(data: dict[str, Any]) -> tuple[float, float]:
    """Yen of extra spending per voucher yen and its standard error: units won as the instrument, within units asked."""
    m = data["asked"] > 0
    before, after = data["weeks"]
    change = (data["after"] - data["before"] * after / before)[m]
    strata = np.array([data["asked"] == asked for asked in np.unique(data["asked"][m])], dtype=float).T[m]
    level = (data["before"] / before)[m]
    x, z = (np.column_stack([data[name][m], level, strata]) for name in ("voucher", "won"))
    inverse = np.linalg.inv(z.T @ x)
    beta = inverse @ z.T @ change
    rest = change - x @ beta
    spread = inverse @ (z.T * rest**2) @ z @ inverse.T
    return float(beta[0]), math.sqrt(spread[0, 0])


def test_the_lottery_recovers_the_planted_effect(large_life: Lived) -> None:
    planted = truth(large_life.life.panel, extra={})["realised"]["voucher_mpc_by_the_end"]
    found, error = instrumented(lottery(large_life))
    assert error < 0.1
    assert abs(found - planted) < 2 * error


def test_comparing_applicants_with_others_would_mislead(large_life: Lived) -> None:
    """The planted selection: whoever applied was on the way up anyway."""
    data = lottery(large_life)
    before, after = data["weeks"]
    change = data["after"] - data["before"] * after / before
    applied = data["asked"] > 0
    naive = (change[applied].mean() - change[~applied].mean()) / data["voucher"][applied].mean()
    planted = truth(large_life.life.panel, extra={})["realised"]["voucher_mpc_by_the_end"]
    assert naive > planted + 0.1


def test_invited_wards_walk_more(large_life: Lived) -> None:
    """The staggered invitation recovers the planted half day a week."""
    waves, activity = large_life.life.plan.waves, large_life.life.habits.activity
    people = [key for key in large_life.life.known.open if key in large_life.life.plan.people]
    walked: dict[bool, list[int]] = defaultdict(list)
    early = [
        k
        for k in people
        if (p := large_life.life.plan.people[k]).joins and p.joins < moment(START + timedelta(days=7), 0)
    ]
    for week in range(1, 8):
        for key in early:
            walked[week >= waves[large_life.town.residents[key].ward]].append(activity[week].walk_days[key])
    gap = np.mean(walked[True]) - np.mean(walked[False])
    error = math.sqrt(sum(np.var(group) / len(group) for group in walked.values()))
    assert abs(gap - EFFECTS.walk_days_response) < 2 * error + 0.02
    assert error < 0.05


def test_the_truth_is_plain_json_with_all_names(small_life: Lived) -> None:
    told = json.loads(json.dumps(truth(small_life.life.panel, extra={"more": 1})))
    assert told["planted"]["mpc_base"] == 0.22
    assert told["more"] == 1
    assert "架空" in told["label"]
    realised = told["realised"]
    assert realised["voucher_mpc_for_ever"] < realised["voucher_mpc_by_the_end"] < realised["voucher_mpc_at_once"]


def test_the_truth_says_what_the_households_spent_in_all(small_life: Lived) -> None:
    panel = small_life.life.panel
    realised = truth(panel, extra={})["realised"]
    lived = [row for row in panel.reported if row.week >= START]
    assert realised["inside_yen"] == sum(paid.yen for paid in small_life.life.known.paid)
    assert realised["inside_yen"] + realised["outside_yen"] == realised["spending_yen"]
    assert realised["spending_yen"] == sum(row.total_yen for row in lived)
    carried = sum(panel.carried.values())  # below a yen for each household, and what a full wallet pushed on
    whole = sum(row.total_yen for row in panel.reported)  # with the weeks before the life, which carry on too
    exact = sum(outcome.untreated + outcome.added for outcome in panel.outcomes)
    assert whole + carried == pytest.approx(exact, abs=0.01)


def test_what_is_named_as_planted_is_what_the_life_was_made_with(small_town: Town) -> None:
    other = replace(EFFECTS, mpc_base=0.5, shop_gain=0.1)
    tale = story(small_town, templates=TEMPLATES, weeks=4, start=START, seed=1, effects=other)
    life, stream = live_on_paper(tale)
    assert list(stream)
    told = truth(life.panel, extra={})
    assert told["planted"] == asdict(other)
    assert told["realised"]["voucher_mpc_at_once"] > 0.45  # of which a part only was brought forward
    assert told["realised"]["voucher_mpc_for_ever"] == pytest.approx(
        told["realised"]["voucher_mpc_at_once"] * 0.7, abs=0.001
    )  # fmt: skip


def test_nothing_planted_leaves_nothing_to_find(small_town: Town) -> None:
    nothing = Effects(**dict.fromkeys(("mpc_base", "mpc_low_income", "mpc_over_75", "mpc_points",
                                       "mpc_benefit_local_money", "mpc_benefit_bank"), 0.0))  # fmt: skip
    life, stream = live_on_paper(
        story(small_town, templates=TEMPLATES, weeks=4, start=START, seed=1, effects=nothing)
    )  # fmt: skip
    assert list(stream)
    realised = truth(life.panel, extra={})["realised"]
    assert realised["voucher_yen"] > 0
    assert (realised["voucher_mpc_at_once"], realised["added_yen"]) == (0.0, 0)


def test_a_run_without_vouchers_claims_no_ratio(small_town: Town) -> None:
    assert truth(panel(small_town), extra={})["realised"]["voucher_mpc_at_once"] is None


def test_rows_are_named(small_town: Town) -> None:
    assert SpendingRow._fields == ("household", "week", "total_yen", "inside_yen", "outside_yen")
