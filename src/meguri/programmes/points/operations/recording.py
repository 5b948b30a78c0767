"""Recording an action: the evidence is looked at, and either points follow at once or somebody must confirm first."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet

from meguri.notices.operations import send
from meguri.parties.rules import require
from meguri.programmes.parts import Action as ActionTerms
from meguri.programmes.parts import Evidence
from meguri.programmes.points import rules, wording
from meguri.programmes.points.models import Action, ActionPlace, ActionRecord, RecordState
from meguri.programmes.points.offer import Offer, find_offer, require_eligible, require_running
from meguri.programmes.points.operations.granting import Deed, Granted, grant, office, wait_in_line
from meguri.programmes.points.operations.opening import find_open_action
from meguri.programmes.rules import expires_at
from meguri.words.actor import Actor
from meguri.words.ids import uuid7
from meguri.words.period import day_of


@dataclass(frozen=True, slots=True)
class Recorded:
    """What came of it: `granted_yen` of `asked_yen`, less if the limit `cut_by` bit. `replayed`: recorded before."""

    record: UUID
    state: str
    asked_yen: int
    granted_yen: int
    cut_by: str
    posting: UUID | None
    replayed: bool


@dataclass(frozen=True, slots=True)
class Shown:
    """An action as it is being recorded: the row, its programme and its terms."""

    row: Action
    offer: Offer
    terms: ActionTerms


@transaction.atomic
def record_action(
    *, action: UUID, request: UUID, by: Actor, at: datetime, code: str = "", place: UUID | None = None,
    done_at: datetime | None = None, resident: UUID | None = None,
) -> Recorded:
    """Record that somebody did an action. `request` is the id under which the caller asks: the same is done once.

    `code` is what the place shows; `place` says where, for actions that a partner confirms; `done_at` reports an
    earlier day, whose limits then count. Actions that others confirm are held until `attest_action`.
    Order: permission, the action's terms, evidence, eligibility, the resident's turn, the record seen before, the
    posting, the row, the notice. Raises Refusal `action_unknown`, `not_allowed`, `programme_not_launched`,
    `action_too_early`, `action_closed`, `action_evidence_missing`, `action_code_wrong`, `action_done_in_future`,
    `action_too_long_ago`, `action_resident_unknown`, `action_not_eligible`, `action_record_differs`,
    `action_ceiling_reached`, `action_budget_empty`, `shares_exhausted`.
    """
    person = resident or by.party
    require(by, "action.record", owner=person)
    assert person is not None  # noqa: S101 - a permission of scope OWN has an owner
    shown = show(action, by=by)
    wait_in_line(shown.offer, resident=person, at=at)
    if (known := recorded_before(request, shown, resident=person)) is not None:
        return known
    moment = done_at or at
    found = _judge(shown, code=code, place=place, done_at=moment, at=at)
    require_eligible(shown.offer, resident=person)
    row = fresh_record(shown, request=request, resident=person, done_at=moment, place=found, at=at)
    if shown.terms.evidence in rules.CONFIRMED:
        row.save(force_insert=True)
        return recorded(row)
    return settle(row, shown, by=by, at=at)


def show(action: UUID, *, by: Actor) -> Shown:
    """The action with its programme. Raises Refusal `action_unknown`."""
    row = find_open_action(action, municipality=by.municipality)
    offer = find_offer(row.programme, municipality=by.municipality)
    return Shown(row, offer, rules.find_action(offer.granting, row.code))


def require_doable(shown: Shown, *, done_at: datetime, at: datetime) -> None:
    """The programme runs, the action is open, and the day may still be reported."""
    require_running(shown.offer)
    rules.require_reportable(done_at, at=at)
    rules.require_open(shown.terms, shown.offer.granting, at=done_at)
    if shown.row.closed_at is not None and done_at >= shown.row.closed_at:
        raise rules.ACTION_CLOSED.refusal(name=rules.named(shown.terms))


def fresh_record(
    shown: Shown, *, request: UUID, resident: UUID, done_at: datetime, place: ActionPlace | None, at: datetime
) -> ActionRecord:
    """The row of a deed, held until it is granted."""
    return ActionRecord(
        id=uuid7(at), municipality=shown.offer.municipality, request=request, programme=shown.offer.programme,
        action=shown.row, resident=resident, done_at=done_at, day=day_of(done_at), evidence=shown.terms.evidence,
        place=place, asked_yen=shown.terms.yen, state=RecordState.HELD,
    )


def settle(row: ActionRecord, shown: Shown, *, by: Actor, at: datetime) -> Recorded:
    """Grant what the deed earns, write it on its row, tell the resident."""
    deed = Deed(offer=shown.offer, action=shown.terms, resident=row.resident, record=row.id, on=row.day)
    granted = grant(deed, by=by, at=at)
    row.state, row.posting, row.granted_yen = RecordState.GRANTED, granted.posting, granted.yen
    row.asked_yen = shown.terms.yen
    row.cut_by = granted.cut_by.name if granted.cut_by else ""
    row.save()
    _tell(row, shown, granted=granted, at=at)
    return recorded(row)


def recorded(row: ActionRecord, *, replayed: bool = False) -> Recorded:
    return Recorded(
        record=row.id, state=row.state, asked_yen=row.asked_yen, granted_yen=row.granted_yen, cut_by=row.cut_by,
        posting=row.posting, replayed=replayed,
    )


def recorded_before(request: UUID, shown: Shown, *, resident: UUID) -> Recorded | None:
    """The answer that this request got before, if it is the same request."""
    row = ActionRecord.objects.filter(request=request, municipality=shown.offer.municipality).first()
    if row is None:
        return None
    if (row.action_id, row.resident) != (shown.row.id, resident):
        raise rules.RECORD_DIFFERS.refusal()
    return recorded(row, replayed=True)


def _judge(
    shown: Shown, *, code: str, place: UUID | None, done_at: datetime, at: datetime
) -> ActionPlace | None:
    """Whether the evidence is there; gives the place where it was shown."""
    require_doable(shown, done_at=done_at, at=at)
    if shown.terms.evidence is Evidence.PLACE_CODE:
        return _shown_place(shown, code=code, at=at)
    if place is None:
        return None
    found = _open_places(shown).filter(id=place).first()
    if found is None:
        raise rules.PLACE_UNKNOWN.refusal(field="place")
    return found


def _shown_place(shown: Shown, *, code: str, at: datetime) -> ActionPlace:
    if not code.strip():
        raise rules.EVIDENCE_MISSING.refusal(
            field="code", name=rules.named(shown.terms), evidence=rules.EVIDENCES[shown.terms.evidence]
        )
    name, token = rules.split_code(code)
    found = _open_places(shown).filter(code=name).first()
    if found is None or not rules.is_shown(
        token, secret=found.secret, code=found.code, rotating=found.rotating, at=at
    ):
        raise rules.CODE_WRONG.refusal(field="code")
    return found


def _open_places(shown: Shown) -> QuerySet[ActionPlace]:
    return ActionPlace.objects.filter(action=shown.row, closed_at=None)


def _tell(row: ActionRecord, shown: Shown, *, granted: Granted, at: datetime) -> None:
    ends = expires_at(shown.offer.terms.expiry, obtained_at=at)
    words = wording.granted(
        rules.named(shown.terms), yen=granted.yen, cut_by=granted.cut_by.words if granted.cut_by else None,
        until=rules.said_last_day(ends) if ends else None, repaid_yen=granted.repaid_yen,
    )
    send(row.resident, words, channel="in_app", topic="point.granted", by=office(row.municipality), at=at)
