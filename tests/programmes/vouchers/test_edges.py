"""What a sale says at its edges: unknown things, late requests, replays, a household's ceiling, who is told what."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from uuid import uuid4

import pytest
from django.db import IntegrityError, connection, transaction

from meguri.ledger import queries as ledger
from meguri.ledger.templates import AccountRole
from meguri.notices import queries as notices
from meguri.parties.rules import Both
from meguri.programmes.vouchers import operations, queries
from meguri.programmes.vouchers.models import Application
from meguri.words.actor import Actor, ActorRole
from meguri.words.refusal import Refusal
from tests.programmes.builders import VOUCHER, tree_of
from tests.programmes.vouchers.conftest import APPLYING, BUYING, CLOSED, DRAWN, OPENED, OVER, VALUE, Fair, fair
from tests.programmes.vouchers.lived_town import moment, refused, told
from tests.programmes.vouchers.test_life import FIRST_COME

NAMED = Both("日経平均株価", "the Nikkei 225")


def sold_at_once(units: int = 10, **changes: object) -> Fair:
    """A sale that is first come, first served."""
    return fair(**FIRST_COME, obtaining__rounds__0__units=units, **changes).open()


def said(person: Actor) -> list[str]:
    """What a person was told, newest last: Japanese and English in one."""
    assert person.party
    found = notices.inbox(person.party, municipality=person.municipality)
    return [each.wording.text_ja + each.wording.text_en for each in reversed(found)]


def test_things_that_are_not_there_are_said_to_be_unknown(small: Fair) -> None:
    person, nothing = small.town.person(), uuid4()
    attempts: dict[str, list[Callable[[Actor], object]]] = {
        "voucher_application_unknown": [
            lambda by: operations.purchase(application=nothing, by=by, at=BUYING),
            lambda by: operations.withdraw_application(application=nothing, by=by, at=APPLYING),
            lambda _: operations.sell_at_counter(application=nothing, by=small.maker, at=BUYING),
        ],
        "voucher_sale_unknown": [
            lambda by: operations.apply(sale=nothing, units=1, by=by, at=APPLYING),
            lambda by: operations.buy_at_once(sale=nothing, units=1, by=by, at=BUYING),
            lambda _: operations.lapse_unpaid(sale=nothing, by=small.checker, at=OVER),
            lambda _: operations.draw_lottery(sale=nothing, public_value=VALUE, by=small.checker, at=DRAWN),
        ],
        "programme_unknown": [
            lambda _: operations.open_sale(programme=nothing, round_code="first", by=small.checker, at=OPENED),
        ],
        "voucher_round_unknown": [
            lambda _: operations.open_sale(
                programme=small.made.programme, round_code="third", by=small.checker, at=OPENED
            ),
        ],
    }  # fmt: skip
    for code, tries in attempts.items():
        assert {told(attempt, person) for attempt in tries} == {code}
    assert queries.application(nothing, municipality=person.municipality) is None


def test_a_draw_names_its_value_before_anybody_applies(db: None) -> None:
    sale = fair()
    for named in (Both("", "x"), Both("値", " "), Both(" ", " ")):
        with refused("voucher_value_not_named") as caught:
            operations.open_sale(
                programme=sale.made.programme, round_code="first", by=sale.checker, at=OPENED, value_named=named
            )
        assert caught.value.field == "value_named"
    assert queries.sales(sale.town.municipality) == ()
    sale.open()
    page = queries.draw_page(sale.sale, municipality=sale.town.municipality)
    assert page.value_named == Both("9月4日の日経平均株価の終値", "the Nikkei 225's close on 4 September")
    assert page.committed_at == OPENED


def test_a_round_whose_window_is_over_does_not_open(db: None) -> None:
    sale = fair()
    with refused("voucher_too_late") as caught:
        operations.open_sale(
            programme=sale.made.programme, round_code="first", by=sale.checker, at=moment(8, 17, 15), value_named=NAMED
        )
    assert "2025年8月17日" in caught.value.sentence("ja")
    opened = operations.open_sale(
        programme=sale.made.programme, round_code="first", by=sale.checker, at=moment(8, 17, 14), value_named=NAMED
    )
    assert queries.sales(sale.town.municipality) == (opened,)


def test_a_list_that_is_closed_takes_nobody_however_late_their_request_arrives(small: Fair) -> None:
    """A request that was made in time and comes after the close: the published list stands."""
    applied = small.apply(small.town.person())
    operations.close_applications(sale=small.sale, by=small.checker, at=CLOSED)
    with refused("voucher_too_late") as caught:
        small.apply(small.town.person(), at=APPLYING)
    assert "17 August 2025" in caught.value.sentence("en")
    person = queries.application(applied.application, municipality=small.town.municipality)
    assert person
    by = Actor(small.town.municipality, ActorRole.RESIDENT, person.resident)
    with refused("voucher_not_withdrawable"):
        operations.withdraw_application(application=applied.application, by=by, at=APPLYING)


def test_whoever_bought_all_they_may_gets_the_first_answer_again(db: None) -> None:
    sale = sold_at_once()
    person = sale.town.person()
    first = operations.buy_at_once(sale=sale.sale, units=5, by=person, at=BUYING)
    again = operations.buy_at_once(sale=sale.sale, units=5, by=person, at=BUYING)
    assert (again.posting, again.number, again.replayed) == (first.posting, first.number, True)
    assert (first.price_yen, first.face_yen, first.replayed) == (50_000, 65_000, False)
    with refused("voucher_already_applied") as caught:
        operations.buy_at_once(sale=sale.sale, units=4, by=person, at=BUYING)
    assert caught.value.facts["number"] == first.number
    assert sale.town.topics(person) == ["voucher.bought"]


def test_a_household_shares_one_ceiling_over_all_rounds(db: None) -> None:
    rounds = [{**FIRST_COME["obtaining__rounds__0"], "code": code, "units": 10} for code in ("first", "second")]
    sale = fair(obtaining__rounds=rounds, obtaining__per="household").open()
    mother, son, neighbour = (sale.town.person(household=home) for home in ("F1", "F1", "F2"))
    operations.buy_at_once(sale=sale.sale, units=3, by=mother, at=BUYING)
    with refused("voucher_household_applied"):
        operations.buy_at_once(sale=sale.sale, units=1, by=son, at=BUYING)
    sale.open("second")
    with refused("voucher_unit_limit_reached") as caught:
        operations.buy_at_once(sale=sale.sale, units=3, by=son, at=BUYING)
    assert (caught.value.field, caught.value.limit) == ("units", "units")
    assert caught.value.sentence("ja") == "この事業で買えるのは1世帯につき5口までで、あと2口です。"
    assert "each household" in caught.value.sentence("en")
    assert operations.buy_at_once(sale=sale.sale, units=2, by=son, at=BUYING).units == 2
    assert operations.buy_at_once(sale=sale.sale, units=5, by=neighbour, at=BUYING).units == 5


def test_a_ceiling_reached_in_one_round_is_said_before_applying_in_the_next(db: None) -> None:
    first = {**FIRST_COME["obtaining__rounds__0"], "units": 10}
    drawn = {
        "code": "second", "name": {"ja": "二次", "en": "Second"}, "units": 10, "allocation": "lottery",
        "application": {"first_day": date(2025, 10, 5), "last_day": date(2025, 10, 20)},
        "drawn_on": date(2025, 10, 25),
        "purchase": {"first_day": date(2025, 10, 27), "last_day": date(2025, 10, 31)},
    }  # fmt: skip
    sale = fair(obtaining__rounds=[first, drawn]).open()
    person = sale.town.person()
    operations.buy_at_once(sale=sale.sale, units=5, by=person, at=moment(10, 6))
    sale.open("second")
    with refused("voucher_unit_limit_reached") as caught:
        sale.apply(person, 1, at=moment(10, 6))
    assert caught.value.facts["left"] == 0
    assert sale.apply(sale.town.person(), 5, at=moment(10, 6)).units == 5


def test_whoever_won_twice_may_still_buy_only_up_to_the_ceiling(db: None) -> None:
    """Applications of two rounds do not see each other's wins; the books see what was bought."""
    first = tree_of(VOUCHER, {"obtaining.rounds.0.units": 10})["obtaining"]["rounds"][0]
    sale = fair(obtaining__rounds=[first, {**first, "code": "second"}]).open()
    person, won = sale.town.person(), []
    for code, units in (("first", 4), ("second", 3)):
        sale.open(code)
        won.append(sale.won(person, units).application)
    operations.purchase(application=won[0], by=person, at=BUYING)
    with refused("voucher_unit_limit_reached") as caught:
        operations.purchase(application=won[1], by=person, at=BUYING)
    assert (caught.value.field, caught.value.facts["most"], caught.value.facts["left"]) == ("units", 5, 1)
    assert caught.value.limit.startswith("allowance:")
    assert operations.purchase(application=won[1], by=person, at=BUYING, units=1).units == 1
    assert sale.town.held(person) == {"paid": 50_000, "premium": 15_000}


