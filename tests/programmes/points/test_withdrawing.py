"""A granted action found wrong: points come back, spent ones become a debt, and later points repay it first."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from meguri.ledger import operations as books
from meguri.ledger import queries as ledger
from meguri.ledger.rules import Account, Leg, Posting
from meguri.ledger.templates import AccountRole
from meguri.notices import queries as notices
from meguri.programmes.points import operations
from meguri.programmes.points.models import ActionRecord
from meguri.words.actor import Actor
from tests.programmes.points.conftest import NOW, Menu
from tests.programmes.vouchers.lived_town import refused

DAY = timedelta(days=1)


def purse(points: Menu, person: Actor) -> dict[int, int]:
    assert person.party is not None
    held = ledger.balances([person.party], AccountRole.WALLET, municipality=points.town.municipality)
    return {each.lot.id: each.amount for each in held}


def debt(points: Menu, person: Actor) -> int:
    assert person.party is not None
    return sum(each.yen for each in ledger.debts([person.party], municipality=points.town.municipality))


def spend_all(points: Menu, person: Actor) -> None:
    assert person.party is not None
    town = points.town.municipality
    shop = Account(points.bus_stop, AccountRole.SHOP)  # any shop will do for the books
    books.open_accounts([shop], municipality=town)
    legs = tuple(
        Leg(Account(person.party, AccountRole.WALLET), shop, yen, (lot,)) for lot, yen in purse(points, person).items()
    )
    books.post(Posting(f"pay:{person.party}:{legs}"[:200], "pay", legs, NOW, "test"), municipality=town)


def withdraw(points: Menu, done: operations.Recorded, **more: Any) -> operations.Recorded:
    wanted: dict[str, Any] = {"by": points.checker, "reason": "歩数計の誤り", "at": NOW + DAY}
    return operations.withdraw_action(record=done.record, **wanted | more)


def test_points_come_back_and_the_day_is_free_again(points: Menu) -> None:
    person = points.town.person()
    before = [points.budget(fund) for fund in ("town", "sponsor")]
    done = points.do(person)
    told = withdraw(points, done)
    assert (told.state, told.granted_yen, purse(points, person), debt(points, person)) == ("withdrawn", 10, {}, 0)
    assert withdraw(points, done).replayed
    assert [points.budget(fund) for fund in ("town", "sponsor")] == before
    again = points.do(person)
    assert again.granted_yen == 10  # the day's single walk may be done anew


def test_spent_points_become_a_debt_that_the_next_points_repay(points: Menu) -> None:
    person = points.town.person()
    done = points.do(person)
    spend_all(points, person)
    withdraw(points, done)
    assert (purse(points, person), debt(points, person)) == ({}, 10)
    later = points.do(person, at=NOW + 2 * DAY)
    assert later.granted_yen == 10
    assert (purse(points, person), debt(points, person)) == ({}, 0)
    words = [each.wording.text_ja for each in notices.inbox(person.party, municipality=points.town.municipality)]
    assert any("次に付くポイントから先にあてます" in each for each in words)
    assert any("うち10円分は" in each for each in words)


def test_only_what_was_granted_can_be_withdrawn_and_not_by_oneself(points: Menu) -> None:
    person = points.town.person()
    done = points.do(person)
    with refused("action_reason_missing"):
        withdraw(points, done, reason=" ")
    with refused("not_allowed"):
        withdraw(points, done, by=person)
    held = points.do(person, "check-up")
    assert held.state == "held"
    with refused("action_record_judged"):
        withdraw(points, held)
    withdraw(points, done)
    with pytest.raises(IntegrityError, match="a_refused_action_says_why"), transaction.atomic():
        ActionRecord.objects.filter(id=done.record).update(reason="")
