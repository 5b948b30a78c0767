"""Officers hold roles for a while. Whoever approves last in a department stays until another one can."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from uuid import UUID

from django.db import transaction
from django.db.models import Q, QuerySet

from meguri.parties.models import Department, OfficerAppointment
from meguri.parties.operations.members import make_invitation
from meguri.parties.rules import OFFICER_ROLES, Both, gaps, require
from meguri.vault.operations import make_login, seal
from meguri.vault.rules import Field
from meguri.words.actor import Actor, ActorRole
from meguri.words.ids import uuid7
from meguri.words.refusal import declare

DEPARTMENT_UNKNOWN = declare(
    "department_unknown", status=404,
    ja="課「{department}」は登録されていません。", en="There is no department “{department}”.",
)
NOT_ONESELF = declare(
    "not_oneself", status=403,
    ja="自分の役割を自分で決めることはできません。ほかの承認者か運営に頼んでください。",
    en="Nobody decides about their own role. Please ask another checker or the operator.",
)
ROLE_UNSUITABLE = declare(
    "role_unsuitable", status=422,
    ja="「{role}」は職員の役割ではありません。", en="“{role}” is not a role of an officer.",
)
ALREADY_APPOINTED = declare(
    "already_appointed",
    ja="この職員は、その期間にはすでに同じ役割についています。", en="This officer already holds the role in that time.",
)
APPOINTMENT_UNKNOWN = declare(
    "appointment_unknown", status=404,
    ja="この任命は見つからないか、すでに終わっています。", en="This appointment is unknown or has ended.",
)
APPOINTMENT_SPAN_WRONG = declare(
    "appointment_span_wrong", status=422,
    ja="役割の終わりは、始まりより後にしてください。", en="A role must end after it begins.",
)
LAST_CHECKER_STAYS = declare(
    "last_checker_stays",
    ja="{department}の最後の承認者です。先に次の承認者を決めてください。",
    en="This is the last checker of {department}. Please appoint the next one first.",
)
TWO_ACCOUNTANTS_STAY = declare(
    "two_accountants_stay",
    ja="{department:ja}には出納が二人要ります(締める人と認める人)。先に次の出納を決めてください。",
    en="{department:en} needs two accountants: one runs a settlement, another approves it. "
       "Please appoint the next one first.",
)
LAST_OPERATOR_STAYS = declare(
    "last_operator_stays",
    ja="最後の運営です。いなくなると、どの課の役割も決められなくなることがあります。先に次の運営を決めてください。",
    en="This is the last operator; without one, roles may become impossible to give. "
       "Please appoint the next one first.",
)
OFFICER_NAME_MISSING = declare(
    "officer_name_missing", status=422,
    ja="職員の氏名を{most}文字以内で書いてください。",
    en="Please write the officer's name in at most {most} characters.",
)
NAME_MOST = 100
OFFICER_EMAIL_WRONG = declare(
    "officer_email_wrong", status=422,
    ja="メールアドレスを name@example.jp のように、254文字以内で書いてください。",
    en="Please write the e-mail address like name@example.jp, in at most 254 characters.",
)
EMAIL = re.compile(r"(?=.{3,254}\Z)[^@\s]+@[^@\s]+\.[^@\s]+")


@dataclass(frozen=True, slots=True)
class Enrolled:
    """A new officer: the pseudonym, the appointment, and the token of the link that sets the first password."""

    party: UUID
    appointment: UUID
    token: str


def open_department(*, code: str, name_ja: str, name_en: str, by: Actor, at: datetime) -> UUID:
    """Have a department; the same code again renames it. Raises Refusal `not_allowed`."""
    require(by, "party.appoint", department=code)
    row, _ = Department.objects.update_or_create(
        municipality=by.municipality, code=code, defaults={"name_ja": name_ja, "name_en": name_en},
        create_defaults={"id": uuid7(at), "name_ja": name_ja, "name_en": name_en},
    )
    return row.id


def _lock_department(code: str, municipality: int) -> Department:
    """The department's row, held to the end of the transaction: who comes and who leaves is decided one by one."""
    found = Department.objects.select_for_update().filter(municipality=municipality, code=code).first()
    if found is None:
        raise DEPARTMENT_UNKNOWN.refusal(department=code)
    return found


def holding(rows: QuerySet[OfficerAppointment], at: datetime) -> QuerySet[OfficerAppointment]:
    """Those appointments that hold at a moment (half-open spans)."""
    return rows.filter(Q(valid_until=None) | Q(valid_until__gt=at), valid_from__lte=at)


@transaction.atomic
def appoint(
    *, officer: UUID, role: ActorRole, department: str, by: Actor, at: datetime, valid_from: datetime | None = None,
    valid_until: datetime | None = None,
) -> UUID:
    """Give an officer a role for a department from `valid_from` (default: now) until before `valid_until`.

    Raises Refusal `not_allowed`, `not_oneself`, `role_unsuitable`, `appointment_span_wrong`, `department_unknown`,
    `already_appointed`.
    """
    require(by, "party.appoint", department=department)
    start = valid_from or at
    if by.party == officer:
        raise NOT_ONESELF.refusal()
    if role not in OFFICER_ROLES:
        raise ROLE_UNSUITABLE.refusal(role=str(role))
    if valid_until is not None and valid_until <= start:
        raise APPOINTMENT_SPAN_WRONG.refusal(field="valid_until")
    room = _lock_department(department, by.municipality)
    same = OfficerAppointment.objects.filter(department=room, officer=officer, role=role)
    if same.filter(Q(valid_until=None) | Q(valid_until__gt=start), *_starts_before(valid_until)).exists():
        raise ALREADY_APPOINTED.refusal()
    row = OfficerAppointment.objects.create(
        id=uuid7(at), municipality=by.municipality, officer=officer, role=role, department=room, valid_from=start,
        valid_until=valid_until, appointed_by=by.party, appointed_at=at,
    )
    return row.id