def test_a_round_may_be_for_some_of_the_eligible_only(db: None) -> None:
    families = {"kind": "compare", "field": "children", "op": ">", "value": 0}
    sale = fair(obtaining__rounds__0__who=families).open()
    alone, parent = sale.town.person(), sale.town.person(household="F1")
    sale.town.person(household="F1", born=date(2016, 4, 1))
    with refused("voucher_not_eligible") as caught:
        sale.apply(alone)
    assert "18歳未満" in caught.value.sentence("ja")
    assert "children under 18" in caught.value.sentence("en")
    assert sale.apply(parent).units == 1


@pytest.mark.parametrize(("units", "fits"), [(0, False), (1, True), (2, True), (3, False)])
def test_a_winner_buys_at_most_what_was_won(small: Fair, units: int, *, fits: bool) -> None:
    person = small.town.person()
    applied = small.won(person, 2)
    if not fits:
        with refused("voucher_too_many_units") as caught:
            operations.purchase(application=applied.application, by=person, at=BUYING, units=units)
        assert caught.value.facts["most"] == 2
        return
    bought = operations.purchase(application=applied.application, by=person, at=BUYING, units=units)
    assert (bought.units, bought.price_yen, bought.face_yen) == (units, units * 10_000, units * 13_000)
    page = queries.sale_page(small.sale, municipality=person.municipality)
    assert (page.units_bought, page.units_left) == (units, 10 - units)
    assert operations.lapse_unpaid(sale=small.sale, by=small.checker, at=OVER) == 0


