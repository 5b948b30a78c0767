"""Many at once on a real server. Where a lock of this room matters, the race is first seen with the lock broken."""

from __future__ import annotations

import time
from uuid import UUID

import pytest
from django.db import OperationalError
from django.db.models import Sum

from meguri.ledger import queries as ledger
from meguri.ledger.templates import AccountRole
from meguri.programmes import queries as programmes
from meguri.programmes.vouchers import operations, queries
from meguri.programmes.vouchers.models import Application, Sale
from meguri.programmes.vouchers.operations import PaperWish, applications, piles, purchases
from meguri.words.actor import Actor
from meguri.words.refusal import Refusal
from tests.programmes.vouchers.conftest import APPLYING, BUYING, CLOSED, Fair, fair
from tests.programmes.vouchers.lived_town import at_once, moment
from tests.programmes.vouchers.test_life import FIRST_COME

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def sale(transactional_db: None) -> Fair:
    return fair(obtaining__rounds__0__units=10).open()


def premium_as_told(sale: Fair) -> int:
    """What the agreement says its funder has carried; the books hold what it really did."""
    found = programmes.agreement(sale.made.programme, "premium", municipality=sale.town.municipality)
    assert found
    return found.shares[0].granted_yen


def premium_in_wallets(sale: Fair) -> int:
    return sale.town.fund(sale.made, "premium").budget.reserved_yen


def buy_twice_at_once(sale: Fair) -> tuple[Actor, list[object]]:
    person = sale.town.person()
    won = sale.won(person, 2)
    answers = at_once(
        lambda: operations.purchase(application=won.application, by=person, at=BUYING),
        lambda: operations.purchase(application=won.application, by=person, at=BUYING),
        lambda: operations.sell_at_counter(application=won.application, by=sale.maker, at=BUYING),
    )
    return person, answers


def unlocked_application(application: UUID, by: Actor) -> Application:
    row = Application.objects.select_related("sale").get(id=application, municipality=by.municipality)
    time.sleep(0.2)  # stands for a busy server
    return row


