"""The life of a sale: opened, applied for, drawn, bought, lapsed; and everything that is refused on the way."""

from __future__ import annotations

from datetime import date
from uuid import uuid4

import pytest
from django.db import IntegrityError, transaction

from meguri.ledger import operations as books
from meguri.ledger import queries as ledger
from meguri.programmes.vouchers import operations, queries
from meguri.programmes.vouchers.models import Application, Draw, Sale
from meguri.words.actor import Actor, ActorRole
from tests.programmes.vouchers.conftest import (
    APPLYING,
    BUYING,
    CLOSED,
    DRAWN,
    OPENED,
    OVER,
    VALUE,
    Fair,
    fair,
)
from tests.programmes.vouchers.lived_town import moment, refused


def test_a_sale_from_opening_to_the_last_unit(small: Fair) -> None:
    town = small.town
    people = [town.person() for _ in range(4)]
    applied = [small.apply(person, units) for person, units in zip(people, (5, 5, 3, 2), strict=True)]
    page = queries.sale_page(small.sale, municipality=town.municipality)
    assert (page.applications, page.units_applied, page.units_left, page.odds_bp) == (4, 15, 10, 6_666)
    small.draw()
    views = [queries.application(each.application, municipality=town.municipality) for each in applied]
    assert sum(view.units_won for view in views if view) == 10
    assert sorted(view.rank or 0 for view in views if view) == [1, 2, 3, 4]
    for person, view in zip(people, views, strict=True):
        assert view
        assert town.topics(person) == ["voucher.received", "voucher.won" if view.units_won else "voucher.lost"]
        if not view.units_won:
            continue
        assert view.to_pay_yen == view.units_won * 10_000
        bought = operations.purchase(application=view.id, by=person, at=BUYING)
        assert (bought.units, bought.price_yen, bought.face_yen) == (
            view.units_won,
            view.units_won * 10_000,
            view.units_won * 13_000,
        )
        assert town.held(person) == {"paid": bought.price_yen, "premium": view.units_won * 3_000}
    assert town.fund(small.made, "premium").budget.left_yen == 6_000_000 - 30_000
    assert town.fund(small.made, "buyers").budget.reserved_yen == 100_000
    assert queries.sale_page(small.sale, municipality=town.municipality).units_left == 0
    assert operations.lapse_unpaid(sale=small.sale, by=small.checker, at=OVER) == 0
    assert queries.counts(small.sale, municipality=town.municipality)["purchased"] == sum(
        v.units_won > 0 for v in views if v
    )


def test_anybody_can_recompute_the_draw(small: Fair) -> None:
    import hashlib

    for units in (1, 2, 3, 4, 5):
        small.apply(small.town.person(), units)
    before = queries.draw_page(small.sale, municipality=small.town.municipality)
    assert (before.secret, before.lines, before.list_hash, before.awards, before.agrees) == ("", (), "", (), None)
    operations.close_applications(sale=small.sale, by=small.checker, at=CLOSED)
    closed = queries.draw_page(small.sale, municipality=small.town.municipality)
    assert (len(closed.lines), closed.secret, closed.public_value) == (5, "", "")
    operations.draw_lottery(sale=small.sale, public_value=VALUE, by=small.checker, at=DRAWN)
    page = queries.draw_page(small.sale, municipality=small.town.municipality)
    assert page.agrees
    assert page.commitment == before.commitment == hashlib.sha256(page.secret.encode()).hexdigest()
    listed = "".join(f"{line}\n" for line in sorted(page.lines))
    assert page.list_hash == closed.list_hash == hashlib.sha256(listed.encode()).hexdigest()

    def ticket(number: str) -> str:
        text = f"meguri-draw-1\n{page.secret}\n{page.list_hash}\n{page.public_value}\n{number}"
        return hashlib.sha256(text.encode()).hexdigest()

    numbers = sorted((line.split()[0] for line in page.lines), key=ticket)
    assert numbers == [award.id for award in page.awards]
    assert sum(award.units_won for award in page.awards) == page.stock == 10


