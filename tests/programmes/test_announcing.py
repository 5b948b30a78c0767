"""Who holds value of a programme, or waits for it, hears of a coming amendment once, and once that it was withdrawn."""

from __future__ import annotations

from datetime import date, timedelta
from uuid import UUID, uuid4

import pytest
from django.db import IntegrityError, transaction

from meguri.notices.queries import NoticeView, inbox
from meguri.programmes import operations, queries
from meguri.programmes.models import TermsVersion
from meguri.programmes.operations import Launched
from meguri.programmes.shipped import shipped
from meguri.site import tasks
from meguri.words.actor import Actor, ActorRole
from meguri.words.clock import midnight
from tests.programmes.amended import amend
from tests.programmes.builders import POINT, TownHall
from tests.programmes.test_budgets import refused

START = midnight(date(2025, 12, 1))
CEILING = {"limits.balance_max_yen": 20_000}


@pytest.fixture
def made(hall: TownHall) -> Launched:
    return hall.launch(shipped()[POINT])


@pytest.fixture
def holder(hall: TownHall, made: Launched) -> UUID:
    number = uuid4()
    hall.grant(made, "points", {"town": 700}, holder=number, at=hall.at)
    return number


def told(hall: TownHall, person: UUID) -> list[NoticeView]:
    return [each for each in inbox(person, municipality=hall.municipality) if each.topic == "programme.amended"]


def tell(hall: TownHall, made: Launched, *awaited_by: UUID) -> int:
    by = Actor(hall.municipality, ActorRole.SYSTEM)
    return operations.tell_amendment(programme=made.programme, awaited_by=awaited_by, by=by, at=hall.later(minutes=5))


def test_holders_and_those_who_wait_are_told_once_what_it_means_for_them(
    hall: TownHall, made: Launched, holder: UUID
) -> None:
    waits, stranger = uuid4(), uuid4()
    amend(hall, made.programme, CEILING, starts_at=START)
    assert queries.to_tell(hall.municipality) == (made.programme,)
    assert tell(hall, made, waits, holder) == 2
    assert queries.to_tell(hall.municipality) == ()
    assert tell(hall, made, waits) == 0
    (own,), (other,) = told(hall, holder), told(hall, waits)
    assert own.wording.title_ja == "2025年12月1日から、きまりが変わります"
    assert own.wording.title_en == "The rules change on 1 December 2025"
    assert "変わること: 「お支払いのときに」。それまでは、いまのきまりのままです。" in own.wording.text_ja
    assert "いま持っている分にも、新しいきまりが当てはまります。" in own.wording.text_ja
    assert "changes in this: “When paying”. Until then the rules stay as they are." in own.wording.text_en
    assert "申込みはそのまま有効です。" in other.wording.text_ja
    assert told(hall, stranger) == []


def test_what_rules_at_once_is_told_as_soon_as_it_does_and_once(hall: TownHall, made: Launched, holder: UUID) -> None:
    assert queries.ruling_at_once(made.programme, municipality=hall.municipality) is None, "a launch amends nothing"
    amend(hall, made.programme, CEILING)
    assert queries.announced(hall.municipality) == ()
    one = queries.ruling_at_once(made.programme, municipality=hall.municipality)
    assert one is not None
    assert (one.number, one.rules, one.change.before.limits.balance_max_yen) == (2, True, 10_000)
    assert queries.to_tell(hall.municipality) == (made.programme,)
    waits = uuid4()
    assert tell(hall, made, waits, holder) == 2
    assert queries.to_tell(hall.municipality) == ()
    assert tell(hall, made, waits) == 0
    (own,), (other,) = told(hall, holder), told(hall, waits)
    day = one.first_day
    assert own.wording.title_ja == f"{day.year}年{day.month}月{day.day}日に、きまりが変わりました"
    assert own.wording.title_en == f"The rules changed on {day.day} {day:%B %Y}"
    assert "変わったこと: 「お支払いのときに」。いま持っている分にも、" in own.wording.text_ja
    assert "それまで" not in own.wording.text_ja
    assert "has changed in this: “When paying”." in own.wording.text_en
    assert "申込みはそのまま有効です。" in other.wording.text_ja


