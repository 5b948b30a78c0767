"""Money that sponsors announced: what is to come, what is late, what came."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from meguri.programmes.models import SponsorDeposit


@dataclass(frozen=True, slots=True)
class DepositView:
    """One announced sum. `state`: announced, late, arrived or withdrawn, as of the day that was asked for."""

    id: UUID
    fund: UUID
    programme: UUID
    department: str
    yen: int
    due_on: date
    arrived_on: date | None
    announced_at: datetime
    state: str


def deposits(
    municipality: int, *, on: date, funds: Iterable[UUID] | None = None, open_only: bool = False
) -> tuple[DepositView, ...]:
    """The soonest due first; of some funds, or of all."""
    rows = SponsorDeposit.objects.filter(municipality=municipality).select_related("fund__programme")
    if funds is not None:
        rows = rows.filter(fund_id__in=list(funds))
    if open_only:
        rows = rows.filter(recorded_at=None, withdrawn_at=None)
    return tuple(_view(row, on=on) for row in rows.order_by("due_on", "id"))


def _view(row: SponsorDeposit, *, on: date) -> DepositView:
    state = "late" if row.due_on < on else "announced"
    if row.withdrawn_at is not None:
        state = "withdrawn"
    if row.recorded_at is not None:
        state = "arrived"
    return DepositView(
        id=row.id, fund=row.fund_id, programme=row.fund.programme_id, department=row.fund.programme.department,
        yen=row.yen, due_on=row.due_on, arrived_on=row.arrived_on, announced_at=row.announced_at, state=state,
    )