def test_a_tampered_result_no_longer_agrees(small: Fair) -> None:
    small.won(small.town.person(), 2)
    Application.objects.filter(sale=small.sale).update(units_applied=5)
    assert queries.draw_page(small.sale, municipality=small.town.municipality).agrees is False


def test_a_list_changed_after_closing_stops_the_draw(small: Fair) -> None:
    applied = small.apply(small.town.person(), 1)
    operations.close_applications(sale=small.sale, by=small.checker, at=CLOSED)
    Application.objects.filter(id=applied.application).update(units_applied=5)
    with refused("voucher_list_changed"):
        operations.draw_lottery(sale=small.sale, public_value=VALUE, by=small.checker, at=DRAWN)


def test_even_share_lowers_everybodys_ceiling(db: None) -> None:
    even = fair(obtaining__rounds__0__units=7, obtaining__rounds__0__allocation="even_share").open()
    for units in (5, 5, 1):
        even.apply(even.town.person(), units)
    even.draw()
    awards = queries.draw_page(even.sale, municipality=even.town.municipality).awards
    assert sorted(award.units_won for award in awards) == [1, 3, 3]


def test_first_come_first_served_until_the_stock_is_gone(db: None) -> None:
    first = fair(**FIRST_COME, obtaining__rounds__0__units=3).open()
    early, late = first.town.person(), first.town.person()
    bought = operations.buy_at_once(sale=first.sale, units=2, by=early, at=BUYING)
    assert first.town.held(early) == {"paid": 20_000, "premium": 6_000}
    again = operations.buy_at_once(sale=first.sale, units=2, by=early, at=BUYING)
    assert again.replayed
    assert again.posting == bought.posting
    with refused("voucher_sold_out") as caught:
        operations.buy_at_once(sale=first.sale, units=2, by=late, at=BUYING)
    assert caught.value.facts["available"] == 1
    assert not Application.objects.filter(resident=late.party).exists()
    sold = operations.buy_at_once(sale=first.sale, units=1, by=first.maker, at=BUYING, resident=late.party)
    assert sold.units == 1
    assert queries.applications_of(late.party, municipality=late.municipality)[0].paid_by == "counter"  # type: ignore[arg-type]
    with refused("voucher_not_drawn"):
        first.apply(late, at=BUYING)


FIRST_COME = {
    "obtaining__rounds__0": {
        "code": "first",
        "name": {"ja": "先着販売", "en": "First come"},
        "units": 3,
        "allocation": "first_come",
        "purchase": {"first_day": date(2025, 10, 1), "last_day": date(2025, 10, 31)},
    },
}


def test_the_sixth_unit_is_refused(small: Fair) -> None:
    with refused("voucher_too_many_units") as caught:
        small.apply(small.town.person(), 6)
    assert caught.value.field == "units"
    assert "5口" in caught.value.sentence("ja")
    with refused("voucher_too_many_units"):
        small.apply(small.town.person(), 0)


def test_the_sixth_unit_over_two_rounds_is_refused_by_the_books(db: None) -> None:
    rounds = [FIRST_COME["obtaining__rounds__0"] | {"code": code, "units": 10} for code in ("first", "second")]
    two = fair(obtaining__rounds=rounds).open()
    person = two.town.person()
    operations.buy_at_once(sale=two.sale, units=3, by=person, at=BUYING)
    two.open("second")
    with refused("voucher_unit_limit_reached") as caught:
        operations.buy_at_once(sale=two.sale, units=3, by=person, at=BUYING)
    assert (caught.value.facts["most"], caught.value.facts["left"]) == (5, 2)
    assert operations.buy_at_once(sale=two.sale, units=2, by=person, at=BUYING).units == 2


