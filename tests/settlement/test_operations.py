"""From takings to the bank's file, on real books: every figure below is computed by hand."""

from __future__ import annotations

import hashlib
from datetime import UTC, date, datetime, timedelta
from uuid import UUID, uuid4

import pytest

from meguri.settlement import checks, operations, queries, tasks
from meguri.settlement.models import FileReading, SettlementRun
from meguri.vault.models import RevealLog
from meguri.words.actor import Actor, ActorRole
from meguri.words.refusal import Refusal
from tests.settlement.books import AT, DAY, SmallTown, TestProgramme

CUTOFF = datetime(2026, 6, 7, 15, 0, tzinfo=UTC)
"""Monday 8 June 2026, midnight in Japan."""
LATER = CUTOFF + timedelta(hours=5)


def refused(code: str) -> pytest.RaisesExc[Refusal]:
    return pytest.RaisesExc(Refusal, check=lambda refusal: refusal.code == code)


def open_bank(town: SmallTown, by: Actor) -> None:
    operations.set_paying_account(
        by=by, at=AT, payer_code="0123456789", payer_name="メグリチヨウ", bank="0005", branch="001", number="7654321"
    )


def read_records(content: bytes) -> list[dict[str, str]]:
    """An independent reading of the bank's file: places counted from the published layout, nothing of the writer's."""
    text = content.decode("shift_jis")
    lines = text.split("\r\n")
    assert lines.pop() == ""
    assert {len(line.encode("shift_jis")) for line in lines} == {120}
    found = []
    for line in lines:
        record = {"kind": line[0]}
        if line[0] == "1":
            record |= {"payer": line[4:14], "on": line[54:58]}
        if line[0] == "2":
            record |= {"bank": line[1:5], "branch": line[20:23], "number": line[43:50], "holder": line[50:80].rstrip(),
                       "yen": line[80:90], "reference": line[91:101]}  # fmt: skip
        if line[0] == "8":
            record |= {"count": line[1:7], "yen": line[7:19]}
        found.append(record)
    return found


@pytest.fixture
def sold(town: SmallTown) -> tuple[SmallTown, TestProgramme, list[UUID]]:
    """Two shops, two holders, one programme: shop 0 took 700 + 300 before the cutoff and 50 after; shop 1 took 200."""
    programme = town.programme()
    shops, people = [town.shop(), town.shop()], [town.resident(), town.resident()]
    for person in people:
        town.grant(person, programme, 2000)
    town.pay(people[0], shops[0], 700, programme, at=AT + DAY)
    town.pay(people[1], shops[0], 300, programme, at=AT + 2 * DAY)
    town.pay(people[1], shops[1], 200, programme, at=AT + 2 * DAY)
    town.pay(people[0], shops[0], 50, programme, at=CUTOFF)
    return town, programme, shops


def test_value_goes_from_the_till_to_the_bank(sold: tuple[SmallTown, TestProgramme, list[UUID]]) -> None:
    town, _, shops = sold
    maker, checker = town.actor(), town.actor()
    open_bank(town, maker)
    run = operations.run_settlement(by=maker, at=LATER, cutoff=CUTOFF)
    assert (run.state, run.statements_count, run.takings_yen, run.payouts_yen) == ("run", 2, 1200, 1200)
    assert run.pay_on == date(2026, 6, 9)  # the file is made on Monday 8 June, banks pay on Tuesday
    assert (town.holds(shops[0], "shop"), town.holds(shops[0], "payable")) == (50, 1000)

    order = operations.approve_payouts(by=checker, at=LATER, run=run.id, confirmed_count=2, confirmed_yen=1200)
    assert order.left_out == ()
    assert order.run.state == "approved"
    assert (town.holds(shops[0], "payable"), town.holds(shops[0], "paid_out")) == (1000, 0)  # nobody was paid yet

    content = operations.read_transfer_file(by=checker, at=LATER, run=run.id)
    assert hashlib.sha256(content).hexdigest() == order.file.digest == order.run.file_digest
    header, *data, trailer, end = read_records(content)
    assert header == {"kind": "1", "payer": "0123456789", "on": "0609"}
    assert sorted(record["yen"] for record in data) == ["0000000200", "0000001000"]
    assert {(record["bank"], record["branch"], record["number"]) for record in data} == {("0001", "001", "1234567")}
    assert {record["holder"] for record in data} == {"ｶ)ｶｸｳｼﾖｳﾃﾝ"}
    assert (trailer, end) == ({"kind": "8", "count": "000002", "yen": "000000001200"}, {"kind": "9"})
    assert FileReading.objects.get(file__run_id=run.id).read_by == checker.party

    assert operations.mark_sent(by=checker, at=LATER, run=run.id).state == "sent"
    assert {payout.state for payout in queries.payouts(municipality=town.municipality, run=run.id)} == {"sent"}
    assert (town.holds(shops[0], "payable"), town.holds(shops[0], "paid_out")) == (0, 1000)
    assert checks.reconcile(town.municipality) == []


