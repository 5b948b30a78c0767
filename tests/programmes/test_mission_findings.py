"""What is said of a mission that nobody can complete, in both languages; and none that can be is refused."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from meguri.programmes.findings import Finding
from meguri.programmes.mission_faults import wrong_missions
from meguri.programmes.mission_parts import Comeback, Counting, FirstTime, Mission, Rally, SoOften, Span, Streak
from meguri.programmes.part import Text, Window
from meguri.programmes.parts import Action, Evidence, GrantByAction, Limit, Per
from meguri.programmes.points.mission_rules import Tally, completions
from tests.programmes.builders import BENEFIT, VOUCHER, document

FIRST = date(2025, 6, 2)
DAY = timedelta(days=1)
NAME = Text(ja="まち歩き", en="Town walk")


def window(days: int, first: date = FIRST) -> Window:
    return Window(first_day=first, last_day=first + (days - 1) * DAY)


def action(code: str = "walk", evidence: Evidence = Evidence.SELF_REPORT, **more: Any) -> Action:
    return Action(code=code, name=NAME, yen=10, evidence=evidence, **more)


def mission(counting: Counting, *actions: str, **more: Any) -> Mission:
    return Mission(code="round", name=NAME, yen=more.pop("yen", 100), actions=actions, counting=counting, **more)


def grant(of: Mission, *actions: Action, days: int = 10, limits: tuple[Limit, ...] = ()) -> GrantByAction:
    return GrantByAction(window=window(days), purse="points", actions=actions, missions=(of,), limits=limits)


def only(found: Iterator[Finding]) -> Finding:
    (one,) = found
    return one


WALK, STOP = action(), action("bus", Evidence.PLACE_CODE)
ONCE_A_DAY = action(limits=(Limit(per=Per.DAY, times=1),))
CASES: list[tuple[str, GrantByAction, dict[str, object], str, str]] = [
    # code, what is promised, facts, a part of either sentence
    ("mission_without_actions", grant(mission(FirstTime()), WALK), {}, "で数える行動がありません", "counts no actions"),
    ("rally_places_missing", grant(mission(Rally(wanted=4, places=3), "bus"), STOP), {"wanted": 4, "places": 3},
     "4か所をまわるものですが、場所は3か所しか", "wants 4 places, but there are only 3"),
    ("rally_without_places", grant(mission(Rally(wanted=1, places=3), "walk"), WALK), {},
     "場所が分かるものがありません", "tells a place"),
    ("mission_unreachable", grant(mission(SoOften(wanted=11), "walk"), ONCE_A_DAY), {"wanted": 11, "most": 10},
     "11回(日・週)が要りますが、期間と行動の上限では10まで", "it takes 11, and the window and the actions' limits"),
    ("mission_unreachable", grant(mission(Streak(wanted=11, grace=5), "walk"), WALK), {"wanted": 11, "most": 10},
     "達成できません", "cannot be completed"),
    ("mission_unreachable", grant(mission(Streak(wanted=3, span=Span.WEEK), "walk"), WALK), {"wanted": 3, "most": 2},
     "3回(日・週)", "it takes 3"),
    ("mission_unreachable", grant(mission(Comeback(days=9), "walk"), WALK), {"wanted": 11, "most": 10},
     "達成できません", "cannot be completed"),
    ("mission_unreachable", grant(mission(FirstTime(), "walk", window=window(2)),
                                  action(window=window(3, FIRST + 4 * DAY), limits=(Limit(per=Per.DAY, times=2),))),
     {"wanted": 1, "most": 0}, "達成できません", "cannot be completed"),
    ("mission_outside", grant(mission(FirstTime(), "walk", window=window(11)), WALK),
     {"first": FIRST, "last": FIRST + 9 * DAY}, "2025-06-02–2025-06-11", "2025-06-02 to 2025-06-11"),
    ("mission_outside", grant(mission(FirstTime(), "walk", window=window(3, FIRST - DAY)), WALK), {},
     "はみ出しています", "reaches beyond"),
    ("mission_once_only", grant(mission(FirstTime(), "walk", times=3), WALK), {"times": 3},
     "付与は1回だけです(3回とあります)", "it is given once (3 times are written)"),
    ("bonus_above_limit", grant(mission(FirstTime(), "walk", yen=1_500), WALK,
                                limits=(Limit(per=Per.MONTH, yen=2_000), Limit(per=Per.DAY, yen=1_200))),
     {"yen": 1_500, "most": 1_200}, "ボーナス1,500円は、1人の上限1,200円を", "(1,500 yen) is above the limit of 1,200"),
]  # fmt: skip


@pytest.mark.parametrize(("code", "promised", "facts", "ja", "en"), CASES)
def test_each_fault_is_one_finding_with_its_facts_in_either_language(
    code: str, promised: GrantByAction, *, facts: dict[str, object], ja: str, en: str
) -> None:
    found = only(wrong_missions(promised))
    assert (found.code, found.path.split(".")[:3]) == (code, ["obtaining", "missions", "round"])
    assert facts.items() <= found.facts.items()
    assert ja in found.sentence("ja")
    assert en in found.sentence("en")
    assert "まち歩き" in found.sentence("ja")
    assert found.is_error == (code != "bonus_above_limit")


NEIGHBOURS = [
    grant(mission(Rally(wanted=3, places=3), "bus"), STOP),
    grant(mission(Rally(wanted=3, places=3), "walk", "bus"), WALK, STOP),  # one of them tells a place
    grant(mission(SoOften(wanted=10), "walk"), ONCE_A_DAY),
    grant(mission(SoOften(wanted=1_000), "walk"), WALK),
    grant(mission(Streak(wanted=10, grace=60), "walk"), WALK),
    grant(mission(Streak(wanted=2, span=Span.WEEK), "walk"), WALK),
    grant(mission(Comeback(days=8), "walk"), WALK),
    grant(mission(Comeback(days=8), "walk", window=window(1, FIRST + 9 * DAY)), WALK),  # what was before it counts
    grant(mission(FirstTime(), "walk", window=window(10)), WALK),
    grant(mission(FirstTime(), "walk", yen=1_200), WALK, limits=(Limit(per=Per.DAY, yen=1_200),)),
    grant(mission(FirstTime(), "walk", yen=10**6), WALK, limits=(Limit(per=Per.DAY, times=1),)),
]  # fmt: skip


@pytest.mark.parametrize("promised", NEIGHBOURS)
def test_what_can_just_be_done_is_not_refused(promised: GrantByAction) -> None:
    assert list(wrong_missions(promised)) == []


def test_months_that_a_window_touches_each_have_their_own_limit() -> None:
    monthly = action(limits=(Limit(per=Per.MONTH, times=2), Limit(per=Per.DAY, times=1)))
    over = GrantByAction(
        window=window(3, date(2025, 12, 30)), purse="points", actions=(monthly,),
        missions=(mission(SoOften(wanted=3), "walk"),), limits=(),
    )  # fmt: skip
    assert list(wrong_missions(over)) == [], "two in December, one in January"
    once = action(limits=(Limit(per=Per.PROGRAMME, times=1),))
    assert only(wrong_missions(grant(mission(SoOften(wanted=2), "walk"), once))).facts["most"] == 1


@pytest.mark.parametrize("name", [VOUCHER, BENEFIT])
def test_who_obtains_in_another_way_has_no_missions_to_be_wrong(name: str) -> None:
    assert list(wrong_missions(document(name).obtaining)) == []


COUNTINGS = st.one_of(
    st.builds(SoOften, wanted=st.integers(1, 12)),
    st.builds(Streak, wanted=st.integers(2, 8), grace=st.integers(0, 3), span=st.sampled_from(Span)),
    st.builds(Comeback, days=st.integers(1, 9)), st.just(FirstTime()),
    st.builds(Rally, wanted=st.integers(1, 4), places=st.just(4)),
)  # fmt: skip
LIMITS = st.lists(st.builds(Limit, per=st.sampled_from(Per), times=st.integers(1, 4)), max_size=2)


@given(counting=COUNTINGS, limits=LIMITS, days=st.integers(1, 14), idle=st.sets(st.integers(0, 13)),
       later=st.integers(0, 45))  # fmt: skip
def test_whatever_somebody_can_complete_within_the_limits_is_never_called_unreachable(
    counting: Counting, limits: list[Limit], *, days: int, idle: set[int], later: int
) -> None:
    """Plain: act on every day but the idle ones, as often as the limits let one; then look whether it is complete."""
    first = FIRST + later * DAY
    did: list[date] = []
    for day in (first + each * DAY for each in range(days) if each not in idle):
        while len(did) < 60 and all(_room(limit, day, did=did) for limit in limits) and did.count(day) < 3:
            did.append(day)
    tallies = [Tally(day, turn, UUID(int=1 + turn % 4)) for turn, day in enumerate(did)]
    of = mission(counting, "bus")
    promised = GrantByAction(
        window=window(days, first), purse="points", missions=(of,), limits=(),
        actions=(action("bus", Evidence.PLACE_CODE, limits=tuple(limits)),),
    )  # fmt: skip
    if completions(of, tallies, window=promised.window):
        assert list(wrong_missions(promised)) == []


def _room(limit: Limit, day: date, *, did: list[date]) -> bool:
    same = {Per.DAY: lambda each: each == day, Per.MONTH: lambda each: each.timetuple()[:2] == day.timetuple()[:2],
            Per.PROGRAMME: lambda _: True}[limit.per]  # fmt: skip
    return sum(map(same, did)) < (limit.times or 0)
