"""The town hall on paper pays nobody too much."""

from __future__ import annotations

from collections import Counter

import pytest

from meguri.rehearsal import happenings as h
from meguri.rehearsal.knowledge import Answer, Taken
from meguri.rehearsal.paper_hall import PaperHall
from meguri.rehearsal.rules import VOUCHER
from meguri.rehearsal.timetable import moment, timetable
from meguri.rehearsal.town import Town
from tests.rehearsal.conftest import RULES, START, UNIT_YEN, Lived, first_come_yen

AT = moment(START, 12)


@pytest.fixture
def hall(small_town: Town) -> PaperHall:
    return PaperHall(town=small_town, table=timetable(START, weeks=5), rules=RULES, units=4, seed=1)


def shop_of(town: Town, *, small: bool) -> str:
    return next(shop.key for shop in town.shops.values() if shop.small == small)


def pay(hall: PaperHall, yen: int, *, small: bool = True, key: str = "p") -> Answer:
    shop = shop_of(hall.town, small=small)
    return hall.answer(h.Pays(at=AT, key=key, who="r00001", shop=shop, yen=yen, means="shop_code"))


def test_restricted_money_goes_first_and_only_to_small_shops(hall: PaperHall) -> None:
    hall.wallets["r00001"] = {"paid": 5_000, "points": 1_500}
    assert pay(hall, 2_000).taken == (Taken("points", "point", 1_500), Taken("paid", "voucher", 500))
    hall.wallets["r00001"] = {"points": 1_500}
    assert pay(hall, 100, small=False).refusal == "insufficient"
    assert hall.wallets["r00001"] == {"points": 1_500}


def test_nothing_is_taken_from_a_payment_that_fails(hall: PaperHall) -> None:
    hall.wallets["r00001"] = {"paid": 300, "points": 50}
    assert pay(hall, 400).refusal == "insufficient"
    assert hall.wallets["r00001"] == {"paid": 300, "points": 50}
    assert pay(hall, 350).ok


def test_vouchers_end_with_their_last_day(hall: PaperHall) -> None:
    hall.wallets["r00001"] = {"paid": 300}
    late = h.Pays(
        at=moment(hall.table.end, 12),
        key="p",
        who="r00001",
        shop=shop_of(hall.town, small=True),
        yen=100,
        means="shop_code",
    )
    assert hall.answer(late).refusal == "insufficient"


def test_a_stopped_wallet_pays_nothing(hall: PaperHall) -> None:
    hall.wallets["r00001"] = {"paid": 300}
    hall.answer(h.LosesPhone(at=AT, key="l", who="r00001"))
    assert pay(hall, 100).refusal == "suspended"
    hall.answer(h.FindsNewPhone(at=AT, key="f", who="r00001"))
    assert pay(hall, 100).ok


def test_a_refund_restores_the_purses(hall: PaperHall) -> None:
    hall.wallets["r00001"] = {"paid": 500, "premium": 100}
    pay(hall, 400)
    hall.answer(h.AsksRefund(at=AT, key="f", who="r00001", payment="p", shop="s"))
    assert hall.wallets["r00001"] == {"paid": 500, "premium": 100}


def test_the_bonus_comes_for_each_child_with_local_money_only(hall: PaperHall) -> None:
    rows = (h.BenefitRow("c1", "r1", 10_000), h.BenefitRow("c2", "r1", 50_000), h.BenefitRow("c3", "r2", 10_000))
    hall.answer(h.ImportsBenefitList(at=AT, key="i", programme="b", department="welfare", rows=rows))
    for who, receipt in (("r1", "local_money"), ("r2", "bank")):
        hall.answer(h.ChoosesReceipt(at=AT, key=who, who=who, programme="b", children=(), receipt=receipt))
    hall.answer(h.ReleasesBenefit(at=AT, key="r", programme="b", department="welfare"))
    assert hall.wallets == {"r1": {"benefit": 60_000, "bonus": 5_000}}


def test_the_draw_never_sells_more_than_there_is(hall: PaperHall) -> None:
    for number in range(1, 9):
        hall.answer(h.Applies(at=AT, key="a", who=f"r{number:05d}", programme=VOUCHER, units=1 + number % 3))
    won = hall.answer(h.Draws(at=AT, key="d", programme=VOUCHER, department="commerce", public_value="x")).won
    assert won
    assert sum(hall.asked[who] for who in won) <= 4
    buys = h.Purchases(at=AT, key="b", who=won[0], programme=VOUCHER, units=hall.asked[won[0]])
    assert hall.answer(buys).ok
    assert hall.answer(buys).refusal == "not_won"


def test_a_draw_is_fair_to_equal_wishes(small_town: Town) -> None:
    won: Counter[str] = Counter()
    for seed in range(300):
        hall = PaperHall(town=small_town, table=timetable(START, weeks=5), rules=RULES, units=5, seed=seed)
        for number in range(10):
            hall.answer(h.Applies(at=AT, key="a", who=f"r{number:05d}", programme=VOUCHER, units=1))
        won.update(
            hall.answer(h.Draws(at=AT, key="d", programme=VOUCHER, department="commerce", public_value="x")).won or ()
        )
    assert all(count == pytest.approx(150, abs=35) for count in won.values())


def test_money_is_neither_made_nor_lost_in_a_whole_life(small_life: Lived) -> None:
    known, plan = small_life.life.known, small_life.life.plan
    loaded = sum(known.applied[who] * UNIT_YEN for who in known.bought) + first_come_yen(small_life.life)
    spent = sum(part.yen for paid in known.paid for part in paid.taken if part.family == "voucher")
    assert 0 <= spent <= loaded
    hall = small_life.life.hall
    local = [key for key, person in plan.people.items() if person.receipt == "local_money" and key in known.open]
    owed = sum(yen + RULES.bonus_yen for key in local for yen in hall.entitled[key].values())
    benefits = sum(part.yen for paid in known.paid for part in paid.taken if part.family == "benefit")
    assert 0 < benefits <= owed
