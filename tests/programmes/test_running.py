"""Value leaves in bulk by two officers: proposed, ordered, carried out by a task, dropped, undone."""

from __future__ import annotations

from datetime import UTC, date, datetime
from uuid import UUID, uuid4

import pytest
from django.db import IntegrityError, transaction

from meguri.programmes import operations, queries, tasks
from meguri.programmes.models import ValueRun
from meguri.words.actor import Actor
from tests.programmes.builders import TownHall
from tests.programmes.shrinking import FIRST, SECOND, Shrunk, days, noon, shrinking
from tests.programmes.test_budgets import refused

AFTER = datetime(2026, 4, 1, 0, 0, tzinfo=UTC)
DAY = noon(FIRST)


def maker(town: Shrunk) -> Actor:
    return town.hall.officer("maker", "planning")


def checker(town: Shrunk) -> Actor:
    return town.hall.officer("checker", "planning")


def propose(town: Shrunk, kind: str = "demurrage", *, at: datetime = DAY) -> UUID:
    return operations.propose_run(programme=town.made.programme, kind=kind, by=maker(town), at=at)


def order(town: Shrunk, approval: UUID, *, at: datetime = DAY) -> None:
    operations.order_run(approval=approval, by=checker(town), at=at)


def work(town: Shrunk, times: int = 4, *, at: datetime = DAY) -> None:
    for _ in range(times):
        tasks.carry_out_runs(municipality=town.town, at=at)


def states(town: Shrunk) -> list[tuple[str, date, str]]:
    return [(run.kind, run.day, run.state) for run in queries.value_runs(town.made.programme, municipality=town.town)]


