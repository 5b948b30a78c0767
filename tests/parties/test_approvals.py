from __future__ import annotations

from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from django.db import IntegrityError, transaction

from meguri.parties import checks, queries
from meguri.parties.models import Approval
from meguri.parties.operations import approve, propose, reject, withdraw
from meguri.parties.rules import digest_of
from meguri.words.actor import Actor, ActorRole
from meguri.words.refusal import Refusal
from tests.parties.conftest import AT, Town

DIGEST = digest_of({"terms": 1})
LATER = AT + timedelta(hours=1)


def proposed(maker: Actor, **more: object) -> tuple[UUID, UUID]:
    """An open approval and its object."""
    thing = uuid4()
    values: dict[str, object] = {"digest": DIGEST, "department": maker.department, **more}
    at = values.pop("at", AT)
    return propose("programme.launch", object_id=thing, by=maker, at=at, **values), thing  # type: ignore[arg-type]


def test_four_eyes_approve_exactly_what_was_proposed(town: Town) -> None:
    maker, checker = town.actor("maker", "commerce"), town.actor("checker", "commerce")
    approval, thing = proposed(maker)
    assert not queries.is_approved("programme.launch", object_id=thing, digest=DIGEST, municipality=1)
    view = approve(approval, DIGEST, by=checker, at=LATER, note="確認しました")
    assert (view.outcome, view.made_by, view.checked_by, view.checked_at, view.note) == (
        "approved", maker.party, checker.party, LATER, "確認しました"
    )
    assert queries.is_approved("programme.launch", object_id=thing, digest=DIGEST, municipality=1)
    assert not queries.is_approved("programme.launch", object_id=thing, digest=digest_of("other"), municipality=1)
    assert queries.approval(approval, municipality=1) == view
    assert queries.approval(approval, municipality=2) is None


def test_a_checker_is_never_the_maker_in_code(town: Town) -> None:
    maker = town.actor("maker", "commerce")
    approval, _ = proposed(maker)
    same_person = Actor(1, ActorRole.CHECKER, maker.party, "commerce")
    for judge in (lambda: approve(approval, DIGEST, by=same_person, at=LATER),
                  lambda: reject(approval, by=same_person, at=LATER, note="x")):
        with pytest.raises(Refusal, match="checker_is_maker"):
            judge()
    assert Approval.objects.get(id=approval).outcome == ""


@pytest.mark.parametrize("outcome", ["approved", "rejected"])
def test_a_checker_is_never_the_maker_in_the_database(outcome: str, town: Town) -> None:
    maker = town.actor("maker", "commerce")
    approval, _ = proposed(maker)
    with pytest.raises(IntegrityError, match="a_checker_is_never_the_maker"), transaction.atomic():
        Approval.objects.filter(id=approval).update(outcome=outcome, checked_by=maker.party, checked_at=LATER)
    assert checks.four_eyes_held(1) == []


@pytest.mark.parametrize(
    "half", [{"outcome": "approved"}, {"checked_by": uuid4()}, {"outcome": "maybe"}, {"checked_at": LATER}]
)
def test_a_half_judgement_cannot_be_written(half: dict[str, object], town: Town) -> None:
    approval, _ = proposed(town.actor("maker", "commerce"))
    with pytest.raises(IntegrityError, match="a_judgement_has_person_and_time"), transaction.atomic():
        Approval.objects.filter(id=approval).update(**half)


def test_a_changed_object_is_not_approved(town: Town) -> None:
    approval, _ = proposed(town.actor("maker", "commerce"))
    with pytest.raises(Refusal, match="digest_differs"):
        approve(approval, digest_of({"terms": 2}), by=town.actor("checker", "commerce"), at=LATER)
    with pytest.raises(IntegrityError, match="an_approval_binds_a_digest"), transaction.atomic():
        Approval.objects.filter(id=approval).update(digest="short")