def test_the_alarm_rings_when_the_applications_lock_is_broken(sale: Fair, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(purchases, "locked_application", unlocked_application)
    person, _ = buy_twice_at_once(sale)
    assert premium_as_told(sale) > premium_in_wallets(sale)
    assert sale.town.held(person) == {
        "paid": 20_000,
        "premium": 6_000,
    }  # the key is the second wall: no yen was doubled


def test_a_win_is_bought_once_by_app_and_counter(sale: Fair) -> None:
    person, answers = buy_twice_at_once(sale)
    bought = [answer for answer in answers if isinstance(answer, operations.Purchased)]
    assert len(bought) == 3, answers
    assert len({answer.posting for answer in bought}) == 1
    assert sorted(answer.replayed for answer in bought) == [False, True, True]
    assert sale.town.held(person) == {"paid": 20_000, "premium": 6_000}
    assert premium_as_told(sale) == premium_in_wallets(sale) == 6_000


def apply_while_closing(sale: Fair) -> tuple[list[object], str]:
    """Somebody presses the button in the last second; the officer closes a moment later."""
    person = sale.town.person()

    def close() -> object:
        time.sleep(0.15)
        return operations.close_applications(sale=sale.sale, by=sale.checker, at=CLOSED)

    answers = at_once(lambda: sale.apply(person, 1, at=moment(8, 17, 14)), close)
    return answers, queries.draw_page(sale.sale, municipality=person.municipality).list_hash


def now_in_the_list(sale: Fair) -> str:
    from meguri.programmes.vouchers import rules
    from meguri.programmes.vouchers.operations.drawing import entries

    return rules.list_hash(entries(Sale.objects.get(id=sale.sale)))


def slow_eligibility(monkeypatch: pytest.MonkeyPatch) -> None:
    judged = applications.require_eligible

    def slowly(*args: object, **more: object) -> object:
        time.sleep(0.4)
        return judged(*args, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(applications, "require_eligible", slowly)


def test_the_alarm_rings_when_applicants_do_not_hold_the_sale(sale: Fair, monkeypatch: pytest.MonkeyPatch) -> None:
    slow_eligibility(monkeypatch)
    monkeypatch.setattr(
        applications, "shared_sale", lambda sale, by: Sale.objects.get(id=sale, municipality=by.municipality)
    )
    _, published = apply_while_closing(sale)
    assert published != now_in_the_list(sale)


def test_whoever_is_still_applying_is_in_the_list_that_is_closed(sale: Fair, monkeypatch: pytest.MonkeyPatch) -> None:
    slow_eligibility(monkeypatch)
    answers, published = apply_while_closing(sale)
    assert isinstance(answers[0], operations.Applied)
    assert published == now_in_the_list(sale)


def test_two_of_one_household_make_one_application(transactional_db: None) -> None:
    shared = fair(obtaining__per="household", obtaining__rounds__0__units=10).open()
    people = [shared.town.person(household="F") for _ in range(4)]
    answers = at_once(*(lambda person=person: shared.apply(person, 1) for person in people))
    codes = sorted(answer.code if isinstance(answer, Refusal) else "applied" for answer in answers)  # type: ignore[union-attr]
    assert codes == ["applied", *["voucher_household_applied"] * 3]


def test_the_last_units_are_sold_once(transactional_db: None) -> None:
    first = fair(**FIRST_COME, obtaining__rounds__0__units=3).open()
    people = [first.town.person() for _ in range(6)]
    answers = at_once(
        *(
            lambda person=person: operations.buy_at_once(sale=first.sale, units=1, by=person, at=BUYING)
            for person in people
        )
    )
    codes = sorted(answer.code if isinstance(answer, Refusal) else "bought" for answer in answers)  # type: ignore[union-attr]
    assert codes == [*["bought"] * 3, *["voucher_sold_out"] * 3]
    assert Application.objects.filter(sale_id=first.sale).aggregate(sold=Sum("units_bought"))["sold"] == 3


def test_one_person_presses_four_times(transactional_db: None) -> None:
    first = fair(**FIRST_COME, obtaining__rounds__0__units=3).open()
    person = first.town.person()
    answers = at_once(*[lambda: operations.buy_at_once(sale=first.sale, units=2, by=person, at=BUYING)] * 4)
    bought = [answer for answer in answers if isinstance(answer, operations.Purchased)]
    assert len(bought) == 4, answers
    assert sum(not answer.replayed for answer in bought) == 1
    used = ledger.balances([first.made.programme], AccountRole.USED, municipality=first.town.municipality)
    assert [balance.amount for balance in used] == [2]


def test_two_officers_draw_at_once(sale: Fair) -> None:
    for _ in range(3):
        sale.apply(sale.town.person(), 5, at=APPLYING)
    operations.close_applications(sale=sale.sale, by=sale.checker, at=CLOSED)
    answers = at_once(
        lambda: operations.draw_lottery(sale=sale.sale, public_value="a", by=sale.checker, at=BUYING),
        lambda: operations.draw_lottery(sale=sale.sale, public_value="b", by=sale.town.system, at=BUYING),
    )
    refusals = [answer for answer in answers if isinstance(answer, Refusal)]
    assert [refusal.code for refusal in refusals] == ["voucher_already_drawn_otherwise"]
    assert queries.draw_page(sale.sale, municipality=sale.town.municipality).agrees


def pile_at_once(sale: Fair) -> list[object]:
    """Two officers enter the same twelve postcards, one from the top, one from the bottom."""
    sale.apply(sale.town.person())  # from then on the ceiling's lot is there; else the first pile to open it goes first
    people = [sale.town.person() for _ in range(12)]

    def enter(order: list[Actor]) -> object:
        wishes = [PaperWish(place, sale.sale, each.party, 1) for place, each in enumerate(order, start=1)]
        return operations.apply_pile(wishes=wishes, only_good=False, by=sale.maker, at=APPLYING)

    return at_once(lambda: enter(people), lambda: enter(people[::-1]))


def test_without_their_turn_two_piles_hold_each_other(sale: Fair, monkeypatch: pytest.MonkeyPatch) -> None:
    """The control: each waits for a line that the other has written, and the server ends one of them."""
    monkeypatch.setattr(piles, "take_turn", lambda _sale: None)
    enter = piles.enter_applicant

    def slowly(*args: object, **more: object) -> object:
        time.sleep(0.05)
        return enter(*args, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(piles, "enter_applicant", slowly)
    answers = pile_at_once(sale)
    assert any(isinstance(answer, OperationalError) for answer in answers), [
        answer if isinstance(answer, Exception) else [str(each.state) for each in answer] for answer in answers
    ]


def test_two_piles_for_one_sale_come_one_after_the_other(sale: Fair) -> None:
    answers = pile_at_once(sale)
    assert sorted(sum(each.state == "taken" for each in answer) for answer in answers) == [0, 12], answers  # type: ignore[attr-defined]
    assert Application.objects.filter(sale=sale.sale).count() == 13
