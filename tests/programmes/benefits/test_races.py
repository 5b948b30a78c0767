"""Many at once on a real server. Where a lock of this room matters, the race is first seen with the lock broken."""

from __future__ import annotations

import time
from uuid import UUID

import pytest
from django.db import IntegrityError

from meguri.programmes import queries as programmes
from meguri.programmes.benefits import operations
from meguri.programmes.benefits.models import BenefitList, Entitlement
from meguri.programmes.benefits.operations import importing, paying
from meguri.words.actor import Actor
from meguri.words.refusal import Refusal
from tests.programmes.benefits.conftest import PAYING, Desk, csv_of, desk
from tests.programmes.vouchers.lived_town import at_once, moment

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def welfare(transactional_db: None) -> Desk:
    return desk()


def pay_twice_at_once(welfare: Desk) -> list[object]:
    rows = [welfare.family() for _ in range(3)]
    made = welfare.decided(rows)
    for row in rows:
        welfare.choose(row, "local_money")
    return at_once(
        lambda: operations.disburse(benefit_list=made, by=welfare.checker, at=PAYING),
        lambda: operations.disburse(benefit_list=made, by=welfare.town.system, at=PAYING),
    )


def carried(welfare: Desk) -> int:
    found = programmes.agreement(welfare.made.programme, "benefit", municipality=welfare.town.municipality)
    assert found
    return found.shares[0].granted_yen


def test_the_alarm_rings_when_two_runs_do_not_wait(welfare: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    def unlocked_list(benefit_list: UUID, by: Actor) -> BenefitList:
        return BenefitList.objects.get(id=benefit_list, municipality=by.municipality)

    digest = paying.digest_now

    def slowly(kept: BenefitList) -> str:
        found = digest(kept)
        time.sleep(0.3)
        return found

    def unlocked_shares(agreement: UUID, amounts: object, *, by: Actor) -> object:
        found = shares(agreement, amounts, by=by)  # type: ignore[arg-type]
        time.sleep(0.3)
        return found

    shares = paying._shares
    monkeypatch.setattr(paying, "locked_list", unlocked_list)
    monkeypatch.setattr(paying, "digest_now", slowly)
    monkeypatch.setattr(paying, "_shares", unlocked_shares)
    monkeypatch.setattr(Entitlement.objects, "select_for_update", Entitlement.objects.all, raising=False)
    pay_twice_at_once(welfare)
    assert carried(welfare) == 60_000  # two runs believed they paid; the key of each entitlement let only one
    assert welfare.budget() == 8_000_000 - 30_000


def test_two_runs_at_once_pay_each_once(welfare: Desk) -> None:
    answers = pay_twice_at_once(welfare)
    runs = [answer for answer in answers if isinstance(answer, operations.Disbursed)]
    assert sorted(run.to_wallets for run in runs) == [0, 3], answers
    assert carried(welfare) == 30_000 == 8_000_000 - welfare.budget()


def import_overlapping(welfare: Desk) -> list[object]:
    shared, first, second = welfare.family(), welfare.family(), welfare.family()
    return at_once(
        lambda: welfare.take_in([shared, first]),
        lambda: welfare.take_in([second, shared]),
    )


def test_the_alarm_rings_when_imports_do_not_wait(welfare: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    judge = importing.judge_list

    def slowly(*args: object, **more: object) -> object:
        found = judge(*args, **more)  # type: ignore[arg-type]
        time.sleep(0.3)
        return found

    monkeypatch.setattr(importing, "judge_list", slowly)
    monkeypatch.setattr(importing, "_one_at_a_time", lambda _: None)
    answers = import_overlapping(welfare)
    assert [type(answer) for answer in answers if isinstance(answer, IntegrityError)] == [IntegrityError]


def test_overlapping_lists_entitle_each_person_once(welfare: Desk) -> None:
    answers = import_overlapping(welfare)
    refusals = [answer for answer in answers if isinstance(answer, Refusal)]
    assert [refusal.code for refusal in refusals] == ["benefit_list_has_faults"]
    assert Entitlement.objects.filter(programme=welfare.made.programme).count() == 2


def test_the_same_file_sent_twice_at_once_is_one_list(welfare: Desk) -> None:
    row = welfare.family()
    answers = at_once(*[lambda: welfare.take_in([row], content=csv_of([row]))] * 3)
    lists = {answer.benefit_list for answer in answers if isinstance(answer, operations.Imported)}
    assert len(lists) == 1, answers
    assert sum(answer.replayed for answer in answers if isinstance(answer, operations.Imported)) == 2


def test_choosing_and_paying_at_once_pays_one_way(transactional_db: None) -> None:
    from datetime import date

    early = desk(obtaining__paid_on=date(2025, 10, 31))
    row = early.family()
    made = early.decided([row])
    early.choose(row, "bank")
    last_hour = moment(10, 31, 14)
    at_once(
        lambda: early.choose(row, "local_money", at=last_hour),
        lambda: operations.disburse(benefit_list=made, by=early.checker, at=last_hour),
    )
    paid = sum(early.town.held(row[1]).values()) + early.town.owed(row[1])
    assert paid == early.entitled(row).amount_yen + early.entitled(row).bonus_yen
    assert early.seen(row).receipt == ("local_money" if early.town.held(row[1]) else "bank")
