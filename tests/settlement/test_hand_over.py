"""From the approved file to the bank: when a payout counts as paid, and what may still be done with it before."""

from __future__ import annotations

import hashlib
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest

from meguri.settlement import checks, operations, queries, tasks
from meguri.settlement.business_days import is_business_day
from meguri.settlement.models import FileReading, SettlementRun
from meguri.settlement.queries import RunView
from meguri.settlement.zengin import read_transfers
from meguri.words.actor import ActorRole
from meguri.words.clock import JST, midnight
from meguri.words.refusal import Refusal
from tests.settlement.books import AT, DAY, SmallTown, TestProgramme

CUTOFF = AT + 7 * DAY
"""Noon of Monday 8 June 2026 in Japan; its file pays on Tuesday."""
TRANSFER_DAY = date(2026, 6, 9)

Approved = tuple[SmallTown, RunView, list[UUID]]


@pytest.fixture
def programme(town: SmallTown) -> TestProgramme:
    return town.programme()


@pytest.fixture
def approved(town: SmallTown, programme: TestProgramme) -> Approved:
    """Two shops with 600 and 20 yen in an approved file that the bank has not."""
    shops, person = [town.shop(), town.shop()], town.resident()
    town.grant(person, programme, 1000)
    town.pay(person, shops[0], 600, programme, at=AT + DAY)
    town.pay(person, shops[1], 20, programme, at=AT + DAY)
    operations.set_paying_account(
        by=town.actor(), at=AT, payer_code="0123456789", payer_name="メグリ", bank="0005", branch="001",
        number="7654321",
    )
    return town, approve(town, settle(town, CUTOFF)), shops


def settle(town: SmallTown, cutoff: datetime) -> RunView:
    return operations.run_settlement(by=town.actor(), at=cutoff, cutoff=cutoff)


def approve(town: SmallTown, run: RunView) -> RunView:
    count, yen = queries.to_confirm(run.id, municipality=town.municipality)
    return operations.approve_payouts(
        by=town.actor(), at=run.made_at, run=run.id, confirmed_count=count, confirmed_yen=yen
    ).run


def payout_of(town: SmallTown, run: RunView, shop: UUID) -> queries.PayoutView:
    found = queries.payouts(municipality=town.municipality, run=run.id)
    return next(payout for payout in found if payout.payee == shop)


def test_an_approved_payout_is_still_owed(approved: Approved) -> None:
    town, run, shops = approved
    assert [town.holds(shop, "payable") for shop in shops] == [600, 20]
    assert [town.holds(shop, "paid_out") for shop in shops] == [0, 0]
    assert payout_of(town, run, shops[0]).handed_at is None
    assert checks.reconcile(town.municipality) == []


def test_what_the_bank_does_not_have_cannot_come_back_from_it(approved: Approved) -> None:
    """The stranger's double payment: returned before the hand-over, then paid by the file and by the next run."""
    town, run, shops = approved
    with pytest.raises(Refusal) as refused:
        operations.return_payout(
            by=town.actor(), at=CUTOFF, payout=payout_of(town, run, shops[0]).id, reason="口座なし"
        )
    assert refused.value.code == "payout_not_ready"
    assert "承認済み・銀行へ送る前" in refused.value.sentence("ja")
    assert "not yet with the bank" in refused.value.sentence("en")
    later = settle(town, CUTOFF + DAY)
    assert (later.payouts_count, later.payouts_yen) == (0, 0)


def test_a_run_beside_an_approved_file_pays_only_what_is_new(approved: Approved, programme: TestProgramme) -> None:
    town, run, shops = approved
    town.pay(town.people[0], shops[0], 7, programme, at=CUTOFF + timedelta(hours=1))
    second = settle(town, CUTOFF + DAY)
    assert payout_of(town, second, shops[0]).amount_yen == 7
    operations.mark_sent(by=town.actor(), at=CUTOFF, run=run.id)
    assert (town.holds(shops[0], "paid_out"), town.holds(shops[0], "payable")) == (600, 7)


def test_the_hand_over_is_the_payment(approved: Approved) -> None:
    town, run, shops = approved
    sent = operations.mark_sent(by=town.actor(), at=CUTOFF + timedelta(hours=2), run=run.id)
    assert (sent.state, sent.pay_on, sent.sent_at) == ("sent", TRANSFER_DAY, CUTOFF + timedelta(hours=2))
    assert [town.holds(shop, "paid_out") for shop in shops] == [600, 20]
    assert payout_of(town, run, shops[0]).handed_at == sent.sent_at
    (day,) = queries.day_totals(town.municipality, first=date(2026, 6, 8), last=TRANSFER_DAY)
    assert (day.on, day.paid_out_yen) == (date(2026, 6, 8), 620)


def test_a_hand_over_written_down_late_is_dated_by_the_transfer_day(approved: Approved) -> None:
    town, run, _ = approved
    operations.mark_sent(by=town.actor(), at=CUTOFF + 5 * DAY, run=run.id)
    days = queries.day_totals(town.municipality, first=date(2026, 6, 1), last=date(2026, 6, 30))
    assert {each.on: each.paid_out_yen for each in days if each.paid_out_yen} == {TRANSFER_DAY: 620}


