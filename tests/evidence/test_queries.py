"""Figures of a small town, each computed by hand."""

from __future__ import annotations

from datetime import date, timedelta
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis.extra.django import TestCase

from meguri.evidence import checks, queries
from meguri.evidence.flows import MoneyFigures
from meguri.evidence.indicator import Indicator, csv_rows
from meguri.evidence.meanings import MEANINGS
from meguri.evidence.snapshot import Snapshot
from meguri.ledger import operations as books
from tests.evidence.life import STEPS, Life
from tests.settlement.books import AT, DAY, EXPIRES, SmallTown, TestProgramme, account, leg


def told(seen: Snapshot, programme: UUID | None = None) -> dict[str, Indicator]:
    return {one.code: one for one in queries.indicators(seen, programme=programme)}


@pytest.fixture
def lived(town: SmallTown) -> tuple[SmallTown, TestProgramme, TestProgramme]:
    """Vouchers: 1000 each to two people; 900 + 300 paid, 100 refunded. A benefit: 500 to the wallet, 2000 by bank."""
    voucher, benefit = town.programme("voucher"), town.programme("benefit")
    near, far = town.shop(area="minato", trade="58"), town.shop(area="yama", trade="76", size="large")
    ann, ben = town.resident(ward="minato"), town.resident(ward="minato")
    town.resident(ward="yama")  # does not take part
    town.sell(ann, voucher, 600)
    town.grant(ann, voucher, 400)
    town.grant(ben, voucher, 1000)
    town.pay(ann, near, 800, voucher, at=AT + 5 * DAY)
    town.refund(town.pay(ann, near, 100, voucher, at=AT + 6 * DAY), at=AT + 6 * DAY)
    town.pay(ben, far, 300, voucher, at=AT + 20 * DAY)
    town.grant(ben, benefit, 500)
    town.pay(ben, near, 200, benefit, at=EXPIRES - 3 * DAY)
    town.benefit_to_bank(ann, benefit, 2000)
    return town, voucher, benefit


def test_a_programmes_yen_from_budget_to_bank(lived: tuple[SmallTown, TestProgramme, TestProgramme]) -> None:
    town, voucher, benefit = lived
    money = queries.money_by_programme(town.municipality)
    assert money[voucher.id] == MoneyFigures(
        budget_yen=1_000_000, paid_in_yen=600, issued_yen=2000, spent_yen=1100
    )
    assert (money[voucher.id].unspent_yen, money[voucher.id].left_yen) == (900, 1_000_000 - 1400)
    assert money[benefit.id] == MoneyFigures(
        budget_yen=1_000_000, issued_yen=500, to_bank_yen=2000, spent_yen=200
    )
    assert (money[benefit.id].delivered_yen, money[benefit.id].waiting_yen) == (2200, 2200)
    assert checks.evidence_matches_the_books(town.municipality) == []


def test_indicators_of_one_programme(lived: tuple[SmallTown, TestProgramme, TestProgramme]) -> None:
    town, voucher, _ = lived
    found = told(queries.snapshot(town.municipality, until=EXPIRES - DAY), voucher.id)
    assert found.keys() == MEANINGS.keys()
    values = {code: (one.value, one.denominator) for code, one in found.items()}
    assert values["issued_yen"] == (2000, None)
    assert values["spent_yen"] == (1100, None)
    assert values["use_rate"] == (0.55, 2000)
    assert values["unspent_yen"] == (900, None)
    assert values["receivers"] == (2, None)
    assert values["payers"] == (2, None)
    assert values["take_up"] == (2 / 3, 3)  # three residents, two of whom received
    assert values["first_14_days"] == (800 / 1100, 1100)
    assert values["last_14_days"] == (0.0, 1100)
    assert values["own_ward_share"] == (800 / 1100, 1100)
    assert values["small_shop_share"] == (800 / 1100, 1100)
    assert values["top_tenth_share"] == (800 / 1100, 1100)  # the top tenth of two shops is one shop
    assert values["onward_share"] == (0.0, 1100)
    assert values["turns"] == (1.0, None)


