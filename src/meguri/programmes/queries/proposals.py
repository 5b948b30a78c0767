"""What companies proposed, and what became of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from meguri.programmes.models import ActionProposal


@dataclass(frozen=True, slots=True)
class ProposalView:
    """An action that a company proposed. `action`: its code in the document once taken; `reason`: why declined."""

    id: UUID
    programme: UUID
    department: str
    sponsor: UUID
    name_ja: str
    name_en: str
    yen: int
    first_day: date
    last_day: date
    place: str
    evidence: str
    state: str
    proposed_at: datetime
    reason: str
    action: str


def proposals(
    municipality: int, *, sponsor: UUID | None = None, department: str = "", state: str = "", limit: int = 100
) -> tuple[ProposalView, ...]:
    """The newest first; of one company, or for one department's programmes."""
    rows = ActionProposal.objects.filter(municipality=municipality).select_related("programme")
    if sponsor is not None:
        rows = rows.filter(sponsor=sponsor)
    if department:
        rows = rows.filter(programme__department=department)
    if state:
        rows = rows.filter(state=state)
    return tuple(_view(row) for row in rows.order_by("-id")[:limit])


def proposal(number: UUID, *, municipality: int) -> ProposalView | None:
    row = ActionProposal.objects.filter(id=number, municipality=municipality).select_related("programme").first()
    return _view(row) if row else None


def _view(row: ActionProposal) -> ProposalView:
    return ProposalView(
        id=row.id, programme=row.programme_id, department=row.programme.department, sponsor=row.sponsor,
        name_ja=row.name_ja, name_en=row.name_en, yen=row.yen, first_day=row.first_day, last_day=row.last_day,
        place=row.place, evidence=row.evidence, state=row.state, proposed_at=row.proposed_at, reason=row.reason,
        action=row.action,
    )  # fmt: skip
