"""Departments and who holds which role in them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Q

from meguri.parties.models import Department, OfficerAppointment
from meguri.words.actor import ActorRole


@dataclass(frozen=True, slots=True)
class DepartmentView:
    id: UUID
    code: str
    name_ja: str
    name_en: str


@dataclass(frozen=True, slots=True)
class AppointmentView:
    """An officer's role for a department in a half-open span."""

    id: UUID
    officer: UUID
    role: ActorRole
    department: str
    valid_from: datetime
    valid_until: datetime | None


def departments(municipality: int) -> tuple[DepartmentView, ...]:
    rows = Department.objects.filter(municipality=municipality).order_by("code")
    return tuple(DepartmentView(id=r.id, code=r.code, name_ja=r.name_ja, name_en=r.name_en) for r in rows)


def officers(*, municipality: int, at: datetime, department: str | None = None) -> tuple[AppointmentView, ...]:
    """The appointments that hold at a moment, of one department or all."""
    rows = OfficerAppointment.objects.select_related("department").filter(
        Q(valid_until=None) | Q(valid_until__gt=at), municipality=municipality, valid_from__lte=at
    )
    if department is not None:
        rows = rows.filter(department__code=department)
    return tuple(_view(row) for row in rows.order_by("id"))


def appointments(officer: UUID, *, municipality: int) -> tuple[AppointmentView, ...]:
    """Every role that one officer has held, holds or will hold, in the order in which they were given."""
    rows = OfficerAppointment.objects.select_related("department").filter(municipality=municipality, officer=officer)
    return tuple(_view(row) for row in rows.order_by("id"))


def _view(row: OfficerAppointment) -> AppointmentView:
    return AppointmentView(
        id=row.id, officer=row.officer, role=ActorRole(row.role), department=row.department.code,
        valid_from=row.valid_from, valid_until=row.valid_until,
    )
