"""Officers come and go; the last checker of a department stays. The race is shown with the lock off first."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from django.db import IntegrityError, connection, transaction

from meguri.parties import checks, operations, queries
from meguri.parties.models import Department, OfficerAppointment
from meguri.parties.operations import appoint, end_appointment, officers
from meguri.vault.queries import login_of
from meguri.words.actor import Actor, ActorRole
from meguri.words.refusal import Refusal
from tests.parties.conftest import AT, Town

LATER = AT + timedelta(days=30)


def test_the_last_checker_of_a_department_cannot_leave(town: Town) -> None:
    _, first = town.officer("checker")
    other, second = town.officer("checker")
    town.officer("checker", "welfare")
    end_appointment(first, by=town.system, at=LATER)
    with pytest.raises(Refusal) as no:
        end_appointment(second, by=town.system, at=LATER)
    assert (no.value.code, no.value.facts["department"]) == ("last_checker_stays", "commerce課")
    assert [a.officer for a in queries.officers(municipality=1, department="commerce", at=LATER)] == [other.party]


def test_makers_and_analysts_may_leave(town: Town) -> None:
    for role in ("maker", "analyst"):
        _, appointment = town.officer(role)
        end_appointment(appointment, by=town.system, at=LATER)
    assert queries.officers(municipality=1, at=LATER) == ()


def test_a_successor_whose_time_is_over_by_then_does_not_count(town: Town) -> None:
    _, leaving = town.officer("checker")
    appoint(officer=uuid4(), role=ActorRole.CHECKER, department="commerce", by=town.system, at=AT, valid_until=LATER)
    with pytest.raises(Refusal, match="last_checker_stays"):
        end_appointment(leaving, by=town.system, at=AT, valid_until=LATER)
    with pytest.raises(Refusal, match="last_checker_stays"):  # there is one for a while, but nobody afterwards
        end_appointment(leaving, by=town.system, at=AT, valid_until=LATER - timedelta(seconds=1))


def test_one_person_with_two_appointments_is_still_one_checker(town: Town) -> None:
    checker, leaving = town.officer("checker")
    assert checker.party is not None
    with pytest.raises(Refusal, match="already_appointed"):
        appoint(officer=checker.party, role=ActorRole.CHECKER, department="commerce", by=town.system, at=AT)
    with pytest.raises(Refusal, match="last_checker_stays"):
        end_appointment(leaving, by=town.system, at=LATER)


def test_nobody_decides_about_the_own_role(town: Town) -> None:
    checker, _ = town.officer("checker")
    assert checker.party is not None
    with pytest.raises(Refusal, match="not_oneself"):
        appoint(officer=checker.party, role=ActorRole.MAKER, department="commerce", by=checker, at=AT)
    with pytest.raises(IntegrityError, match="nobody_appoints_oneself"), transaction.atomic():
        OfficerAppointment.objects.create(
            id=uuid4(), municipality=1, officer=checker.party, role="maker", valid_from=AT, appointed_at=AT,
            department=Department.objects.get(code="commerce"), appointed_by=checker.party,
        )


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"role": ActorRole.CLERK}, "role_unsuitable"),
        ({"department": "harbour"}, "department_unknown"),
        ({"valid_until": AT}, "appointment_span_wrong"),
    ],
)
def test_what_cannot_be_appointed(change: dict[str, object], code: str, town: Town) -> None:
    values: dict[str, object] = {"officer": uuid4(), "role": ActorRole.MAKER, "department": "commerce", **change}
    with pytest.raises(Refusal, match=code):
        appoint(by=town.system, at=AT, **values)  # type: ignore[arg-type]


def test_a_checker_appoints_in_the_own_department_only(town: Town) -> None:
    checker, _ = town.officer("checker")
    appoint(officer=uuid4(), role=ActorRole.MAKER, department="commerce", by=checker, at=AT)
    with pytest.raises(Refusal, match="not_allowed"):
        appoint(officer=uuid4(), role=ActorRole.MAKER, department="welfare", by=checker, at=AT)
    _, foreign = town.officer("maker", "welfare")
    with pytest.raises(Refusal, match="not_allowed"):
        end_appointment(foreign, by=checker, at=LATER)


def test_an_appointment_that_is_unknown_or_over_cannot_end(town: Town) -> None:
    _, appointment = town.officer("maker")
    end_appointment(appointment, by=town.system, at=LATER)
    for unknown in (appointment, uuid4()):
        with pytest.raises(Refusal, match="appointment_unknown"):
            end_appointment(unknown, by=town.system, at=LATER)


def test_enrolling_makes_login_role_and_link(town: Town) -> None:
    enrolled = operations.enrol_officer(
        email="aoki@town.example", role=ActorRole.MAKER, department="commerce", by=town.system, at=AT
    )
    login = login_of(enrolled.party, municipality=1)
    assert login is not None
    assert (login.email, login.seen) == ("aoki@town.example", False)
    shown = queries.invitation(enrolled.token, municipality=1, at=AT)
    assert shown is not None
    assert (shown.role, shown.place_ja) == (ActorRole.MAKER, "commerce課")
    accepted = operations.accept_invitation(enrolled.token, by=Actor(1, ActorRole.VISITOR), at=AT)
    assert (accepted.party, accepted.role) == (enrolled.party, ActorRole.MAKER)


@pytest.mark.parametrize(
    ("email", "name", "code"),
    [("", "青木", "officer_email_wrong"), ("aoki", "青木", "officer_email_wrong"),
     ("a b@town.example", "青木", "officer_email_wrong"), ("a@town", "青木", "officer_email_wrong"),
     ("a" * 250 + "@b.jp", "青木", "officer_email_wrong"), ("aoki@town.example", "名" * 101, "officer_name_missing")],
)
def test_nobody_is_enrolled_without_an_address_that_can_be_written_to(
    town: Town, email: str, name: str, code: str
) -> None:
    before = queries.officers(municipality=1, at=AT)
    with pytest.raises(Refusal, match=code):
        operations.enrol_officer(
            email=email, name=name, role=ActorRole.MAKER, department="commerce", by=town.system, at=AT
        )
    assert queries.officers(municipality=1, at=AT) == before


def test_departments_are_listed_and_renamed(town: Town) -> None:
    operations.open_department(code="commerce", name_ja="産業振興課", name_en="Industry", by=town.system, at=AT)
    assert next((d.code, d.name_ja) for d in queries.departments(1)) == ("commerce", "産業振興課")
    assert len(queries.departments(1)) == 3


def test_a_department_without_a_checker_rings_the_alarm_a_month_ahead(town: Town) -> None:
    town.officer("maker")
    assert checks.departments_can_approve(1, AT) == ["department commerce has no checker on 2026-10-01"]
    appoint(
        officer=uuid4(), role=ActorRole.CHECKER, department="commerce", by=town.system, at=AT,
        valid_until=AT + timedelta(days=10),
    )
    assert checks.departments_can_approve(1, AT) == ["department commerce has no checker on 2026-10-31"]
    town.officer("checker")
    assert checks.departments_can_approve(1, AT) == []


@pytest.fixture
def two_checkers(transactional_db: None) -> tuple[UUID, UUID]:
    """The only two checkers of a department, committed, so that two connections can see them."""
    town = Town().open()
    return town.officer("checker")[1], town.officer("checker")[1]


@pytest.mark.parametrize("locked", [False, True])
def test_two_checkers_who_let_each_other_go_at_once(
    *, locked: bool, two_checkers: tuple[UUID, UUID], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Control: with the lock off both leave, and the department has nobody. With the lock one of them stays."""
    together = threading.Barrier(2, timeout=10)
    count = officers._require_successors

    def count_together(*args: object, **when: object) -> None:
        count(*args, **when)  # type: ignore[arg-type]
        if not locked:
            together.wait()  # both have counted before either one writes: the widest window there is

    def without_lock(code: str, municipality: int) -> Department:
        return Department.objects.get(code=code, municipality=municipality)

    monkeypatch.setattr(officers, "_require_successors", count_together)
    if not locked:
        monkeypatch.setattr(officers, "_lock_department", without_lock)

    def leave(appointment: UUID) -> str:
        try:
            end_appointment(appointment, by=Actor(1, ActorRole.SYSTEM), at=LATER)
        except Refusal as no:
            return no.code
        finally:
            connection.close()
        return "left"

    with ThreadPoolExecutor(2) as pool:
        outcomes = sorted(pool.map(leave, two_checkers))
    remaining = queries.officers(municipality=1, department="commerce", at=LATER)
    if locked:
        assert (outcomes, len(remaining)) == (["last_checker_stays", "left"], 1)
    else:
        assert (outcomes, len(remaining)) == (["left", "left"], 0), "the alarm must ring without the lock"
