"""Two people act at the same moment. Each test runs first with the lock off, and then the harm must be seen."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import IntegrityError, connection
from django.db.models import QuerySet

from meguri.parties import queries
from meguri.parties.models import Approval, Household, Invitation, Resident, ShopMember
from meguri.parties.operations import (
    accept_invitation,
    approvals,
    approve,
    end_membership,
    invite_member,
    join_shop,
    members,
    propose,
    register_residents,
    residents,
)
from meguri.parties.rules import digest_of
from meguri.words.actor import Actor, ActorRole
from meguri.words.refusal import Refusal
from tests.parties.conftest import AT, Town, entry

pytestmark = pytest.mark.django_db(transaction=True)
DIGEST = digest_of({"terms": 1})


@pytest.fixture
def open_town(transactional_db: None) -> Town:
    """A committed town, so that two connections see it."""
    return Town().open()


def at_once(*works: Callable[[], object]) -> list[str]:
    """Run the works in threads of their own; each outcome is `done`, a refusal's code, or `constraint`."""

    def run(work: Callable[[], object]) -> str:
        try:
            work()
        except Refusal as no:
            return no.code
        except IntegrityError:
            return "constraint"
        finally:
            connection.close()
        return "done"

    with ThreadPoolExecutor(len(works)) as pool:
        return sorted(pool.map(run, works))


@pytest.mark.parametrize("locked", [False, True])
def test_two_checkers_judge_one_request_at_once(
    *, locked: bool, open_town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    maker, thing = open_town.actor("maker", "commerce"), uuid4()
    approval = propose("programme.launch", object_id=thing, digest=DIGEST, by=maker, at=AT, department="commerce")
    together = threading.Barrier(2, timeout=10)

    def without_lock(wanted: Any, municipality: int) -> Approval:
        found = Approval.objects.get(id=wanted, municipality=municipality)
        together.wait()
        return found

    if not locked:
        monkeypatch.setattr(approvals, "_locked", without_lock)
    checkers = [open_town.actor("checker", "commerce") for _ in range(2)]
    outcomes = at_once(*(lambda by=by: approve(approval, DIGEST, by=by, at=AT) for by in checkers))  # type: ignore[misc]
    assert outcomes == (["approval_closed", "done"] if locked else ["done", "done"])


@pytest.mark.parametrize("locked", [False, True])
def test_one_invitation_opened_by_two_people_at_once(
    *, locked: bool, open_town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop = open_town.shop()
    token = invite_member(role=ActorRole.CLERK, shop=shop, by=open_town.system, at=AT)
    together = threading.Barrier(2, timeout=10)
    enter = members._enter

    def slowly(found: Invitation, **more: Any) -> Any:
        together.wait()  # both have found the invitation unused
        return enter(found, **more)

    if not locked:
        plain = Invitation.objects.all()
        monkeypatch.setattr(type(plain), "select_for_update", lambda self, **_: self)
        monkeypatch.setattr(members, "_enter", slowly)
    people = [open_town.actor("visitor") for _ in range(2)]
    outcomes = at_once(*(lambda by=by: accept_invitation(token, by=by, at=AT) for by in people))  # type: ignore[misc]
    assert outcomes == (["done", "invitation_unknown"] if locked else ["done", "done"])
    assert ShopMember.objects.count() == (1 if locked else 2)


@pytest.mark.parametrize("locked", [False, True])
def test_one_register_file_imported_twice_at_once(
    *, locked: bool, open_town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    open_town.residents(entry("first", "H-first"))  # leaves the town key's mark, for which the two would queue
    file = [entry(str(number), f"H{number}") for number in range(20)]
    together = threading.Barrier(2, timeout=10)
    find = residents.find_many

    def slowly(*args: Any, **more: Any) -> Any:
        found = find(*args, **more)
        together.wait()  # both have looked before either one writes
        return found

    if not locked:
        monkeypatch.setattr(residents, "_lock_register", lambda _: None)
        monkeypatch.setattr(residents, "find_many", slowly)
    outcomes = at_once(*(lambda: register_residents(file, by=open_town.system, at=AT) for _ in range(2)))
    assert outcomes == ["done", "done"]
    assert Resident.objects.count() - 1 == (20 if locked else 40)


def test_the_same_proposal_twice_at_once_is_one(open_town: Town) -> None:
    maker, thing = open_town.actor("maker", "commerce"), uuid4()

    def ask(by: Actor) -> object:
        return propose("programme.launch", object_id=thing, digest=DIGEST, by=by, at=AT, department="commerce")

    assert at_once(*(lambda: ask(maker) for _ in range(4))) == ["done"] * 4
    assert len(queries.approvals(municipality=1, object_id=thing)) == 1
    other = open_town.actor("maker", "commerce")
    assert at_once(lambda: ask(other), lambda: ask(maker)) == ["approval_open", "done"]


def test_one_person_joins_one_shop_once_however_often_at_once(open_town: Town) -> None:
    shop, member = open_town.shop(), uuid4()

    def join() -> None:
        members.join_shop(shop, member=member, role=ActorRole.CLERK, by=open_town.system, at=AT)

    assert at_once(*(join for _ in range(4))) == ["done"] * 4
    assert ShopMember.objects.count() == 1


@pytest.mark.parametrize("locked", [False, True])
def test_two_owners_who_let_each_other_go_at_once_leave_one(
    *, locked: bool, open_town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Control: without the shop's lock both count two owners, and nobody is left who answers for the shop."""
    shop, owners = open_town.shop(), [uuid4(), uuid4()]
    for owner in owners:
        join_shop(shop, member=owner, role=ActorRole.OWNER, by=open_town.system, at=AT)
    together, count = threading.Barrier(2, timeout=10), members._require_another

    def count_together(*asked: Any, **more: Any) -> None:
        count(*asked, **more)
        if not locked:
            together.wait()

    monkeypatch.setattr(members, "_require_another", count_together)
    if not locked:
        monkeypatch.setattr(QuerySet, "select_for_update", lambda self, **_: self)

    def let_go(by: UUID, other: UUID) -> None:
        owner = open_town.actor("owner", party=by, shop=shop)
        end_membership(member=other, shop=shop, by=owner, at=AT + timedelta(hours=1))

    first, second = owners
    outcomes = at_once(lambda: let_go(first, second), lambda: let_go(second, first))
    left = queries.shop_members(shop, municipality=1)
    assert (outcomes, len(left)) == ((["done", "last_owner_stays"], 1) if locked else (["done", "done"], 0))


def test_two_spellings_of_one_household_imported_at_once_are_one_household(open_town: Town) -> None:
    files = ([entry("1", "H1")], [entry("2", "Ｈ１")])
    assert at_once(*(lambda file=file: open_town.residents(*file) for file in files)) == ["done", "done"]  # type: ignore[misc]
    assert Household.objects.count() == 1
    assert Resident.objects.count() == 2