def test_every_revealed_account_is_logged_with_a_reason(sold: tuple[SmallTown, TestProgramme, list[UUID]]) -> None:
    town, _, shops = sold
    maker, checker = town.actor(), town.actor()
    open_bank(town, maker)
    run = operations.run_settlement(by=maker, at=LATER, cutoff=CUTOFF)
    operations.approve_payouts(by=checker, at=LATER, run=run.id, confirmed_count=2, confirmed_yen=1200)
    log = RevealLog.objects.filter(municipality=town.municipality, by_party=checker.party)
    assert {row.subject for row in log} == set(shops)
    assert all("2026-06-08" in row.reason and str(run.approval) in row.reason for row in log)


def test_the_file_is_not_legible_in_the_database(sold: tuple[SmallTown, TestProgramme, list[UUID]]) -> None:
    town, _, _ = sold
    open_bank(town, town.actor())
    run = operations.run_settlement(by=town.actor(), at=LATER, cutoff=CUTOFF)
    operations.approve_payouts(by=town.actor(), at=LATER, run=run.id, confirmed_count=2, confirmed_yen=1200)
    row = SettlementRun.objects.get(id=run.id).file
    kept = bytes(row.ciphertext) + bytes(row.wrapped_key)
    assert b"1234567" not in kept
    assert "ｶｸｳ".encode("shift_jis") not in kept


def test_a_statement_says_where_its_yen_come_from(sold: tuple[SmallTown, TestProgramme, list[UUID]]) -> None:
    town, voucher, shops = sold
    benefit, person = town.programme("benefit"), town.resident()
    town.grant(person, benefit, 500)
    town.pay(person, shops[0], 400, benefit, at=AT + 3 * DAY)
    run = operations.run_settlement(by=town.actor(), at=LATER, cutoff=CUTOFF)
    (view,) = queries.statements(municipality=town.municipality, at=LATER, shop=shops[0])
    assert (view.payments_count, view.payments_yen, view.refunds_count, view.refunds_yen) == (3, 1400, 0, 0)
    assert (view.gross_yen, view.fee_yen, view.net_yen) == (1400, 0, 1400)
    assert {(part.fund, part.programme, part.purse_kind, part.yen) for part in view.parts} == {
        (voucher.fund, voucher.id, voucher.kind, 1000), (benefit.fund, benefit.id, benefit.kind, 400),
    }
    assert view.by_family() == {"voucher": 1000, "benefit": 400}
    assert (view.since, view.cutoff, view.payout_state, view.pay_on) == (None, CUTOFF, "payable", run.pay_on)
    assert queries.statement(view.id, municipality=town.municipality, at=LATER) == view
    assert queries.statement(view.id, municipality=town.municipality + 1, at=LATER) is None


def test_a_run_asked_for_again_settles_nothing_new(sold: tuple[SmallTown, TestProgramme, list[UUID]]) -> None:
    town, _, shops = sold
    first = operations.run_settlement(by=town.actor(), at=LATER, cutoff=CUTOFF)
    again = operations.run_settlement(by=town.actor(), at=LATER + DAY, cutoff=CUTOFF)
    assert again == first
    assert town.holds(shops[0], "payable") == 1000


def test_the_next_run_settles_only_what_is_new(sold: tuple[SmallTown, TestProgramme, list[UUID]]) -> None:
    town, programme, shops = sold
    first = operations.run_settlement(by=town.actor(), at=LATER, cutoff=CUTOFF)
    town.pay(town.people[0], shops[0], 25, programme, at=CUTOFF - DAY)  # came late from a till without network
    second = operations.run_settlement(by=town.actor(), at=LATER + DAY, cutoff=CUTOFF + DAY)
    (view,) = queries.statements(municipality=town.municipality, at=LATER, run=second.id)
    assert (view.shop, view.payments_count, view.payments_yen, view.net_yen) == (shops[0], 2, 75, 75)
    assert view.since == first.cutoff
    assert town.holds(shops[0], "shop") == 0
    assert second.payouts_yen == 75  # the first run's payouts still wait for their own approval
    assert checks.reconcile(town.municipality) == []


