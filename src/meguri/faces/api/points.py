"""Points: open actions, record what was done with its evidence, confirm what waits."""

from __future__ import annotations

from datetime import date, datetime
from hashlib import sha256
from uuid import UUID

from ninja import Field, Router, Schema

from meguri.faces.api.auth import Bearer, IdempotencyKey
from meguri.faces.api.moments import Moment
from meguri.faces.api.problems import REQUEST_NUMBER_MAX
from meguri.faces.api.programmes import ProgrammeAsked
from meguri.faces.entrance.requests import TownRequest
from meguri.parties.rules import Both, require
from meguri.programmes import queries as programmes
from meguri.programmes.parts import GrantByAction
from meguri.programmes.points import operations, queries, serving
from meguri.programmes.points.brought import brought
from meguri.programmes.points.delivering import ACTION_NOT_OPEN, DEEDS_MAX, Deed
from meguri.programmes.points.delivering import deliver as deliver_deeds
from meguri.programmes.points.step_rules import STEPS_MOST, StepSource
from meguri.words.ids import named_id
from meguri.words.refusal import Refusal

FIRST_PLACE = Both("役場前", "Town hall")
"""What the first place of an action is called, until the department opens others."""

STEP_DAYS_MAX = 31

router = Router()


class ActionOpened(Schema):
    action: UUID
    code: str
    place: UUID


class ActionsOpened(Schema):
    actions: list[ActionOpened]


class RecordAsked(Schema):
    """`code`: what the place shows. `done_at`: when, for a report of an earlier day."""

    programme: UUID
    action: str
    code: str = ""
    done_at: Moment | None = None


class BonusGiven(Schema):
    """Of a mission that the action completed."""

    mission: str
    yen: int
    cut_by: str


class RecordGiven(Schema):
    record: UUID
    state: str
    asked_yen: int
    granted_yen: int
    cut_by: str
    bonuses: list[BonusGiven]


class RecordNamed(Schema):
    record: UUID


class DeedRow(Schema):
    """`number`: the sender's own number of the deed; sent again under it, it is the same deed. `place`: where, of a
    partner's own places; without it the first one of that action.
    """

    number: str = Field(min_length=1, max_length=REQUEST_NUMBER_MAX)
    action: str
    resident: UUID
    done_at: Moment | None = None
    place: UUID | None = None


class DeedsAsked(Schema):
    programme: UUID
    deeds: list[DeedRow] = Field(min_length=1, max_length=DEEDS_MAX)


class DeedAnswered(Schema):
    """What came of one deed: its record, or `refused` with the code and the sentence of the refusal."""

    number: str
    state: str
    record: UUID | None = None
    asked_yen: int = 0
    granted_yen: int = 0
    cut_by: str = ""
    bonuses: list[BonusGiven] = Field(default_factory=list)
    code: str = ""
    title: str = ""
    title_en: str = ""


class DeedsAnswered(Schema):
    answers: list[DeedAnswered]


class StepDayRow(Schema):
    day: date
    steps: int = Field(ge=0, le=STEPS_MOST)


class StepsAsked(Schema):
    """`look`: only what would come of it; nothing counts then."""

    days: list[StepDayRow] = Field(min_length=1, max_length=STEP_DAYS_MAX)
    look: bool = False


class StepDayAnswered(Schema):
    """What comes of a day for one action. `state`: few, new and held_ahead (before it counts), held, granted, refused,
    withdrawn; `title` says why where there is something to say.
    """

    day: date
    steps: int
    action: str
    state: str
    yen: int
    title: str = ""
    title_en: str = ""


class StepsAnswered(Schema):
    counted: bool
    days: list[StepDayAnswered]


class PlaceAsked(Schema):
    """`place`: which of the action's places; without it, the first."""

    programme: UUID
    action: str
    place: UUID | None = None


class PlaceWanted(Schema):
    programme: UUID
    action: str
    name_ja: str
    name_en: str


class PlaceGiven(Schema):
    place: UUID


class PlaceCodeGiven(Schema):
    code: str
    changes_at: datetime | None


@router.post("/actions", operation_id="points_open_actions", response=ActionsOpened, auth=Bearer("action.open"))
def open_actions(request: TownRequest, asked: ProgrammeAsked) -> ActionsOpened:
    """Open every action of a launched programme, each with a first place that shows its code."""
    opened = []
    obtaining = programmes.terms(asked.programme, municipality=request.actor.municipality).obtaining
    for action in obtaining.actions if isinstance(obtaining, GrantByAction) else ():
        made = operations.open_action(programme=asked.programme, code=action.code, by=request.actor, at=request.at)
        known = queries.places(made, municipality=request.actor.municipality)
        place = known[0].id if known else operations.open_place(
            action=made, name=FIRST_PLACE, by=request.actor, at=request.at
        )  # fmt: skip
        opened.append(ActionOpened(action=made, code=action.code, place=place))
    return ActionsOpened(actions=opened)


@router.post(
    "/actions/place-code", operation_id="points_place_code", response=PlaceCodeGiven,
    auth=Bearer("action.open"),
)  # fmt: skip
def place_code(request: TownRequest, asked: PlaceAsked) -> PlaceCodeGiven:
    """What a place of the action shows now: for the screen that stands there."""
    number = request.actor.municipality
    offered = programmes.programme(asked.programme, municipality=number)
    require(request.actor, "action.open", department=offered.department if offered else "")  # the code is worth money
    known = queries.places(_action(request, programme=asked.programme, code=asked.action), municipality=number)
    found = [each for each in known if asked.place in (None, each.id)]
    if not found:
        raise ACTION_NOT_OPEN.refusal(action=asked.action, field="action")
    shown = queries.place_code(found[0].id, municipality=number, at=request.at)
    return PlaceCodeGiven(code=shown.text, changes_at=shown.changes_at)


