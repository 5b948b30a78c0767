"""How missions count: which of a person's granted actions complete one, and how far somebody is. Pure.

A completion uses up what it counted: the next one begins after it. Only what was granted is a tally.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise
from typing import NamedTuple
from uuid import UUID

from meguri.programmes.mission_parts import Comeback, FirstTime, Mission, Rally, SoOften, Span, Streak
from meguri.programmes.part import Window
from meguri.programmes.parts import Action, Evidence, GrantByAction

DAYS_A_WEEK = 7


class Tally(NamedTuple):
    """A granted action that a mission counts: its day, and its `turn` among all, in the order of doing."""

    day: date
    turn: int
    place: UUID | None = None


@dataclass(frozen=True, slots=True)
class Bonus:
    """What completing a mission earned (yen); `cut_by` names the limit that made it less than the terms say."""

    record: UUID
    mission: str
    yen: int
    cut_by: str


@dataclass(frozen=True, slots=True)
class Progress:
    """How far somebody is: `done` of `wanted` of what is under way, or of the last one where no more can follow.

    `completed` bonuses (of `times`) were given; `earned`: so many are due by what was done. `places`: of the card.
    `row`: the days (or first days of weeks) of a streak, each done (True), left out (False) or still to come (None).
    `since`: the last day on which one of the actions was done.
    """

    done: int
    wanted: int
    completed: int
    earned: int
    times: int
    places: frozenset[UUID] = frozenset()
    row: tuple[tuple[date, bool | None], ...] = ()
    since: date | None = None

    @property
    def is_over(self) -> bool:
        """Whether there is no further bonus to earn."""
        return self.completed >= self.times

    @property
    def waits(self) -> bool:
        """Whether it was completed once more than bonuses could be given: a limit or an empty budget was in the way."""
        return self.earned > self.completed


def window_of(mission: Mission, obtaining: GrantByAction) -> Window:
    return mission.window or obtaining.window


def counts(mission: Mission, obtaining: GrantByAction, *, action: str, on: date) -> bool:
    """Whether an action of that day is one of those that the mission counts."""
    window = window_of(mission, obtaining)
    return action in mission.actions and window.first_day <= on <= window.last_day


def bonus_of(mission: Mission) -> Action:
    """A mission's bonus as something that is granted: it has no limits of its own, those over all bind it."""
    return Action(
        code=mission.code, name=mission.name, yen=mission.yen, evidence=Evidence.STAFF_CONFIRMS,
        funded_by=mission.funded_by,
    )  # fmt: skip


def completions(mission: Mission, tallies: Iterable[Tally], *, window: Window) -> list[Tally]:
    """The tallies that complete the mission, in their order, at most as many as its `times`.

    For all kinds but a lapse (and a first time), one tally more never makes completions fewer.
    """
    return [each[-1] for each in _cards(mission, sorted(tallies), window=window)][: mission.times]


def progress(mission: Mission, tallies: Iterable[Tally], *, window: Window, on: date, completed: int) -> Progress:
    """How far the person is on that day; `completed`: the bonuses that were granted and stand."""
    ordered = sorted(tallies)
    cards = _cards(mission, ordered, window=window)[: mission.times]
    is_done = len(cards) >= mission.times
    shown = cards[-1] if is_done else _open_card(mission, _inside(ordered, window), cards=cards)
    wanted = wanted_of(mission)
    places: frozenset[UUID] = frozenset()
    row: tuple[tuple[date, bool | None], ...] = ()
    done = min(len(shown), wanted)
    if isinstance(mission.counting, Rally):
        places = frozenset(each.place for each in shown if each.place is not None)
        done = len(places)
    elif isinstance(mission.counting, Streak):
        row = _row(mission.counting, shown, on=shown[-1].day if is_done else on)
        done = sum(is_on is True for _, is_on in row)
    elif wanted == 1 and not is_done:
        done = 0
    return Progress(
        done=done, wanted=wanted, completed=completed, earned=len(cards), times=mission.times, places=places, row=row,
        since=ordered[-1].day if ordered else None,
    )  # fmt: skip


