"""What faces may ask of settlement."""

from __future__ import annotations

from datetime import date, timedelta
from uuid import UUID, uuid4

import pytest

from meguri.settlement import operations, queries
from tests.settlement.books import AT, DAY, SmallTown, TestProgramme

CUTOFF = AT + 7 * DAY


@pytest.fixture
def lived(town: SmallTown) -> tuple[SmallTown, TestProgramme, TestProgramme, list[UUID]]:
    """Two settlements: the first paid and with one transfer returned, the second only run."""
    voucher, benefit = town.programme("voucher"), town.programme("benefit")
    shops, person = [town.shop(), town.shop()], town.resident()
    by = town.actor()
    operations.set_paying_account(
        by=by, at=AT, payer_code="0123456789", payer_name="メグリ", bank="0005", branch="001", number="7654321"
    )
    town.bank_account(person)
    town.grant(person, voucher, 5000)
    town.grant(person, benefit, 5000)
    town.pay(person, shops[0], 300, voucher, at=AT + DAY)
    town.pay(person, shops[1], 500, voucher, at=AT + DAY)
    town.pay(person, shops[1], 40, benefit, at=AT + DAY)
    town.benefit_to_bank(person, benefit, 900, at=AT + DAY)
    first = operations.run_settlement(by=by, at=CUTOFF, cutoff=CUTOFF)
    operations.approve_payouts(by=town.actor(), at=CUTOFF, run=first.id, confirmed_count=3, confirmed_yen=1740)
    operations.mark_sent(by=by, at=CUTOFF, run=first.id)
    payout = next(p for p in queries.payouts(municipality=town.municipality, run=first.id) if p.payee == shops[0])
    operations.return_payout(by=by, at=CUTOFF + DAY, payout=payout.id, reason="口座なし")
    town.pay(person, shops[0], 8, voucher, at=CUTOFF + DAY)
    operations.run_settlement(by=by, at=CUTOFF + 2 * DAY, cutoff=CUTOFF + 2 * DAY)
    return town, voucher, benefit, shops


Lived = tuple[SmallTown, TestProgramme, TestProgramme, list[UUID]]


def test_runs_are_listed_latest_first(lived: Lived) -> None:
    town = lived[0]
    second, first = queries.runs(town.municipality)
    assert (first.state, first.takings_yen, first.payouts_yen, first.since) == ("sent", 840, 1740, None)
    assert (second.state, second.takings_yen, second.payouts_yen, second.since) == ("run", 8, 308, CUTOFF)
    assert queries.runs(town.municipality, limit=1) == (second,)
    assert queries.run(first.id, municipality=town.municipality) == first
    assert queries.run(first.id, municipality=town.municipality + 1) is None
    assert queries.run(uuid4(), municipality=town.municipality) is None


def test_payouts_by_run_payee_and_state(lived: Lived) -> None:
    town, _, _, shops = lived
    second, first = queries.runs(town.municipality)
    assert [p.number for p in queries.payouts(municipality=town.municipality, run=first.id)] == [1, 2, 3]
    of_shop = queries.payouts(municipality=town.municipality, payee=shops[0])
    assert [(p.run, p.state, p.amount_yen) for p in of_shop] == [
        (second.id, "payable", 308), (first.id, "returned", 300),
    ]
    assert of_shop[1].returned_because == "口座なし"
    assert {p.amount_yen for p in queries.payouts(municipality=town.municipality, states=["sent"])} == {540, 900}
    assert queries.payouts(municipality=town.municipality + 1) == ()


def test_what_an_approver_types(lived: Lived) -> None:
    town, _, _, shops = lived
    second, first = queries.runs(town.municipality)
    assert queries.to_confirm(second.id, municipality=town.municipality) == (1, 308)
    assert queries.to_confirm(first.id, municipality=town.municipality) == (0, 0)
    (payout,) = queries.payouts(municipality=town.municipality, run=second.id)
    operations.hold_payout(by=town.actor(), payout=payout.id, reason="差押え")
    assert queries.to_confirm(second.id, municipality=town.municipality) == (0, 0)
    assert payout.payee == shops[0]


def test_the_file_without_its_contents(lived: Lived) -> None:
    town = lived[0]
    second, first = queries.runs(town.municipality)
    file = queries.file(first.id, municipality=town.municipality)
    assert file is not None
    assert (file.digest, file.transfers_count, file.amount_yen) == (first.file_digest, 3, 1740)
    assert queries.file(second.id, municipality=town.municipality) is None


def test_statements_of_a_run_largest_first(lived: Lived) -> None:
    town, _, _, shops = lived
    _, first = queries.runs(town.municipality)
    found = queries.statements(municipality=town.municipality, at=CUTOFF, run=first.id)
    assert [(view.shop, view.net_yen) for view in found] == [(shops[1], 540), (shops[0], 300)]
    assert [view.payout_state for view in found] == ["sent", "payable"]  # the returned one is paid by a new payout
    assert queries.statements(municipality=town.municipality, at=CUTOFF, shop=uuid4()) == ()


