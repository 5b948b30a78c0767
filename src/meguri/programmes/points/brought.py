"""What may be asked about steps that residents brought: each day and what comes of it, before it counts and after."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from meguri.parties.rules import Both
from meguri.programmes.parts import Action as ActionTerms
from meguri.programmes.points import rules, step_rules
from meguri.programmes.points.models import Action, ActionRecord, StepDay
from meguri.programmes.points.offer import find_offer
from meguri.words.ids import named_id


@dataclass(frozen=True, slots=True)
class DayAnswer:
    """What comes of a day for one action: `state` is few, new, held_ahead (before it counts), held, granted, refused.

    `yen`: what it may earn (new, held_ahead) or earned; `words` say why where there is something to say.
    """

    code: str
    action: Both
    goal: int
    state: str
    yen: int
    words: Both | None


@dataclass(frozen=True, slots=True)
class BroughtDay:
    """The steps of a day and what comes of them, by action."""

    day: date
    steps: int
    answers: tuple[DayAnswer, ...]


@dataclass(frozen=True, slots=True)
class Brought:
    """The days of one file, newest first. `counted`: they were counted; else this is a look ahead."""

    id: UUID
    source: Both
    counted: bool
    days: tuple[BroughtDay, ...]

    @property
    def yen(self) -> int:
        """What all days together earned, or may earn as far as the limits allow."""
        return sum(each.yen for day in self.days for each in day.answers if each.state in ("new", "granted"))

    @property
    def held(self) -> int:
        return sum(each.state in ("held", "held_ahead") for day in self.days for each in day.answers)


def brought(number: UUID, *, resident: UUID, municipality: int) -> Brought:
    """The resident's own file, day by day. Raises Refusal `steps_unknown`."""
    rows = list(StepDay.objects.filter(brought=number, resident=resident, municipality=municipality).order_by("-day"))
    if not rows:
        raise step_rules.BROUGHT_UNKNOWN.refusal()
    actions = step_actions(municipality)
    wanted = {request_of(row, resident=resident, on=day.day) for row, _ in actions for day in rows}
    records = {each.request: each for each in ActionRecord.objects.filter(request__in=wanted)}
    known = {day.day: day.steps for day in rows}
    is_copied = copied(known, rows[0].digest, resident=resident, municipality=municipality)
    days = tuple(
        BroughtDay(day.day, day.steps, tuple(
            _answer(day, terms, refused=day.refused.get(str(row.id)), is_copied=is_copied,
                    record=records.get(request_of(row, resident=resident, on=day.day)))
            for row, terms in actions
        ))
        for day in rows
    )  # fmt: skip
    return Brought(number, step_rules.SOURCES[rows[0].source], rows[0].counted_at is not None, days)


def _answer(
    day: StepDay, terms: ActionTerms, *, refused: Mapping[str, str] | None, is_copied: bool, record: ActionRecord | None
) -> DayAnswer:
    name, goal = rules.named(terms), terms.steps or 0
    if record is not None:
        told = Both(record.reason, record.reason) if record.reason else rules.HELD.get(record.held_for)
        words = None if record.state == "granted" else told
        return DayAnswer(terms.code, name, goal, record.state, record.granted_yen or record.asked_yen, words)
    if day.steps < goal:
        return DayAnswer(terms.code, name, goal, "few", 0, None)
    if refused is not None:
        return DayAnswer(terms.code, name, goal, "refused", 0, Both(refused["ja"], refused["en"]))
    held = step_rules.held_for(day.steps, is_copied=is_copied)
    return DayAnswer(terms.code, name, goal, "held_ahead" if held else "new", terms.yen, rules.HELD.get(held))


def step_actions(municipality: int) -> list[tuple[Action, ActionTerms]]:
    """The actions open now that ask for steps, with their terms, the lowest goal first."""
    found = []
    for row in Action.objects.filter(municipality=municipality, closed_at=None).order_by("id"):
        offer = find_offer(row.programme, municipality=municipality)
        terms = next((each for each in offer.granting.actions if each.code == row.code), None)
        if terms is not None and terms.steps is not None and offer.state == "launched":
            found.append((row, terms))
    return sorted(found, key=lambda each: each[1].steps or 0)


def request_of(action: Action, *, resident: UUID, on: date) -> UUID:
    """The request under which a day counts for an action: one for all files that bring it."""
    return named_id(f"steps:{action.id}:{resident}:{on.isoformat()}")


def copied(days: Mapping[date, int], digest: str, *, resident: UUID, municipality: int) -> bool:
    """Whether somebody else counted this file, or so many of its days that it is no chance."""
    rows = StepDay.objects.filter(municipality=municipality, counted_at__isnull=False).exclude(resident=resident)
    if rows.filter(digest=digest).exists():
        return True
    same: dict[UUID, set[date]] = defaultdict(set)
    near = rows.filter(day__in=list(days), steps__in={steps for steps in days.values() if steps})
    for other, on, steps in near.values_list("resident", "day", "steps"):
        if days[on] == steps:
            same[other].add(on)
    return any(len(each) >= step_rules.SAME_DAYS for each in same.values())