def test_a_second_application_is_refused_and_the_same_one_is_the_same(small: Fair) -> None:
    person = small.town.person()
    first = small.apply(person, 2)
    assert small.apply(person, 2) == first
    with refused("voucher_already_applied") as caught:
        small.apply(person, 3)
    assert first.number in caught.value.sentence("ja")
    assert small.town.topics(person) == ["voucher.received"]


def test_one_application_for_a_household_hides_whose(db: None) -> None:
    shared = fair(obtaining__per="household", obtaining__rounds__0__units=10).open()
    first, second = shared.town.person(household="F1"), shared.town.person(household="F1")
    applied = shared.apply(first, 2)
    with refused("voucher_household_applied") as caught:
        shared.apply(second, 2)
    assert applied.number not in caught.value.sentence("ja")
    operations.withdraw_application(application=applied.application, by=first, at=APPLYING)
    assert shared.apply(second, 1).units == 1


def test_the_database_keeps_one_application_for_a_holder(small: Fair) -> None:
    small.apply(small.town.person(), 2)
    row = Application.objects.get(sale=small.sale)
    row.id, row.number = uuid4(), "AAAA-AAAA-AAAA"
    with pytest.raises(IntegrityError, match="one_application_for_a_holder_in_a_sale"), transaction.atomic():
        row.save(force_insert=True)


def test_an_application_taken_back_is_not_drawn(small: Fair) -> None:
    stays, goes = small.town.person(), small.town.person()
    small.apply(stays, 5)
    leaving = small.apply(goes, 5)
    operations.withdraw_application(application=leaving.application, by=goes, at=APPLYING)
    operations.withdraw_application(application=leaving.application, by=goes, at=APPLYING)
    with refused("not_allowed"):
        operations.withdraw_application(application=leaving.application, by=stays, at=APPLYING)
    small.draw()
    page = queries.draw_page(small.sale, municipality=small.town.municipality)
    assert len(page.lines) == 1
    assert page.agrees
    view = queries.application(leaving.application, municipality=small.town.municipality)
    assert view
    assert view.state == "withdrawn"
    mine = queries.applications_of(stays.party, municipality=stays.municipality)[0]  # type: ignore[arg-type]
    with refused("voucher_not_withdrawable"):
        operations.withdraw_application(application=mine.id, by=stays, at=OVER)


def test_who_is_not_eligible_hears_why(db: None) -> None:
    adults = fair(eligibility__who={"kind": "compare", "field": "age", "op": ">=", "value": 18}).open()
    child = adults.town.person(born=date(2015, 4, 1))
    with refused("voucher_not_eligible") as caught:
        adults.apply(child)
    assert "年齢" in caught.value.sentence("ja")
    with refused("voucher_resident_unknown"):
        adults.apply(adults.town.stranger())


@pytest.mark.parametrize(
    ("at", "code"), [(moment(7, 25, 14), "voucher_too_early"), (moment(8, 17, 15), "voucher_too_late")]
)
def test_the_window_is_half_open(small: Fair, at: object, code: str) -> None:
    with refused(code):
        small.apply(small.town.person(), at=at)  # type: ignore[arg-type]
    small.apply(small.town.person(), at=moment(7, 25, 15))
    small.apply(small.town.person(), at=moment(8, 17, 14))


def test_the_steps_of_a_draw_cannot_be_swapped(small: Fair) -> None:
    person = small.town.person()
    applied = small.apply(person, 1)
    with refused("voucher_still_open"):
        operations.close_applications(sale=small.sale, by=small.checker, at=APPLYING)
    with refused("voucher_not_closed"):
        operations.draw_lottery(sale=small.sale, public_value=VALUE, by=small.checker, at=DRAWN)
    with refused("voucher_nothing_to_buy"):
        operations.purchase(application=applied.application, by=person, at=BUYING)
    hashed = operations.close_applications(sale=small.sale, by=small.checker, at=CLOSED)
    assert operations.close_applications(sale=small.sale, by=small.checker, at=DRAWN) == hashed
    with refused("voucher_too_early"):
        operations.draw_lottery(sale=small.sale, public_value=VALUE, by=small.checker, at=CLOSED)
    with refused("voucher_value_unreadable"):
        operations.draw_lottery(sale=small.sale, public_value="1\n2", by=small.checker, at=DRAWN)
    with refused("voucher_too_late"):
        small.apply(small.town.person(), at=CLOSED)


