"""What an action still earns under its ceilings, without any books: which binds first, and what people are told."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from meguri.parties.rules import Both
from meguri.programmes.parts import Action, Evidence, GrantByAction, Limit, Per, Text, Window
from meguri.programmes.points import rules
from meguri.programmes.points.rules import Ceiling
from meguri.words.period import day_of
from tests.programmes.vouchers.lived_town import moment, refused

PROGRAMME = UUID(int=7)
ON = date(2025, 7, 10)
YEAR = Window(first_day=date(2025, 4, 1), last_day=date(2026, 3, 31))

limits = st.builds(Limit, per=st.sampled_from(Per), yen=st.integers(1, 10**6)) | st.builds(
    Limit, per=st.sampled_from(Per), times=st.integers(1, 100)
)


def action(*own: Limit, code: str = "walk") -> Action:
    return Action(code=code, name=Text(ja="あるく", en="Walk"), yen=10, evidence=Evidence.DEVICE, limits=own)


def granting(*shared: Limit) -> GrantByAction:
    return GrantByAction(purse="points", actions=(), limits=shared, window=YEAR)


def drawn_on(own: Sequence[Limit] = (), shared: Sequence[Limit] = (), on: date = ON) -> tuple[Ceiling, ...]:
    return rules.ceilings(PROGRAMME, obtaining=granting(*shared), action=action(*own), on=on)


def bound(unit: str = "yen", *, most: int = 100, per: Per = Per.DAY) -> Ceiling:
    return Ceiling(uuid4(), unit=unit, most=most, per=per, name="x", words=Both("上限", "the limit"))


bounds = st.builds(
    lambda unit, most: bound(unit, most=most), st.sampled_from(["yen", "piece", "held"]), st.integers(1, 500)
)


@given(st.integers(1, 1_000), st.lists(st.tuples(bounds, st.none() | st.integers(1, 600)), max_size=5))
def test_an_action_earns_what_the_tightest_ceiling_in_yen_leaves(
    yen: int, drawn: list[tuple[Ceiling, int | None]]
) -> None:
    left = {each.allowed: room for each, room in drawn if room is not None}
    earned = rules.still_earns(yen, drawn_on=[each for each, _ in drawn], left=left, on=ON)
    rooms = [(left.get(each.allowed, each.most), each) for each, _ in drawn if each.unit != "piece"]
    assert earned.yen == min([yen, *(room for room, _ in rooms)])
    blamed = next((each for room, each in rooms if room == earned.yen), None)
    assert earned.cut_by == (blamed if earned.yen < yen else None)


@given(st.lists(bounds, min_size=1, max_size=5), st.data())
def test_the_first_ceiling_that_leaves_nothing_refuses(drawn: list[Ceiling], data: st.DataObject) -> None:
    rooms = [data.draw(st.integers(-50, 3)) for _ in drawn]
    left = {each.allowed: room for each, room in zip(drawn, rooms, strict=True)}
    named = [Both(f"{place}番", f"no. {place}") for place in range(len(drawn))]
    told = [
        Ceiling(each.allowed, unit=each.unit, most=each.most, per=each.per, name=each.name, words=words)
        for each, words in zip(drawn, named, strict=True)
    ]
    empty = next((place for place, room in enumerate(rooms) if room <= 0), None)
    if empty is None:
        assert rules.still_earns(10, drawn_on=told, left=left, on=ON).yen >= 1
        return
    with refused("action_ceiling_reached") as caught:
        rules.still_earns(10, drawn_on=told, left=left, on=ON)
    assert caught.value.sentence("ja").startswith(f"{empty}番に達しました。")


def test_times_are_counted_whole_and_cut_no_yen() -> None:
    once_more = bound("piece", most=3)
    earned = rules.still_earns(80, drawn_on=[once_more], left={once_more.allowed: 1}, on=ON)
    assert (earned.yen, earned.cut_by) == (80, None)


def test_exactly_what_is_left_is_no_cut() -> None:
    month = bound(most=80)
    assert rules.still_earns(80, drawn_on=[month], left={}, on=ON) == rules.Earning(80)
    assert rules.still_earns(80, drawn_on=[month], left={month.allowed: 79}, on=ON) == rules.Earning(79, month)


@given(st.lists(limits, max_size=4), st.lists(limits, max_size=4))
def test_every_limit_of_the_terms_is_drawn_on_the_actions_own_first(own: list[Limit], shared: list[Limit]) -> None:
    found = drawn_on(own, shared)
    assert [each.most for each in found] == [limit.yen or limit.times for limit in own + shared]
    assert [each.per for each in found] == [limit.per for limit in own + shared]
    assert [each.unit for each in found] == ["piece" if limit.yen is None else "yen" for limit in own + shared]
    for each in found[: len(own)]:
        assert "この行動の" in each.words.ja
    for each in found[len(own) :]:
        assert each.words.en.endswith("of all actions together")


@given(limits, st.dates(date(2024, 1, 1), date(2027, 12, 31)), st.integers(0, 800))
def test_one_span_has_one_lot_and_the_next_has_another(limit: Limit, on: date, later: int) -> None:
    then = on + timedelta(days=later)
    same_span = {
        Per.DAY: then == on,
        Per.MONTH: (then.year, then.month) == (on.year, on.month),
        Per.PROGRAMME: True,
    }[limit.per]
    (now,), (other,) = drawn_on([limit], on=on), drawn_on([limit], on=then)
    assert (now.allowed == other.allowed) == same_span


def test_ceilings_of_different_things_never_share_a_lot() -> None:
    day, month = Limit(per=Per.DAY, yen=100), Limit(per=Per.MONTH, yen=100)
    times = Limit(per=Per.DAY, times=100)
    of_walking = rules.ceilings(PROGRAMME, obtaining=granting(day), action=action(day, month, times), on=ON)
    of_cycling = rules.ceilings(PROGRAMME, obtaining=granting(), action=action(day, code="cycle"), on=ON)
    elsewhere = rules.ceilings(uuid4(), obtaining=granting(), action=action(day), on=ON)
    held = rules.holding(PROGRAMME, 100)
    lots = [each.allowed for each in (*of_walking, *of_cycling, *elsewhere, held)]
    assert len(set(lots)) == len(lots) == 7


def test_an_amended_limit_keeps_the_lot_it_opened_with() -> None:
    """The lot is named by its span, not by its size: what was used of the old limit counts against the new one."""
    (before,), (after,) = (drawn_on([Limit(per=Per.MONTH, yen=yen)]) for yen in (100, 300))
    assert before.allowed == after.allowed
    assert (before.most, after.most) == (100, 300)


SPANS = [
    (Per.DAY, "1日", "a day"),
    (Per.MONTH, "1か月", "a month"),
    (Per.PROGRAMME, "期間中", "for the whole time"),
]


@pytest.mark.parametrize(("per", "ja", "en"), SPANS)
def test_each_limit_is_called_by_its_span_and_reach(per: Per, ja: str, en: str) -> None:
    yen, times = Limit(per=per, yen=12_000), Limit(per=per, times=3)
    own_yen, own_times, all_yen, all_times = (each.words for each in drawn_on([yen, times], [yen, times]))
    assert own_yen == Both(f"この行動の{ja}の上限12,000円", f"the limit of 12,000 yen {en} for this action")
    assert own_times == Both(f"この行動の{ja}の上限3回", f"the limit of 3 times {en} for this action")
    assert all_yen == Both(f"{ja}の上限12,000円", f"the limit of 12,000 yen {en} of all actions together")
    assert all_times == Both(f"{ja}の上限3回", f"the limit of 3 times {en} of all actions together")
    assert {each.name for each in drawn_on([yen, times])} == {f"{per}_yen", f"{per}_times"}


@pytest.mark.parametrize(
    ("per", "on", "ja", "en"),
    [
        (Per.DAY, date(2025, 7, 31), "また明日どうぞ。", "Please come again tomorrow."),
        (Per.MONTH, date(2025, 7, 1), "8月1日からまた付きます。", "You can earn again from 1 August."),
        (Per.MONTH, date(2025, 7, 31), "8月1日からまた付きます。", "You can earn again from 1 August."),
        (Per.MONTH, date(2025, 12, 31), "1月1日からまた付きます。", "You can earn again from 1 January."),
        (Per.MONTH, date(2024, 2, 29), "3月1日からまた付きます。", "You can earn again from 1 March."),
        (Per.MONTH, date(2026, 1, 30), "2月1日からまた付きます。", "You can earn again from 1 February."),
        (Per.PROGRAMME, date(2025, 7, 1), "ご参加ありがとうございました。", "Thank you for taking part."),
    ],
)
def test_whoever_reached_a_ceiling_is_told_when_to_come_again(per: Per, on: date, ja: str, en: str) -> None:
    refusal = rules.ceiling_reached(bound(per=per), on=on)
    assert refusal.sentence("ja") == f"上限に達しました。{ja}"
    assert refusal.sentence("en") == f"You have reached the limit. {en}"
    assert refusal.limit == "x"


def test_whoever_holds_too_much_is_told_to_spend() -> None:
    held = rules.holding(PROGRAMME, 30_000)
    assert (held.unit, held.most, held.name) == ("held", 30_000, "holding")
    with refused("action_ceiling_reached") as caught:
        rules.still_earns(10, drawn_on=[held], left={held.allowed: 0}, on=ON)
    assert caught.value.sentence("ja") == "持てるポイントの上限30,000円に達しました。お使いになると、また付きます。"
    assert caught.value.sentence("en") == (
        "You have reached the limit of 30,000 yen that can be held at once. "
        "You can earn again once you have spent some."
    )
    assert rules.still_earns(10, drawn_on=[held], left={held.allowed: 4}, on=ON) == rules.Earning(4, held)


@given(st.integers(0, 48), st.integers(0, 9))
def test_an_action_may_be_reported_for_seven_days_of_japan(hours: int, days: int) -> None:
    at = moment(7, 20) + timedelta(hours=hours)
    done = at - timedelta(days=days, hours=hours % 24)
    apart = (day_of(at) - day_of(done)).days
    if apart <= 7:
        rules.require_reportable(done, at=at)
        return
    with refused("action_too_long_ago") as caught:
        rules.require_reportable(done, at=at)
    assert caught.value.field == "done_at"
    assert "7日前まで" in caught.value.sentence("ja")


def test_an_action_of_tomorrow_is_no_action_yet() -> None:
    at = moment(7, 20)
    rules.require_reportable(at, at=at)
    with refused("action_done_in_future") as caught:
        rules.require_reportable(at + timedelta(microseconds=1), at=at)
    assert caught.value.field == "done_at"
