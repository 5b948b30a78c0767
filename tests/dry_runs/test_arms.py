"""A draft in which lot decides a part of the conditions is lived with its draw: nobody waits for arms for ever."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from django.core.management import call_command

from meguri.programmes.models import ArmsDraw, ArmUnit
from tests.dry_runs.short import short, told, wanted
from tests.programmes.builders import POINT

pytestmark = pytest.mark.usefixtures("books")
BEGINS = date(2025, 4, 1)
DRAWN = date(2025, 3, 31)


def drawn(on: date = DRAWN) -> Any:
    """Half of the people are reminded a week earlier than the others."""
    control = {"code": "as-written", "name": {"ja": "要綱のまま", "en": "as written"}, "share_bp": 5_000}
    reminded = {"code": "reminded", "name": {"ja": "早めに知らせる", "en": "reminded early"}, "share_bp": 5_000,
                "reminder_days": 14}  # fmt: skip
    return short(POINT, trial={
        "arms": [control, reminded], "drawn_on": on,
        "public_value": {"ja": "前日の日経平均株価の終値", "en": "the Nikkei's close on the day before"},
        "reason": {"ja": "どのお知らせが役に立つかを確かめるためです。", "en": "To learn which reminder helps."},
    }, sources=[])  # fmt: skip


def test_the_arms_are_drawn_on_their_day_and_people_earn_as_ever() -> None:
    days, _ = told(wanted(drawn()))
    waited = {day.day for day in days for met in day.met if met.code == "arms_not_drawn"}
    assert waited <= {DRAWN - timedelta(days=1)}, "only who comes too early waits for the draw"
    assert days[-1].counts["actions"] > 40
    on = {day.day for day in days for due in day.due if "抽選します" in due.ja}
    assert on == {DRAWN}, "the desk is told once, on the day"
    arms = list(ArmUnit.objects.values_list("arm", flat=True))
    assert {"as-written", "reminded"} == set(arms)
    assert abs(arms.count("reminded") - arms.count("as-written")) <= 1
    assert ArmsDraw.objects.get().drawn_at is not None


def test_who_is_reminded_early_is_told_on_an_earlier_day() -> None:
    days, _ = told(wanted(drawn()))
    ends = date(2025, 4, 21)
    reminded = {day.day for day in days for each in day.told if each.topic == "wallet.expiring"}
    assert min(reminded) <= ends - timedelta(days=12)
    assert max(reminded) >= ends - timedelta(days=8)


def test_a_draw_whose_day_was_before_the_launch_is_drawn_at_once() -> None:
    days, _ = told(wanted(drawn(date(2025, 3, 1))))
    on = [day.day for day in days for due in day.due if "抽選します" in due.ja]
    assert on == [days[0].day]
    assert days[-1].counts["actions"] > 40


def test_the_same_seed_draws_the_same_arms() -> None:
    def lived() -> tuple[dict[Any, str], list[dict[str, int]]]:
        days, _ = told(wanted(drawn()))
        arms = dict(ArmUnit.objects.values_list("unit", "arm"))
        call_command("flush", verbosity=0, interactive=False, allow_cascade=True)
        return arms, [day.counts for day in days]

    (first, days), (second, again) = lived(), lived()
    assert first == second
    assert days == again
    assert set(first.values()) == {"as-written", "reminded"}
