"""Recording actions: the evidence is looked at, and either points follow at once or somebody must confirm first.

One person's deed and a thousand people's go the same way: what the decisions need is read once for all, each deed is
judged by itself, and the locks that others wait for are held for one batch and not for each deed.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from django.db import transaction

from meguri.notices.operations import send_many
from meguri.notices.rules import Wording
from meguri.programmes.points import rules, wording
from meguri.programmes.points.mission_rules import Bonus
from meguri.programmes.points.missions import bonuses_with
from meguri.programmes.points.models import ActionPlace, ActionRecord, RecordState
from meguri.programmes.points.offer import Offer
from meguri.programmes.points.operations.granting import Deed, Granted, grant, make_lots, office, wait_in_line
from meguri.programmes.points.operations.judging import (
    Case,
    Recorded,
    Report,
    Shown,
    allowed,
    hold_twice,
    judge,
    judge_eligible,
    open_cases,
    said,
)
from meguri.programmes.points.operations.missions import (
    Counted,
    bonus_deeds,
    give_bonuses,
    hold_agreements,
    hold_all_agreements,
)
from meguri.words.actor import Actor
from meguri.words.ids import uuid7
from meguri.words.period import day_of
from meguri.words.refusal import Refusal


@dataclass(frozen=True, slots=True)
class Due:
    """A record that may be granted now, with its action; `by` lets it be."""

    row: ActionRecord
    shown: Shown
    by: Actor


def record_action(
    *, action: UUID, request: UUID, by: Actor, at: datetime, code: str = "", place: UUID | None = None,
    done_at: datetime | None = None, resident: UUID | None = None,
) -> Recorded:
    """Record that somebody did an action (see `Report`). Actions that others confirm are held until `attest_action`.

    Raises Refusal `action_unknown`, `not_allowed`, `programme_not_launched`, `action_too_early`, `action_closed`,
    `action_evidence_missing`, `action_code_wrong`, `action_done_in_future`, `action_too_long_ago`,
    `action_resident_unknown`, `commuter_unconfirmed`, `action_not_eligible`, `action_record_differs`,
    `action_ceiling_reached`, `action_budget_empty`, `shares_exhausted`.
    """
    report = Report(action, request, by, code, place, done_at, resident)
    with transaction.atomic():
        (answer,) = record_actions([report], municipality=by.municipality, at=at)
        return said(answer)


def record_actions(reports: Sequence[Report], *, municipality: int, at: datetime) -> list[Recorded | Refusal]:
    """Record many, each with an answer of its own, in order; refusals as `record_action`.

    What one person did more than once, or one request says twice, is judged one after the other, each in a round and a
    transaction of its own: later deeds meet the limits as the earlier ones left them.
    Order in a round: permission, the actions' terms, the residents' turns, the records seen before, evidence,
    eligibility, what looks like the same deed twice, the postings, the rows, the notices.
    """
    answers: dict[int, Recorded | Refusal] = {}
    turns = rounds(reports)
    if len(turns) > 1:
        _hold_all(reports, municipality=municipality, at=at)
    for places in turns:
        round_ = [reports[place] for place in places]
        answers |= zip(places, _one_round(round_, municipality=municipality, at=at), strict=True)
    return [answers[place] for place in range(len(reports))]


def rounds(reports: Sequence[Report]) -> list[list[int]]:
    """The places of the reports, so that in no round a person or a request stands twice."""
    found: list[list[int]] = []
    turns: Counter[tuple[str, UUID | None]] = Counter()  # the first round in which each may stand
    for place, report in enumerate(reports):
        names = (("person", report.person), ("request", report.request))
        turn = max(turns[name] for name in names)
        turns |= dict.fromkeys(names, turn + 1)
        if turn == len(found):
            found.append([])
        found[turn].append(place)
    return found


@transaction.atomic
def _hold_all(reports: Sequence[Report], *, municipality: int, at: datetime) -> None:
    """Where the rounds share a transaction, all lines, lots and shares are taken before the first, in one order.

    Else the second round would make a lot while the first one's shares are held, and whoever makes that lot at this
    moment may be waiting for those shares. Where each round has its own transaction this holds nothing.
    """
    cases = allowed(reports, answers={}, municipality=municipality, at=at)
    judge(cases, at=at)
    dues = [Due(_row_of(case, at=at), case.shown, case.report.by) for case in open_cases(cases)]
    if dues:
        wait_in_line(((due.shown.offer, due.row.resident) for due in dues), at=at)
        _make_lots(dues, municipality=municipality, at=at)
        hold_all_agreements(_offers(dues), by=dues[0].by)


@transaction.atomic
def _one_round(reports: Sequence[Report], *, municipality: int, at: datetime) -> list[Recorded | Refusal]:
    answers: dict[UUID, Recorded | Refusal] = {}
    cases = allowed(reports, answers=answers, municipality=municipality, at=at)
    if cases:
        wait_in_line(((case.shown.offer, case.person) for case in cases), at=at)
        _answer_again(cases, municipality=municipality)
        judge(open_cases(cases), at=at)
        judge_eligible(open_cases(cases))
        hold_twice(open_cases(cases))
        _settle(open_cases(cases), municipality=municipality, at=at)
    answers |= {case.report.request: case.answer for case in cases if case.answer is not None}
    return [answers[report.request] for report in reports]


def fresh_record(
    shown: Shown, *, request: UUID, resident: UUID, done_at: datetime, place: ActionPlace | None, at: datetime
) -> ActionRecord:
    """The row of a deed, held until it is granted."""
    return ActionRecord(
        id=uuid7(at), municipality=shown.offer.municipality, request=request, programme=shown.offer.programme,
        action=shown.row, resident=resident, done_at=done_at, day=day_of(done_at), evidence=shown.terms.evidence,
        place=place, asked_yen=shown.terms.yen, state=RecordState.HELD,
    )


def _row_of(case: Case, *, at: datetime) -> ActionRecord:
    return fresh_record(
        case.shown, request=case.report.request, resident=case.person, done_at=case.done_at, place=case.place, at=at
    )


def settle(dues: Sequence[Due], *, municipality: int, at: datetime) -> list[Recorded | Refusal]:
    """Grant what each deed earns and note it on its row, which the caller writes; tell the residents.

    No resident stands among them twice (see `granting.grant`).
    """
    answers: list[Recorded | Refusal] = []
    notices = []
    if any(due.shown.offer.granting.missions for due in dues):
        _make_lots(dues, municipality=municipality, at=at)
        hold_agreements(_offers(dues), by=dues[0].by)
    for due, granted in zip(dues, grant(_deeds(dues), municipality=municipality, at=at), strict=True):
        if isinstance(granted, Refusal):
            answers.append(granted)
            continue
        row = due.row
        row.state, row.posting, row.granted_yen = RecordState.GRANTED, granted.posting, granted.yen
        row.asked_yen = due.shown.terms.yen
        row.cut_by = granted.cut_by.name if granted.cut_by else ""
        answers.append(recorded(row))
        notices.append((row.resident, _wording(due.shown, granted=granted)))
    send_many(notices, channel="in_app", topic="point.granted", by=office(municipality), at=at)
    return answers


def _deeds(dues: Sequence[Due]) -> list[Deed]:
    return [
        Deed(offer=due.shown.offer, action=due.shown.terms, resident=due.row.resident, record=due.row.id,
             on=due.row.day, by=due.by)
        for due in dues
    ]  # fmt: skip


def _offers(dues: Sequence[Due]) -> list[Offer]:
    return list({due.shown.offer.programme: due.shown.offer for due in dues}.values())


def _make_lots(dues: Sequence[Due], *, municipality: int, at: datetime) -> None:
    """Those of the deeds, and of the bonuses that they might complete."""
    bonuses = bonus_deeds([Counted(due.shown.offer, due.row, due.by) for due in dues])
    make_lots([*_deeds(dues), *bonuses], municipality=municipality, at=at)


def with_bonuses(
    answers: Sequence[tuple[Due, Recorded]], *, municipality: int, at: datetime
) -> list[Recorded]:
    """The answers with what the missions gave that these deeds completed; their rows are written."""
    counted = [Counted(due.shown.offer, due.row, due.by) for due, _ in answers]
    given: dict[UUID, list[Bonus]] = defaultdict(list)
    for each in give_bonuses(counted, municipality=municipality, at=at):
        given[each.record].append(each)
    return [replace(answer, bonuses=tuple(given[answer.record])) for _, answer in answers]


def recorded(row: ActionRecord, *, replayed: bool = False) -> Recorded:
    return Recorded(
        record=row.id, state=row.state, asked_yen=row.asked_yen, granted_yen=row.granted_yen, cut_by=row.cut_by,
        posting=row.posting, replayed=replayed,
    )


def recorded_before(request: UUID, shown: Shown, *, resident: UUID) -> Recorded | None:
    """The answer that this request got before, if it is the same request. Raises Refusal `action_record_differs`."""
    row = ActionRecord.objects.filter(request=request, municipality=shown.offer.municipality).first()
    if row is None:
        return None
    return said(_again(row, action=shown.row.id, resident=resident, bonuses=bonuses_with([row.id])[row.id]))


def _again(
    row: ActionRecord, *, action: UUID, resident: UUID, bonuses: tuple[Bonus, ...]
) -> Recorded | Refusal:
    if (row.action_id, row.resident) != (action, resident):
        return rules.RECORD_DIFFERS.refusal()
    return replace(recorded(row, replayed=True), bonuses=bonuses)


def _answer_again(cases: Sequence[Case], *, municipality: int) -> None:
    """What was asked before gets the answer that it got then."""
    wanted = [case.report.request for case in cases]
    rows = {row.request: row for row in ActionRecord.objects.filter(request__in=wanted, municipality=municipality)}
    bonuses = bonuses_with([row.id for row in rows.values()])
    for case in cases:
        if case.report.request in rows:
            row = rows[case.report.request]
            case.answer = _again(row, action=case.shown.row.id, resident=case.person, bonuses=bonuses[row.id])


def _settle(cases: Sequence[Case], *, municipality: int, at: datetime) -> None:
    """Grant, or hold what others must confirm, and write the rows."""
    if not cases:
        return
    rows = [_row_of(case, at=at) for case in cases]
    dues = []
    for case, row in zip(cases, rows, strict=True):
        row.steps, row.drawn, row.held_for = case.report.steps, case.drawn, case.held_for
        if case.report.attested and not case.held_for:
            row.confirmed_by, row.confirmed_at = case.report.by.party, at
        if row.held_for or (case.shown.terms.evidence in rules.CONFIRMED and not case.report.attested):
            case.answer = recorded(row)
        else:
            dues.append((case, Due(row, case.shown, case.report.by)))
    answers = settle([due for _, due in dues], municipality=municipality, at=at) if dues else []
    for (case, _), answer in zip(dues, answers, strict=True):
        case.answer = answer
    ActionRecord.objects.bulk_create(
        row for case, row in zip(cases, rows, strict=True) if isinstance(case.answer, Recorded)
    )
    granted = [(case, due, case.answer) for case, due in dues if isinstance(case.answer, Recorded)]
    told = with_bonuses([(due, answer) for _, due, answer in granted], municipality=municipality, at=at)
    for (case, _, _), answer in zip(granted, told, strict=True):
        case.answer = answer


def _wording(shown: Shown, *, granted: Granted) -> Wording:
    ends = granted.expires_at
    return wording.granted(
        rules.named(shown.terms), yen=granted.yen, cut_by=granted.cut_by.words if granted.cut_by else None,
        until=rules.said_last_day(ends) if ends else None, repaid_yen=granted.repaid_yen,
    )
