"""Withdrawing seen from both ends: what it will take back before, and how a debt came and went afterwards."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest

from meguri.ledger import operations as books
from meguri.notices import queries as notices
from meguri.programmes import operations as programmes
from meguri.programmes.points import debts
from meguri.programmes.points.debts import TakingBack
from meguri.words.actor import Actor
from tests.programmes.points.conftest import NOW, Menu, menu
from tests.programmes.points.test_withdrawing import debt, purse, spend_all, withdraw
from tests.programmes.vouchers.lived_town import refused

DAY = timedelta(days=1)


def ahead(points: Menu, record: object) -> TakingBack:
    found = debts.found_record(record, municipality=points.town.municipality)  # type: ignore[arg-type]
    return debts.taking_back(found, municipality=points.town.municipality)


def lines(points: Menu, person: Actor) -> list[tuple[str, int, str]]:
    assert person.party is not None
    found = debts.debt_lines(person.party, municipality=points.town.municipality)
    return [(each.kind, each.yen, each.reason) for each in found]


@pytest.mark.parametrize("keep", [10, 4, 1, 0])
def test_what_was_foretold_is_what_happens(points: Menu, keep: int) -> None:
    person = points.town.person()
    done = points.do(person)
    if keep < 10:
        spend_all(points, person, keep=keep)
    told = ahead(points, done.record)
    assert (told.back_yen + told.owed_yen, told.debt_yen) == (10, 0)
    before = sum(purse(points, person).values())
    withdraw(points, done)
    assert before - sum(purse(points, person).values()) == told.back_yen
    assert debt(points, person) == told.owed_yen


def test_later_points_stand_in_for_spent_ones_of_the_same_fund(points: Menu) -> None:
    """Spent is spent, but the wallet's other money of the same fund and purse is taken: yen of a lot have no names."""
    person = points.town.person()
    done = points.do(person)
    spend_all(points, person)
    points.do(person, at=NOW + DAY)
    assert ahead(points, done.record) == TakingBack(back_yen=10, owed_yen=0, debt_yen=0)
    other = points.do(person, at=NOW + 2 * DAY)
    spend_all(points, person)
    withdraw(points, done)
    assert ahead(points, other.record) == TakingBack(back_yen=0, owed_yen=10, debt_yen=10)


def test_a_debt_tells_how_it_came_and_what_made_it_smaller(points: Menu) -> None:
    person = points.town.person()
    done = points.do(person)
    spend_all(points, person)
    withdraw(points, done, reason="歩数計の誤り")
    assert lines(points, person) == [("withdraw_points", 10, "歩数計の誤り")]
    points.do(person, at=NOW + 2 * DAY)
    assert lines(points, person) == [("grant_points", -10, ""), ("withdraw_points", 10, "歩数計の誤り")]
    (earned, lost) = debts.debt_lines(person.party, municipality=points.town.municipality)  # type: ignore[arg-type]
    assert (earned.action, lost.action) == (lost.action, earned.action)
    assert earned.action is not None
    assert earned.action.ja == "1日5,000歩あるく"
    assert earned.day == (NOW + 2 * DAY).date()


def test_what_came_back_whole_never_was_a_debt(points: Menu) -> None:
    person = points.town.person()
    withdraw(points, points.do(person))
    assert lines(points, person) == []
    assert person.party is not None
    assert debts.debt_yen(person.party, municipality=points.town.municipality) == 0


def test_what_the_town_lets_go_stands_there_too(points: Menu) -> None:
    person = points.town.person()
    done = points.do(person)
    spend_all(points, person)
    withdraw(points, done)
    assert person.party is not None
    books.forgive_debt(
        holder=person.party, fund=points.made.funds["town"], yen=7, municipality=points.town.municipality,
        key="forgive", at=NOW + 3 * DAY, by="test", about={},
    )  # fmt: skip
    assert lines(points, person)[0] == ("forgive_debt", -7, "")
    assert debts.debt_yen(person.party, municipality=points.town.municipality) == 3


def test_records_are_found_by_action_day_and_state(points: Menu) -> None:
    person, town = points.town.person(), points.town.municipality
    walked = points.do(person)
    rode = points.ride(person, at=NOW + DAY)
    held = points.do(person, "check-up")
    withdraw(points, walked)

    def found(**more: object) -> set[object]:
        rows = debts.found_records(points.made.programme, municipality=town, **more)  # type: ignore[arg-type]
        return {each.id for each in rows}

    assert found() == {walked.record, rode.record, held.record}
    assert found(action="bus") == {rode.record}
    assert found(day=NOW.date()) == {walked.record, held.record}
    assert found(state="withdrawn") == {walked.record}
    assert found(action="walk", state="granted") == set()
    assert len(found(limit=1)) == 1
    assert ahead(points, held.record) == TakingBack(0, 0, 0)
    with refused("action_record_unknown"):
        debts.found_record(uuid4(), municipality=town)


@pytest.mark.django_db
@pytest.mark.parametrize(("spent", "expected"), [(0, TakingBack(6, 0, 0, 4)), (2, TakingBack(4, 2, 0, 4))])
def test_what_shrank_is_foretold_not_owed_and_said(spent: int, expected: TakingBack) -> None:
    """Ten yen shrink by half: the town's seven lose three, the sponsor's three lose one."""
    points = menu(demurrage={"every_days": 30, "rate_bp": 5_000})
    person = points.town.person()
    done = points.do(person)
    later = NOW + 40 * DAY
    run = programmes.shrink_programme(programme=points.made.programme, by=points.town.system, at=later)
    assert run.amount_yen == 4 == 10 - sum(purse(points, person).values())
    if spent:
        spend_all(points, person, keep=6 - spent)
    assert ahead(points, done.record) == expected
    withdraw(points, done, at=later)
    assert (sum(purse(points, person).values()), debt(points, person)) == (0, expected.owed_yen)
    assert person.party is not None
    (told, *_) = notices.inbox(person.party, municipality=points.town.municipality)
    assert "4円分は減価や期限切れですでに町に戻っているため、お返しは要りません。" in told.wording.text_ja
    assert "4 yen had gone back to the town already" in told.wording.text_en
    assert ("もう使われていたため" in told.wording.text_ja) == (spent > 0)
