"""Settlement: settle the shops up to a cutoff, release the payouts with four eyes, take the bank's file."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from ninja import Router, Schema

from meguri.faces.api.auth import Bearer
from meguri.faces.entrance.requests import TownRequest
from meguri.parties.rules import require
from meguri.settlement import operations, queries

router = Router()


class RunAsked(Schema):
    cutoff: datetime


class RunGiven(Schema):
    settlement: UUID
    cutoff: datetime
    state: str
    statements_count: int
    takings_yen: int
    payouts_count: int
    payouts_yen: int
    pay_on: date | None


class ApproveAsked(Schema):
    """`confirmed_…`: what the approver read in the preview and typed. Another figure than the run's is refused."""

    settlement: UUID
    confirmed_count: int
    confirmed_yen: int


class FileGiven(Schema):
    settlement: UUID
    digest: str
    transfers_count: int
    amount_yen: int
    pay_on: date
    left_out: int


def _given(run: queries.RunView) -> RunGiven:
    return RunGiven(
        settlement=run.id, cutoff=run.cutoff, state=run.state, statements_count=run.statements_count,
        takings_yen=run.takings_yen, payouts_count=run.payouts_count, payouts_yen=run.payouts_yen, pay_on=run.pay_on,
    )  # fmt: skip


@router.post("/settlements", operation_id="settlement_run", response=RunGiven, auth=Bearer("settlement.run"))
def run(request: TownRequest, asked: RunAsked) -> RunGiven:
    """Settle every shop's takings from before the cutoff. Asked again for the same cutoff, it is the same run."""
    return _given(operations.run_settlement(by=request.actor, at=request.at, cutoff=asked.cutoff))


@router.post(
    "/settlements/approve", operation_id="settlement_approve", response=FileGiven,
    auth=Bearer("settlement.approve"),
)  # fmt: skip
def approve(request: TownRequest, asked: ApproveAsked) -> FileGiven:
    """Release a run's payouts: another accountant than the one who ran it."""
    order = operations.approve_payouts(
        by=request.actor, at=request.at, run=asked.settlement, confirmed_count=asked.confirmed_count,
        confirmed_yen=asked.confirmed_yen,
    )  # fmt: skip
    return FileGiven(
        settlement=order.run.id, digest=order.file.digest, transfers_count=order.file.transfers_count,
        amount_yen=order.file.amount_yen, pay_on=order.file.pay_on, left_out=len(order.left_out),
    )  # fmt: skip


class HandOverAsked(Schema):
    """The bank has this settlement's transfer file.

    `year_before`: in the closing period, payouts for nothing but duties of the year that ended are dated into it.
    """

    settlement: UUID
    year_before: bool = False


@router.post(
    "/settlements/hand-over", operation_id="settlement_hand_over", response=RunGiven,
    auth=Bearer("settlement.approve"),
)  # fmt: skip
def hand_over(request: TownRequest, asked: HandOverAsked) -> RunGiven:
    """Say that the bank has the file: what it orders is paid out in the books from now on."""
    return _given(
        operations.mark_sent(
            by=request.actor, at=request.at, run=asked.settlement, year_before=asked.year_before
        )
    )


@router.get("/settlements", operation_id="settlement_list", response=list[RunGiven], auth=Bearer("settlement.see"))
def listing(request: TownRequest) -> list[RunGiven]:
    """Settlements, latest cutoff first."""
    require(request.actor, "settlement.see")  # all of them: a shop's own stand on its page
    return [_given(found) for found in queries.runs(request.actor.municipality)]