def wanted_of(mission: Mission) -> int:
    """How many places, times, days or weeks a completion takes."""
    return 1 if isinstance(mission.counting, FirstTime | Comeback) else mission.counting.wanted


def _open_card(mission: Mission, inside: Sequence[Tally], *, cards: Sequence[Sequence[Tally]]) -> Sequence[Tally]:
    """What was done since the last completion."""
    if not cards:
        return inside
    last = cards[-1][-1]
    if isinstance(mission.counting, Streak):
        span = mission.counting.span
        return [each for each in inside if _turn(each.day, span) > _turn(last.day, span)]
    return inside[inside.index(last) + 1 :]


def _inside(ordered: Sequence[Tally], window: Window) -> list[Tally]:
    return [each for each in ordered if window.first_day <= each.day <= window.last_day]


def _cards(mission: Mission, ordered: Sequence[Tally], *, window: Window) -> list[list[Tally]]:
    """The tallies of each completion; the last of each completes it."""
    inside = _inside(ordered, window)
    match mission.counting:
        case Rally(wanted=wanted):
            return list(_rallies(inside, wanted=wanted))
        case SoOften(wanted=wanted):
            return [list(inside[end - wanted : end]) for end in range(wanted, len(inside) + 1, wanted)]
        case Streak() as streak:
            return list(_streaks(inside, streak))
        case FirstTime():
            return [[ordered[0]]] if inside and ordered[0] == inside[0] else []
        case Comeback(days=days):
            return [[late] for early, late in pairwise(ordered)
                    if (late.day - early.day).days > days and window.first_day <= late.day <= window.last_day]


def _rallies(inside: Sequence[Tally], *, wanted: int) -> Iterator[list[Tally]]:
    card: dict[UUID, Tally] = {}
    for each in inside:
        if each.place is not None and each.place not in card:
            card[each.place] = each
            if len(card) == wanted:
                yield list(card.values())
                card = {}


def _streaks(inside: Sequence[Tally], streak: Streak) -> Iterator[list[Tally]]:
    """Wherever `wanted` different days lie within `wanted + grace` that follow one on another, soonest first."""
    run: list[Tally] = []
    last = 0
    for each in inside:
        turn = _turn(each.day, streak.span)
        if turn == last:
            continue
        last, run = turn, [one for one in run if turn - _turn(one.day, streak.span) < streak.length] + [each]
        if len(run) == streak.wanted:
            yield run
            run = []


def _row(streak: Streak, tallies: Sequence[Tally], *, on: date) -> tuple[tuple[date, bool | None], ...]:
    """The days or weeks of the streak under way: from its first one, else from today, as long as it may take."""
    done = sorted({_turn(each.day, streak.span) for each in tallies})
    today = _turn(on, streak.span)
    first = next((turn for turn in done if _left_out(turn, today, done=done) <= streak.grace), today)
    return tuple(
        (_first_day(turn, streak.span), True if turn in done else False if turn < today else None)
        for turn in range(first, first + streak.length)
    )


def _left_out(first: int, today: int, *, done: Sequence[int]) -> int:
    """How many were left out between the first and today; today is not over."""
    return sum(turn not in done for turn in range(first, today))


def _turn(day: date, span: Span) -> int:
    """Days and weeks by number; weeks begin on Monday, as the first day of the calendar was one."""
    return day.toordinal() if span is Span.DAY else (day.toordinal() - 1) // DAYS_A_WEEK


def _first_day(turn: int, span: Span) -> date:
    return date.fromordinal(turn if span is Span.DAY else turn * DAYS_A_WEEK + 1)


def last_chance(mission: Mission, obtaining: GrantByAction) -> date:
    """The last day on which it can be completed."""
    return window_of(mission, obtaining).last_day


def days_left(mission: Mission, obtaining: GrantByAction, *, on: date) -> int:
    """Whole days until the end, the last one counted; 0 when it is over."""
    return max(0, (last_chance(mission, obtaining) - on + timedelta(days=1)).days)
