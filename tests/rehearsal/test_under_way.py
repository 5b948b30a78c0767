"""What an open-ended life leaves to whoever comes after it."""

from __future__ import annotations

import tomllib
from collections import Counter
from datetime import date, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any, TypeVar

import pytest

from meguri.programmes.sources import unsourced
from meguri.programmes.terms import read_terms
from meguri.programmes.validation import validate
from meguri.programmes.vocabularies import DECLARED
from meguri.rehearsal import happenings as h
from meguri.rehearsal.coming import QUICK_AGES
from meguri.rehearsal.documents import Scale
from meguri.rehearsal.knowledge import Knowledge, PurseView
from meguri.rehearsal.rehearsing import Wish, prepare, rehearse, rehearse_on_paper
from meguri.rehearsal.rules import BENEFIT, VOUCHER
from meguri.rehearsal.timetable import DESK_DAYS, Timetable, timetable
from meguri.rehearsal.town import Town
from meguri.rehearsal.under_way import (
    APPLYING_DAYS,
    CHOOSING_DAYS,
    SECOND_LETTER_AGE,
    SPRING_VOUCHER,
    WINTER_BENEFIT,
    WINTER_VOUCHER,
    begun_on,
    guardian,
    spring_voucher,
    winter_benefit,
    winter_voucher,
)
from meguri.words.clock import day
from tests.rehearsal.conftest import RULES, START, TEMPLATES, Lived, lived
from tests.rehearsal.fake_api import KEY, FakeApi
from tests.rehearsal.lines import ToApp

SCALE = Scale(units=100, children=34, benefit_yen=420_000, holders=120, first_come=90, again=360)
STARTS = [START, date(2026, 1, 5), date(2026, 2, 16), date(2026, 3, 30), date(2026, 12, 28)]
MADE = [(winter_voucher, VOUCHER), (spring_voucher, VOUCHER), (winter_benefit, BENEFIT)]


def table_of(*, start: date = START, weeks: int = 7, more: int = 0) -> Timetable:
    return timetable(start, weeks=weeks, open_end=True, more_days=more)


def tree(make: Any, family: str, *, table: Timetable) -> dict[str, Any]:
    return tomllib.loads(make(TEMPLATES[family], table=table, scale=SCALE, rules=RULES))


@pytest.fixture(scope="module")
def open_life() -> Lived:
    return lived(300, weeks=5, open_end=True)


T = TypeVar("T", bound=h.Happening)


def of_kind(found: Lived, kind: type[T]) -> list[T]:
    return [each for each in found.stream if isinstance(each, kind)]


# --- documents -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("start", STARTS)
@pytest.mark.parametrize(("make", "family"), MADE)
def test_each_document_may_be_launched_at_any_time_of_the_year(make: Any, family: str, start: date) -> None:
    for weeks, more in ((4, 0), (7, 6), (40, 3)):
        table = table_of(start=start, weeks=weeks, more=more)
        terms = read_terms(make(TEMPLATES[family], table=table, scale=SCALE, rules=RULES).encode())
        assert [f"{f.path}: {f.sentence('en')}" for f in validate(terms, DECLARED) if f.is_error] == []
        assert unsourced(terms) == unsourced(read_terms(TEMPLATES[family].encode()))


@pytest.mark.parametrize("more", range(7))
def test_the_sale_is_open_on_the_day_after_the_last_and_for_days_to_come(more: int) -> None:
    table = table_of(more=more)
    today = table.last_day + timedelta(days=1)
    (sold,) = tree(winter_voucher, VOUCHER, table=table)["obtaining"]["rounds"]
    assert sold["application"]["first_day"] < today
    assert (sold["application"]["last_day"] - today).days == APPLYING_DAYS - 1
    assert sold["allocation"] == "lottery"


@pytest.mark.parametrize("make", [winter_voucher, spring_voucher])
def test_people_apply_then_are_drawn_then_buy_then_spend(make: Any) -> None:
    document = tree(make, VOUCHER, table=table_of())
    (sold,) = document["obtaining"]["rounds"]
    days = [*sold["application"].values(), sold["drawn_on"], *sold["purchase"].values()]
    assert all(one < then for one, then in pairwise(days))
    assert document["spending"]["window"]["first_day"] == sold["purchase"]["first_day"]
    assert (document["spending"]["window"]["last_day"] - sold["purchase"]["last_day"]).days > 60


def test_the_premium_of_all_units_is_in_the_budget() -> None:
    document = tree(winter_voucher, VOUCHER, table=table_of())
    units = sum(each["units"] for each in document["obtaining"]["rounds"])
    assert {fund["code"]: fund["amount_yen"] for fund in document["funds"]} == {"premium": units * 3_000, "buyers": 0}