def test_a_draw_is_drawn_once(small: Fair) -> None:
    person = small.town.person()
    small.apply(person, 1)
    digest = small.draw()
    assert operations.draw_lottery(sale=small.sale, public_value=VALUE, by=small.checker, at=OVER) == digest
    with refused("voucher_already_drawn_otherwise"):
        operations.draw_lottery(sale=small.sale, public_value="another", by=small.checker, at=DRAWN)
    assert small.town.topics(person).count("voucher.won") == 1


def test_opening_again_is_the_same_sale_with_the_same_stock_and_promise(small: Fair) -> None:
    before = Draw.objects.get(sale=small.sale).commitment
    opened = small.sale
    assert small.open().sale == opened
    assert Draw.objects.get(sale=opened).commitment == before
    assert queries.sale_page(opened, municipality=small.town.municipality).units_left == 10
    assert queries.sales(small.town.municipality, programme=small.made.programme) == (opened,)


def test_only_the_right_people_act(small: Fair) -> None:
    person, other = small.town.person(), small.town.person()
    applied = small.won(person, 1)
    outsider = small.town.officer("checker", "welfare")
    for act in (
        lambda: operations.purchase(application=applied.application, by=other, at=BUYING),
        lambda: operations.purchase(application=applied.application, by=small.maker, at=BUYING),
        lambda: operations.sell_at_counter(application=applied.application, by=person, at=BUYING),
        lambda: operations.sell_at_counter(application=applied.application, by=outsider, at=BUYING),
        lambda: operations.draw_lottery(sale=small.sale, public_value=VALUE, by=small.maker, at=DRAWN),
        lambda: operations.lapse_unpaid(sale=small.sale, by=outsider, at=OVER),
        lambda: operations.apply(sale=small.sale, units=1, by=other, at=APPLYING, resident=person.party),
        lambda: operations.open_sale(programme=small.made.programme, round_code="first", by=outsider, at=OPENED),
    ):
        with refused("not_allowed"):
            act()


def test_sales_of_another_town_are_not_there(small: Fair) -> None:
    stranger = Actor(small.town.municipality + 1, ActorRole.CHECKER, uuid4(), "commerce")
    applied = small.apply(small.town.person())
    with refused("voucher_sale_unknown"):
        operations.close_applications(sale=small.sale, by=stranger, at=CLOSED)
    with refused("voucher_application_unknown"):
        operations.sell_at_counter(application=applied.application, by=stranger, at=BUYING)
    assert queries.application(applied.application, municipality=stranger.municipality) is None


def test_a_paper_form_and_cash_at_the_counter(small: Fair) -> None:
    person = small.town.person()
    applied = operations.apply(sale=small.sale, units=3, by=small.maker, at=APPLYING, resident=person.party)
    small.draw()
    found = queries.application_by_number(applied.number.lower(), sale=small.sale, municipality=person.municipality)
    assert found
    assert found.by_officer
    sold = operations.sell_at_counter(application=applied.application, by=small.maker, at=BUYING, units=2)
    assert (sold.units, small.town.held(person)) == (2, {"paid": 20_000, "premium": 6_000})
    view = queries.application(applied.application, municipality=person.municipality)
    assert view
    assert (view.units_bought, view.paid_by, view.state) == (2, "counter", "purchased")
    rights = ledger.balances([person.party], ledger.AccountRole.ALLOWANCE, municipality=person.municipality)  # type: ignore[list-item]
    assert [balance.amount for balance in rights] == [
        3
    ]  # what is left of five for the programme; the right itself is gone