def test_the_file_says_what_the_books_say(approved: Approved) -> None:
    town, run, shops = approved
    content = operations.read_transfer_file(by=town.actor(), at=CUTOFF, run=run.id)
    operations.mark_sent(by=town.actor(), at=CUTOFF, run=run.id)
    payees = {payout.number: payout.payee for payout in queries.payouts(municipality=town.municipality, run=run.id)}
    told = {payees[int(number)]: yen for number, yen in read_transfers(content)}
    assert told == {shop: town.holds(shop, "paid_out") for shop in shops} == {shops[0]: 600, shops[1]: 20}


def test_a_file_is_the_same_bytes_whenever_it_is_fetched(approved: Approved) -> None:
    town, run, shops = approved
    first = operations.read_transfer_file(by=town.actor(), at=CUTOFF, run=run.id)
    town.bank_account(shops[0], number="7777777")
    operations.set_paying_account(
        by=town.actor(), at=CUTOFF, payer_code="1111111111", payer_name="ベツノマチ", bank="0001", branch="001",
        number="1111111",
    )
    operations.mark_sent(by=town.actor(), at=CUTOFF, run=run.id)
    operations.return_payout(by=town.actor(), at=CUTOFF + DAY, payout=payout_of(town, run, shops[0]).id, reason="解約")
    again = operations.read_transfer_file(by=town.actor(), at=CUTOFF + 9 * DAY, run=run.id)
    assert first == again
    assert hashlib.sha256(again).hexdigest() == run.file_digest
    assert b"7777777" not in again
    assert FileReading.objects.filter(file__run_id=run.id).count() == 2


def test_the_account_of_the_day_of_the_approval_is_paid(town: SmallTown, approved: Approved) -> None:
    """Changed after the cutoff and before the approval: the new one. The next run takes the next one."""
    _, _, shops = approved
    programme = town.programme()
    town.grant(town.people[0], programme, 100)
    town.pay(town.people[0], shops[1], 5, programme, at=CUTOFF)
    second = settle(town, CUTOFF + DAY)
    town.bank_account(shops[1], number="2222222")
    content = operations.read_transfer_file(by=town.actor(), at=CUTOFF + DAY, run=approve(town, second).id)
    assert b"12222222" in content


def test_a_returned_payout_is_paid_again_once(approved: Approved) -> None:
    town, run, shops = approved
    operations.mark_sent(by=town.actor(), at=CUTOFF, run=run.id)
    one = payout_of(town, run, shops[0])
    operations.return_payout(by=town.actor(), at=CUTOFF + 2 * DAY, payout=one.id, reason="口座なし")
    with pytest.raises(Refusal, match="payout_not_ready"):
        operations.return_payout(by=town.actor(), at=CUTOFF + 2 * DAY, payout=one.id, reason="口座なし")
    second = settle(town, CUTOFF + 3 * DAY)
    assert payout_of(town, second, shops[0]).amount_yen == 600
    approve(town, second)
    assert town.holds(shops[0], "paid_out") == 0
    operations.mark_sent(by=town.actor(), at=CUTOFF + 3 * DAY, run=second.id)
    assert [town.holds(shop, "paid_out") for shop in shops] == [600, 20]
    assert settle(town, CUTOFF + 4 * DAY).payouts_count == 0
    assert checks.reconcile(town.municipality) == []


def test_a_withdrawn_file_pays_nobody_and_the_next_run_does(approved: Approved) -> None:
    town, run, shops = approved
    gone = operations.withdraw_file(by=town.actor(), at=CUTOFF + 3 * DAY, run=run.id, reason=" 振込日を過ぎた ")
    assert (gone.state, gone.withdrawn_because, gone.sent_at) == ("withdrawn", "振込日を過ぎた", None)
    assert {each.state for each in queries.payouts(municipality=town.municipality, run=run.id)} == {"payable"}
    with pytest.raises(Refusal, match="settlement_not_ready"):
        operations.read_transfer_file(by=town.actor(), at=CUTOFF + 3 * DAY, run=run.id)
    with pytest.raises(Refusal, match="settlement_not_ready"):
        operations.mark_sent(by=town.actor(), at=CUTOFF + 3 * DAY, run=run.id)
    second = approve(town, settle(town, CUTOFF + 3 * DAY))
    assert {each.state for each in queries.payouts(municipality=town.municipality, run=run.id)} == {"carried"}
    assert second.pay_on == date(2026, 6, 12)
    operations.mark_sent(by=town.actor(), at=CUTOFF + 3 * DAY, run=second.id)
    assert [town.holds(shop, "paid_out") for shop in shops] == [600, 20]
    told = queries.statements(municipality=town.municipality, at=CUTOFF, shop=shops[0])
    assert [(view.payout_state, view.pay_on) for view in told] == [("sent", date(2026, 6, 12))]
    assert checks.reconcile(town.municipality) == []


