"""Who made what, who judged it, and whether exactly this was approved."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from meguri.parties.models import Approval, Outcome


@dataclass(frozen=True, slots=True)
class ApprovalView:
    """One request for four eyes. `outcome` is empty while it is open."""

    id: UUID
    department: str
    action: str
    object_id: UUID
    digest: str
    made_by: UUID | None
    made_at: datetime
    checked_by: UUID | None
    checked_at: datetime | None
    outcome: str
    note: str


def approval_view(row: Approval) -> ApprovalView:
    return ApprovalView(
        id=row.id, department=row.department, action=row.action, object_id=row.object_id, digest=row.digest,
        made_by=row.made_by, made_at=row.made_at, checked_by=row.checked_by, checked_at=row.checked_at,
        outcome=row.outcome, note=row.note,
    )


def approval(approval_id: UUID, *, municipality: int) -> ApprovalView | None:
    row = Approval.objects.filter(id=approval_id, municipality=municipality).first()
    return approval_view(row) if row else None


def approvals(
    *, municipality: int, object_id: UUID | None = None, department: str | None = None, open_only: bool = False,
    after: UUID | None = None, limit: int = 100,
) -> tuple[ApprovalView, ...]:
    """Requests for approval, newest first; `after` is the last id seen."""
    rows = Approval.objects.filter(municipality=municipality)
    if object_id is not None:
        rows = rows.filter(object_id=object_id)
    if department is not None:
        rows = rows.filter(department=department)
    if open_only:
        rows = rows.filter(outcome="")
    if after is not None:
        rows = rows.filter(id__lt=after)
    return tuple(approval_view(row) for row in rows.order_by("-id")[:limit])


def is_approved(action: str, *, object_id: UUID, digest: str, municipality: int) -> bool:
    """Whether exactly this object, by its digest, was approved for this action: asked again before executing."""
    return Approval.objects.filter(
        municipality=municipality, action=action, object_id=object_id, digest=digest, outcome=Outcome.APPROVED
    ).exists()
