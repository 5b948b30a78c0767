"""Extensions and windings up that meet: each other, an undoing, a hold, another programme, the edge of a day."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from uuid import UUID, uuid4

import pytest

from meguri.ledger import operations as books
from meguri.ledger import queries as ledger
from meguri.ledger.templates import AccountRole
from meguri.notices import queries as notices
from meguri.programmes import operations, queries, tasks
from meguri.programmes.models import ValueRun
from meguri.programmes.operations.closing import close_batch
from meguri.programmes.operations.extension import extend_batch
from meguri.programmes.queries import Budget, WindingUp
from tests.programmes.amended import amend, work
from tests.programmes.builders import VOUCHER, TownHall, changed
from tests.programmes.shrinking import Shrunk
from tests.programmes.test_budgets import refused
from tests.programmes.test_extension import (
    LONGER,
    MARCH,
    NEW_END,
    OLD_END,
    ends,
    run_of,
    town_of_points,
    undo,
)
from tests.programmes.test_winding_up import BOUGHT, OVER, bought, close, launched, owed, the_run, wind_up

LONGEST = {
    "expiry.last_day": date(2026, 6, 30), "spending.window.last_day": date(2026, 6, 30),
    "refunds.shop_claims_until": date(2026, 7, 31),
}  # fmt: skip
LAST_END = datetime(2026, 6, 30, 15, tzinfo=UTC)


def extensions(town: Shrunk) -> list[tuple[date, str]]:
    found = queries.value_runs(town.made.programme, municipality=town.town)
    return sorted((each.day, each.state) for each in found if each.kind == "extend")


def undo_of(town: Shrunk, day: date, *, at: datetime) -> UUID:
    """The undoing of the extension to a day is asked for; gives its approval."""
    row = ValueRun.objects.get(programme_id=town.made.programme, day=day)
    return operations.propose_undo(run=row.id, by=town.hall.officer("maker", "planning"), at=at)


@pytest.mark.django_db
def test_two_extensions_one_after_the_other_end_with_the_later_day_and_go_back_one_by_one(hall: TownHall) -> None:
    town, ada, ben = town_of_points(hall), uuid4(), uuid4()
    town.grant(ada, 1_000)
    town.grant(ben, 50)
    paid = town.pay(ben, 50, at=MARCH)
    for longer in (LONGER, LONGEST):
        amend(hall, town.made.programme, longer, at=MARCH)  # nothing has moved in between
    work(hall, 8, at=MARCH)
    assert ends(town, ada) == {LAST_END: 1_000}
    assert extensions(town) == [(date(2026, 5, 31), "done"), (date(2026, 6, 30), "done")]
    town.refund(paid.posting, at=MARCH)
    tasks.carry_on_extensions(municipality=town.town, at=MARCH)
    assert ends(town, ben) == {LAST_END: 50}  # the first extension does not get hold of it
    asked = undo_of(town, date(2026, 6, 30), at=MARCH)
    operations.order_run(approval=asked, by=hall.officer("checker", "planning"), at=MARCH)
    work(hall, 6, at=MARCH)
    assert sum(ends(town, ada).values()) + sum(ends(town, ben).values()) == 1_050
    assert LAST_END not in ends(town, ada) | ends(town, ben)
    assert extensions(town) == [(date(2026, 5, 31), "done"), (date(2026, 6, 30), "undone")]
    tasks.carry_on_extensions(municipality=town.town, at=MARCH)
    assert ends(town, ada) == {NEW_END: 1_000}
    assert ends(town, ben) == {NEW_END: 50}  # the extension that stands finds what the other gave back


@pytest.mark.django_db
def test_who_holds_nothing_is_not_told_and_nothing_is_posted_for_an_emptied_wallet(hall: TownHall) -> None:
    town, ada, ben = town_of_points(hall), uuid4(), uuid4()
    for holder in (ada, ben):
        town.grant(holder, 300)
    town.pay(ada, 300, at=MARCH)
    amend(hall, town.made.programme, LONGER, at=MARCH)
    work(hall, at=MARCH)
    assert (ends(town, ada), run_of(town).state) == ({}, "done")
    assert [len(notices.inbox(holder, municipality=town.town)) for holder in (ada, ben)] == [0, 1]
    assert len(ledger.standing("extend", effective_at=MARCH, about={}, municipality=town.town, limit=9)) == 1


@pytest.mark.django_db
def test_a_worker_that_read_the_run_before_its_undoing_was_ordered_moves_nothing(hall: TownHall) -> None:
    town, ada = town_of_points(hall), uuid4()
    town.grant(ada, 700)
    amend(hall, town.made.programme, LONGER, at=MARCH)
    slow = ValueRun.objects.get(id=run_of(town).id)
    undo(town, at=MARCH)
    assert ends(town, ada) == {OLD_END: 700}
    assert extend_batch(slow, by=hall.system, at=MARCH + timedelta(seconds=1)) == 0
    assert ends(town, ada) == {OLD_END: 700}


@pytest.mark.django_db
def test_the_first_last_day_counts_to_its_last_moment_in_japan(hall: TownHall) -> None:
    town = town_of_points(hall)
    town.grant(uuid4(), 700)
    amend(hall, town.made.programme, LONGER, at=MARCH)
    work(hall, at=MARCH)
    with refused("extension_relied_on"):
        undo_of(town, date(2026, 5, 31), at=OLD_END)
    undo_of(town, date(2026, 5, 31), at=OLD_END - timedelta(microseconds=1))
    assert ValueRun.objects.get(id=run_of(town).id).undo_approval is not None


@pytest.mark.django_db
def test_neither_run_touches_what_the_same_person_holds_of_another_programme(hall: TownHall) -> None:
    made, town, ada = launched(hall), town_of_points(hall), uuid4()
    bought(hall, made, ada)
    town.grant(ada, 700)
    amend(hall, town.made.programme, LONGER, at=MARCH)
    voucher = {end: yen for end, yen in ends(town, ada).items() if end != OLD_END}
    work(hall, at=MARCH)
    assert ends(town, ada) == voucher | {NEW_END: 700}
    close(hall, made)
    wind_up(hall, made, at=MARCH + timedelta(days=1))
    assert ends(town, ada) == {NEW_END: 700}
    assert hall.fund(town.made, "town").budget.reserved_yen == 700


# --- the end ---------------------------------------------------------------------------------------------------------


def test_the_first_day_of_winding_up_begins_at_midnight_in_japan_and_only_once_closed() -> None:
    first = datetime(2026, 2, 9, 15, tzinfo=UTC)
    for closed in (True, False):
        found = WindingUp(date(2026, 2, 10), closed, "kept")
        assert found.may_begin(first) is closed
        assert not found.may_begin(first - timedelta(microseconds=1))


@pytest.mark.django_db
def test_a_longer_notice_and_a_longer_life_put_the_end_off_and_paid_value_is_refunded_as_amended(
    hall: TownHall,
) -> None:
    made, ada = launched(hall), uuid4()
    bought(hall, made, ada)
    amend(hall, made.programme, {
        "refunds.closing_notice_days": 20, "expiry.last_day": date(2026, 2, 28), "refunds.unspent_paid": "refunded",
        "spending.window.last_day": date(2026, 2, 28),
    }, at=BOUGHT)  # fmt: skip
    work(hall, at=BOUGHT)
    close(hall, made, at=BOUGHT)
    with refused("winding_up_too_early") as caught:
        wind_up(hall, made, at=OVER)
    assert "2026-03-21" in caught.value.sentence("ja")
    wind_up(hall, made, at=datetime(2026, 3, 20, 15, tzinfo=UTC))
    assert (hall.holds(ada), owed(hall, ada)) == (0, 10_000)
    assert hall.fund(made, "premium").budget == Budget(left_yen=6_000_000)


@pytest.mark.django_db
def test_money_on_hold_is_not_wound_up_and_what_the_hold_gives_back_waits_for_the_next_run(hall: TownHall) -> None:
    made, ada = launched(hall), uuid4()
    bought(hall, made, ada)
    lots = [each.lot.id for each in ledger.balances([ada], AccountRole.WALLET, municipality=hall.municipality)]
    held = books.hold(
        holder=ada, yen=4_000, lots=lots, until=OVER + timedelta(days=2), municipality=hall.municipality, key="hold",
        at=OVER - timedelta(days=11), by="test", about={},
    )  # fmt: skip
    close(hall, made)
    assert sum(each.amount_yen for each in queries.remaining(made.programme, municipality=hall.municipality)) == 9_000
    assert len(queries.remaining(made.programme, municipality=hall.municipality, limit=1)) == 1
    wind_up(hall, made)
    assert hall.holds(ada) == 0
    books.void_hold(held.id, municipality=hall.municipality, at=OVER, by="test", about={})
    assert hall.holds(ada) == 4_000
    wind_up(hall, made, at=OVER + timedelta(days=1))
    assert hall.holds(ada) == 0
    assert len(notices.inbox(ada, municipality=hall.municipality)) == 2
    budgets = [hall.fund(made, code).budget for code in ("premium", "buyers")]
    assert budgets == [Budget(left_yen=6_000_000), Budget(expired_yen=10_000)]


@pytest.mark.django_db
def test_a_slow_worker_winds_nothing_up_after_its_undoing_and_a_new_run_may_follow_the_same_day(
    hall: TownHall,
) -> None:
    made, ada = hall.launch(changed(VOUCHER, {"code": "slow", "refunds.unspent_paid": "refunded"})), uuid4()
    bought(hall, made, ada)
    close(hall, made)
    wind_up(hall, made)
    slow = ValueRun.objects.get(id=the_run(hall, made).id)
    maker, checker = hall.officer("maker", "commerce"), hall.officer("checker", "commerce")
    asked = operations.propose_undo(run=slow.id, by=maker, at=OVER)
    operations.order_run(approval=asked, by=checker, at=OVER)
    work(hall, at=OVER)
    assert (hall.holds(ada), owed(hall, ada)) == (3_000, 10_000)  # what is owed stays owed
    assert close_batch(slow, by=hall.system, at=OVER + timedelta(seconds=1)) == 0
    assert hall.holds(ada) == 3_000
    wind_up(hall, made, at=OVER + timedelta(seconds=2))
    assert (hall.holds(ada), owed(hall, ada)) == (0, 10_000)


@pytest.mark.django_db
def test_an_undoing_that_was_proposed_in_time_is_not_ordered_once_people_rely_on_the_extension(hall: TownHall) -> None:
    town = town_of_points(hall)
    town.grant(uuid4(), 700)
    amend(hall, town.made.programme, LONGER, at=MARCH)
    work(hall, at=MARCH)
    asked = undo_of(town, date(2026, 5, 31), at=MARCH)
    with refused("extension_relied_on"):
        operations.order_run(approval=asked, by=hall.officer("checker", "planning"), at=OLD_END)