def test_statements_name_their_parts(lived: Lived) -> None:
    town, voucher, benefit, shops = lived
    (view,) = queries.statements(municipality=town.municipality, at=CUTOFF, shop=shops[1])
    by_programme = {part.programme: part for part in view.parts}
    assert by_programme[voucher.id].programme_name.ja == "架空のvoucher"
    assert by_programme[benefit.id].programme_name.en == "Invented benefit"
    assert by_programme[voucher.id].fund_name.en == "Town budget"
    assert by_programme[voucher.id].purse_name.in_("ja") == "共通"
    assert {part.family: part.yen for part in view.parts} == {"voucher": 500, "benefit": 40}


def test_a_funders_account(lived: Lived) -> None:
    town, voucher, benefit, _ = lived
    second, first = queries.runs(town.municipality)
    found = queries.fund_totals(town.municipality)
    assert {(row.run, row.fund, row.settled_yen, row.ordered_yen) for row in found} == {
        (second.id, voucher.fund, 8, 0),
        (first.id, voucher.fund, 800, 500),  # 300 came back
        (first.id, benefit.fund, 40, 940),
    }
    of_fund = queries.fund_totals(town.municipality, fund=voucher.fund)
    assert [row.cutoff for row in of_fund] == [CUTOFF + 2 * DAY, CUTOFF]


def test_totals_of_days(lived: Lived) -> None:
    town = lived[0]
    days = queries.day_totals(town.municipality, first=date(2026, 6, 2), last=date(2026, 6, 30))
    told = {
        day.on: (day.paid_yen, day.settled_yen, day.benefits_yen, day.paid_out_yen, day.returned_yen) for day in days
    }
    assert told == {
        date(2026, 6, 2): (840, 0, 900, 0, 0),
        date(2026, 6, 8): (0, 840, 0, 1740, 0),
        date(2026, 6, 9): (8, 0, 0, 0, 300),
        date(2026, 6, 10): (0, 8, 0, 0, 0),
    }
    assert queries.day_totals(town.municipality, first=date(2026, 7, 1), last=date(2026, 7, 2)) == ()


def test_a_day_begins_at_midnight_in_japan(town: SmallTown) -> None:
    programme, shop, person = town.programme(), town.shop(), town.resident()
    town.grant(person, programme, 100)
    town.refund(town.pay(person, shop, 1, programme, at=AT + timedelta(hours=11, minutes=59)), at=AT + DAY)
    town.pay(person, shop, 2, programme, at=AT + timedelta(hours=12))
    days = queries.day_totals(town.municipality, first=date(2026, 6, 1), last=date(2026, 6, 2))
    assert [(day.on, day.paid_yen, day.refunded_yen) for day in days] == [
        (date(2026, 6, 1), 1, 0), (date(2026, 6, 2), 2, 1),
    ]


def test_a_payout_far_out_of_its_run_is_shown_by_itself(town: SmallTown) -> None:
    programme, person = town.programme("benefit", budget=100_000_000), town.resident()
    for _ in range(5):
        town.benefit_to_bank(town.resident(), programme, 100_000)
    town.benefit_to_bank(person, programme, 46_300_000)
    run = operations.run_settlement(by=town.actor(), at=CUTOFF, cutoff=CUTOFF)
    assert [payout.payee for payout in queries.standing_out(run.id, municipality=town.municipality)] == [person]


def test_what_is_owed_now_and_since_when(lived: Lived) -> None:
    """A returned transfer is owed since its first cutoff, also when a later run has taken it over."""
    town, voucher, _, shops = lived
    today = CUTOFF + 2 * DAY
    found = queries.owed(town.municipality, at=today)
    assert (found.yen, found.takings_yen, found.since) == (308, 0, CUTOFF)
    second = queries.runs(town.municipality)[0]
    assert found.pay_on == second.pay_on
    person = town.resident()
    town.grant(person, voucher, 70)
    town.pay(person, shops[1], 70, voucher, at=today)
    found = queries.owed(town.municipality, at=today + DAY)
    assert (found.yen, found.takings_yen, found.since) == (378, 70, CUTOFF)
    late = queries.owed(town.municipality, at=today + 30 * DAY)
    assert (late.yen, late.pay_on) == (378, None), "a day that has passed is no next pay day"


def test_when_all_is_paid_nothing_is_owed(lived: Lived) -> None:
    town, by = lived[0], lived[0].actor()
    second = queries.runs(town.municipality)[0]
    at = CUTOFF + 3 * DAY
    operations.approve_payouts(by=town.actor(), at=at, run=second.id, confirmed_count=1, confirmed_yen=308)
    assert queries.owed(town.municipality, at=at).yen == 308, "the books pay when the bank has the file"
    operations.mark_sent(by=by, at=at, run=second.id)
    found = queries.owed(town.municipality, at=at)
    assert (found.yen, found.takings_yen, found.since) == (0, 0, None)
    assert found.pay_on == queries.runs(town.municipality)[0].pay_on
    assert queries.owed(town.municipality + 1, at=at) == queries.Owed(0, 0, None, None)
