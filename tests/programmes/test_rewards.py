"""Points for payments: which value earns, by which shop, up to which ceiling, once; and what is refused."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial
from typing import Any
from uuid import UUID, uuid4

import pytest

from meguri.notices import queries as notices
from meguri.parties.permissions import PERMISSIONS, Scope
from meguri.programmes import operations, queries
from meguri.programmes.operations import RewardRun
from meguri.programmes.queries import look_ahead
from meguri.programmes.tasks import reward_all_payments
from meguri.programmes.vouchers import operations as vouchers
from meguri.tills import operations as tills
from meguri.words.actor import Actor, ActorRole
from tests.programmes.builders import POINT, VOUCHER, document
from tests.programmes.vouchers.lived_city import NAMED, City, adapted, found
from tests.programmes.vouchers.lived_town import at_once, moment, prove_committed_books, refused

FEBRUARY, MARCH, APRIL = (partial(moment, month, year=2024) for month in (2, 3, 4))
COINS: dict[str, Any] = {
    "code": "coins", "sources": [], "obtaining.max_units": 40, "obtaining.face": [{"purse": "paid", "yen": 5_000}],
    "obtaining.rounds": [{
        "code": "only", "name": {"ja": "先着", "en": "First come"}, "units": 400, "allocation": "first_come",
        "purchase": {"first_day": date(2024, 1, 9), "last_day": date(2024, 3, 20)},
    }],
    "spending.window": {"first_day": date(2023, 10, 1), "last_day": date(2024, 3, 31)},
    "expiry.last_day": date(2024, 3, 31), "refunds.shop_claims_until": date(2024, 3, 31),
    "limits.payment_max_yen": 200_000,
}  # fmt: skip
"""Paid value without any premium, as people charge a coin."""


@dataclass
class Coins:
    """A town that rewards payments, and what people pay with."""

    city: City
    sale: UUID

    def rich(self, units: int = 40) -> Actor:
        """Somebody with 5,000 yen a unit, paid for."""
        person = self.city.person()
        vouchers.buy_at_once(sale=self.sale, units=units, by=person, at=moment(1, 20, year=2024))
        return person

    def run(self, at: datetime) -> RewardRun:
        return operations.reward_payments(
            programme=self.city.made.programme, by=self.city.checker, at=at
        )

    def points(self, person: Actor) -> int:
        return self.city.held(person).get("points", 0)

    def pay(self, person: Actor, shop: UUID, yen: int, *, at: datetime) -> UUID:
        assert person.party is not None
        asked = tills.ask_at_shop(
            by=person, at=at, holder=person.party, shop=shop, amount_yen=yen, request=str(uuid4())
        )
        return tills.pay(asked).id

    def refund(self, payment: UUID, shop: UUID, *, at: datetime, yen: int | None = None) -> None:
        clerk = Actor(self.city.municipality, ActorRole.CLERK, uuid4(), shop=shop)
        tills.refund_payment(
            by=clerk, at=at, shop=shop, payment=payment, reason="返品", amount_yen=yen, request=str(uuid4())
        )


def coins(**changes: Any) -> Coins:
    paths = {path.replace("__", "."): value for path, value in changes.items()}
    city = found("setagaya-2024", paths, at=moment(1, 5, year=2024))
    made = city.launch(adapted("nagasaki-2023", COINS))
    sale = vouchers.open_sale(
        programme=made.programme, round_code="only", by=city.checker, at=moment(1, 9, year=2024), value_named=NAMED
    )
    return Coins(city, sale)


@pytest.fixture
def town(transactional_db: None) -> Iterator[Coins]:
    yield coins()
    tills.stop()
    prove_committed_books()


def test_setagaya_rewards_twenty_fifteen_ten_and_nothing_and_stops_at_ten_thousand_a_month(town: Coins) -> None:
    city, person = town.city, town.rich()
    shops = {
        "street": city.store("street"), "small": city.store("small"),
        "convenience": city.store("large", floor_area=120), "large": city.store("large", floor_area=3_000),
    }  # fmt: skip
    earned = {}
    for day, (name, shop) in enumerate(shops.items(), start=1):
        before = town.points(person)
        town.pay(person, shop, 10_000, at=FEBRUARY(day))
        town.run(FEBRUARY(day, 4))
        earned[name] = town.points(person) - before
    assert earned == {"street": 2_000, "small": 1_500, "convenience": 1_000, "large": 0}
    for day in (10, 11):  # 5,500 of 10,000 are left in February; these would earn 8,000
        town.pay(person, shops["street"], 20_000, at=FEBRUARY(day))
    assert town.run(FEBRUARY(12)) == RewardRun(payments=2, people=1, yen=5_500, cut=1)
    assert town.points(person) == 10_000
    town.pay(person, shops["street"], 10_000, at=FEBRUARY(20))
    assert town.run(FEBRUARY(21)) == RewardRun(payments=0, people=0, yen=0, cut=1)
    town.pay(person, shops["street"], 10_000, at=moment(2, 29, 15, year=2024))  # midnight in Japan: March has begun
    assert town.run(MARCH(2)).yen == 2_000
    assert town.points(person) == 12_000
    assert city.fund(city.made, "premium").budget.left_yen == 3_000_000 - 12_000


def test_a_payment_is_rewarded_once_however_often_the_run_is_made(town: Coins) -> None:
    people, shop = [town.rich(4) for _ in range(3)], town.city.store("street")
    for person in people:
        town.pay(person, shop, 999, at=FEBRUARY(1))
    assert town.run(FEBRUARY(2)) == RewardRun(payments=3, people=3, yen=3 * 199, cut=0), "a fifth, whole yen"
    assert town.run(FEBRUARY(2)) == town.run(FEBRUARY(9)) == RewardRun(0, 0, 0, 0)
    runs = at_once(*(partial(town.run, FEBRUARY(3)) for _ in range(3)))
    assert runs == [RewardRun(0, 0, 0, 0)] * 3
    town.pay(people[0], shop, 100, at=FEBRUARY(4))
    runs = at_once(*(partial(town.run, FEBRUARY(5)) for _ in range(3)))
    assert sorted(run.yen for run in runs if isinstance(run, RewardRun)) == [0, 0, 20]
    assert [town.points(person) for person in people] == [219, 199, 199]
    person = people[0].party
    assert person is not None
    inbox = notices.inbox(person, municipality=town.city.municipality)
    latest, first = (each.wording for each in inbox if each.topic == "reward.granted")
    assert "199円分" in first.text_ja
    assert "20 yen" in latest.text_en


def test_only_paid_value_earns_and_points_do_not_earn_points(town: Coins) -> None:
    person, shop = town.rich(1), town.city.store("street")
    town.pay(person, shop, 4_000, at=FEBRUARY(1))
    assert town.run(FEBRUARY(2)).yen == 800
    town.pay(person, shop, 1_800, at=FEBRUARY(3))  # the last 1,000 of the coin, and all the points
    assert town.city.held(person) == {}
    assert town.run(FEBRUARY(4)).yen == 200


def test_what_was_given_back_earns_nothing(town: Coins) -> None:
    person, shop = town.rich(4), town.city.store("street")
    whole, part, kept = (town.pay(person, shop, 1_000, at=FEBRUARY(1)) for _ in range(3))
    town.refund(whole, shop, at=FEBRUARY(1, 5))
    town.refund(part, shop, at=FEBRUARY(1, 6), yen=400)
    assert town.run(FEBRUARY(2)) == RewardRun(payments=2, people=1, yen=120 + 200, cut=0)
    assert kept


def test_only_the_window_counts_and_only_what_was_before(town: Coins) -> None:
    person, shop = town.rich(8), town.city.store("street")
    for at in (moment(1, 31, 14, year=2024), moment(1, 31, 15, year=2024), MARCH(31, 14)):
        town.pay(person, shop, 1_000, at=at)
    assert town.run(FEBRUARY(1)).yen == 200
    assert town.run(MARCH(31, 14)).yen == 0, "a payment of this very moment waits for the next run"
    assert town.run(APRIL(10)).yen == 200


def test_when_the_budget_is_used_up_the_last_gets_what_is_left(transactional_db: None) -> None:
    town = coins(funds__0__amount_yen=250)
    first, second, shop = town.rich(2), town.rich(2), town.city.store("street")
    for person in (first, second):
        town.pay(person, shop, 1_000, at=FEBRUARY(1))
    assert town.run(FEBRUARY(2)) == RewardRun(payments=2, people=2, yen=250, cut=1)
    assert sorted(town.points(person) for person in (first, second)) == [50, 200]
    (share,) = queries.agreement(town.city.made.programme, "premium", municipality=town.city.municipality).shares  # type: ignore[union-attr]
    assert share.granted_yen == 250, "the share counts what was granted, not what was asked for"
    tills.stop()


def test_a_programme_for_residents_asks_the_register(transactional_db: None) -> None:
    town = coins(eligibility__who={"kind": "compare", "field": "resident", "op": "==", "value": True})
    resident, shop = town.rich(2), town.city.store("street")
    stranger = town.city.with_wallet(town.city.stranger())
    assert resident.party is not None
    assert stranger.party is not None
    town.pay(resident, shop, 1_000, at=FEBRUARY(1))
    assert town.run(FEBRUARY(2)) == RewardRun(payments=1, people=1, yen=200, cut=0)
    tills.stop()


def test_every_night_rewards_every_programme_that_has_rewards(town: Coins) -> None:
    person, shop = town.rich(2), town.city.store("street")
    town.pay(person, shop, 1_000, at=FEBRUARY(1))
    reward_all_payments(municipality=town.city.municipality, at=FEBRUARY(2))
    assert town.points(person) == 200
    town.pay(person, shop, 1_000, at=FEBRUARY(3))
    reward_all_payments(municipality=town.city.municipality, at=moment(5, 2, year=2024))
    assert town.points(person) == 200, "a month after the window nobody looks any more"


def test_points_end_six_months_after_they_came_at_the_months_end(town: Coins) -> None:
    person, shop = town.rich(2), town.city.store("street")
    town.pay(person, shop, 1_000, at=FEBRUARY(1))
    town.run(FEBRUARY(15))
    assert town.city.expire(at=moment(8, 31, 14, year=2024)).granted_yen == 0
    assert town.city.expire(at=moment(8, 31, 15, year=2024)).granted_yen == 200
    assert town.city.fund(town.city.made, "premium").budget.left_yen == 3_000_000


@pytest.mark.django_db
def test_who_may_run_it_and_for_what() -> None:
    city = found("setagaya-2024", at=moment(1, 5, year=2024))
    run = partial(operations.reward_payments, at=FEBRUARY(2))
    for role in ActorRole:
        for department in ("commerce", "welfare"):
            scope = PERMISSIONS["reward.run"].grants.get(role)
            by = Actor(city.municipality, role, uuid4(), department)
            if scope is Scope.ANY or (scope is Scope.OWN_DEPARTMENT and department == "commerce"):
                assert run(programme=city.made.programme, by=by) == RewardRun(0, 0, 0, 0)
            else:
                with refused("not_allowed"):
                    run(programme=city.made.programme, by=by)
    with refused("programme_unknown"):
        run(programme=uuid4(), by=city.checker)
    with refused("programme_rewards_no_payments"):
        run(programme=city.launch(document(VOUCHER)).programme, by=city.checker)
    with refused("programme_rewards_no_payments"):
        made = city.launch(document(POINT))
        run(programme=made.programme, by=city.officer("checker", "planning"))
    operations.close_programme(programme=city.made.programme, by=city.checker, at=FEBRUARY(1))
    with refused("programme_not_launched"):
        run(programme=city.made.programme, by=city.checker)


@pytest.mark.django_db
def test_the_preview_counts_ceilings_by_month() -> None:
    city = found("setagaya-2024", at=moment(1, 5, year=2024))
    for _ in range(4):
        city.person()
    seen = look_ahead(city.terms, municipality=city.municipality)
    assert seen.figure("ceiling_each").value == 20_000, "two months"
    (fund,) = seen.funds
    assert (fund.most_yen, fund.expected_yen) == (80_000, 40_000)
