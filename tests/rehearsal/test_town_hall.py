"""The officers' calendar."""

from __future__ import annotations

import tomllib
from collections import Counter
from datetime import date, timedelta

import pytest

from meguri.evidence.meanings import MEANINGS
from meguri.rehearsal import happenings as h
from meguri.rehearsal.plan import make_plan
from meguri.rehearsal.timetable import Timetable, moment, timetable
from meguri.rehearsal.town import Town
from meguri.rehearsal.town_hall import RESIDENTS_AT_ONCE, ROWS_AT_ONCE, TownHall, chunks
from meguri.rehearsal.truth import EFFECTS
from meguri.words.clock import JST
from tests.rehearsal.conftest import RULES, START, TEMPLATES


def hall(town: Town, *, weeks: int = 6) -> tuple[TownHall, Timetable]:
    table = timetable(START, weeks=weeks)
    plan = make_plan(town, table=table, effects=EFFECTS, rules=RULES, seed=7)
    return TownHall(town, table=table, plan=plan, templates=TEMPLATES, rules=RULES), table


def everything(town: Town, *, weeks: int = 6) -> list[h.Happening]:
    found, table = hall(town, weeks=weeks)
    return [happening for on in [*table.days(), table.end] for happening in found.on(on)]


def test_each_deed_comes_as_often_as_it_should(small_town: Town) -> None:
    counted = Counter(type(happening) for happening in everything(small_town))
    assert counted[h.LaunchesProgramme] == 4
    assert counted[h.ClosesApplications] == counted[h.SetsGoals] == 1
    assert counted[h.LinksProgramme] == 4
    assert counted[h.Draws] == counted[h.DecidesBenefit] == counted[h.ReleasesBenefit] == 1
    assert counted[h.AppropriatesBudget] == 1
    assert counted[h.RunsSettlement] == counted[h.ApprovesPayouts] == counted[h.SendsPayouts] == 6


def test_officers_work_within_the_day(small_town: Town) -> None:
    assert all(5 <= happening.at.astimezone(JST).hour <= 15 for happening in everything(small_town))


def test_the_list_is_frozen_after_the_last_day_and_days_before_the_draw(small_town: Town) -> None:
    _, table = hall(small_town)
    (closes,) = (x for x in everything(small_town) if isinstance(x, h.ClosesApplications))
    (draws,) = (x for x in everything(small_town) if isinstance(x, h.Draws))
    assert moment(table.last_apply + timedelta(days=1), 0) <= closes.at
    assert draws.at - closes.at >= timedelta(days=1)


def test_costs_are_booked_month_by_month(small_town: Town) -> None:
    booked = [x for x in everything(small_town) if isinstance(x, h.BooksCost)]
    assert {cost.month for cost in booked} == {date(2026, 10, 1), date(2026, 11, 1)}
    assert len({cost.key for cost in booked}) == len(booked)
    assert {cost.kind for cost in booked} == {"system", "staff", "mail", "fee"}
    assert {cost.programme for cost in booked if cost.kind == "staff"} == {
        "voucher", "first-come", "point", "benefit",
    }
    assert all((cost.allocation == "delivered") == (not cost.programme) for cost in booked)
    assert [cost.month for cost in booked if cost.kind == "mail"] == [date(2026, 10, 1)]
    assert all(cost.amount_yen > 0 for cost in booked)


def test_programmes_hang_on_goals_that_are_in_the_tree(small_town: Town) -> None:
    (goals,) = (x for x in everything(small_town) if isinstance(x, h.SetsGoals))
    links = {x.programme: x.goals for x in everything(small_town) if isinstance(x, h.LinksProgramme)}
    assert set(links) == {"voucher", "first-come", "point", "benefit"}
    codes = {goal["code"] for goal in goals.tree["children"]}
    assert codes == {code for each in links.values() for code in each}
    assert {goal["department"] for goal in goals.tree["children"]} == {"commerce", "planning", "welfare"}


def test_goals_are_measured_by_figures_that_evidence_computes(small_town: Town) -> None:
    (goals,) = (x for x in everything(small_town) if isinstance(x, h.SetsGoals))
    measured = [each for goal in goals.tree["children"] for each in goal["children"]]
    assert {each["indicator"] for each in measured} <= set(MEANINGS)
    assert all(1 <= len(goal["children"]) <= 2 for goal in goals.tree["children"])


def test_the_list_names_every_child_with_who_receives(small_town: Town) -> None:
    (listed,) = (x for x in everything(small_town) if isinstance(x, h.ImportsBenefitList))
    found, _ = hall(small_town)
    assert len(listed.rows) == found.scale.children
    assert sum(row.amount_yen for row in listed.rows) == found.scale.benefit_yen
    assert all(small_town.household_of(row.resident).head == row.recipient for row in listed.rows)


def test_a_settlement_covers_up_to_midnight_and_is_released_by_name(small_town: Town) -> None:
    runs = [happening for happening in everything(small_town) if isinstance(happening, h.RunsSettlement)]
    approvals = [happening for happening in everything(small_town) if isinstance(happening, h.ApprovesPayouts)]
    assert [approval.settlement for approval in approvals] == [run.key for run in runs]
    assert all(run.cutoff < run.at and run.cutoff.astimezone(JST).hour == 0 for run in runs)


def test_every_resident_is_registered_once_in_bounded_parts(large_town: Town) -> None:
    found, _ = hall(large_town)
    parts = [happening.residents for happening in found.on(START) if isinstance(happening, h.RegistersResidents)]
    assert max(map(len, parts)) == RESIDENTS_AT_ONCE
    assert [key for part in parts for key in part] == list(large_town.residents)


def test_every_shop_that_ever_accepts_within_the_run_is_registered_once(small_town: Town) -> None:
    registered = [key for x in everything(small_town) if isinstance(x, h.RegistersShops) for key in x.shops]
    joining = {s.key for s in small_town.shops.values() if s.accepts_from_week is not None and s.accepts_from_week <= 6}
    assert Counter(registered) == Counter(joining)


def test_spending_is_reported_in_bounded_parts(small_town: Town) -> None:
    found, _ = hall(small_town)
    rows = [h.SpendingRow(f"h{i}", START, 2, 1, 1) for i in range(ROWS_AT_ONCE + 1)]
    parts = list(found.spending(rows, at=moment(START, 8), week=0))
    assert [len(part.rows) for part in parts if isinstance(part, h.UploadsSpending)] == [ROWS_AT_ONCE, 1]


def test_the_sale_has_the_units_that_were_planned(small_town: Town) -> None:
    found, _ = hall(small_town)
    documents = {x.programme: x.document for x in found.on(START) if isinstance(x, h.LaunchesProgramme)}
    units = {
        code: [each["units"] for each in tomllib.loads(documents[code])["obtaining"]["rounds"]]
        for code in ("voucher", "first-come")
    }
    assert units == {"voucher": [found.scale.units], "first-come": [found.scale.first_come]}


@pytest.mark.parametrize(("count", "sizes"), [(0, []), (3, [3]), (4, [4]), (9, [4, 4, 1])])
def test_chunks_keep_order_and_size(count: int, sizes: list[int]) -> None:
    parts = list(chunks(range(count), 4))
    assert [len(part) for part in parts] == sizes
    assert [x for part in parts for x in part] == list(range(count))