@pytest.mark.parametrize(
    ("role", "department"),
    [("checker", "welfare"), ("maker", "commerce"), ("accountant", "commerce"), ("operator", "")],
)
def test_only_the_departments_checkers_approve(role: str, department: str, town: Town) -> None:
    approval, _ = proposed(town.actor("maker", "commerce"))
    with pytest.raises(Refusal, match="not_allowed"):
        approve(approval, DIGEST, by=town.actor(role, department), at=LATER)


def test_an_approval_without_a_person_is_none(town: Town) -> None:
    approval, _ = proposed(town.actor("maker", "commerce"))
    with pytest.raises(Refusal, match="checker_is_maker"):
        approve(approval, DIGEST, by=Actor(1, ActorRole.CHECKER, None, "commerce"), at=LATER)


def test_a_judged_approval_is_closed(town: Town) -> None:
    maker, checker = town.actor("maker", "commerce"), town.actor("checker", "commerce")
    approval, _ = proposed(maker)
    reject(approval, by=checker, at=LATER, note="上限が抜けています")
    for again in (lambda: approve(approval, DIGEST, by=checker, at=LATER),
                  lambda: withdraw(approval, by=maker, at=LATER)):
        with pytest.raises(Refusal, match="approval_closed"):
            again()


def test_one_open_request_for_an_object(town: Town) -> None:
    maker = town.actor("maker", "commerce")
    approval, thing = proposed(maker)
    again = {"object_id": thing, "at": AT, "department": "commerce"}
    assert propose("programme.launch", digest=DIGEST, by=maker, **again) == approval  # type: ignore[arg-type]
    for by, digest in ((maker, digest_of("new")), (town.actor("maker", "commerce"), DIGEST)):
        with pytest.raises(Refusal, match="approval_open"):
            propose("programme.launch", digest=digest, by=by, **again)  # type: ignore[arg-type]
    withdraw(approval, by=maker, at=LATER)
    assert propose("programme.launch", digest=DIGEST, by=maker, **again) != approval  # type: ignore[arg-type]


def test_requests_are_listed_newest_first(town: Town) -> None:
    maker = town.actor("maker", "commerce")
    done, thing = proposed(maker)
    withdraw(done, by=maker, at=LATER)
    open_one, _ = proposed(maker, at=LATER)
    other, _ = proposed(town.actor("maker", "welfare"), at=LATER + timedelta(hours=1))
    assert [a.id for a in queries.approvals(municipality=1)] == [other, open_one, done]
    assert [a.id for a in queries.approvals(municipality=1, department="commerce", open_only=True)] == [open_one]
    assert [a.id for a in queries.approvals(municipality=1, object_id=thing)] == [done]
    assert [a.id for a in queries.approvals(municipality=1, after=open_one)] == [done]


def test_a_task_may_propose_and_any_accountant_may_approve(town: Town) -> None:
    thing = uuid4()
    approval = propose("settlement.approve", object_id=thing, digest=DIGEST, by=town.system, at=AT)
    assert approve(approval, DIGEST, by=town.actor("accountant"), at=LATER).made_by is None


def test_an_unknown_request(town: Town) -> None:
    with pytest.raises(Refusal, match="approval_unknown"):
        approve(uuid4(), DIGEST, by=town.actor("checker", "commerce"), at=AT)


def test_a_broken_constraint_would_be_read_back(town: Town) -> None:
    """The nightly check looks at the rows themselves: with the constraint gone it finds the lonely approval."""
    from django.db import connection  # here, because only this test alters a table

    maker = town.actor("maker", "commerce")
    approval, _ = proposed(maker)
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE parties_approval DROP CONSTRAINT a_checker_is_never_the_maker")
    Approval.objects.filter(id=approval).update(outcome="approved", checked_by=maker.party, checked_at=LATER)
    assert checks.four_eyes_held(1) == [f"approval {approval} was checked by its maker"]
    assert checks.four_eyes_held(2) == [], "each town hears of its own"
