"""What evidence takes in from outside: the weekly panel of households' spending."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from ninja import Router, Schema

from meguri.evidence import operations
from meguri.faces.api.auth import Bearer
from meguri.faces.entrance.requests import TownRequest

router = Router()


class WeekRow(Schema):
    """A household's week (its Monday): yen spent from the wallet, and otherwise."""

    household: UUID
    week: date
    inside_yen: int
    outside_yen: int


class PanelAsked(Schema):
    rows: list[WeekRow]


class PanelGiven(Schema):
    rows: int


@router.post(
    "/evidence/household-spending", operation_id="evidence_household_spending", response=PanelGiven,
    auth=Bearer("evidence.plan"),
)  # fmt: skip
def household_spending(request: TownRequest, asked: PanelAsked) -> PanelGiven:
    """Take in rows of the panel; a week that is known already is replaced."""
    reports = [operations.SpendingReport(**row.dict()) for row in asked.rows]
    return PanelGiven(rows=operations.import_household_spending(reports, by=request.actor, at=request.at))