def test_a_refund_belongs_to_the_time_of_its_payment(town: SmallTown) -> None:
    programme, shop, person = town.programme(), town.shop(), town.resident()
    town.grant(person, programme, 1000)
    early = town.pay(person, shop, 300, programme, at=AT + DAY)
    town.pay(person, shop, 100, programme, at=AT + DAY)
    late = town.pay(person, shop, 60, programme, at=CUTOFF + timedelta(hours=1))
    town.refund(early, at=CUTOFF + timedelta(hours=2))
    town.refund(late, at=CUTOFF + timedelta(hours=2))
    run = operations.run_settlement(by=town.actor(), at=LATER, cutoff=CUTOFF)
    (view,) = queries.statements(municipality=town.municipality, at=LATER, run=run.id)
    assert (view.payments_count, view.payments_yen, view.refunds_count, view.refunds_yen) == (2, 400, 1, 300)
    assert view.net_yen == 100
    assert town.holds(shop, "shop") == 0


def test_a_shop_with_nothing_due_gets_no_statement(town: SmallTown) -> None:
    programme, shop, person = town.programme(), town.shop(), town.resident()
    town.grant(person, programme, 1000)
    town.refund(town.pay(person, shop, 300, programme, at=AT + DAY), at=AT + 2 * DAY)
    run = operations.run_settlement(by=town.actor(), at=LATER, cutoff=CUTOFF)
    assert (run.statements_count, run.payouts_count, run.approval) == (0, 0, None)
    with refused("transfers_none"):
        open_bank(town, town.actor())
        operations.approve_payouts(by=town.actor(), at=LATER, run=run.id, confirmed_count=0, confirmed_yen=0)


def test_benefits_go_to_the_bank_with_the_same_file(town: SmallTown) -> None:
    programme, person = town.programme("benefit"), town.resident()
    town.bank_account(person, number="0000007", holder_kana="ヤマダ ハナコ")
    town.benefit_to_bank(person, programme, 30_000)
    open_bank(town, town.actor())
    run = operations.run_settlement(by=town.actor(), at=LATER, cutoff=CUTOFF)
    (payout,) = queries.payouts(municipality=town.municipality, run=run.id)
    assert (payout.payee, payout.payee_kind, payout.amount_yen) == (person, "holder", 30_000)
    operations.approve_payouts(by=town.actor(), at=LATER, run=run.id, confirmed_count=1, confirmed_yen=30_000)
    assert town.holds(person, "payable") == 30_000
    operations.mark_sent(by=town.actor(), at=LATER, run=run.id)
    assert town.holds(person, "paid_out") == 30_000
    assert checks.reconcile(town.municipality) == []


def test_a_payee_without_an_account_is_left_out_alone_and_comes_again(
    sold: tuple[SmallTown, TestProgramme, list[UUID]],
) -> None:
    town, programme, shops = sold
    poor, wrong = town.shop(bank=False), town.shop(bank=False)
    town.bank_account(wrong, branch="999")
    town.pay(town.people[0], poor, 10, programme, at=AT + DAY)
    town.pay(town.people[0], wrong, 20, programme, at=AT + DAY)
    open_bank(town, town.actor())
    run = operations.run_settlement(by=town.actor(), at=LATER, cutoff=CUTOFF)
    order = operations.approve_payouts(by=town.actor(), at=LATER, run=run.id, confirmed_count=4, confirmed_yen=1230)
    assert {(payout.payee, payout.fault) for payout in order.left_out} == {
        (poor, "bank_account_missing"), (wrong, "unknown_branch"),
    }
    assert all(payout.fault_text.ja and payout.fault_text.en for payout in order.left_out)
    assert (order.file.transfers_count, order.file.amount_yen) == (2, 1200)
    assert town.holds(poor, "payable") == 10

    town.bank_account(poor)
    town.pay(town.people[0], poor, 5, programme, at=CUTOFF + DAY)
    second = operations.run_settlement(by=town.actor(), at=LATER + 2 * DAY, cutoff=CUTOFF + 2 * DAY)
    again = {p.payee: p.amount_yen for p in queries.payouts(municipality=town.municipality, run=second.id)}
    assert again == {poor: 15, wrong: 20, shops[0]: 50}
    told = queries.statements(municipality=town.municipality, at=LATER, shop=poor)
    assert len({view.payout for view in told}) == 1  # both statements are paid by the new payout
    operations.approve_payouts(
        by=town.actor(), at=LATER + 2 * DAY, run=second.id, confirmed_count=3, confirmed_yen=85
    )
    operations.mark_sent(by=town.actor(), at=LATER + 2 * DAY, run=second.id)
    assert (town.holds(poor, "paid_out"), town.holds(wrong, "payable")) == (15, 20)
    assert checks.reconcile(town.municipality) == []