def test_half_of_the_yen_is_not_spent_before_it_is_seen(
    lived: tuple[SmallTown, TestProgramme, TestProgramme],
) -> None:
    """2000 yen at risk: 800 go on day 5, 300 on day 20: 0.6, then 0.6 * (1 - 300/1200) = 0.45, so day 20."""
    town, voucher, _ = lived
    found = queries.spending_curve(queries.snapshot(town.municipality, until=EXPIRES - DAY), programme=voucher.id)
    assert [(step.day, step.at_risk_yen, step.spent_yen) for step in found.steps] == [(5, 2000, 800), (20, 1200, 300)]
    assert [step.unspent_share for step in found.steps] == pytest.approx([0.6, 0.45])
    assert found.median_days == 20


def test_the_rush_before_expiry_is_shown_as_such(lived: tuple[SmallTown, TestProgramme, TestProgramme]) -> None:
    town, _, benefit = lived
    found = told(queries.snapshot(town.municipality), benefit.id)
    assert found["last_14_days"].value == 1.0
    assert found["to_bank_yen"].value == 2000


def test_all_programmes_together_count_a_person_once(lived: tuple[SmallTown, TestProgramme, TestProgramme]) -> None:
    town, _, _ = lived
    found = told(queries.snapshot(town.municipality))
    assert (found["receivers"].value, found["payers"].value, found["spent_yen"].value) == (2, 2, 1300)
    assert (found["take_up"].value, found["take_up"].denominator) == (None, None)
    (together,) = (row for row in queries.reach(town.municipality) if row.in_all)
    assert together.payers_of_several == 1


def test_side_by_side(lived: tuple[SmallTown, TestProgramme, TestProgramme]) -> None:
    town, voucher, benefit = lived
    table = queries.side_by_side(queries.snapshot(town.municipality), [voucher.id, benefit.id])
    assert [one.value for one in table["spent_yen"]] == [1100, 200]
    assert [one.value for one in table["payers"]] == [2, 1]


def test_an_earlier_moment_is_seen_as_it_was(lived: tuple[SmallTown, TestProgramme, TestProgramme]) -> None:
    town, voucher, _ = lived
    until = AT + 6 * DAY + timedelta(seconds=1)
    money = queries.money_by_programme(town.municipality, until=until)[voucher.id]
    assert (money.issued_yen, money.spent_yen) == (2000, 800)  # the payment of 300 had not been made
    before_refund = queries.money_by_programme(town.municipality, until=AT + 5 * DAY)[voucher.id]
    assert before_refund.spent_yen == 0


def test_a_refund_after_the_moment_does_not_undo_the_payment(town: SmallTown) -> None:
    programme, shop, person = town.programme(), town.shop(), town.resident()
    town.grant(person, programme, 500)
    town.refund(town.pay(person, shop, 500, programme, at=AT + DAY), at=AT + 3 * DAY)
    then = queries.snapshot(town.municipality, until=AT + 2 * DAY)
    assert told(then, programme.id)["payers"].value == 1
    assert told(queries.snapshot(town.municipality), programme.id)["payers"].value == 0


def test_places(lived: tuple[SmallTown, TestProgramme, TestProgramme]) -> None:
    town, voucher, _ = lived
    by_area = queries.places(town.municipality, by="area")
    assert [(row.place, row.yen, row.holders, row.shops) for row in by_area] == [
        ("minato", 1000, 2, 1), ("yama", 300, 1, 1),
    ]
    by_trade = queries.places(town.municipality, by="trade", programme=voucher.id)
    assert [(row.place, row.yen, row.largest_shop_yen) for row in by_trade] == [("58", 800, 800), ("76", 300, 300)]
    with pytest.raises(ValueError, match="told apart"):
        queries.places(town.municipality, by="holder")


