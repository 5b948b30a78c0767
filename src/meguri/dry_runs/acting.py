"""Everyday actions in a dry run: opened with their places, done by habit, proved as each one asks."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import partial
from uuid import UUID

from meguri.dry_runs.hall import Hall
from meguri.dry_runs.people import Person
from meguri.dry_runs.way import Anew, curious, first_and_last
from meguri.parties.rules import Both
from meguri.programmes.dry_run import Due
from meguri.programmes.mission_parts import Rally
from meguri.programmes.parts import Action, Evidence, GrantByAction, Per, Window
from meguri.programmes.points import operations, queries
from meguri.programmes.points.operations import Report
from meguri.programmes.points.rules import CONFIRMED
from meguri.rehearsal.chance import dice
from meguri.words.ids import named_id
from meguri.words.refusal import Refusal

DAY_SHARES = {Per.DAY: 0.12, Per.MONTH: 0.04, Per.PROGRAMME: 0.004}
"""How likely somebody does an action on a day, by the longest span that its own limits count in."""
ONCE_MORE_SHARE = 0.05
"""Who does it once more on the same day, and may meet a limit."""
PLACE = Both("予行の場所", "A place of the dry run")


@dataclass
class Acting:
    """The actions as they are lived."""

    hall: Hall
    grant: GrantByAction
    takers: Sequence[Person]
    eligible: Sequence[Person]
    opened: dict[str, UUID] = field(default_factory=dict)
    places: dict[str, list[UUID]] = field(default_factory=dict)
    recorded: int = 0
    actors: set[UUID] = field(default_factory=set)
    habits: defaultdict[UUID, list[Action]] = field(default_factory=lambda: defaultdict(list))

    def __post_init__(self) -> None:
        self._settle_habits()

    def amend(self, anew: Anew) -> None:
        assert isinstance(anew.terms.obtaining, GrantByAction)  # noqa: S101 - how value is obtained stands as it was launched
        self.grant, self.takers, self.eligible = anew.terms.obtaining, anew.takers, anew.eligible
        self._settle_habits()

    def _settle_habits(self) -> None:
        others = [each.id for each in curious(self.hall, eligible=self.eligible)]
        for person in [*(each.id for each in self.takers), *others]:
            chance = dice(self.hall.wanted.seed, "habits", person)
            self.habits[person] = [each for each in self.grant.actions if chance.random() < 0.6]
        self.strange = set(others)

    def live(self) -> None:
        self._open()
        reports = list(self._reports())
        if not reports:
            return
        done = self.hall.desk(partial(
            operations.record_actions, reports, municipality=self.hall.municipality, at=self.hall.at(19)
        ))
        for report, answer in zip(reports, done or [], strict=True):
            if isinstance(answer, Refusal):
                self.hall.note(answer)
            elif report.person is not None:
                self.recorded += 1
                self.actors.add(report.person)

    def counts(self) -> dict[str, int]:
        return {"actions": self.recorded, "actors": len(self.actors)}

    def due(self, day: date) -> Iterator[Due]:
        yield from first_and_last(self.grant.window, day, ja="行動の記録", en="recording actions", who="residents")
        wanted = [each.name for each in self.grant.actions if each.evidence in CONFIRMED]
        if wanted and self.grant.window.first_day <= day <= self.grant.window.last_day and day.weekday() == 0:
            yield Due(who="desk", ja=f"確認が要る行動を確かめます: {'、'.join(each.ja for each in wanted)}",
                      en=f"Confirm actions that need it: {', '.join(each.en for each in wanted)}")

    def _open(self) -> None:
        for each in self.grant.actions:
            if each.code in self.opened:
                continue
            opened = self.hall.desk(partial(
                operations.open_action, programme=self.hall.made.programme, code=each.code, by=self.hall.maker,
                at=self.hall.at(9),
            ))  # fmt: skip
            if opened is not None:
                self.opened[each.code] = opened
                self.places[each.code] = [
                    operations.open_place(action=opened, name=PLACE, by=self.hall.maker, at=self.hall.at(9))
                    for _ in range(self._places_of(each.code))
                ]

    def _places_of(self, code: str) -> int:
        """As many as its stamp rallies promise; else one."""
        counted = [each.counting for each in self.grant.missions if code in each.actions]
        return max((each.places for each in counted if isinstance(each, Rally)), default=1)

    def _reports(self) -> Iterator[Report]:
        """What is done today; a few come on the day after the last to hear that it is over."""
        late = self.hall.today == self.grant.window.last_day + timedelta(days=1)
        if not late and not self.grant.window.first_day <= self.hall.today <= self.grant.window.last_day:
            return
        codes = {code: [queries.place_code(place, municipality=self.hall.municipality, at=self.hall.at(19)).text
                        for place in places]
                 for code, places in self.places.items()}
        for person, habits in self.habits.items():
            chance = dice(self.hall.wanted.seed, "acts", person, self.hall.today)
            seldom = 0.05 if late or person in self.strange else 1.0
            for each in habits:
                if each.code in self.opened and chance.random() < seldom * _share(each, self.hall.today):
                    yield self._report(person, each, codes=codes, turn=1)
                    if chance.random() < ONCE_MORE_SHARE:
                        yield self._report(person, each, codes=codes, turn=2)

    def _report(self, person: UUID, action: Action, *, codes: dict[str, list[str]], turn: int) -> Report:
        request = named_id(f"dry_run/{self.hall.wanted.seed}/{person}/{action.code}/{self.hall.today}/{turn}")
        opened = self.opened[action.code]
        if action.evidence in CONFIRMED:
            return Report(opened, request, self.hall.maker, resident=person, attested=True)
        place = dice(self.hall.wanted.seed, "place", person, action.code, self.hall.today, turn)
        code = place.choice(codes[action.code]) if action.evidence is Evidence.PLACE_CODE else ""
        return Report(opened, request, self.hall.resident(person), code, steps=action.steps)


def _share(action: Action, day: date) -> float:
    """How likely the action is on a day: seldom where its limits count in months, never outside its own days."""
    if not _is_on(action.window, day):
        return 0.0
    spans = [limit.per for limit in action.limits] or [Per.DAY]
    return min(DAY_SHARES[per] for per in spans)


def _is_on(window: Window | None, day: date) -> bool:
    return window is None or window.first_day <= day <= window.last_day
