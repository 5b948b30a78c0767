"""What became of each arm: by hand, against a planted truth, and out of the books to the yen."""

from __future__ import annotations

import random
from datetime import UTC, date, datetime
from uuid import UUID

import pytest

from meguri.evidence import queries
from meguri.evidence.arms import ArmFigures, ArmRow, arm_figures
from meguri.evidence.snapshot import take
from meguri.ledger import operations as books
from meguri.ledger import queries as ledger
from meguri.ledger.rules import Account, Leg, Posting
from meguri.ledger.templates import AccountRole
from meguri.programmes import operations
from meguri.programmes.arms import is_fair
from meguri.programmes.vouchers import operations as vouchers
from meguri.words.actor import Actor
from tests.programmes.trials import DRAWN, arm, arm_code, drawn_programme, trial, voucher
from tests.programmes.vouchers.lived_town import LivedTown, moment

ONE, OTHER = UUID(int=1), UUID(int=2)
SHARES = {"control": 5_000, "reminded": 5_000}
EXPIRED = datetime(2026, 1, 31, 15, tzinfo=UTC)


def row(code: str, people: int, took_up: int, *, stratum: str = "", spent: int = 0, lapsed: int = 0) -> ArmRow:
    return ArmRow(ONE, code, stratum, people, people, took_up, took_up, spent + lapsed, spent, lapsed)


def figures(rows: list[ArmRow], shares: dict[str, int] | None = None) -> dict[str, ArmFigures]:
    found = arm_figures(rows, programme=ONE, shares=shares or SHARES, control="control")
    return {one.arm: one for one in found}


# --- by hand ----------------------------------------------------------------------------------------------------------


def test_strata_are_added_up_and_other_programmes_left_out() -> None:
    rows = [row("control", 10, 4, stratum="north", spent=900), row("control", 30, 6, stratum="south", lapsed=101),
            row("reminded", 40, 30), ArmRow(OTHER, "control", "", 9, 9, 9, 9, 9, 9, 9)]  # fmt: skip
    found = figures(rows)
    control = found["control"]
    assert (control.units, control.people, control.took_up, control.fair_units) == (40, 40, 10, 40)
    assert (control.take_up_bp, control.spent_each_yen, control.lapsed_each_yen) == (2_500, 22, 2)
    assert control.more is None


def test_a_difference_is_that_of_the_shares_with_its_interval() -> None:
    """60 % less 40 %; with a success and a failure more on each side 61/102 - 41/102, its root 0.0687."""
    more = figures([row("control", 100, 40), row("reminded", 100, 60)])["reminded"].more
    assert more is not None
    assert more.value == pytest.approx(2_000)
    middle, half = 10_000 * 20 / 102, 10_000 * 1.959964 * 0.068672
    assert (more.low, more.high) == (pytest.approx(middle - half, rel=1e-3), pytest.approx(middle + half, rel=1e-3))
    assert more.is_sure


def test_who_never_took_part_counts_in_the_arm_of_the_draw() -> None:
    found = figures([row("control", 200, 0), row("reminded", 200, 1)])
    assert found["reminded"].take_up_bp == 50
    more = found["reminded"].more
    assert more is not None
    assert not more.is_sure


def test_nothing_drawn_is_nothing_told_and_an_empty_arm_is_none_to_compare() -> None:
    assert figures([]) == {}
    found = figures([row("control", 3, 1)])
    assert found["reminded"].people == found["reminded"].take_up_bp == found["reminded"].spent_each_yen == 0
    assert found["reminded"].more is None


def test_arms_stand_in_the_order_of_the_terms() -> None:
    shares = {"late": 2_000, "control": 5_000, "early": 3_000}
    assert list(figures([row("early", 3, 1), row("late", 2, 1), row("control", 5, 1)], shares)) == list(shares)


@pytest.mark.parametrize("effect", [0.0, 0.1])
def test_intervals_hold_the_planted_truth_about_as_often_as_they_say(effect: float) -> None:
    chance, held = random.Random(20260601), 0
    for _ in range(400):
        counts = [sum(chance.random() < share for _ in range(250)) for share in (0.3, 0.3 + effect)]
        more = figures([row("control", 250, counts[0]), row("reminded", 250, counts[1])])["reminded"].more
        assert more is not None
        held += more.low <= effect * 10_000 <= more.high
    assert 365 <= held <= 395  # 380 expected of 400, standard deviation 4.4


@pytest.mark.parametrize(("drawn", "fair"), [
    ({"as-written": 5, "reminded": 5}, True), ({"as-written": 6, "reminded": 5}, True),
    ({"as-written": 6, "reminded": 4}, False), ({"reminded": 1}, True), ({"reminded": 2}, False), ({}, True),
])  # fmt: skip
def test_a_draw_is_fair_while_no_arm_is_a_whole_unit_off(drawn: dict[str, int], *, fair: bool) -> None:
    found = voucher(trial(arm("reminded", reminder_days=3))).trial
    assert found is not None
    assert is_fair(found, drawn) is fair


# --- out of the books -------------------------------------------------------------------------------------------------


@pytest.fixture
def town(db: None) -> LivedTown:
    found = LivedTown().open()
    assert isinstance(found, LivedTown)
    return found


def party(person: Actor) -> UUID:
    assert person.party is not None
    return person.party


