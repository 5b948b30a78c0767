"""The three families lived from the first day to the last, through the rooms' own operations and into proved books."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.core.management import call_command

from meguri.programmes.dry_run import write_line
from tests.dry_runs.short import codes, on, peak, short, told, wanted
from tests.programmes.builders import BENEFIT, POINT, VOUCHER

pytestmark = pytest.mark.usefixtures("books")


def test_a_voucher_is_applied_for_drawn_paid_spent_and_what_nobody_used_lapses() -> None:
    days, ending = told(wanted(short(VOUCHER)))
    assert [each.day for each in days] == [date(2025, 7, 24) + timedelta(days=n) for n in range(30)]
    assert {each.in_all for each in days} == {30}
    assert not on(days, 7, 25).counts["applications"]
    applied, drawn, paid, last = (on(days, *day).counts for day in ((8, 3), (8, 4), (8, 8), (8, 22)))
    assert (applied["applications"], applied["units_won"], drawn["units_won"]) == (30, 0, 40), "half of sixty, one draw"
    assert drawn["units_applied"] > 40, "more is wanted than there is"
    assert drawn["applicants"] == 30
    assert paid["units_bought"] + paid["units_left"] == 40
    assert last["units_lapsed"] == 40 - last["units_bought"]
    # only this document gives 3,000 yen of premium for every 10,000 that a buyer pays
    assert peak(days, "buyers") == 10_000 * last["units_bought"]
    assert peak(days, "premium") == 3_000 * last["units_bought"]
    assert last["lapsed_paid_yen"] == next(each.expired_yen for each in days[-1].funds if each.code == "buyers")
    assert {each.topic for each in on(days, 8, 4).told} == {"voucher.won", "voucher.lost"}
    assert sum(each.times for each in on(days, 8, 4).told) == 30
    assert any("抽選の日" in each.ja for each in on(days, 8, 4).due)
    assert any(each.who == "accounting" for each in on(days, 8, 1).due)
    refused = {met.code for day in days for met in day.met}
    assert "voucher_resident_unknown" in refused, "outsiders come as well, and are told no"
    assert {"units_unsold", "lapsed_paid_yen"} <= codes(ending)
    forecast = {each.en: (each.forecast, each.lived) for each in ending.compared}
    assert forecast["Units sold"] == (40, last["units_bought"])
    assert forecast["Drawn from “Voucher premium”"] == (120_000, 3_000 * last["units_bought"])


def test_points_follow_actions_and_two_funders_carry_seven_and_three_tenths() -> None:
    days, ending = told(wanted(short(POINT)))
    last = days[-1]
    assert last.counts["actions"] > 40
    assert 0 < last.counts["actors"] <= 30
    town, sponsor = peak(days, "town"), peak(days, "sponsor")
    # only this document lets a sponsor carry 30 % of all but the health check, whose 500 yen the town pays alone
    not_shared = town + sponsor - sponsor * 10 // 3
    assert sponsor > 0
    assert not_shared % 500 == 0
    assert not any(day.counts["actions"] for day in days if day.day < date(2025, 4, 1)), "nothing before its first day"
    after = [day.counts["actions"] for day in days if day.day > date(2025, 4, 12)]
    assert len(set(after)) == 1, "nothing after its last"
    met = {each.code: each for day in days for each in day.met}
    assert "1日の上限1回" in met["action_ceiling_reached"].ja, "who does it twice a day meets the limit"
    assert "0円です" in met["payment_short"].ja, "large shops take no points"
    assert {each.en for each in ending.compared} >= {"People who take part", "The most that lies in wallets"}


def test_a_benefit_is_decided_chosen_and_paid_with_a_bonus_for_local_money() -> None:
    days, ending = told(wanted(short(BENEFIT)))
    before, paid = on(days, 9, 24), on(days, 9, 25)
    assert before.counts["entitled"] == paid.counts["to_wallets"] + paid.counts["to_bank"] > 0
    assert (before.counts["to_wallets"], before.counts["served"]) == (0, 0), "nobody is paid before the day"
    # only this document adds 2,500 yen for whoever takes local money, and 50,000 for a child under one
    assert peak(days, "bonus") == 2_500 * paid.counts["to_wallets"]
    assert peak(days, "benefit") in {10_000 * paid.counts["entitled"] + 40_000 * babies for babies in range(4)}
    assert {each.code for each in on(days, 9, 23).met} <= {"benefit_chosen_too_late"}
    assert [each.times for each in on(days, 9, 2).told if each.topic == "benefit.decided"] == [paid.counts["entitled"]]
    entitled = next(each for each in ending.compared if each.en == "People entitled")
    assert (entitled.forecast, entitled.lived) == (paid.counts["entitled"],) * 2
    assert entitled.why_en == "As forecast."


def test_the_same_seed_and_document_give_the_same_days_and_another_seed_others() -> None:
    asked = wanted(short(VOUCHER, spending__window__last_day=date(2025, 8, 10), expiry__last_day=date(2025, 8, 10),
                         refunds__shop_claims_until=date(2025, 8, 12)))  # fmt: skip
    lived = []
    for seed in (7, 7, 8):
        days, ending = told(wanted(short(VOUCHER), seed=seed) if seed == 8 else asked)
        lived.append([write_line(line) for line in (*days, ending)])
        call_command("flush", verbosity=0, interactive=False, allow_cascade=True)
    assert lived[0] == lived[1]
    assert lived[0][2:5] != lived[2][2:5]


def test_a_budget_that_is_too_small_runs_dry_on_a_day_and_says_so() -> None:
    days, ending = told(wanted(short(POINT, funds__0__amount_yen=140, funds__1__amount_yen=60)))
    dry = [each for each in ending.surprises if each.code == "budget_dry"]
    assert {each.is_wrong for each in dry} == {True}
    assert dry
    day = next(each for each in days if each.day == dry[0].day)
    assert [each.left_yen for each in day.funds if each.en in dry[0].en] == [0]
    assert any(met.code in {"action_budget_empty", "shares_exhausted"} for each in days for met in each.met)
    assert ending.surprises[0].is_wrong, "what went wrong stands first"


def test_a_benefit_whose_budget_does_not_reach_is_refused_to_the_desk_and_nobody_gets_anything() -> None:
    days, ending = told(wanted(short(BENEFIT, funds__0__amount_yen=20_000)))
    stuck = next(each for each in ending.surprises if each.code == "benefit_budget_empty")
    assert (stuck.is_wrong, stuck.day) == (True, date(2025, 9, 25))
    assert "nobody_served" in codes(ending)
    tried = [day.day.day for day in days if any(met.code == "benefit_budget_empty" for met in day.met)]
    assert tried == [25, 2], "the desk tries again a week later, while it can be spent"


def test_a_document_that_nobody_can_launch_is_not_lived_and_says_why() -> None:
    days, ending = told(wanted(short(VOUCHER, obtaining__rounds__0__drawn_on=date(2025, 7, 28))))
    assert days == []
    assert [(each.code, each.is_wrong) for each in ending.surprises] == [("programme_has_errors", True)]
    assert "日付の順が逆です" in ending.surprises[0].ja


def test_a_large_town_is_lived_by_few_with_units_and_budget_in_proportion() -> None:
    asked = wanted(short(VOUCHER, obtaining__rounds__0__units=40_000, funds__0__amount_yen=120_000_000),
                   population=60_000)  # fmt: skip
    days, _ = told(asked)
    assert on(days, 8, 3).counts["units_left"] == 40
    assert next(each.left_yen for each in days[0].funds if each.code == "premium") == 120_000
