"""What people did that missions count, and the bonuses that they got: read once for many. Reads only."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import date
from uuid import UUID

from meguri.programmes.mission_parts import Mission
from meguri.programmes.points import mission_rules
from meguri.programmes.points.mission_rules import Bonus, Progress, Tally
from meguri.programmes.points.models import ActionRecord, BonusState, MissionBonus, RecordState
from meguri.programmes.points.offer import Offer

_Key = tuple[UUID, str, UUID]
"""Programme, mission, resident."""


@dataclass(frozen=True, slots=True)
class Standing:
    """What these people did that missions count, and the bonuses that they got: read once for many."""

    tallies: dict[tuple[UUID, UUID], list[tuple[str, Tally]]]  # by programme and resident, with the action's code
    bonuses: dict[_Key, list[MissionBonus]]

    def standing(self, offer: Offer, mission: Mission, resident: UUID) -> list[MissionBonus]:
        """The bonuses that were granted and not taken back, in their order."""
        return [each for each in self._bonuses(offer, mission, resident) if each.state == BonusState.GRANTED]

    def last_number(self, offer: Offer, mission: Mission, resident: UUID) -> int:
        return max((each.number for each in self._bonuses(offer, mission, resident)), default=0)

    def earned(self, offer: Offer, mission: Mission, resident: UUID) -> int:
        """How often the person completed it."""
        window = mission_rules.window_of(mission, offer.granting)
        return len(mission_rules.completions(mission, self._tallies(offer, mission, resident), window=window))

    def beyond(self, offer: Offer, mission: Mission, resident: UUID) -> list[MissionBonus]:
        """The bonuses that what was done does not complete (any more), the last one first."""
        held = self.standing(offer, mission, resident)
        earned = self.earned(offer, mission, resident) if held else 0
        return held[earned:][::-1]

    def without(self, record: UUID) -> Standing:
        """The same as if this action had not been granted."""
        tallies = {key: [each for each in found if each[1].record != record] for key, found in self.tallies.items()}
        return replace(self, tallies=tallies)

    def progress(self, offer: Offer, mission: Mission, resident: UUID, *, on: date) -> Progress:
        return mission_rules.progress(
            mission, self._tallies(offer, mission, resident), window=mission_rules.window_of(mission, offer.granting),
            on=on, completed=len(self.standing(offer, mission, resident)),
        )  # fmt: skip

    def _bonuses(self, offer: Offer, mission: Mission, resident: UUID) -> list[MissionBonus]:
        return self.bonuses.get((offer.programme, mission.code, resident), [])

    def _tallies(self, offer: Offer, mission: Mission, resident: UUID) -> list[Tally]:
        found = self.tallies.get((offer.programme, resident), [])
        return [tally for action, tally in found if action in mission.actions]


def standing_of(wanted: Sequence[tuple[Offer, Mission, UUID]], *, municipality: int, whole: bool = False) -> Standing:
    """Two queries, however many people. `whole`: also what those did who have all bonuses already."""
    bonuses: dict[_Key, list[MissionBonus]] = defaultdict(list)
    rows = MissionBonus.objects.filter(
        municipality=municipality, programme__in={offer.programme for offer, _, _ in wanted},
        resident__in={resident for _, _, resident in wanted},
    )
    for row in rows.order_by("number"):
        bonuses[row.programme, row.mission, row.resident].append(row)
    still = [
        (offer, mission, resident) for offer, mission, resident in wanted
        if whole or sum(each.state == BonusState.GRANTED for each in bonuses[offer.programme, mission.code, resident])
        < mission.times
    ]  # fmt: skip
    return Standing(_tallies(still, municipality=municipality), dict(bonuses))


def bonuses_with(records: Collection[UUID]) -> dict[UUID, tuple[Bonus, ...]]:
    """What was given with these actions when they were granted, by record."""
    found: dict[UUID, tuple[Bonus, ...]] = defaultdict(tuple)
    for row in MissionBonus.objects.filter(record__in=records).order_by("granted_at", "id") if records else ():
        found[row.record_id] += (Bonus(row.record_id, row.mission, row.granted_yen, row.cut_by),)
    return found


def _tallies(
    wanted: Sequence[tuple[Offer, Mission, UUID]], *, municipality: int
) -> dict[tuple[UUID, UUID], list[tuple[str, Tally]]]:
    found: dict[tuple[UUID, UUID], list[tuple[str, Tally]]] = defaultdict(list)
    if not wanted:
        return found
    rows = ActionRecord.objects.filter(
        municipality=municipality, programme__in={offer.programme for offer, _, _ in wanted},
        resident__in={resident for _, _, resident in wanted}, state=RecordState.GRANTED,
        action__code__in={action for _, mission, _ in wanted for action in mission.actions},
    ).values_list("programme", "resident", "action__code", "day", "done_at", "id", "place")  # fmt: skip
    for programme, resident, action, *tally in rows.iterator(chunk_size=10_000):
        found[programme, resident].append((action, Tally(*tally)))
    return found