@pytest.mark.parametrize("more", range(7))
def test_families_choose_for_days_to_come_and_are_paid_on_a_working_day(more: int) -> None:
    table = table_of(more=more)
    granting = tree(winter_benefit, BENEFIT, table=table)["obtaining"]
    assert (granting["choosing"]["last_day"] - table.last_day).days == CHOOSING_DAYS
    assert granting["paid_on"] > granting["choosing"]["last_day"]
    assert granting["paid_on"].weekday() < 5


def test_the_proposal_is_about_the_future() -> None:
    table = table_of()
    (sold,) = tree(spring_voucher, VOUCHER, table=table)["obtaining"]["rounds"]
    days = [table.last_day, *sold["application"].values(), sold["drawn_on"], *sold["purchase"].values()]
    assert all(one < then for one, then in pairwise(days))


def test_no_two_programmes_share_a_code_or_a_name() -> None:
    table = table_of()
    new = [tree(make, family, table=table) for make, family in MADE]
    old = [tomllib.loads(text) for text in TEMPLATES.values()]
    assert len({each["code"] for each in [*new, *old]}) == len({each["name"]["ja"] for each in [*new, *old]}) == 7
    assert all("invented" in each["notice"]["en"] for each in new)


# --- the last days ---------------------------------------------------------------------------------------------------


def test_a_life_with_a_closed_end_leaves_nothing_open(small_life: Lived) -> None:
    assert not of_kind(small_life, h.ProposesProgramme)
    assert {each.programme for each in of_kind(small_life, h.LaunchesProgramme)} == {
        "voucher", "point", "benefit", "first-come",
    }
    assert {each.programme for each in of_kind(small_life, h.Applies)} == {"voucher"}
    assert all(each.confirmed for each in of_kind(small_life, h.Acts))
    runs, sent = of_kind(small_life, h.RunsSettlement), of_kind(small_life, h.SendsPayouts)
    assert [each.settlement for each in sent] == [run.key for run in runs]


def test_the_winter_s_programmes_are_begun_once_and_late(open_life: Lived) -> None:
    launched = {each.programme: day(each.at) for each in of_kind(open_life, h.LaunchesProgramme)}
    assert launched[WINTER_VOUCHER] == launched[WINTER_BENEFIT] == begun_on(open_life.life.table)
    assert [each.programme for each in of_kind(open_life, h.ProposesProgramme)] == [SPRING_VOUCHER]
    assert Counter(x.programme for x in of_kind(open_life, h.LaunchesProgramme)).most_common(1)[0][1] == 1


def test_the_quick_have_applied_and_the_demo_s_people_have_not(open_life: Lived) -> None:
    applied = [each for each in of_kind(open_life, h.Applies) if each.programme == WINTER_VOUCHER]
    ages = [open_life.town.residents[each.who].age(START) for each in applied]
    assert applied
    assert all(any(age in quick for quick in QUICK_AGES) for age in ages)
    assert not any(28 <= age <= 48 or age >= 68 for age in ages)
    assert len({each.who for each in applied}) == len(applied)
    assert {each.who for each in applied} <= open_life.life.known.open
    assert all(1 <= each.units <= RULES.units_most for each in applied)


def test_the_second_sale_is_not_taken_for_the_first(open_life: Lived) -> None:
    late = {each.who for each in of_kind(open_life, h.Applies) if each.programme == WINTER_VOUCHER}
    first = {each.who for each in of_kind(open_life, h.Applies) if each.programme == VOUCHER}
    assert late - first
    assert set(open_life.life.known.applied) == first


def test_the_list_is_told_in_two_parts_that_are_the_whole(open_life: Lived) -> None:
    lists = [each for each in of_kind(open_life, h.ImportsBenefitList) if each.programme == WINTER_BENEFIT]
    first, second = lists
    assert (first.proposed, second.proposed) == (True, False)
    children = [row.resident for each in lists for row in each.rows]
    assert sorted(children) == sorted(
        child for mine in open_life.life.hall.entitled.values() for child in mine
    )  # fmt: skip
    on = begun_on(open_life.life.table)
    ages = [{open_life.town.residents[row.recipient].age(on) for row in each.rows} for each in lists]
    assert max(ages[0]) < SECOND_LETTER_AGE
    assert max(ages[0]) <= min(ages[1])  # where all guardians are young, the oldest


