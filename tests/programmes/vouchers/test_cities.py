"""Other cities' vouchers, each launched from its template and lived: a figure that only that programme's rule gives."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import pytest

from meguri.programmes.vouchers import checks, operations, queries
from meguri.tills import operations as tills
from meguri.words.actor import Actor
from tests.programmes.vouchers.lived_city import City, found
from tests.programmes.vouchers.lived_town import moment, refused


@pytest.fixture(autouse=True)
def committed(transactional_db: None) -> Iterator[None]:
    """Tills pay on a thread of their own, so what they see must be committed."""
    yield
    tills.stop()


def premium_left(city: City) -> int:
    return city.fund(city.made, "premium").budget.left_yen


def test_nagoya_draws_and_gives_thirteen_thousand_for_ten_that_are_good_to_the_yen() -> None:
    city = found("nagoya-2025", {"obtaining.rounds.0.units": 7}, at=moment(7, 1))
    city.open_round("first", at=moment(7, 20))
    people = [city.person() for _ in range(3)]
    applied = {
        person: operations.apply(sale=city.sales["first"], units=5, by=person, at=moment(8, 1)) for person in people
    }
    with refused("voucher_too_many_units"):
        operations.apply(sale=city.sales["first"], units=6, by=city.person(), at=moment(8, 1))
    city.draw("first", at=moment(9, 5))
    drawn = queries.draw_page(city.sales["first"], municipality=city.municipality)
    assert [award.units_won for award in drawn.awards] == [5, 2, 0], "in drawn order; the last winner gets what is left"
    best = next(person for person, each in applied.items() if each.number == drawn.awards[0].id)
    bought = operations.purchase(application=applied[best].application, by=best, at=moment(10, 2))
    assert (bought.price_yen, bought.face_yen) == (50_000, 65_000)
    with refused("payment_short"):  # 65,000 at once is the most that the terms let one payment be
        city.pay(best, city.store("large"), 65_001, at=moment(10, 3))
    assert city.pay(best, city.store("large"), 14_999, at=moment(10, 3)) == {"premium": 14_999}
    assert city.pay(best, city.store("small"), 2, at=moment(10, 3)) == {"premium": 1, "paid": 1}
    operations.lapse_unpaid(sale=city.sales["first"], by=city.checker, at=moment(11, 1))
    assert city.page("first").units_left == 2, "what the second winner did not pay for"
    run = city.expire(at=moment(2, 1, year=2026))
    assert (run.granted_yen, run.paid_yen) == (0, 49_999)


def test_ise_lowers_everybodys_cap_until_all_get_some() -> None:
    """Ten people want five units each, thirty are there: nobody loses, everybody gets three."""
    city = found("ise-2022", {"obtaining.rounds.0.units": 30}, at=moment(7, 1, year=2022))
    city.open_round("only", at=moment(7, 20, year=2022))
    people = [city.person() for _ in range(10)]
    applied = [
        operations.apply(sale=city.sales["only"], units=5, by=person, at=moment(8, 2, year=2022))
        for person in people
    ]
    city.draw("only", at=moment(9, 1, year=2022))
    page = queries.draw_page(city.sales["only"], municipality=city.municipality)
    assert [award.units_won for award in page.awards] == [3] * 10
    assert page.agrees
    for person, each in zip(people, applied, strict=True):
        bought = operations.purchase(application=each.application, by=person, at=moment(9, 12, year=2022))
        assert (bought.price_yen, bought.face_yen) == (15_000, 19_500)
    assert city.page("only").units_left == 0
    shopper, small, large = people[0], city.store("small"), city.store("large", floor_area=3_000)
    assert city.held(shopper) == {"common": 6_000, "small": 9_000, "small-premium": 4_500}
    assert city.pay(shopper, small, 5_000, at=moment(10, 1, year=2022)) == {"small-premium": 4_500, "small": 500}
    with refused("payment_short") as caught:
        city.pay(shopper, large, 6_001, at=moment(10, 1, year=2022))
    assert caught.value.facts["available"] == 6_000
    assert city.pay(shopper, large, 6_000, at=moment(10, 1, year=2022)) == {"common": 6_000}
    run = city.expire(at=moment(2, 1, year=2023))
    assert (run.granted_yen, run.paid_yen) == (9 * 4_500, 9 * 15_000 + 8_500)
    assert premium_left(city) == 3_000_000 - 4_500


def test_adachi_gives_half_for_all_shops_and_half_for_small_ones_up_to_ten_units() -> None:
    city = found("adachi-2025", {"obtaining.rounds.0.units": 12}, at=moment(11, 1))
    city.open_round("only", at=moment(12, 1))
    ten, late = city.person(), city.person()
    child = city.person(born=date(2014, 1, 1))
    with refused("voucher_too_many_units"):
        city.buy("only", ten, 11, at=moment(12, 10))
    assert city.buy("only", ten, 10, at=moment(12, 10)).face_yen == 52_000
    with refused("voucher_not_eligible") as too_young:
        city.buy("only", child, at=moment(12, 10))
    assert "12歳以上" in too_young.value.sentence("ja")
    with refused("voucher_sold_out") as gone:
        city.buy("only", late, 3, at=moment(12, 11))
    assert gone.value.facts["available"] == 2
    supermarket, greengrocer = city.store("large", floor_area=2_000), city.store("street")
    with refused("payment_short") as caught:
        city.pay(ten, supermarket, 26_001, at=moment(12, 12))
    assert caught.value.facts["available"] == 26_000
    paid = city.pay(ten, greengrocer, 30_000, at=moment(12, 12))
    assert paid == {"small-premium": 6_000, "small": 20_000, "common-premium": 4_000}
    assert city.pay(ten, supermarket, 10_000, at=moment(12, 13)) == {"common-premium": 2_000, "common": 8_000}
    run = city.expire(at=moment(3, 11, year=2026))
    assert (run.granted_yen, run.paid_yen) == (0, 12_000)


def test_hyuga_asks_the_register_of_one_day_and_keeps_a_part_in_the_region() -> None:
    city = found("hyuga-2025", at=moment(4, 1))
    city.open_round("only", at=moment(8, 20))
    mother, son = city.person(household="F1"), city.person(household="F1")
    came_late = city.person(moved_in=date(2025, 5, 2))
    moved_away = city.person(moved_out=date(2025, 5, 1))
    bought = city.buy("only", mother, 2, at=moment(9, 1))
    assert (bought.price_yen, bought.face_yen) == (10_000, 12_000)
    with refused("voucher_household_applied"):
        city.buy("only", son, at=moment(9, 1))
    for person in (came_late, moved_away):
        with refused("voucher_not_eligible") as caught:
            city.buy("only", person, at=moment(9, 1))
        assert "住民登録" in caught.value.sentence("ja")
    assert city.buy("only", city.person(moved_out=date(2025, 5, 2)), at=moment(9, 1)).units == 1
    chain, local = city.store("small", head_office=False), city.store("large", floor_area=4_000)
    with refused("payment_short") as short:
        city.pay(mother, chain, 6_001, at=moment(9, 2))
    assert short.value.facts["available"] == 6_000
    assert city.pay(mother, local, 7_000, at=moment(9, 2)) == {"local-premium": 2_000, "local": 4_000, "common": 1_000}
    assert city.pay(mother, chain, 5_000, at=moment(9, 2)) == {"common": 5_000}
    run = city.expire(at=moment(2, 1, year=2026))
    assert (run.granted_yen, run.paid_yen) == (1_000, 5_000), "the one unit that lay till the end"


def test_hiroshima_calls_a_shop_large_by_its_floor_but_not_in_a_shopping_street() -> None:
    city = found("hiroshima-2015", {"obtaining.rounds.0.units": 5}, at=moment(6, 1, year=2015))
    city.open_round("only", at=moment(6, 20, year=2015))
    winner = city.person()
    applied = operations.apply(sale=city.sales["only"], units=5, by=winner, at=moment(7, 2, year=2015))
    city.draw("only", at=moment(8, 17, year=2015))
    operations.purchase(application=applied.application, by=winner, at=moment(9, 1, year=2015))
    assert city.held(winner) == {"common": 40_000, "small": 10_000, "small-premium": 10_000}
    at = moment(9, 2, year=2015)
    just, beyond = city.store("small", floor_area=1_000), city.store("small", floor_area=1_001)
    company, street = city.store("large", floor_area=50), city.store("street", floor_area=1_500)
    assert city.pay(winner, just, 100, at=at) == {"small-premium": 100}
    assert city.pay(winner, street, 100, at=at) == {"small-premium": 100}
    assert city.pay(winner, beyond, 100, at=at) == {"common": 100}, "1,001 square metres are large"
    assert city.pay(winner, company, 100, at=at) == {"common": 100}, "registered as large for its capital"
    run = city.expire(at=moment(2, 1, year=2016))
    assert (run.granted_yen, run.paid_yen) == (9_800, 49_800)


def test_narita_spends_the_premium_only_under_five_hundred_square_metres() -> None:
    city = found("narita-2015", at=moment(6, 1, year=2015))
    city.open_round("only", at=moment(6, 20, year=2015))
    buyer = city.person()
    assert city.buy("only", buyer, 5, at=moment(6, 21, year=2015)).price_yen == 50_000
    at = moment(7, 1, year=2015)
    tenant, small = city.store("small", floor_area=500), city.store("small", floor_area=499)
    with refused("payment_short") as caught:
        city.pay(buyer, tenant, 50_001, at=at)
    assert caught.value.facts["available"] == 50_000, "a tenant is registered with the floor of its building"
    assert city.pay(buyer, small, 16_000, at=at) == {"small": 15_000, "common": 1_000}
    with refused("payment_short"):
        city.pay(buyer, tenant, 100, at=moment(12, 21, year=2015))
    run = city.expire(at=moment(12, 21, year=2015))
    assert (run.granted_yen, run.paid_yen) == (0, 49_000)


def test_narita_sells_to_who_works_there_and_to_no_other_outsider() -> None:
    city = found("narita-2015", at=moment(6, 1, year=2015))
    city.open_round("only", at=moment(6, 20, year=2015))
    on = date(2015, 6, 21)
    worker = city.with_wallet(city.commuter(last_day=on))
    student, left = city.commuter("study"), city.commuter(last_day=date(2015, 6, 20))
    at = moment(6, 22, year=2015)
    assert city.buy("only", worker, 5, at=at).face_yen == 65_000, "who worked here on the day buys, also later"
    for person, words in ((student, "申し出て"), (left, "2015年6月20日までで")):
        with refused("commuter_unconfirmed") as caught:
            city.buy("only", city.with_wallet(person), 1, at=at)
        assert words in caught.value.sentence("ja")
        assert "社員証か在勤証明書" in caught.value.sentence("ja")
        assert "employee card" in caught.value.sentence("en")
    assert city.page("only").units_bought == 5


def test_ebina_sells_two_books_apart_one_of_them_at_half_its_value() -> None:
    city = found("ebina-2023", at=moment(8, 1, year=2023))
    for code in ("common", "small"):
        city.open_round(code, at=moment(8, 2, year=2023))
    person, bought = city.person(), {}
    with refused("voucher_too_many_units"):
        operations.apply(sale=city.sales["small"], units=3, by=person, at=moment(8, 4, year=2023))
    for code in ("common", "small"):
        bought[code] = operations.apply(sale=city.sales[code], units=2, by=person, at=moment(8, 4, year=2023))
    for code in ("common", "small"):
        city.draw(code, at=moment(10, 2, year=2023))
    paid = {
        code: operations.purchase(application=each.application, by=person, at=moment(11, 2, year=2023))
        for code, each in bought.items()
    }
    assert (paid["small"].price_yen, paid["small"].face_yen) == (3_000, 6_000), "100 %"
    assert (paid["common"].price_yen, paid["common"].face_yen) == (8_000, 10_000), "25 %, with a ceiling of its own"
    assert [face.yen for face in city.page("small").face] == [1_500, 1_500]
    shop, store = city.store("small", floor_area=499), city.store("small", floor_area=500)
    at = moment(11, 3, year=2023)
    with refused("payment_short") as caught:
        city.pay(person, store, 10_001, at=at)
    assert caught.value.facts["available"] == 10_000
    assert city.pay(person, shop, 7_000, at=at) == {"small-premium": 3_000, "small": 3_000, "common-premium": 1_000}
    run = city.expire(at=moment(3, 1, year=2024))
    assert (run.granted_yen, run.paid_yen) == (1_000, 8_000)


def test_kashima_gives_ten_per_cent_everywhere_and_forty_at_small_shops() -> None:
    city = found("kashima-2022", at=moment(8, 20, year=2022))
    city.open_round("only", at=moment(8, 25, year=2022))
    person = city.person()
    applied = operations.apply(sale=city.sales["only"], units=4, by=person, at=moment(9, 2, year=2022))
    city.draw("only", at=moment(10, 3, year=2022))
    bought = operations.purchase(application=applied.application, by=person, at=moment(10, 20, year=2022))
    assert (bought.price_yen, bought.face_yen) == (40_000, 50_000)
    held = city.held(person)
    assert held["common-premium"] * 10_000 // held["common"] == 1_000
    assert held["small-premium"] * 10_000 // held["small"] == 4_000
    large, small = city.store("large", floor_area=3_000), city.store("small")
    at = moment(11, 20, year=2022)
    assert city.pay(person, large, 22_000, at=at) == {"common-premium": 2_000, "common": 20_000}
    with refused("payment_short"):
        city.pay(person, large, 1, at=at)
    assert city.pay(person, small, 28_000, at=at) == {"small-premium": 8_000, "small": 20_000}
    assert city.expire(at=moment(3, 1, year=2023)).postings == 0


def test_nagasaki_sells_first_come_exactly_what_winners_did_not_pay_for() -> None:
    city = found(
        "nagasaki-2023", {"obtaining.rounds.0.units": 10, "obtaining.rounds.1.units": 3}, at=moment(8, 1, year=2023)
    )
    paying, letting = city.person(), city.person()
    _draw_and_buy(city, "first", {paying: 5, letting: 5}, buyers=[paying], month=9)
    with refused("voucher_earlier_round_open") as early:
        city.open_round("second", at=moment(10, 22, year=2023))
    assert "1次販売" in early.value.sentence("ja")
    assert "First sale" in early.value.sentence("en")
    assert operations.lapse_unpaid(sale=city.sales["first"], by=city.checker, at=moment(10, 23, year=2023)) == 1
    others = [city.person() for _ in range(2)]
    _draw_and_buy(city, "second", {others[0]: 4, others[1]: 4}, buyers=others[:1], month=11)
    assert (city.page("first").units_passed_on, city.page("first").units_left) == (5, 0)
    assert (city.page("second").units, city.page("second").units_left) == (3 + 5, 4)
    operations.lapse_unpaid(sale=city.sales["second"], by=city.checker, at=moment(12, 23, year=2023))
    noon = moment(1, 9, year=2024)
    city.open_round("third", at=noon)
    assert city.open_round("third", at=noon) == city.sales["third"], "the second opener takes over nothing twice"
    assert (city.page("third").units, city.page("third").units_left) == (4, 4), "the unpaid four, and no other"
    assert city.buy("third", letting, 3, at=noon).units == 3, "whose win lapsed may come again"
    with refused("voucher_sold_out") as gone:
        city.buy("third", city.person(), 2, at=noon)
    assert gone.value.facts["available"] == 1
    assert city.buy("third", city.person(), 1, at=noon).face_yen == 6_500
    assert checks.sold_units_left_the_stock(city.municipality) == []
    assert premium_left(city) == 3_000_000 - 13 * 1_500
    paid = city.pay(letting, city.store("large"), 5_000, at=moment(2, 1, year=2024))
    assert paid == {"premium": 4_500, "paid": 500}
    run = city.expire(at=moment(2, 19, year=2024))
    assert (run.granted_yen, run.paid_yen) == (10 * 1_500, 13 * 5_000 - 500)


def _draw_and_buy(
    city: City, code: str, wishes: dict[Actor, int], *, buyers: list[Actor], month: int
) -> None:
    """A lottery that everybody wins, paid by some."""
    city.open_round(code, at=moment(month, 1, year=2023))
    applied = {
        person: operations.apply(sale=city.sales[code], units=units, by=person, at=moment(month, 2, year=2023))
        for person, units in wishes.items()
    }
    city.draw(code, at=moment(month, 28, year=2023))
    for person in buyers:
        operations.purchase(application=applied[person].application, by=person, at=moment(month + 1, 5, year=2023))


def test_a_round_that_inherits_nothing_does_not_open() -> None:
    units = {"obtaining.rounds.0.units": 5, "obtaining.rounds.1.units": 0}
    city = found("nagasaki-2023", units, at=moment(8, 1, year=2023))
    person = city.person()
    _draw_and_buy(city, "first", {person: 5}, buyers=[person], month=9)
    operations.lapse_unpaid(sale=city.sales["first"], by=city.checker, at=moment(10, 23, year=2023))
    with refused("voucher_nothing_left"):
        city.open_round("second", at=moment(11, 1, year=2023))
    with refused("voucher_nothing_left"):  # the second never was, and its days are over
        city.open_round("third", at=moment(1, 9, year=2024))


def test_meguro_serves_residents_first_and_then_whoever_comes() -> None:
    units = {"obtaining.rounds.0.units": 10, "obtaining.rounds.1.units": 2}
    city = found("meguro-2020", units, at=moment(7, 1, year=2020))
    city.open_round("residents", at=moment(7, 20, year=2020))
    resident, child = city.person(), city.person(born=date(2004, 8, 2))
    outsider, moved = city.with_wallet(city.stranger()), city.person(moved_out=date(2020, 7, 31))
    for person in (outsider, moved):
        with refused("voucher_residents_first") as caught:
            operations.apply(sale=city.sales["residents"], units=1, by=person, at=moment(8, 2, year=2020))
        assert "「第2次販売(どなたでも)」(2020年10月3日から)" in caught.value.sentence("ja")
        assert "from 3 October 2020" in caught.value.sentence("en")
    asked = queries.why_not(city.sales["residents"], resident=outsider.party, municipality=city.municipality)  # type: ignore[arg-type]
    assert asked is not None
    assert asked.code == "voucher_residents_first"
    with refused("voucher_not_eligible"):
        operations.apply(sale=city.sales["residents"], units=1, by=child, at=moment(8, 2, year=2020))
    applied = operations.apply(sale=city.sales["residents"], units=7, by=resident, at=moment(8, 2, year=2020))
    city.draw("residents", at=moment(8, 24, year=2020))
    operations.purchase(application=applied.application, by=resident, at=moment(9, 5, year=2020))
    operations.lapse_unpaid(sale=city.sales["residents"], by=city.checker, at=moment(10, 1, year=2020))
    opening = moment(10, 3, year=2020)
    city.open_round("everybody", at=opening)
    assert city.page("everybody").units == 2 + 3
    assert city.buy("everybody", outsider, 2, at=opening).face_yen == 15_000
    with refused("voucher_not_eligible"):  # fifteen on the day: residents are asked what the terms say
        city.buy("everybody", child, at=opening)
    with refused("voucher_unit_limit_reached") as caught:
        city.buy("everybody", resident, 4, at=opening)
    assert caught.value.facts["left"] == 3, "ten over both sales"
    assert city.buy("everybody", moved, 3, at=opening).units == 3
    street, chain = city.store("street"), city.store("large", floor_area=3_000)
    with refused("payment_short") as short:
        city.pay(outsider, chain, 100, at=opening)
    assert short.value.facts["available"] == 0
    assert city.pay(outsider, street, 6_000, at=opening) == {"premium": 5_000, "paid": 1_000}
    run = city.expire(at=moment(3, 1, year=2021))
    assert (run.granted_yen, run.paid_yen) == (10 * 2_500, 12 * 5_000 - 1_000)


def test_katsuyama_mails_a_code_worth_ten_thousand_that_works_once() -> None:
    city = found("katsuyama-2026", at=moment(2, 1, year=2026))
    reader, lazy = city.person(born=date(1961, 2, 1)), city.person(born=date(2006, 12, 31))
    retired, pupil = city.person(born=date(1960, 12, 31)), city.person(born=date(2007, 1, 1))
    letters = operations.issue_codes(programme=city.made.programme, by=city.checker, at=moment(2, 20, year=2026))
    printed = {letter.resident: letter.code for letter in letters}
    assert printed.keys() == {reader.party, lazy.party}, "19 to 64 on 31 December 2025"
    code = printed[reader.party]  # type: ignore[index]
    assert len(code.replace("-", "")) == 16
    at = moment(3, 1, year=2026)
    done = operations.enter_code(code=code, by=reader, at=at)
    assert isinstance(done, operations.CodeEntered)
    assert done.yen == 10_000
    with refused("voucher_code_used"):
        operations.enter_code(code=code, by=retired, at=at)
    assert [city.held(person) for person in (reader, lazy, retired, pupil)] == [{"voucher": 10_000}, {}, {}, {}]
    assert city.pay(reader, city.store("large", floor_area=3_000), 4_000, at=at) == {"voucher": 4_000}
    with refused("voucher_code_expired"):
        operations.enter_code(code=printed[lazy.party], by=lazy, at=moment(6, 1, year=2026))  # type: ignore[index]
    run = city.expire(at=moment(6, 1, year=2026))
    assert (run.granted_yen, run.paid_yen) == (6_000, 0)
    assert premium_left(city) == 20_000_000 - 4_000, "nobody paid, so all that is unspent goes back"