def _starts_before(until: datetime | None) -> list[Q]:
    return [] if until is None else [Q(valid_from__lt=until)]


@transaction.atomic
def end_appointment(
    appointment: UUID, *, by: Actor, at: datetime, valid_until: datetime | None = None
) -> None:
    """End a role at `valid_until` (default: now).

    Order: lock the department, read the appointment, then count who could still approve. Two checkers who let each
    other go at the same moment meet at the lock, and the second one is refused.
    Raises Refusal `not_allowed`, `appointment_unknown`, `last_checker_stays`, `two_accountants_stay`,
    `last_operator_stays`.
    """
    found = OfficerAppointment.objects.filter(id=appointment, municipality=by.municipality).first()
    if found is None:
        raise APPOINTMENT_UNKNOWN.refusal()
    code = Department.objects.get(id=found.department_id).code
    require(by, "party.appoint", department=code)
    if found.role == ActorRole.OPERATOR:  # the town's operators are counted together, so all their rooms are held
        list(Department.objects.select_for_update().filter(municipality=by.municipality).order_by("id"))
    room = _lock_department(code, by.municipality)
    end = max(valid_until or at, at)
    row = OfficerAppointment.objects.filter(id=appointment).filter(Q(valid_until=None) | Q(valid_until__gt=end)).first()
    if row is None or end <= row.valid_from:
        raise APPOINTMENT_UNKNOWN.refusal()
    _require_successors(room, row, end=end)
    row.valid_until, row.ended_by = end, by.party
    row.save(update_fields=["valid_until", "ended_by"])


def _require_successors(room: Department, row: OfficerAppointment, *, end: datetime) -> None:
    """Whoever stays must be enough from `end` for as long as the appointment would have gone on.

    A colleague whose own days are counted counts only until then: two who end one after the other leave nobody.
    """
    kept = OfficerAppointment.objects.filter(municipality=row.municipality, role=row.role).exclude(id=row.id)
    if row.role != ActorRole.OPERATOR:
        kept = kept.filter(department=room)
    spans = list(kept.values_list("valid_from", "valid_until"))
    missing = partial(gaps, spans, start=end, end=row.valid_until)
    if row.role == ActorRole.CHECKER and missing(least=1):
        raise LAST_CHECKER_STAYS.refusal(department=room.name_ja)
    if row.role == ActorRole.ACCOUNTANT and missing(least=2):
        raise TWO_ACCOUNTANTS_STAY.refusal(department=Both(room.name_ja, room.name_en))
    if row.role == ActorRole.OPERATOR and missing(least=1):
        raise LAST_OPERATOR_STAYS.refusal()


def reinvite_officer(appointment: UUID, *, by: Actor, at: datetime) -> str:
    """A new link for an officer who lost password or factor; the caller closes the old ways in.

    Raises Refusal `appointment_unknown`, `not_allowed`, `not_oneself`.
    """
    rows = OfficerAppointment.objects.select_related("department").filter(municipality=by.municipality)
    found = holding(rows, at).filter(id=appointment).first()
    if found is None:
        raise APPOINTMENT_UNKNOWN.refusal()
    require(by, "party.appoint", department=found.department.code)
    if by.party == found.officer:
        raise NOT_ONESELF.refusal()
    return make_invitation(role=ActorRole(found.role), by=by, at=at, appointment_id=appointment)


@transaction.atomic
def enrol_officer(
    *, email: str, role: ActorRole, department: str, by: Actor, at: datetime, name: str = ""
) -> Enrolled:
    """A new officer with a login by e-mail, a first role, and a link to set the password; the name goes to the vault.

    Raises Refusal as `appoint`, and `officer_email_wrong`, `officer_name_missing`, `login_taken`.
    """
    party = uuid7(at)
    if not EMAIL.fullmatch(email.strip()):
        raise OFFICER_EMAIL_WRONG.refusal(field="email")
    if len(name.strip()) > NAME_MOST:
        raise OFFICER_NAME_MISSING.refusal(field="name", most=NAME_MOST)
    appointment = appoint(officer=party, role=role, department=department, by=by, at=at)
    make_login(municipality=by.municipality, party=party, at=at, email=email)
    if name.strip():
        seal(party, {Field.NAME: name.strip()}, by=by, at=at)
    token = make_invitation(role=role, by=by, at=at, appointment_id=appointment)
    return Enrolled(party=party, appointment=appointment, token=token)


def name_officer(appointment: UUID, *, name: str, by: Actor, at: datetime) -> None:
    """Write an officer's name into the vault; whoever reads it gives a reason, and that is logged.

    Raises Refusal `appointment_unknown`, `not_allowed`, `officer_name_missing`.
    """
    rows = OfficerAppointment.objects.select_related("department").filter(municipality=by.municipality)
    found = rows.filter(id=appointment).first()
    if found is None:
        raise APPOINTMENT_UNKNOWN.refusal()
    require(by, "party.appoint", department=found.department.code)
    if not 1 <= len(name.strip()) <= NAME_MOST:
        raise OFFICER_NAME_MISSING.refusal(field="name", most=NAME_MOST)
    seal(found.officer, {Field.NAME: name.strip()}, by=by, at=at)