def test_the_purchase_window_is_half_open(small: Fair) -> None:
    people = [small.town.person() for _ in range(2)]
    applied = [small.apply(person) for person in people]
    small.draw()
    for at, code in ((moment(9, 30, 14), "voucher_too_early"), (moment(10, 31, 15), "voucher_too_late")):
        with refused(code):
            operations.purchase(application=applied[0].application, by=people[0], at=at)
    for person, each, at in zip(people, applied, (moment(9, 30, 15), moment(10, 31, 14)), strict=True):
        assert operations.purchase(application=each.application, by=person, at=at).units == 1


@pytest.mark.parametrize("value", ["", "  ", "one\ntwo", "x" * 201])
def test_a_public_value_is_one_line_of_two_hundred_signs(small: Fair, value: str) -> None:
    small.apply(small.town.person())
    operations.close_applications(sale=small.sale, by=small.checker, at=CLOSED)
    with refused("voucher_value_unreadable") as caught:
        operations.draw_lottery(sale=small.sale, public_value=value, by=small.checker, at=DRAWN)
    assert caught.value.field == "public_value"
    operations.draw_lottery(sale=small.sale, public_value=f" {'x' * 200}\n", by=small.checker, at=DRAWN)
    assert queries.draw_page(small.sale, municipality=small.town.municipality).public_value == "x" * 200


def test_winners_and_losers_are_told_their_numbers_and_the_towns(db: None) -> None:
    sale = fair(obtaining__rounds__0__units=5).open()
    people = [sale.town.person() for _ in range(3)]
    applied = {person: sale.apply(person, 5) for person in people}
    sale.draw()
    for person in people:
        view = queries.application(applied[person].application, municipality=person.municipality)
        assert view
        received, drawn = said(person)
        assert all(applied[person].number in text for text in (received, drawn))
        assert "2025年9月5日" in received
        if view.units_won:
            assert "50,000円" in drawn
            assert "31 October 2025" in drawn
            assert (view.to_pay_yen, view.state_words.ja) == (50_000, "当選")
        else:
            assert "15口の申込みに対し、5口" in drawn
            assert (view.to_pay_yen, view.state_words.ja) == (0, "落選")


def test_a_sale_without_a_draw_has_no_page_of_a_draw(db: None) -> None:
    sale = sold_at_once()
    for ask in (
        lambda: queries.draw_page(sale.sale, municipality=sale.town.municipality),
        lambda: operations.close_applications(sale=sale.sale, by=sale.checker, at=OVER),
    ):
        with refused("voucher_not_drawn"):
            ask()
    page = queries.sale_page(sale.sale, municipality=sale.town.municipality)
    assert (page.drawn_on, page.commitment, page.value_named, page.list_hash) == (None, "", None, "")
    assert (page.face_yen, [(face.purse, face.part, face.yen) for face in page.face]) == (
        13_000, [("paid", "paid", 10_000), ("premium", "granted", 3_000)],
    )  # fmt: skip
    assert operations.lapse_unpaid(sale=sale.sale, by=sale.checker, at=OVER) == 0


def test_what_was_drawn_is_not_sold_at_once(small: Fair) -> None:
    with refused("voucher_is_drawn"):
        operations.buy_at_once(sale=small.sale, units=1, by=small.town.person(), at=BUYING)