def test_what_the_bank_has_is_not_withdrawn(approved: Approved) -> None:
    town, run, _ = approved
    operations.mark_sent(by=town.actor(), at=CUTOFF, run=run.id)
    with pytest.raises(Refusal) as refused:
        operations.withdraw_file(by=town.actor(), at=CUTOFF, run=run.id, reason="やめたい")
    assert refused.value.code == "settlement_not_ready"
    assert "銀行へ渡した" in refused.value.sentence("ja")


def test_a_withdrawal_has_a_reason(approved: Approved) -> None:
    town, run, _ = approved
    with pytest.raises(Refusal, match="settlement_reason_missing"):
        operations.withdraw_file(by=town.actor(), at=CUTOFF, run=run.id, reason=" \u3000 ")
    assert SettlementRun.objects.get(id=run.id).state == "approved"


@pytest.mark.parametrize("role", [ActorRole.MAKER, ActorRole.CHECKER, ActorRole.OWNER, ActorRole.SYSTEM])
def test_only_accounting_hands_over_or_withdraws(approved: Approved, role: ActorRole) -> None:
    town, run, _ = approved
    with pytest.raises(Refusal, match="not_allowed"):
        operations.mark_sent(by=town.actor(role), at=CUTOFF, run=run.id)
    with pytest.raises(Refusal, match="not_allowed"):
        operations.withdraw_file(by=town.actor(role), at=CUTOFF, run=run.id, reason="x")


def test_a_run_that_nobody_approved_is_not_handed_over(town: SmallTown) -> None:
    run = settle(town, CUTOFF)
    with pytest.raises(Refusal) as refused:
        operations.mark_sent(by=town.actor(), at=CUTOFF, run=run.id)
    assert "締め済み・承認待ち" in refused.value.sentence("ja")


def test_a_cutoff_before_the_last_one_is_refused_and_the_same_one_is_the_same_run(approved: Approved) -> None:
    town, run, _ = approved
    for act in (operations.run_settlement, operations.preview_settlement):
        with pytest.raises(Refusal) as refused:
            act(by=town.actor(), at=CUTOFF + DAY, cutoff=midnight(date(2020, 1, 1)))
        assert refused.value.code == "cutoff_before_last"
        assert "2020-01-01 00:00" in refused.value.sentence("ja")
        assert "2026-06-08 12:00" in refused.value.sentence("en")
    assert operations.run_settlement(by=town.actor(), at=CUTOFF + DAY, cutoff=CUTOFF).id == run.id
    assert [each.id for each in queries.runs(town.municipality)] == [run.id]


@pytest.mark.parametrize(
    ("made", "transfer"),
    [
        (datetime(2026, 12, 30, 3, tzinfo=UTC), date(2027, 1, 4)),  # the last day that banks work
        (datetime(2026, 5, 1, 3, tzinfo=UTC), date(2026, 5, 7)),  # the golden week
        (datetime(2026, 6, 5, 14, 59, tzinfo=UTC), date(2026, 6, 8)),  # a minute before a Saturday
    ],
)
def test_the_transfer_day_is_one_on_which_banks_work(town: SmallTown, made: datetime, transfer: date) -> None:
    run = settle(town, made)
    assert run.pay_on == transfer
    assert is_business_day(transfer)


def test_a_payer_code_of_nine_digits_is_refused_where_it_is_entered(town: SmallTown) -> None:
    with pytest.raises(Refusal) as refused:
        operations.set_paying_account(
            by=town.actor(), at=AT, payer_code="012345678", payer_name="メグリ", bank="0005", branch="001",
            number="7654321",
        )
    assert (refused.value.code, refused.value.field) == ("payer_code", "payer_code")


@pytest.mark.parametrize(
    ("cutoff", "code"),
    [
        (datetime(1, 1, 1, tzinfo=JST), "cutoff_too_early"), (datetime(1999, 12, 31, tzinfo=JST), "cutoff_too_early"),
        (datetime(9999, 12, 31, 23, tzinfo=UTC), "cutoff_in_future"),
    ],
)
def test_a_cutoff_at_the_edge_of_time_is_refused_in_words(town: SmallTown, cutoff: datetime, code: str) -> None:
    for act in (operations.run_settlement, operations.preview_settlement):
        with pytest.raises(Refusal) as refused:
            act(by=town.actor(), at=CUTOFF, cutoff=cutoff)
        assert (refused.value.code, refused.value.field) == (code, "cutoff")


def test_a_run_of_a_midnight_in_japan_can_be_approved(approved: Approved, programme: TestProgramme) -> None:
    """The night's own run names its cutoff in Japan's zone and the database answers in UTC: it is the same document."""
    town, _, shops = approved
    town.pay(town.people[0], shops[0], 9, programme, at=CUTOFF + timedelta(hours=1))
    night = tasks.settle_up(town.municipality, at=CUTOFF + DAY)
    assert night.cutoff == midnight(date(2026, 6, 9))
    assert approve(town, night).state == "approved"