def test_a_returned_transfer_is_owed_again(sold: tuple[SmallTown, TestProgramme, list[UUID]]) -> None:
    town, _, shops = sold
    by = town.actor()
    open_bank(town, by)
    run = operations.run_settlement(by=by, at=LATER, cutoff=CUTOFF)
    operations.approve_payouts(by=town.actor(), at=LATER, run=run.id, confirmed_count=2, confirmed_yen=1200)
    operations.mark_sent(by=by, at=LATER, run=run.id)
    payout = next(p for p in queries.payouts(municipality=town.municipality, run=run.id) if p.payee == shops[0])
    back = operations.return_payout(by=by, at=LATER + 3 * DAY, payout=payout.id, reason="口座なし")
    assert (back.state, back.returned_because) == ("returned", "口座なし")
    assert (town.holds(shops[0], "payable"), town.holds(shops[0], "paid_out")) == (1000, 0)
    with refused("payout_not_ready"):
        operations.return_payout(by=by, at=LATER + 3 * DAY, payout=payout.id, reason="二度目")
    second = operations.run_settlement(by=by, at=LATER + 4 * DAY, cutoff=CUTOFF + 4 * DAY)
    fresh = {p.payee: p.amount_yen for p in queries.payouts(municipality=town.municipality, run=second.id)}
    assert fresh == {shops[0]: 1050}
    assert checks.reconcile(town.municipality) == []


def test_a_held_payout_waits_until_it_is_released(sold: tuple[SmallTown, TestProgramme, list[UUID]]) -> None:
    town, _, shops = sold
    open_bank(town, town.actor())
    run = operations.run_settlement(by=town.actor(), at=LATER, cutoff=CUTOFF)
    payout = next(p for p in queries.payouts(municipality=town.municipality, run=run.id) if p.payee == shops[0])
    operations.hold_payout(by=town.actor(), payout=payout.id, reason="差押え")
    order = operations.approve_payouts(by=town.actor(), at=LATER, run=run.id, confirmed_count=1, confirmed_yen=200)
    assert [p.id for p in order.left_out] == [payout.id]
    second = operations.run_settlement(by=town.actor(), at=LATER + DAY, cutoff=CUTOFF + DAY)
    (held,) = queries.payouts(municipality=town.municipality, run=second.id)
    assert (held.amount_yen, held.held_because) == (1050, "差押え")
    operations.release_payout(by=town.actor(), payout=held.id)
    operations.approve_payouts(
        by=town.actor(), at=LATER + DAY, run=second.id, confirmed_count=1, confirmed_yen=1050
    )
    operations.mark_sent(by=town.actor(), at=LATER + DAY, run=second.id)
    assert town.holds(shops[0], "paid_out") == 1050
    assert checks.reconcile(town.municipality) == []


def test_whoever_ran_it_does_not_approve_it(sold: tuple[SmallTown, TestProgramme, list[UUID]]) -> None:
    town, _, _ = sold
    by = town.actor()
    open_bank(town, by)
    run = operations.run_settlement(by=by, at=LATER, cutoff=CUTOFF)
    with refused("checker_is_maker"):
        operations.approve_payouts(by=by, at=LATER, run=run.id, confirmed_count=2, confirmed_yen=1200)
    with refused("confirmation_differs"):
        operations.approve_payouts(by=town.actor(), at=LATER, run=run.id, confirmed_count=2, confirmed_yen=12_000)
    assert town.holds(town.shops[0], "payable") == 1000