@router.post("/actions/places", operation_id="points_open_place", response=PlaceGiven, auth=Bearer("action.open"))
def open_place(request: TownRequest, asked: PlaceWanted) -> PlaceGiven:
    """One more place where an open action is done, with a code that changes by the minute; of one name there is one."""
    action = _action(request, programme=asked.programme, code=asked.action)
    known = queries.places(action, municipality=request.actor.municipality)
    place = next((each.id for each in known if each.name.ja == asked.name_ja), None)
    if place is None:
        name = Both(asked.name_ja, asked.name_en)
        place = operations.open_place(action=action, name=name, by=request.actor, at=request.at)
    else:
        offered = programmes.programme(asked.programme, municipality=request.actor.municipality)
        require(request.actor, "action.open", department=offered.department if offered else "")
    return PlaceGiven(place=place)


@router.post(
    "/actions/records", operation_id="points_record_action", response=RecordGiven,
    auth=Bearer("action.record"),
)  # fmt: skip
def record(request: TownRequest, asked: RecordAsked, *, idempotency_key: IdempotencyKey) -> RecordGiven:
    """Record what one did. The points follow at once, or when the deed has been confirmed."""
    report = operations.Report(
        action=_action(request, programme=asked.programme, code=asked.action), by=request.actor, code=asked.code,
        request=named_id(f"record:{request.actor.party}:{idempotency_key}"), done_at=asked.done_at,
    )  # fmt: skip
    return _given(serving.record_soon(serving.Coming(report, request.actor.municipality, request.at)))


@router.post(
    "/actions/deliveries", operation_id="points_deliver", response=DeedsAnswered, auth=Bearer("action.attest")
)  # fmt: skip
def deliver(request: TownRequest, asked: DeedsAsked) -> DeedsAnswered:
    """Deliver what many people did, as whoever saw them or runs their step counters: up to 1,000 deeds, confirmed with
    this. Each has an answer of its own, in their order; a deed that is refused holds up no other.
    """
    deeds = [Deed(row.number, row.action, row.resident, row.done_at, row.place) for row in asked.deeds]
    made = deliver_deeds(deeds, programme=asked.programme, by=request.actor, at=request.at)
    return DeedsAnswered(answers=[
        _answered(row.number, answer) for row, answer in zip(asked.deeds, made, strict=True)
    ])  # fmt: skip


@router.post("/actions/steps", operation_id="points_bring_steps", response=StepsAnswered, auth=Bearer("action.record"))
def bring_steps(request: TownRequest, asked: StepsAsked) -> StepsAnswered:
    """Bring the steps of one's days, as a program reads them from the phone. A day counts once for each action, however
    often and from wherever it is brought; days of which nobody can walk as much are held until somebody has looked.
    """
    days = {row.day: row.steps for row in asked.days}
    told = "\n".join(f"{day} {steps}" for day, steps in sorted(days.items()))
    number = operations.bring_steps(
        days, source=StepSource.APP, digest=sha256(told.encode()).hexdigest(), by=request.actor, at=request.at
    )
    if not asked.look:
        operations.count_steps(brought=number, by=request.actor, at=request.at)
    resident = request.actor.party
    assert resident is not None  # noqa: S101 - the steps were brought as one's own
    found = brought(number, resident=resident, municipality=request.actor.municipality)
    return StepsAnswered(counted=found.counted, days=[
        StepDayAnswered(
            day=day.day, steps=day.steps, action=each.code, state=each.state, yen=each.yen,
            title=each.words.ja if each.words else "", title_en=each.words.en if each.words else "",
        )
        for day in found.days for each in day.answers
    ])  # fmt: skip


def _answered(number: str, answer: operations.Recorded | Refusal) -> DeedAnswered:
    if isinstance(answer, Refusal):
        return DeedAnswered(
            number=number, state="refused", code=answer.code, title=answer.sentence("ja"),
            title_en=answer.sentence("en"),
        )  # fmt: skip
    return DeedAnswered(number=number, **_given(answer).dict())


@router.post("/actions/attest", operation_id="points_attest", response=RecordGiven, auth=Bearer("action.attest"))
def attest(request: TownRequest, asked: RecordNamed) -> RecordGiven:
    """Confirm what waits; the points follow."""
    return _given(operations.attest_action(record=asked.record, by=request.actor, at=request.at))


def _given(made: operations.Recorded) -> RecordGiven:
    return RecordGiven(
        record=made.record, state=made.state, asked_yen=made.asked_yen, granted_yen=made.granted_yen,
        cut_by=str(made.cut_by),
        bonuses=[BonusGiven(mission=each.mission, yen=each.yen, cut_by=each.cut_by) for each in made.bonuses],
    )  # fmt: skip


def _action(request: TownRequest, *, programme: UUID, code: str) -> UUID:
    found = queries.action_by_code(programme, code, municipality=request.actor.municipality)
    if found is None:
        raise ACTION_NOT_OPEN.refusal(action=code, field="action")
    return found