def test_who_may_buy_at_once_is_the_buyer_or_the_counter(db: None) -> None:
    sale = sold_at_once()
    person, other = sale.town.person(), sale.town.person()
    for by in (other, sale.checker, sale.town.officer("maker", "welfare"), sale.town.system):
        with refused("not_allowed"):
            operations.buy_at_once(sale=sale.sale, units=1, by=by, at=BUYING, resident=person.party)
    with refused("not_allowed"):
        operations.buy_at_once(sale=sale.sale, units=1, by=sale.maker, at=BUYING)  # for whom?
    assert sale.town.held(person) == {}
    assert operations.buy_at_once(sale=sale.sale, units=1, by=sale.maker, at=BUYING, resident=person.party).units == 1


def test_in_a_real_town_only_the_counter_takes_money(db: None) -> None:
    sale = sold_at_once()
    person = sale.town.person()
    with connection.cursor() as cursor:
        cursor.execute("UPDATE ledger.municipality SET kind = 'real' WHERE id = %s", [person.municipality])
    with refused("voucher_test_payment_refused") as caught:
        operations.buy_at_once(sale=sale.sale, units=1, by=person, at=BUYING)
    assert caught.value.kind.status == 403
    sold = operations.buy_at_once(sale=sale.sale, units=1, by=sale.maker, at=BUYING, resident=person.party)
    assert sale.town.held(person) == {"paid": 10_000, "premium": 3_000}
    view = queries.application(sold.application, municipality=person.municipality)
    assert view
    assert (view.paid_by, view.by_officer) == ("counter", True)


def rights(person: Actor) -> int:
    """Units that a winner may still buy, as the books have them."""
    assert person.party
    held = ledger.balances([person.party], AccountRole.ALLOWANCE, municipality=person.municipality)
    return sum(balance.amount for balance in held)


def test_a_lapsed_right_is_gone_from_the_books(small: Fair) -> None:
    person = small.town.person()
    small.won(person, 2)
    assert rights(person) == 2
    operations.lapse_unpaid(sale=small.sale, by=small.checker, at=OVER)
    assert rights(person) == 0
    page = queries.sale_page(small.sale, municipality=person.municipality)
    assert (page.units_left, page.units_bought, page.state) == (10, 0, "ended")
    assert "2口(受付番号" in said(person)[-1]


def test_a_refusal_leaves_no_trace_in_the_books(small: Fair) -> None:
    person = small.town.person()
    applied = small.won(person, 2)
    before = queries.sale_page(small.sale, municipality=person.municipality)
    with pytest.raises(Refusal):
        operations.purchase(application=applied.application, by=person, at=OVER)
    assert queries.sale_page(small.sale, municipality=person.municipality) == before
    assert small.town.held(person) == {}
    assert small.town.topics(person) == ["voucher.received", "voucher.won"]


@pytest.mark.parametrize("closed", [True, False])
def test_a_sale_that_nobody_drew_ends_and_tells_its_applicants(small: Fair, *, closed: bool) -> None:
    """Nobody may wait for ever for a draw that can no longer come."""
    person, gone = small.town.person(), small.town.person()
    applied, withdrawn = small.apply(person, 2), small.apply(gone)
    operations.withdraw_application(application=withdrawn.application, by=gone, at=APPLYING)
    if closed:
        operations.close_applications(sale=small.sale, by=small.checker, at=CLOSED)
    with refused("voucher_still_open"):
        operations.lapse_unpaid(sale=small.sale, by=small.checker, at=BUYING)
    assert operations.lapse_unpaid(sale=small.sale, by=small.checker, at=OVER) == 0, "nobody had won"
    view = queries.application(applied.application, municipality=person.municipality)
    assert view
    assert (view.state, view.state_words.ja, view.units_won) == ("undrawn", "抽選が行われないまま終わりました", 0)
    assert small.town.topics(person) == ["voucher.received", "voucher.undrawn"]
    assert applied.number in said(person)[-1]
    assert "お金はいただいていません" in said(person)[-1]
    assert small.town.topics(gone) == ["voucher.received"], "who had withdrawn waits for nothing"
    with refused("voucher_nothing_to_buy"):
        operations.purchase(application=applied.application, by=person, at=OVER)
    with refused("voucher_not_closed"):
        operations.draw_lottery(sale=small.sale, public_value=VALUE, by=small.checker, at=OVER)
    page = queries.sale_page(small.sale, municipality=person.municipality)
    assert (page.state, page.units_left, page.units_bought) == ("ended", 10, 0)
    counted = queries.counts(small.sale, municipality=person.municipality)
    assert (counted["undrawn"], counted["withdrawn"], counted["applied"]) == (1, 1, 0)


def test_whoever_was_never_drawn_was_shown_no_units(small: Fair) -> None:
    """The database itself keeps such an application without a win."""
    small.apply(small.town.person(), 2)
    operations.lapse_unpaid(sale=small.sale, by=small.checker, at=OVER)
    with pytest.raises(IntegrityError, match="only_winners_have_units"), transaction.atomic():
        Application.objects.filter(sale=small.sale).update(units_won=1)