@pytest.mark.django_db
def test_nothing_leaves_before_the_second_officer_and_all_of_it_in_batches(
    hall: TownHall, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("meguri.programmes.operations.demurrage.BATCH", 2)
    town, holders = shrinking(hall), [uuid4() for _ in range(3)]
    for holder in holders:
        town.grant(holder, 1_000)
    asked = propose(town)
    work(town)
    assert states(town) == [("demurrage", FIRST, "proposed")]
    with refused("checker_is_maker"):
        operations.order_run(approval=asked, by=Actor(town.town, checker(town).role, maker(town).party, "planning"),
                             at=noon(FIRST))  # fmt: skip
    order(town, asked)
    assert tasks.carry_out_runs(municipality=town.town, at=DAY)
    assert sum(hall.holds(holder) for holder in holders) == 3_000 - 20
    assert states(town) == [("demurrage", FIRST, "ordered")]
    work(town)
    assert [hall.holds(holder) for holder in holders] == [990] * 3
    assert states(town) == [("demurrage", FIRST, "done")]
    assert not tasks.carry_out_runs(municipality=town.town, at=DAY)
    with refused("nothing_to_run"):
        propose(town)
    with refused("approval_closed"):
        order(town, asked)


@pytest.mark.django_db
def test_missed_days_are_proposed_together_and_carried_out_in_order(hall: TownHall) -> None:
    town, ada = shrinking(hall), uuid4()
    town.grant(ada, 10_000)
    order(town, propose(town, at=noon(SECOND)), at=noon(SECOND))
    work(town, 1, at=noon(SECOND))
    assert hall.holds(ada) == 9_900
    work(town, at=noon(SECOND))
    assert hall.holds(ada) == 9_900 - 99
    assert states(town) == [("demurrage", SECOND, "done"), ("demurrage", FIRST, "done")]


@pytest.mark.django_db
def test_a_proposal_is_taken_back_or_sent_back_and_may_come_again(hall: TownHall) -> None:
    town = shrinking(hall)
    operations.close_proposal(approval=propose(town), by=maker(town), at=noon(FIRST))
    assert states(town) == []
    operations.close_proposal(approval=propose(town), by=checker(town), at=noon(FIRST), reason="来月から")
    assert states(town) == []
    with refused("value_run_unknown"):
        order(town, uuid4())
    propose(town)
    with refused("approval_open"):  # one request for a programme at a time
        propose(town, at=noon(SECOND))


@pytest.mark.django_db
def test_what_waits_for_its_second_officer_holds_the_system_up(hall: TownHall) -> None:
    town, ada = shrinking(hall), uuid4()
    town.grant(ada, 10_000)
    asked = propose(town)
    assert town.shrink(noon(SECOND)).days == ()
    order(town, asked)
    assert town.shrink(noon(SECOND)).days == (FIRST, SECOND)


@pytest.mark.django_db
def test_a_day_is_undone_by_two_officers(hall: TownHall) -> None:
    town, ada = shrinking(hall), uuid4()
    town.grant(ada, 10_000)
    town.shrink(noon(FIRST))
    (run,) = queries.value_runs(town.made.programme, municipality=town.town)
    asked = operations.propose_undo(run=run.id, by=maker(town), at=noon(FIRST) + days(1))
    assert states(town) == [("demurrage", FIRST, "undo_proposed")]
    operations.close_proposal(approval=asked, by=maker(town), at=noon(FIRST) + days(1))
    assert states(town) == [("demurrage", FIRST, "done")]
    asked = operations.propose_undo(run=run.id, by=maker(town), at=noon(FIRST) + days(1))
    order(town, asked, at=noon(FIRST) + days(1))
    work(town, at=noon(FIRST) + days(1))
    assert (hall.holds(ada), states(town)) == (10_000, [("demurrage", FIRST, "undone")])
    with refused("value_run_unknown"):
        operations.propose_undo(run=run.id, by=maker(town), at=noon(FIRST) + days(1))


@pytest.mark.django_db
def test_expiry_goes_the_same_way_and_takes_what_two_people_saw(
    hall: TownHall, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("meguri.programmes.operations.running.BATCH", 2)
    town, holders = shrinking(hall), [uuid4() for _ in range(3)]
    with refused("nothing_to_run"):
        propose(town, "expiry")
    for holder in holders:
        town.grant(holder, 50)
    asked = propose(town, "expiry", at=AFTER)
    order(town, asked, at=AFTER + days(1))
    work(town, 1, at=AFTER + days(1))
    assert sum(hall.holds(holder) for holder in holders) == 50
    work(town, at=AFTER + days(1))
    assert sum(hall.holds(holder) for holder in holders) == 0
    (run, *_) = queries.value_runs(town.made.programme, municipality=town.town)
    assert (run.kind, run.state) == ("expiry", "done")
    order(town, operations.propose_undo(run=run.id, by=maker(town), at=AFTER), at=AFTER)
    work(town, at=AFTER + days(2))
    assert [hall.holds(holder) for holder in holders] == [50] * 3
    assert states(town)[0][2] == "undone"
    with refused("nothing_to_run"):
        propose(town, "expiry", at=AFTER)  # once a day


@pytest.mark.django_db
def test_only_officers_of_the_department_and_only_running_programmes(hall: TownHall) -> None:
    town = shrinking(hall)
    with refused("not_allowed"):
        operations.propose_run(
            programme=town.made.programme, kind="demurrage", by=hall.officer("maker", "welfare"), at=noon(FIRST)
        )
    with refused("programme_unknown"):
        operations.propose_run(programme=uuid4(), kind="demurrage", by=maker(town), at=noon(FIRST))
    asked = propose(town)
    with refused("not_allowed"):
        operations.order_run(approval=asked, by=hall.officer("checker", "welfare"), at=noon(FIRST))
    with refused("not_allowed"):
        operations.carry_out(by=checker(town), at=noon(FIRST))


@pytest.mark.django_db
@pytest.mark.parametrize(("change", "constraint"), [
    ({"rate_bp": 0}, "a_demurrage_run_takes_a_share_of_what_is_there"),
    ({"done_at": noon(FIRST)}, "a_value_run_is_ordered_before_it_is_done_or_undone"),
    ({"undone_at": noon(FIRST)}, "a_value_run_is_undone_when_somebody_ordered_it"),
])  # fmt: skip
def test_the_rows_say_nothing_impossible(hall: TownHall, change: dict[str, object], constraint: str) -> None:
    town = shrinking(hall)
    propose(town)
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        ValueRun.objects.filter(programme=town.made.programme).update(**change)
