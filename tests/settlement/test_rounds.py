"""Round after round: each run begins where the last one ended, pays on its own day and orders what its file says."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest

from meguri.settlement import checks, operations, orders, queries
from meguri.settlement.models import Payout, SettlementRun, TransferFile
from meguri.settlement.payouts import document, unspoken_for
from meguri.settlement.queries import RunView
from meguri.settlement.zengin import read_transfers
from meguri.words.refusal import Refusal
from tests.settlement.books import AT, DAY, SmallTown, TestProgramme

CUTOFF = AT + 7 * DAY
"""Noon of Monday 8 June 2026 in Japan."""


@pytest.fixture
def programme(town: SmallTown) -> TestProgramme:
    """Money for one resident, and the town's own account."""
    made, person = town.programme(), town.resident()
    town.grant(person, made, 100_000)
    operations.set_paying_account(
        by=town.actor(), at=AT, payer_code="0123456789", payer_name="メグリ", bank="0005", branch="001", number="42"
    )
    return made


def settle(town: SmallTown, days: int = 0) -> RunView:
    at = CUTOFF + days * DAY
    return operations.run_settlement(by=town.actor(), at=at, cutoff=at)


def approve(town: SmallTown, run: RunView, *, days: int = 0) -> queries.OrderView:
    count, yen = queries.to_confirm(run.id, municipality=town.municipality)
    return operations.approve_payouts(
        by=town.actor(), at=CUTOFF + days * DAY, run=run.id, confirmed_count=count, confirmed_yen=yen
    )


def hand_over(town: SmallTown, run: RunView, *, days: int = 0) -> RunView:
    return operations.mark_sent(by=town.actor(), at=CUTOFF + days * DAY, run=run.id)


def test_each_run_begins_where_the_last_made_one_ended(town: SmallTown, programme: TestProgramme) -> None:
    shop, person = town.shop(), town.people[0]
    runs = []
    for days in range(3):
        town.pay(person, shop, 100 + days, programme, at=CUTOFF + days * DAY - timedelta(hours=1))
        operations.preview_settlement(by=town.actor(), at=CUTOFF + days * DAY, cutoff=CUTOFF + days * DAY - DAY / 2)
        runs.append(settle(town, days))
    assert [run.since for run in runs] == [None, CUTOFF, CUTOFF + DAY], "what was only looked at is no end of anything"
    assert [run.takings_yen for run in runs] == [100, 101, 102]
    made = [view.id for view in queries.runs(town.municipality) if view.state == "run"]
    assert made == [run.id for run in reversed(runs)]
    assert queries.run_of_cutoff(CUTOFF, municipality=town.municipality) == queries.run(
        runs[0].id, municipality=town.municipality
    )
    assert queries.run_of_cutoff(CUTOFF - DAY / 2, municipality=town.municipality) is None
    assert queries.run_of_cutoff(CUTOFF, municipality=town.municipality + 1) is None


@pytest.mark.parametrize(
    ("made", "approved", "day"),
    [(0, 0, date(2026, 6, 9)), (0, 1, date(2026, 6, 10)), (0, 4, date(2026, 6, 15)), (4, 4, date(2026, 6, 15))],
)
def test_a_file_pays_on_the_business_day_after_its_approval(
    *, made: int, approved: int, day: date, town: SmallTown, programme: TestProgramme
) -> None:
    """4 days after Monday is Friday: the bank pays on Monday."""
    town.pay(town.people[0], town.shop(), 100, programme, at=AT + DAY)
    order = approve(town, settle(town, made), days=approved)
    assert order.run.pay_on == order.file.pay_on == day
    assert {payout.pay_on for payout in queries.payouts(municipality=town.municipality, run=order.run.id)} == {day}
    content = operations.read_transfer_file(by=town.actor(), at=CUTOFF, run=order.run.id)
    assert content[54:58].decode() == f"{day:%m%d}"


def test_what_is_left_out_is_exactly_what_the_file_does_not_order(town: SmallTown, programme: TestProgramme) -> None:
    good, poor, held = town.shop(), town.shop(bank=False), town.shop()
    for shop, yen in ((good, 100), (poor, 20), (held, 3)):
        town.pay(town.people[0], shop, yen, programme, at=AT + DAY)
    run = settle(town)
    numbers = {payout.payee: payout for payout in queries.payouts(municipality=town.municipality, run=run.id)}
    operations.hold_payout(by=town.actor(), payout=numbers[held].id, reason="差押え")
    assert queries.to_confirm(run.id, municipality=town.municipality) == (2, 120)
    order = approve(town, run)
    assert {payout.payee: (payout.fault, payout.held_because) for payout in order.left_out} == {
        poor: ("bank_account_missing", ""), held: ("", "差押え"),
    }
    content = operations.read_transfer_file(by=town.actor(), at=CUTOFF, run=run.id)
    assert read_transfers(content) == [(f"{numbers[good].number:010d}", 100)]
    hand_over(town, run)
    states = {payout.payee: payout.state for payout in queries.payouts(municipality=town.municipality, run=run.id)}
    assert states == {good: "sent", poor: "payable", held: "payable"}
    assert [town.holds(shop, "paid_out") for shop in (good, poor, held)] == [100, 0, 0]
    assert {due.owner: due.yen for due in unspoken_for(town.municipality)} == {poor: 20, held: 3}
    assert checks.reconcile(town.municipality) == []