def test_what_rules_at_once_and_concerns_nobody_is_told_to_nobody(
    hall: TownHall, made: Launched, holder: UUID
) -> None:
    amend(hall, made.programme, {"funds.0.amount_yen": 2_300_000})
    assert queries.to_tell(hall.municipality) == (made.programme,)
    assert tell(hall, made) == 0
    assert told(hall, holder) == []
    assert queries.to_tell(hall.municipality) == ()


def test_only_an_amendment_counts_as_told(hall: TownHall, made: Launched) -> None:
    rows = TermsVersion.objects.filter(programme=made.programme)
    with pytest.raises(IntegrityError, match="only_approved_terms_are_announced"), transaction.atomic():
        rows.update(announced_at=hall.later(days=1))
    amend(hall, made.programme, CEILING)
    with pytest.raises(IntegrityError, match="only_approved_terms_are_announced"), transaction.atomic():
        rows.filter(number=2).update(announced_at=hall.at - timedelta(days=900))


def test_it_waits_for_the_approval_and_says_nothing_of_what_concerns_nobody(
    hall: TownHall, made: Launched, holder: UUID
) -> None:
    amend(hall, made.programme, {"funds.0.amount_yen": 2_300_000}, starts_at=START)
    assert tell(hall, made) == 0
    assert told(hall, holder) == []
    assert queries.to_tell(hall.municipality) == ()


def test_who_was_told_that_it_comes_is_told_that_it_does_not(hall: TownHall, made: Launched, holder: UUID) -> None:
    amend(hall, made.programme, CEILING, starts_at=START)
    tasks.tell_amendments(municipality=hall.municipality, at=hall.at)
    maker, checker = hall.officer("maker", "planning"), hall.officer("checker", "planning")
    operations.propose_withdrawal(programme=made.programme, note="否決", by=maker, at=hall.later(minutes=1))
    operations.approve_withdrawal(programme=made.programme, by=checker, at=hall.later(minutes=2))
    for _ in range(2):
        tasks.tell_amendments(municipality=hall.municipality, at=hall.later(minutes=3))
    assert [each.wording.title_ja for each in told(hall, holder)] == [
        "きまりの変更は、取りやめになりました", "2025年12月1日から、きまりが変わります",
    ]
    assert queries.announced(hall.municipality) == ()


def test_nobody_is_recalled_who_was_never_told(hall: TownHall, made: Launched, holder: UUID) -> None:
    amend(hall, made.programme, CEILING, starts_at=START)
    maker, checker = hall.officer("maker", "planning"), hall.officer("checker", "planning")
    operations.propose_withdrawal(programme=made.programme, note="否決", by=maker, at=hall.later(minutes=1))
    operations.approve_withdrawal(programme=made.programme, by=checker, at=hall.later(minutes=2))
    tasks.tell_amendments(municipality=hall.municipality, at=hall.later(minutes=3))
    assert told(hall, holder) == []


def test_an_announcement_names_every_value_that_changes(hall: TownHall, made: Launched) -> None:
    amend(hall, made.programme, CEILING | {"name.ja": "新しい名"}, starts_at=START)
    (found,) = queries.announced(hall.municipality)
    assert (found.programme.id, found.number, found.first_day) == (made.programme, 2, date(2025, 12, 1))
    assert found.values()["limits.balance_max_yen"] == (10_000, 20_000)
    assert set(found.values()) == {"limits.balance_max_yen", "name"}


def test_residents_announce_nothing(hall: TownHall, made: Launched) -> None:
    amend(hall, made.programme, CEILING, starts_at=START)
    with refused("not_allowed"):
        by = Actor(hall.municipality, ActorRole.RESIDENT, uuid4())
        operations.tell_amendment(programme=made.programme, awaited_by=(), by=by, at=hall.at)
