"""Arms in the other ways in which value is obtained: codes by letter, points for payments, a town's own benefit."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

import pytest
from msgspec.structs import replace

from meguri.programmes import operations, queries
from meguri.programmes.benefits import operations as benefits
from meguri.programmes.benefits.models import Entitlement
from meguri.programmes.operations import Launched
from meguri.programmes.parts import Receipt
from meguri.programmes.terms import ProgrammeTerms, from_tree
from meguri.programmes.vouchers import operations as vouchers
from meguri.tills import operations as tills
from meguri.words.actor import Actor
from tests.programmes.benefits.conftest import CHOOSING, DECIDED, IMPORTED, PAYING, csv_of
from tests.programmes.builders import BENEFIT, POINT, VOUCHER, document, put, tree_of
from tests.programmes.test_rewards import Coins, coins
from tests.programmes.trials import CONTROL, arm, arm_code, draw, drawn_programme, ends, trial
from tests.programmes.vouchers.lived_town import LivedTown, moment, prove_books, prove_committed_books, refused

MARCH = {"kind": "on", "last_day": date(2026, 3, 31)}


@pytest.fixture
def town(db: None) -> LivedTown:
    found = LivedTown().open()
    assert isinstance(found, LivedTown)
    return found


def party(person: Actor) -> UUID:
    assert person.party is not None
    return person.party


def changed(name: str, drawn: dict[str, Any], changes: dict[str, Any]) -> ProgrammeTerms:
    tree = tree_of(name, changes)
    put(tree, "trial", drawn)
    tree["sources"] = []
    return from_tree(tree)


# --- codes ------------------------------------------------------------------------------------------------------------

BY_CODE: dict[str, Any] = {
    "by": "code", "entering": {"first_day": date(2025, 8, 1), "last_day": date(2025, 8, 31)},
    "face": [{"purse": "premium", "yen": 5_000}],
}  # fmt: skip


def letters_trial(town: LivedTown) -> Launched:
    terms = changed(
        VOUCHER, trial(arm("longer", expiry=MARCH), drawn_on=date(2025, 7, 26)),
        {"obtaining": BY_CODE, "scheme.psa_basis": "not_prepaid", "spending.window.last_day": date(2026, 3, 31),
         "refunds.shop_claims_until": date(2026, 4, 15), "evaluation.design": "cut_off"},
    )  # fmt: skip
    purses = tuple(purse for purse in terms.purses if purse.code == "premium")
    funds = tuple(fund for fund in terms.funds if fund.code == "premium")
    return town.launch(replace(terms, purses=purses, funds=funds))


def test_no_letter_goes_out_before_the_draw_and_a_code_lives_as_its_enterers_arm_says(town: LivedTown) -> None:
    people = [town.person() for _ in range(4)]
    made, checker = letters_trial(town), town.officer("checker", "commerce")
    with refused("arms_not_drawn"):
        vouchers.issue_codes(programme=made.programme, by=checker, at=moment(7, 26))
    draw(town, made)
    codes = {each.resident: each.code for each in vouchers.issue_codes(
        programme=made.programme, by=checker, at=moment(7, 27))}  # fmt: skip
    january, march = datetime(2026, 1, 31, 15, tzinfo=UTC), datetime(2026, 3, 31, 15, tzinfo=UTC)
    seen = []
    for each in people:
        vouchers.enter_code(code=codes[party(each)], by=each, at=moment(8, 2))
        expected = march if arm_code(town, made, each) == "longer" else january
        assert ends(town, party(each)) == {expected: 5_000}
        seen.append(expected)
    assert sorted(seen) == [january] * 2 + [march] * 2
    prove_books()


# --- rewards ----------------------------------------------------------------------------------------------------------


@pytest.fixture
def spent(transactional_db: None) -> Iterator[tuple[Coins, Launched, list[Actor]]]:
    """Four people with coins paid 1,000 yen each in a shop; a rewarding programme with arms waits for its draw."""
    city = coins()
    people = [city.rich(1) for _ in range(4)]
    window = {"first_day": date(2024, 2, 1), "last_day": date(2024, 3, 31)}
    drawn = trial(arm("sooner", expiry={"kind": "on", "last_day": date(2025, 1, 31)}), drawn_on=date(2024, 1, 10))
    terms = changed(POINT, drawn, {
        "code": "rewards", "department": "commerce",
        "obtaining": {"by": "payment", "purse": "points", "window": window,
                      "limits": [{"per": "month", "yen": 5_000}], "rates": [
                          {"code": "all", "name": CONTROL["name"], "rate_bp": 1_000, "where": {"kind": "all", "of": []}}
                      ]},
        "limits.balance_max_yen": None, "eligibility.on": date(2024, 1, 1),
        "spending.window": {"first_day": date(2024, 2, 1), "last_day": date(2025, 3, 31)},
        "expiry.last_day": date(2025, 3, 31), "refunds.shop_claims_until": date(2025, 4, 15),
        "funds.0.fiscal_year": 2024, "funds.1.fiscal_year": 2024,
    })  # fmt: skip
    made = city.city.launch(terms)
    shop = city.city.store()
    for each in people:
        city.pay(each, shop, 1_000, at=moment(2, 10, year=2024))
    yield city, made, people
    tills.stop()
    prove_committed_books()


def test_points_for_payments_end_by_arm_in_one_run(spent: tuple[Coins, Launched, list[Actor]]) -> None:
    city, made, people = spent
    by, at = city.city.checker, moment(2, 20, year=2024)
    with refused("arms_not_drawn"):
        operations.reward_payments(programme=made.programme, by=by, at=at)
    draw(city.city, made, at=moment(1, 11, year=2024))
    assert operations.reward_payments(programme=made.programme, by=by, at=at).yen == 4 * 100
    seen = []
    for each in people:
        got = [end for end, yen in ends(city.city, party(each)).items() if yen == 100]
        expected = date(2025, 1, 31) if arm_code(city.city, made, each) == "sooner" else date(2025, 3, 31)
        assert got == [datetime(expected.year, expected.month, expected.day, 15, tzinfo=UTC)]
        seen += got
    assert len(set(seen)) == 2


# --- benefits ---------------------------------------------------------------------------------------------------------


def test_a_towns_own_benefit_lives_as_its_recipients_arm_says(town: LivedTown) -> None:
    families = []
    for number in range(4):
        guardian = town.person(household=f"F{number}")
        families.append((town.person(household=f"F{number}", born=date(2018, 4, 1)), guardian))
    terms = document(BENEFIT)
    last = terms.spending.window.last_day
    later = {"kind": "on", "last_day": last}
    control = date(last.year, last.month, last.day - 10)
    drawn = trial(arm("longer", expiry=later), per="household", drawn_on=date(2025, 8, 1))
    made = drawn_programme(town, changed(BENEFIT, drawn, {"expiry": {"kind": "on", "last_day": control}}),
                           at=moment(8, 2))  # fmt: skip
    maker, checker = town.officer("maker", "welfare"), town.officer("checker", "welfare")
    listed = benefits.import_list(
        programme=made.programme, content=csv_of(families), declared_count=4, name="対象児童",
        declared_total_yen=40_000, by=maker, at=IMPORTED,
    ).benefit_list  # fmt: skip
    benefits.propose_list(benefit_list=listed, by=maker, at=IMPORTED)
    benefits.decide(benefit_list=listed, by=checker, at=DECIDED)
    for child, guardian in families:
        own = Entitlement.objects.get(programme=made.programme, person=party(child))
        benefits.choose_receipt(entitlement=own.id, receipt=Receipt.LOCAL_MONEY, by=guardian, at=CHOOSING)
    benefits.disburse(benefit_list=listed, by=checker, at=PAYING)
    seen = set()
    for _, guardian in families:
        code = arm_code(town, made, guardian)
        day = last if code == "longer" else control
        (end,) = ends(town, party(guardian))
        assert end == datetime(day.year, day.month, day.day, 15, tzinfo=UTC)
        seen.add(code)
    assert seen == {"longer", "as-written"}
    assert queries.undrawn(town.municipality) == []
    prove_books()


def test_no_list_is_taken_in_before_the_draw(town: LivedTown) -> None:
    guardian, child = town.person(household="F"), town.person(household="F", born=date(2018, 4, 1))
    made = town.launch(changed(BENEFIT, trial(arm("reminded", reminder_days=14), per="household"), {}))
    with refused("arms_not_drawn"):
        benefits.import_list(
            programme=made.programme, content=csv_of([(child, guardian)]), declared_count=1, name="対象児童",
            declared_total_yen=10_000, by=town.officer("maker", "welfare"), at=IMPORTED,
        )  # fmt: skip