def test_a_purchase_repeated_is_the_first_one(small: Fair) -> None:
    person = small.town.person()
    applied = small.won(person, 2)
    first = operations.purchase(application=applied.application, by=person, at=BUYING)
    again = operations.purchase(application=applied.application, by=person, at=OVER, units=1)
    assert again.replayed
    assert (again.posting, again.units) == (first.posting, 2)
    assert small.town.held(person) == {"paid": 20_000, "premium": 6_000}


def test_unpaid_rights_lapse_after_the_deadline(small: Fair) -> None:
    person = small.town.person()
    applied = small.won(person, 2)
    with refused("voucher_still_open"):
        operations.lapse_unpaid(sale=small.sale, by=small.checker, at=BUYING)
    for at, code in ((DRAWN, "voucher_too_early"), (OVER, "voucher_too_late")):
        with refused(code):
            operations.purchase(application=applied.application, by=person, at=at)
    assert operations.lapse_unpaid(sale=small.sale, by=small.town.system, at=OVER) == 1
    assert operations.lapse_unpaid(sale=small.sale, by=small.town.system, at=OVER) == 0
    with refused("voucher_nothing_to_buy"):
        operations.purchase(application=applied.application, by=person, at=BUYING)
    assert small.town.topics(person)[-1] == "voucher.lapsed"
    assert Sale.objects.get(id=small.sale).state == "ended"


def test_the_test_payment_is_for_invented_towns(small: Fair) -> None:
    person = small.town.person()
    applied = small.won(person, 1)
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("UPDATE ledger.municipality SET kind = 'real' WHERE id = %s", [person.municipality])
    with refused("voucher_test_payment_refused"):
        operations.purchase(application=applied.application, by=person, at=BUYING)
    assert operations.sell_at_counter(application=applied.application, by=small.maker, at=BUYING).units == 1


def test_no_premium_without_budget(small: Fair) -> None:
    from datetime import date as day

    from meguri.programmes import operations as programmes

    person = small.town.person()
    applied = small.won(person, 2)
    programmes.return_appropriation(
        fund=small.made.funds["premium"],
        amount_yen=5_995_000,
        reason="減額補正",
        decided_on=day(2025, 9, 30),
        by=small.checker,
        at=BUYING,
    )
    with refused("voucher_budget_empty"):
        operations.purchase(application=applied.application, by=person, at=BUYING)
    assert small.town.held(person) == {}
    assert operations.purchase(application=applied.application, by=person, at=BUYING, units=1).units == 1


def test_a_stopped_programme_sells_nothing(small: Fair) -> None:
    from meguri.programmes import operations as programmes

    person = small.town.person()
    applied = small.won(person, 1)
    programmes.close_programme(programme=small.made.programme, by=small.checker, at=BUYING)
    with refused("programme_not_launched"):
        operations.purchase(application=applied.application, by=person, at=BUYING)
    assert operations.lapse_unpaid(sale=small.sale, by=small.checker, at=OVER) == 1


def test_the_officers_list_pages_by_a_stable_cursor(small: Fair) -> None:
    for minute in range(5):
        small.apply(small.town.person(), 1, at=moment(8, 1 + minute))
    town = small.town.municipality
    first = queries.applications(small.sale, municipality=town, limit=3)
    rest = queries.applications(small.sale, municipality=town, limit=3, after=first[-1].id)
    assert [view.applied_at.day for view in first + rest] == [1, 2, 3, 4, 5]
    assert queries.applications(small.sale, municipality=town, state="won") == ()
    assert queries.counts(small.sale, municipality=town)["applied"] == 5


def test_a_wallet_need_not_be_open_to_buy(small: Fair) -> None:
    """The books open the holder's account; the wallet room can be visited later."""
    person = small.town.person()
    applied = small.won(person, 1)
    operations.purchase(application=applied.application, by=person, at=BUYING)
    assert books.look_up(f"sell_voucher:{applied.application}", municipality=person.municipality) is not None