def test_weeks_begin_on_monday_in_japan(town: SmallTown) -> None:
    programme, shop, person = town.programme(), town.shop(), town.resident()
    town.grant(person, programme, 1000)  # Monday 1 June
    town.pay(person, shop, 10, programme, at=AT + 6 * DAY + timedelta(hours=11))  # Sunday 23:00 in Japan
    town.pay(person, shop, 20, programme, at=AT + 6 * DAY + timedelta(hours=13))  # Monday 01:00 in Japan
    weeks = queries.weekly(town.municipality, programme=programme.id)
    assert [(row.week, row.issued_yen, row.spent_yen) for row in weeks] == [
        (date(2026, 6, 1), 1000, 10), (date(2026, 6, 8), 0, 20),
    ]


def test_money_passed_on_starts_anew_with_its_receiver(town: SmallTown) -> None:
    programme, shop, giver, taker = town.programme(), town.shop(), town.resident(), town.resident()
    town.grant(giver, programme, 1000)
    town.post("transfer", leg(account(giver, "wallet"), account(taker, "wallet"), 600, programme.lot), at=AT + 10 * DAY)
    town.pay(taker, shop, 600, programme, at=AT + 12 * DAY)
    found = queries.spending_curve(queries.snapshot(town.municipality, until=AT + 20 * DAY), programme=programme.id)
    assert [(step.day, step.spent_yen) for step in found.steps] == [(2, 600)]
    assert checks.evidence_matches_the_books(town.municipality) == []


def test_money_that_lives_longer_goes_on_lying_as_before(town: SmallTown) -> None:
    """100 of day 0, extended on day 10 and spent on day 12, lay 12 days; what lies is told at the later expiry."""
    programme, shop, person = town.programme(), town.shop(), town.resident()
    town.grant(person, programme, 150)
    later = books.money_lot(
        municipality=town.municipality, fund=programme.fund, purse_kind=programme.kind, expires_at=EXPIRES + 60 * DAY
    )
    wallet = account(person, "wallet")
    town.post("extend", leg(wallet, wallet, 150, programme.lot, credit_lot=later), at=AT + 10 * DAY)
    town.post("pay", leg(wallet, account(shop, "shop"), 100, later), at=AT + 12 * DAY)
    lies = queries.snapshot(town.municipality, until=EXPIRES + 90 * DAY).lying(programme.id)
    assert sorted((one.days, one.is_spent, one.yen) for one in lies) == [(12, True, 100), (92 + 60, False, 50)]
    assert checks.evidence_matches_the_books(town.municipality) == []


def test_what_is_paid_back_at_the_end_is_neither_spent_nor_kept(town: SmallTown) -> None:
    programme, person = town.programme("voucher"), town.resident()
    town.sell(person, programme, 600)
    town.grant(person, programme, 400)
    wallet, at = account(person, "wallet"), EXPIRES + DAY
    town.post("wind_up", leg(wallet, account(person, "payable"), 600, programme.lot), at=at)
    town.post("wind_up", leg(wallet, account(programme.fund, "fund"), 400, programme.lot), at=at)
    money = queries.money_by_programme(town.municipality)[programme.id]
    assert (money.paid_in_yen, money.issued_yen, money.to_bank_yen, money.returned_yen) == (600, 400, 600, 400)
    assert (money.unspent_yen, money.spent_yen, money.kept_yen, money.left_yen) == (0, 0, 0, 1_000_000)
    assert checks.evidence_matches_the_books(town.municipality) == []


def test_first_in_is_first_out(town: SmallTown) -> None:
    """100 on day 0 and 100 on day 10; 150 spent on day 12: 100 lay 12 days, 50 lay 2 days, 50 still lie."""
    programme, shop, person = town.programme(), town.shop(), town.resident()
    town.grant(person, programme, 100)
    town.grant(person, programme, 100, at=AT + 10 * DAY)
    town.pay(person, shop, 150, programme, at=AT + 12 * DAY)
    seen = queries.snapshot(town.municipality, until=AT + 15 * DAY)
    rows = sorted((one.days, one.is_spent, one.yen) for one in seen.lying(programme.id))
    assert rows == [(2, True, 50), (5, False, 50), (12, True, 100)]