def pay(town: LivedTown, person: Actor, shop: UUID, yen: int) -> None:
    held = ledger.balances([party(person)], AccountRole.WALLET, municipality=town.municipality)
    books.open_accounts([Account(shop, AccountRole.SHOP)], municipality=town.municipality)
    lots = tuple(balance.lot.id for balance in held)
    leg = Leg(Account(party(person), AccountRole.WALLET), Account(shop, AccountRole.SHOP), yen, lots)
    posting = Posting(f"pay:{person.party}:{yen}", "pay", (leg,), moment(10, 9), "test", {"shop": str(shop)})
    books.post(posting, municipality=town.municipality)


def test_every_yen_and_person_of_a_trial_stands_in_its_arm_and_adds_up_to_the_programme(town: LivedTown) -> None:
    people = [town.person(ward=ward) for ward in ("minato", "kita") for _ in range(4)]
    drawn = trial(arm("more", premium=[{"purse": "premium", "yen": 3_500}]), strata="ward")
    made = drawn_programme(town, voucher(drawn))
    sale = vouchers.open_sale(
        programme=made.programme, round_code="first", by=town.officer("checker", "commerce"), at=DRAWN
    )
    stranger, shop = town.person(), town.shop()  # came after the draw: in no arm
    expected = {code: {"people": 0, "took_up": 0, "payers": 0, "received": 0, "spent": 0, "lapsed": 0}
                for code in ("as-written", "more")}  # fmt: skip
    for place, each in enumerate(people):
        code = arm_code(town, made, each)
        mine = expected[code]
        mine["people"] += 1
        if place % 4 == 3:
            continue  # never buys
        vouchers.buy_at_once(sale=sale, units=1, by=each, at=moment(8, 1))
        worth = 13_500 if code == "more" else 13_000
        spent = 1_000 * (place + 1) if place % 2 else 0
        if spent:
            pay(town, each, shop, spent)
        mine["took_up"] += 1
        mine["payers"] += bool(spent)
        mine["received"] += worth
        mine["spent"] += spent
        mine["lapsed"] += worth - spent
    vouchers.buy_at_once(sale=sale, units=5, by=stranger, at=moment(8, 1))
    operations.expire_programme(programme=made.programme, by=town.system, at=EXPIRED)
    seen = take(town.municipality)
    found = {one.arm: one for one in queries.arm_figures(seen, programme=made.programme)}
    assert list(found) == ["as-written", "more"]
    for code, wanted in expected.items():
        one = found[code]
        assert {"people": one.people, "took_up": one.took_up, "payers": one.payers, "received": one.received_yen,
                "spent": one.spent_yen, "lapsed": one.lapsed_yen} == wanted, code  # fmt: skip
    assert {row.stratum for row in seen.arms} == {"minato", "kita"}
    money = queries.money_by_programme(town.municipality)[made.programme]
    assert sum(one.received_yen for one in found.values()) == money.issued_yen - 5 * 13_000
    assert sum(one.spent_yen for one in found.values()) == money.spent_yen
    assert sum(one.lapsed_yen for one in found.values()) == money.lapsed_yen - 5 * 13_000


def test_a_household_that_was_drawn_as_one_counts_once(town: LivedTown) -> None:
    family = [town.person(household="F") for _ in range(3)]
    made = drawn_programme(town, voucher(trial(arm("reminded", reminder_days=3), per="household")))
    sale = vouchers.open_sale(
        programme=made.programme, round_code="first", by=town.officer("checker", "commerce"), at=DRAWN
    )
    for each in family[:2]:
        vouchers.buy_at_once(sale=sale, units=1, by=each, at=moment(8, 1))
    (one,) = take(town.municipality).arms
    assert (one.units, one.people, one.took_up, one.payers, one.received_yen) == (1, 3, 1, 0, 26_000)


def test_what_was_taken_back_counts_as_never_received(town: LivedTown) -> None:
    from meguri.programmes.vouchers.models import Application
    from meguri.programmes.vouchers.operations.issuing import undo

    person = town.person()
    made = drawn_programme(town, voucher(trial(arm("reminded", reminder_days=3))))
    sale = vouchers.open_sale(
        programme=made.programme, round_code="first", by=town.officer("checker", "commerce"), at=DRAWN
    )
    vouchers.buy_at_once(sale=sale, units=1, by=person, at=moment(8, 1))
    undo(Application.objects.get(resident=party(person)), by=town.system, at=moment(8, 2))
    (one,) = [each for each in take(town.municipality).arms if each.people]
    assert (one.took_up, one.received_yen, one.spent_yen, one.lapsed_yen) == (0, 0, 0, 0)


def test_as_it_stood_before_the_draw_there_are_no_arms(town: LivedTown) -> None:
    town.person()
    made = drawn_programme(town, voucher(trial(arm("reminded", reminder_days=3))))
    assert take(town.municipality, until=moment(7, 20)).arms == ()
    assert len(take(town.municipality).arms) == 1
    assert queries.arm_figures(take(town.municipality), programme=made.programme)
    plain = town.launch(voucher(None, {"code": "plain", "eligibility.on": date(2025, 7, 26)}))
    assert queries.arm_figures(take(town.municipality), programme=plain.programme) == ()


def test_a_draw_is_something_new_to_count(town: LivedTown) -> None:
    from meguri.evidence.reading import state

    town.person()
    made = town.launch(voucher(trial(arm("reminded", reminder_days=3))))
    before = state(town.municipality)
    checker = town.officer("checker", "commerce")
    operations.list_arms(programme=made.programme, by=checker, at=town.at)
    assert state(town.municipality) == before
    operations.draw_arms(programme=made.programme, public_value="1", by=checker, at=DRAWN)
    assert state(town.municipality) != before
