"""Work and study in the town: who waits, and an officer's answer; what came in at a desk is written down. No names."""

from __future__ import annotations

from datetime import date
from typing import Literal
from uuid import UUID

from ninja import Router, Schema

from meguri.faces.api.auth import Bearer
from meguri.faces.entrance.commuter_answers import tell
from meguri.faces.entrance.requests import TownRequest
from meguri.parties import operations, queries
from meguri.parties.queries import CommuterView
from meguri.parties.rules import require

router = Router()
PAGE = 100


class CommuterRow(Schema):
    """What a person said, or an officer wrote down for them (`recorded_by`). `last_day` still counts."""

    commuter: UUID
    person: UUID
    kind: str
    state: str
    proof: str
    first_day: date | None
    last_day: date | None
    decided_by: UUID | None
    recorded_by: UUID | None


class Proved(Schema):
    """`proof`: employee_card, student_card, certificate or list. `is_another`: made sure to be nobody known."""

    proof: str
    first_day: date
    last_day: date
    is_another: bool = False


class ConfirmAsked(Proved):
    commuter: UUID


class RecordAsked(Proved):
    """`kind`: work or study; `place`: the name of the workplace or school. Names go into the vault alone."""

    kind: str
    name: str
    birth_date: date
    place: str


@router.get("/commuters", operation_id="commuters_list", response=list[CommuterRow], auth=Bearer("party.see_commuter"))
def listing(
    request: TownRequest, state: Literal["waiting", "confirmed", "refused", "withdrawn"] = "waiting", *,
    after: UUID | None = None,
) -> list[CommuterRow]:
    """Those in a state, a hundred at a time: who waits in the order of coming, all others the newest first."""
    require(request.actor, "party.see_commuter")
    found = queries.commuters(request.actor.municipality, state=state, after=after, limit=PAGE)
    return [_row(each) for each in found]


@router.post(
    "/commuters/confirm", operation_id="commuters_confirm", response=CommuterRow, auth=Bearer("party.confirm_commuter")
)
def confirm(request: TownRequest, asked: ConfirmAsked) -> CommuterRow:
    """Somebody has seen the proof. The person is told."""
    return _told(request, operations.confirm_commuter(
        asked.commuter, proof=asked.proof, first_day=asked.first_day, last_day=asked.last_day,
        is_another=asked.is_another, by=request.actor, at=request.at,
    ))  # fmt: skip


@router.post(
    "/commuters/record", operation_id="commuters_record", response=CommuterRow, auth=Bearer("party.confirm_commuter")
)
def record(request: TownRequest, asked: RecordAsked) -> CommuterRow:
    """Write down for somebody without a phone what they said at a desk, with the paper that was seen."""
    return _told(request, operations.record_commuter(
        kind=asked.kind, place=asked.place, name=asked.name, birth_date=asked.birth_date, proof=asked.proof,
        first_day=asked.first_day, last_day=asked.last_day, is_another=asked.is_another, by=request.actor,
        at=request.at,
    ))  # fmt: skip


def _told(request: TownRequest, answer: CommuterView) -> CommuterRow:
    tell(request, answer)
    return _row(answer)


def _row(each: CommuterView) -> CommuterRow:
    return CommuterRow(
        commuter=each.id, person=each.person, kind=each.kind, state=each.state, proof=each.proof,
        first_day=each.first_day, last_day=each.last_day, decided_by=each.decided_by, recorded_by=each.recorded_by,
    )