def test_nobody_has_seen_open_yen_lie_beyond_the_last_movement(town: SmallTown) -> None:
    """Where all of time is read, what still lies has not been lying until its expiry in a year to come."""
    programme, shop, person = town.programme(), town.shop(), town.resident()
    town.grant(person, programme, 100, at=AT + 10 * DAY)
    town.pay(person, shop, 60, programme, at=AT + 12 * DAY)
    rows = sorted((one.days, one.is_spent, one.yen) for one in queries.snapshot(town.municipality).lying(programme.id))
    assert rows == [(2, False, 40), (2, True, 60)]


def test_what_expired_unspent_is_unfinished_at_its_expiry(town: SmallTown) -> None:
    programme, person = town.programme(), town.resident()
    town.grant(person, programme, 100)
    lies = queries.snapshot(town.municipality, until=EXPIRES + 30 * DAY).lying(programme.id)
    assert [(one.days, one.is_spent) for one in lies] == [(92, False)]  # 1 June to 1 September, however late it is read
    town.expire(person, programme, 100, at=EXPIRES + DAY)
    found = told(queries.snapshot(town.municipality), programme.id)
    assert (found["lapsed_yen"].value, found["unspent_yen"].value, found["median_days"].value) == (100, 0, None)
    assert checks.evidence_matches_the_books(town.municipality) == []


def test_a_town_without_payments_has_no_shares(town: SmallTown) -> None:
    found = told(queries.snapshot(town.municipality))
    assert all(found[code].value is None for code in MEANINGS if MEANINGS[code].unit == "share")
    assert found["turns"].value is None
    assert found["spent_yen"].value == 0


def test_indicators_as_rows_of_a_file(lived: tuple[SmallTown, TestProgramme, TestProgramme]) -> None:
    town, voucher, _ = lived
    found = queries.indicators(queries.snapshot(town.municipality, until=EXPIRES - DAY), programme=voucher.id)
    for language in ("ja", "en"):
        head, *rows = csv_rows(found, language=language)  # type: ignore[arg-type]
        assert {len(row) for row in rows} == {len(head)}
        by_code = {row[0]: row for row in rows}
        assert by_code["use_rate"][2:5] == ("0.550000", "share", "2000")
        assert by_code["spent_yen"][2:5] == ("1100", "yen", "")
        assert all(row[6] for row in rows)  # every figure says how to read it


# --- to the yen, whatever happened -----------------------------------------------------------------------------------


class AnyHistory(TestCase):
    @settings(deadline=None)
    @given(STEPS)
    def test_evidence_is_to_the_yen_what_the_books_say(self, steps: list[tuple[str, int, int, int]]) -> None:
        life = Life()
        for step in steps:
            life.step(*step)
        town = life.town.municipality
        assert checks.evidence_matches_the_books(town) == []
        seen = queries.snapshot(town)
        for programme in life.programmes:
            money = queries.money_by_programme(town)[programme.id]
            places = queries.places(town, by="area", programme=programme.id)
            assert sum(row.yen for row in places) == money.spent_yen
            lying = seen.lying(programme.id)
            assert sum(one.yen for one in lying if one.is_spent) == money.spent_yen
            assert sum(row.spent_yen for row in queries.weekly(town, programme=programme.id)) == money.spent_yen
            assert sum(row.issued_yen for row in queries.weekly(town, programme=programme.id)) == money.issued_yen


def test_the_check_can_fail(town: SmallTown, monkeypatch: pytest.MonkeyPatch) -> None:
    programme, person = town.programme(), town.resident()
    town.grant(person, programme, 10)
    real = checks.money_by_fund(town.municipality)
    monkeypatch.setattr(checks, "money_by_fund", lambda _: {f: m + MoneyFigures(spent_yen=1) for f, m in real.items()})
    faults = checks.evidence_matches_the_books(town.municipality)
    assert len(faults) == 2
    assert any("wallet: books 10, evidence 9" in fault for fault in faults)
