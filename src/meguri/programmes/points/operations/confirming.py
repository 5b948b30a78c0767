"""What others confirm: staff and partners attest an action, or decline it and say why."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Protocol
from uuid import UUID

from django.db import transaction

from meguri.ledger import operations as books
from meguri.ledger.reclaiming import newly_owed
from meguri.notices.operations import send
from meguri.programmes import operations as programmes
from meguri.programmes.points import rules, wording
from meguri.programmes.points.missions import bonuses_with
from meguri.programmes.points.models import ActionPlace, ActionRecord, PhotoAnswer, RecordState
from meguri.programmes.points.offer import require_eligible, source_of
from meguri.programmes.points.operations.granting import Deed, came_back, office, wait_in_line
from meguri.programmes.points.operations.judging import (
    Recorded,
    Shown,
    require_doable,
    require_may_attest,
    require_may_reverse,
    said,
    show,
)
from meguri.programmes.points.operations.missions import hold_agreements, take_back_bonuses
from meguri.programmes.points.operations.photo_answers import answer_photo
from meguri.programmes.points.operations.recording import (
    Due,
    fresh_record,
    recorded,
    recorded_before,
    settle,
    with_bonuses,
)
from meguri.words.actor import Actor


@transaction.atomic
def attest_action(*, record: UUID, by: Actor, at: datetime, photo: UUID | None = None) -> Recorded:
    """Confirm a held action; the points follow. Attesting again is the same; nobody attests their own.

    `photo`: the one that was looked at, where one waits; whoever confirms it has seen it.

    The limits are those of the day on which it was done. Order: the resident's turn, the record, permission (of the
    department, or of the place's host), the photo, the posting, the row, the notice.
    Raises Refusal `action_record_unknown`, `not_allowed`, `action_own_record`, `action_record_judged`,
    `photo_not_this`, `photo_not_seen`,
    `programme_not_launched`, `action_ceiling_reached`, `action_budget_empty`, `shares_exhausted`.
    """
    row, shown = locked_record(record, by=by, at=at)
    if row.state == RecordState.GRANTED:
        return replace(recorded(row, replayed=True), bonuses=bonuses_with([row.id])[row.id])
    require_held(row)
    answer_photo(row, photo, answer=PhotoAnswer.YES, by=by, at=at)
    require_doable(shown, done_at=row.done_at, at=min(at, row.done_at))  # a late look is no late report
    row.confirmed_by, row.confirmed_at = by.party, at
    return _settle(row, shown, by=by, at=at)


@transaction.atomic
def decline_action(
    *, record: UUID, reason: str, by: Actor, at: datetime, photo: UUID | None = None
) -> Recorded:
    """Do not confirm it, and tell the resident why. Raises Refusal as `attest_action`, and `action_reason_missing`."""
    row, shown = locked_record(record, by=by, at=at)
    require_held(row)
    if not reason.strip():
        raise rules.REASON_MISSING.refusal(field="reason")
    answer_photo(row, photo, answer=PhotoAnswer.NO, reason=reason, by=by, at=at)
    row.state, row.reason, row.confirmed_by, row.confirmed_at = RecordState.REFUSED, reason.strip()[:400], by.party, at
    row.save(update_fields=["state", "reason", "confirmed_by", "confirmed_at"])
    words = wording.refused(rules.named(shown.terms), reason=row.reason)
    send(row.resident, words, channel="in_app", topic="point.refused", by=office(row.municipality), at=at)
    return recorded(row)


@transaction.atomic
def withdraw_action(*, record: UUID, reason: str, by: Actor, at: datetime) -> Recorded:
    """A granted action was found wrong: take its points back, and tell the resident why. Withdrawing again is the same.

    What was spent already becomes a debt that later points repay first; what shrank or expired went back by itself and
    is asked for no more. The ceilings that it used are free again.
    Only a checker of the department may: whoever confirmed an action does not undo it alone.
    Order: the resident's turn, the record, permission, the funders' shares (locked before the books, as every grant
    locks them), the posting, the shares of what came back, the row, the notice, the bonuses of missions that it
    completed with others.
    Raises Refusal as `decline_action`, and `action_record_judged` for what was never granted.
    """
    row, shown = locked_record(record, may=require_may_reverse, by=by, at=at)
    if row.state == RecordState.WITHDRAWN:
        return recorded(row, replayed=True)
    if row.state != RecordState.GRANTED or row.posting is None:
        raise rules.RECORD_JUDGED.refusal(state=wording.STATES[row.state])
    if not reason.strip():
        raise rules.REASON_MISSING.refusal(field="reason")
    source = source_of(shown.offer, shown.terms)
    hold_agreements([shown.offer], by=by)
    programmes.hold_shares(agreement=source.agreement, by=by)
    made = books.take_back(
        row.posting, municipality=row.municipality, key=f"withdraw_points:{row.id}", at=at,
        by=str(by.party or by.role), about={"programme": str(row.programme), "action": shown.row.code},
    )  # fmt: skip
    deed = Deed(offer=shown.offer, action=shown.terms, resident=row.resident, record=row.id, on=row.day, by=by)
    back, owed = came_back(made, deed), newly_owed(made.posting, municipality=row.municipality)
    row.state, row.reason = RecordState.WITHDRAWN, reason.strip()[:400]
    row.save(update_fields=["state", "reason"])
    words = wording.withdrawn(
        rules.named(shown.terms), reason=row.reason, back_yen=back, owed_yen=owed,
        gone_yen=row.granted_yen - back - owed,
    )  # fmt: skip
    send(row.resident, words, channel="in_app", topic="point.withdrawn", by=office(row.municipality), at=at)
    take_back_bonuses(row, shown.offer, by=by, at=at)
    return recorded(row)


@transaction.atomic
def attest_at_desk(
    *, action: UUID, resident: UUID, request: UUID, by: Actor, at: datetime, place: UUID | None = None
) -> Recorded:
    """Whoever stands at the desk saw it and records it for the resident, who need not carry a phone.

    `request` as in `record_action`. Order and refusals as `record_action` and `attest_action`.
    """
    shown = show(action, by=by)
    where = ActionPlace.objects.filter(id=place, action=shown.row, closed_at=None).first() if place else None
    if place is not None and where is None:
        raise rules.PLACE_UNKNOWN.refusal(field="place")
    require_may_attest(shown, resident=resident, host=where.host if where else None, by=by)
    wait_in_line([(shown.offer, resident)], at=at)
    if (known := recorded_before(request, shown, resident=resident)) is not None:
        return known
    require_doable(shown, done_at=at, at=at)
    if shown.terms.evidence not in rules.CONFIRMED:
        raise rules.EVIDENCE_MISSING.refusal(
            name=rules.named(shown.terms), evidence=rules.EVIDENCES[shown.terms.evidence]
        )
    require_eligible(shown.offer, resident=resident)
    row = fresh_record(shown, request=request, resident=resident, done_at=at, place=where, at=at)
    row.confirmed_by, row.confirmed_at = by.party, at
    return _settle(row, shown, by=by, at=at)


class _May(Protocol):
    def __call__(self, shown: Shown, *, resident: UUID | None, host: UUID | None, by: Actor) -> None: ...


def locked_record(
    record: UUID, *, may: _May = require_may_attest, by: Actor, at: datetime
) -> tuple[ActionRecord, Shown]:
    """The record, locked behind its resident's turn, as `record_action` locks them; for whoever `may` judge it."""
    known = ActionRecord.objects.filter(id=record, municipality=by.municipality).first()
    if known is None:
        raise rules.RECORD_UNKNOWN.refusal()
    shown = show(known.action_id, by=by)
    wait_in_line([(shown.offer, known.resident)], at=at)
    row = ActionRecord.objects.select_for_update(of=("self",)).select_related("place").get(id=record)
    host = row.place.host if row.place and not row.held_for else None  # what is held is for the department alone
    may(shown, resident=row.resident, host=host, by=by)
    return row, shown


def _settle(row: ActionRecord, shown: Shown, *, by: Actor, at: datetime) -> Recorded:
    """Grant what was confirmed, and write its row."""
    due = Due(row, shown, by)
    (answer,) = settle([due], municipality=by.municipality, at=at)
    made = said(answer)
    row.save()
    return with_bonuses([(due, made)], municipality=by.municipality, at=at)[0]


def require_held(row: ActionRecord) -> None:
    if row.state != RecordState.HELD:
        raise rules.RECORD_JUDGED.refusal(state=wording.STATES[row.state])
