"""Who is paid what: kinds of payees, what is spoken for, what is carried from run to run, what an approval binds."""

from __future__ import annotations

from datetime import date, timedelta
from uuid import UUID, uuid4

import pytest

from meguri.ledger import operations as ledger
from meguri.parties.models import Sponsor
from meguri.parties.operations import reject, withdraw
from meguri.settlement import checks, operations, payouts, queries
from meguri.settlement.models import PayeeKind, Payout, PayoutLine, SettlementRun
from meguri.words.actor import Actor
from meguri.words.refusal import Refusal
from tests.settlement.books import AT, DAY, SmallTown, TestProgramme, account, leg

CUTOFF = AT + 7 * DAY


def refused(code: str) -> pytest.RaisesExc[Refusal]:
    return pytest.RaisesExc(Refusal, check=lambda refusal: refusal.code == code)


@pytest.fixture
def lived(town: SmallTown) -> tuple[SmallTown, TestProgramme, UUID]:
    """One shop without a bank account, which took 100, beside one that took 7."""
    programme, person = town.programme(), town.resident()
    town.grant(person, programme, 10_000)
    poor, rich = town.shop(bank=False), town.shop()
    town.pay(person, poor, 100, programme, at=AT + DAY)
    town.pay(person, rich, 7, programme, at=AT + DAY)
    operations.set_paying_account(
        by=town.actor(), at=AT, payer_code="0123456789", payer_name="メグリ", bank="0005", branch="001",
        number="7654321",
    )
    return town, programme, poor


def settle(town: SmallTown, days: int, *, by: Actor | None = None) -> queries.RunView:
    at = CUTOFF + days * DAY
    return operations.run_settlement(by=by or town.actor(), at=at + timedelta(hours=5), cutoff=at)


def release(town: SmallTown, run: queries.RunView) -> queries.OrderView:
    count, yen = queries.to_confirm(run.id, municipality=town.municipality)
    return operations.approve_payouts(
        by=town.actor(), at=run.made_at, run=run.id, confirmed_count=count, confirmed_yen=yen
    )


def states(town: SmallTown, payee: UUID) -> list[tuple[str, int]]:
    found = queries.payouts(municipality=town.municipality, payee=payee)
    return [(payout.state, payout.amount_yen) for payout in reversed(found)]


def test_payees_are_told_apart(town: SmallTown) -> None:
    shop, person, sponsor = town.shop(), town.resident(), uuid4()
    Sponsor.objects.create(
        id=sponsor, municipality=town.municipality, name_ja="架空", name_en="Invented", joined_on=date(2026, 4, 1)
    )
    assert payouts.payee_kinds([shop, person, sponsor], municipality=town.municipality) == {
        shop: PayeeKind.SHOP, person: PayeeKind.HOLDER, sponsor: PayeeKind.SPONSOR,
    }


def test_a_sponsors_payable_is_paid_like_all_others(town: SmallTown) -> None:
    programme, sponsor = town.programme("benefit", funder="sponsor"), uuid4()
    Sponsor.objects.create(
        id=sponsor, municipality=town.municipality, name_ja="架空", name_en="Invented", joined_on=date(2026, 4, 1)
    )
    ledger.open_accounts([account(sponsor, "payable")], municipality=town.municipality)
    back = leg(account(programme.fund, "fund"), account(sponsor, "payable"), 400, programme.own_lot)
    town.post("pay_benefit", back)
    run = settle(town, 0)
    (payout,) = queries.payouts(municipality=town.municipality, run=run.id)
    assert (payout.payee, payout.payee_kind, payout.amount_yen) == (sponsor, "sponsor", 400)


def test_a_payout_is_exact_by_lot(town: SmallTown) -> None:
    voucher, points, shop, person = town.programme(), town.programme("point"), town.shop(), town.resident()
    town.grant(person, voucher, 100)
    town.grant(person, points, 30)
    town.pay(person, shop, 120, voucher, points, at=AT + DAY)
    run = settle(town, 0)
    lines = PayoutLine.objects.filter(payout__run_id=run.id)
    assert {(line.fund, line.purse_kind, line.amount_yen) for line in lines} == {
        (voucher.fund, voucher.kind, 100), (points.fund, points.kind, 20),
    }


def test_one_left_out_again_and_again_is_one_debt(lived: tuple[SmallTown, TestProgramme, UUID]) -> None:
    town, programme, poor = lived
    for days in range(3):
        order = release(town, settle(town, days))
        assert [payout.payee for payout in order.left_out] == [poor]
        town.pay(town.people[0], town.shops[1], 5, programme, at=CUTOFF + days * DAY)
    assert states(town, poor) == [("carried", 100), ("carried", 100), ("payable", 100)]
    town.bank_account(poor)
    last = release(town, settle(town, 3))
    assert states(town, poor)[-1] == ("ordered", 100)
    operations.mark_sent(by=town.actor(), at=last.run.made_at, run=last.run.id)
    assert states(town, poor)[-1] == ("sent", 100)
    assert town.holds(poor, "paid_out") == 100
    assert checks.reconcile(town.municipality) == []


