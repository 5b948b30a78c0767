"""The line of a sale that is first come, first served: its order, its end, and that nobody stands in it twice."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

import pytest

from meguri.ledger import queries as balances
from meguri.ledger.rules import Account
from meguri.ledger.templates import AccountRole
from meguri.programmes.vouchers import checks, line, operations, queries, tasks
from meguri.programmes.vouchers.models import Application, Place
from meguri.programmes.vouchers.operations import Placed, Wish, lining
from meguri.programmes.vouchers.operations.applications import office, units_left
from meguri.programmes.vouchers.rules import RESERVED_FOR
from meguri.words.actor import Actor
from meguri.words.refusal import Refusal
from tests.programmes.vouchers.conftest import APPLYING, BUYING, OPENED, OVER, Fair, fair
from tests.programmes.vouchers.lived_town import at_once, refused
from tests.programmes.vouchers.test_life import FIRST_COME

LATER = BUYING + RESERVED_FOR
MINUTE = timedelta(minutes=1)


@pytest.fixture
def first(db: None) -> Fair:
    """Five units, first come, first served."""
    return fair(**FIRST_COME, obtaining__rounds__0__units=5).open()


def come(sale: Fair, *wishes: tuple[Actor, int]) -> list[Placed | Refusal]:
    return operations.line_up(
        [Wish(by, units) for by, units in wishes], sale=sale.sale, municipality=sale.town.municipality, at=BUYING
    )


def move_on(sale: Fair, *, at: object = BUYING) -> int:
    return operations.allot(sale=sale.sale, by=office(sale.town.municipality), at=at)  # type: ignore[arg-type]


def people(sale: Fair, count: int) -> list[Actor]:
    return [sale.town.person() for _ in range(count)]


def seen(sale: Fair, person: Actor) -> line.PlaceView:
    assert person.party is not None
    return line.place(sale.sale, resident=person.party, municipality=sale.town.municipality)


def stands(sale: Fair) -> line.LineView:
    return line.line(sale.sale, municipality=sale.town.municipality)


def won(sale: Fair, persons: Sequence[Actor]) -> list[int]:
    return [seen(sale, person).units_won for person in persons]


def buy(sale: Fair, person: Actor, *, units: int | None = None, at: object = BUYING) -> operations.Purchased:
    application = seen(sale, person).application
    assert application is not None
    return operations.purchase(application=application, by=person, at=at, units=units)  # type: ignore[arg-type]


def test_units_go_down_the_line_and_the_last_gets_what_is_left(first: Fair) -> None:
    ada, ben, cyd, dan = people(first, 4)
    assert come(first, (ada, 2), (ben, 2)) == [Placed(1, 2, True), Placed(2, 2, True)]
    assert come(first, (cyd, 2), (dan, 1)) == [Placed(3, 2, True), Placed(4, 1, True)]
    assert [seen(first, each).ahead for each in (ada, ben, cyd, dan)] == [0, 1, 2, 3]
    assert move_on(first) == 3
    assert won(first, (ada, ben, cyd, dan)) == [2, 2, 1, 0]
    now = stands(first)
    assert (now.left, now.reserved, now.served, now.last) == (0, 5, 3, 4)
    assert seen(first, dan).state == "waiting", "what is kept may still come back"
    assert first.town.topics(ada) == ["voucher.reserved"]


def test_who_comes_a_hundred_times_has_one_place(first: Fair) -> None:
    ada, ben = people(first, 2)
    answers = come(first, *[(ada, 1)] * 50, (ben, 1), *[(ada, 5)] * 50)
    assert answers[:2] == [Placed(1, 1, True), Placed(1, 1, False)]
    assert answers[50:52] == [Placed(2, 1, True), Placed(1, 1, False)]
    assert come(first, (ada, 3)) == [Placed(1, 1, False)]
    assert Place.objects.filter(sale=first.sale).count() == 2


def test_of_a_household_one_stands_in_the_line(db: None) -> None:
    shared = fair(**FIRST_COME, obtaining__per="household").open()
    ada, ben = shared.town.person(household="H-1"), shared.town.person(household="H-1")
    one, two = come(shared, (ada, 1), (ben, 1))
    assert one == Placed(1, 1, True)
    assert isinstance(two, Refusal)
    assert two.code == "voucher_household_applied"


def test_who_may_not_is_told_at_once_why_and_takes_no_place(first: Fair) -> None:
    gone = first.town.person(moved_out=APPLYING.date().replace(year=2024))
    good, stranger = first.town.person(), first.town.stranger()
    answers = come(first, (gone, 1), (stranger, 1), (good, 6), (first.maker, 1), (good, 1))
    codes = [each.code if isinstance(each, Refusal) else each.number for each in answers]
    assert codes == ["voucher_not_eligible", "voucher_resident_unknown", "voucher_too_many_units", "not_allowed", 1]


def test_a_line_has_its_hours(first: Fair) -> None:
    wishes = [Wish(first.town.person(), 1)]
    for at, code in ((OPENED, "voucher_too_early"), (OVER, "voucher_too_late")):
        with refused(code):
            operations.line_up(wishes, sale=first.sale, municipality=first.town.municipality, at=at)


def test_a_sale_that_is_drawn_has_no_line(small: Fair) -> None:
    with refused("voucher_no_line"):
        come(small, (small.town.person(), 1))
    with refused("voucher_no_line"):
        move_on(small)
    with refused("voucher_no_line"):
        stands(small)


def test_what_was_kept_is_paid_for_and_then_spent_like_any_voucher(first: Fair) -> None:
    ada = first.town.person()
    come(first, (ada, 2))
    move_on(first)
    bought = buy(first, ada, at=LATER - MINUTE)
    assert (bought.units, bought.price_yen, bought.face_yen) == (2, 20_000, 26_000)
    assert first.town.held(ada) == {"paid": 20_000, "premium": 6_000}
    assert buy(first, ada).replayed
    kept = Account(ada.party, AccountRole.ALLOWANCE)  # type: ignore[arg-type]
    sale = Application.objects.get(resident=ada.party).sale
    stock = balances.balance(kept, lot=lining.stock_lot(sale), municipality=sale.municipality)
    assert (stock, units_left(sale, ada.party)) == (0, 3)  # type: ignore[arg-type]
    now = stands(first)
    assert (now.left, now.reserved) == (3, 0)


def test_what_was_kept_is_paid_for_in_time_and_as_a_whole(first: Fair) -> None:
    ada = first.town.person()
    come(first, (ada, 2))
    move_on(first)
    with refused("voucher_reserved_as_a_whole"):
        buy(first, ada, units=1)
    with refused("voucher_reservation_over"):
        buy(first, ada, at=LATER)
    assert first.town.held(ada) == {}


def test_what_is_not_paid_in_time_goes_to_the_next_in_the_line(first: Fair) -> None:
    ada, ben, cyd = people(first, 3)
    come(first, (ada, 5), (ben, 3), (cyd, 3))
    assert move_on(first) == 1
    assert move_on(first, at=LATER - MINUTE) == 0
    assert move_on(first, at=LATER) == 2
    assert won(first, (ada, ben, cyd)) == [5, 3, 2]
    assert first.town.topics(ada) == ["voucher.reserved", "voucher.lapsed"]
    sale = Application.objects.get(resident=ada.party).sale
    assert units_left(sale, ada.party) == 5, "what went back counts against nobody"  # type: ignore[arg-type]
    with refused("voucher_nothing_to_buy"):
        buy(first, ada, at=LATER)
    assert checks.sold_units_left_the_stock(first.town.municipality) == []


def test_when_all_is_paid_for_everybody_else_is_told_once(first: Fair) -> None:
    ada, ben, cyd = people(first, 3)
    come(first, (ada, 5), (ben, 3), (cyd, 3))
    move_on(first)
    assert move_on(first) == 0
    buy(first, ada)
    assert move_on(first) == 2
    for each in (ben, cyd):
        place = seen(first, each)
        assert place.state == "refused"
        assert place.why is not None
        assert (place.why.ja, place.why.en) == ("売り切れました(残り0口)。", "Sold out (0 units left).")
    assert move_on(first) == 0
    assert stands(first).served == 3


def test_when_the_sale_is_over_everybody_is_told_so(first: Fair) -> None:
    (ada,) = people(first, 1)
    come(first, (ada, 1))
    assert move_on(first, at=OVER) == 1
    why = seen(first, ada).why
    assert why is not None
    assert "終わりました" in why.ja


def test_a_ceiling_that_is_used_up_gives_no_units_and_holds_nobody_up(db: None) -> None:
    rounds = [FIRST_COME["obtaining__rounds__0"] | {"code": code, "units": 20} for code in ("first", "second")]
    two = fair(obtaining__rounds=rounds).open()
    ada, ben, cyd = people(two, 3)
    operations.buy_at_once(sale=two.sale, units=5, by=ada, at=BUYING)
    operations.buy_at_once(sale=two.sale, units=3, by=ben, at=BUYING)
    two.open("second")
    come(two, (ada, 2), (ben, 4), (cyd, 1))
    assert move_on(two) == 3
    assert won(two, (ada, ben, cyd)) == [0, 2, 1]
    why = seen(two, ada).why
    assert why is not None
    assert "5口まで" in why.ja


def test_nobody_jumps_the_line(first: Fair) -> None:
    ada, ben = people(first, 2)
    come(first, (ada, 1))
    with refused("voucher_line_stands"):
        operations.buy_at_once(sale=first.sale, units=1, by=ben, at=BUYING)
    operations.buy_at_once(sale=first.sale, units=1, by=first.maker, at=BUYING, resident=ben.party)
    move_on(first)
    assert operations.buy_at_once(sale=first.sale, units=1, by=first.town.person(), at=BUYING).units == 1


def test_who_bought_at_the_counter_meanwhile_gets_nothing_twice(first: Fair) -> None:
    (ada,) = people(first, 1)
    come(first, (ada, 2))
    operations.buy_at_once(sale=first.sale, units=1, by=first.maker, at=BUYING, resident=ada.party)
    assert move_on(first) == 1
    why = seen(first, ada).why
    assert why is not None
    assert why.en == "You have already bought in this sale."
    assert first.town.held(ada) == {"paid": 10_000, "premium": 3_000}


def test_at_the_end_of_the_sale_what_is_kept_goes_back_to_the_stock(first: Fair) -> None:
    (ada,) = people(first, 1)
    come(first, (ada, 2))
    move_on(first)
    assert operations.lapse_unpaid(sale=first.sale, by=first.checker, at=OVER) == 1
    page = queries.sale_page(first.sale, municipality=first.town.municipality)
    assert (page.units_left, page.units_kept, page.units_bought) == (5, 0, 0)


def test_the_worker_moves_lines_on_where_no_sale_server_stands(first: Fair) -> None:
    (ada,) = people(first, 1)
    come(first, (ada, 2))
    tasks.allot_lines(municipality=first.town.municipality, at=BUYING)
    assert won(first, (ada,)) == [2]
    tasks.allot_lines(municipality=first.town.municipality, at=LATER)
    assert stands(first).left == 5
    assert line.lines(first.town.municipality) == ()


def test_nobody_but_the_town_hall_moves_a_line_on(first: Fair) -> None:
    with refused("not_allowed"):
        operations.allot(sale=first.sale, by=first.town.person(), at=BUYING)


def test_who_has_no_place_is_told_so(first: Fair) -> None:
    with refused("voucher_place_unknown"):
        seen(first, first.town.person())


def rush(sale: Fair, persons: Sequence[Actor]) -> list[object]:
    return at_once(*[lambda person=person: come(sale, (person, 1)) for person in persons])  # type: ignore[misc]


@pytest.mark.django_db(transaction=True)
def test_the_alarm_rings_when_the_lines_lock_is_broken(
    transactional_db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    sale = fair(**FIRST_COME).open()
    monkeypatch.setattr(lining, "_hold_the_line", lambda _sale: None)
    answers = rush(sale, people(sale, 12))
    assert [each for each in answers if isinstance(each, Exception)], "two took one number: the table refused"


@pytest.mark.django_db(transaction=True)
def test_places_are_numbered_without_a_gap_however_people_rush(transactional_db: None) -> None:
    sale = fair(**FIRST_COME).open()
    persons = people(sale, 12)
    answers = rush(sale, [*persons, *persons])
    assert not [each for each in answers if isinstance(each, Exception)], answers
    numbers = Place.objects.filter(sale=sale.sale).values_list("number", flat=True)
    assert sorted(numbers) == list(range(1, 13))


@pytest.mark.django_db(transaction=True)
def test_two_who_move_the_line_on_at_once_give_every_unit_once(transactional_db: None) -> None:
    sale = fair(**FIRST_COME, obtaining__rounds__0__units=7).open()
    persons = people(sale, 10)
    come(sale, *[(person, 1) for person in persons])
    answers = at_once(*[lambda: move_on(sale)] * 4)
    assert sorted(answers) == [0, 0, 0, 7]  # type: ignore[type-var]
    assert won(sale, persons) == [1] * 7 + [0] * 3


def test_what_is_sold_is_told_before_it_opens_and_until_it_is_over_or_sold_out(first: Fair) -> None:
    def told(at: object = BUYING) -> list[tuple[int, int, int]]:
        found = line.selling(first.town.municipality, at=at)  # type: ignore[arg-type]
        return [(each.price_yen, each.face_yen, each.left) for each in found]

    assert told(OPENED) == told() == [(10_000, 13_000, 5)]
    assert told(OVER) == []
    assert line.selling(first.town.municipality, at=OPENED)[0].open.start > OPENED
    come(first, *((person, 5) for person in people(first, 1)))
    move_on(first)
    assert told() == []


def test_a_sale_that_is_drawn_has_no_line_to_be_told_of(db: None) -> None:
    assert line.selling(fair().open().town.municipality, at=APPLYING) == ()
