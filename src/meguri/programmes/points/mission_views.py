"""Missions as people are shown them: a resident's own way, how far all together are, what a withdrawal takes along."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from meguri.parties.rules import Both
from meguri.programmes.mission_parts import Mission, Rally
from meguri.programmes.points import mission_rules, mission_wording, rules
from meguri.programmes.points.mission_rules import Progress
from meguri.programmes.points.missions import Journey, Standing, standing_of
from meguri.programmes.points.models import Action, ActionPlace, ActionRecord, BonusState, RecordState
from meguri.programmes.points.offer import Offer, find_offer, require_eligible
from meguri.words.period import day_of
from meguri.words.refusal import Refusal


@dataclass(frozen=True, slots=True)
class RallyPlace:
    """A place of a stamp rally: open now, or reached already."""

    id: UUID
    name: Both
    reached: bool


@dataclass(frozen=True, slots=True)
class MissionView:
    """A mission as one resident sees it. `got_yen`: what came in for it so far; `last_day` still counts."""

    programme: UUID
    programme_name: Both
    department: str
    code: str
    name: Both
    kind: str  # places, times, streak, first, comeback
    yen: int
    goal: Both
    actions: tuple[Both, ...]
    first_day: date
    last_day: date
    days_left: int
    places: tuple[RallyPlace, ...]
    progress: Progress
    got_yen: int

    @property
    def missing(self) -> int:
        return self.progress.wanted - self.progress.done


def missions_of(resident: UUID, *, municipality: int, at: datetime) -> tuple[MissionView, ...]:
    """The missions in which the resident can take part now, and what of them is done; what is over stands last."""
    opened = set(Action.objects.filter(municipality=municipality, closed_at=None).values_list("programme", "code"))
    offers = [find_offer(each, municipality=municipality) for each in sorted({programme for programme, _ in opened})]
    running = [each for each in offers if each.granting.missions and each.state == "launched" and _may(each, resident)]
    wanted = [Journey(offer, mission, resident) for offer in running for mission in offer.granting.missions]
    if not wanted:
        return ()
    standing = standing_of(wanted, municipality=municipality, whole=True)
    places = _places({offer.programme for offer in running}, municipality=municipality)
    on = day_of(at)
    found = [_view(each, standing=standing, places=places, on=on) for each in wanted]
    doable = {
        (each.offer.programme, each.mission.code) for each in wanted
        if any((each.offer.programme, code) in opened for code in each.mission.actions)
    }
    shown = [
        each for each in found if each.first_day <= on
        and (each.progress.completed or (each.days_left and (each.programme, each.code) in doable))
    ]
    return tuple(sorted(shown, key=lambda each: (each.progress.is_over or not each.days_left, each.last_day)))


_Places = dict[tuple[UUID, str], list[ActionPlace]]
"""By programme and the action's code."""


def _places(programmes: set[UUID], *, municipality: int) -> _Places:
    rows = ActionPlace.objects.filter(action__programme__in=programmes, municipality=municipality)
    found: _Places = defaultdict(list)
    for row in rows.select_related("action").order_by("id"):
        found[row.action.programme, row.action.code].append(row)
    return found


def _may(offer: Offer, resident: UUID) -> bool:
    try:
        require_eligible(offer, resident=resident)
    except Refusal:
        return False
    return True


def _view(journey: Journey, *, standing: Standing, places: _Places, on: date) -> MissionView:
    offer, mission, progress = journey.offer, journey.mission, standing.progress(journey, on=on)
    window = mission_rules.window_of(mission, offer.granting)
    return MissionView(
        programme=offer.programme, programme_name=offer.name, department=offer.department, code=mission.code,
        name=Both(mission.name.ja, mission.name.en), kind=str(mission.counting.__struct_config__.tag),
        yen=mission.yen, goal=mission_wording.goal(mission.counting),
        actions=tuple(rules.named(each) for each in offer.granting.actions if each.code in mission.actions),
        first_day=window.first_day, last_day=window.last_day,
        days_left=mission_rules.days_left(mission, offer.granting, on=on),
        places=_card(journey, progress, places=places), progress=progress,
        got_yen=sum(each.granted_yen for each in standing.standing(journey)),
    )  # fmt: skip


