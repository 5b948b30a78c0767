"""Whether a deed counts: who may say so, whether the action is open, the evidence there and the person eligible.

Many reports are judged at once: what the decisions need is read once for all, and each gets an answer of its own.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import TypeVar
from uuid import UUID

from meguri.parties.rules import require
from meguri.programmes.parts import Action as ActionTerms
from meguri.programmes.parts import Evidence
from meguri.programmes.points import rules
from meguri.programmes.points.mission_rules import Bonus
from meguri.programmes.points.models import Action, ActionPlace, ActionRecord, RecordState
from meguri.programmes.points.offer import Offer, facts_for, find_offer, require_eligible_with, require_running
from meguri.programmes.points.step_rules import TOO_FEW
from meguri.words.actor import Actor
from meguri.words.period import day_of
from meguri.words.refusal import Refusal

Answer = TypeVar("Answer")


@dataclass(frozen=True, slots=True)
class Recorded:
    """What came of it: `granted_yen` of `asked_yen`, less if the limit `cut_by` bit. `replayed`: recorded before.

    `bonuses`: of the missions that it completed.
    """

    record: UUID
    state: str
    asked_yen: int
    granted_yen: int
    cut_by: str
    posting: UUID | None
    replayed: bool
    bonuses: tuple[Bonus, ...] = ()


@dataclass(frozen=True, slots=True)
class Shown:
    """An action as it is being recorded: the row, its programme and its terms."""

    row: Action
    offer: Offer
    terms: ActionTerms


@dataclass(frozen=True, slots=True)
class Report:
    """That somebody did an action. `request` is the id under which the caller asks: the same is done once.

    `code` is what the place shows; `place` says where, for actions that a partner confirms; `done_at` reports an
    earlier day, whose limits then count; `resident`: who did it, if not `by`. `attested`: `by` is one who may confirm
    the deed and does so with this, as who runs the step counters or sees the people. `steps`: of that day, as a
    device counted them. `held_for`: why somebody must look at it first (`rules.Held`). `has_photo`: one comes with it.
    """

    action: UUID
    request: UUID
    by: Actor
    code: str = ""
    place: UUID | None = None
    done_at: datetime | None = None
    resident: UUID | None = None
    attested: bool = False
    steps: int | None = None
    held_for: str = ""
    has_photo: bool = False

    @property
    def person(self) -> UUID | None:
        return self.resident or self.by.party


@dataclass(slots=True)
class Case:
    """A report on its way to its answer."""

    report: Report
    person: UUID
    shown: Shown
    done_at: datetime
    answer: Recorded | Refusal | None = None
    place: ActionPlace | None = None
    drawn: int | None = None
    held_for: str = ""


def open_cases(cases: Iterable[Case]) -> list[Case]:
    return [case for case in cases if case.answer is None]


def allowed(
    reports: Sequence[Report], *, answers: dict[UUID, Recorded | Refusal], municipality: int, at: datetime
) -> list[Case]:
    """The reports that their callers may make, of actions that exist; the others get their answer."""
    known = _shown({report.action for report in reports}, municipality=municipality)
    hosts = _hosts(reports)
    cases = []
    for report in reports:
        try:
            shown = _permitted(report, known=known, hosts=hosts)
        except Refusal as refusal:
            answers[report.request] = refusal
        else:
            assert report.person is not None  # noqa: S101 - a permission of scope OWN has an owner
            cases.append(Case(report, report.person, shown, report.done_at or at))
    return cases


def _permitted(
    report: Report, *, known: Mapping[UUID, Shown | Refusal], hosts: Mapping[UUID, UUID | None]
) -> Shown:
    if not report.attested:
        require(report.by, "action.record", owner=report.person)
    shown = said(known.get(report.action) or rules.ACTION_UNKNOWN.refusal())
    if report.attested:
        host = hosts.get(report.place) if report.place else None
        require_may_attest(shown, resident=report.person, host=host, by=report.by)
    return shown


def require_may_attest(shown: Shown, *, resident: UUID | None, host: UUID | None, by: Actor) -> None:
    """The department for everything; a partner for what partners confirm, at its own place. Never one's own deed.

    Raises Refusal `not_allowed`, `action_own_record`.
    """
    owner = host if shown.terms.evidence is Evidence.PARTNER_CONFIRMS else None
    require(
        by, "action.attest", department=shown.offer.department, owner=owner, municipality=shown.offer.municipality
    )
    if by.party == resident:
        raise rules.OWN_RECORD.refusal()


def require_may_reverse(shown: Shown, *, resident: UUID | None, host: UUID | None, by: Actor) -> None:
    """A checker of the department, whoever hosts the place; never one's own deed.

    Raises Refusal `not_allowed`, `action_own_record`.
    """
    del host  # confirms, but does not take back
    require(by, "action.reverse", department=shown.offer.department, municipality=shown.offer.municipality)
    if by.party == resident:
        raise rules.OWN_RECORD.refusal()


def _hosts(reports: Sequence[Report]) -> dict[UUID, UUID | None]:
    """Who hosts the places of deeds that somebody attests."""
    wanted = {report.place for report in reports if report.attested and report.place}
    return dict(ActionPlace.objects.filter(id__in=wanted).values_list("id", "host")) if wanted else {}


def _shown(actions: set[UUID], *, municipality: int) -> dict[UUID, Shown | Refusal]:
    """These actions with their programmes; those that do not exist are absent."""
    rows = Action.objects.filter(id__in=actions, municipality=municipality)
    offers: dict[UUID, Offer | Refusal] = {}
    found: dict[UUID, Shown | Refusal] = {}
    for row in rows:
        if row.programme not in offers:
            offers[row.programme] = _offer(row.programme, municipality=municipality)
        offer = offers[row.programme]
        found[row.id] = offer if isinstance(offer, Refusal) else _terms(row, offer)
    return found


def _offer(programme: UUID, *, municipality: int) -> Offer | Refusal:
    try:
        return find_offer(programme, municipality=municipality)
    except Refusal as refusal:
        return refusal


def _terms(row: Action, offer: Offer) -> Shown | Refusal:
    try:
        return Shown(row, offer, rules.find_action(offer.granting, row.code))
    except Refusal as refusal:
        return refusal


def show(action: UUID, *, by: Actor) -> Shown:
    """The action with its programme. Raises Refusal `action_unknown`."""
    found = _shown({action}, municipality=by.municipality)
    return said(found.get(action) or rules.ACTION_UNKNOWN.refusal())


def said(answer: Answer | Refusal) -> Answer:
    """The answer, if it is none to refuse."""
    if isinstance(answer, Refusal):
        raise answer
    return answer


def require_doable(shown: Shown, *, done_at: datetime, at: datetime) -> None:
    """The programme runs, the action is open, and the day may still be reported."""
    require_running(shown.offer)
    rules.require_reportable(done_at, at=at)
    rules.require_open(shown.terms, shown.offer.granting, at=done_at)
    if shown.row.closed_at is not None and done_at >= shown.row.closed_at:
        raise rules.ACTION_CLOSED.refusal(name=rules.named(shown.terms))


def judge(cases: Sequence[Case], *, at: datetime) -> None:
    """Whether it may be done, and the evidence is there; finds the place where it was shown."""
    for case in cases:
        try:
            require_doable(case.shown, done_at=case.done_at, at=at)
        except Refusal as refusal:
            case.answer = refusal
    judged = open_cases(cases)
    places = _places_of(judged)
    for case in judged:
        try:
            case.place = _place(case, places=places, at=at)
            require_steps(case.shown.terms, steps=case.report.steps, is_attested=case.report.attested)
        except Refusal as refusal:
            case.answer = refusal
        else:
            _draw(case)


def hold_twice(cases: Sequence[Case]) -> None:
    """What is delivered for a person who did the same on that day already: held, if it looks like the same deed.

    It does if another had confirmed that one, or if minutes lie between the two. Where the terms count times and they
    are used up, the ceiling refuses it anyway.
    """
    delivered = [case for case in cases if case.report.attested]
    if not delivered:
        return
    known = ActionRecord.objects.filter(
        municipality=delivered[0].shown.offer.municipality, resident__in={case.person for case in delivered},
        action__in={case.shown.row.id for case in delivered}, day__in={day_of(case.done_at) for case in delivered},
        state__in=[RecordState.HELD, RecordState.GRANTED],
    )  # fmt: skip
    before: dict[tuple[UUID, UUID, date], list[ActionRecord]] = defaultdict(list)
    for row in known:
        before[row.resident, row.action_id, row.day].append(row)
    for case in delivered:
        rows = before[case.person, case.shown.row.id, day_of(case.done_at)]
        if len(rows) < rules.times_at_most(case.shown.terms) and any(_is_same(row, case) for row in rows):
            case.held_for = case.held_for or rules.Held.TWICE


def _is_same(row: ActionRecord, case: Case) -> bool:
    by_another = row.confirmed_by is not None and row.confirmed_by != case.report.by.party
    return by_another or abs(row.done_at - case.done_at) < rules.TWICE_WITHIN


def require_steps(terms: ActionTerms, *, steps: int | None, is_attested: bool) -> None:
    """Raises Refusal `action_evidence_missing`, `steps_too_few`."""
    if terms.steps is None or is_attested:
        return
    if steps is None:
        raise rules.EVIDENCE_MISSING.refusal(name=rules.named(terms), evidence=rules.EVIDENCES[terms.evidence])
    if steps < terms.steps:
        raise TOO_FEW.refusal(steps=steps, goal=terms.steps)


def _draw(case: Case) -> None:
    """Lot says, once for a person, an action and a day, whether an own report is looked at first."""
    share = case.shown.terms.spot_check_bp
    case.held_for = case.report.held_for
    if share and not case.report.attested:
        case.drawn = rules.spot_number(case.shown.row.seed, resident=case.person, on=day_of(case.done_at))
        if case.drawn < share and not case.held_for:
            case.held_for = rules.Held.SPOT_CHECK


def _place(case: Case, *, places: Sequence[ActionPlace], at: datetime) -> ActionPlace | None:
    own = [place for place in places if place.action_id == case.shown.row.id]
    evidence = case.shown.terms.evidence
    if case.report.attested and evidence not in rules.DELIVERED:
        raise rules.EVIDENCE_MISSING.refusal(name=rules.named(case.shown.terms), evidence=rules.EVIDENCES[evidence])
    if evidence is Evidence.PLACE_CODE:
        return _shown_place(case.shown, code=case.report.code, places=own, at=at)
    if evidence is Evidence.PHOTO and not (case.report.attested or case.report.has_photo):
        raise rules.EVIDENCE_MISSING.refusal(
            field="photo", name=rules.named(case.shown.terms), evidence=rules.EVIDENCES[evidence]
        )
    if case.report.place is None:
        return None
    found = next((place for place in own if place.id == case.report.place), None)
    if found is None:
        raise rules.PLACE_UNKNOWN.refusal(field="place")
    return found


def _shown_place(shown: Shown, *, code: str, places: Sequence[ActionPlace], at: datetime) -> ActionPlace:
    if not code.strip():
        raise rules.EVIDENCE_MISSING.refusal(
            field="code", name=rules.named(shown.terms), evidence=rules.EVIDENCES[shown.terms.evidence]
        )
    name, token = rules.split_code(code)
    found = next((place for place in places if place.code == name), None)
    if found is None or not rules.is_shown(
        token, secret=found.secret, code=found.code, rotating=found.rotating, at=at
    ):
        raise rules.CODE_WRONG.refusal(field="code")
    return found


def _places_of(cases: Sequence[Case]) -> list[ActionPlace]:
    """The open places of those actions that are done at a place."""
    actions = {
        case.shown.row.id for case in cases
        if case.report.place is not None or case.shown.terms.evidence is Evidence.PLACE_CODE
    }
    return list(ActionPlace.objects.filter(action__in=actions, closed_at=None)) if actions else []


def judge_eligible(cases: Sequence[Case]) -> None:
    """Asked of the register once for each programme."""
    for offer in {case.shown.offer.programme: case.shown.offer for case in cases}.values():
        own = [case for case in cases if case.shown.offer.programme == offer.programme]
        found = facts_for(offer, [case.person for case in own])
        for case in own:
            try:
                require_eligible_with(offer, found=found.get(case.person))
            except Refusal as refusal:
                case.answer = refusal


