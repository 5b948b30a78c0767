"""A granted action found wrong: points come back, spent ones become a debt, and later points repay it first."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import uuid4

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


def spend_all(points: Menu, person: Actor, *, keep: int = 0) -> None:
    """Everything but `keep` yen, which stay of the money that is spent last."""
    assert person.party is not None
    town = points.town.municipality
    shop = Account(points.bus_stop, AccountRole.SHOP)  # any shop will do for the books
    books.open_accounts([shop], municipality=town)
    held = dict(sorted(purse(points, person).items()))
    for lot in reversed(held):
        kept = min(keep, held[lot])
        held[lot], keep = held[lot] - kept, keep - kept
    legs = tuple(
        Leg(Account(person.party, AccountRole.WALLET), shop, yen, (lot,)) for lot, yen in held.items() if yen
    )
    books.post(Posting(f"pay:{uuid4()}", "pay", legs, NOW, "test"), municipality=town)


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


@pytest.mark.parametrize(("kept", "owed"), [(10, 0), (4, 6), (0, 10)])
def test_whoever_loses_points_hears_what_came_back_and_what_is_owed(points: Menu, kept: int, owed: int) -> None:
    person = points.town.person()
    done = points.do(person)
    if owed:
        spend_all(points, person, keep=kept)
    withdraw(points, done, reason="歩" * 401)
    assert debt(points, person) == owed
    (told, _) = notices.inbox(person.party, municipality=points.town.municipality)
    assert f"{kept}円分を財布から戻しました" in told.wording.text_ja
    assert (f"残りの{owed}円分は" in told.wording.text_ja) == (owed > 0)
    assert (f"{owed} yen were spent already" in told.wording.text_en) == (owed > 0)
    assert told.wording.text_ja.endswith("歩" * 400)
    assert ActionRecord.objects.get(id=done.record).reason == "歩" * 400


def test_a_debt_is_repaid_by_as_much_as_is_earned_and_no_more(points: Menu) -> None:
    """The town alone paid the check-up and is owed 500 yen. A walk is 7 yen of the town's and 3 of the sponsor's."""
    person = points.town.person()
    checked = points.do(person, "check-up")
    granted = operations.attest_action(record=checked.record, by=points.maker, at=NOW)
    spend_all(points, person)
    withdraw(points, granted)
    assert debt(points, person) == 500
    points.do(person, at=NOW + 2 * DAY)
    assert (debt(points, person), sum(purse(points, person).values())) == (493, 3)
    assert (points.budget("town"), points.budget("sponsor")) == (2_100_000 - 500, 900_000 - 3)


def test_only_what_was_granted_can_be_withdrawn_and_not_by_oneself(points: Menu) -> None:
    person = points.town.person()
    done = points.do(person)
    with refused("action_reason_missing"):
        withdraw(points, done, reason=" ")
    for other in (person, points.maker, points.town.officer("checker", "commerce"), points.clerk(points.bus_stop)):
        with refused("not_allowed"):
            withdraw(points, done, by=other)
    held = points.do(person, "check-up")
    assert held.state == "held"
    with refused("action_record_judged"):
        withdraw(points, held)
    withdraw(points, done)
    with pytest.raises(IntegrityError, match="a_refused_action_says_why"), transaction.atomic():
        ActionRecord.objects.filter(id=done.record).update(reason="")