def _card(journey: Journey, progress: Progress, *, places: _Places) -> tuple[RallyPlace, ...]:
    """The places of a rally: those that are open, and those that the card has although they closed since."""
    if not isinstance(journey.mission.counting, Rally):
        return ()
    programme = journey.offer.programme
    of_mission = [place for action in journey.mission.actions for place in places.get((programme, action), [])]
    return tuple(
        RallyPlace(each.id, Both(each.name_ja, each.name_en), each.id in progress.places)
        for each in of_mission if each.closed_at is None or each.id in progress.places
    )


@dataclass(frozen=True, slots=True)
class MissionTotal:
    """How far all together are: people by how much they have `done` of what is `wanted`, and the bonuses given.

    Whoever completed it counts at `wanted`; people without a single action of it are not counted. `places`: a rally's
    open ones, of as many as the document promises.
    """

    code: str
    name: Both
    kind: str
    wanted: int
    people: dict[int, int]
    completed: int
    bonuses: int
    withdrawn: int
    granted_yen: int
    goal: int
    places: int | None
    promised: int | None


def mission_totals(programme: UUID, *, municipality: int, on: date) -> tuple[MissionTotal, ...]:
    """A programme's missions and how far people are. Raises Refusal as `find_offer`."""
    offer = find_offer(programme, municipality=municipality)
    if not offer.granting.missions:
        return ()
    rows = ActionRecord.objects.filter(programme=programme, municipality=municipality, state=RecordState.GRANTED)
    counted = {action for mission in offer.granting.missions for action in mission.actions}
    people = set(rows.filter(action__code__in=counted).values_list("resident", flat=True))
    wanted = [Journey(offer, mission, resident) for mission in offer.granting.missions for resident in people]
    standing = standing_of(wanted, municipality=municipality, whole=True)
    places = _places({programme}, municipality=municipality)
    return tuple(
        _mission_total(mission, [each for each in wanted if each.mission is mission], standing=standing,
                       opened=_opened(offer, mission, places=places), on=on)
        for mission in offer.granting.missions
    )  # fmt: skip


def _opened(offer: Offer, mission: Mission, *, places: _Places) -> int | None:
    """How many places of a rally are open now; None for a mission of another kind."""
    if not isinstance(mission.counting, Rally):
        return None
    found = [each for action in mission.actions for each in places.get((offer.programme, action), [])]
    return sum(each.closed_at is None for each in found)


def _mission_total(
    mission: Mission, journeys: Sequence[Journey], *, standing: Standing, opened: int | None, on: date
) -> MissionTotal:
    seen = [one for each in journeys if (one := standing.progress(each, on=on)).since is not None]
    held = [row for each in journeys for row in standing.bonuses.get(each.key, [])]
    granted = [row for row in held if row.state == BonusState.GRANTED]
    wanted = mission_rules.wanted_of(mission)
    return MissionTotal(
        code=mission.code, name=Both(mission.name.ja, mission.name.en),
        kind=str(mission.counting.__struct_config__.tag), wanted=wanted,
        people=dict(Counter(wanted if each.completed else each.done for each in seen)),
        completed=sum(each.completed > 0 for each in seen), bonuses=len(granted), withdrawn=len(held) - len(granted),
        granted_yen=sum(row.granted_yen for row in granted), goal=mission.goal,
        places=opened,
        promised=mission.counting.places if isinstance(mission.counting, Rally) else None,
    )  # fmt: skip


def bonuses_without(record: UUID, *, municipality: int) -> tuple[tuple[Both, UUID], ...]:
    """The bonuses that withdrawing a granted action would take back now: the mission's name and the posting."""
    row = ActionRecord.objects.select_related("action").filter(id=record, municipality=municipality).first()
    if row is None or row.state != RecordState.GRANTED:
        return ()
    offer = find_offer(row.programme, municipality=municipality)
    missions = [each for each in offer.granting.missions if row.action.code in each.actions]
    journeys = [Journey(offer, each, row.resident) for each in missions]
    if not journeys:
        return ()
    standing = standing_of(journeys, municipality=municipality, whole=True, without=record)
    return tuple(
        (Both(each.mission.name.ja, each.mission.name.en), bonus.posting)
        for each in journeys for bonus in standing.beyond(each)
    )