@pytest.mark.parametrize(("count", "yen"), [(2, 600), (1, 599), (1, 601), (0, 0), (600, 1)])
def test_an_approver_who_read_something_else_moves_nothing(
    count: int, yen: int, town: SmallTown, programme: TestProgramme
) -> None:
    town.pay(town.people[0], town.shop(), 600, programme, at=AT + DAY)
    run = settle(town)
    asked: dict[str, Any] = {"by": town.actor(), "at": CUTOFF, "run": run.id}
    with pytest.raises(Refusal) as no:
        operations.approve_payouts(confirmed_count=count, confirmed_yen=yen, **asked)
    assert (no.value.code, no.value.field) == ("confirmation_differs", "confirmed_yen")
    assert "1件・600円" in no.value.sentence("ja")
    assert "1 payouts, 600 yen" in no.value.sentence("en")
    assert SettlementRun.objects.get(id=run.id).state == "run"
    assert not TransferFile.objects.filter(municipality=town.municipality).exists()
    assert operations.approve_payouts(confirmed_count=1, confirmed_yen=600, **asked).file.amount_yen == 600


def test_the_town_names_another_account_for_the_next_file_only(town: SmallTown, programme: TestProgramme) -> None:
    shop = town.shop()
    town.pay(town.people[0], shop, 100, programme, at=AT + DAY)
    first = approve(town, settle(town)).run
    hand_over(town, first)
    operations.set_paying_account(
        by=town.actor(), at=CUTOFF, payer_code="9876543210", payer_name="メグリシ", bank="0001", branch="001",
        number="77", line_ends=False,
    )
    town.pay(town.people[0], shop, 5, programme, at=CUTOFF + DAY / 2)
    second = approve(town, settle(town, 1), days=1).run
    old, new = (operations.read_transfer_file(by=town.actor(), at=CUTOFF, run=run.id) for run in (first, second))
    assert (old[4:14], new[4:14]) == (b"0123456789", b"9876543210")
    assert (len(old) % 122, len(new) % 120) == (0, 0), "the second bank wants no line ends"
    assert read_transfers(new) == [("0000000001", 5)]


def test_an_approval_binds_who_is_paid_how_much_of_which_lot(town: SmallTown, programme: TestProgramme) -> None:
    shops = [town.shop(), town.shop()]
    for shop, yen in zip(shops, (600, 20), strict=True):
        town.pay(town.people[0], shop, yen, programme, at=AT + DAY)
    run = SettlementRun.objects.get(id=settle(town).id)
    rows = list(Payout.objects.filter(run=run))
    bound = document(run, rows)
    assert bound == document(run, rows[::-1]), "the order of the rows is no matter"
    assert bound["cutoff"] == "2026-06-08T03:00:00+00:00"
    assert [(number, UUID(payee), kind, yen) for number, payee, kind, yen, _ in bound["payouts"]] == [
        (row.number, row.payee, "shop", row.amount_yen) for row in sorted(rows, key=lambda row: row.number)
    ]
    assert all(sum(yen for _, yen in lines) == total for _, _, _, total, lines in bound["payouts"])


def test_a_file_is_compared_with_its_payouts_one_by_one(town: SmallTown, programme: TestProgramme) -> None:
    for yen in (600, 20):
        town.pay(town.people[0], town.shop(), yen, programme, at=AT + DAY)
    run = SettlementRun.objects.get(id=approve(town, settle(town)).run.id)
    rows = list(Payout.objects.filter(run=run).order_by("number"))
    orders.compare(run, rows)
    wrong = [rows[:1], [*rows, Payout(number=3, amount_yen=1)], []]
    rows[0].amount_yen, rows[1].amount_yen = rows[1].amount_yen, rows[0].amount_yen
    for those in (*wrong, rows):
        with pytest.raises(ValueError, match="does not order what its run pays"):
            orders.compare(run, those)


def test_a_due_of_two_lots_is_one_payout_and_a_part_of_it_stays_planned(
    town: SmallTown, programme: TestProgramme
) -> None:
    """Of what came on top after the first plan only the new part is unspoken for, lot by lot."""
    shop, person, benefit = town.shop(), town.people[0], town.programme("benefit")
    town.grant(person, benefit, 1_000)
    for money, yen in ((programme, 300), (benefit, 40)):
        town.pay(person, shop, yen, money, at=AT + DAY)
    first = settle(town)
    assert (first.payouts_count, first.payouts_yen) == (1, 340)
    assert unspoken_for(town.municipality) == ()
    for money, yen in ((programme, 5), (benefit, 2)):
        town.pay(person, shop, yen, money, at=CUTOFF + DAY / 2)
    second = settle(town, 1)
    (payout,) = queries.payouts(municipality=town.municipality, run=second.id)
    assert payout.amount_yen == 7
    found = {
        (line.fund, line.amount_yen) for line in Payout.objects.get(id=payout.id).lines.all()
    }
    assert found == {(programme.fund, 5), (benefit.fund, 2)}
    assert sum(total.settled_yen for total in queries.fund_totals(town.municipality, fund=benefit.fund)) == 42
