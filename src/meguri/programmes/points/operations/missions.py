"""Bonuses of missions: given in the transaction of the action that completes one, taken back with what completed it.

The resident's row is locked before (`granting.wait_in_line`), so that of two actions at once one finds it completed.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from meguri.ledger import operations as books
from meguri.ledger.reclaiming import newly_owed
from meguri.notices.operations import send_many
from meguri.notices.rules import Wording
from meguri.programmes import operations as programmes
from meguri.programmes.mission_parts import Mission
from meguri.programmes.parts import Action
from meguri.programmes.points import mission_rules, mission_wording, rules
from meguri.programmes.points.mission_rules import Bonus
from meguri.programmes.points.missions import Journey, Standing, standing_of
from meguri.programmes.points.models import ActionRecord, BonusState, MissionBonus
from meguri.programmes.points.offer import Offer, source_of
from meguri.programmes.points.operations.granting import Deed, Granted, came_back, grant, office
from meguri.words.actor import Actor
from meguri.words.ids import named_id
from meguri.words.refusal import Refusal


@dataclass(frozen=True, slots=True)
class Counted:
    """An action that was just granted and written; `by` let it be."""

    offer: Offer
    row: ActionRecord
    by: Actor


@dataclass(frozen=True, slots=True)
class _Due:
    """A bonus that an action completed: the `turn`-th of its mission, under a running number."""

    counted: Counted
    mission: Mission
    turn: int
    number: int

    @property
    def id(self) -> UUID:
        """The same for the same bonus, whoever computes it: the key of its posting."""
        row = self.counted.row
        return named_id(f"mission:{row.programme}:{self.mission.code}:{row.resident}:{self.number}")


def bonus_deeds(counted: Sequence[Counted]) -> list[Deed]:
    """What these actions might complete: deeds whose lots must be there before shares are held."""
    return [_deed(each, mission, record=each.row.id) for each, mission in _missions_of(counted)]


def hold_agreements(offers: Collection[Offer], *, by: Actor) -> None:
    """Lock the shares of all who pay in these programmes, in one order, if a bonus is paid by others than its actions.

    Else one grant would hold the actions' funders and wait for the bonus's, and another the other way round. Where the
    same pay for both, granting the action has locked them already.
    """
    if any(_is_apart(offer, mission) for offer in offers for mission in offer.granting.missions):
        hold_all_agreements(offers, by=by)


def hold_all_agreements(offers: Collection[Offer], *, by: Actor) -> None:
    """Lock the shares of all who pay in these programmes, in the order in which everybody locks them."""
    payers = {source_of(offer, each).agreement for offer in offers for each in _paid_for(offer)}
    for agreement in sorted(payers):
        programmes.hold_shares(agreement=agreement, by=by)


def _is_apart(offer: Offer, mission: Mission) -> bool:
    own = source_of(offer, mission_rules.bonus_of(mission)).agreement
    actions = [each for each in offer.granting.actions if each.code in mission.actions]
    return any(source_of(offer, each).agreement != own for each in actions)


def _paid_for(offer: Offer) -> list[Action]:
    return [*offer.granting.actions, *map(mission_rules.bonus_of, offer.granting.missions)]


def give_bonuses(counted: Sequence[Counted], *, municipality: int, at: datetime) -> list[Bonus]:
    """The bonuses that these actions complete, one for each mission of a person at most; nobody stands there twice.

    A bonus that a limit or an empty budget leaves nothing of waits: the person's next action of that mission tries
    again. Order: what the people did (one look for all), the postings as `granting.grant`, the rows, the notices.
    """
    wanted = _missions_of(counted)
    if not wanted:
        return []
    standing = standing_of([_journey(each, mission) for each, mission in wanted], municipality=municipality)
    dues = [due for each, mission in wanted if (due := _due(each, mission, standing=standing)) is not None]
    made: list[tuple[_Due, Granted]] = []
    for turn in _turns(dues):
        deeds = [_deed(due.counted, due.mission, record=due.id) for due in turn]
        answers = grant(deeds, municipality=municipality, at=at)
        made += [(due, got) for due, got in zip(turn, answers, strict=True) if not isinstance(got, Refusal)]
    MissionBonus.objects.bulk_create(_row(due, got, at=at) for due, got in made)
    send_many(
        [(due.counted.row.resident, _words(due, got)) for due, got in made],
        channel="in_app", topic="mission.completed", by=office(municipality), at=at,
    )
    return [
        Bonus(due.counted.row.id, due.mission.code, got.yen, got.cut_by.name if got.cut_by else "")
        for due, got in made
    ]


def _missions_of(counted: Sequence[Counted]) -> list[tuple[Counted, Mission]]:
    return [
        (each, mission) for each in counted for mission in each.offer.granting.missions
        if mission_rules.counts(mission, each.offer.granting, action=each.row.action.code, on=each.row.day)
    ]  # fmt: skip


def take_back_bonuses(row: ActionRecord, offer: Offer, *, by: Actor, at: datetime) -> None:
    """An action was withdrawn, and its row says so: take back each bonus that the others no longer complete.

    The caller holds the resident's row and the shares of whoever pays (`hold_agreements`). What was spent becomes a
    debt. Completed again, the mission earns again.
    """
    missions = [each for each in offer.granting.missions if row.action.code in each.actions]
    if not missions:
        return
    counted = Counted(offer, row, by)
    journeys = [_journey(counted, each) for each in missions]
    standing = standing_of(journeys, municipality=row.municipality, whole=True)
    for journey in journeys:
        for bonus in standing.beyond(journey):
            _take_back(bonus, counted, mission=journey.mission, at=at)


def _journey(counted: Counted, mission: Mission) -> Journey:
    return Journey(counted.offer, mission, counted.row.resident)


def _take_back(bonus: MissionBonus, counted: Counted, *, mission: Mission, at: datetime) -> None:
    programmes.hold_shares(agreement=source_of(counted.offer, mission_rules.bonus_of(mission)).agreement, by=counted.by)
    made = books.take_back(
        bonus.posting, municipality=bonus.municipality, key=f"withdraw_points:{bonus.id}", at=at,
        by=str(counted.by.party or counted.by.role), about={"programme": str(bonus.programme), "mission": mission.code},
    )  # fmt: skip
    back = came_back(made, _deed(counted, mission, record=bonus.id))
    owed = newly_owed(made.posting, municipality=bonus.municipality)
    bonus.state, bonus.withdrawn_at = BonusState.WITHDRAWN, at
    bonus.save(update_fields=["state", "withdrawn_at"])
    words = mission_wording.taken_back(
        mission, reason=counted.row.reason, back_yen=back, owed_yen=owed, gone_yen=bonus.granted_yen - back - owed
    )
    send_many([(bonus.resident, words)], channel="in_app", topic="mission.withdrawn", by=office(bonus.municipality),
              at=at)


def _due(counted: Counted, mission: Mission, *, standing: Standing) -> _Due | None:
    journey = _journey(counted, mission)
    held = standing.standing(journey)
    if standing.earned(journey) <= len(held):
        return None
    free = set(range(1, mission.times + 1)) - {each.turn for each in held}
    return _Due(counted, mission, turn=min(free), number=1 + standing.last_number(journey))


def _turns(dues: Sequence[_Due]) -> list[list[_Due]]:
    """In no turn a person stands twice: what one bonus leaves of a ceiling, the next must know."""
    seen: Counter[UUID] = Counter()
    found: list[list[_Due]] = []
    for due in dues:
        place = seen[due.counted.row.resident]
        seen[due.counted.row.resident] += 1
        if place == len(found):
            found.append([])
        found[place].append(due)
    return found


def _deed(counted: Counted, mission: Mission, *, record: UUID) -> Deed:
    return Deed(
        offer=counted.offer, action=mission_rules.bonus_of(mission), resident=counted.row.resident, record=record,
        on=counted.row.day, by=counted.by, kind="mission",
    )  # fmt: skip


def _row(due: _Due, got: Granted, *, at: datetime) -> MissionBonus:
    row = due.counted.row
    return MissionBonus(
        id=due.id, municipality=row.municipality, programme=row.programme, mission=due.mission.code,
        resident=row.resident, number=due.number, turn=due.turn, times=due.mission.times, record=row,
        asked_yen=due.mission.yen, granted_yen=got.yen, cut_by=got.cut_by.name if got.cut_by else "",
        posting=got.posting, state=BonusState.GRANTED, granted_at=at,
    )  # fmt: skip


def _words(due: _Due, got: Granted) -> Wording:
    return mission_wording.completed(
        due.mission, yen=got.yen, cut_by=got.cut_by.words if got.cut_by else None, repaid_yen=got.repaid_yen,
        until=rules.said_last_day(got.expires_at) if got.expires_at else None,
    )
