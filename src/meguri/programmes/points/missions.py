"""What people did that missions count, and the bonuses that they got: read once for many. Reads only."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from django.db import connection

from meguri.programmes.mission_parts import Mission, Rally
from meguri.programmes.points import mission_rules
from meguri.programmes.points.mission_rules import Bonus, Progress, Tally
from meguri.programmes.points.models import BonusState, MissionBonus
from meguri.programmes.points.offer import Offer

_Key = tuple[UUID, str, UUID]
"""Programme, mission, resident."""


@dataclass(frozen=True, slots=True)
class Journey:
    """One person's way through one mission."""

    offer: Offer
    mission: Mission
    resident: UUID

    @property
    def key(self) -> _Key:
        return self.offer.programme, self.mission.code, self.resident


@dataclass(frozen=True, slots=True)
class Standing:
    """What these people did that missions count, and the bonuses that they got: read once for many."""

    tallies: dict[tuple[UUID, UUID], list[tuple[str, Tally]]]  # by programme and resident, with the action's code
    bonuses: dict[_Key, list[MissionBonus]]

    def standing(self, journey: Journey) -> list[MissionBonus]:
        """The bonuses that were granted and not taken back, in their order."""
        return [each for each in self.bonuses.get(journey.key, []) if each.state == BonusState.GRANTED]

    def last_number(self, journey: Journey) -> int:
        return max((each.number for each in self.bonuses.get(journey.key, [])), default=0)

    def earned(self, journey: Journey) -> int:
        """How often the person completed it."""
        window = mission_rules.window_of(journey.mission, journey.offer.granting)
        return len(mission_rules.completions(journey.mission, self._tallies(journey), window=window))

    def beyond(self, journey: Journey) -> list[MissionBonus]:
        """The bonuses that what was done does not complete (any more), the last one first."""
        held = self.standing(journey)
        earned = self.earned(journey) if held else 0
        return held[earned:][::-1]

    def progress(self, journey: Journey, *, on: date) -> Progress:
        window = mission_rules.window_of(journey.mission, journey.offer.granting)
        return mission_rules.progress(
            journey.mission, self._tallies(journey), window=window, on=on, completed=len(self.standing(journey))
        )

    def _tallies(self, journey: Journey) -> list[Tally]:
        found = self.tallies.get((journey.offer.programme, journey.resident), [])
        return [tally for action, tally in found if action in journey.mission.actions]


def standing_of(
    wanted: Sequence[Journey], *, municipality: int, whole: bool = False, without: UUID | None = None
) -> Standing:
    """Two queries, however many people. `whole`: also what those did who have all bonuses already; `without`: as if
    this record had not been granted.
    """
    bonuses: dict[_Key, list[MissionBonus]] = defaultdict(list)
    rows = MissionBonus.objects.filter(
        municipality=municipality, programme__in={each.offer.programme for each in wanted},
        resident__in={each.resident for each in wanted},
    )
    for row in rows.order_by("number"):
        bonuses[row.programme, row.mission, row.resident].append(row)
    still = [
        each for each in wanted
        if whole or sum(row.state == BonusState.GRANTED for row in bonuses[each.key]) < each.mission.times
    ]  # fmt: skip
    return Standing(_tallies(still, municipality=municipality, without=without), dict(bonuses))


def bonuses_with(records: Collection[UUID]) -> dict[UUID, tuple[Bonus, ...]]:
    """What was given with these actions when they were granted, by record."""
    found: dict[UUID, tuple[Bonus, ...]] = defaultdict(tuple)
    for row in MissionBonus.objects.filter(record__in=records).order_by("granted_at", "id") if records else ():
        found[row.record_id] += (Bonus(row.record_id, row.mission, row.granted_yen, row.cut_by),)
    return found


_TALLIES = """
    SELECT r.programme, r.resident, array_agg(a.code ORDER BY r.day, r.done_at, r.id),
           array_agg(r.day ORDER BY r.day, r.done_at, r.id),
           CASE WHEN %(places)s THEN array_agg(r.place_id ORDER BY r.day, r.done_at, r.id) END
      FROM points_actionrecord r JOIN points_action a ON a.id = r.action_id
     WHERE r.municipality = %(m)s AND r.programme = ANY(%(programmes)s) AND r.resident = ANY(%(residents)s)
       AND r.state = 'granted' AND a.code = ANY(%(actions)s) AND r.id IS DISTINCT FROM %(without)s
     GROUP BY r.programme, r.resident
"""
"""One row a person, whatever that person did: somebody who walks every day has hundreds of records."""


def _tallies(
    wanted: Sequence[Journey], *, municipality: int, without: UUID | None
) -> dict[tuple[UUID, UUID], list[tuple[str, Tally]]]:
    if not wanted:
        return {}
    asked: dict[str, Any] = {
        "m": municipality, "programmes": list({each.offer.programme for each in wanted}), "without": without,
        "residents": list({each.resident for each in wanted}),
        "actions": list({action for each in wanted for action in each.mission.actions}),
        "places": any(isinstance(each.mission.counting, Rally) for each in wanted),
    }  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(_TALLIES, asked)
        return {
            (programme, resident): _in_order(codes, days, places=places)
            for programme, resident, codes, days, places in cursor.fetchall()
        }


def _in_order(codes: list[str], days: list[date], *, places: list[UUID | None] | None) -> list[tuple[str, Tally]]:
    at = places or [None] * len(days)
    found = enumerate(zip(codes, days, at, strict=True))
    return [(code, Tally(day, turn, place)) for turn, (code, day, place) in found]
