"""Missions: what one's actions add up to, how far one is, what came in for it."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from ninja import Router, Schema

from meguri.faces.api.auth import Bearer
from meguri.faces.entrance.requests import TownRequest
from meguri.parties.rules import require
from meguri.programmes.points.mission_views import MissionView, missions_of

router = Router()


class RallyPlaceRow(Schema):
    place: UUID
    name_ja: str
    name_en: str
    reached: bool


class StreakDayRow(Schema):
    """A day, or the Monday of a week, of the streak under way. `state`: done, left_out or open."""

    day: date
    state: str


class MissionRow(Schema):
    """A mission and how far one is: `done` of `wanted` of the one under way, `completed` (bonuses) of `times`.

    `kind`: places, times, streak, first, comeback. `waits`: completed once more, and a limit or the budget keeps it
    back.
    """

    programme: UUID
    mission: str
    kind: str
    name_ja: str
    name_en: str
    goal_ja: str
    goal_en: str
    yen: int
    done: int
    wanted: int
    completed: int
    times: int
    waits: bool
    got_yen: int
    first_day: date
    last_day: date
    places: list[RallyPlaceRow]
    row: list[StreakDayRow]


@router.get(
    "/actions/missions", operation_id="points_missions", response=list[MissionRow], auth=Bearer("action.record")
)  # fmt: skip
def missions(request: TownRequest) -> list[MissionRow]:
    """One's own missions, those under way first."""
    own = request.actor.party or UUID(int=0)
    require(request.actor, "action.record", owner=own)
    return [_row(each) for each in missions_of(own, municipality=request.actor.municipality, at=request.at)]


_STATES = {True: "done", False: "left_out", None: "open"}


def _row(it: MissionView) -> MissionRow:
    return MissionRow(
        programme=it.programme, mission=it.code, kind=it.kind, name_ja=it.name.ja, name_en=it.name.en,
        goal_ja=it.goal.ja, goal_en=it.goal.en, yen=it.yen, done=it.progress.done, wanted=it.progress.wanted,
        completed=it.progress.completed, times=it.progress.times, waits=it.progress.waits, got_yen=it.got_yen,
        first_day=it.first_day, last_day=it.last_day,
        places=[
            RallyPlaceRow(place=each.id, name_ja=each.name.ja, name_en=each.name.en, reached=each.reached)
            for each in it.places
        ],
        row=[StreakDayRow(day=day, state=_STATES[done]) for day, done in it.progress.row],
    )  # fmt: skip