def test_the_guardian_is_who_uses_the_wallet_most(small_town: Town) -> None:
    family = next(
        home for home in small_town.households.values()
        if sum(small_town.residents[key].age(START) >= 18 for key in home.members) >= 2
        and any(small_town.residents[key].age(START) < 18 for key in home.members)
    )  # fmt: skip
    head = family.head
    other = next(key for key in family.members if key != head and small_town.residents[key].age(START) >= 18)
    child = next(key for key in family.members if small_town.residents[key].age(START) < 18)
    known = Knowledge()
    assert guardian(head, town=small_town, known=known) == head  # no wallet: the head
    known.open |= {other, child}
    assert guardian(head, town=small_town, known=known) == other  # the only adult with one
    known.open.add(head)
    assert guardian(head, town=small_town, known=known) == head  # both alike
    known.purses[other] = {"k": PurseView("k", "point", 10)}
    assert guardian(head, town=small_town, known=known) == other  # who has more
    known.applied, known.bought = {head: 2, other: 5}, {head}
    assert guardian(head, town=small_town, known=known) == head  # who bought


def test_only_the_first_list_is_decided_and_nobody_has_chosen(open_life: Lived) -> None:
    mine = [each for each in open_life.stream if getattr(each, "programme", "") == WINTER_BENEFIT]
    assert [type(each) for each in mine] == [
        h.LaunchesProgramme, h.ImportsBenefitList, h.DecidesBenefit, h.ImportsBenefitList,
    ]  # fmt: skip
    assert not any(isinstance(each, h.ChoosesReceipt | h.ReleasesBenefit) for each in mine)


def test_the_newest_settlement_waits_for_the_treasurer(open_life: Lived) -> None:
    runs, approved, sent = (
        of_kind(open_life, kind) for kind in (h.RunsSettlement, h.ApprovesPayouts, h.SendsPayouts)
    )  # fmt: skip
    assert [each.settlement for each in approved] == [run.key for run in runs[:-1]]
    assert [each.settlement for each in sent] == [run.key for run in runs[:-1]]
    assert all(day(one.at) == day(two.at) and one.at < two.at for one, two in zip(approved, sent, strict=True))


def test_the_last_deeds_wait_to_be_confirmed_and_earn_nothing_yet(open_life: Lived) -> None:
    acts = of_kind(open_life, h.Acts)
    waiting = [each for each in acts if not each.confirmed]
    assert any(RULES.deeds[each.action].waits for each in waiting)
    assert "litter" in {each.action for each in waiting}, "photos wait for whoever comes"
    assert "litter" not in {each.action for each in acts if each.confirmed}
    assert {day(each.at) for each in waiting} <= {
        open_life.life.table.last_day - timedelta(days=back) for back in range(DESK_DAYS)
    }  # fmt: skip


def test_what_is_planted_is_the_same_whether_or_not_somebody_comes_after(tmp_path: Path) -> None:
    """The second sale and the second benefit move no yen: both ends plant the same effects and sell the same units."""
    closed, opened = (
        rehearse_on_paper(
            Wish(start=START, size=150, weeks=4, open_end=is_open, folder=tmp_path / str(is_open)),
            templates=TEMPLATES, say=lambda _: None,
        )
        for is_open in (False, True)
    )  # fmt: skip
    same = ("planted", "units_on_sale", "units_asked", "children_entitled", "benefit_yen", "points_from_week")
    assert {name: closed[name] for name in same} == {name: opened[name] for name in same}


# --- through the API -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("more", [0, 3])
def test_the_api_is_left_with_everything_open(more: int, tmp_path: Path) -> None:
    wish = Wish(start=START, size=150, weeks=4, more_days=more, open_end=True, folder=tmp_path)
    api = FakeApi(prepare(wish, templates=TEMPLATES))
    rehearse(wish, base_url="http://town", key=KEY, line=ToApp(api), say=lambda _: None, workers=4)
    assert {name.removeprefix("G-"): state for name, state in api.states.items()} == {
        "premium-voucher": "launched", "green-and-health": "launched", "child-rearing": "launched",
        "voucher-adachi": "launched",
        WINTER_VOUCHER: "launched", WINTER_BENEFIT: "launched", SPRING_VOUCHER: "proposed",
    }  # fmt: skip
    assert api.calls["vouchers_open_sale"] == 4  # what is only proposed is not opened
    released = {name for name in api.done if name.startswith("Z-")}
    assert set(api.sent) == released
    assert f"Z-{len(api.runs)}" not in released
    assert any(record not in api.done for record in api.held)  # deeds that nobody has confirmed


def test_an_open_end_is_the_same_through_the_api_as_on_paper(tmp_path: Path) -> None:
    paper, online = (
        Wish(start=START, size=150, weeks=4, seed=3, open_end=True, folder=tmp_path / name) for name in ("p", "o")
    )
    rehearse_on_paper(paper, templates=TEMPLATES, say=lambda _: None)
    api = FakeApi(prepare(online, templates=TEMPLATES))
    rehearse(online, base_url="http://town", key=KEY, line=ToApp(api), say=lambda _: None, workers=6)
    for name in ("truth.json", "household_spending.csv", "activity.csv"):
        assert (paper.folder / name).read_bytes() == (online.folder / name).read_bytes()