def test_a_carried_payout_names_its_follower(lived: tuple[SmallTown, TestProgramme, UUID]) -> None:
    town, _, poor = lived
    release(town, settle(town, 0))
    second = settle(town, 1)
    follower, first = queries.payouts(municipality=town.municipality, payee=poor)
    assert (first.carried_into, first.fault, follower.run) == (follower.id, "bank_account_missing", second.id)
    (statement,) = queries.statements(municipality=town.municipality, at=CUTOFF, shop=poor)
    assert (statement.payout, statement.payout_state) == (follower.id, "payable")


def test_when_nobody_can_be_paid_the_run_waits(town: SmallTown) -> None:
    programme, person = town.programme(), town.resident()
    town.grant(person, programme, 100)
    shop = town.shop(bank=False)
    town.pay(person, shop, 100, programme, at=AT + DAY)
    operations.set_paying_account(
        by=town.actor(), at=AT, payer_code="0123456789", payer_name="メグリ", bank="0005", branch="001",
        number="7654321",
    )
    run = settle(town, 0)
    with refused("transfers_none"):
        release(town, run)
    assert settle(town, 1).payouts_count == 0  # still spoken for by the first run
    town.bank_account(shop)
    assert release(town, run).run.state == "approved"
    assert checks.reconcile(town.municipality) == []


def test_what_waits_for_approval_is_not_planned_again(lived: tuple[SmallTown, TestProgramme, UUID]) -> None:
    town, _, _ = lived
    settle(town, 0)
    assert payouts.unspoken_for(town.municipality) == ()
    assert settle(town, 1).payouts_yen == 0


def test_an_approval_binds_payees_amounts_and_lots(lived: tuple[SmallTown, TestProgramme, UUID]) -> None:
    town, _, _ = lived
    view = settle(town, 0)
    run = SettlementRun.objects.get(id=view.id)
    rows = list(Payout.objects.filter(run=run))
    document = payouts.document(run, rows)
    assert document == payouts.document(run, rows[::-1])
    assert [entry[3] for entry in document["payouts"]] == [
        row.amount_yen for row in sorted(rows, key=lambda row: row.number)
    ]
    Payout.objects.filter(id=rows[0].id).update(payee=uuid4())  # somebody slips another payee in
    with refused("digest_differs"):
        release(town, view)


def test_a_request_sent_back_can_be_made_anew(lived: tuple[SmallTown, TestProgramme, UUID]) -> None:
    town, _, _ = lived
    maker, other = town.actor(), town.actor()
    run = settle(town, 0, by=maker)
    assert run.approval is not None
    reject(run.approval, by=other, at=run.made_at, note="一覧を確かめてください")
    with refused("approval_closed"):
        release(town, run)
    again = operations.propose_payouts(by=other, at=run.made_at, run=run.id)
    assert (again.made_by, again.approval) == (other.party, again.approval)
    assert again.approval != run.approval
    with refused("checker_is_maker"):
        operations.approve_payouts(by=other, at=run.made_at, run=run.id, confirmed_count=2, confirmed_yen=107)
    assert release(town, again).run.state == "approved"


def test_an_open_request_is_not_doubled(lived: tuple[SmallTown, TestProgramme, UUID]) -> None:
    town, _, _ = lived
    maker = town.actor()
    run = settle(town, 0, by=maker)
    assert operations.propose_payouts(by=maker, at=run.made_at, run=run.id).approval == run.approval
    with refused("approval_open"):
        operations.propose_payouts(by=town.actor(), at=run.made_at, run=run.id)
    assert run.approval is not None
    withdraw(run.approval, by=maker, at=run.made_at)
    assert operations.propose_payouts(by=town.actor(), at=run.made_at, run=run.id).approval != run.approval


def test_a_late_approval_pays_on_a_later_day(lived: tuple[SmallTown, TestProgramme, UUID]) -> None:
    town, _, _ = lived
    run = settle(town, 0)  # Monday 8 June
    assert run.pay_on == date(2026, 6, 9)
    order = operations.approve_payouts(
        by=town.actor(), at=CUTOFF + 4 * DAY, run=run.id, confirmed_count=2, confirmed_yen=107
    )  # Friday 12 June
    assert (order.file.pay_on, order.run.pay_on) == (date(2026, 6, 15), date(2026, 6, 15))
    paid = queries.payouts(municipality=town.municipality, states=["ordered"])
    assert {payout.pay_on for payout in paid} == {date(2026, 6, 15)}


@pytest.mark.parametrize("reason", ["", "   "])
def test_a_hold_and_a_return_need_a_reason(lived: tuple[SmallTown, TestProgramme, UUID], reason: str) -> None:
    town, _, _ = lived
    run = settle(town, 0)
    payout = queries.payouts(municipality=town.municipality, run=run.id)[0]
    with refused("settlement_reason_missing"):
        operations.hold_payout(by=town.actor(), payout=payout.id, reason=reason)
    with refused("payout_not_ready"):
        operations.return_payout(by=town.actor(), at=CUTOFF, payout=payout.id, reason="口座なし")
    with refused("payout_unknown"):
        operations.hold_payout(by=town.actor(), payout=uuid4(), reason="差押え")