def test_an_approved_run_is_not_approved_twice(sold: tuple[SmallTown, TestProgramme, list[UUID]]) -> None:
    town, _, _ = sold
    open_bank(town, town.actor())
    run = operations.run_settlement(by=town.actor(), at=LATER, cutoff=CUTOFF)
    operations.approve_payouts(by=town.actor(), at=LATER, run=run.id, confirmed_count=2, confirmed_yen=1200)
    with refused("settlement_not_ready"):
        operations.approve_payouts(by=town.actor(), at=LATER, run=run.id, confirmed_count=2, confirmed_yen=1200)
    with refused("settlement_run_unknown"):
        operations.approve_payouts(by=town.actor(), at=LATER, run=uuid4(), confirmed_count=2, confirmed_yen=1200)


def test_without_the_towns_own_account_nothing_is_approved(sold: tuple[SmallTown, TestProgramme, list[UUID]]) -> None:
    town, _, _ = sold
    run = operations.run_settlement(by=town.actor(), at=LATER, cutoff=CUTOFF)
    with refused("payer_missing"):
        operations.approve_payouts(by=town.actor(), at=LATER, run=run.id, confirmed_count=2, confirmed_yen=1200)
    with refused("settlement_not_ready"):
        operations.read_transfer_file(by=town.actor(), at=LATER, run=run.id)
    assert not RevealLog.objects.filter(municipality=town.municipality).exists()


def test_a_preview_moves_nothing(sold: tuple[SmallTown, TestProgramme, list[UUID]]) -> None:
    town, programme, shops = sold
    town.benefit_to_bank(town.people[0], programme, 300)
    preview = operations.preview_settlement(by=town.actor(), at=LATER, cutoff=CUTOFF)
    assert {due.owner: due.yen for due, _ in preview.takings} == {shops[0]: 1000, shops[1]: 200}
    assert {due.owner: due.yen for due in preview.waiting} == {town.people[0]: 300}
    assert (preview.run.state, preview.run.takings_yen, preview.run.payouts_yen) == ("previewed", 1200, 1500)
    assert preview.run.payouts_count == 3
    assert town.holds(shops[0], "shop") == 1050
    run = operations.run_settlement(by=town.actor(), at=LATER, cutoff=CUTOFF)
    assert (run.id, run.payouts_yen) == (preview.run.id, 1500)


def test_a_cutoff_lies_in_the_past(town: SmallTown) -> None:
    with refused("cutoff_in_future"):
        operations.run_settlement(by=town.actor(), at=CUTOFF - DAY, cutoff=CUTOFF)


@pytest.mark.parametrize("role", [ActorRole.OWNER, ActorRole.MAKER, ActorRole.RESIDENT])
def test_only_the_accounting_office_settles(town: SmallTown, role: ActorRole) -> None:
    with refused("not_allowed"):
        operations.run_settlement(by=town.actor(role), at=LATER, cutoff=CUTOFF)
    with refused("not_allowed"):
        operations.approve_payouts(by=town.actor(role), at=LATER, run=uuid4(), confirmed_count=0, confirmed_yen=0)


def test_the_nightly_task_settles_up_to_midnight(sold: tuple[SmallTown, TestProgramme, list[UUID]]) -> None:
    town, _, _ = sold
    run = tasks.settle_up(town.municipality, at=LATER)
    assert (run.cutoff, run.takings_yen, run.made_by) == (CUTOFF, 1200, None)


def test_totals_of_days(sold: tuple[SmallTown, TestProgramme, list[UUID]]) -> None:
    town, _, _ = sold
    operations.run_settlement(by=town.actor(), at=LATER, cutoff=CUTOFF)
    days = queries.day_totals(town.municipality, first=date(2026, 6, 1), last=date(2026, 6, 8))
    assert [(day.on, day.paid_yen, day.settled_yen) for day in days] == [
        (date(2026, 6, 2), 700, 0), (date(2026, 6, 3), 500, 0), (date(2026, 6, 8), 50, 1200),
    ]


def test_the_checks_see_a_statement_that_was_tampered_with(sold: tuple[SmallTown, TestProgramme, list[UUID]]) -> None:
    town, _, shops = sold
    run = operations.run_settlement(by=town.actor(), at=LATER, cutoff=CUTOFF)
    statement = SettlementRun.objects.get(id=run.id).statements.get(shop=shops[0])
    statement.payments_yen, statement.gross_yen, statement.net_yen = 1001, 1001, 1001
    statement.save()
    faults = checks.reconcile(town.municipality)
    assert len(faults) == 2
    assert any(str(shops[0]) in fault for fault in faults)
